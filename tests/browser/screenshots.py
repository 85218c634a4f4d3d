"""Pictures of the pages for the documentation: python -m tests.browser.screenshots [--url URL].

With --url those of counts are taken of a war room that runs, as `./hexline up` starts it. The
others, and without --url all, are made from the made-up stream of `tests.dashboard.fake_stream`
and, for the statistics, the made-up records of `tests.dashboard.fake_picture`. Every picture says
that its data are simulated. Writes docs/images/*.png.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stack.bench.browser import chromium
from tests.browser.servers import Server, free_port

IMAGES = Path(__file__).parents[2] / "docs" / "images"
DESK, LAPTOP, PHONE = (1920, 1080), (1366, 768), (390, 844)
SETTLE_MS = 6000
PASSAGES_A_SECOND = 60
FULL, EMPTY = "tests.dashboard.fake_stream", "tests.browser.empty_city"
PICTURED = "tests.dashboard.fake_picture"


@dataclass(frozen=True)
class Running:
    """A war room that somebody else runs."""

    url: str


def nothing(_page: Any, _server: object) -> None:
    """Do nothing more."""


def select_hottest(page: Any, _server: object) -> None:
    """Open the inspector on the hottest cell."""
    page.locator(".hot").first.click()
    page.wait_for_selector(".inspector .now-value")


def select_first(page: Any, _server: object) -> None:
    """Open what stands out most on a layer."""
    page.wait_for_selector(".standout")
    page.locator(".standout").first.click()
    page.wait_for_selector(".share[data-share]")


def look_at_first(page: Any, server: Server | Running) -> None:
    """Bring the strongest cluster into view."""
    page.wait_for_selector(".standout")
    page.evaluate(
        """() => {
          const [row] = hexline.picture.lists.clusters.rows;
          hexline.map.map.jumpTo({ center: [row.lng, row.lat + 0.05], zoom: 10.9 });
        }"""
    )


def cut_off(page: Any, server: Server) -> None:
    """End the server; the page must say so."""
    server.kill()
    page.wait_for_selector('#chip[data-state="lost"]')


@dataclass(frozen=True)
class Shot:
    """One picture: its name, address, size, and what is done before it is taken."""

    name: str
    path: str
    size: tuple[int, int]
    act: Callable[[Any, Any], None] = nothing
    module: str = FULL


SHOTS = (
    Shot("live", "/?lang=zh", DESK, select_hottest),
    Shot("live-en", "/?lang=en", LAPTOP),
    Shot("light", "/?lang=zh&theme=light", LAPTOP),
    Shot("change", "/?lang=en&show=change", LAPTOP),
    Shot("wall", "/?lang=zh&wall=1", DESK),
    Shot("small", "/?lang=zh", PHONE),
    Shot("system", "/system?lang=en", LAPTOP),
    Shot("risk", "/?lang=zh&layer=risk&c=114.29,30.55&z=10.9", DESK, select_first, PICTURED),
    Shot("incidence", "/?lang=en&layer=incidence&theme=light", LAPTOP, module=PICTURED),
    Shot("hotspots", "/?lang=en&layer=hotspots", LAPTOP, module=PICTURED),
    Shot("clusters", "/?lang=en&layer=clusters", LAPTOP, look_at_first, PICTURED),
    Shot("spread", "/?lang=zh&layer=above_1&area=420111", LAPTOP, module=PICTURED),
    Shot("risk-small", "/?lang=zh&layer=risk", PHONE, module=PICTURED),
    Shot("no-risk-yet", "/?lang=en&layer=risk", LAPTOP),
    Shot("methods", "/methods/risk?lang=zh", LAPTOP, module=PICTURED),
    Shot("empty", "/?lang=zh", LAPTOP, module=EMPTY),
    Shot("disconnected", "/?lang=zh", LAPTOP, cut_off),
)


def take(browser: Any, server: Server | Running, shot: Shot) -> None:
    """Take one picture."""
    width, height = shot.size
    page = browser.new_page(viewport={"width": width, "height": height}, locale="zh-CN")
    page.set_default_timeout(120_000)
    page.goto(server.url + shot.path)
    page.wait_for_selector("html[data-map=ready]", timeout=120_000)
    page.wait_for_selector("#kpis .tile", state="attached")
    page.wait_for_selector("#hottest li", state="attached")
    page.wait_for_timeout(SETTLE_MS)
    shot.act(page, server)
    page.wait_for_timeout(SETTLE_MS // 2)
    # On a busy machine a page may just be waiting for its next frame.
    if shot.act is not cut_off and shot.module != EMPTY:
        page.wait_for_selector('#chip[data-state="live"]')
    page.screenshot(path=IMAGES / f"{shot.name}.png")
    page.close()
    print(IMAGES / f"{shot.name}.png")


def take_all(shots: list[Shot], module: str, city: str) -> None:
    """Take the pictures of one server."""
    if not shots:
        return
    options = () if module == EMPTY else ("--rate", str(PASSAGES_A_SECOND))
    server = Server(free_port(), city=city, module=module, options=options)
    server.start()
    try:
        with chromium() as browser:
            for shot in shots:
                take(browser, server, shot)
    finally:
        server.kill()


def main() -> None:
    """Take all pictures, or those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only these")
    parser.add_argument("--city", default="wuhan")
    parser.add_argument("--url", help="a running war room, in place of the made-up stream")
    asked = parser.parse_args()
    IMAGES.mkdir(parents=True, exist_ok=True)
    wanted = [shot for shot in SHOTS if not asked.names or shot.name in asked.names]
    if asked.url:
        with chromium() as browser:
            for shot in wanted:
                if shot.module == FULL and shot.act is not cut_off:
                    take(browser, Running(asked.url), shot)
        return
    for module in (FULL, EMPTY, PICTURED):
        take_all([shot for shot in wanted if shot.module == module], module, asked.city)


if __name__ == "__main__":
    main()
