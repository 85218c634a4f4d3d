"""Where everything lies in the state folder, and where the checkout itself is."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
DEFAULT_STATE = CHECKOUT / ".hexline"
# A unix socket's path must fit into 108 bytes, the closing zero included.
LONGEST_SOCKET_PATH = 100


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders and files of one state folder."""

    root: Path

    @property
    def kafka(self) -> Path:
        """The broker's log directory."""
        return self.root / "kafka"

    @property
    def flink(self) -> Path:
        """All of Flink's folders."""
        return self.root / "flink"

    @property
    def flink_conf(self) -> Path:
        """Flink's configuration."""
        return self.flink / "conf"

    @property
    def flink_lib(self) -> Path:
        """Links to the jars of Flink's class path."""
        return self.flink / "lib"

    @property
    def flink_patched(self) -> Path:
        """Classes that come before those of the jars."""
        return self.flink / "patched"

    @property
    def flink_tmp(self) -> Path:
        """What Flink's processes may lose; emptied at every start."""
        return self.flink / "tmp"

    @property
    def checkpoints(self) -> Path:
        """Retained checkpoints, one folder a job id."""
        return self.flink / "checkpoints"

    @property
    def savepoints(self) -> Path:
        """Savepoints taken by hand or by an upgrade."""
        return self.flink / "savepoints"

    @property
    def jars(self) -> Path:
        """The verified jars."""
        return self.root / "jars"

    @property
    def run(self) -> Path:
        """What describes the running processes."""
        return self.root / "run"

    @property
    def log(self) -> Path:
        """One log a process."""
        return self.root / "log"

    @property
    def settings_file(self) -> Path:
        """What a second `up` continues with."""
        return self.root / "settings.json"

    @property
    def jobs_file(self) -> Path:
        """Which job has which id and checkpoint."""
        return self.root / "jobs.json"

    @property
    def topics_file(self) -> Path:
        """Which topics the states of the jobs belong to."""
        return self.root / "topics.json"

    @property
    def java_file(self) -> Path:
        """The path of the Java in use."""
        return self.root / "java"

    @property
    def programs_file(self) -> Path:
        """The command lines of all processes."""
        return self.run / "programs.json"

    @property
    def hosts_file(self) -> Path:
        """The names that a JVM may look up."""
        return self.run / "hosts"

    @property
    def up_lock(self) -> Path:
        """Held by the `up` that is starting everything."""
        return self.run / "up.lock"

    @property
    def supervisor_conf(self) -> Path:
        """The supervisor's configuration."""
        return self.run / "supervisord.conf"

    @property
    def supervisor_pid(self) -> Path:
        """The supervisor's process id."""
        return self.run / "supervisord.pid"

    @property
    def socket(self) -> Path:
        """The supervisor's socket; elsewhere where the state folder's path is too long for one."""
        inside = self.run / "supervisor.sock"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
            return inside
        name = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"hexline-{os.getuid()}-{name}" / "supervisor.sock"

    def log_of(self, name: str) -> Path:
        """Give the log file of one process."""
        return self.log / f"{name}.log"

    def pid_of(self, name: str) -> Path:
        """Give the file with the id of one process, which is also its group's."""
        return self.run / f"{name}.pid"

    def starts_of(self, name: str) -> Path:
        """Give the file that counts how often one process was started."""
        return self.run / f"{name}.starts"

    def folders(self) -> tuple[Path, ...]:
        """Give every folder that must exist before anything starts."""
        return (
            self.kafka,
            self.flink_conf,
            self.flink_lib,
            self.flink_tmp,
            self.checkpoints,
            self.savepoints,
            self.jars,
            self.run,
            self.log,
            self.socket.parent,
        )

    def make(self) -> None:
        """Make the folders; only their owner may look inside."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in self.folders():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
