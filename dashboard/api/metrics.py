"""Metrics: the closed list of what the war room tells Prometheus."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from dashboard.hub.panels.counts import Count


class MetricName(StrEnum):
    """Every metric of the war room; `HELP` says what each is."""

    UP = "hexline_hub_up"
    READ = "hexline_checkins_read_total"
    ACCEPTED = "hexline_checkins_accepted_total"
    REJECTED = "hexline_checkins_rejected_total"
    LATE = "hexline_checkins_late_total"
    LAG = "hexline_checkins_lag"
    COMPLETENESS = "hexline_completeness_ratio"
    FRESHNESS = "hexline_freshness_seconds"
    ARRIVAL = "hexline_arrival_clock_seconds"
    CASES_READ = "hexline_cases_read_total"
    CASES_REJECTED = "hexline_cases_rejected_total"
    CASES_LATE = "hexline_cases_late_total"
    SLICES = "hexline_hub_slices_total"
    SLICES_BAD = "hexline_hub_slices_bad_total"
    SLICES_OLD = "hexline_hub_slices_old_total"
    SLICES_NO_ROOM = "hexline_hub_slices_no_room_total"
    CORRECTED = "hexline_hub_places_corrected_total"
    CELLS = "hexline_hub_cells"
    PLACES = "hexline_hub_places"
    TICK = "hexline_hub_tick_seconds"
    VIEWERS = "hexline_viewers"
    FRAMES = "hexline_viewer_frames_total"
    DROPPED = "hexline_viewer_frames_dropped_total"
    RESYNCS = "hexline_viewer_resyncs_total"


HELP = {
    MetricName.UP: "1 when all that was on the bus has been read and what comes is followed",
    MetricName.READ: "check-ins read by the counting job",
    MetricName.ACCEPTED: "check-ins accepted by the counting job",
    MetricName.REJECTED: "check-ins that could not be used",
    MetricName.LATE: "check-ins that arrived after the lateness limit",
    MetricName.LAG: "check-ins on the bus that are not read yet",
    MetricName.COMPLETENESS: "share of the check-ins on the bus that is read",
    MetricName.FRESHNESS: "age of the picture",
    MetricName.ARRIVAL: "newest arrival folded, seconds since 1970",
    MetricName.CASES_READ: "case messages read",
    MetricName.CASES_REJECTED: "case messages that could not be used",
    MetricName.CASES_LATE: "case messages that came more than 30 days after the report",
    MetricName.SLICES: "place-minutes read",
    MetricName.SLICES_BAD: "place-minutes that are no record, or one that cannot be",
    MetricName.SLICES_OLD: "place-minutes of a minute before the ring",
    MetricName.SLICES_NO_ROOM: "place-minutes of a place there was no room for",
    MetricName.CORRECTED: "places whose settled minutes changed",
    MetricName.CELLS: "cells of resolution 9 in the table",
    MetricName.PLACES: "places with a row in the ring",
    MetricName.TICK: "how long the last tick took",
    MetricName.VIEWERS: "browsers connected",
    MetricName.FRAMES: "frames sent to browsers",
    MetricName.DROPPED: "frames dropped because a browser was slow",
    MetricName.RESYNCS: "snapshots browsers asked for",
}


def exposition(status: dict[str, Any]) -> str:
    """Write the metrics in Prometheus' text format; what is unknown or withheld is left out."""
    lines: list[str] = []
    for name, value in _values(status).items():
        if isinstance(value, int | float):
            kind = "counter" if name.endswith("_total") else "gauge"
            lines += [f"# HELP {name} {HELP[name]}", f"# TYPE {name} {kind}", f"{name} {value}"]
    return "\n".join(lines) + "\n"


def _values(status: dict[str, Any]) -> dict[MetricName, float | Count]:
    hub, cases = status["hub"], status["cases"]
    return {
        MetricName.UP: int(status["state"] in ("live", "empty")),
        MetricName.READ: status["read"],
        MetricName.ACCEPTED: status["accepted"],
        MetricName.REJECTED: status["rejected"],
        MetricName.LATE: status["late"],
        MetricName.LAG: status["lag"],
        MetricName.COMPLETENESS: status["completeness"],
        MetricName.FRESHNESS: status["freshness_s"],
        MetricName.ARRIVAL: status["arrival_ms"] / 1000,
        MetricName.CASES_READ: cases["read"],
        MetricName.CASES_REJECTED: cases["rejected"],
        MetricName.CASES_LATE: cases["late"],
        MetricName.SLICES: hub["slices"],
        MetricName.SLICES_BAD: hub["bad"] + hub["ahead"],
        MetricName.SLICES_OLD: hub["old"],
        MetricName.SLICES_NO_ROOM: hub["no_room"],
        MetricName.CORRECTED: hub["corrected"],
        MetricName.CELLS: hub["cells"],
        MetricName.PLACES: hub["places"],
        MetricName.TICK: hub["tick_ms"] / 1000,
        MetricName.VIEWERS: hub["viewers"],
        MetricName.FRAMES: hub["frames"],
        MetricName.DROPPED: hub["dropped"],
        MetricName.RESYNCS: hub["resyncs"],
    }
