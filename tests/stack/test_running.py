"""`up` and `down`: one start at a time, and nothing is left running."""

import subprocess
import sys

import pytest

from stack import leftovers, running, up
from stack.errors import AlreadyRunningError, NotRunningError, SettingsError
from stack.settings import Settings

WAITING = [sys.executable, "-S", "-c", "print(flush=True); input()"]


def test_second_up_is_refused_while_the_first_one_starts(layout):
    with (
        up.alone(layout),
        pytest.raises(AlreadyRunningError, match="another"),
        up.alone(layout),
    ):
        pass
    with up.alone(layout):  # the first one is through
        pass


def test_what_a_killed_supervisor_left_running_is_stopped(layout, capsys):
    environment = {"HEXLINE_STATE": str(layout.root)}
    with subprocess.Popen(
        WAITING, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as left:
        left.stdout.readline()
        running.down(layout)
        assert not list(leftovers.of_state(layout.root))
    assert "1 processes had to be killed" in capsys.readouterr().out


@pytest.mark.parametrize("speed", ["60x", "0", "-1", "inf", "nan"])
def test_speed_that_is_none_is_refused_before_it_is_kept(layout, speed):
    with pytest.raises(SettingsError, match=f"--speed {speed}: expected a number above 0, or max"):
        up.check(layout, Settings(city="nyc", speed=speed))
    assert not layout.settings_file.exists()


def test_down_where_nothing_runs_says_so(layout):
    with pytest.raises(NotRunningError, match="nothing runs in"):
        running.down(layout)
