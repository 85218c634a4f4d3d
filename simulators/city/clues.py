"""Clues and needs: opened by chance, with illness and by who comes back; from open to done.

open ---hours---> assigned ---a day---> done, or dropped
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.records import Clue
from schemas.records.services import ClueKind
from schemas.times import HOUR_MS
from schemas.topics import CLUES
from simulators.chance import generator
from simulators.city.calendar import Calendar
from simulators.city.ground import Ground
from simulators.city.names import household_named
from simulators.city.told import Told, source_of
from simulators.city.travel import Travel

_PER_100K = 30.0
_KINDS: tuple[ClueKind, ...] = ("need", "returnee", "gathering", "hazard")
_SHARES = (0.6, 0.2, 0.1, 0.1)
_TELLS_OF_ILLNESS = 0.05
_TELLS_OF_RETURN = 0.6


@dataclass(frozen=True, slots=True)
class Opened:
    """A clue when it is opened: what it is about, whom, and when (milliseconds since 1970)."""

    name: str
    kind: ClueKind
    person: int
    at_ms: int


@dataclass(frozen=True, eq=False)
class Hotline:
    """What takes the clues of a city."""

    ground: Ground
    travel: Travel
    place_id: list[str]
    calendar: Calendar
    prefix: str

    def day(self, number: int, ill: NDArray[np.bool_]) -> Iterator[Told]:
        """Give the clues opened on a day, with all that becomes of them."""
        chance = generator(self.ground.seed, f"services/clues/{number}")
        for clue in self._usual(number, ill, chance):
            yield from self._life(clue, chance)
        returns = generator(self.ground.seed, f"services/clues-of-return/{number}")
        for clue in self._of_those_back(number, returns):
            yield from self._life(clue, returns)

    def _usual(
        self, number: int, ill: NDArray[np.bool_], chance: np.random.Generator
    ) -> Iterator[Opened]:
        n = len(self.ground.people)
        usual = chance.integers(0, n, int(chance.poisson(n / 1e5 * _PER_100K)))
        of_the_ill = np.flatnonzero(ill)
        of_the_ill = of_the_ill[chance.random(len(of_the_ill)) < _TELLS_OF_ILLNESS]
        for count, person in enumerate([*usual.tolist(), *of_the_ill.tolist()]):
            drawn = _KINDS[int(chance.choice(4, p=_SHARES))]
            kind = "symptom" if count >= len(usual) else drawn
            opened = self.calendar.begin_ms(number) + int(chance.uniform(7.0, 22.0) * HOUR_MS)
            yield Opened(f"{self.prefix}-k-{number:03d}-{count:05d}", kind, person, opened)

    def _of_those_back(self, number: int, chance: np.random.Generator) -> Iterator[Opened]:
        """Let neighbours tell of households that came back, within hours."""
        back, household = self.travel.back_on(number), self.ground.people.household
        houses, first = np.unique(household[back], return_index=True)
        for count, (row, tells) in enumerate(
            zip(
                first.tolist(),
                (chance.random(len(houses)) < _TELLS_OF_RETURN).tolist(),
                strict=True,
            )
        ):
            person = int(back[row])
            at_ms = self.calendar.begin_ms(0) + int(self.travel.back_ms[person])
            at_ms += int((1.0 + chance.exponential(2.0)) * HOUR_MS)
            if tells:
                name = f"{self.prefix}-k-{number:03d}-r{count:04d}"
                yield Opened(name, "returnee", person, at_ms)

    def _life(self, clue: Opened, chance: np.random.Generator) -> Iterator[Told]:
        waits = [0.0, float(chance.exponential(3.0)), float(chance.exponential(20.0))]
        ends = "done" if chance.random() < 0.9 else "dropped"
        at_ms, people = clue.at_ms, self.ground.people
        for revision, (status, wait) in enumerate(
            zip(("open", "assigned", ends), waits, strict=True), start=1
        ):
            at_ms += int(wait * HOUR_MS) + (revision > 1)
            record = Clue(
                v=1,
                clue_id=clue.name,
                revision=revision,
                kind=clue.kind,
                status=status,  # type: ignore[arg-type]
                opened_ms=clue.at_ms,
                updated_ms=at_ms,
                place_id=self.place_id[int(people.home[clue.person])],
                source=source_of(self.prefix, "hotline"),
                household=household_named(int(people.household[clue.person])),
            )
            yield Told(CLUES, clue.name, f"{clue.name}#{revision}", at_ms, record)
