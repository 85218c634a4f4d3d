"""Errors of the jobs; each leaf is also the built-in a caller would guess."""

from __future__ import annotations


class JobError(Exception):
    """Any error of the jobs."""


class UnknownJobError(JobError, KeyError):
    """No job has this name."""

    @classmethod
    def named(cls, name: str, known: list[str]) -> UnknownJobError:
        """Name the job asked for and those there are."""
        return cls(f"job {name!r} is not one of Hexline's: {', '.join(known)}")

    def __str__(self) -> str:
        """Give the message without the quotes a KeyError puts around it."""
        return str(self.args[0])


class ClusterError(JobError, ConnectionError):
    """Flink did not answer, or answered that it cannot."""


class NotRunningError(JobError, LookupError):
    """The job is not running, so nothing can be asked of it."""


class NotHealthyError(JobError, TimeoutError):
    """The job was submitted but completed no checkpoint in time."""


class StateLayoutError(JobError, ValueError):
    """A new version cannot take over the state of the running one."""


class MissingTopicError(JobError, LookupError):
    """A topic that the job reads or writes is not there, or is not as it must be."""


class PlanError(JobError, RuntimeError):
    """Flink cannot plan or start the job."""
