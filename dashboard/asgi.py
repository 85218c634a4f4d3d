"""One ASGI process: web socket and API on Starlette, the Dash pages behind them.

    /ws          binary frames          dashboard.api.socket
    /api, ...    JSON and cell tables   dashboard.api.routes
    /            pages and assets       dashboard.app, a WSGI app in threads of its own

A slow page callback holds up a thread, never the sockets.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from a2wsgi import WSGIMiddleware
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount, WebSocketRoute
from starlette.staticfiles import StaticFiles

from dashboard.api import methods
from dashboard.api.picture import PictureApi
from dashboard.api.routes import Api
from dashboard.api.socket import Sockets, announce, state_text
from dashboard.app import make_app
from dashboard.config import Limits, Pace
from dashboard.hub.hub import Hub, steady_ms
from dashboard.hub.source import Source
from dashboard.hub.streams import Update
from dashboard.hub.view import HubView
from dashboard.hub.viewers import Viewers

if TYPE_CHECKING:
    from cities.pack import CityPack

log = logging.getLogger(__name__)
ASSETS = Path(__file__).parent / "assets"
PAGE_THREADS = 16


class Assets(StaticFiles):
    """Scripts, styles and fonts: kept by the browser, but asked for whether they still hold.

    Left to guess, a browser would go on with some modules of before an upgrade beside new ones.
    """

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """Answer with a file, or that the browser's own still holds."""
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        return response


def make_asgi(
    city: CityPack,
    open_source: Callable[[], Source],
    now_ms: Callable[[], int],
    limits: Limits,
    pace: Pace,
) -> Starlette:
    """Wire hub, API and pages; the hub's thread runs as long as the app does."""
    viewers = Viewers(
        steady_ms,
        limit=limits.max_viewers,
        queue=limits.viewer_queue,
        heartbeat_ms=pace.heartbeat_ms,
    )
    hub = Hub(
        city,
        now_ms,
        limits=limits,
        pace=pace,
        wanted=viewers.wanted,
        viewers=viewers.accounts,
    )
    pages: Any = WSGIMiddleware(make_app(lambda: hub.view).server, workers=PAGE_THREADS)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        thread = start_hub(hub, open_source, viewers)
        yield
        hub.stop()
        await asyncio.to_thread(thread.join, 5.0)

    app = Starlette(
        routes=[
            WebSocketRoute("/ws", Sockets(hub, viewers).serve),
            *Api(hub, pace.fresh_ms).routes(),
            *PictureApi(hub).routes(),
            *methods.routes(),
            Mount("/assets", Assets(directory=ASSETS)),
            Mount("/", pages),
        ],
        lifespan=lifespan,
    )
    app.state.hub = hub
    return app


def start_hub(hub: Hub, open_source: Callable[[], Source], viewers: Viewers) -> threading.Thread:
    """Start the hub's thread; what it publishes reaches the viewers on the event loop."""
    loop = asyncio.get_running_loop()
    look = announce(viewers)

    def on_loop(view: HubView, updates: list[Update]) -> None:
        look(view)
        viewers.publish(updates, state_text(view))

    def publish(view: HubView, updates: list[Update]) -> None:
        loop.call_soon_threadsafe(on_loop, view, updates)

    def run() -> None:
        try:
            hub.run(open_source(), publish)
        except Exception:
            # a bug: better to be started again than to show an old picture for ever
            log.exception("the hub has failed; the war room ends")
            os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=run, name="hub", daemon=True)
    thread.start()
    return thread
