"""Topics that are deleted or made anew: what hangs on them is counted again, and only that."""

from concurrent.futures import Future
from types import SimpleNamespace

from confluent_kafka import KafkaError, KafkaException, Uuid

from schemas.broker import Broker
from stack import bus, records
from stack.keeper import FRESH, Keeper
from stack.keeping import Submit
from stack.vanished import ASK_EVERY_MS
from tests.stack.fake_cluster import NOW_MS, FakeSubmission, FakeTopics, listed


def test_topic_that_is_gone_is_made_once_the_jobs_that_touch_it_have_ended(keeper):
    state = {"checkpoint": "/x/chk-1/_metadata", "checkpoint_ms": NOW_MS}
    keeper.records = {
        "counts": records.JobRecord(job_id="abc", **state),
        "rollups": records.JobRecord(job_id="def", **state),
    }
    keeper.rest.jobs = [listed("counts", "abc"), listed("rollups", "def")]
    keeper.topics.away.add("out")
    for looks in (1, 2):  # a broker that has only just begun may not know all of its topics yet
        assert keeper.rest.cancelled == []
        keeper.look(NOW_MS + looks * ASK_EVERY_MS)
    assert keeper.rest.cancelled == ["/jobs/def?mode=cancel"]
    kept = records.load(keeper.layout.jobs_file)["rollups"]
    assert (kept.job_id, kept.checkpoint) == (None, None)
    keeper.rest.jobs = [listed("counts", "abc"), listed("rollups", "def", "CANCELLING")]
    keeper.look(NOW_MS + 2 * ASK_EVERY_MS + 1_000)
    assert keeper.topics.away  # what still ends may still write
    keeper.rest.jobs = [listed("counts", "abc"), listed("rollups", "def", "CANCELED")]
    keeper.look(NOW_MS + 2 * ASK_EVERY_MS + 2_000)
    assert not keeper.topics.away
    assert keeper.submission.orders == {"rollups": Submit()}


def test_topics_are_looked_at_though_the_clock_was_set_back(keeper):
    keeper.topics.look(NOW_MS)
    keeper.topics.away.add("out")
    for looks in (1, 2):
        gone = keeper.topics.look(NOW_MS - 3_600_000 + looks * ASK_EVERY_MS)
    assert gone == {"out"}


def test_job_stopped_by_hand_stays_stopped_when_its_topic_is_made_again(keeper):
    keeper.records = {"rollups": records.JobRecord(job_id="def", stopped=True)}
    keeper.rest.jobs = [listed("counts", "abc")]
    keeper.topics.away.add("out")
    for looks in range(1, 5):
        keeper.look(NOW_MS + looks * ASK_EVERY_MS)
    assert not keeper.topics.away
    assert keeper.submission is None
    assert keeper.records["rollups"].stopped


def test_keeper_that_died_between_forgetting_and_making_goes_on(keeper):
    keeper.rest.jobs = [listed("counts", "abc"), listed("rollups", "def")]
    keeper.topics.away.add("between")
    for looks in (1, 2):
        keeper.look(NOW_MS + looks * ASK_EVERY_MS)
    again = Keeper(
        keeper.names, keeper.layout, keeper.rest, False, FakeSubmission, keeper.topics,
        records=records.load(keeper.layout.jobs_file),
    )  # fmt: skip
    again.rest.jobs = []
    again.look(NOW_MS + 3 * ASK_EVERY_MS)
    assert not again.topics.away
    assert again.submission.orders == {"counts": Submit(), "rollups": Submit()}


def counted(keeper):
    """Let both jobs run, with a state each."""
    keeper.rest.jobs = [listed("counts", "abc"), listed("rollups", "def")]
    keeper.look(NOW_MS)
    for name, job_id in (("counts", "abc"), ("rollups", "def")):
        chk = keeper.layout.checkpoints / job_id / "chk-1"
        chk.mkdir(parents=True)
        (chk / "_metadata").write_bytes(b"state")
        keeper.records[name] = records.JobRecord(job_id=job_id)


def test_topic_made_anew_between_two_looks_is_noticed(keeper):
    counted(keeper)
    keeper.topics.broker["out"] = "4"
    keeper.look(NOW_MS + ASK_EVERY_MS)
    assert keeper.rest.cancelled == ["/jobs/def?mode=cancel"]
    keeper.rest.jobs = [listed("counts", "abc"), listed("rollups", "def", "CANCELED")]
    keeper.look(NOW_MS + ASK_EVERY_MS + 1_000)
    assert keeper.submission.orders == {"rollups": Submit()}
    keeper.submission = None
    keeper.rest.jobs = [listed("counts", "abc"), listed("rollups", "new")]
    for looks in (2, 3, 4):
        keeper.look(NOW_MS + looks * ASK_EVERY_MS)
    assert keeper.rest.cancelled == ["/jobs/def?mode=cancel"]
    assert records.load_ids(keeper.topics.file) == {"in": "1", "between": "2", "out": "4"}


def test_topic_made_anew_while_the_stack_was_stopped_is_noticed_before_a_job_is_submitted(keeper):
    counted(keeper)
    records.save(keeper.records, keeper.layout.jobs_file)
    topics = FakeTopics(keeper.topics.file, {"in": "1", "between": "2", "out": "4"})
    again = Keeper(
        keeper.names, keeper.layout, keeper.rest, False, FakeSubmission, topics,
        records=records.load(keeper.layout.jobs_file), jobmanager_starts=FRESH,
    )  # fmt: skip
    again.rest.jobs = []
    again.look(NOW_MS)
    assert again.submission is None
    again.look(NOW_MS + 1_000)
    assert "abc" in again.submission.orders["counts"].checkpoint
    assert again.submission.orders["rollups"] == Submit()


def test_topics_of_a_broker_that_tells_nothing_are_neither_gone_nor_forgotten(keeper):
    counted(keeper)
    keeper.topics.told = dict
    for looks in range(1, 5):
        keeper.look(NOW_MS + looks * ASK_EVERY_MS)
    assert keeper.rest.cancelled == []
    assert records.load_ids(keeper.topics.file) == keeper.topics.broker


def test_damaged_list_of_topics_is_learnt_anew(tmp_path):
    (tmp_path / "topics.json").write_text("{")
    topics = FakeTopics(tmp_path / "topics.json")
    assert not topics.look(NOW_MS)
    assert records.load_ids(tmp_path / "topics.json") == topics.broker


class FakeAdmin:
    """A broker that answers of each topic what the test says, and of the rest nothing."""

    def __init__(self, **answers):
        self.answers = answers

    def describe_topics(self, _asked, *, request_timeout):
        """Give a promise of each answer."""
        promises = {name: Future() for name in (*self.answers, "slow")}
        for name, answer in self.answers.items():
            if isinstance(answer, int):
                promises[name].set_exception(KafkaException(KafkaError(answer)))
            else:
                promises[name].set_result(SimpleNamespace(topic_id=answer, partitions=[0]))
        return promises


def test_ids_tell_what_is_there_what_is_not_and_nothing_of_the_rest(monkeypatch):
    monkeypatch.setattr(bus, "ASK_S", 0.01)
    client = FakeAdmin(
        there=Uuid(1, 2), gone=KafkaError.UNKNOWN_TOPIC_OR_PART, away=KafkaError._TIMED_OUT,
        old=Uuid(0, 0),
    )  # fmt: skip
    assert bus.ids(client) == {"there": str(Uuid(1, 2)), "gone": ""}


def test_broker_that_is_away_tells_no_ids(monkeypatch):
    monkeypatch.setattr(bus, "ASK_S", 0.05)
    assert bus.ids(bus.admin(Broker("127.0.0.1:1"))) == {}
