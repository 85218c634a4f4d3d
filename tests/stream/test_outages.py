"""Outages of stated length, minutes long and so run by hand: `./hexline test drill`.

A broker that is away for two minutes, and meanwhile a browser that sleeps for ten.
"""

from __future__ import annotations

import time

import pytest

from cities.pack import load
from stack import supervision
from stack.bench.browser import chromium
from stack.ports import url
from stack.programs import BROKER, CITY_STREAM
from stack.rest import Rest
from tests.stream import counting, page_watch
from tests.stream.running import make_stack

pytestmark = pytest.mark.drill

AWAY_S = 120
ASLEEP_S = 600
BACK_WITHIN_S = 60
AWAKE_WITHIN_S = 30


@pytest.fixture(scope="module")
def live(tmp_path_factory, fetched_jars):
    stack = make_stack(tmp_path_factory.mktemp("outages"), "wuhan")
    try:
        stack.up("--rate", "20")
        yield stack
    finally:
        stack.down()


def seconds_until(what, so, wait_s):
    seconds = counting.wait_until(what, so, wait_s)
    print(f"{what} after {seconds:.1f} s")
    return seconds


def test_broker_away_two_minutes_while_a_browser_sleeps_ten(live):
    control, web = supervision.line(live.layout), Rest(live.ports.web)

    def status():
        return web.get("/api/status") or {}

    live.until("fresh", lambda known: (known["freshness_s"] or 1e9) < 10, wait_s=240)
    with chromium() as browser, page_watch.opened(browser, url(live.ports.web)) as page:
        page.wait_for_selector(page_watch.LIVE)
        frames = page.evaluate("hexline.live.frames")
        began = time.monotonic()
        with page_watch.asleep():
            control.stopProcess(BROKER)
            seconds_until("said that the broker is away", lambda: status()["trouble"], 30)
            before = status()
            assert before["state"] == "waiting"
            time.sleep(max(0.0, AWAY_S - (time.monotonic() - began)))
            control.startProcess(BROKER)
            seconds_until(
                "counting again",
                lambda: not status()["trouble"] and status()["read"] > before["read"],
                BACK_WITHIN_S * 2,
            )
            seconds_until(
                "fresh again", lambda: (status()["freshness_s"] or 1e9) < 10, BACK_WITHIN_S * 2
            )
            assert web.answers("/health")
            time.sleep(max(0.0, ASLEEP_S - (time.monotonic() - began)))
        woke = time.monotonic()
        page.wait_for_function("before => hexline.live.frames > before", arg=frames)
        page.wait_for_selector(page_watch.LIVE)
        awake_s = time.monotonic() - woke
        print(f"page live {awake_s:.1f} s after {ASLEEP_S} s of sleep")
        page_watch.frames_go_on(page)
        both = page_watch.legends(page)
        assert both["page"] == both["server"]
        assert awake_s < AWAKE_WITHIN_S
    control.stopProcess(CITY_STREAM)
    counting.wait_until_counted(live.broker)
    known = status()
    assert known["read"] == known["accepted"] + known["rejected"] + known["late"]
    assert counting.wrong_keys(live.broker, load("wuhan")) == {}
