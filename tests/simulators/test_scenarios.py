"""Scenarios are strict: a wrong key or value is one line that names it."""

import pytest

from simulators.durations import seconds_of
from simulators.errors import SettingError
from simulators.scenario import Phase, Scenario, read_scenario, shipped


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_scenario_can_be_read(name: str):
    assert read_scenario(name).days >= 1


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('name = "x"\nspeed = 3', "speed"),
        ('name = "x"\n[dirt]\nmissing = 0.1', "missing"),
        ('name = "x"\n[dirt]\nmissed = 1.5', "dirt.missed"),
        ('name = "x"\ndays = 0', "days"),
        ('name = "x"\n[[event]]\nkind = "flood"\nday = 1', "event"),
        ('name = "x"\n[[phase]]\nfrom_day = 1\nlevel = 4', "phase"),
        ('name = "x"\n[[phase]]\nfrom_day = 1\ncurfew_from = 4\ncurfew_to = 21', "no hour"),
        ("name = ", "not TOML"),
        ("days = 3", "name"),
        ('name = "../elsewhere"', "name"),
    ],
)
def test_what_a_scenario_cannot_say_is_refused_by_name(tmp_path, text: str, named: str):
    file = tmp_path / "bad.toml"
    file.write_text(text)
    with pytest.raises(SettingError, match=named):
        read_scenario(str(file))


def test_unknown_scenario_names_those_there_are():
    with pytest.raises(SettingError, match="quiet-week"):
        read_scenario("noisy-week")


def test_overlay_adds_its_lists_and_lays_its_tables_over():
    both = read_scenario("spring-return", ["many-events", "silent-gates"])
    assert len(both.event) == 2 + 11
    assert (both.name, both.days, both.dirt.silent) == ("spring-return", 14, 0.05)
    assert both.epidemic == read_scenario("spring-return").epidemic


def test_a_lockdown_is_let_go_again_in_steps_while_cases_still_come():
    scenario = read_scenario("lockdown-and-reopening")
    levels = [scenario.phase_on(day).level for day in range(scenario.days)]
    assert list(dict.fromkeys(levels[: levels.index(3) + 1])) == [0, 2, 3]
    assert list(dict.fromkeys(levels[levels.index(3) :])) == [3, 2, 1, 0]
    assert scenario.epidemic.imported_daily > 0


def test_phase_of_a_day_is_the_last_that_began():
    phases = (Phase(from_day=3, level=1), Phase(from_day=9, level=2))
    levels = [Scenario(name="x", phase=phases).phase_on(day).level for day in (0, 3, 8, 9, 99)]
    assert levels == [0, 1, 1, 2, 2]


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("1.5h", 5400), ("2d", 172_800)])
def test_durations_are_read_as_people_write_them(text: str, seconds: float):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["2", "0s", "h", "-1h", "2 h"])
def test_other_durations_are_refused(text: str):
    with pytest.raises(SettingError):
        seconds_of(text)
