"""Map: what a change of all cells costs the browser that paints and the server that sends."""

from __future__ import annotations

from collections.abc import Mapping

from stack.bench import map_page, map_server
from stack.bench.rows import Row
from stack.errors import StackError

PAGE, SERVER = "page", "server"


def run(options: Mapping[str, str]) -> list[Row]:
    """Measure the page, then the server."""
    only = options.get("only", "")
    if only not in ("", PAGE, SERVER):
        raise StackError(f"bench map: only={only}: expected {PAGE} or {SERVER}")
    rows: list[Row] = []
    if only != SERVER:
        rows += map_page.run(rounds=int(options.get("rounds", "15")))
    if only != PAGE:
        rows += map_server.run(seconds=float(options.get("seconds", "8")))
    return rows
