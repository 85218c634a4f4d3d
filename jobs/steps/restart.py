"""Restart: from where a job counts again when its state is gone.

The last checkpoint had read everything up to arrival `c`. What arrives later may change any
minute from `c - lateness` on, so those minutes must be counted anew, and whole. A record of
minute m arrives no earlier than m - skew. So:

       from_ms                publish_from_ms                        c
          |------- skew ----------|<---------- lateness ------------>|
    ......[=========================================================== read again
          . minutes here may lack  [ minutes from here on are whole: published
          . records: not published
"""

from __future__ import annotations

from jobs.config import Start
from schemas.times import MINUTE_MS, Limits, minute_of


def start_again(read_until_ms: int, limits: Limits) -> Start:
    """Say from where to read and to publish, when all arrivals up to an instant were counted."""
    publish_from_ms = max(0, minute_of(read_until_ms - limits.lateness_ms))
    return Start(from_ms=max(0, publish_from_ms - limits.skew_ms), publish_from_ms=publish_from_ms)


def read_until(checkpoint_ms: int, accounts: list[tuple[int, int, int]]) -> int:
    """Give the arrival up to which everything was counted for certain.

    Parameters
    ----------
    checkpoint_ms : int
        When the last checkpoint was taken.
    accounts : list of (next_offset, end_offset, arrival_ms)
        Of each partition: the first offset not counted, the end of the log, and the newest
        arrival counted. A partition with nothing left to count holds nothing back.
    """
    behind = [arrival_ms for following, end, arrival_ms in accounts if following < end]
    return min([checkpoint_ms, *behind])


def start_of_log(whole_since_ms: int, limits: Limits) -> Start:
    """Say from where to publish when the whole log is read.

    Parameters
    ----------
    whole_since_ms : int
        The arrival from which on the log has everything; 0 where nothing was ever deleted.
    """
    if whole_since_ms == 0:
        return Start()
    first_whole = minute_of(whole_since_ms + limits.skew_ms + MINUTE_MS - 1)
    return Start(publish_from_ms=first_whole)
