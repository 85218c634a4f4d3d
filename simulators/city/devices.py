"""Devices as they are: clocks that are off, thermometers that read wrongly, gates that are dead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.times import HOUR_MS
from simulators.chance import generator
from simulators.check_ins import NOT_MEASURED
from simulators.city.done import Done, Marks, Moment, marked
from simulators.city.passages import Passages
from simulators.city.town import Rows
from simulators.scenario import Dirt


@dataclass(frozen=True, eq=False)
class Devices:
    """Properties of the device at every place, drawn once a run."""

    skew_ms: NDArray[np.int64]
    drift_ms_per_day: NDArray[np.int64]
    thermometer: NDArray[np.int16]
    is_silent: NDArray[np.bool_]
    dirt: Dirt

    @classmethod
    def of(cls, places: int, dirt: Dirt, seed: int) -> Devices:
        """Draw them; a device is as it should be unless drawn otherwise."""

        def some(what: str, share: float, spread: float) -> NDArray[np.float64]:
            chance = generator(seed, f"dirt/{what}")
            drawn = chance.random(places) < share
            return np.where(drawn, chance.normal(0.0, spread, places), 0.0)

        skew = some("clock-skew", dirt.clock_skew, dirt.clock_skew_s * 1000)
        drift = some("clock-drift", dirt.clock_drift, dirt.clock_drift_s_per_day * 1000)
        heat = some("thermometer", dirt.thermometer, dirt.thermometer_c * 10)
        return cls(
            skew_ms=np.rint(skew).astype(np.int64),
            drift_ms_per_day=np.rint(drift).astype(np.int64),
            thermometer=np.rint(heat).astype(np.int16),
            is_silent=generator(seed, "dirt/silent").random(places) < dirt.silent,
            dirt=dirt,
        )

    def clocks(self, place: Rows, moment: Moment) -> tuple[NDArray[np.int64], Marks]:
        """Say by how many milliseconds the clock at each place is wrong today."""
        if self.dirt.clock_skew == 0 and self.dirt.clock_drift == 0:
            return np.zeros(len(place), dtype=np.int64), np.zeros(len(place), dtype=np.uint16)
        skew_ms = self.skew_ms[place]
        drift_ms = self.drift_ms_per_day[place] * moment.day
        done = marked(skew_ms != 0, Done.SKEW) | marked(drift_ms != 0, Done.DRIFT)
        return skew_ms + drift_ms, done

    def readings(self, seen: Passages, moment: Moment) -> tuple[NDArray[np.int16], Marks]:
        """Give what the thermometers show, in tenths of a degree.

        A cold morning cools foreheads; the day's weather shifts all of them alike.
        """
        if self.dirt.thermometer == 0 and self.dirt.weather == 0:
            return seen.temperature, np.zeros(len(seen), dtype=np.uint16)
        measured = seen.temperature != NOT_MEASURED
        off = self.thermometer[seen.place]
        of_day = moment.all_day("weather").normal(0.0, 2.0)
        morning = np.cos((seen.at / HOUR_MS - 4.0) / 24 * 2 * np.pi)
        weather = np.rint(self.dirt.weather * (of_day - 2.0 * morning)).astype(np.int16)
        done = marked(measured & (off != 0), Done.THERMOMETER)
        done |= marked(measured & (weather != 0), Done.WEATHER)
        read = np.clip(seen.temperature + off + weather, 250, 450)
        return np.where(measured, read, NOT_MEASURED).astype(np.int16), done

    def silent(self, seen: Passages) -> NDArray[np.bool_]:
        """Say which passages a gate says nothing of, being silent for some hours of every day."""
        if self.dirt.silent == 0:
            return np.zeros(len(seen), dtype=np.bool_)
        start = self.dirt.silent_from_hour * HOUR_MS
        in_hours = (seen.at >= start) & (seen.at < start + self.dirt.silent_hours * HOUR_MS)
        return np.asarray(self.is_silent[seen.place] & in_hours)
