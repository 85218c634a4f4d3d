"""Benches: each figure of docs/benchmarks.md as a command.

A bench is a module with `run(options) -> list of Row`; options are `name=value` words of the
command line. `BENCHES` is the one list of them, and of what each takes and gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

STATE = "folder of the stack it starts, kept afterwards (a temporary one)"


@dataclass(frozen=True, slots=True)
class Bench:
    """What a bench measures, what it takes and prints, and how long it runs on two idle cores."""

    about: str
    figures: tuple[str, ...]
    takes: str
    options: Mapping[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """Write what `bench NAME --help` says."""
        options = [f"{name}=…  {what}" for name, what in self.options.items()] or ["none"]
        blocks = [("Figures:", self.figures), ("Options:", options), ("Takes:", (self.takes,))]
        # "\b" keeps the lines after it as they are.
        listed = ["\n".join(["\b", head, *(f"  {line}" for line in rows)]) for head, rows in blocks]
        return "\n\n".join([self.about, *listed])


BENCHES: Mapping[str, Bench] = MappingProxyType(
    {
        "counts": Bench(
            "Check-ins a second through Kafka and Flink, beside what else could count them.",
            (
                "check-ins a second and processor time a million, of each trial",
                "ratio to SQL on the JVM alone (>= 0.9) and to a row function (>= 2)",
                "what dedupe, RocksDB and the roll-ups cost",
            ),
            "some 20 minutes with 12,000,000 records; starts its own broker and Flink",
            {
                "records": "check-ins in the topic (12,000,000)",
                "parallelism": "of every job (2)",
                "only": "trials by name, comma between: ours, jvm, rows, ours-dedupe (all)",
                "state": STATE,
            },
        ),
        "dengue": Bench(
            "Kaohsiung 2014, a city of cases alone: the first cluster, beside simple counts.",
            (
                "day of the first cluster that is an alarm, cases in it and expected there",
                "days until the whole city has 10, 25 and 50 cases in a week",
            ),
            "some seconds; the data are public and not shipped, see docs/methods/scan.md",
            {"data": "folder with cases/ and boundaries/ (required)"},
        ),
        "live": Bench(
            "The benches of the live map in one run: counts, pixel, map and up.",
            ("all that the four give; what must be fails the whole",),
            "some 35 minutes; needs chromium",
        ),
        "map": Bench(
            "Cells that change to cells that are painted, and what a viewer costs the server.",
            (
                "10,000 and 100,000 cells all change: until painted, median (<= 100, 250 ms)",
                "the server's processor time a viewer and frame, at both sizes (<= 0.1 ms)",
                "500 viewers: how many stay, how many frames are delivered",
            ),
            "some 90 seconds; needs chromium",
            {
                "rounds": "frames painted a size (15)",
                "seconds": "of frames sent a size (8)",
                "only": "page or server (both)",
            },
        ),
        "picture": Bench(
            "The picture's job at 5,000 slices a second of a city of more than 10,000 cells.",
            (
                "slices a second folded, and how far behind at the end",
                "a tick's time until its last record is on the bus (95 % <= 3 s)",
                "checkpoint (95 % <= 2 s), bytes of state a cell",
            ),
            "some 4 minutes; starts its own broker and Flink",
            {
                "rate": "slices a second (5,000)",
                "seconds": "of sending (120)",
                "state": STATE,
            },
        ),
        "pixel": Bench(
            "A check-in that is produced to the pixel that it changes, at 5,000 a second.",
            (
                "each part of the way and the whole, p50 (<= 1 s) and p99 (<= 2 s)",
                "check-ins a second beside, and what is not yet counted at the end",
            ),
            "some 5 minutes; starts a whole stack and chromium",
            {
                "rate": "check-ins a second beside the probes (5,000)",
                "cells": "cells that probes are sent to (40)",
                "rounds": "probes a cell, one a class break (3)",
                "warm": "seconds of load before the first probe (120)",
                "detail": "a file for the times of every probe (none)",
                "state": STATE,
            },
        ),
        "null_data": Bench(
            "False alarms of the statistics on data without a pattern.",
            ("cells called elevated, scan alarms, hot spots, alarm days: share of days",),
            "some 3 minutes",
            {"days": "simulated (1,000)"},
        ),
        "risk_evidence": Bench(
            "The risk score against what is known of simulated epidemics.",
            ("AUC, calibration and coverage of each scenario, beside simpler scores",),
            "some 5 minutes",
            {
                "only": "scenarios whose name holds this text (all)",
                "seeds": "runs of each epidemic and mix (3)",
            },
        ),
        "simulate": Bench(
            "Check-ins made and sent a second, a million people, realism.",
            (
                "a large city: seconds to its first event, memory, check-ins made a second",
                "check-ins acknowledged a second, by a broker that it starts alone",
                "how near its days are to real ones",
            ),
            "some 3 minutes",
            {
                "people": "in the large city (1,000,000)",
                "seconds": "of sending (20)",
            },
        ),
        "spring": Bench(
            "New York, April 2020, day by day: risk by area beside what was published later.",
            (
                "rank correlation of risk with the week after, of each week (>= 0.6)",
                "clusters told, and how strong the strongest is",
            ),
            "about a minute",
        ),
        "statistics": Bench(
            "Hot spots, scan and risk at a city's size.",
            ("milliseconds of each, and how many times faster than the peers' libraries",),
            "about a minute",
            {"repeat": "runs of which the fastest counts (5)"},
        ),
        "up": Bench(
            "The command to the first map, memory at 1,000 a second, processor when idle.",
            (
                "seconds from the command to the first coloured map (<= 90)",
                "memory of everything in flow (<= 5 GiB), cores when idle (<= 0.4)",
            ),
            "some 8 minutes; starts a whole stack twice, and chromium",
            {
                "rate": "check-ins a second (1,000)",
                "settle": "seconds to wait before looking (60)",
                "seconds": "of idling that are measured (60)",
                "only": "flow or idle (both)",
                "state": STATE,
            },
        ),
    }
)
