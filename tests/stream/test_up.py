"""`up`, `status`, `up` again and `down`, with everything real and no network."""

from __future__ import annotations

import json
import os
import urllib.request
from uuid import UUID

import psutil
import pytest

from stack import broker, java, leftovers
from stack.bench.browser import chromium
from stack.bench.paced import flowing
from stack.layout import Layout
from stack.ports import LOOPBACK, url
from stack.suites import find_chromium
from tests.stream import kills, page_watch
from tests.stream.running import make_stack

pytestmark = pytest.mark.stream


@pytest.fixture(scope="module")
def started(tmp_path_factory, fetched_jars):
    """Bring up Wuhan with its live stream; give the stack and what was said."""
    stack = make_stack(tmp_path_factory.mktemp("live"), "wuhan")
    try:
        yield stack, stack.up("--rate", "50")
    finally:
        stack.down()


@pytest.fixture
def busy(started):
    """Let check-ins flow whatever the hour: at night the simulated city sleeps."""
    live = started[0]
    with flowing(live.broker, "wuhan", 20, 600):
        yield live


@pytest.fixture
def live(started):
    """Give the stack alone."""
    return started[0]


def test_up_prints_the_address_when_cells_are_on_the_map(started):
    live, said = started
    assert f"http://127.0.0.1:{live.ports.web}" in said
    with urllib.request.urlopen(f"http://127.0.0.1:{live.ports.web}/api/status") as answer:
        assert json.load(answer)["accepted"] > 0


def test_status_adds_up_and_every_process_runs(live):
    known = live.status()
    assert known["read"] == known["accepted"] + known["rejected"] + known["late"] > 0
    assert {one["name"]: one["state"] for one in known["processes"]} == {
        "broker": "running", "jobmanager": "running", "taskmanager": "running",
        "jobs-keeper": "running", "war-room": "running", "city-stream": "running",
    }  # fmt: skip
    # the statistics are not waited for: their job may still be on its way
    live.until_healthy(wait_s=120)


def test_picture_catches_up_with_the_history_that_the_stream_begins_with(busy):
    def caught_up(known):
        return known["lag"] < 100 and (known["freshness_s"] or 1e9) < 10

    busy.until("fresh", caught_up, wait_s=240)


def test_an_identifier_that_looks_like_an_option_prepares_the_folder(live, tmp_path, monkeypatch):
    other = Layout(tmp_path / "state")
    other.run.mkdir(parents=True)
    other.jars.symlink_to(live.layout.jars)
    settings = broker.properties_text(broker.properties(other, live.ports))
    broker.configuration_file(other).write_text(settings)
    monkeypatch.setattr(broker.uuid, "uuid4", lambda: UUID(bytes=b"\xf8" * 16))
    broker.format_storage(other, java.find_java_home(os.environ))
    assert "cluster.id=-" in (other.kafka / "meta.properties").read_text()


def test_every_listener_is_on_the_loopback_address(live):
    ours = {process.pid for process in leftovers.of_state(live.layout.root)}
    listening = [
        connection.laddr
        for connection in psutil.net_connections("tcp")
        if connection.pid in ours and connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert {address.ip for address in listening} <= {LOOPBACK, f"::ffff:{LOOPBACK}"}


def test_second_up_while_it_runs_is_refused_in_one_line(live):
    said = live.hexline("up")
    assert said.returncode == 1
    assert "already running" in said.stderr
    assert len(said.stderr.strip().splitlines()) == 1


def test_other_city_in_the_same_folder_is_refused_in_one_line(live):
    said = live.hexline("up", "--city", "nyc")
    assert said.returncode == 1
    assert "--state DIR" in said.stderr


def test_taken_port_is_refused_and_its_owner_named(live, tmp_path):
    other = make_stack(tmp_path, "wuhan")
    said = other.hexline("up", "--ports", str(live.ports.base))
    assert said.returncode == 1
    assert f"of the stack in {live.layout.root}" in said.stderr


def test_page_shows_what_the_server_counts_and_comes_back_after_a_kill(busy):
    live = busy
    if find_chromium() is None:
        pytest.skip("no chromium")
    with chromium() as browser, page_watch.opened(browser, url(live.ports.web)) as page:
        both = page_watch.legends(page)
        assert both["page"] == both["server"]
        assert both["all"] == both["table"] > 0
        kills.kill_nine(live.layout, kills.WAR_ROOM)
        page.wait_for_selector('#chip[data-state="lost"]')
        page.wait_for_selector('#chip:not([data-state="lost"])')
        page_watch.frames_go_on(page)


def test_down_leaves_no_process_and_a_second_up_continues(live):
    before = live.status()["read"]
    assert "Stopped" in live.down()
    assert list(leftovers.of_state(live.layout.root)) == []
    assert live.hexline("status").returncode == 1
    assert live.hexline("down").returncode == 1
    live.up()
    assert live.status()["read"] >= before
