"""The environment is made from the lock, once, and in one go."""

import fcntl
import sys

import pytest

from stack import environment

LOCK = """\
aaa==1.0 \\
    --hash=sha256:11
setuptools==84.2.1 \\
    --hash=sha256:22 \\
    --hash=sha256:33
setuptools-scm==9 \\
    --hash=sha256:44
"""


def test_one_package_is_cut_out_of_the_lock_with_its_hashes():
    assert environment.requirement(LOCK, "setuptools").splitlines() == [
        "setuptools==84.2.1 \\", "    --hash=sha256:22 \\", "    --hash=sha256:33",
    ]  # fmt: skip


def test_package_the_lock_lacks_is_nothing():
    assert environment.requirement(LOCK, "wheel") == ""


def test_installed_means_this_very_lock(tmp_path):
    lock, stamp = tmp_path / "lock", tmp_path / "stamp"
    lock.write_text(LOCK)
    assert not environment.installed(stamp, lock)
    stamp.write_text(LOCK + "more")
    assert not environment.installed(stamp, lock)
    stamp.write_text(LOCK)
    assert environment.installed(stamp, lock)


def test_second_run_waits_and_says_so(tmp_path, monkeypatch, capsys):
    calls = []

    def flock(_file, flags):
        calls.append(flags)
        if flags & fcntl.LOCK_NB:
            raise BlockingIOError

    monkeypatch.setattr(fcntl, "flock", flock)
    with (tmp_path / "guard").open("w") as guard:
        environment.wait_for(guard)
    assert calls == [fcntl.LOCK_EX | fcntl.LOCK_NB, fcntl.LOCK_EX]
    assert "waiting for another run" in capsys.readouterr().err


def test_environment_whose_python_is_gone_is_made_again(tmp_path, monkeypatch):
    lock, made = tmp_path / "lock", []
    lock.write_text(LOCK)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "stamp").write_text(LOCK)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(tmp_path / "gone")
    monkeypatch.setattr(environment, "make", made.append)
    monkeypatch.setattr(environment, "install", lambda _folder, _lock: None)
    environment.main(tmp_path / ".venv", lock, "stamp")
    assert made == [tmp_path / ".venv"]


def test_installation_that_fails_leaves_no_stamp(tmp_path, monkeypatch):
    lock = tmp_path / "lock"
    lock.write_text(LOCK)
    monkeypatch.setattr(environment, "make", lambda _folder: None)
    monkeypatch.setattr(
        environment, "install", lambda _folder, _lock: environment.stop("no network")
    )
    with pytest.raises(SystemExit):
        environment.main(tmp_path / ".venv", lock, "stamp")
    assert not (tmp_path / ".venv" / "stamp").exists()


def test_python_whose_environments_do_not_start_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(environment, "works", lambda _folder: False)
    with pytest.raises(SystemExit):
        environment.make(tmp_path / "made")
    assert f"{sys.executable} makes environments" in capsys.readouterr().err


def test_wheel_of_pip_comes_with_the_checkout():
    assert len(list(environment.VENDOR.glob("pip-*.whl"))) == 1
