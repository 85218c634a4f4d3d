"""One server and one browser for all tests here; a page of its own for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stack.bench.browser import chromium
from tests.browser.servers import Server, free_port

LONGEST_MS = 60_000
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def server() -> Iterator[Server]:
    running = Server(free_port())
    running.start()
    yield running
    running.kill()


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


class Visit:
    """One page, and what it asked for and complained of."""

    def __init__(self, browser: Any, url: str, **options: Any) -> None:
        options = {"viewport": {"width": 1366, "height": 768}, "locale": "zh-CN", **options}
        self.url = url
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(LONGEST_MS)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self.hear)

    def hear(self, message: Any) -> None:
        """Keep what the console complains of."""
        if message.type == "error":
            self.complaints.append(message.text)

    def open(self, path: str = "/", *, cells: bool = True) -> Any:
        """Open a path and wait until the map is there, with cells on it."""
        self.page.goto(self.url + path)
        self.page.wait_for_selector("html[data-map]", timeout=LONGEST_MS)
        if cells:
            self.page.wait_for_function(
                "Boolean(hexline.live.counts) && Boolean(hexline.map?.cells)"
            )
        return self.page


@pytest.fixture
def visit(browser: Any, server: Server) -> Iterator[Visit]:
    made = Visit(browser, server.url)
    yield made
    made.context.close()


@pytest.fixture
def visits(browser: Any, server: Server) -> Iterator[Any]:
    """Make visits with options of their own."""
    made: list[Visit] = []

    def make(url: str = server.url, **options: Any) -> Visit:
        made.append(Visit(browser, url, **options))
        return made[-1]

    yield make
    for one in made:
        one.context.close()


@pytest.fixture(scope="package")
def pictured() -> Iterator[Server]:
    """Start a war room of which the statistics have something to say."""
    running = Server(free_port(), module="tests.dashboard.fake_picture")
    running.start()
    yield running
    running.kill()


@pytest.fixture
def open_layer(visits: Any, pictured: Server) -> Any:
    """Open the page on a layer and wait until that is what is drawn."""

    def opened(layer: str, more: str = "", **options: Any) -> Any:
        visit = visits(pictured.url, **options)
        page = visit.open(f"/?layer={layer}{more}")
        page.wait_for_function(
            "name => hexline.layers.facts.get(name)?.state === 'ready'", arg=layer
        )
        page.wait_for_function(
            "name => hexline.live.reading?.id === name && hexline.live.counted", arg=layer
        )
        page.visit = visit
        return page

    return opened
