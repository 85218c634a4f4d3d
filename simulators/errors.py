"""Errors of this part; each leaf is also the built-in a caller would guess."""

from __future__ import annotations


class SimulatorError(Exception):
    """Any error of the simulators."""


class SettingError(SimulatorError, ValueError):
    """A setting of a run cannot be used."""


class SourceError(SimulatorError, FileNotFoundError):
    """The files that a run plays are not there, or are not what they should be."""

    def __str__(self) -> str:
        """Give the message alone, as it was written."""
        return str(self.args[0])


class BrokerError(SimulatorError, ConnectionError):
    """The broker does not answer, or refuses what is sent."""
