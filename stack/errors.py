"""Errors of the stack; each is one clear line with what to do."""

from __future__ import annotations


class StackError(Exception):
    """Something keeps the stack from doing what was asked; the message says what to do."""


class NotRunningError(StackError, RuntimeError):
    """Nothing runs in this state folder."""


class AlreadyRunningError(StackError, RuntimeError):
    """Something runs in this state folder already."""


class StoppingError(StackError, RuntimeError):
    """What runs in this state folder is being stopped."""


class PortTakenError(StackError, OSError):
    """Another program listens on a port of ours."""


class JavaError(StackError, RuntimeError):
    """The Java asked for cannot be used."""


class JarError(StackError, RuntimeError):
    """A jar cannot be had, or is not the one that was locked."""


class FolderError(StackError, OSError):
    """The state folder cannot be used."""


class SettingsError(StackError, ValueError):
    """A setting has a value that cannot be used."""
