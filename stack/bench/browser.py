"""One way to start the browser, for the bench, the browser tests and the screenshots alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stack.errors import SettingsError, StackError
from stack.suites import find_chromium

FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
)


@contextmanager
def chromium() -> Iterator[Any]:
    """Start chromium without a screen, drawing in software; it ends with the block."""
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a tool of developers
    except ImportError:
        raise SettingsError("playwright is missing: pip install -r requirements-dev.lock") from None
    path = find_chromium()
    if path is None:
        raise SettingsError("no chromium found: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def in_one_line(what: str) -> Iterator[None]:
    """Tell in one line what the browser complains of; it would do so in forty."""
    from playwright.sync_api import Error  # noqa: PLC0415

    try:
        yield
    except Error as error:
        raise StackError(f"{what}: {error.message.splitlines()[0]}") from None
