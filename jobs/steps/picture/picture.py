"""The picture of one city: what was folded, what is due to be said, and what has to be kept.

    fold(piece) ...          columns into blocks and cases
    tick(due)                density; risk, hot spots, Rt, aberrations; scan  --> what is new

What takes longer than a tick may, days of the risk filter and replicates of the scan, goes on in
the ticks that follow, a part of each at every tick. A scan that is not at its end when the next is
due, because ticks were few, is drawn to its end at once; so are the days of the filter that new
cases can change. What was said last is not kept: after a restart everything is said once more,
with the same values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from geo.gazetteer import Gazetteer
from jobs.steps.picture import areas, cell_risk, density
from jobs.steps.picture.cases import Cases
from jobs.steps.picture.clusters import ScanWork, scan_input
from jobs.steps.picture.curves import Columns, Curves, columns_of, curves
from jobs.steps.picture.days import Calendar
from jobs.steps.picture.ground import Ground
from jobs.steps.picture.minutes import Minutes, kept_for
from jobs.steps.picture.pieces import Piece
from jobs.steps.picture.places import Places
from jobs.steps.picture.risk import WEEK, After, RiskRun
from jobs.steps.picture.settings import PictureSettings
from jobs.steps.picture.statements import Outgoing, Said, Spoken, Stamp
from schemas import topics
from schemas.times import HOUR_MS, SECOND_MS
from schemas.topics import Topic

RECENT_MS = 2 * HOUR_MS
DAYS_AT_ONCE = 10
"""Days of the risk filter in one tick: about a second for ten thousand cells."""

DAYS_OVERDUE = 80
"""Days in one tick where statistics are due again before they were said: more than a late report
(30 days) of a long delay (30) can change, so that cases that never stop coming hold nothing up."""

OUTGROWN = 1.1
"""So many times the cases that a scan began with, and it begins anew: the log was being read."""


@dataclass(frozen=True)
class Due:
    """What a tick shall say."""

    density: bool = True
    statistics: bool = False
    scan: bool = False


ALL = Due(density=True, statistics=True, scan=True)


@dataclass
class Picture:
    """One city's picture; make it with `of` or `restored`."""

    ground: Ground
    settings: PictureSettings
    minutes: Minutes
    cases: Cases
    run: RiskRun
    spoken: Spoken = field(default_factory=Spoken)
    revision: int = 0
    columns: Columns | None = None
    statistics_due: bool = False
    work: ScanWork | None = None
    places_kept: int = 0
    _curves: Curves | None = None

    @classmethod
    def of(cls, ground: Ground, settings: PictureSettings, *, keeps_all: bool = False) -> Picture:
        """Start with nothing folded; `keeps_all` never drops a minute (for a batch)."""
        calendar = Calendar(settings.timezone)
        kept_ms = kept_for(settings.statistics.window_min)
        minutes = Minutes(ground, calendar, Places(ground), keeps_all=keeps_all, kept_ms=kept_ms)
        return cls(
            ground, settings, minutes, Cases(ground.gazetteer), RiskRun(ground, settings.risk)
        )

    @property
    def gazetteer(self) -> Gazetteer:
        """The city's places and areas."""
        return self.ground.gazetteer

    def fold(self, piece: Piece) -> None:
        """Take a piece of a topic; one of another topic, or of none, changes nothing."""
        if piece.topic == topics.PLACE_MINUTES.name:
            self.minutes.fold(piece.partition, piece.payloads())
        elif piece.topic == topics.CASES.name:
            self.cases.fold(piece.partition, piece.messages())
            self.columns = None if self.cases.dirty else self.columns

    @property
    def clock_ms(self) -> int:
        """The newest arrival folded; 0 before any."""
        return max(self.minutes.newest_arrival_ms(), self.cases.newest_arrival_ms())

    def tick(self, due: Due, at_ms: int = 0) -> Iterator[Outgoing]:
        """Say what is due and new, at an instant of the wall clock; a scan begun goes on."""
        if not self.clock_ms:
            return
        # above what a picture said whose state was lost: it had no more ticks than seconds
        self.revision = max(self.revision + 1, self.clock_ms // SECOND_MS, at_ms // SECOND_MS)
        if due.density and self.minutes.newest_ms:
            yield from self._news(topics.CELL_DENSITY, density.density(self.minutes, self.settings),
                                  density.completeness(self.minutes))  # fmt: skip
        overdue = due.statistics and self.statistics_due
        self.statistics_due |= due.statistics
        if due.scan:
            yield from self._drawn_to_its_end()
            self.work = self._scan()
        yield from self._go_on(DAYS_OVERDUE if overdue else DAYS_AT_ONCE)
        self.minutes.tidy(self.minutes.newest_arrival_ms() - RECENT_MS)

    def everything(self) -> Iterator[Outgoing]:
        """Say all there is to say, the scan drawn to its end: the batch answer."""
        yield from self.tick(ALL)
        while self.statistics_due or self.work is not None:
            yield from self._go_on()

    def curves(self) -> Curves:
        """Give the curves of everything folded."""
        longest = self.settings.statistics.longest_delay_days
        calendar, now_ms = self.minutes.calendar, self.clock_ms
        today = calendar.day_of(now_ms)
        if self.columns is None:
            self.columns = columns_of(self.cases.standing, calendar, longest)
            self._curves = None
        if self._curves is None or self._curves.today != today:
            self._curves = curves(self.columns, self.ground, today, longest)
        return replace(self._curves, elapsed=calendar.elapsed(now_ms))

    def _go_on(self, days: int = DAYS_AT_ONCE) -> Iterator[Outgoing]:
        """Go on with what takes longer than one tick may: some days, some replicates."""
        if self.statistics_due:
            now = self.curves()
            after = self.run.run(now, self.minutes.days, days)
            if after is not None:
                self.statistics_due = False
                yield from self._statistics(now, after)
        if self.work is not None:
            yield from self._draw(self.work)

    def _draw(self, work: ScanWork) -> Iterator[Outgoing]:
        """Draw some replicates; say the clusters after the last of them."""
        if len(self.cases.standing) > OUTGROWN * work.known:
            work = self.work = self._scan()
        work.draw()
        if work.is_done:
            yield from self.spoken.news(topics.CLUSTERS, work.said(), work.stamp)
            self.work = None

    def _drawn_to_its_end(self) -> Iterator[Outgoing]:
        while self.work is not None:
            yield from self._draw(self.work)

    def _statistics(self, now: Curves, after: After) -> Iterator[Outgoing]:
        ground, settings, sums = self.ground, self.settings, self.minutes.days
        week = now.completeness(now.today, WEEK)
        fortnight = now.completeness(now.today, settings.statistics.hotspot_days)
        behind = now.completeness(now.today - settings.statistics.accrual_days, WEEK)
        said: list[tuple[Topic, Said, float]] = [
            (topics.CELL_RISK, cell_risk.cell_risk(ground, now, after, settings), week),
            (topics.HOTSPOTS, cell_risk.hot_cells(ground, now, settings), fortnight),
            (topics.AREA_RT, areas.area_rt(ground, now, after, settings), behind),
            (topics.ABERRATIONS, areas.aberrations(ground, now, sums, settings), behind),
        ]
        for topic, statements, completeness in said:
            yield from self._news(topic, statements, completeness)

    def _scan(self) -> ScanWork:
        now, statistics = self.curves(), self.settings.statistics
        end = now.today - statistics.accrual_days
        stamp = self._stamp(topics.CLUSTERS, now.completeness(end, statistics.scan_days))
        return ScanWork(
            self.ground, self.settings, scan_input(self.ground, now, self.settings), stamp,
            known=len(self.cases.standing),
        )  # fmt: skip

    def _news(self, topic: Topic, said: Said, completeness: float) -> Iterator[Outgoing]:
        return self.spoken.news(topic, said, self._stamp(topic, completeness))

    def _stamp(self, topic: Topic, completeness: float) -> Stamp:
        slices_only = topic is topics.CELL_DENSITY
        cases = {} if slices_only else self.cases.newest_ms
        newest = [*self.minutes.newest_ms.values(), *cases.values()]
        window = density.Window.at(max(newest), 1).end_ms if slices_only else None
        return Stamp(max(newest), min(newest), completeness, self.revision, window)


def last_values(said: Iterable[Outgoing]) -> Mapping[str, Mapping[str, bytes]]:
    """Give the last value of every key, by topic and key."""
    last: dict[str, dict[str, bytes]] = {}
    for each in said:
        last.setdefault(each.topic, {})[each.key] = each.value
    return last
