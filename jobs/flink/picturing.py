"""The picture in Flink: one keyed function that holds a city's state and speaks at its ticks.

    piece ----> waiting (written down as it comes) --.
    timer ----> fold all that waits --> tick --> what is new, and what changed of the state

Python is not told of checkpoints, so whatever must survive one is written to Flink's state before
a call returns: pieces as they come, the picture's changes once, when all of them are made. Flink
lets every call it has begun return before it takes a checkpoint, so none falls within a call.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from pyflink.common import Row, Types
from pyflink.datastream import DataStream, KeyedProcessFunction
from pyflink.datastream.state import ListStateDescriptor, MapStateDescriptor

from cities.pack import load
from jobs.config import PictureConfig
from jobs.steps.picture.ground import Ground
from jobs.steps.picture.keeping import changes, restored
from jobs.steps.picture.picture import Picture
from jobs.steps.picture.pieces import Piece
from jobs.steps.picture.settings import PictureSettings
from jobs.steps.picture.statements import Outgoing
from jobs.steps.picture.ticks import Ticks

UID = "picture"
CITY_KEY = 0
MOST_WAITING = 32
"""Pieces that may wait for the next tick; more are folded at once, as when catching up."""

LINES_AT_ONCE = 500
SAID = Types.ROW_NAMED(["topic", "packed"], [Types.STRING(), Types.STRING()])


def picture_of(pieces: DataStream, config: PictureConfig) -> DataStream:
    """Put the function behind pieces (topic, partition, lines); give what it says, packed."""
    keyed = pieces.key_by(lambda _piece: CITY_KEY, key_type=Types.INT())
    return keyed.process(SayPicture(config), output_type=SAID).uid(UID).name(UID)


class SayPicture(KeyedProcessFunction):  # type: ignore[misc]
    """Adapts `jobs.steps.picture` to a key's state and timers."""

    def __init__(self, config: PictureConfig) -> None:
        self._config = config

    def open(self, runtime_context: Any) -> None:
        """Load the city once a worker; the state is read when its key is first met."""
        pack = load(self._config.city)
        self._settings = PictureSettings.of(pack)
        self._ground = Ground.of(pack.gazetteer, self._settings.statistics.scan_rings)
        self._ticks = Ticks.of(self._settings.statistics)
        self._picture: Picture | None = None
        self._waiting: list[Piece] = []
        self._timer_ms = 0
        self._kept = runtime_context.get_map_state(
            MapStateDescriptor("kept", Types.STRING(), Types.PICKLED_BYTE_ARRAY())
        )
        self._pieces = runtime_context.get_list_state(
            ListStateDescriptor("pieces", Types.PICKLED_BYTE_ARRAY())
        )

    def process_element(self, value: Any, ctx: KeyedProcessFunction.Context) -> Iterator[Row]:
        """Let a piece wait for the next tick."""
        picture = self._present()
        piece = Piece(value[0], value[1], value[2])
        self._waiting.append(piece)
        self._pieces.add((piece.topic, piece.partition, piece.lines))
        if len(self._waiting) >= MOST_WAITING:
            self._fold(picture)
            self._write_down(picture)
        if not self._timer_ms:
            self._wait(ctx.timer_service())
        yield from ()

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Iterator[Row]:
        """Fold what waits and say what is new."""
        picture = self._present()
        self._fold(picture)
        yield from packed(picture.tick(self._ticks.due(timestamp), timestamp))
        self._write_down(picture)
        self._wait(ctx.timer_service())

    def _present(self) -> Picture:
        if self._picture is None:
            self._picture = restored(self._ground, self._settings, self._kept.items())
            self._waiting = [Piece(*piece) for piece in self._pieces.get()]
        return self._picture

    def _fold(self, picture: Picture) -> None:
        for piece in self._waiting:
            picture.fold(piece)
        self._waiting = []
        self._pieces.clear()

    def _write_down(self, picture: Picture) -> None:
        for key, value in changes(picture):
            if value is None:
                self._kept.remove(key)
            else:
                self._kept.put(key, value)

    def _wait(self, timers: Any) -> None:
        self._timer_ms = self._ticks.next_ms(timers.current_processing_time())
        timers.register_processing_time_timer(self._timer_ms)


def packed(said: Iterator[Outgoing]) -> Iterator[Row]:
    """Pack records of one topic into rows of many lines, each a key and a value."""
    for topic, records in groupby(said, key=lambda each: each.topic):
        lines: list[str] = []
        for record in records:
            lines.append(f"{record.key}\t{record.value.decode()}")
            if len(lines) == LINES_AT_ONCE:
                yield Row(topic, "\n".join(lines))
                lines = []
        if lines:
            yield Row(topic, "\n".join(lines))
