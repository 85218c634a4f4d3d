"""Fold: the picture's records; of two records of one key the greater revision stands.

topics of the picture --> Picture (the newest record of each key)
                             `--> PictureView: what stands at one moment, never changed
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

import h3
import msgspec

from dashboard.errors import CapacityError
from dashboard.hub.decode import decode_each
from dashboard.hub.layers import RESOLUTIONS
from schemas.codec import decoder
from schemas.records import Aberration, AreaRt, CellDensity, CellRisk, Cluster, Hotspot
from schemas.records.picture import Statement
from schemas.topics import (
    ABERRATIONS,
    AREA_RT,
    CELL_DENSITY,
    CELL_RISK,
    CLUSTERS,
    HOTSPOTS,
    Topic,
)

if TYPE_CHECKING:
    from dashboard.hub.places import Places
    from geo.gazetteer import Gazetteer

S = TypeVar("S", bound=Statement)
T = TypeVar("T")
Key = Any
TOPICS: Final = (CELL_DENSITY, CELL_RISK, HOTSPOTS, CLUSTERS, AREA_RT, ABERRATIONS)
NAMES: Final = frozenset(topic.name for topic in TOPICS)
CITY: Final = "city"
"""Area of the records that speak of the whole city."""
MOST_RANKS: Final = 1_000
_KEYS: Final[Mapping[type[Statement], Callable[[Any], Key]]] = MappingProxyType(
    {
        CellDensity: lambda r: (r.cell, r.window_min),
        CellRisk: lambda r: r.cell,
        Hotspot: lambda r: r.cell,
        Cluster: lambda r: r.rank,
        AreaRt: lambda r: r.area_id,
        Aberration: lambda r: (r.area_id, r.series),
    }
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a topic was last spoken on, and what its newest record says of itself."""

    as_of_ms: int
    complete_to_ms: int
    completeness: float
    revision: int
    formula: str

    @classmethod
    def of(cls, record: Statement) -> Stamp:
        """Copy a record's stamp."""
        return cls(
            record.as_of_ms,
            record.complete_to_ms,
            record.completeness,
            record.revision,
            record.formula,
        )


@dataclass(frozen=True)
class PictureView:
    """What stands of every topic at one moment; layers are worked out once, when asked for."""

    records: Mapping[str, Mapping[Key, Any]] = field(default_factory=dict)
    stamps: Mapping[str, Stamp] = field(default_factory=dict)
    _made: dict[Any, tuple[Any, Any]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def of(self, topic: Topic) -> Mapping[Key, Any]:
        """Give the records of a topic by key; none where none came yet."""
        return self.records.get(topic.name, {})

    def stamp(self, topic: Topic) -> Stamp | None:
        """Give the newest stamp of a topic; None where no record came yet."""
        return self.stamps.get(topic.name)

    def once(self, key: Any, ground: Any, make: Callable[[], T]) -> T:
        """Give what was made for `key` on the same `ground`, or make it."""
        with self._lock:
            held = self._made.get(key)
            if held is None or held[0] is not ground:
                self._made[key] = held = (ground, make())
            made: T = held[1]
            return made


class Picture:
    """The newest record of every key, as far as the city knows its cell or area."""

    def __init__(self, gazetteer: Gazetteer, places: Places, limit: int) -> None:
        self.gazetteer, self.places, self.limit = gazetteer, places, limit
        self.n_read = self.n_bad = self.n_old = 0
        self._records: dict[str, dict[Key, Any]] = {topic.name: {} for topic in TOPICS}
        self._stamps: dict[str, Stamp] = {}
        self._view: PictureView | None = PictureView()

    def fold(self, messages: Mapping[str, Sequence[bytes | None]]) -> bool:
        """Take messages of the picture's topics in any order; say whether something changed."""
        changed = False
        for topic in TOPICS:
            payloads = messages.get(topic.name)
            if payloads:
                changed |= self._take(topic, list(payloads))
        if changed:
            self._view = None
        return changed

    def view(self) -> PictureView:
        """Give what stands now; the same object until something changes."""
        if self._view is None:
            copies = {name: dict(records) for name, records in self._records.items()}
            self._view = PictureView(copies, dict(self._stamps))
        return self._view

    def _take(self, topic: Topic, payloads: list[bytes | None]) -> bool:
        record: type[Any] = topic.record
        read, n_bad = _read(payloads, record)
        self.n_read += len(payloads)
        self.n_bad += n_bad
        held, key_of = self._records[topic.name], _KEYS[record]
        return sum(self._stand(topic.name, held, key_of(one), one) for one in read) > 0

    def _stand(self, topic: str, held: dict[Key, Any], key: Key, record: Statement) -> bool:
        before = held.get(key)
        if before is not None and before.revision > record.revision:
            self.n_old += 1
            return False
        if before is None and not (len(held) < self.limit and self._is_known(record)):
            self.n_bad += 1
            return False
        held[key] = record
        stamp = self._stamps.get(topic)
        if stamp is None or (record.as_of_ms, record.revision) >= (stamp.as_of_ms, stamp.revision):
            self._stamps[topic] = Stamp.of(record)
        return True

    def _is_known(self, record: Any) -> bool:
        """Say whether a record is about this city; its cell is added to the table."""
        if isinstance(record, (AreaRt, Aberration)):
            return record.area_id == CITY or record.area_id in self.gazetteer.area_index
        if isinstance(record, Cluster):
            return record.rank <= MOST_RANKS
        if record.res not in RESOLUTIONS or not h3.is_valid_cell(record.cell):
            return False
        if h3.get_resolution(record.cell) != record.res:
            return False
        try:
            self.places.know(int(record.cell, 16), record.res)
        except CapacityError:
            return False
        return True


def _read(payloads: list[bytes | None], record: type[S]) -> tuple[list[S], int]:
    """Read messages in one pass; only a batch with a bad message is read one by one."""
    many: type[Any] = list[record]  # type: ignore[valid-type]
    try:
        return decoder(many).decode(b"[" + b",".join(payloads) + b"]"), 0  # type: ignore[arg-type]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, TypeError):
        return decode_each(payloads, record)
