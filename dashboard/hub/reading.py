"""Reading: how far the counting job is in the log, and whether it is catching up with it.

    offset  0 .......... position ............. end
            [- read ----]        [- came in the last seconds: nobody is behind for it -)
                        [ behind )

While a log of hours is read, its newest minutes are not settled, whatever the clock says.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from dashboard.hub.accounts import Accounts

GRACE_MS: Final = 5_000
"""What came within the last seconds may still be under way."""
STUCK_MS: Final = 60_000
"""Who is behind and has read nothing for so long is not catching up."""
OLD_MS: Final = 15_000
"""A live picture that is younger is up to date, whatever is still to be read."""
NEARLY_ALL: Final = 0.99
"""Share of the log of a replay from which on the rest is the usual delay."""


class Phase(StrEnum):
    """What the counting job is doing with the log."""

    FOLLOWING = "following"
    CATCHING = "catching"
    STALLED = "stalled"


@dataclass
class Reading:
    """Watches accounts and ends of the log go by; how long ago is said by a clock never set."""

    _ends: deque[tuple[int, Mapping[int, int]]] = field(default_factory=deque)
    _read: int = -1
    _moved_at_ms: int = 0

    def saw(self, accounts: Accounts, at_ms: int) -> None:
        """Remember where the log ends now, and whether something was read since."""
        if accounts.ends and (not self._ends or self._ends[-1][1] != accounts.ends):
            self._ends.append((at_ms, dict(accounts.ends)))
        while len(self._ends) > 1 and self._ends[1][0] <= at_ms - GRACE_MS:
            self._ends.popleft()
        read = sum(position for _, position in accounts.positions())
        if read != self._read or not self.behind(accounts):
            self._read, self._moved_at_ms = read, at_ms

    def behind(self, accounts: Accounts) -> list[int]:
        """Name the partitions of which something is unread that is not just coming in."""
        # before anything was read there is no usual delay: what is there is waiting
        due = self._ends[0][1] if self._ends and accounts.by_partition else accounts.ends
        position = accounts.position_of
        return [
            partition
            for partition, end in accounts.ends.items()
            if position(partition) < min(end, due.get(partition, 0))
        ]

    def settled_ms(self, accounts: Accounts) -> int:
        """Give up to which arrival everything is read; 0 where a partition was not begun."""
        arrivals = {p.partition: p.arrival_ms for p in accounts.by_partition.values()}
        held_up = [arrivals.get(partition, 0) for partition in self.behind(accounts)]
        return min([accounts.arrival_ms, *held_up])

    def phase(self, accounts: Accounts, at_ms: int, now_ms: int | None) -> Phase:
        """Say whether the job follows the log, catches up with it, or has stopped reading.

        `now_ms` is the time of day, None in a replay, whose arrivals are not of today.
        """
        if not self.behind(accounts):
            return Phase.FOLLOWING
        if now_ms is not None:
            is_near = now_ms - self.settled_ms(accounts) < OLD_MS
        else:
            is_near = (accounts.completeness() or 0.0) >= NEARLY_ALL
        if at_ms - self._moved_at_ms >= STUCK_MS:
            return Phase.STALLED
        return Phase.FOLLOWING if is_near else Phase.CATCHING
