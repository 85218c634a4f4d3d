"""Spread: slices of places as they come from the bus, with the cells and areas they count for.

The counters and the newest arrival of a slice only ever grow: a later value of its key is the
same or greater in every column, after any restart as well. So the greatest value seen is the
last one, in whatever order they come.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from geo.gazetteer import Gazetteer
from jobs.steps.messages import Longs
from jobs.steps.passages import COUNTERS
from jobs.steps.places import BETWEEN
from schemas.codec import Refusal, decode_column
from schemas.records import PlaceMinute
from schemas.records.slices import is_possible

_numbers_of = attrgetter("minute_ms", *COUNTERS, "arrival_ms")


@dataclass(frozen=True, eq=False, slots=True)
class Spread:
    """Readable slices of a batch, one row each.

    Attributes
    ----------
    row : (m,) int64
        Which message it was.
    place_id : list of str
    cells : list of str
        The cells that the slice counts for, joined, one a resolution.
    areas : list of str
        The areas that it counts for, joined, one a level: `<level>:<area_id>`.
    numbers : (m, 9) int64
        `minute_ms`, the counters, `arrival_ms`.
    """

    row: Longs
    place_id: list[str]
    cells: list[str]
    areas: list[str]
    numbers: NDArray[np.int64]


def lineages(gazetteer: Gazetteer) -> Mapping[str, str]:
    """Give, for each smallest area, the keys of its chain of areas, joined."""
    levels = gazetteer.levels
    return {
        gazetteer.area_id[row]: BETWEEN.join(
            f"{level}:{gazetteer.area_id[ancestor]}"
            for level, ancestor in zip(levels, gazetteer.lineage[row], strict=True)
        )
        for row in gazetteer.smallest.tolist()
    }


def is_slice(outcome: PlaceMinute | Refusal, areas: Container[str]) -> TypeGuard[PlaceMinute]:
    """Say whether what was decoded is a slice that counts can have written of this city."""
    return not isinstance(outcome, Refusal) and outcome.grid in areas and is_possible(outcome)


def spread(payloads: Sequence[bytes | None], chains: Mapping[str, str]) -> Spread:
    """Decode slices and say what they count for; what is no slice of this city is left out.

    Only counts writes slices, so anything else on its topic is somebody's mistake, and
    compaction's markers (no payload) are nothing to count.
    """
    outcomes = decode_column(payloads, PlaceMinute)
    rows = [row for row, outcome in enumerate(outcomes) if is_slice(outcome, chains)]
    slices: list[Any] = [outcomes[row] for row in rows]
    numbers = np.array(list(map(_numbers_of, slices)), dtype=np.int64)
    return Spread(
        row=np.array(rows, dtype=np.int64),
        place_id=[each.place_id for each in slices],
        cells=[BETWEEN.join((each.cell7, each.cell8, each.cell9)) for each in slices],
        areas=[chains[each.grid] for each in slices],
        numbers=numbers.reshape(-1, len(COUNTERS) + 2),
    )
