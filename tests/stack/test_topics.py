"""Topics: a broker that is slow, away or busy with its files is one line, or no matter."""

import pytest

from schemas.broker import Broker
from stack import bus, topics
from stack.errors import StackError


def test_broker_that_is_away_while_topics_are_made_is_one_line(monkeypatch):
    monkeypatch.setattr(bus, "TIMEOUT_S", 0.2)
    with pytest.raises(StackError, match=r"does not answer .*see \./hexline logs broker"):
        bus.ensure_topics(Broker("127.0.0.1:1"), keep_all=False)


def test_broker_that_does_not_say_whether_a_topic_is_made_is_one_line():
    class Never:
        def result(self, timeout):
            raise TimeoutError

    with pytest.raises(StackError, match="topic cases: the broker does not answer within 30 s"):
        bus._finish({"cases": Never()})


def test_segment_that_goes_while_it_is_looked_at_takes_no_room(tmp_path):
    (tmp_path / "cases-0").mkdir()
    (tmp_path / "cases-0" / "1.log").write_bytes(b"x" * 4096)
    (tmp_path / "cases-0" / "0.log.deleted").symlink_to(tmp_path / "gone")
    assert topics.folder_sizes(tmp_path)["cases"] >= 4096
