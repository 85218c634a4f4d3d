"""Open a replay: read a folder's files, choose the window, put everything in arrival order."""

from __future__ import annotations

from collections.abc import Container
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from simulators.errors import SettingError
from simulators.replay.case_counts import Areas, case_reports, last_of_each
from simulators.replay.files import Files, read_counts, read_trips, read_zones
from simulators.replay.local_times import day_to_utc
from simulators.replay.stream import Replay
from simulators.replay.trips import passages
from simulators.replay.zone_points import zone_points

Days = tuple[str | None, str | None]
PUBLISHED_AT_HOUR = 12
"""Local hour of a publication; the source states the day only."""


def open_replay(
    files: Files,
    timezone: str,
    known_areas: Container[str],
    days: Days = (None, None),
) -> Replay:
    """Read the streams in a folder and give what arrived on the local days asked for.

    Parameters
    ----------
    files : Files
        Trip files, case counts and zone polygons.
    timezone : str
        The city's time zone, an IANA name.
    known_areas : container of str
        The city's area ids.
    days : pair of str or None
        First and last local day, `YYYY-MM-DD`, both included; None for all that the trips hold.
    """
    zone = ZoneInfo(timezone)
    first_day, last_day = days
    trips = read_trips(files.trips)
    rides = passages(trips, zone)
    start_ms = _start(first_day, zone, int(rides.arrival_ms[0]))
    end_ms = _end(last_day, zone, int(rides.arrival_ms[-1]) + 1)
    if end_ms <= start_ms:
        raise SettingError(f"--to {last_day} comes before --from {first_day}: nothing to replay")
    counts = last_of_each(read_counts(files.cases))
    published = {day: day_to_utc(day, zone, PUBLISHED_AT_HOUR) for day in counts}
    return Replay(
        passages=rides,
        points=zone_points(read_zones(files.zones)),
        cases=list(case_reports(counts, published, Areas(known_areas))),
        start_ms=start_ms,
        end_ms=end_ms,
    )


def _start(day: str | None, zone: ZoneInfo, default_ms: int) -> int:
    return default_ms if day is None else _instant(day, zone)


def _end(day: str | None, zone: ZoneInfo, default_ms: int) -> int:
    return default_ms if day is None else _instant(_next(day), zone)


def _next(day: str) -> str:
    try:
        return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    except ValueError:
        raise SettingError(f"--to {day}: expected a day like 2020-04-30") from None


def _instant(day: str, zone: ZoneInfo) -> int:
    try:
        return day_to_utc(day, zone)
    except ValueError:
        raise SettingError(f"{day}: expected a day like 2020-04-01") from None
