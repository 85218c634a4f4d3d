"""Choosing where to go: a law of distance, drawn for everybody who starts from the same area."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulators.city.town import Reals, Rows, Town
from simulators.scenario import Mobility


def chosen_places(
    town: Town, start: Rows, among: tuple[Rows, Reals], law: Mobility, draw: Reals
) -> Rows:
    """Choose a place for each person, the likelier the nearer and the more it attracts.

    Parameters
    ----------
    town : Town
    start : (n,) int32
        The place each person starts from.
    among : (m,) int32 and (m,) float64
        Where they may go, and how much each place attracts.
    law : Mobility
        Exponent, offset and cut-off of the law of distance.
    draw : (n,) float64
        Uniform in [0, 1), one a person.

    Returns
    -------
    (n,) int32
        The place chosen.

    Notes
    -----
    Distance is taken from the middle of the homes of the start's area: people of one grid share
    one table of chances, which makes a million choices a thousand searches.
    """
    places, weight = among
    grid = town.grid[start]
    order = np.argsort(grid, kind="stable")
    first = np.unique(grid[order], return_index=True)[1]
    ends = np.append(first[1:], len(order))
    chosen = np.empty(len(start), dtype=np.int32)
    for begin, end in zip(first.tolist(), ends.tolist(), strict=True):
        rows = order[begin:end]
        middle = town.x_km[start[rows]].mean(), town.y_km[start[rows]].mean()
        chosen[rows] = places[_drawn(_chances(town, middle, places, weight, law), draw[rows])]
    return chosen


def _chances(
    town: Town, middle: tuple[float, float], places: Rows, weight: Reals, law: Mobility
) -> Reals:
    far_km = np.hypot(town.x_km[places] - middle[0], town.y_km[places] - middle[1])
    # Places lie densest around a middle; dividing by the distance undoes the ring's growth.
    fall = (far_km + law.offset_km) ** -law.exponent * np.exp(-far_km / law.cutoff_km)
    return np.asarray(weight * fall / (far_km + 0.3))


def _drawn(chances: Reals, draw: Reals) -> NDArray[np.int64]:
    ends = np.cumsum(chances)
    found = np.searchsorted(ends, draw * ends[-1], side="right")
    return np.asarray(np.minimum(found, len(chances) - 1))
