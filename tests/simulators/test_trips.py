"""Trips become check-ins: what they keep of the trip, and what they do with its dirt."""

from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely

from schemas.codec import decode, encode
from schemas.records import CheckIn
from schemas.times import CHECKIN_LIMITS, Verdict, verdict
from simulators.errors import SourceError
from simulators.replay.files import read_trips
from simulators.replay.trips import LARGEST_DELAY_MS, Trips, check_in, passages
from simulators.replay.zone_points import POINTS_A_ZONE, zone_points

NEW_YORK = ZoneInfo("America/New_York")
ANGLE = shapely.from_wkt(
    "POLYGON((-74 40, -73 40, -73 40.1, -73.9 40.1, -73.9 41, -74 41, -74 40))"
)
POINTS = zone_points({41: ANGLE, 42: ANGLE})


def wall_ms(text: str) -> int:
    return int(np.datetime64(text, "ms").astype(np.int64))


def trips(*rows: tuple[str, str, int, int, bool], filed: str = "2020-04") -> Trips:
    out, back, start, end, held = zip(*rows, strict=True)
    return Trips(
        picked_up_ms=np.array([wall_ms(text) for text in out]),
        dropped_off_ms=np.array([wall_ms(text) for text in back]),
        from_zone=np.array(start),
        to_zone=np.array(end),
        held=np.array(held),
        filed_ms=np.full(len(rows), wall_ms(filed)),
    )


PLAIN = ("2020-04-02T10:00", "2020-04-02T10:20", 41, 42, False)


def records(*rows: tuple[str, str, int, int, bool]) -> list[tuple[CheckIn, int]]:
    found = passages(trips(*rows), NEW_YORK)
    return [
        (check_in(found, row, POINTS), int(found.arrival_ms[row]))
        for row in range(len(found.event_ms))
    ]


def test_trip_goes_out_of_its_first_zone_and_comes_into_its_second():
    (out, _), (into, _) = records(PLAIN)
    assert (out.direction, out.source) == ("out", "nyc-tlc:zone-41")
    assert (into.direction, into.source) == ("in", "nyc-tlc:zone-42")
    assert into.event_ms - out.event_ms == 20 * 60_000
    assert out.person == into.person


def test_check_ins_arrive_in_order_and_within_seconds():
    rows = [(f"2020-04-02T{h:02}:00", f"2020-04-02T{h:02}:50", 41, 42, False) for h in (9, 8, 10)]
    arrived = records(*rows)
    arrivals = [at for _, at in arrived]
    assert arrivals == sorted(arrivals)
    assert all(0 <= at - record.event_ms < LARGEST_DELAY_MS for record, at in arrived)


def test_trip_held_in_the_vehicle_arrives_with_its_end():
    held = (*PLAIN[:4], True)
    assert all(at >= records(PLAIN)[1][0].event_ms for _, at in records(held))


def test_trip_of_a_clock_that_fell_back_arrives_after_the_one_before_it_and_is_late():
    stray = ("2009-01-01T00:03", "2009-01-01T12:58", 41, 42, False)
    late = [r for r in records(PLAIN, stray) if r[0].event_ms < 1_300_000_000_000]
    assert len(late) == 2
    assert {verdict(r.event_ms, at, CHECKIN_LIMITS) for r, at in late} == {Verdict.LATE}


def test_trip_booked_twice_has_the_same_ids():
    ids = [record.event_id for record, _ in records(PLAIN, PLAIN)]
    assert len(ids) == 4
    assert len(set(ids)) == 2


def test_unknown_zone_becomes_a_place_no_city_knows():
    (out, _), _ = records((*PLAIN[:2], 264, 42, False))
    assert (out.place_id, out.lat) == ("zone-264", None)


def test_every_check_in_lies_inside_its_zone_and_can_be_decoded():
    for record, _ in records(PLAIN, ("2020-04-03T10:00", "2020-04-03T10:20", 42, 41, False)):
        assert shapely.covers(ANGLE.buffer(1e-6), shapely.Point(record.lng, record.lat))
        assert decode(encode(record), CheckIn) == record


def test_points_of_a_zone_are_the_same_every_time_and_fill_it_evenly():
    again = zone_points({41: ANGLE})[41]
    assert len(again) == POINTS_A_ZONE
    assert (again == POINTS[41]).all()
    share = np.mean(again[:, 1] < 40.1)  # the foot of the L: 0.1 of 0.19 square degrees
    # five standard deviations of a share of 2,048 points
    assert abs(share - 0.1 / 0.19) < 5 * (0.25 / POINTS_A_ZONE) ** 0.5


def test_files_without_a_trip_are_named(tmp_path):
    file = tmp_path / "green_tripdata_2020-04.csv"
    file.write_text("lpep_pickup_datetime,lpep_dropoff_datetime,PULocationID,DOLocationID\n")
    with pytest.raises(SourceError, match=r"2020-04\.csv: no trip in it"):
        read_trips([file])
