"""Pre-flight: each thing that can be wrong is one line with what to do."""

import socket

import pytest

from stack import preflight, towns
from stack.errors import FolderError, PortTakenError, SettingsError, StackError
from stack.ports import LOOPBACK, Ports


@pytest.fixture
def taken():
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_port_somebody_listens_on_is_taken(taken):
    assert not preflight.is_free(taken)


def test_taken_port_is_named_with_its_owner_and_a_way_out(taken):
    with pytest.raises(
        PortTakenError, match=rf"port {taken} \(war room\) is taken by cat.*--ports"
    ):
        preflight.check_ports(Ports(taken), listener=lambda _port: "cat (process 9)")


def test_owner_nobody_may_know_is_left_out(taken):
    with pytest.raises(PortTakenError, match="is taken: stop it"):
        preflight.check_ports(Ports(taken), listener=lambda _port: None)


def test_listener_of_our_own_process_is_found(taken):
    assert "process" in (preflight.listener_of(taken) or "")


def test_suggested_ports_are_free(taken):
    base = preflight.suggestion(Ports(8600))
    assert all(preflight.is_free(port) for port in Ports(base).named().values())


def test_disk_nearly_full_is_refused_with_what_is_free(tmp_path):
    with pytest.raises(StackError, match=r"1\.5 GiB free: expected at least 2"):
        preflight.check_disk(tmp_path / "new", free=3 * preflight.GIB // 2)


def test_exactly_two_gib_free_are_enough(tmp_path):
    preflight.check_disk(tmp_path, free=2 * preflight.GIB)


def test_file_in_place_of_the_state_folder_is_refused(tmp_path):
    (tmp_path / "state").write_text("")
    with pytest.raises(FolderError, match="is a file"):
        preflight.check_folder(tmp_path / "state")


def test_folder_without_permission_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    with pytest.raises(FolderError, match="change its owner"):
        preflight.check_folder(tmp_path)


@pytest.mark.parametrize(
    ("name", "sign"),
    [("50%", "%"), ("a,b", ","), ("a:b", ":"), ('a"b', '"'), ("run #2", "#"), ("a ;b", ";")],
)
def test_folder_whose_name_would_be_misread_is_refused(tmp_path, name, sign):
    with pytest.raises(FolderError, match=f"has a {sign} in its path"):
        preflight.check_folder(tmp_path / name / "state")


def test_folder_with_spaces_and_signs_of_other_scripts_is_fine(tmp_path):
    preflight.check_folder(tmp_path / "流 run#2")


def test_folder_that_can_be_made_is_fine(tmp_path):
    preflight.check_folder(tmp_path / "not" / "there" / "yet")


@pytest.mark.parametrize("text", [b"[statistics]\n[statistics]\n", b"id = \xff", b"id = "])
def test_settings_of_a_city_that_are_no_toml_are_one_line(tmp_path, text):
    (tmp_path / "city.toml").write_bytes(text)
    with pytest.raises(SettingsError, match=r"city\.toml: .*see \./hexline city check"):
        towns.is_replayed(str(tmp_path))


def test_city_of_a_relative_folder_means_the_same_from_any_other(tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "city.toml").write_text('id = "mine"\n')
    monkeypatch.chdir(tmp_path)
    assert towns.lasting("mine") == str(tmp_path / "mine")


@pytest.mark.parametrize("word", ["wuhan", "wuhan/", "cities/wuhan/", str(towns.CITIES / "wuhan")])
def test_city_of_ours_has_one_name_however_it_is_written(word, monkeypatch):
    monkeypatch.chdir(towns.CITIES.parent)
    assert towns.lasting(word) == "wuhan"


def test_city_that_cannot_be_loaded_is_named_with_what_shows_its_faults(tmp_path):
    (tmp_path / "city.toml").write_text('id = "mine"\n')
    with pytest.raises(SettingsError, match=f"see ./hexline city check {tmp_path}"):
        towns.require_whole(str(tmp_path))
