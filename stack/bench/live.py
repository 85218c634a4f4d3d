"""Live: the four benches that the live map must pass, one after the other on one machine."""

from __future__ import annotations

from collections.abc import Mapping

from stack.bench import counts, pixel, up
from stack.bench import map as map_bench
from stack.bench.rows import Row

PARTS = {"counts": counts.run, "pixel": pixel.run, "map": map_bench.run, "up": up.run}


def run(options: Mapping[str, str]) -> list[Row]:
    """Run all four as they are by themselves."""
    del options
    return [row for run_part in PARTS.values() for row in run_part({})]
