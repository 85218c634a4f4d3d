"""Errors of this part; each leaf is also the built-in a caller would guess."""

from __future__ import annotations


class SchemaError(Exception):
    """Any error of the schemas."""


class ConfigError(SchemaError, ValueError):
    """A setting is missing or has a value that cannot be used."""


class UnknownTopicError(SchemaError, KeyError):
    """No topic has this name."""

    @classmethod
    def named(cls, name: str, known: list[str]) -> UnknownTopicError:
        """Name the topic asked for and those there are."""
        return cls(f"topic {name!r} is not one of Hexline's: {', '.join(known)}")

    def __str__(self) -> str:
        """Give the message without the quotes a KeyError puts around it."""
        return str(self.args[0])
