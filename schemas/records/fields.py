"""Types of fields that several records share; each description says what is expected."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

LARGEST_MS = 4_102_444_800_000  # 2100-01-01, above any clock that is not broken

Version1 = Annotated[Literal[1], Meta(description="version 1")]
Instant = Annotated[
    int,
    Meta(ge=0, lt=LARGEST_MS, description="integer milliseconds since 1970 UTC, before 2100"),
]
Identifier = Annotated[
    str, Meta(min_length=1, max_length=128, description="text of 1 to 128 characters")
]
Pseudonym = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        description="a pseudonym (keyed hash) of 1 to 64 characters",
    ),
]
Latitude = Annotated[float, Meta(ge=-90.0, le=90.0, description="degrees in -90..90")]
Longitude = Annotated[float, Meta(ge=-180.0, le=180.0, description="degrees in -180..180")]
Day = Annotated[
    str,
    Meta(pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$", description="a day, YYYY-MM-DD"),
]
Count = Annotated[int, Meta(ge=0, description="a whole number of 0 or more")]
Cell = Annotated[str, Meta(pattern=r"^[0-9a-f]{15}$", description="an H3 cell, 15 hex digits")]
