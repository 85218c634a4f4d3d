"""Same seed, same bytes: whatever the pace, the output and the cut; and counts equal the truth."""

import json
from collections import Counter

import msgspec
import numpy as np
import polars as pl
import pytest
from pyarrow.parquet import ParquetFile

from schemas.codec import decode
from schemas.records import CaseReport, CheckIn
from schemas.topics import CASES, CHECKINS, CLUES, RESOURCES, VISITS
from simulators.files_out import FilesOut
from simulators.pace import AS_FAST_AS_POSSIBLE, Pace
from simulators.play import Clock, Run, play
from simulators.scenario import Dirt, Epidemic, Event, Reporting, Scenario
from simulators.truth import Truth
from tests.simulators.towns import CITY, PEOPLE, simulation, stream

DAY, HOUR = 86_400_000, 3_600_000
START = 1_586_102_400_000  # 2020-04-06 in Shanghai
BUSY = Scenario(
    name="busy",
    days=3,
    epidemic=Epidemic(seeds=40),
    dirt=Dirt(offline=0.2, duplicates=0.02, malformed=0.01, wrong_datum=0.01),
    event=(Event(kind="surge", day=1, hour=10.0, size=200),),
)
CLEAN = Scenario(name="clean", days=2, epidemic=Epidemic(seeds=10))


class Collected:
    """Keeps what is sent, as an output."""

    def __init__(self) -> None:
        self.rows: dict[str, list[tuple[int, str, bytes]]] = {}

    def send(self, messages) -> None:
        """Keep them."""
        rows = zip(messages.arrival_ms.tolist(), messages.keys, messages.values, strict=True)
        self.rows.setdefault(messages.topic, []).extend(rows)

    def flush(self, wait=lambda: True) -> bool:
        """Have nothing to wait for."""
        return True


class FakeClock:
    """A wall clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_000_000

    def clock(self) -> Clock:
        """Give it as runs take it."""
        return Clock(now_ms=lambda: self.now, sleep=self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.now += int(seconds * 1000)


def played(scenario: Scenario, speed: float, seed: int = 1) -> Collected:
    made, out, clock = stream(scenario, seed), Collected(), FakeClock()
    run = Run(made, out, Pace(made.begin_ms, clock.now, speed), made.begin_ms)
    step = play(run, clock.clock(), lambda _step: None, lambda: False)
    assert step.done_ms == made.end_ms
    assert step.sent == sum(len(rows) for rows in out.rows.values())
    return out


@pytest.fixture(scope="module")
def busy() -> Collected:
    return played(BUSY, AS_FAST_AS_POSSIBLE)


@pytest.mark.parametrize("speed", [7_777.0, 500_000.0])
def test_same_seed_gives_the_same_bytes_at_any_pace(busy: Collected, speed: float):
    assert played(BUSY, speed).rows == busy.rows


def test_another_seed_gives_another_stream(busy: Collected):
    assert played(BUSY, AS_FAST_AS_POSSIBLE, seed=2).rows != busy.rows


def test_arrivals_are_in_order(busy: Collected):
    for rows in busy.rows.values():
        arrivals = [row[0] for row in rows]
        assert arrivals == sorted(arrivals)


def test_both_kinds_of_files_hold_what_was_sent(busy: Collected, tmp_path):
    for form in ("jsonl", "parquet"):
        made = stream(BUSY)
        out = FilesOut(tmp_path / form, form)
        play(
            Run(made, out, Pace(made.begin_ms, 0, AS_FAST_AS_POSSIBLE), made.begin_ms),
            FakeClock().clock(),
            lambda _step: None,
            lambda: False,
        )
        out.close()
    cases = ParquetFile(tmp_path / "parquet" / "cases.parquet").metadata
    assert all(cases.row_group(n).num_rows for n in range(cases.num_row_groups))
    table = pl.read_parquet(tmp_path / "parquet" / "checkins.parquet")
    assert table.rows() == busy.rows[CHECKINS.name]
    lines = (tmp_path / "jsonl" / "checkins.jsonl").read_bytes().splitlines()
    assert len(lines) == len(table)
    for line, (at, key, value) in zip(lines, busy.rows[CHECKINS.name], strict=True):
        fields = json.loads(line)
        assert (fields["arrival_ms"], fields["key"]) == (at, key)
        if "value" in fields:
            assert fields["value"] == json.loads(value)


def test_truth_is_the_same_bytes_whatever_the_pace(tmp_path):
    for name, speed in (("fast", AS_FAST_AS_POSSIBLE), ("slow", 50_000.0)):
        made = stream(CLEAN)
        truth = Truth(tmp_path / name, made.simulation, CITY)
        made.watch = truth
        clock = FakeClock()
        run = Run(made, Collected(), Pace(made.begin_ms, clock.now, speed), made.begin_ms)
        play(run, clock.clock(), lambda _step: None, lambda: False)
        truth.close()
    files = sorted((tmp_path / "fast").rglob("*.parquet"))
    assert len(files) > 10
    for file in files:
        other = tmp_path / "slow" / file.relative_to(tmp_path / "fast")
        assert file.read_bytes() == other.read_bytes()


def recounted(rows: list[tuple[int, str, bytes]]) -> Counter:
    """Count the stream the slow way, a record at a time."""
    counts: Counter = Counter()
    for _, _, value in rows:
        record = decode(value, CheckIn)
        minute = record.event_ms - record.event_ms % 60_000
        counts[record.place_id, minute, f"n_{record.direction}"] += 1
        if record.temperature_c is not None:
            counts[record.place_id, minute, "n_screened"] += 1
            counts[record.place_id, minute, "n_fever"] += record.temperature_c >= 37.3
    return +counts


def test_without_dirt_counts_of_the_stream_equal_the_truth(tmp_path):
    made, out = stream(CLEAN), Collected()
    truth = Truth(tmp_path, made.simulation, CITY)
    made.watch = truth
    # Beyond the end, so that what happens just before midnight has arrived as well.
    for day in range(CLEAN.days + 1):
        for messages in made.between(made.begin_ms + day * DAY, made.begin_ms + (day + 1) * DAY):
            out.send(messages)
    truth.close()
    frame = pl.concat(pl.read_parquet(f) for f in sorted((tmp_path / "true-minutes").glob("*")))
    names = [name for name in frame.columns if name.startswith("n_")]
    known: Counter = Counter()
    for row in frame.iter_rows(named=True):
        for name in names:
            known[row["place_id"], row["minute_ms"], name] += row[name]
    assert recounted(out.rows[CHECKINS.name]) == +known
    assert sum(known.values()) > 10_000


def test_occupancy_of_the_truth_is_ins_less_outs_minute_by_minute(tmp_path):
    made = stream(CLEAN)
    truth = Truth(tmp_path, made.simulation, CITY)
    made.watch = truth
    made.furthest(made.begin_ms + DAY)
    minutes, inside = (
        pl.concat(pl.read_parquet(f) for f in sorted((tmp_path / name).glob("*")))
        for name in ("true-minutes", "occupancy")
    )
    change = (
        minutes.group_by("place_id", "minute_ms")
        .agg(
            step=(pl.col("n_in") - pl.col("n_out")).sum(),
            moved=(pl.col("n_in") + pl.col("n_out")).sum(),
        )
        .filter(pl.col("moved") > 0)
        .sort("minute_ms")
        .with_columns(expected=pl.col("step").cum_sum().over("place_id"))
    )
    # A minute after midnight may be in both days' files; the later one has the last word.
    last = inside.group_by("place_id", "minute_ms", maintain_order=True).agg(
        pl.col("inside").last()
    )
    both = change.join(last, on=["place_id", "minute_ms"], how="full", coalesce=True)
    early = both.filter(pl.col("minute_ms") < made.begin_ms + DAY)
    assert len(early) > 1_000
    assert (early["expected"] == early["inside"]).all()


def test_reports_of_a_case_count_up_and_can_be_read(busy: Collected):
    last: dict[str, int] = {}
    for _, key, value in busy.rows[CASES.name]:
        report = decode(value, CaseReport)
        assert report.case_id == key
        assert report.revision == last.get(key, 0) + 1
        last[key] = report.revision
    assert len(last) > 5


def test_who_is_reported_twice_is_so_by_two_institutions():
    twice = Reporting(duplicates=1.0, ascertained=1.0)
    made = simulation(Scenario(name="x", days=1, epidemic=Epidemic(seeds=30), reporting=twice))
    (day,) = made.days()
    source = {known.report.case_id: known.report.source for known in day.known}
    again = [case for case in source if case.endswith("-b")]
    assert len(again) >= 10
    assert not [case for case in again if source[case] == source[case.removesuffix("-b")]]


@pytest.mark.parametrize("topic", [VISITS, CLUES, RESOURCES], ids=lambda t: t.name)
def test_what_workers_residents_and_hospitals_tell_can_be_read(busy: Collected, topic):
    rows = busy.rows[topic.name]
    records = [decode(value, topic.record) for _, _, value in rows]
    assert len(records) > 10
    assert all(isinstance(record, topic.record) for record in records)
    assert all(at >= START for at, _, _ in rows)


def test_clues_are_opened_assigned_and_ended_in_this_order(busy: Collected):
    found: dict[str, list[str]] = {}
    for _, _, value in busy.rows[CLUES.name]:
        clue = decode(value, CLUES.record)
        found.setdefault(clue.clue_id, []).append(clue.status)
    usual = (["open", "assigned", "done"], ["open", "assigned", "dropped"])
    for statuses in found.values():
        assert any(statuses == full[: len(statuses)] for full in usual)


def test_no_more_is_free_than_there_is(busy: Collected):
    records = [decode(value, RESOURCES.record) for _, _, value in busy.rows[RESOURCES.name]]
    assert all(0 <= record.free <= record.total for record in records)


def test_resources_fill_and_empty_through_the_day_without_jumps(busy: Collected):
    taken: dict[str, dict[int, float]] = {}
    for at, _, value in busy.rows[RESOURCES.name]:
        record = decode(value, RESOURCES.record)
        hours = taken.setdefault(record.kind, {})
        hours[(at - START) // HOUR] = (
            hours.get((at - START) // HOUR, 0) + record.total - record.free
        )
    hours = {kind: np.array([found[h] for h in sorted(found)]) for kind, found in taken.items()}
    assert all(len(found) == 72 for found in hours.values())
    bed, staff, vehicle = hours["bed"], hours["staff"], hours["vehicle"]
    assert bed.max() > 1.1 * bed.min() > 0
    assert np.abs(np.diff(bed)).max() < 0.2 * bed.mean()
    assert staff[10] > 1.8 * staff[3]  # most are on duty by day
    by_day = vehicle.reshape(3, 24).sum(axis=0)
    assert by_day[8:20].sum() > by_day[:8].sum() + by_day[20:].sum()


def test_beds_fill_with_the_ill():
    wave = Scenario(name="wave", days=8, epidemic=Epidemic(seeds=300))
    made, out = stream(wave), Collected()
    for day in range(8):
        for messages in made.between(made.begin_ms + day * DAY, made.begin_ms + (day + 1) * DAY):
            out.send(messages)
    taken = np.zeros(8)
    for at, _, value in out.rows[RESOURCES.name]:
        record = decode(value, RESOURCES.record)
        if record.kind == "bed":
            taken[(at - START) // DAY] += (record.total - record.free) / 24
    health, end = made.simulation.health, 7.5
    lie = health.symptoms & (health.onset + 1 < end) & (np.arange(len(health.onset)) % 100 < 40)
    assert lie.sum() > 40
    assert taken[7] - taken[0] > 0.5 * lie.sum()


def test_grid_workers_see_what_is_so_but_for_some_and_measure_only_who_is_there(busy: Collected):
    visits = [decode(value, VISITS.record) for _, _, value in busy.rows[VISITS.name]]
    by_id = {one.visit_id: one for one in visits}
    checks = [one for one in visits if one.verifies]
    assert 0.1 < len(checks) / len(visits) < 0.25
    for check in checks:
        first = by_id[check.verifies]
        assert (first.household, first.visit_ms + HOUR) == (check.household, check.visit_ms)
    for one in visits:
        there = one.kind == "visit" and "nobody_home" not in one.findings
        assert (one.temperature_c is not None) == there
        assert not there or (one.temperature_c >= 37.3) == ("fever" in one.findings)


def test_known_messages_are_not_sent_again(busy: Collected):
    made, out = stream(BUSY), Collected()
    known = frozenset(
        msgspec.json.decode(value)["event_id"]
        for _, _, value in busy.rows[CHECKINS.name][:5_000]
        if value.startswith(b'{"v":1,') and b'"event_id"' in value and value.endswith(b"}")
    )
    run = Run(made, out, Pace(made.begin_ms, 0, AS_FAST_AS_POSSIBLE), made.begin_ms, known)
    step = play(run, FakeClock().clock(), lambda _step: None, lambda: False)
    assert step.skipped >= len(known)
    assert step.sent + step.skipped == sum(len(rows) for rows in busy.rows.values())


def test_events_are_settled_by_name_or_by_chance_and_have_their_size():
    named = changed_event(BUSY, "p0003")
    assert stream(named).simulation.settled[0].place == 3
    assert len(stream(named).simulation.settled[0].people) == 200
    assert PEOPLE > 200


def changed_event(scenario: Scenario, place: str) -> Scenario:
    event = msgspec.structs.replace(scenario.event[0], place=place)
    return msgspec.structs.replace(scenario, event=(event,))
