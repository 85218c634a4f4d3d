"""What `doctor` finds on a machine and in a state folder, one line a thing."""

import socket

import pytest

from stack import doctor, preflight
from stack.errors import StackError
from stack.layout import Layout
from stack.ports import LOOPBACK

BASE = 28_100


@pytest.fixture
def findings(tmp_path):
    """Give a function that looks at a new folder, by subject."""

    def look(root=tmp_path / "state"):
        return {finding.subject: finding for finding in doctor.look(Layout(root), BASE)}

    return look


def test_every_part_of_a_start_is_looked_at(findings):
    found = findings()
    assert list(found) == [
        "Python", "Java", "Flink", "Jars", "Folder", "Disk", "Memory", "Ports", "Browser",
    ]  # fmt: skip
    assert all(finding.remark for finding in found.values())


def test_new_folder_will_be_made_and_its_jars_fetched(findings, tmp_path):
    found = findings()
    assert found["Folder"].remark == f"{tmp_path / 'state'} will be made"
    assert found["Jars"].remark.endswith("will be fetched at the first start")
    assert not (tmp_path / "state").exists()


def test_folder_that_is_a_file_keeps_the_stack_from_starting(findings, tmp_path):
    (tmp_path / "file").write_text("")
    assert not findings(tmp_path / "file")["Folder"].good


def test_folder_that_cannot_be_looked_at_leaves_the_other_findings(findings, tmp_path):
    found = findings(tmp_path / ("x" * 300))
    assert not found["Folder"].good
    assert found["Browser"].good


def test_folder_with_brackets_is_shown_as_it_is_called(tmp_path, capsys):
    doctor.examine(Layout(tmp_path / "[dev]"), BASE)
    assert f"{tmp_path}/[dev] will be made" in capsys.readouterr().out


def test_disk_without_room_is_told_with_what_to_do(findings, monkeypatch):
    assert findings()["Disk"].good
    monkeypatch.setattr(preflight, "free_bytes", lambda _root: preflight.GIB)
    disk = findings()["Disk"]
    assert not disk.good
    assert "1.0 GiB free: expected at least 2" in disk.remark


def test_port_that_is_taken_is_named_with_another_that_is_free(findings):
    with socket.create_server((LOOPBACK, BASE)):
        ports = findings()["Ports"]
    assert not ports.good
    assert f"port {BASE}" in ports.remark
    assert "--ports" in ports.remark


def test_missing_java_is_a_finding_and_the_rest_is_looked_at(findings, monkeypatch):
    def none(_environ):
        raise StackError("no Java")

    monkeypatch.setattr(doctor, "find_java_home", none)
    found = findings()
    assert (found["Java"].good, found["Java"].remark) == (False, "no Java")
    assert found["Ports"].good


def test_one_bad_finding_is_a_bad_end(tmp_path, monkeypatch, capsys):
    assert doctor.examine(Layout(tmp_path), BASE)
    monkeypatch.setattr(preflight, "free_bytes", lambda _root: 0)
    assert not doctor.examine(Layout(tmp_path), BASE)
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("✗") for line in lines) == 1
