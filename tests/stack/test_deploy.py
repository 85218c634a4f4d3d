"""What is in `deploy/` is well formed, and keeps what the launcher promises."""

import json
import os
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from stack.layout import CHECKOUT

DEPLOY = CHECKOUT / "deploy"


@pytest.fixture(scope="module")
def service():
    """Give the one service, as the real docker-compose reads it."""
    beside = Path(sys.executable).with_name("docker-compose")
    program = str(beside) if beside.exists() else shutil.which("docker-compose")
    if program is None:
        pytest.skip("no docker-compose here: it comes with requirements-dev.lock")
    said = subprocess.run(
        [program, "-f", DEPLOY / "docker-compose.yml", "config", "--format", "json"],
        capture_output=True, text=True, check=True, env={"PATH": os.defpath, "HOME": os.devnull},
    )  # fmt: skip
    return json.loads(said.stdout)["services"]["hexline"]


def test_container_publishes_no_port_and_keeps_loopback(service):
    assert service["network_mode"] == "host"
    assert "ports" not in service


def test_container_keeps_its_state_in_a_volume_and_writes_nowhere_else(service):
    assert [volume["target"] for volume in service["volumes"]] == ["/var/lib/hexline/state"]
    assert service["read_only"] is True
    assert "--state" in service["command"]


def test_container_is_given_time_to_stop(service):
    assert service["stop_grace_period"] == "1m30s"


def test_every_file_the_image_copies_is_there():
    text = (DEPLOY / "Containerfile").read_text()
    copied = re.findall(r"^COPY (\S+)", text, re.MULTILINE)
    assert copied
    assert [name for name in copied if not (CHECKOUT / name).exists()] == []


def test_no_state_folder_gets_into_the_image():
    left_out = (CHECKOUT / ".dockerignore").read_text().split()
    for name in (".hexline", ".hexline-nyc"):  # as docs/operations.md calls them
        assert any(fnmatch(name, pattern) for pattern in left_out)
    assert not any(fnmatch("hexline", pattern) for pattern in left_out)
