"""How often the hub says something: as often as its pace, less often where a tick costs much."""

import pytest

from dashboard.config import Limits, Pace
from dashboard.hub.hub import Hub
from tests.dashboard.fake_city import fake_city
from tests.dashboard.slices import MINUTE_MS, NOON, batch, record_of

CITY = fake_city(side=4, places_per_grid=2)
LOOK_MS = 10


def ticks_in_a_second(taken_ms: int, spent_ms: int) -> int:
    """Let a tick take so long by the wall clock, and so much of the processor; count ticks."""
    now_ms, spent_s = NOON * MINUTE_MS + 40_000, 0.0

    hub = Hub(
        CITY, lambda: now_ms, limits=Limits(), pace=Pace(tick_ms=100, busy_share=0.25),
        spent_s=lambda: spent_s, steady_ms=lambda: now_ms,
    )  # fmt: skip
    n = 0

    def publish(_view, _updates):
        nonlocal now_ms, spent_s, n
        now_ms += taken_ms
        spent_s += spent_ms / 1_000
        n += 1

    end_ms, which = now_ms + 1_000, 0
    while now_ms < end_ms:
        now_ms += LOOK_MS
        which += 1
        hub.take(batch([record_of(CITY.gazetteer, which % 8, NOON, [which])], caught_up=True))
        hub.tick(publish)
    return n


@pytest.mark.parametrize(
    ("taken_ms", "spent_ms", "ticks"),
    [(0, 0, 10), (50, 5, 10), (0, 50, 5), (0, 250, 1)],
)
def test_ticks_rest_for_the_processor_time_they_took_not_for_what_others_took(
    taken_ms, spent_ms, ticks
):
    assert ticks_in_a_second(taken_ms, spent_ms) == pytest.approx(ticks, abs=1)
