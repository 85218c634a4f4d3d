"""Errors of this part; each leaf is also the built-in a caller would guess."""

from __future__ import annotations

from pathlib import Path


class SimulatorError(Exception):
    """Any error of the simulators."""


class SettingError(SimulatorError, ValueError):
    """A setting of a run cannot be used."""


class SourceError(SimulatorError, FileNotFoundError):
    """The files that a run plays are not there, or are not what they should be."""

    def __str__(self) -> str:
        """Give the message alone, as it was written."""
        return str(self.args[0])


class DiskError(SimulatorError, OSError):
    """What a run writes cannot be written: the disk is full, or the folder not ours."""

    @classmethod
    def at(cls, folder: Path, error: Exception) -> DiskError:
        """Name the folder and what the system says."""
        said = getattr(error, "strerror", None) or str(error)
        return cls(f"{folder}: cannot be written ({said}); what is there of the run is incomplete")


class WorkerError(SimulatorError, RuntimeError):
    """A process that works for a run has ended before it should."""


class BrokerError(SimulatorError, ConnectionError):
    """The broker does not answer, or refuses what is sent."""
