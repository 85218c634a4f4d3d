"""Allocation: patients to hospitals, sites for temporary places, vehicles to orders.

Whole numbers in, whole numbers out. What does not fit is a column, never an exception: a
command centre must see how many patients nobody can take.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from ortools.graph.python import min_cost_flow
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linear_sum_assignment, milp

from geo.columns import Counts, Index, reals, same_length
from geo.errors import ColumnError, ParameterError

# Filling the last beds costs extra seconds, so that load spreads before a hospital is full.
BANDS = ((0.85, 0), (0.95, 600), (1.00, 1800))
CHANGE_S = 120.0
STALE_BEDS_SHARE = 0.9
STALE_HOURS = 2.0


@dataclass(frozen=True, slots=True)
class Flow:
    """Flow on each arc and what it costs."""

    flow: Counts
    cost: int


@dataclass(frozen=True, slots=True)
class Placement:
    """Patients (origins, hospitals), those nobody can take, and travel seconds in all."""

    patients: Counts
    unplaced: Counts
    travel_s: int


def cheapest_flow(
    start: ArrayLike, end: ArrayLike, capacity: ArrayLike, cost: ArrayLike, supply: ArrayLike
) -> Flow:
    """Send all supply to all demand at least cost.

    Parameters
    ----------
    start, end, capacity, cost : (a,) int
        Arcs between nodes.
    supply : (v,) int
        Supply of each node, negative for demand; must add to 0.

    Raises
    ------
    ColumnError
        Supply does not add to 0, or cannot be sent.
    """
    columns = [np.asarray(c, dtype=np.int64) for c in (start, end, capacity, cost)]
    need = np.asarray(supply, dtype=np.int64)
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(*columns)
    solver.set_nodes_supplies(np.arange(len(need)), need)
    if need.sum() != 0 or solver.solve() != solver.OPTIMAL:
        raise ColumnError(f"supply adds to {need.sum()} or cannot be sent: expected a flow")
    return Flow(np.asarray(solver.flows(arcs), dtype=np.int64), int(solver.optimal_cost()))


def place_patients(
    patients: ArrayLike, beds: ArrayLike, free_beds: ArrayLike, travel_s: ArrayLike
) -> Placement:
    """Send patients to hospitals with least travel, spreading load before beds run out.

    Parameters
    ----------
    patients : (n,) int
        Patients of each origin, not negative. One call a class of severity, worst first, each
        with the beds that are left.
    beds, free_beds : (h,) int
        All beds of each hospital and those free now.
    travel_s : (n, h) float64
        Seconds; NaN or infinite cannot be reached.

    Returns
    -------
    Placement
        `patients[i, j]` go from i to j; `unplaced[i]` find no bed. Not placing costs ten times
        the longest way, so nobody is left out to save travel.

    Notes
    -----
    Min-cost flow with an arc for each band of occupancy: up to 85 % as it is, up to 95 % at
    600 s more, the rest at 1,800 s more. The bands are this project's own.
    """
    sick, all_beds, free = (
        np.asarray(c, dtype=np.int64).clip(0) for c in (patients, beds, free_beds)
    )
    way = reals("travel_s", travel_s, ndim=2)
    n, h = way.shape
    same_length(patients=sick, travel_s=way)
    same_length(beds=all_beds, free_beds=free, travel_s=way.T)
    origin, hospital = np.nonzero(np.isfinite(way))
    seconds = np.rint(way[origin, hospital]).astype(np.int64).clip(0)
    sink, nobody = n + h, n + h + 1
    left_out = 10 * (int(seconds.max(initial=0)) + BANDS[-1][1] + 1)
    starts, ends, room, cost = [origin], [n + hospital], [sick[origin]], [seconds]
    for (low, _), (high, extra) in zip(((0.0, 0), *BANDS[:-1]), BANDS, strict=True):
        starts.append(n + np.arange(h))
        ends.append(np.full(h, sink))
        room.append(_band(all_beds, free, low, high))
        cost.append(np.full(h, extra))
    starts += [np.arange(n), np.array([nobody])]
    ends += [np.full(n, nobody), np.array([sink])]
    room += [sick, np.array([sick.sum()])]
    cost += [np.full(n, left_out), np.array([0])]
    supply = np.concatenate([sick, np.zeros(h, dtype=np.int64), [-sick.sum(), 0]])
    arcs = [np.concatenate(column) for column in (starts, ends, room, cost)]
    found = cheapest_flow(arcs[0], arcs[1], arcs[2], arcs[3], supply)
    placed = np.zeros((n, h), dtype=np.int64)
    placed[origin, hospital] = found.flow[: len(origin)]
    return Placement(
        placed, sick - placed.sum(axis=1), int((placed[origin, hospital] * seconds).sum())
    )


def _band(beds: Counts, free: Counts, low: float, high: float) -> Counts:
    """Give the free beds of an occupancy band; the bands of a hospital add to its free beds."""
    taken = (beds - free).clip(0)
    top = np.maximum(beds, taken + free)
    edges = [
        np.where(edge >= 1, top, np.floor(edge * beds).astype(np.int64)) for edge in (low, high)
    ]
    return np.asarray((edges[1].clip(taken) - edges[0].clip(taken)).clip(0), dtype=np.int64)


def usable_beds(free_beds: ArrayLike, age_hours: ArrayLike) -> Counts:
    """Take a tenth off bed counts older than 2 hours; none where the count is missing."""
    free, age = reals("free_beds", free_beds), reals("age_hours", age_hours)
    same_length(free_beds=free, age_hours=age)
    share = np.where(age > STALE_HOURS, STALE_BEDS_SHARE, 1.0)
    whole = np.floor(np.nan_to_num(free).clip(0.0) * share)
    return np.asarray(whole, dtype=np.int64)


def whole_parts(demand: ArrayLike) -> Counts:
    """Round demand to whole patients, keeping the rounded total (largest remainders first)."""
    need = np.nan_to_num(reals("demand", demand)).clip(0.0)
    parts = np.asarray(np.floor(need), dtype=np.int64)
    more = int(np.rint(need.sum())) - int(parts.sum())
    parts[np.argsort(-(need - parts), kind="stable")[:more]] += 1
    return parts


def choose_sites(weight: ArrayLike, cost: ArrayLike, sites: int) -> tuple[Index, Index, float]:
    """Choose sites so that the weighted cost of reaching the nearest is least (p-median).

    Parameters
    ----------
    weight : (n,) float64
        People or demand of each origin.
    cost : (n, m) float64
        Finite cost from each origin to each candidate.
    sites : int
        How many to open, 1..m.

    Returns
    -------
    chosen, site_of, total : (sites,) int, (n,) int, float
        Candidates opened, each origin's candidate, weighted cost in all.

    Notes
    -----
    Mixed-integer programme of Hakimi (1964), solved exactly by HiGHS; some 0.2 s for 100 x 100.
    """
    people, way = reals("weight", weight), reals("cost", cost, ndim=2)
    n, m = way.shape
    same_length(weight=people, cost=way)
    if not 1 <= sites <= m:
        raise ParameterError.of("sites", sites, f"1..{m}")
    open_, go = m, n * m
    once = sparse.hstack(
        [sparse.csr_array((n, open_)), sparse.kron(sparse.eye_array(n), np.ones((1, m)))]
    )
    only_open = sparse.hstack(
        [sparse.kron(np.ones((n, 1)), -sparse.eye_array(m)), sparse.eye_array(go)]
    )
    number = np.concatenate([np.ones(open_), np.zeros(go)])[None]
    found = milp(
        np.concatenate([np.zeros(open_), (people[:, None] * way).ravel()]),
        constraints=[
            LinearConstraint(once, 1, 1),
            LinearConstraint(only_open, -np.inf, 0),
            LinearConstraint(number, sites, sites),
        ],
        integrality=np.concatenate([np.ones(open_), np.zeros(go)]),
        bounds=Bounds(0, 1),
    )
    chosen = np.flatnonzero(found.x[:open_] > 0.5)
    site_of = chosen[np.argmin(way[:, chosen], axis=1)]
    return chosen, site_of, float((people * way[np.arange(n), site_of]).sum())


def dispatch(eta_s: ArrayLike, given: ArrayLike, change_s: float = CHANGE_S) -> Index:
    """Assign vehicles to orders with least arrival time in all.

    Parameters
    ----------
    eta_s : (v, o) float64
        Seconds from each vehicle to each order; NaN or infinite is impossible.
    given : (v,) int
        Order each vehicle already has, -1 for none; giving it another costs `change_s` more,
        so that crews are not sent to and fro.

    Returns
    -------
    (v,) int
        Order of each vehicle, -1 for none. As many orders are served as there can be.
    """
    eta, had = reals("eta_s", eta_s, ndim=2), np.asarray(given, dtype=np.intp)
    same_length(eta_s=eta, given=had)
    possible = np.isfinite(eta)
    columns = np.arange(eta.shape[1])
    changed = (had[:, None] >= 0) & (columns != had[:, None])
    cost = np.where(possible, eta, 0.0) + np.where(changed, change_s, 0.0)
    never = 1e3 * (float(cost.max(initial=0.0)) + 1.0) * (min(eta.shape) + 1)
    rows, orders = linear_sum_assignment(np.where(possible, cost, never))
    out = np.full(len(eta), -1, dtype=np.intp)
    kept = possible[rows, orders]
    out[rows[kept]] = orders[kept]
    return out
