"""Settings: what a second `up` continues with."""

import pytest

from stack.errors import SettingsError
from stack.layout import Layout
from stack.settings import Settings, load, merged, require_ports, save

NOTHING = {"city": None, "ports": None, "stream": None, "rate": None, "speed": None}


def test_settings_come_back_as_they_were_saved(tmp_path):
    settings = Settings(city="nyc", ports=8700, stream=False, speed="max")
    save(settings, tmp_path / "settings.json")
    assert load(tmp_path / "settings.json") == settings


def test_folder_where_nothing_was_started_has_no_settings(tmp_path):
    assert load(tmp_path / "settings.json") is None


def test_damaged_settings_are_named_with_what_to_do(tmp_path):
    (tmp_path / "settings.json").write_text('{"city": 3')
    with pytest.raises(SettingsError, match="remove it"):
        load(tmp_path / "settings.json")


def test_second_up_without_options_continues_the_first():
    first = Settings(city="nyc", ports=8700, stream=False, speed="600")
    assert merged(first, **NOTHING) == first


def test_option_given_now_stands_over_the_stored_one():
    first = Settings(city="wuhan", rate=5.0)
    assert merged(first, **(NOTHING | {"rate": 50.0})) == Settings(city="wuhan", rate=50.0)


def test_stream_switched_off_stays_a_choice():
    assert not merged(Settings(stream=True), **(NOTHING | {"stream": False})).stream


def test_other_city_is_refused_and_another_folder_named():
    with pytest.raises(SettingsError, match="--state DIR"):
        merged(Settings(city="wuhan"), **(NOTHING | {"city": "nyc"}))


def test_first_up_starts_the_default_city():
    assert merged(None, **NOTHING).city == "wuhan"


def test_pace_asked_for_brings_a_stream_switched_off_back():
    assert merged(Settings(stream=False), **(NOTHING | {"rate": 5.0})).stream


def test_ports_that_belong_to_another_stack_are_refused_with_both(tmp_path):
    layout = Layout(tmp_path)
    save(Settings(ports=8700), layout.settings_file)
    require_ports(layout, 8700)
    with pytest.raises(SettingsError, match="begin at 8700, not at 9000"):
        require_ports(layout, 9000)


def test_folder_where_nothing_was_started_takes_any_ports(tmp_path):
    require_ports(Layout(tmp_path), 9000)
