"""The one real stack that all stream tests share."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from stack.layout import CHECKOUT
from tests.stream.running import RunningStack, make_stack

OWN_STACK_FIRST = "test_up"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests that bring up a stack of their own before the shared one starts."""
    items.sort(key=lambda item: OWN_STACK_FIRST not in item.nodeid)


@pytest.fixture(scope="session")
def fetched_jars(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let the first fetch happen before a network that is away is part of the tests."""
    folder = tmp_path_factory.mktemp("fetched")
    subprocess.run([CHECKOUT / "hexline", "fetch", "--state", str(folder)], check=True)


@pytest.fixture(scope="session")
def stack_session(
    tmp_path_factory: pytest.TempPathFactory, fetched_jars: None
) -> Iterator[RunningStack]:
    """Bring up New York without its stream: broker, Flink, jobs and war room."""
    stack = make_stack(tmp_path_factory.mktemp("state"), "nyc")
    try:
        stack.up("--no-stream")
        yield stack
    finally:
        stack.down()
