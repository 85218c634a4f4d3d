"""Pieces: some messages of one partition packed into one text, so that they cross at once.

The stream packs them where they are read: each message a line of its offset, arrival and
payload, in any order. A payload has no line break of its own: JSON that is laid out in lines
means the same with spaces.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

BETWEEN = "\n"
BROKEN = "�"
"""What bytes that are no UTF-8 become on the way; such a payload is refused."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a topic: its arrival (Kafka's record timestamp) and payload."""

    arrival_ms: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Piece:
    """Some messages of one partition of one topic, as packed."""

    topic: str
    partition: int
    lines: str

    @classmethod
    def of(cls, topic: str, partition: int, messages: Iterable[Message]) -> Piece:
        """Pack messages as the stream does."""
        lines = (
            f"{each.arrival_ms} {each.payload.decode(errors='replace').replace(BETWEEN, ' ')}"
            for each in messages
        )
        return cls(topic, partition, BETWEEN.join(lines))

    def messages(self) -> list[Message]:
        """Take the messages out again; a line without arrival and payload is none."""
        found = []
        for line in self.lines.split(BETWEEN):
            arrival, space, payload = line.partition(" ")
            if space and arrival.isdigit():
                found.append(Message(int(arrival), payload.encode()))
        return found

    def payloads(self) -> list[bytes]:
        """Take the payloads out alone."""
        return [line.partition(" ")[2].encode() for line in self.lines.split(BETWEEN)]
