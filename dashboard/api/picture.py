"""Picture: what the statistics say, for the page; docs/wire.md describes the bodies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from dashboard.api import inputs
from dashboard.api.answers import LoadingError, json_answer, plainly
from dashboard.errors import RequestError
from dashboard.hub.classes import SCALES
from dashboard.hub.frame import Frame
from dashboard.hub.hub import Hub
from dashboard.hub.statistics import panels

LISTS: dict[str, Callable[[Frame], dict[str, Any]]] = {
    "risk": panels.risks,
    "hotspots": panels.hotspots,
    "clusters": panels.clusters,
    "aberrations": panels.aberrations,
}


class PictureApi:
    """The endpoints of the statistics over one hub."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    def routes(self) -> list[BaseRoute]:
        """Give all routes."""
        paths = {
            "/api/picture": self.overview,
            "/api/picture/list/{name}": self.listed,
            "/api/picture/areas/{level}": self.areas,
            "/api/picture/cell/{cell}": self.cell,
            "/api/picture/area/{area:path}": self.area,
        }
        return [Route(path, plainly(endpoint), methods=["GET"]) for path, endpoint in paths.items()]

    async def overview(self, _: Request) -> Response:
        """Answer what layers there are, and as of when each holds."""
        city = self.hub.city
        scale = SCALES[city.busyness]
        return json_answer(panels.overview(self.hub.picture, city.statistics, scale))

    async def listed(self, request: Request) -> Response:
        """Answer what stands out: cells at risk, hot spots, clusters, unusual areas."""
        name = request.path_params["name"]
        if name not in LISTS:
            known = ", ".join(LISTS)
            raise RequestError(f"list is {name[:40]!r}: expected one of {known}")
        return await self._answer(LISTS[name])

    async def areas(self, request: Request) -> Response:
        """Answer the spread of cases in every area of a level."""
        level, levels = request.path_params["level"], self.hub.city.levels
        if level not in levels:
            raise RequestError(f"level is {level[:40]!r}: expected one of {', '.join(levels)}")
        return await self._answer(panels.areas, levels.index(level))

    async def cell(self, request: Request) -> Response:
        """Answer what the statistics know of a cell."""
        return await self._answer(panels.cell, inputs.cell(request.path_params["cell"]))

    async def area(self, request: Request) -> Response:
        """Answer what the statistics know of an area."""
        return await self._answer(panels.area, inputs.identifier(request.path_params["area"]))

    async def _answer(self, work_out: Callable[..., dict[str, Any]], *asked: Any) -> Response:
        said = self.hub.view.said
        if said is None:
            raise LoadingError
        return json_answer(await anyio.to_thread.run_sync(work_out, said, *asked))
