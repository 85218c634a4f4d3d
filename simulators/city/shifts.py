"""When people work: everybody keeps to one shift, and some shifts fill the night.

Offices and shops sleep; hospitals, markets, stations and checkpoints do not, factories and
guards hardly. Drivers of taxis and vans go round all day and half the night.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulators.city.town import CHECKPOINT, CLINIC, MARKET, STATION, Reals


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift: local hour of its begin and how far people spread about it, hours of work.

    `share` is that among workers of a usual place. `daily`: worked on any day of the week, by
    people who have their two days off whenever they are.
    """

    begins: float
    spread: float
    hours: float
    share: float
    daily: bool = False
    drives: bool = False


DAY_SHIFTS = (
    Shift(4.6, 0.6, 8.6, 0.03),
    Shift(6.2, 0.6, 8.6, 0.07),
    Shift(7.4, 0.6, 8.6, 0.14),
    Shift(8.4, 0.5, 8.6, 0.25),
    Shift(9.3, 0.6, 8.6, 0.21),
    Shift(10.6, 0.7, 8.6, 0.10),
    Shift(13.3, 0.7, 8.4, 0.06),
    Shift(15.6, 0.8, 8.2, 0.05),
)
NIGHT = Shift(22.6, 0.8, 8.0, 0.05, daily=True)
DRIVERS = (
    Shift(6.2, 1.2, 10.5, 0.02, daily=True, drives=True),
    Shift(16.8, 1.2, 10.5, 0.02, daily=True, drives=True),
)
SHIFTS = (*DAY_SHIFTS, NIGHT, *DRIVERS)
_AT_NIGHT = {CLINIC: 0.22, CHECKPOINT: 0.33, MARKET: 0.15, STATION: 0.15}
_OFF_DAYS = 2 / 7

BEGINS = np.array([shift.begins for shift in SHIFTS])
SPREAD = np.array([shift.spread for shift in SHIFTS])
HOURS = np.array([shift.hours for shift in SHIFTS])
DAILY = np.array([shift.daily for shift in SHIFTS])
DRIVES = np.array([shift.drives for shift in SHIFTS])


def _ends(at_night: float) -> Reals:
    usual = np.array([at_night if shift is NIGHT else shift.share for shift in SHIFTS])
    return np.asarray(np.cumsum(usual) / usual.sum())


_ENDS = np.stack([_ends(_AT_NIGHT.get(part, NIGHT.share)) for part in range(8)])


def shifts_of(part: NDArray[np.int8], draw: Reals) -> NDArray[np.uint8]:
    """Give the shift of each of some workers.

    Parameters
    ----------
    part : (n,) int8
        The part that their place of work plays.
    draw : (n,) float64
        Uniform in [0, 1).
    """
    shift = np.zeros(len(part), dtype=np.uint8)
    for number in range(len(SHIFTS) - 1):
        shift += draw >= _ENDS[part, number]
    return shift


def goes_to_work(shift: NDArray[np.uint8], kept: float, usual: float) -> Reals:
    """Give the chance that somebody works today.

    Parameters
    ----------
    kept : float
        Of an ordinary working day's work, the share that is done today.
    usual : float
        The same but for the day of the week: what a lockdown leaves.
    """
    return np.asarray(np.where(DAILY[shift], usual * (1 - _OFF_DAYS), kept))
