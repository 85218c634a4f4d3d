"""Slices from the bus are spread over exactly the cells and areas they count for."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from jobs import local
from jobs.steps.passages import COUNTERS
from jobs.steps.spread import BETWEEN, lineages, spread
from schemas.codec import encode
from tests.jobs.making import CITY, NOON, RULES, logs, payload

CHAINS = lineages(CITY)


@given(logs())
def test_spread_slices_sum_to_the_local_roll_ups(rows):
    results = local.run(rows, RULES)
    found = spread([encode(each) for each in results.place_minutes.values()], CHAINS)
    sums: dict[str, list[int]] = {}
    for cells, areas, numbers in zip(found.cells, found.areas, found.numbers.tolist(), strict=True):
        minute_ms, *counts = numbers[:-1]
        area_ids = [area.partition(":")[2] for area in areas.split(BETWEEN)]
        for key in [*cells.split(BETWEEN), *area_ids]:
            held = sums.setdefault(f"{key}|{minute_ms}", [0] * len(COUNTERS))
            held[:] = [a + b for a, b in zip(held, counts, strict=True)]
    wanted = {**results.cell_minutes, **results.area_minutes}
    assert sums == {
        key: [getattr(each, counter) for counter in COUNTERS] for key, each in wanted.items()
    }


def test_what_is_no_slice_of_this_city_is_left_out():
    assert len(spread([None, b"", b"{}", b"not json"], CHAINS).row) == 0


@pytest.mark.parametrize(
    "wrong", [{"n_in": 2**63}, {"n_fever": 2**31}, {"minute_ms": NOON + 1}, {"grid": "d0"}]
)
def test_a_slice_that_counts_cannot_have_written_is_left_out(wrong):
    (sound,) = local.run([(payload(), 0, 0, NOON)], RULES).place_minutes.values()
    broken = json.dumps(json.loads(encode(sound)) | wrong).encode()
    assert spread([broken, encode(sound)], CHAINS).row.tolist() == [1]


def test_every_smallest_area_has_a_chain_with_one_area_a_level():
    assert set(CHAINS) == {CITY.area_id[row] for row in CITY.smallest}
    for chain in CHAINS.values():
        assert [key.partition(":")[0] for key in chain.split(BETWEEN)] == list(CITY.levels)
