"""Benches: each figure of docs/benchmarks.md as a command.

A bench is a module with `run(options) -> list of Row`; options are `name=value` words of the
command line. `BENCHES` is the one list of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

BENCHES: Mapping[str, str] = MappingProxyType(
    {
        "counts": "Check-ins a second through Kafka and Flink, beside what else could count them.",
        "map_page": "A viewer's browser: cells that change to cells that are painted.",
        "map_server": "The war room's server: CPU a viewer and frame, 500 viewers.",
        "pixel": "A check-in that is produced to the pixel that it changes, at 5,000 a second.",
        "null_data": "False alarms of the statistics on data without a pattern.",
        "risk_evidence": "The risk score against what is known of simulated epidemics.",
        "simulate": "Check-ins made and sent a second, a million people, realism.",
        "statistics": "Hot spots, scan and risk at a city's size.",
        "up": "The command to the first map, memory at 1,000 a second, processor when idle.",
    }
)
