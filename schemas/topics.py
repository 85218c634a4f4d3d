"""The one list of topics; every topic is complete: name, record, key, partitions, retention."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

import msgspec

from schemas.errors import UnknownTopicError
from schemas.records import (
    Aberration,
    AreaMinute,
    AreaRt,
    CaseReport,
    CellDensity,
    CellMinute,
    CellRisk,
    CheckIn,
    Clue,
    Cluster,
    GridVisit,
    Hotspot,
    Late,
    PlaceMinute,
    Progress,
    Rejected,
    Resource,
)
from schemas.times import milliseconds

MIB = 1 << 20
FOREVER_MS = -1


@dataclass(frozen=True, slots=True)
class Topic:
    """One Kafka topic, as a contract between the parts.

    `retention` is how long a record is kept by its Kafka timestamp (arrival); None keeps it
    for ever. A compacted topic also keeps, within that time, only the last value of each key.
    """

    name: str
    record: type[msgspec.Struct]
    key: str
    about: str
    partitions: int
    retention: timedelta | None
    compacted: bool = False
    max_message_bytes: int = MIB
    version: int = 1

    def settings(self, *, keep_all: bool = False) -> dict[str, str]:
        """Give the broker's settings of this topic.

        `keep_all` keeps every record for ever. A city whose arrival clock is that of a
        replay needs it: the broker would delete records of 2020 as long expired.
        """
        forever = keep_all or self.retention is None
        policy = ("compact" if forever else "compact,delete") if self.compacted else "delete"
        kept_ms = FOREVER_MS if forever else milliseconds(self.retention or timedelta())
        return {
            "cleanup.policy": policy,
            "retention.ms": str(kept_ms),
            "max.message.bytes": str(self.max_message_bytes),
            "message.timestamp.type": "CreateTime",
            "compression.type": "lz4",
            # A busy slice is rewritten several times a minute; an hour later one value is left.
            "min.compaction.lag.ms": str(milliseconds(timedelta(hours=1)) if self.compacted else 0),
        }


CHECKINS = Topic(
    name="checkins",
    record=CheckIn,
    key="place_id, else source",
    about="Passages as gates, codes, doors and phones report them.",
    partitions=4,
    retention=timedelta(days=7),
    max_message_bytes=4 * MIB,
)
CASES = Topic(
    name="cases",
    record=CaseReport,
    key="case_id",
    about="Revisions of case reports from hospitals, CDC and laboratories.",
    partitions=1,
    retention=None,
)
VISITS = Topic(
    name="visits",
    record=GridVisit,
    key="household",
    about="Grid workers' visits and phone checks, with what they found.",
    partitions=1,
    retention=timedelta(days=90),
)
CLUES = Topic(
    name="clues",
    record=Clue,
    key="clue_id",
    about="Revisions of needs and tips, from being opened to being done.",
    partitions=1,
    retention=None,
)
RESOURCES = Topic(
    name="resources",
    record=Resource,
    key="resource_id",
    about="Beds, vehicles and staff: how many there are and how many are free.",
    partitions=1,
    retention=None,
    compacted=True,
)
CHECKINS_REJECTED = Topic(
    name="checkins-rejected",
    record=Rejected,
    key="topic-partition-offset",
    about="Check-ins that could not be used, with reason, place on the bus and payload.",
    partitions=1,
    retention=timedelta(days=30),
    # A rejected payload is base64, a third longer than the message it was.
    max_message_bytes=8 * MIB,
)
CHECKINS_LATE = Topic(
    name="checkins-late",
    record=Late,
    key="topic-partition-offset",
    about="Sound check-ins that arrived more than 24 hours after they happened.",
    partitions=1,
    retention=timedelta(days=30),
    max_message_bytes=4 * MIB,
)
CHECKINS_PROGRESS = Topic(
    name="checkins-progress",
    record=Progress,
    key="topic-partition",
    about="How far counts has read each partition, and its accounts.",
    partitions=1,
    retention=None,
    compacted=True,
)
PLACE_MINUTES = Topic(
    name="place-minutes",
    record=PlaceMinute,
    key="place_id|minute_ms",
    about="Full counts of one place and minute, with the place's cells and grid.",
    partitions=4,
    retention=timedelta(days=8),
    compacted=True,
)
CELL_MINUTES = Topic(
    name="cell-minutes",
    record=CellMinute,
    key="cell|minute_ms",
    about="Full counts of one H3 cell (resolutions 7, 8 and 9) and minute.",
    partitions=4,
    retention=timedelta(days=8),
    compacted=True,
)
AREA_MINUTES = Topic(
    name="area-minutes",
    record=AreaMinute,
    key="area_id|minute_ms",
    about="Full counts of one area (every level of the city) and minute.",
    partitions=4,
    retention=timedelta(days=8),
    compacted=True,
)
CELL_DENSITY = Topic(
    name="cell-density",
    record=CellDensity,
    key="cell|window_min",
    about="How crowded each cell is: passages of a rolling window, restated every 10 seconds.",
    partitions=1,
    retention=timedelta(days=1),
    compacted=True,
)
CELL_RISK = Topic(
    name="cell-risk",
    record=CellRisk,
    key="cell",
    about="Relative risk of each inhabited cell with interval, probabilities and shares.",
    partitions=1,
    retention=None,
    compacted=True,
)
HOTSPOTS = Topic(
    name="hotspots",
    record=Hotspot,
    key="cell",
    about="How far each cell and its neighbours stand out in cases of late, and how surely.",
    partitions=1,
    retention=None,
    compacted=True,
)
CLUSTERS = Topic(
    name="clusters",
    record=Cluster,
    key="rank",
    about="Clusters in space and time that the last hourly scan found, strongest first.",
    partitions=1,
    retention=None,
    compacted=True,
)
AREA_RT = Topic(
    name="area-rt",
    record=AreaRt,
    key="area_id",
    about="Reproduction number, growth, doubling time and relative risk of each area.",
    partitions=1,
    retention=None,
    compacted=True,
)
ABERRATIONS = Topic(
    name="aberrations",
    record=Aberration,
    key="area_id|series",
    about="Areas whose cases or fever readings are unusual beside their own past.",
    partitions=1,
    retention=None,
    compacted=True,
)

TOPICS = MappingProxyType(
    {
        topic.name: topic
        for topic in (
            CHECKINS,
            CASES,
            VISITS,
            CLUES,
            RESOURCES,
            CHECKINS_REJECTED,
            CHECKINS_LATE,
            CHECKINS_PROGRESS,
            PLACE_MINUTES,
            CELL_MINUTES,
            AREA_MINUTES,
            CELL_DENSITY,
            CELL_RISK,
            HOTSPOTS,
            CLUSTERS,
            AREA_RT,
            ABERRATIONS,
        )
    }
)


def topic_named(name: str) -> Topic:
    """Find a topic by its name."""
    try:
        return TOPICS[name]
    except KeyError:
        raise UnknownTopicError.named(name, sorted(TOPICS)) from None
