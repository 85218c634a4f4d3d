"""What grid workers, residents and hospitals tell: visits, clues, and what is still to be had."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from schemas.records.check_in import Temperature
from schemas.records.fields import Count, Identifier, Instant, Pseudonym, Version1

Finding = Annotated[
    Literal["well", "fever", "cough", "returned", "nobody_home", "needs_food", "needs_medicine"],
    Meta(
        description="one of well, fever, cough, returned, nobody_home, needs_food, needs_medicine"
    ),
]
VisitKind = Annotated[
    Literal["visit", "phone"], Meta(description="one of visit (at the door), phone")
]
ClueKind = Annotated[
    Literal["need", "symptom", "returnee", "gathering", "hazard"],
    Meta(description="one of need, symptom, returnee, gathering, hazard"),
]
ClueStatus = Annotated[
    Literal["open", "assigned", "done", "dropped"],
    Meta(description="one of open, assigned, done, dropped"),
]
ResourceKind = Annotated[
    Literal["bed", "icu_bed", "vehicle", "staff"],
    Meta(description="one of bed, icu_bed, vehicle, staff"),
]


class GridVisit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A grid worker's look at one household, at the door or by phone.

    `verifies` names an earlier visit whose findings this one checks. `worker` and `household`
    are pseudonyms.
    """

    v: Version1
    visit_id: Identifier
    visit_ms: Instant
    kind: VisitKind
    worker: Pseudonym
    household: Pseudonym
    place_id: Identifier
    source: Identifier
    findings: tuple[Finding, ...]
    temperature_c: Temperature | None = None
    verifies: Identifier | None = None


class Clue(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something to look after, from a resident or a worker; the highest revision stands."""

    v: Version1
    clue_id: Identifier
    revision: Annotated[int, Meta(ge=1, lt=2**31, description="a whole number of 1 or more")]
    kind: ClueKind
    status: ClueStatus
    opened_ms: Instant
    updated_ms: Instant
    place_id: Identifier
    source: Identifier
    household: Pseudonym | None = None


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """How much of one thing a place has, and how much of it is free; replaces earlier ones."""

    v: Version1
    resource_id: Identifier
    kind: ResourceKind
    place_id: Identifier
    total: Count
    free: Count
    as_of_ms: Instant
    source: Identifier
