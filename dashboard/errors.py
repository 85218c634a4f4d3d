"""Errors of the war room; each leaf is also the built-in a caller would guess."""

from __future__ import annotations


class DashboardError(Exception):
    """Any error of the war room."""


class RequestError(DashboardError, ValueError):
    """A request names something that does not have the expected form; answered with 400."""


class UnknownError(DashboardError, LookupError):
    """A request names something this city does not have; answered with 404."""


class CapacityError(DashboardError, MemoryError):
    """A bounded table is full."""
