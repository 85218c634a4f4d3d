"""One check-in: somebody passes, or is refused at, a gate, door, code or phone."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from schemas.records.fields import (
    Identifier,
    Instant,
    Latitude,
    Longitude,
    Pseudonym,
    Version1,
)

Direction = Annotated[
    Literal["in", "out", "pass", "denied"],
    Meta(description="one of in, out, pass, denied"),
]
Channel = Annotated[
    Literal["qr", "face", "door", "phone", "manual"],
    Meta(description="one of qr, face, door, phone, manual"),
]
Purpose = Annotated[
    Literal["entry_exit", "disinfection", "key_person", "volunteer", "other"],
    Meta(description="one of entry_exit, disinfection, key_person, volunteer, other"),
]
Temperature = Annotated[float, Meta(ge=25.0, le=45.0, description="degrees Celsius in 25..45")]
Reason = Annotated[str, Meta(max_length=200, description="text of at most 200 characters")]

FEVER_C = 37.3
"""A reading of this or more counts as fever; core-equivalent degrees Celsius."""


class CheckIn(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One passage, by the clock of the device that saw it.

    It happened at its registered `place_id`; without one, at the H3 cell of resolution 12
    that holds `lat`, `lng` (WGS-84). One of the two is required. `person` and `household`
    are pseudonyms made at the edge, never a name, phone or identity number.
    """

    v: Version1
    event_id: Identifier
    event_ms: Instant
    person: Pseudonym
    direction: Direction
    channel: Channel
    purpose: Purpose
    source: Identifier
    place_id: Identifier | None = None
    lat: Latitude | None = None
    lng: Longitude | None = None
    household: Pseudonym | None = None
    temperature_c: Temperature | None = None
    reason: Reason | None = None
    device_id: Identifier | None = None
