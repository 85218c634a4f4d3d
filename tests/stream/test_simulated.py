"""A simulated city through real Kafka and Flink, scored: what went in comes out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.stream import counting
from tests.stream.running import RunningStack

pytestmark = pytest.mark.stream

PEOPLE = "1500"


def evaluated(stack: RunningStack, folder: Path, start: str, *words: str) -> dict[str, Any]:
    """Send a day of a city, wait until it is counted, and score that."""
    sent = stack.hexline(
        "simulate", "--city", stack.city, "--people", PEOPLE, "--start", start, "--for", "1d",
        "--speed", "max", "--truth", str(folder), *words,
    )  # fmt: skip
    assert sent.returncode == 0, sent.stderr
    counting.wait_until_counted(stack.broker)
    said = stack.hexline("evaluate", str(folder))
    assert said.returncode == 0, said.stderr
    return json.loads((folder / "evaluation.json").read_text())


def test_without_dirt_every_published_count_is_the_true_one(
    stack_session: RunningStack, tmp_path: Path
):
    found = evaluated(stack_session, tmp_path, "2020-06-01")
    assert found["counts"][0]["true_total"] > 1_000
    for counter in found["counts"]:
        assert (counter["exact"], counter["bias"]) == (1.0, 0), counter
    assert found["occupancy"]["mean_error"] == 0.0


def test_with_dirt_published_counts_are_off_by_what_the_record_of_dirt_says(
    stack_session: RunningStack, tmp_path: Path
):
    odd = tmp_path / "odd.toml"
    odd.write_text(
        'name = "odd"\ndays = 1\n[dirt]\nmissed = 0.2\nduplicates = 0.1\nmalformed = 0.02\n'
    )
    found = evaluated(stack_session, tmp_path / "run", "2020-06-08", "--scenario", str(odd))
    ins = found["counts"][0]
    # A fifth missed and a fiftieth of the rest refused; none that is sent twice counts twice.
    assert -0.26 < ins["bias_share"] < -0.17
    assert ins["extra"] == 0
    assert found["malformed"] > 0
    assert found["rejected"] >= found["malformed"]
