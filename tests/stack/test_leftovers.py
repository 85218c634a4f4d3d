"""Processes that outlive their parent are found by their state folder, and only those."""

import os
import subprocess
import sys

import pytest

from stack import launch, leftovers
from stack.programs import JOBMANAGER, TASKMANAGER

WAITING = [sys.executable, "-S", "-c", "print(flush=True); input()"]


def child(state):
    """Start a process that waits, in a group of its own, as a supervised one is."""
    process = subprocess.Popen(
        WAITING, env={"HEXLINE_STATE": str(state)}, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, process_group=0,
    )  # fmt: skip
    process.stdout.readline()
    return process


@pytest.fixture
def ours(tmp_path):
    process = child(tmp_path)
    yield process
    process.kill()
    process.communicate()


@pytest.fixture
def others(tmp_path):
    process = child(tmp_path / "other")
    yield process
    process.kill()
    process.communicate()


def test_process_of_this_state_folder_is_found_and_others_are_not(tmp_path, ours, others):
    assert [process.pid for process in leftovers.of_state(tmp_path)] == [ours.pid]


def test_killed_group_is_gone(tmp_path, ours):
    (tmp_path / "one.pid").write_text(str(ours.pid))
    assert leftovers.kill_group_of(tmp_path / "one.pid", tmp_path) == [ours.pid]
    assert ours.wait(timeout=10) is not None


def test_reused_id_of_a_strange_process_is_left_alone(tmp_path, others):
    (tmp_path / "one.pid").write_text(str(others.pid))
    assert leftovers.kill_group_of(tmp_path / "one.pid", tmp_path) == []
    assert others.poll() is None


@pytest.mark.parametrize("text", ["", "abc"])
def test_damaged_id_kills_nothing(tmp_path, text):
    (tmp_path / "one.pid").write_text(text)
    assert leftovers.kill_group_of(tmp_path / "one.pid", tmp_path) == []


def test_jobmanager_started_again_takes_the_taskmanager_with_it(layout, ours):
    layout.pid_of(TASKMANAGER).write_text(str(ours.pid))
    layout.pid_of(JOBMANAGER).write_text(str(2**22))
    assert launch.clear_the_way(layout, JOBMANAGER) == [ours.pid]


def test_jobmanager_started_first_leaves_the_taskmanager_alone(layout, ours):
    layout.pid_of(TASKMANAGER).write_text(str(ours.pid))
    assert launch.clear_the_way(layout, JOBMANAGER) == []


def test_taskmanager_started_again_kills_the_workers_it_left(layout, ours):
    layout.pid_of(TASKMANAGER).write_text(str(ours.pid))
    assert launch.clear_the_way(layout, TASKMANAGER) == [ours.pid]


def test_folder_of_things_to_lose_is_emptied(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    launch.empty(tmp_path / "a")
    assert os.listdir(tmp_path / "a") == []


def test_program_never_started_was_started_no_times(layout):
    assert launch.starts(layout, "one") == 0
    layout.starts_of("one").write_text("3")
    assert launch.starts(layout, "one") == 3
