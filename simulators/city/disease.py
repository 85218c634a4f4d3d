"""A disease: who is infected, when it shows, and how infectious each is on which day.

infected ···latent···| infectious ------------- |
onset (where symptoms show at all)
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from simulators.city.town import Reals
from simulators.scenario import Epidemic

NEVER = np.float32(np.inf)
BEFORE_ONSET_DAYS = 2.0
NOBODY = -1
SEED, IMPORTED, HOUSEHOLD, MET = range(4)


@dataclass(frozen=True, eq=False)
class Health:
    """The state of every person; the columns are written by this file alone.

    Attributes
    ----------
    infected, onset : (n,) float32
        Day of infection and of first symptoms (of the height of infectiousness in those who
        never have any), in days since the run's start; infinite in the uninfected.
    symptoms : (n,) bool
    infectiousness : (n,) float32
        Gamma distributed with mean 1 and shape k, the scenario's dispersion.
    infector : (n,) int32
        -1 in the uninfected, in seeds and in those infected elsewhere.
    way : (n,) int8
        SEED, IMPORTED, HOUSEHOLD or MET; meaningless in the uninfected.
    isolated : (n,) float32
        Day from which a person stays at home.
    """

    infected: NDArray[np.float32]
    onset: NDArray[np.float32]
    symptoms: NDArray[np.bool_]
    infectiousness: NDArray[np.float32]
    infector: NDArray[np.int32]
    way: NDArray[np.int8]
    isolated: NDArray[np.float32]

    @classmethod
    def of(cls, number: int) -> Health:
        """Give a city in which everybody is well."""
        return cls(
            infected=np.full(number, NEVER, dtype=np.float32),
            onset=np.full(number, NEVER, dtype=np.float32),
            symptoms=np.zeros(number, dtype=np.bool_),
            infectiousness=np.zeros(number, dtype=np.float32),
            infector=np.full(number, NOBODY, dtype=np.int32),
            way=np.zeros(number, dtype=np.int8),
            isolated=np.full(number, NEVER, dtype=np.float32),
        )

    def take(self, who: NDArray[np.int32]) -> Health:
        """Give the state of some people."""
        return Health(*(getattr(self, field.name)[who] for field in fields(self)))

    def put(self, who: NDArray[np.int32], state: Health) -> None:
        """Set the state of some people, as it was taken elsewhere."""
        for field in fields(self):
            getattr(self, field.name)[who] = getattr(state, field.name)

    def weights(self, day: int, disease: Epidemic) -> Reals:
        """Give how infectious each person's day is; over all days of a person they sum to 1."""
        return daily_weights(self.onset, day, disease)

    def febrile(self, day: int) -> NDArray[np.bool_]:
        """Say who has a fever on a day: those with symptoms, from onset for six days."""
        since = day - np.floor(self.onset)
        return np.asarray(self.symptoms & (since >= 0) & (since < 6))


def daily_weights(onset: NDArray[np.float32], day: int, disease: Epidemic) -> Reals:
    """Spread a person's infectiousness over days around onset.

    Notes
    -----
    A triangle that rises from two days before onset to its height at onset and falls to nothing
    `infectious_days - 2` days after it, read at whole days and normed to sum to 1. That it
    peaks about onset is as He et al. 2020 (Nature Medicine 26:672) found.
    """
    profile = _profile(disease)
    since = day - np.floor(onset)
    row = np.where(np.isfinite(since), since + 3, -1)
    known = (row >= 0) & (row < len(profile))
    return np.asarray(np.where(known, profile[np.where(known, row, 0).astype(np.int64)], 0.0))


def highest_weight(disease: Epidemic) -> float:
    """Give the weight of the day on which people are most infectious."""
    return float(_profile(disease).max())


def middle_of_infectiousness(disease: Epidemic) -> float:
    """Give the mean day of infectiousness, counted from the day of onset."""
    profile = _profile(disease)
    return float(((np.arange(len(profile)) - 3) * profile).sum())


def _profile(disease: Epidemic) -> Reals:
    ahead = np.arange(-3, int(disease.infectious_days) + 2)
    falls_to = max(1.0, disease.infectious_days - BEFORE_ONSET_DAYS)
    profile = np.interp(ahead + 0.5, [-BEFORE_ONSET_DAYS, 0.5, falls_to], [0.0, 1.0, 0.0])
    return np.asarray(profile / profile.sum())


@dataclass(frozen=True, slots=True)
class Exposed:
    """Who would be infected by whom, and when; columns of one length."""

    person: NDArray[np.int32]
    infector: NDArray[np.int32]
    at: Reals

    def take(self, rows: NDArray[np.bool_]) -> Exposed:
        """Give some rows."""
        return Exposed(self.person[rows], self.infector[rows], self.at[rows])

    @classmethod
    def elsewhere(cls, person: NDArray[np.int32], at: Reals) -> Exposed:
        """Give people infected by nobody of this city."""
        return cls(person, np.full(len(person), NOBODY, dtype=np.int32), at)


def infect(
    health: Health, exposed: Exposed, way: int, disease: Epidemic, chance: np.random.Generator
) -> NDArray[np.int32]:
    """Infect those of some people who never were; somebody named twice is infected once.

    Returns
    -------
    (m,) int32
        Who is newly infected, ascending.
    """
    person, first = np.unique(exposed.person, return_index=True)
    fresh = np.isinf(health.infected[person])
    person, first = person[fresh], first[fresh]
    n = len(person)
    latent = np.maximum(0.5, chance.gamma(6.0, disease.latent_days / 6.0, n))
    shape = 1 / 0.28
    incubation = chance.gamma(shape, disease.incubation_days / shape, n)
    # Infectious from two days before onset, but not before the latent time is over.
    health.onset[person] = exposed.at[first] + np.maximum(incubation, latent + 0.5)
    health.infected[person] = exposed.at[first]
    health.symptoms[person] = chance.random(n) >= disease.asymptomatic
    health.infectiousness[person] = chance.gamma(disease.dispersion, 1 / disease.dispersion, n)
    health.infector[person] = exposed.infector[first]
    health.way[person] = way
    return np.asarray(person, dtype=np.int32)
