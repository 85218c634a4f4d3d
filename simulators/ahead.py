"""Make the next thing while this one is used: what takes seconds is ready when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

T = TypeVar("T")


class Ahead(Iterator[T], Generic[T]):
    """Gives what another iterator gives, in its order; one item is always made ahead.

    All is made in one thread, one item after the other, so it is what it would be without.
    An error of the making is raised where the item it was making is asked for.
    """

    def __init__(self, source: Iterator[T]) -> None:
        self._source = source
        self._thread = ThreadPoolExecutor(1, "ahead")
        self._next = self._begun()

    def _begun(self) -> Future[T | None]:
        return self._thread.submit(next, self._source, None)

    def __next__(self) -> T:
        """Give the next item, and begin the one after it."""
        made = self._next.result()
        if made is None:
            raise StopIteration
        self._next = self._begun()
        return made

    def close(self) -> None:
        """Wait for what is being made, and make no more."""
        self._thread.shutdown(wait=True, cancel_futures=True)
