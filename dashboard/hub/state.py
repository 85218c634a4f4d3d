"""State: everything the hub knows of a city, folded from batches; no thread, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from dashboard.config import Limits
from dashboard.errors import CapacityError
from dashboard.hub.accounts import Accounts
from dashboard.hub.activity import active_cells
from dashboard.hub.cases import Cases
from dashboard.hub.classes import SCALES
from dashboard.hub.decode import SliceColumns, decode_each, decode_slices
from dashboard.hub.frame import Frame, Geography
from dashboard.hub.places import Places
from dashboard.hub.reading import Reading
from dashboard.hub.reasons import CheckInRejects, Reasons
from dashboard.hub.ring import AHEAD, DEPTH, Ring
from dashboard.hub.source import Batch
from dashboard.hub.statistics.fold import Picture
from schemas.records import PlaceMinute, Progress
from schemas.times import HOUR_MS, MINUTE_MS
from schemas.topics import CHECKINS

if TYPE_CHECKING:
    from cities.pack import CityPack

Index = NDArray[np.int64]
FINEST = 2
"""Column of the finest resolution among a place's cells."""
SETTLES_MS = 2 * MINUTE_MS
"""How long after its end, on the arrival clock, a minute is taken for complete."""


@dataclass
class Tally:
    """What became of the messages of the result topics."""

    slices: int = 0
    bad: int = 0  # no record, or one that cannot be: skipped
    old: int = 0  # of a minute before the ring: skipped
    ahead: int = 0  # of a minute that the clock cannot have reached: skipped
    no_room: int = 0  # of a place for which no row was free: skipped
    corrected: int = 0  # places whose settled minutes changed


class CityState:
    """Ring, places, cases and accounts of one city."""

    def __init__(self, city: CityPack, limits: Limits) -> None:
        self.city = city
        self.places = Places(
            city.gazetteer,
            spare=limits.spare_places,
            max_places=limits.max_places,
            max_cells=limits.max_cells,
        )
        self.ring = Ring(self.places.capacity)
        self.accounts = Accounts()
        self.reading = Reading()
        self.cases = Cases(
            ZoneInfo(city.timezone),
            city.gazetteer,
            limit=limits.max_cases,
            kept=limits.kept_case_rejects,
        )
        self.rejects = CheckInRejects(Reasons(CHECKINS.name))
        self.picture = Picture(city.gazetteer, self.places, limits.max_statistics)
        self.tally = Tally()
        self.loaded = False
        self.trouble = ""
        self.begun_ms: int | None = None
        self.changed = False
        self._corrected: list[Index] = []
        self._active: tuple[int, list[int]] | None = None
        self._geography: tuple[int, Geography] | None = None

    def take(self, batch: Batch, now_ms: int, steady_ms: int | None = None) -> None:
        """Fold one batch; `now_ms` is the time of day when it came.

        `steady_ms` is the same moment by a clock that is never set; without one, the time of day.
        """
        at_ms = now_ms if steady_ms is None else steady_ms
        # before this batch: what was shown then is what its late slices correct
        settled_ms = self.reading.settled_ms(self.accounts)
        self._take_progress(batch, at_ms)
        if batch.slices:
            columns = decode_slices(batch.slices)
            self._take_slices(columns, self._possible(columns, now_ms), settled_ms, at_ms)
        if batch.cases:
            self.cases.fold(batch.cases)
        self.rejects.fold(batch.rejected)
        if batch.picture:
            self.changed |= self.picture.fold(batch.picture)
        if batch.caught_up and not self.loaded:
            self.loaded = self.changed = True
        self.begun_ms = batch.begun_ms if batch.begun_ms is not None else self.begun_ms
        self.changed |= batch.trouble != self.trouble
        self.trouble = batch.trouble

    def _take_progress(self, batch: Batch, at_ms: int) -> None:
        """Fold the accounts of the counting job and the ends of the log."""
        records, n_bad = decode_each(batch.progress, Progress)
        self.tally.bad += n_bad
        self.accounts.fold(records)
        self.accounts.saw_ends(batch.ends)
        for record in records:
            self.accounts.saw_arrival(record.arrival_ms, at_ms)
        self.reading.saw(self.accounts, at_ms)

    def _take_slices(
        self, columns: SliceColumns, which: Index, settled_ms: int, at_ms: int
    ) -> None:
        """Fold slices: move the clock on, then replace what their places and minutes held."""
        self.tally.slices += len(columns.records)
        self.tally.bad += columns.n_bad
        if len(which) == 0:
            return
        self.accounts.saw_arrival(int(columns.arrival_ms[which].max()), at_ms)
        before = self.ring.clock or 0
        newest = int(columns.minutes[which].max())
        clock = max(before, min(newest, self.accounts.arrival_ms // MINUTE_MS))
        self.ring.advance(clock)
        self.changed |= clock != before
        self._fold(columns, which, clock, settled_ms)

    def _possible(self, columns: SliceColumns, now_ms: int) -> Index:
        """Give the slices that can be: one broken clock must not move the ring out of today."""
        possible = columns.minutes <= columns.arrival_ms // MINUTE_MS + AHEAD
        if self.city.clock == "live":
            possible &= columns.arrival_ms <= now_ms + HOUR_MS
        self.tally.bad += int((~possible).sum())
        return np.flatnonzero(possible)

    def _fold(self, columns: SliceColumns, which: Index, clock: int, settled_ms: int) -> None:
        fresh = which[columns.minutes[which] >= clock - DEPTH]
        self.tally.old += len(which) - len(fresh)
        rows = self._rows(columns, fresh, clock - DEPTH)
        fresh, rows = fresh[rows >= 0], rows[rows >= 0]
        self.ring.grow(self.places.capacity)
        settled = is_settled(columns.minutes[fresh], columns.arrival_ms[fresh], settled_ms)
        folded = self.ring.fold(rows, columns.minutes[fresh], columns.counts[fresh], settled)
        self.places.saw(rows, columns.minutes[fresh], columns.arrival_ms[fresh])
        self.tally.ahead += folded.n_ahead
        self.changed |= len(fresh) > 0
        if self.loaded and len(folded.corrected):
            self.tally.corrected += len(folded.corrected)
            self._corrected.append(folded.corrected)
            self.places.corrected_ms[folded.corrected] = self.accounts.arrival_ms

    def _rows(self, columns: SliceColumns, which: Index, oldest: int) -> Index:
        """Give the row of each slice's place, -1 where there is no room for it."""
        records, known = columns.records, self.places.row_of
        found = [known.get(records[i].place_id, -1) for i in which.tolist()]
        rows = np.array(found, dtype=np.int64)
        old = rows >= 0
        # first, so that none of them is forgotten to make room for a new one
        self.places.saw(rows[old], columns.minutes[which[old]], columns.arrival_ms[which[old]])
        for position in np.flatnonzero(~old).tolist():
            rows[position] = self._new_row(records[which[position]], oldest)
        return rows

    def _new_row(self, record: PlaceMinute, oldest: int) -> int:
        try:
            return self.places.row(record, oldest)
        except CapacityError:
            self.tally.no_room += 1
            return -1

    def frame(self, tick: int) -> Frame | None:
        """Copy what is shown now; None before everything there was has been read.

        Where no check-in was counted yet there may be statistics all the same. A mark of
        correction lasts one frame, so the next one differs and is due.
        """
        if not self.loaded:
            return None
        clock, picture = self.ring.clock, self.picture.view()
        if clock is None and not picture.stamps:
            return None
        none = np.zeros(0, dtype=np.int64)
        corrected = np.unique(np.concatenate([*self._corrected, none]))
        self._corrected = []
        self.changed = len(corrected) > 0
        return Frame(
            tick=tick,
            k=self.city.small_count,
            minute=clock or 0,
            begun=(self.begun_ms or 0) // MINUTE_MS,
            arrival_ms=self.accounts.arrival_ms,
            geography=self.geography(),
            sums={name: sums.copy() for name, sums in self.ring.sums.items()},
            last_minute=self.places.last_minute.copy(),
            corrected=corrected,
            by_minute=self.ring.totals(DEPTH),
            active=[] if clock is None else self._active_cells(clock),
            picture=picture,
            scale=SCALES[self.city.busyness],
            counted=clock is not None,
        )

    def _active_cells(self, clock: int) -> list[int]:
        """Give the series of active cells; worked out once a minute, its last entry moves."""
        if self._active is None or self._active[0] != clock:
            places = self.places
            series = active_cells(
                self.ring.counts,
                clock,
                places.cells[:, FINEST],
                len(places.tables[FINEST]),
                minutes=30,
                window=15,
            )
            self._active = (clock, series)
        return self._active[1]

    def geography(self) -> Geography:
        """Give which cells and areas the rows count for; copied when it changed."""
        if self._geography is None or self._geography[0] != self.places.version:
            self._geography = (
                self.places.version,
                Geography.of(self.places, self.city.finest_counts),
            )
        return self._geography[1]


def is_settled(minutes: Index, arrival_ms: Index, settled_ms: int) -> NDArray[np.bool_]:
    """Say of which minutes a change corrects what was shown as complete.

    Everything that arrived up to two minutes after the minute's end had been read before, and
    something in the slice arrived later still. Reading a log of yesterday corrects nothing.

    Parameters
    ----------
    minutes : (m,) int64
        Numbered since 1970.
    arrival_ms : (m,) int64
        The newest arrival in each slice.
    settled_ms : int
        Up to which arrival everything had been read before the slices came.
    """
    complete_ms = (minutes + 1) * MINUTE_MS + SETTLES_MS
    return (complete_ms <= settled_ms) & (arrival_ms >= complete_ms)
