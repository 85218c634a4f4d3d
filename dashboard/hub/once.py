"""Once: a value that the first who asks works out, and the others wait for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """Holds one value of one object.

    `functools.cached_property` of Python 3.11 has one lock for all objects of a class: whoever
    asks the newest view would wait for everybody who still asks an older one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: list[T] = []

    def get(self, make: Callable[[], T]) -> T:
        """Give the value; `make` is called once, unless it raises."""
        with self._lock:
            if not self._values:
                self._values.append(make())
            return self._values[0]
