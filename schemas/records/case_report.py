"""One revision of a case report; the highest revision of a case stands."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from schemas.records.fields import (
    Day,
    Identifier,
    Instant,
    Latitude,
    Longitude,
    Pseudonym,
    Version1,
)

Category = Annotated[
    Literal["confirmed", "suspected", "fever", "contact"],
    Meta(description="one of confirmed, suspected, fever, contact"),
]
Status = Annotated[
    Literal["open", "recovered", "died", "retracted"],
    Meta(description="one of open, recovered, died, retracted"),
]
Revision = Annotated[int, Meta(ge=1, lt=2**31, description="a whole number of 1 or more")]
Weight = Annotated[float, Meta(ge=0.0, le=1e6, description="a number of cases in 0..1000000")]


class CaseReport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of one case from `report_ms` on, until a higher revision says otherwise.

    Where it is counted: by `place_id`, else by `lat`, `lng`, else by `area_id` (then spread
    over the area's cells by residents, and shown so). At least one of the three is required.
    `weight` is the number of cases the report stands for (1 unless reported by area); a
    retracted case stands for none. Times: `onset_date` is the first symptom's local day,
    `report_ms` when the authority learnt of this revision, which is the record's event time.
    """

    v: Version1
    case_id: Identifier
    revision: Revision
    category: Category
    status: Status
    report_ms: Instant
    source: Identifier
    onset_date: Day | None = None
    person: Pseudonym | None = None
    household: Pseudonym | None = None
    lat: Latitude | None = None
    lng: Longitude | None = None
    place_id: Identifier | None = None
    area_id: Identifier | None = None
    weight: Weight = 1.0
    imported: bool = False
