"""Kafka: the source of the war room; every process reads all partitions, without a group."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dashboard.hub.reader import Reader
from dashboard.hub.source import Batch
from schemas.broker import Broker

log = logging.getLogger(__name__)

RETRY_S: Final = 1.0


@dataclass
class KafkaSource:
    """Gives what the result topics hold and what comes after; waits while the broker is away.

    A topic that was deleted and made anew is another log: everything is read from its begin
    again, by a new client that knows nothing of the old one, and the batch before says so.
    """

    broker: Broker
    closed: bool = False

    def batches(self) -> Iterator[Batch]:
        """Look at the bus again and again."""
        while not self.closed:
            reader = Reader(self.broker)
            try:
                yield from self._until_begun(reader)
                yield from self._while_the_same(reader)
            finally:
                reader.close()

    def close(self) -> None:
        """End `batches` after its present look."""
        self.closed = True

    def _until_begun(self, reader: Reader) -> Iterator[Batch]:
        """Wait for the broker and the topics; they may still be on their way."""
        while not self.closed and not reader.begin():
            yield Batch(caught_up=False, trouble=reader.trouble)
            time.sleep(RETRY_S)

    def _while_the_same(self, reader: Reader) -> Iterator[Batch]:
        """Look until a topic is another one than it was."""
        while not self.closed:
            yield reader.look()
            if (topic := reader.identity.anew()) is not None:
                log.warning("topic %s was made anew: everything is read again", topic)
                yield Batch(caught_up=False, anew=True)
                return
