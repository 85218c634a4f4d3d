"""Slices: any order, any duplicates, any cut gives the same counts, which an oracle confirms."""

from __future__ import annotations

import random
from dataclasses import replace

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jobs import local
from jobs.steps.accounts import accounts_of
from jobs.steps.messages import Messages
from jobs.steps.passages import COUNTERS, combined
from jobs.steps.read import EVERY_SOURCE, read
from jobs.steps.slices import Slice, place_minutes
from schemas.topics import AREA_MINUTES, CELL_MINUTES, PLACE_MINUTES
from tests.jobs.making import CITY, NOON, RULES, logs, payload
from tests.oracles.counts import City, recount

ORACLE = City(CITY)
PER_SOURCE = replace(RULES, no_dedupe_sources=("taxi:",))
NO_DEDUPE = replace(RULES, no_dedupe_sources=EVERY_SOURCE)

slices = st.builds(
    Slice.of,
    st.lists(st.integers(0, 1), min_size=len(COUNTERS), max_size=len(COUNTERS)).map(tuple),
    st.none() | st.integers(1, 5),
    st.integers(0, 9),
)


@given(slices, slices, slices)
def test_slice_is_a_commutative_monoid(a, b, c):
    assert a.merge(Slice()) == a
    assert a.merge(b) == b.merge(a)
    assert a.merge(b).merge(c) == a.merge(b.merge(c))


@given(slices)
def test_remembered_event_met_again_changes_nothing(a):
    remembered = replace(a, sums=(0,) * len(COUNTERS))
    assert remembered.merge(remembered) == remembered


def values(results: local.Results) -> dict[str, dict[str, object]]:
    return {
        PLACE_MINUTES.name: msgspec.to_builtins(results.place_minutes),
        CELL_MINUTES.name: msgspec.to_builtins(results.cell_minutes),
        AREA_MINUTES.name: msgspec.to_builtins(results.area_minutes),
    }


@given(logs(), st.sampled_from([RULES, PER_SOURCE, NO_DEDUPE]))
def test_local_run_is_what_the_slow_recount_says(rows, rules):
    results = local.run(rows, rules)
    slow = recount(rows, ORACLE, rules.no_dedupe_sources)
    assert set(results.late) == set(slow.pop("late"))
    assert set(results.rejected) == set(slow.pop("rejected"))
    assert values(results) == slow


@given(logs(), st.randoms(use_true_random=False))
def test_any_order_gives_the_same_slices(rows, chance: random.Random):
    shuffled = rows[:]
    chance.shuffle(shuffled)
    assert values(local.run(shuffled, RULES)) == values(local.run(rows, RULES))


@given(logs())
def test_log_sent_twice_gives_the_same_slices(rows):
    again = [(each, part, offset + 1_000, arrival) for each, part, offset, arrival in rows]
    assert values(local.run(rows + again, RULES)) == values(local.run(rows, RULES))


@given(logs(), st.sampled_from([RULES, PER_SOURCE, NO_DEDUPE]))
def test_cells_of_each_resolution_and_areas_of_each_level_add_up_to_the_places(rows, rules):
    results = local.run(rows, rules)
    for counter in COUNTERS:
        total = sum(getattr(each, counter) for each in results.place_minutes.values())
        for res in (7, 8, 9):
            cells = [each for each in results.cell_minutes.values() if each.res == res]
            assert sum(getattr(each, counter) for each in cells) == total
        for level in CITY.levels:
            areas = [each for each in results.area_minutes.values() if each.level == level]
            assert sum(getattr(each, counter) for each in areas) == total


@given(logs(), st.sampled_from([RULES, PER_SOURCE, NO_DEDUPE]))
def test_sums_made_inside_a_batch_change_no_slice(rows, rules):
    passages = read(Messages.of_rows(rows), rules).passages
    folded, counters = combined(passages)
    found: dict[tuple[str, int], Slice] = {}
    for at in range(len(folded)):
        event = int(folded.event[at]) if folded.remembered[at] else None
        part = Slice.of(tuple(counters[at].tolist()), event, int(folded.arrival_ms[at]))
        key = (folded.places.place_id[folded.place[at]], int(folded.minute_ms[at]))
        found[key] = found.get(key, Slice()).merge(part)
    wanted = local.run(rows, rules).place_minutes.values()
    assert {key: (*part.counts, part.arrival_ms) for key, part in found.items()} == {
        (each.place_id, each.minute_ms): (
            *(getattr(each, counter) for counter in COUNTERS),
            each.arrival_ms,
        )
        for each in wanted
    }


@given(logs())
def test_columns_of_slices_are_the_merge_of_one_row_slices(rows):
    passages = read(Messages.of_rows(rows), PER_SOURCE).passages
    ids = [str(name) for name in passages.places.place_id[passages.place]]
    number = {name: at for at, name in enumerate(sorted(set(ids)))}
    place = np.array([number[name] for name in ids], dtype=np.int64)
    columns = place_minutes(place, passages)
    merged: dict[tuple[int, int], Slice] = {}
    for at in range(len(passages)):
        event = int(passages.event[at]) if passages.remembered[at] else None
        one = Slice.of(tuple(passages.counters[at].tolist()), event, int(passages.arrival_ms[at]))
        key = (int(place[at]), int(passages.minute_ms[at]))
        merged[key] = merged.get(key, Slice()).merge(one)
    assert [tuple(row) for row in columns.counts.tolist()] == [
        merged[key].counts
        for key in zip(columns.place.tolist(), columns.minute_ms.tolist(), strict=True)
    ]
    assert len(columns.place) == len(merged)


@given(logs(), st.integers(1, 40))
def test_accounts_of_parts_add_up_to_those_of_the_whole(rows, cut):
    def totals(part):
        messages = Messages.of_rows(part)
        found = accounts_of(messages, read(messages, RULES).verdict)
        return dict(zip(found.partition.tolist(), found.read.tolist(), strict=True))

    first, second, whole = totals(rows[:cut]), totals(rows[cut:]), totals(rows)
    assert {p: first.get(p, 0) + second.get(p, 0) for p in first | second} == whole


def test_duplicate_counts_once_and_moves_the_newest_arrival():
    #  sent ---- 90 s ----> sent again
    rows = [(payload(), 0, 0, NOON), (payload(), 0, 1, NOON + 90_000)]
    (found,) = local.run(rows, RULES).place_minutes.values()
    assert (found.n_in, found.arrival_ms) == (1, NOON + 90_000)
    (account,) = local.run(rows, RULES).progress.values()
    assert account.accepted == 2


def test_duplicate_of_a_source_that_never_resends_counts_twice():
    rows = [(payload(), 0, at, NOON) for at in range(2)]
    (found,) = local.run(rows, NO_DEDUPE).place_minutes.values()
    assert found.n_in == 2


def test_same_event_id_at_another_place_is_another_event():
    rows = [(payload(), 0, 0, NOON), (payload(place_id="gate-00001"), 0, 1, NOON)]
    assert [each.n_in for each in local.run(rows, RULES).place_minutes.values()] == [1, 1]


def test_fever_begins_at_37_point_3_and_needs_a_reading():
    rows = [
        (payload(event_id=f"e{at}", temperature_c=celsius), 0, at, NOON)
        for at, celsius in enumerate([None, 37.2, 37.3])
    ]
    (found,) = local.run(rows, RULES).place_minutes.values()
    assert (found.n_in, found.n_screened, found.n_fever) == (3, 2, 1)


def test_nothing_gives_nothing():
    results = local.run([], RULES)
    assert not any(values(results).values())
    assert not results.progress
