"""The ports of one stack, all derived from one base and all on the loopback address."""

from __future__ import annotations

from dataclasses import dataclass

from stack.errors import SettingsError

LOOPBACK = "127.0.0.1"
DEFAULT_BASE = 8600
COUNT = 10
HIGHEST = 65_535


@dataclass(frozen=True, slots=True)
class Ports:
    """Ten neighbouring ports, one a listener."""

    base: int

    def __post_init__(self) -> None:
        if not 1024 <= self.base <= HIGHEST - COUNT + 1:
            raise SettingsError(
                f"--ports {self.base}: expected a base in 1024..{HIGHEST - COUNT + 1}, "
                f"for example {DEFAULT_BASE}"
            )

    @property
    def web(self) -> int:
        """The war room."""
        return self.base

    @property
    def broker(self) -> int:
        """Kafka, for clients."""
        return self.base + 1

    @property
    def controller(self) -> int:
        """Kafka's controller."""
        return self.base + 2

    @property
    def flink(self) -> int:
        """Flink's REST and web page."""
        return self.base + 3

    @property
    def jobmanager_rpc(self) -> int:
        """JobManager, for TaskManagers."""
        return self.base + 4

    @property
    def blobs(self) -> int:
        """JobManager's blob server."""
        return self.base + 5

    @property
    def taskmanager_rpc(self) -> int:
        """TaskManager, for the JobManager."""
        return self.base + 6

    @property
    def taskmanager_data(self) -> int:
        """TaskManager's shuffle."""
        return self.base + 7

    @property
    def jobmanager_metrics(self) -> int:
        """JobManager's metrics for Prometheus."""
        return self.base + 8

    @property
    def taskmanager_metrics(self) -> int:
        """TaskManager's metrics for Prometheus."""
        return self.base + 9

    def named(self) -> dict[str, int]:
        """Give every port with the name of what listens there."""
        names = (
            "war room", "broker", "broker controller", "Flink REST", "JobManager RPC",
            "JobManager blobs", "TaskManager RPC", "TaskManager data", "JobManager metrics",
            "TaskManager metrics",
        )  # fmt: skip
        return {name: self.base + step for step, name in enumerate(names)}


def address(port: int) -> str:
    """Give host and port of a listener of ours."""
    return f"{LOOPBACK}:{port}"


def url(port: int) -> str:
    """Give the address of a web server of ours."""
    return f"http://{address(port)}"
