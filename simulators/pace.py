"""How fast a run goes: what simulated instant belongs to a wall-clock instant."""

from __future__ import annotations

from dataclasses import dataclass

AS_FAST_AS_POSSIBLE = float("inf")


@dataclass(frozen=True, slots=True)
class Pace:
    """From `wall_ms` on, `speed` simulated seconds pass in a second, starting at `start_ms`.

    A live run has speed 1 and the wall clock itself as its start.
    """

    start_ms: int
    wall_ms: int
    speed: float = 1.0

    def due_ms(self, now_ms: int, done_ms: int, furthest_ms: int) -> int:
        """Say up to which simulated instant to send now, at most `furthest_ms`.

        Never before `done_ms`: a wall clock that is set back makes a run wait, not repeat.
        """
        if self.speed == AS_FAST_AS_POSSIBLE:
            return furthest_ms
        return max(done_ms, min(furthest_ms, self._simulated_ms(now_ms)))

    def behind_s(self, now_ms: int, done_ms: int) -> float:
        """Say how many wall-clock seconds a run is behind its pace; 0 where it has none."""
        if self.speed == AS_FAST_AS_POSSIBLE:
            return 0.0
        return max(0.0, (self._simulated_ms(now_ms) - done_ms) / self.speed / 1000)

    def _simulated_ms(self, now_ms: int) -> int:
        return self.start_ms + int((now_ms - self.wall_ms) * self.speed)
