"""Viewers: who looks at which layer, and what waits to be sent to whom.

Runs on the event loop. Every viewer of a layer gets the same bytes. A viewer who does not
keep up loses the backlog and gets one snapshot instead, so that nobody waits for him and
nothing grows.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from dashboard.hub.streams import AnyLayer, Update

QUIET_BEATS = 3
"""Of so many heartbeats one is sent where there are no frames."""


@dataclass(eq=False)
class Viewer:
    """One browser: its layer and the messages that wait for it."""

    layer: AnyLayer | None = None
    waiting: deque[bytes | str] = field(default_factory=deque)
    needs_snapshot: bool = False
    sent_at_ms: int = 0
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, message: bytes | str) -> None:
        """Let a message wait for the viewer."""
        self.waiting.append(message)
        self.ready.set()


class Viewers:
    """All browsers of this process; `steady_ms` is a clock that is never set."""

    def __init__(
        self, steady_ms: Callable[[], int], *, limit: int, queue: int, heartbeat_ms: int
    ) -> None:
        self._steady_ms = steady_ms
        self.limit, self.queue, self.heartbeat_ms = limit, queue, heartbeat_ms
        self.present: set[Viewer] = set()
        self.updates: dict[AnyLayer, Update] = {}
        self.frames = self.dropped = self.resyncs = 0
        self._wanted: frozenset[AnyLayer] = frozenset()

    def wanted(self) -> frozenset[AnyLayer]:
        """Give the layers somebody looks at; read from the hub's thread."""
        return self._wanted

    def accounts(self) -> dict[str, int]:
        """Give counts for the status; read from the hub's thread."""
        return {
            "viewers": len(self.present),
            "frames": self.frames,
            "dropped": self.dropped,
            "resyncs": self.resyncs,
        }

    def join(self, viewer: Viewer) -> bool:
        """Let a viewer in; False when the house is full."""
        if len(self.present) >= self.limit:
            return False
        self.present.add(viewer)
        return True

    def leave(self, viewer: Viewer) -> None:
        """Forget a viewer."""
        self.present.discard(viewer)
        self._count_wanted()

    def subscribe(self, viewer: Viewer, layer: AnyLayer) -> None:
        """Show a viewer another layer, from a snapshot on."""
        viewer.layer = layer
        viewer.waiting = deque(m for m in viewer.waiting if isinstance(m, str))
        viewer.needs_snapshot = True
        self._count_wanted()
        if layer in self.updates:
            viewer.ready.set()

    def resync(self, viewer: Viewer) -> None:
        """Start a viewer's layer again from a snapshot."""
        self.resyncs += 1
        if viewer.layer is not None:
            self.subscribe(viewer, viewer.layer)

    def _count_wanted(self) -> None:
        self._wanted = frozenset(v.layer for v in self.present if v.layer is not None)

    def tell_all(self, text: str) -> None:
        """Let a text message wait for everybody."""
        for viewer in self.present:
            viewer.put(text)

    def publish(self, updates: list[Update], quiet: str = "") -> None:
        """Hand the hub's updates to those who look at their layers.

        Who gets no frames, as there are none yet, hears `quiet` now and then: a line on
        which nothing comes looks dead.
        """
        self.updates = {update.layer: update for update in updates}
        at_ms = self._steady_ms()
        for viewer in self.present:
            update = self.updates.get(viewer.layer) if viewer.layer else None
            if update is None:
                self._keep_alive(viewer, quiet, at_ms)
                continue
            if viewer.needs_snapshot:
                viewer.ready.set()
            elif update.change is not None:
                self._offer(viewer, update.change)
            elif at_ms - viewer.sent_at_ms >= self.heartbeat_ms and not viewer.waiting:
                viewer.put(update.heartbeat)

    def _keep_alive(self, viewer: Viewer, quiet: str, at_ms: int) -> None:
        silent_ms = at_ms - viewer.sent_at_ms
        if quiet and not viewer.waiting and silent_ms >= QUIET_BEATS * self.heartbeat_ms:
            viewer.put(quiet)

    def _offer(self, viewer: Viewer, change: bytes) -> None:
        if len(viewer.waiting) < self.queue:
            viewer.put(change)
            return
        self.dropped += len(viewer.waiting)
        viewer.waiting = deque(m for m in viewer.waiting if isinstance(m, str))
        viewer.needs_snapshot = True
        viewer.ready.set()

    async def next_message(self, viewer: Viewer) -> bytes | str:
        """Wait for what goes to a viewer next."""
        while (message := self.take(viewer)) is None:
            viewer.ready.clear()
            await viewer.ready.wait()
        return message

    def take(self, viewer: Viewer) -> bytes | str | None:
        """Take what goes to a viewer next; a snapshot is as of the moment it is taken."""
        if viewer.waiting:
            return self._sent(viewer, viewer.waiting.popleft())
        update = self.updates.get(viewer.layer) if viewer.layer else None
        if not viewer.needs_snapshot or update is None:
            return None
        viewer.needs_snapshot = False
        return self._sent(viewer, update.snapshot)

    def _sent(self, viewer: Viewer, message: bytes | str) -> bytes | str:
        viewer.sent_at_ms = self._steady_ms()
        self.frames += isinstance(message, bytes)
        return message
