"""Whether the counting job follows the log, catches up with it, or has stopped."""

from __future__ import annotations

import pytest

from dashboard.api.health import health
from dashboard.hub.accounts import Accounts
from dashboard.hub.reading import GRACE_MS, STUCK_MS, Phase, Reading
from schemas.records import Progress

NOW_MS = 1_740_000_000_000
HOUR_MS = 3_600_000


def progress(partition: int, offset: int, arrival_ms: int) -> Progress:
    return Progress(
        topic="checkins", partition=partition, first_offset=0, offset=offset, read=offset + 1,
        accepted=offset + 1, rejected=0, late=0, arrival_ms=arrival_ms,
    )  # fmt: skip


class Log:
    """A log of check-ins and who reads it, seen once a second."""

    def __init__(self) -> None:
        self.accounts, self.reading, self.now_ms = Accounts(), Reading(), NOW_MS

    def see(self, ends: dict[int, int], *read: Progress, after_ms: int = 1_000) -> Log:
        """Let time pass, and see where the log ends and what was read."""
        self.now_ms += after_ms
        self.accounts.fold(list(read))
        self.accounts.saw_ends(ends)
        for record in read:
            self.accounts.saw_arrival(record.arrival_ms, self.now_ms)
        self.reading.saw(self.accounts, self.now_ms)
        return self

    def phase(self, *, live: bool = True) -> Phase:
        """Say what the reader is doing."""
        return self.reading.phase(self.accounts, self.now_ms, self.now_ms if live else None)

    @property
    def settled_ms(self) -> int:
        """Give up to which arrival everything is read."""
        return self.reading.settled_ms(self.accounts)


def test_an_empty_log_is_followed():
    assert Log().see({0: 0, 1: 0}).phase() is Phase.FOLLOWING


def test_a_log_of_which_nothing_is_read_yet_is_being_caught_up_with_at_once():
    log = Log().see({0: 0}).see({0: 400_000})
    assert (log.phase(), log.settled_ms) == (Phase.CATCHING, 0)


def test_one_partition_that_is_hours_behind_is_not_up_to_date_whatever_the_others_are():
    log = Log()
    log.see({0: 100, 1: 100}, progress(0, 99, log.now_ms), progress(1, 9, log.now_ms - HOUR_MS))
    assert log.phase() is Phase.CATCHING
    assert log.settled_ms == NOW_MS - HOUR_MS
    log.see({0: 100, 1: 100}, progress(1, 99, log.now_ms))
    assert (log.phase(), log.settled_ms) == (Phase.FOLLOWING, NOW_MS + 1_000)


def test_what_came_in_a_moment_ago_holds_nobody_up():
    #   quiet for an hour | 1 record, not read yet
    log = Log().see({0: 10}, progress(0, 9, NOW_MS - HOUR_MS))
    log.see({0: 11}, after_ms=60_000)
    assert log.phase() is Phase.FOLLOWING
    log.see({0: 11}, after_ms=GRACE_MS)
    assert log.phase() is Phase.CATCHING


def test_a_usual_delay_is_no_catching_up():
    log = Log()
    for second in range(1, 20):
        at = 1_000 * second
        log.see({0: 5_000 * second}, progress(0, max(0, at * 5 - 9_000), log.now_ms - 1_800))
        assert log.phase() is Phase.FOLLOWING


def test_a_replay_is_judged_by_its_share_not_by_todays_clock():
    log = Log().see({0: 1_000}, progress(0, 499, HOUR_MS))
    assert log.phase(live=False) is Phase.CATCHING
    log.see({0: 1_000}, progress(0, 994, HOUR_MS))
    assert log.phase(live=False) is Phase.FOLLOWING


@pytest.mark.parametrize("live", [True, False])
def test_who_is_behind_and_reads_nothing_for_a_minute_has_stopped(live):
    log = Log().see({0: 1_000}, progress(0, 499, NOW_MS - HOUR_MS))
    assert log.see({0: 1_000}, after_ms=STUCK_MS - 1).phase(live=live) is Phase.CATCHING
    assert log.see({0: 1_000}, after_ms=1).phase(live=live) is Phase.STALLED
    log.see({0: 1_000}, progress(0, 500, NOW_MS - HOUR_MS))
    assert log.phase(live=live) is Phase.CATCHING


def test_after_a_quiet_hour_the_time_to_read_is_counted_from_the_first_new_record():
    log = Log().see({0: 10}, progress(0, 9, NOW_MS))
    log.see({0: 10}, after_ms=HOUR_MS)
    log.see({0: 50}, after_ms=1_000).see({0: 50}, after_ms=GRACE_MS)
    assert log.phase() is Phase.CATCHING


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("catching", "catching up with the log: 37.5 % is read"),
        ("stalled", "the counting job reads nothing: 7 messages wait in the log"),
    ],
)
def test_a_picture_of_a_log_that_is_not_read_is_not_healthy(state, reason):
    status = {"state": state, "trouble": "", "clock": "live", "freshness_s": None}
    answer = health({**status, "completeness": 0.375, "lag": 7}, age_ms=0, fresh_ms=15_000)
    assert (answer["healthy"], answer["reasons"]) == (False, [reason])
