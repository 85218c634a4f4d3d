"""Several processes that work stretches out; the order of what comes back is that of the day."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from simulators.city.stretches import Gates, Part, Stretch

Work = Callable[[Iterable[Part]], Iterator[Stretch]]
_AHEAD = 2


def alone(gates: Gates) -> Work:
    """Work stretches out in this process, one after the other."""
    return lambda parts: map(gates.stretch, parts)


@contextmanager
def working(gates: Gates, number: int) -> Iterator[Work]:
    """Let so many processes work; a stretch is the same whoever works it out."""
    if number <= 1:
        yield alone(gates)
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(number, _begin, (gates,)) as pool:

        def work(parts: Iterable[Part]) -> Iterator[Stretch]:
            waiting: deque[multiprocessing.pool.AsyncResult[Stretch]] = deque()
            for part in parts:
                waiting.append(pool.apply_async(_stretch, (part,)))
                if len(waiting) > _AHEAD * number:
                    yield waiting.popleft().get()
            while waiting:
                yield waiting.popleft().get()

        yield work


_GATES: list[Gates] = []


def _begin(gates: Gates) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the first process's to answer
    _GATES[:] = [gates]


def _stretch(part: Part) -> Stretch:
    return _GATES[0].stretch(part)
