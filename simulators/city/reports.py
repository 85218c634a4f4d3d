"""How cases come to be known: reports, revisions, and the mistakes of clerks.

    onset --first_delay--> suspected --test_delay--> confirmed ---> recovered or died
                           fever (clinic) -> confirmed, or nothing more
                           contact (listed by the tracers) -> retracted when released; who falls
                           ill meanwhile is a case of their own

A case is known by its person, home gate and onset day as the institution wrote them down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from schemas.codec import decoder, encode
from schemas.records import CaseReport
from schemas.records.case_report import Category, Status
from schemas.times import DAY_MS
from simulators.chance import generator
from simulators.city.calendar import Calendar
from simulators.city.disease import IMPORTED, Health
from simulators.city.ground import Ground
from simulators.city.names import pseudonyms
from simulators.city.town import Rows
from simulators.scenario import Reporting

_OPENS_HOUR, _CLOSES_HOUR = 8.0, 20.0
_DIES = 0.012
_TESTED_AT_A_DRIVE = 0.6
_HOSPITALS = 17


@dataclass(frozen=True, slots=True)
class Known:
    """One report with what it is really about; `person` is -1 where there is nobody behind it."""

    report: CaseReport
    person: int
    infected: bool

    def __reduce__(self) -> tuple[Callable[[bytes, int, bool], Known], tuple[bytes, int, bool]]:
        """Go to another process as JSON: a pickled record would write its defaults out there."""
        return _known, (encode(self.report), self.person, self.infected)


def _known(report: bytes, person: int, infected: bool) -> Known:
    return Known(decoder(CaseReport).decode(report), person, infected)


@dataclass(frozen=True, eq=False)
class Offices:
    """The institutions of a city: what they need to write reports."""

    ground: Ground
    place_id: list[str]
    calendar: Calendar
    prefix: str

    def of_infected(self, health: Health, who: Rows, day: int) -> list[Known]:
        """Report those infected on a day; some never come to be known."""
        rules, chance = self._rules, self._chance("cases", day)
        found: list[Known] = []
        for number, person in enumerate(np.sort(who).tolist()):
            seeks = chance.random() < rules.ascertained * (1.0 if health.symptoms[person] else 0.35)
            # Who fell ill before the run began is not reported before it either.
            path = [
                (category, status, max(at, day + 0.3))
                for category, status, at in _path(chance, float(health.onset[person]), rules)
            ]
            case = f"{self.prefix}-{day:03d}-{number:05d}"
            imported = bool(health.way[person] == IMPORTED)
            if seeks:
                found += self._case(case, person, path, chance, imported=imported)
                health.isolated[person] = min(health.isolated[person], path[0][2] + 0.5)
            if seeks and chance.random() < rules.duplicates:
                found += self._duplicate(f"{case}-b", person, path, chance)
            if seeks and chance.random() < rules.contacts_listed:
                found += self._contacts(case, person, path[0][2], health)
        return found

    def of_the_well(self, day: int, drive: Rows) -> list[Known]:
        """Report people who do not have the disease: fevers, false suspects, a testing drive."""
        rules, chance = self._rules, self._chance("well", day)
        n = len(self.ground.people)
        mean = n / 1e5
        found: list[Known] = []
        wanted = (("fever", rules.fever_reports * 4), ("suspected", rules.false_suspects * 4))
        for kind, rate in wanted:
            for number in range(int(chance.poisson(mean * rate))):
                person = int(chance.integers(n))
                case = f"{self.prefix}-{day:03d}-{kind[0]}{number:04d}"
                found += self._false(case, person, (kind, day), chance)
        for number, person in enumerate(drive.tolist()):
            if chance.random() < _TESTED_AT_A_DRIVE:
                case = f"{self.prefix}-{day:03d}-d{number:04d}"
                found += self._false(case, person, ("suspected", day), chance)
        return found

    @property
    def _rules(self) -> Reporting:
        return self.ground.scenario.reporting

    def _chance(self, what: str, day: int) -> np.random.Generator:
        return generator(self.ground.seed, f"reports/{what}/{day}")

    def _case(
        self,
        case_id: str,
        person: int,
        path: list[tuple[Category, Status, float]],
        chance: np.random.Generator,
        *,
        imported: bool,
    ) -> Iterator[Known]:
        onset_day = path[0][2] - float(chance.gamma(1.5, 1.0))
        corrected = chance.random() < self._rules.corrections
        at = path[0][2]
        for revision, (category, status, day) in enumerate(path, start=1):
            at = max(self._office_hours(day, chance), at + 0.01)
            onset = onset_day + 1.0 if corrected and revision > 1 else onset_day
            report = self._report(
                case_id, revision, (category, status), at, (person, onset), imported=imported
            )
            yield Known(report, person, infected=True)

    def _duplicate(
        self,
        case_id: str,
        person: int,
        path: list[tuple[Category, Status, float]],
        chance: np.random.Generator,
    ) -> Iterator[Known]:
        """Report somebody from a second institution too; a clerk finds out and takes it back."""
        day = path[0][2] + float(chance.exponential(0.5))
        onset = day - 2.0
        for revision, status, at in ((1, "open", day), (2, "retracted", day + 2.0)):
            kind = (path[0][0], status)
            yield Known(
                self._report(case_id, revision, kind, at, (person, onset), elsewhere=True),
                person,
                infected=True,
            )

    def _contacts(self, case: str, person: int, day: float, health: Health) -> Iterator[Known]:
        household = self.ground.people.household
        first = int(np.searchsorted(household, household[person], side="left"))
        last = int(np.searchsorted(household, household[person], side="right"))
        for member in range(first, last):
            if member == person:
                continue
            infected = bool(np.isfinite(health.infected[member]))
            listed = f"{case}-c{member - first}"
            for revision, status, at in ((1, "open", day + 0.7), (2, "retracted", day + 10.0)):
                kind = ("contact", status)
                report = self._report(listed, revision, kind, at, (member, None))
                yield Known(report, member, infected)

    def _false(
        self, case_id: str, person: int, what: tuple[str, int], chance: np.random.Generator
    ) -> Iterator[Known]:
        kind, day = what
        at = self._office_hours(day + float(chance.random()), chance)
        ends = "recovered" if kind == "fever" else "retracted"
        later = at + 0.5 + float(chance.exponential(self._rules.test_delay))
        for revision, status, when in ((1, "open", at), (2, ends, later)):
            report = self._report(case_id, revision, (kind, status), when, (person, at - 1.0))
            yield Known(report, person, infected=False)

    def _office_hours(self, day: float, chance: np.random.Generator) -> float:
        """Move an instant into office hours; at weekends some wait until Monday."""
        number, rest = divmod(day, 1.0)
        weekday = (self.calendar.weekday() + int(number)) % 7
        if weekday >= 5 and chance.random() > self._rules.weekend:
            number += 7 - weekday
        open_share = (_CLOSES_HOUR - _OPENS_HOUR) / 24
        return float(number + _OPENS_HOUR / 24 + rest * open_share)

    def _report(
        self,
        case_id: str,
        revision: int,
        kind: tuple[str, str],
        at: float,
        who: tuple[int, float | None],
        *,
        imported: bool = False,
        elsewhere: bool = False,
    ) -> CaseReport:
        person, onset = who
        home = int(self.ground.people.home[person])
        hospital = (home + elsewhere) % _HOSPITALS
        name, household = pseudonyms(person, int(self.ground.people.household[person]))
        return CaseReport(
            v=1,
            case_id=case_id,
            revision=revision,
            category=kind[0],  # type: ignore[arg-type]
            status=kind[1],  # type: ignore[arg-type]
            report_ms=self.calendar.begin_ms(0) + int(at * DAY_MS),
            source=f"sim:hospital-{hospital:02d}",
            onset_date=None if onset is None else self._local_day(onset),
            person=name,
            household=household,
            place_id=self.place_id[home],
            imported=imported,
        )

    def _local_day(self, day: float) -> str:
        return (self.calendar.first + timedelta(days=int(np.floor(day)))).isoformat()


def _path(
    chance: np.random.Generator, onset: float, rules: Reporting
) -> list[tuple[Category, Status, float]]:
    """Draw what becomes of a case: category, status, and the day of each revision."""
    first = onset + float(chance.gamma(2.0, rules.first_delay / 2))
    confirmed = first + 0.1 + float(chance.exponential(rules.test_delay))
    end: Status = "died" if chance.random() < _DIES else "recovered"
    ended = confirmed + 9.0 + float(chance.gamma(3.0, 2.0))
    fate = chance.random()
    begin: tuple[Category, Status, float] = ("confirmed", "open", first)
    if fate < 0.5:
        begin = ("suspected", "open", first)
    elif fate < 0.65:
        begin = ("fever", "open", first)
    if begin[0] == "confirmed":
        return [begin, ("confirmed", end, first + 9.0 + float(chance.gamma(3.0, 2.0)))]
    return [begin, ("confirmed", "open", confirmed), ("confirmed", end, ended)]
