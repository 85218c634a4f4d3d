"""Trouble is one clear line: no broker, a full disk, Ctrl-C, settings that cannot be."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from schemas.topics import CHECKINS
from simulators import load_run, sender
from simulators.city.run import shorter
from simulators.city.town import town_of
from simulators.cli import app
from simulators.errors import SettingError
from simulators.scenario import Scenario, read_scenario
from simulators.truth import read_run
from tests.simulators.towns import CITY

CHECKOUT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120


def simulate(*words: str, limit_bytes: int | None = None) -> subprocess.Popen[str]:
    def limited() -> None:
        if limit_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

    return subprocess.Popen(
        [sys.executable, "-m", "simulators", "simulate", *words],
        cwd=CHECKOUT,
        env=os.environ | {"COLUMNS": "400"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limited,  # noqa: PLW1509 - a limit is set, nothing else
    )


def lines_of(process: subprocess.Popen[str]) -> list[str]:
    said, told = process.communicate(timeout=PATIENCE_S)
    assert "Traceback" not in said + told
    return [line for line in told.splitlines() if line.strip()]


def test_a_name_with_brackets_is_told_as_it_is():
    said = CliRunner(env={"COLUMNS": "200"}).invoke(
        app, ["evaluate", "[/x]/[dev]", "--results", "none"]
    )
    assert said.exit_code == 1
    assert "[/x]/[dev]/run.json: No such file" in said.stderr


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_a_full_disk_ends_a_run_with_one_line_that_names_the_folder(tmp_path: Path, form: str):
    out = tmp_path / "run"
    process = simulate(
        "--people", "3000", "--for", "1d", "--out", str(out), "--format", form, limit_bytes=90_000
    )
    last = lines_of(process)[-1]
    assert process.returncode == 1
    assert last.startswith("error")
    assert str(out) in last
    assert "cannot be written" in last


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_leaves_a_whole_truth_and_a_complete_count(tmp_path: Path, workers: str):
    out = tmp_path / "run"
    words = ["--scenario", "citywide-wave", "--people", "3000", "--workers", workers]
    process = simulate(*words, "--out", str(out))
    sent, deadline = out / "checkins.jsonl", time.monotonic() + PATIENCE_S
    while not (sent.exists() and sent.stat().st_size > 0):
        assert process.poll() is None, lines_of(process)
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert "stopped" in " ".join(lines_of(process))
    assert process.returncode == 0
    run = read_run(out)
    assert not run.ended
    written = sent.read_bytes().splitlines()
    assert len(written) == run.sent[CHECKINS.name]
    assert json.loads(written[-1])["arrival_ms"] < run.done_ms
    for name in ("people", "risk", "rt", "true-minutes/day-000", "infections/day-000"):
        pl.read_parquet(out / "truth" / f"{name}.parquet")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--scenario", "nonesuch"], "expected a file or one of"),
        (["--with", "nonesuch"], "expected a file or one of"),
        (["--people", "5"], "expected 100 or more"),
        (["--speed", "-1"], "expected a number above 0"),
        (["--for", "soon"], "soon"),
        (["--start", "yesterday"], "expected a day like"),
        (["--format", "xml"], "expected jsonl or parquet"),
        (["--city", "atlantis"], "atlantis"),
        (["--rate", "0"], "expected check-ins a second"),
        (["--rate", "5", "--profile", "wild"], "expected one of"),
        (["--rate", "5"], "no --out DIR"),
    ],
)
def test_a_setting_that_cannot_be_is_named_in_one_line(tmp_path: Path, words, said: str):
    found = CliRunner().invoke(app, ["simulate", "--out", str(tmp_path / "run"), *words])
    assert found.exit_code == 1
    told = " ".join(found.output.split())
    assert said in told
    assert told.startswith("error")


def test_a_load_has_its_own_pace():
    found = CliRunner().invoke(app, ["simulate", "--rate", "5", "--speed", "2"])
    assert found.exit_code == 1
    assert "no --speed" in " ".join(found.output.split())


@pytest.mark.parametrize(
    ("words", "name", "silent"),
    [
        ([], "rush-hour", 0.0),
        (["--scenario", "quiet-week", "--with", "silent-gates"], "quiet-week", 0.05),
    ],
)
def test_a_load_is_of_the_scenario_asked_for(monkeypatch, words, name: str, silent: float):
    asked: list[Scenario] = []
    monkeypatch.setattr(load_run, "pool_of", lambda *order: (asked.append(order[-1]), None))
    monkeypatch.setattr(load_run, "run", lambda *_order: None)
    monkeypatch.setenv("HEXLINE_BROKER", "127.0.0.1:1")
    found = CliRunner().invoke(app, ["simulate", "--rate", "5", *words])
    assert found.exit_code == 0, found.output
    assert [(one.name, one.dirt.silent) for one in asked] == [(name, silent)]


@pytest.mark.parametrize(("length_s", "notes"), [(None, 0), (7 * 86_400, 0), (7 * 86_400 + 1, 1)])
def test_a_length_beyond_the_scenarios_days_is_said_to_be_so(length_s: int | None, notes: int):
    note = shorter(read_scenario("quiet-week"), length_s)
    assert (note or "").count("quiet-week lasts 7") == notes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name = "x"\ndays = 0', "days"),
        ('name = "x"\nwonders = 3', "wonders"),
        ('name = "x"\n[dirt]\nmissed = 1.5', "dirt"),
        ('name = "x"\n[[event]]\nkind = "flood"\nday = 1', "flood"),
        ("name =", "not TOML"),
    ],
)
def test_a_scenario_that_cannot_be_is_refused_in_one_line(tmp_path: Path, text: str, said: str):
    file = tmp_path / "odd.toml"
    file.write_text(text)
    words = ["simulate", "--out", str(tmp_path / "run"), "--scenario", str(file)]
    found = CliRunner().invoke(app, words)
    assert found.exit_code == 1
    assert said in " ".join(found.output.split())
    assert not (tmp_path / "run").exists()


def test_without_a_broker_one_line_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(sender, "ANSWER_S", 0.2)
    monkeypatch.setenv("HEXLINE_BROKER", "127.0.0.1:1")
    monkeypatch.setenv("HEXLINE_STATE", str(tmp_path))
    for command in (["simulate", "--people", "100"], ["live", "--people", "100"]):
        found = CliRunner().invoke(app, command)
        assert found.exit_code == 1
        assert "the broker does not answer" in " ".join(found.output.split())


@pytest.mark.parametrize("missing", ["residents", "places"])
def test_a_city_without_people_or_places_is_refused(missing: str):
    nobody = replace(CITY, residents=np.zeros_like(CITY.residents))
    nowhere = replace(CITY, place_id=CITY.place_id[:0])
    with pytest.raises(SettingError, match=f"the city pack has no {missing}"):
        town_of({"residents": nobody, "places": nowhere}[missing], 1)
