"""Accounts: sums over partitions, lag against the log's end, and how old the picture is."""

from dataclasses import asdict

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from rich.text import Text

from schemas.records import Progress
from stack.accounts import accounts, freshness_s
from stack.bus import Extent
from stack.progress import Written
from stack.tables import _input

NOW_MS = 1_700_000_000_000


def progress(partition, accepted, rejected, late, *, arrival_ms=NOW_MS, written_ms=NOW_MS):
    read = accepted + rejected + late
    record = Progress(
        topic="checkins", partition=partition, first_offset=0, offset=read - 1, read=read,
        accepted=accepted, rejected=rejected, late=late, arrival_ms=arrival_ms,
    )  # fmt: skip
    return Written(record, written_ms)


def extent(partition, first, end):
    return Extent("checkins", partition, first, end)


counts = st.integers(1, 1000)


@given(st.lists(st.tuples(counts, counts, counts), min_size=1, max_size=8))
def test_what_was_read_is_accounted_for_in_the_sum_too(parts):
    known = accounts([progress(i, *part) for i, part in enumerate(parts)], [])
    assert known.adds_up()
    assert known.read == sum(map(sum, parts))


def test_lag_is_what_lies_behind_the_last_message_read():
    #  offsets 0..9 written, 0..6 read
    known = accounts([progress(0, 5, 1, 1)], [extent(0, 0, 10)])
    assert known.lag_by_partition == {"checkins-0": 3}


def test_partition_never_read_lags_by_all_it_holds():
    known = accounts([], [extent(2, 40, 100)])
    assert known.lag == 60


def test_partition_read_beyond_what_was_seen_of_it_lags_by_nothing():
    assert accounts([progress(0, 9, 0, 0)], [extent(0, 0, 5)]).lag == 0


def test_what_the_broker_deleted_before_it_was_read_is_counted():
    #  offsets 0..6 read, 7..11 deleted meanwhile, 12 read
    record = structs.replace(progress(0, 8, 0, 0).progress, offset=12)
    known = accounts([Written(record, NOW_MS), progress(1, 3, 0, 0)], [])
    assert (known.read, known.skipped) == (11, 5)
    told = console_text(_input({**asdict(known), "adds_up": known.adds_up()}))
    assert told == "11 read = 11 accepted + 0 rejected + 0 late; 5 gone before they were read"


def console_text(marked):
    return Text.from_markup(marked).plain


def test_live_picture_is_as_old_as_its_newest_arrival():
    known = accounts([progress(0, 1, 0, 0, arrival_ms=NOW_MS - 2_500)], [])
    assert freshness_s(known, NOW_MS, replayed=False) == 2.5


def test_replayed_picture_is_as_old_as_its_last_change():
    old = progress(0, 1, 0, 0, arrival_ms=1_586_000_000_000, written_ms=NOW_MS - 500)
    assert freshness_s(accounts([old], []), NOW_MS, replayed=True) == 0.5


def test_picture_nobody_has_drawn_has_no_age():
    assert freshness_s(accounts([], []), NOW_MS, replayed=False) is None
