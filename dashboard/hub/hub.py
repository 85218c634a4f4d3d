"""Hub: one thread reads the bus, folds into arrays, and publishes a view a tick.

    source --> state (ring, places, cases, accounts)
                 |   tick: at once when something changed, but a few a second at most;
                 |         else once a second
                 `--> view --> updates of the layers somebody looks at --> publish

The thread is the only writer. Others read the view, which never changes, or look into the
state while they hold the lock.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dashboard.config import Limits, Pace
from dashboard.hub.accounts import clocks_differ, freshness_s
from dashboard.hub.frame import Frame
from dashboard.hub.panels.curve import CaseCurves
from dashboard.hub.panels.status import Status
from dashboard.hub.rates import Rates
from dashboard.hub.reading import Phase
from dashboard.hub.source import Batch, Source
from dashboard.hub.state import CityState
from dashboard.hub.statistics.fold import PictureView
from dashboard.hub.streams import AnyLayer, Update, first_update, next_update
from dashboard.hub.view import HubView, Table
from schemas.times import MINUTE_MS

if TYPE_CHECKING:
    from cities.pack import CityPack

Publish = Callable[[HubView, list[Update]], None]
IDLE_MS = 1_000


def steady_ms() -> int:
    """Give a clock that nobody sets: it tells how long something took, and never the time."""
    return time.monotonic_ns() // 1_000_000


class Hub:
    """The last two hours of a city, kept up to date.

    Parameters
    ----------
    city : CityPack
    now_ms : callable
        The wall clock; it says how old the picture is, nothing else.
    steady_ms : callable
        A clock that is never set back or forward; all pauses are measured by it.
    wanted : callable
        Gives the layers that somebody looks at.
    viewers : callable
        Gives the accounts of the viewers, for the status.
    spent_s : callable
        Gives the processor time of the hub's thread: what a tick took of it says when the next
        one may be. Where others keep the processor busy the wall clock says nothing of that.
    """

    def __init__(
        self,
        city: CityPack,
        now_ms: Callable[[], int],
        *,
        limits: Limits,
        pace: Pace,
        wanted: Callable[[], Iterable[AnyLayer]] = tuple,
        viewers: Callable[[], dict[str, int]] = dict,
        spent_s: Callable[[], float] = time.thread_time,
        steady_ms: Callable[[], int] = steady_ms,
    ) -> None:
        self.city = city
        self.state = CityState(city, limits)
        self._limits = limits
        self.lock = threading.Lock()
        self.rates = Rates()
        self._now_ms, self._steady_ms, self._pace = now_ms, steady_ms, pace
        self._wanted, self._viewers, self._spent_s = wanted, viewers, spent_s
        self._started_ms, self._begun_ms = now_ms(), steady_ms()
        self._next_ms = self._idle_ms = 0
        self._cost_ms = 0
        self._ticks = 0
        self._frame: Frame | None = None
        self._updates: dict[AnyLayer, Update] = {}
        self._curves = (-1, CaseCurves.of(self.state.cases))
        self._stop = threading.Event()
        self.view = self._new_view()

    def run(self, source: Source, publish: Publish) -> None:
        """Read until stopped; called in a thread of its own."""
        try:
            for batch in source.batches():
                if self._stop.is_set():
                    return
                self.take(batch)
                self.tick(publish)
        finally:
            source.close()

    def stop(self) -> None:
        """Let `run` end after its present batch."""
        self._stop.set()

    def take(self, batch: Batch) -> None:
        """Fold one batch."""
        with self.lock:
            if batch.anew:
                self._start_over()
            self.state.take(batch, self._now_ms(), self._steady_ms())

    def _start_over(self) -> None:
        """Forget all that was folded: it is of logs that are no more.

        The layers go on: whoever looks at one sees nothing known, then what the new logs hold.
        """
        self.state = CityState(self.city, self._limits)
        self.state.changed = True
        self._frame = None
        self._curves = (-1, CaseCurves.of(self.state.cases))
        # at once, so that nobody who holds the lock sees an old frame beside the new state
        self.view = self._new_view()

    def tick(self, publish: Publish) -> None:
        """Publish a view and the updates of what is looked at, if that is due."""
        at_ms = self._steady_ms()
        layers = set(self._wanted())
        if at_ms < (self._next_ms if self._is_news(layers) else self._idle_ms):
            return
        before_s = self._spent_s()
        with self.lock:
            self.view = view = self._new_view()
        publish(view, self._follow(view, layers))
        self._cost_ms = self._steady_ms() - at_ms
        rest_ms = (self._spent_s() - before_s) * 1_000 / self._pace.busy_share
        self._next_ms = at_ms + max(self._pace.tick_ms, int(rest_ms))
        self._idle_ms = at_ms + max(IDLE_MS, self._next_ms - at_ms)

    @property
    def picture(self) -> PictureView:
        """Give what the statistics say in the newest view."""
        said = self.view.said
        return said.picture if said else PictureView()

    def age_ms(self) -> int:
        """Give how long ago the last view was published."""
        return self._steady_ms() - self.view.made_ms

    def _is_news(self, layers: set[AnyLayer]) -> bool:
        """Say whether something changed, or somebody looks at what nobody looked at."""
        unseen = self._frame is not None and not layers <= self._updates.keys()
        return self.state.changed or unseen

    def _new_view(self) -> HubView:
        at_ms = self._steady_ms()
        if self.state.changed or self._frame is None:
            self._ticks += 1
            self._frame = self.state.frame(self._ticks)
        state = self.state
        if self._curves[0] != state.cases.accepted:
            self._curves = (state.cases.accepted, CaseCurves.of(state.cases))
        self.rates.saw(at_ms, self._counters())
        return HubView(
            made_ms=at_ms,
            k=self.city.small_count,
            said=self._frame,
            curves=self._curves[1],
            state=self._status(at_ms),
            tables=tuple(Table(t.res, t.digest(), t.cells()) for t in state.places.tables),
        )

    def _follow(self, view: HubView, layers: set[AnyLayer]) -> list[Update]:
        """Lead each wanted layer to what the view shows; forget the others."""
        if view.said is None and not self._updates:
            return []
        updates = {}
        for layer in layers:
            shown = view.shown(layer)
            before = self._updates.get(layer)
            updates[layer] = next_update(before, shown) if before else first_update(layer, shown)
        self._updates = updates
        return list(updates.values())

    def _counters(self) -> dict[str, int]:
        state = self.state
        return {
            "end": sum(state.accounts.ends.values()),
            "read": state.accounts.totals().read,
            "slices": state.tally.slices,
            "frames": self._viewers().get("frames", 0),
        }

    def _status(self, at_ms: int) -> Status:
        state, accounts, city = self.state, self.state.accounts, self.city
        since_ms = self._since_arrival_ms(at_ms)
        return Status(
            city=city.id,
            clock=city.clock,
            synthetic=city.synthetic,
            simulated=bool(state.ring.by_minute[:, -1].any()),
            state=self._word(at_ms),
            trouble=state.trouble or clocks_differ(since_ms),
            totals=accounts.totals(),
            completeness=accounts.completeness(),
            lag=accounts.lag(),
            freshness_s=freshness_s(since_ms),
            arrival_ms=accounts.arrival_ms,
            complete_to_ms=state.reading.settled_ms(accounts),
            minute_ms=None if state.ring.clock is None else state.ring.clock * MINUTE_MS,
            rates=self.rates.per_second(),
            tally=replace(state.tally),
            cases=state.cases.accounts(city.small_count),
            rejects=state.rejects.reasons.top(),
            inputs=accounts.inputs(),
            hub=self._own(at_ms),
        )

    def _since_arrival_ms(self, at_ms: int) -> int | None:
        """Give how long ago the newest arrival was; None before anything came.

        On a live clock it is now less that arrival; on a replay's clock, which is not today's,
        how long ago the arrival clock last moved.
        """
        accounts = self.state.accounts
        if accounts.moved_at_ms is None:
            return None
        if self.city.clock == "live":
            return self._now_ms() - accounts.arrival_ms
        return at_ms - accounts.moved_at_ms

    def _word(self, at_ms: int) -> str:
        if self.state.trouble:
            return "waiting"
        if not self.state.loaded:
            return "loading"
        now_ms = self._now_ms() if self.city.clock == "live" else None
        phase = self.state.reading.phase(self.state.accounts, at_ms, now_ms)
        if phase is not Phase.FOLLOWING:
            return phase.value
        return "live" if self.state.ring.clock is not None else "empty"

    def _own(self, at_ms: int) -> dict[str, Any]:
        places = self.state.places
        return {
            "cells": len(places.tables[-1]),
            "places": len(places),
            "tick_ms": self._cost_ms,
            "ticks": self._ticks,
            "started_ms": self._started_ms,
            "uptime_s": round((at_ms - self._begun_ms) / 1000, 1),
            **self._viewers(),
        }
