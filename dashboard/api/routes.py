"""Routes: the paths of the API; each is one call."""

from __future__ import annotations

import threading
from dataclasses import asdict
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard.api import inputs
from dashboard.api.answers import LoadingError, json_answer, kept_answer, plainly
from dashboard.api.city import CityFacts
from dashboard.api.health import health
from dashboard.api.metrics import exposition
from dashboard.api.search import Search
from dashboard.errors import RequestError
from dashboard.hub.frame import Frame
from dashboard.hub.hub import Hub
from dashboard.hub.layers import RESOLUTIONS
from dashboard.hub.minutes import MinuteMasks
from dashboard.hub.panels import inspector
from dashboard.hub.view import HubView

BINARY = "application/octet-stream"
MOST_KEPT = 500
"""Inspectors that are kept of one frame; in a quiet city a frame stands for long."""


class Api:
    """The endpoints over one hub."""

    def __init__(self, hub: Hub, fresh_ms: int) -> None:
        self.hub = hub
        self.fresh_ms = fresh_ms
        self.facts = CityFacts(hub.city, lambda: hub.view.state.simulated)
        self.search = Search(hub.city.gazetteer)
        self.masks = MinuteMasks(hub.city.small_count)
        self._seen: tuple[int, dict[tuple[str, str], dict[str, Any]]] = (-1, {})
        self._seen_lock = threading.Lock()

    def routes(self) -> list[BaseRoute]:
        """Give all routes."""
        paths = {
            "/api/city": self.city,
            "/api/areas/{level}.geojson": self.area_polygons,
            "/api/areas/{level}/values": self.area_values,
            "/api/cells/{res}.bin": self.cell_table,
            "/api/cell/{cell}": self.one_cell,
            "/api/area/{area:path}": self.one_area,
            "/api/search": self.find,
            "/api/kpi": self.kpi,
            "/api/hottest": self.hottest,
            "/api/epicurve": self.epicurve,
            "/api/cases/rejected": self.rejected_cases,
            "/api/status": self.status,
            "/health": self.health,
            "/metrics": self.metrics,
        }
        return [Route(path, plainly(endpoint), methods=["GET"]) for path, endpoint in paths.items()]

    async def city(self, _: Request) -> Response:
        """Answer what never changes."""
        return json_answer(self.facts.body())

    async def area_polygons(self, request: Request) -> Response:
        """Answer the polygons of a level."""
        level = self._level(request.path_params["level"])
        text, etag = await anyio.to_thread.run_sync(self.facts.polygons, level)
        return kept_answer(request, text, etag, "application/geo+json")

    async def area_values(self, request: Request) -> Response:
        """Answer the counts of every area of a level."""
        level = self._level(request.path_params["level"])
        metric, minutes = inputs.metric(request.query_params), inputs.minutes(request.query_params)
        body = await anyio.to_thread.run_sync(self.hub.view.area_values, level, metric, minutes)
        if body is None:
            raise LoadingError
        return json_answer(body)

    async def cell_table(self, request: Request) -> Response:
        """Answer the cells of a resolution, with their shapes."""
        res = inputs.resolution(request.path_params["res"])
        table = self.hub.state.places.tables[RESOLUTIONS.index(res)]
        content, digest = await anyio.to_thread.run_sync(self._locked, table.encoded_now)
        return kept_answer(request, content, digest.hex(), BINARY)

    async def one_cell(self, request: Request) -> Response:
        """Answer the inspector of a cell."""
        return await self._inspect("cell", inputs.cell(request.path_params["cell"]))

    async def one_area(self, request: Request) -> Response:
        """Answer the inspector of an area."""
        return await self._inspect("area", inputs.identifier(request.path_params["area"]))

    async def find(self, request: Request) -> Response:
        """Answer a search."""
        text = inputs.query_text(request.query_params)
        n = inputs.whole_number(request.query_params, "n", 10, 1, 50)
        return json_answer({"results": await anyio.to_thread.run_sync(self.search.find, text, n)})

    async def kpi(self, _: Request) -> Response:
        """Answer the tiles."""
        return json_answer(await anyio.to_thread.run_sync(self.hub.view.kpi))

    async def hottest(self, request: Request) -> Response:
        """Answer the busiest cells."""
        layer = inputs.layer(request.query_params)
        n = inputs.whole_number(request.query_params, "n", 8, 1, 100)
        name = layer.metric.name.lower()
        return json_answer(
            await anyio.to_thread.run_sync(self.hub.view.hottest, layer.res, name, layer.minutes, n)
        )

    async def epicurve(self, _: Request) -> Response:
        """Answer cases by day."""
        return json_answer(await anyio.to_thread.run_sync(self.hub.view.epicurve))

    async def rejected_cases(self, _: Request) -> Response:
        """Answer the last case messages that could not be used, without what they hold."""
        with self.hub.lock:
            kept = [asdict(rejected) for rejected in self.hub.state.cases.rejects]
        return json_answer({"rejected": kept[::-1]})

    async def status(self, _: Request) -> Response:
        """Answer freshness, completeness and accounts."""
        return json_answer(self.hub.view.status())

    async def health(self, _: Request) -> Response:
        """Answer 200 only where the picture can be trusted, and say why not otherwise."""
        body = health(self.hub.view.status(), self.hub.age_ms(), self.fresh_ms)
        return json_answer(body, 200 if body["healthy"] else 503)

    async def metrics(self, _: Request) -> Response:
        """Answer Prometheus."""
        return PlainTextResponse(exposition(self.hub.view.status()))

    def _level(self, text: str) -> int:
        levels = self.hub.city.levels
        if text not in levels:
            raise RequestError(f"level is {text[:40]!r}: expected one of {', '.join(levels)}")
        return levels.index(text)

    def _locked(self, read: Any) -> Any:
        with self.hub.lock:
            return read()

    async def _inspect(self, kind: str, name: str) -> Response:
        return json_answer(await anyio.to_thread.run_sync(self._inspected, kind, name))

    def _inspected(self, kind: str, name: str) -> dict[str, Any]:
        """Work out an inspector once a frame, however many look at it."""
        work_out = inspector.cell if kind == "cell" else inspector.area
        with self._seen_lock:
            _, held = self._seen_of(self.hub.view)
            if (kind, name) not in held:
                with self.hub.lock:
                    # looked at again, so that frame and state are of the same log
                    frame, held = self._seen_of(self.hub.view)
                    if len(held) >= MOST_KEPT:
                        held.clear()
                    held[kind, name] = work_out(self.hub.state, frame, self.masks, name)
            return held[kind, name]

    def _seen_of(self, view: HubView) -> tuple[Frame, dict[tuple[str, str], dict[str, Any]]]:
        """Give a view's frame, and the inspectors worked out of it so far."""
        if view.frame is None:
            raise LoadingError
        if self._seen[0] != view.frame.tick:
            self._seen = (view.frame.tick, {})
        return view.frame, self._seen[1]
