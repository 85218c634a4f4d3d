"""Socket: one browser's web socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from dashboard.edition import edition
from dashboard.errors import RequestError
from dashboard.hub import wire
from dashboard.hub.hub import Hub
from dashboard.hub.layers import layer_of
from dashboard.hub.statistics.catalog import STATISTICS, statistic_layer_of
from dashboard.hub.streams import AnyLayer
from dashboard.hub.view import HubView
from dashboard.hub.viewers import Viewer, Viewers

POLICY, TRY_LATER = 1008, 1013
LONGEST_MESSAGE = 1_024


def tables_text(view: HubView) -> dict[str, Any]:
    """Name the cell tables that frames are about."""
    return {str(t.res): {"hash": t.digest.hex(), "n": len(t.cells)} for t in view.tables}


def hello_text(hub: Hub) -> str:
    """Write the first message: what the browser must know before the first frame."""
    view = hub.view
    hello = {
        "wire": wire.VERSION,
        "hub": view.state.hub["started_ms"],
        "edition": edition(),
        "city": hub.city.id,
        "k": view.k,
        "state": view.state.state,
        "tables": tables_text(view),
        "statistics": list(STATISTICS),
    }
    return msgspec.json.encode({"hello": hello}).decode()


class Sockets:
    """The endpoint `/ws`."""

    def __init__(self, hub: Hub, viewers: Viewers) -> None:
        self.hub, self.viewers = hub, viewers

    async def serve(self, socket: WebSocket) -> None:
        """Keep one browser up to date until it goes."""
        if not is_same_origin(socket):
            await socket.close(POLICY)
            return
        await socket.accept()
        viewer = Viewer()
        if not self.viewers.join(viewer):
            await socket.close(TRY_LATER, "too many viewers")
            return
        viewer.put(hello_text(self.hub))
        writer = asyncio.create_task(self._write(socket, viewer))
        try:
            await self._read(socket, viewer)
        finally:
            self.viewers.leave(viewer)
            writer.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await writer

    async def _write(self, socket: WebSocket, viewer: Viewer) -> None:
        while True:
            message = await self.viewers.next_message(viewer)
            if isinstance(message, bytes):
                await socket.send_bytes(message)
            else:
                await socket.send_text(message)

    async def _read(self, socket: WebSocket, viewer: Viewer) -> None:
        with suppress(WebSocketDisconnect):
            while True:
                message = await socket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                self._obey(viewer, message.get("text") or "")

    def _obey(self, viewer: Viewer, text: str) -> None:
        try:
            asked = _read_message(text)
            if asked.get("resync") is True:
                self.viewers.resync(viewer)
            else:
                self.viewers.subscribe(viewer, any_layer_of(asked.get("subscribe")))
        except RequestError as error:
            if len(viewer.waiting) <= self.viewers.queue:  # who sends nonsense cannot fill memory
                viewer.put(msgspec.json.encode({"error": str(error)}).decode())


def any_layer_of(asked: Any) -> AnyLayer:
    """Read which layer a browser wants: of counts, or of a statistic."""
    if isinstance(asked, dict) and "statistic" in asked:
        return statistic_layer_of(asked)
    return layer_of(asked)


def _read_message(text: str) -> dict[str, Any]:
    if len(text) > LONGEST_MESSAGE:
        raise RequestError(
            f"message has {len(text)} characters: expected at most {LONGEST_MESSAGE}"
        )
    try:
        asked = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        raise RequestError("message: expected JSON with subscribe or resync") from None
    if not isinstance(asked, dict):
        raise RequestError("message: expected a JSON object with subscribe or resync")
    return asked


def is_same_origin(socket: WebSocket) -> bool:
    """Say whether a page of this war room opened the socket, or no browser at all."""
    origin = socket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host")


def state_text(view: HubView) -> str:
    """Write what the hub is doing, for those who get no frames."""
    return msgspec.json.encode({"state": view.state.state}).decode()


def announce(viewers: Viewers) -> Callable[[HubView], None]:
    """Give a function that tells all viewers when the tables or the hub's state change."""
    said: dict[str, Any] = {}

    def look(view: HubView) -> None:
        now = {"tables": tables_text(view), "state": view.state.state}
        for name, value in now.items():
            if said.get(name) != value:
                viewers.tell_all(msgspec.json.encode({name: value}).decode())
        said.update(now)

    return look
