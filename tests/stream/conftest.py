"""The one real stack that all stream tests share."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cities.pack import PACKS
from cities.settings import CITY_FILE
from stack.layout import CHECKOUT
from tests.stream.running import RunningStack, make_stack

OWN_STACK_FIRST = "test_up"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run the tests that bring up a stack of their own before the shared one starts."""
    items.sort(key=lambda item: OWN_STACK_FIRST not in item.nodeid)
    if "drill" not in config.option.markexpr:
        drills = [item for item in items if item.get_closest_marker("drill")]
        for item in drills:
            item.add_marker(pytest.mark.skip(reason="a drill: ./hexline test drill"))


def hurried_city(folder: Path) -> Path:
    """Copy New York into a folder, its statistics said every few seconds."""
    shutil.copytree(PACKS / "nyc", folder, dirs_exist_ok=True)
    settings = folder / CITY_FILE
    others, _, _ = settings.read_text().partition("[statistics]")  # its last table
    settings.write_text(others + HURRIED)
    return folder


HURRIED = """[statistics]
density_every_s = 1
statistics_every_s = 2
scan_every_s = 3
replicates = 37
cluster_p = 0.5
"""


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
    stack = make_stack(
        tmp_path_factory.mktemp("state"), str(hurried_city(tmp_path_factory.mktemp("city")))
    )
    try:
        stack.up("--no-stream")
        yield stack
    finally:
        stack.down()
