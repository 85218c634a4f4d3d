"""Taxi trips as check-ins: a pick-up goes out of a zone, a drop-off comes into one.

What the trip records do not say, and what is put in its place:

- Who: one trip is one pseudonym, made from the trip itself.
- Where in the zone: one of 2,048 fixed random points of the zone's polygon, chosen by the
  event id. A drawn place, good for looking at, not for measuring below a zone; the source
  (`nyc-tlc:zone-74`) says so on every record.
- Channel: `phone`. The meter reports by a mobile link from the vehicle; no gate, code, face
  or door is involved. Purpose: `other`.
- When it arrived: within 10 s, by the event id. Trips held in the vehicle for want of a link
  (`store_and_fwd_flag` = Y) arrive with their end. Trips dated outside the month they were
  filed in (clocks that fell back to 2009) arrive with the trip before them in the file.

Two rows alike in times and zones are one trip booked twice (a fare and its refund): same event
ids, so readers count them once. Zones 264 and 265 mean "unknown": those records carry the
place `zone-264`, which no city knows, and are rejected by their reader as real dirt is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from schemas.records import CheckIn
from simulators.replay.local_times import Instants, end_after_start, local_to_utc

SOURCE = "nyc-tlc"
LARGEST_DELAY_MS = 10_000
STRAY_MS = 2 * 86_400_000
Points = Mapping[int, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Trips:
    """Columns of trips as they stand in their files, in file order.

    `picked_up_ms` and `dropped_off_ms` are readings of the local wall clock, in milliseconds;
    `filed_ms` is the wall-clock start of the month whose file the trip stands in.
    """

    picked_up_ms: Instants
    dropped_off_ms: Instants
    from_zone: NDArray[np.int64]
    to_zone: NDArray[np.int64]
    held: NDArray[np.bool_]
    filed_ms: Instants


@dataclass(frozen=True, slots=True)
class Passages:
    """Columns of check-ins, two a trip, in the order in which they arrive."""

    trip: NDArray[np.int64]
    is_out: NDArray[np.bool_]
    zone: NDArray[np.int64]
    event_ms: Instants
    arrival_ms: Instants
    digest: NDArray[np.uint64]


def passages(trips: Trips, zone: ZoneInfo) -> Passages:
    """Turn trips into check-ins in arrival order.

    Returns
    -------
    Passages
        2n check-ins sorted by arrival; equal arrivals keep the order of the files.
    """
    start_ms = local_to_utc(trips.picked_up_ms, zone)
    end_ms = end_after_start(start_ms, trips.dropped_off_ms, zone)
    digest = trip_digests(trips)
    seen_ms = np.stack([np.where(trips.held, np.maximum(start_ms, end_ms), start_ms), end_ms])
    seen_ms = _with_the_row_before(seen_ms, trips)
    delay_ms = np.stack([digest % LARGEST_DELAY_MS, (digest >> np.uint64(20)) % LARGEST_DELAY_MS])
    arrival_ms = (seen_ms + delay_ms.astype(np.int64)).T.ravel()
    order = np.argsort(arrival_ms, kind="stable")
    n = len(start_ms)
    return Passages(
        trip=np.repeat(np.arange(n), 2)[order],
        is_out=np.tile([True, False], n)[order],
        zone=np.stack([trips.from_zone, trips.to_zone]).T.ravel()[order],
        event_ms=np.stack([start_ms, end_ms]).T.ravel()[order],
        arrival_ms=arrival_ms[order],
        digest=np.repeat(digest, 2)[order],
    )


def _with_the_row_before(seen_ms: NDArray[np.int64], trips: Trips) -> NDArray[np.int64]:
    """Move strays (dated far outside their file's month) to the last trip before them."""
    local = np.stack([trips.picked_up_ms, trips.dropped_off_ms])
    month_ms = 31 * 86_400_000
    ahead_ms = local - trips.filed_ms
    stray = ((ahead_ms < -STRAY_MS) | (ahead_ms > month_ms + STRAY_MS)).any(axis=0)
    sound = np.where(stray, -1, np.arange(len(stray)))
    before = np.maximum.accumulate(sound)
    first = int(np.argmax(~stray))
    return seen_ms[:, np.where(before < 0, first, before)]


def trip_digests(trips: Trips) -> NDArray[np.uint64]:
    """Give 64 bits a trip, made from its times and zones alone."""
    rows = zip(
        trips.picked_up_ms.tolist(),
        trips.dropped_off_ms.tolist(),
        trips.from_zone.tolist(),
        trips.to_zone.tolist(),
        strict=True,
    )
    return np.fromiter(
        (
            int.from_bytes(hashlib.blake2b(repr(row).encode(), digest_size=8).digest(), "big")
            for row in rows
        ),
        dtype=np.uint64,
        count=len(trips.held),
    )


def check_in(passage: Passages, row: int, points: Points) -> CheckIn:
    """Give one check-in of the columns as a record."""
    digest = int(passage.digest[row])
    out = bool(passage.is_out[row])
    zone = int(passage.zone[row])
    name = f"t{digest:016x}"
    within = points.get(zone)
    if within is None:
        place: dict[str, float | str] = {"place_id": f"zone-{zone}"}
    else:
        lng, lat = within[(digest >> (13 if out else 40)) % len(within)]
        place = {"lat": round(float(lat), 6), "lng": round(float(lng), 6)}
    return CheckIn(
        v=1,
        event_id=f"{name}-{'out' if out else 'in'}",
        event_ms=int(passage.event_ms[row]),
        person=name,
        direction="out" if out else "in",
        channel="phone",
        purpose="other",
        source=f"{SOURCE}:zone-{zone}",
        **place,  # type: ignore[arg-type]
    )
