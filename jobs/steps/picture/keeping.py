"""Keeping: a picture's state as keys and bytes, only what changed; and a picture made of them.

minute:<ms>    a block, forgotten when nothing can change it any more
day:<n>        sums of a day and its night
places:<n>     places known by coordinates only
case:<id>      what stands of a case
clocks         how far each partition has come, and how often the city was restated
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from geo.case_place import OLDEST_MS
from jobs.steps.picture.cases import Standing
from jobs.steps.picture.days import DaySums
from jobs.steps.picture.ground import Ground
from jobs.steps.picture.picture import Picture
from jobs.steps.picture.settings import PictureSettings

BLOCK, DAY, PLACES, CASE, CLOCKS = "minute", "day", "places", "case", "clocks"


class Clocks(msgspec.Struct, frozen=True):
    """How far each partition has come, and how often the city was restated."""

    slices: dict[int, int]
    cases: dict[int, int]
    revision: int
    first_ms: int | None = None


def changes(picture: Picture) -> Iterator[tuple[str, bytes | None]]:
    """Give what changed since it was last asked: key and bytes, None to forget a key."""
    minutes, cases = picture.minutes, picture.cases
    for chunk, packed in minutes.places.chunks(picture.places_kept):
        yield f"{PLACES}:{chunk}", packed
    for minute in sorted(minutes.dropped):
        yield f"{BLOCK}:{minute}", None
    for minute in sorted(minutes.dirty):
        yield f"{BLOCK}:{minute}", minutes.block(minute).packed()
    for day in sorted(minutes.dirty_days):
        yield f"{DAY}:{day}", minutes.days[day].packed()
    for case in sorted(cases.dirty):
        yield f"{CASE}:{case}", msgspec.json.encode(cases.standing[case])
    clocks = Clocks(minutes.newest_ms, cases.newest_ms, picture.revision, minutes.first_ms)
    yield CLOCKS, msgspec.json.encode(clocks)
    picture.places_kept = len(minutes.places.met)
    for changed in (minutes.dropped, minutes.dirty, minutes.dirty_days, cases.dirty):
        changed.clear()


def restored(
    ground: Ground, settings: PictureSettings, kept: Iterable[tuple[str, bytes]]
) -> Picture:
    """Build the picture again from everything that was kept."""
    picture = Picture.of(ground, settings)
    chunks: dict[int, bytes] = {}
    for key, value in kept:
        kind, _, name = key.partition(":")
        if kind == PLACES:
            chunks[int(name)] = value
        elif kind == BLOCK:
            picture.minutes.blocks[int(name)] = value
        elif kind == DAY:
            picture.minutes.days[int(name)] = DaySums.unpacked(value)
        elif kind == CASE:
            case = msgspec.json.decode(value, type=Standing)
            if case.first_report_ms >= OLDEST_MS:  # such cases were once taken, see `unusable`
                picture.cases.standing[name] = case
        elif kind == CLOCKS:
            _set_clocks(picture, msgspec.json.decode(value, type=Clocks))
    picture.minutes.places.restore([chunks[at] for at in sorted(chunks)])
    picture.places_kept = len(picture.minutes.places.met)
    return picture


def _set_clocks(picture: Picture, clocks: Clocks) -> None:
    picture.minutes.newest_ms = dict(clocks.slices)
    picture.cases.newest_ms = dict(clocks.cases)
    picture.revision = clocks.revision
    picture.minutes.first_ms = clocks.first_ms
