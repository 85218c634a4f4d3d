"""When a run's days begin: local midnights of a city, through changes of the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from simulators.errors import SettingError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The first local day of a run, and the city's time zone.

    Days of a run are counted from 0. Within a day, times are milliseconds since its local
    midnight; on a day of 23 or 25 hours the last or first hour stretches over the change.
    """

    first: date
    zone: ZoneInfo

    @classmethod
    def of(cls, first: str, timezone: str) -> Calendar:
        """Read a first day like 2020-04-06."""
        try:
            return cls(date.fromisoformat(first), ZoneInfo(timezone))
        except ValueError:
            raise SettingError(f"--start {first}: expected a day like 2020-04-06") from None

    @classmethod
    def today(cls, now_ms: int, timezone: str) -> Calendar:
        """Begin on the local day of an instant."""
        zone = ZoneInfo(timezone)
        return cls(datetime.fromtimestamp(now_ms / 1000, zone).date(), zone)

    def begin_ms(self, day: int) -> int:
        """Give the instant at which a day begins."""
        on = self.first + timedelta(days=day)
        return (datetime(on.year, on.month, on.day, tzinfo=self.zone) - _EPOCH) // _MS

    def weekday(self) -> int:
        """Give the weekday of the first day; 0 is Monday."""
        return self.first.weekday()
