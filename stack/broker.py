"""The Kafka broker: one node that is broker and controller, on the loopback address."""

from __future__ import annotations

import subprocess
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path

from stack.errors import StackError
from stack.layout import Layout
from stack.ports import Ports, address

HEAP_MB = 512
MIB = 1 << 20
LARGEST_MESSAGE_BYTES = 8 * MIB
UNLIMITED_MS = 2**63 - 1


def properties(layout: Layout, ports: Ports) -> dict[str, str]:
    """Give the broker's settings; the topics' own are in `schemas.topics`."""
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{address(ports.controller)}",
        "controller.listener.names": "CONTROLLER",
        "listeners": (
            f"PLAINTEXT://{address(ports.broker)},CONTROLLER://{address(ports.controller)}"
        ),
        "advertised.listeners": f"PLAINTEXT://{address(ports.broker)}",
        "log.dirs": str(layout.kafka),
        "auto.create.topics.enable": "false",
        "message.max.bytes": str(LARGEST_MESSAGE_BYTES),
        # A replay of 2020 sends records of 2020.
        "log.message.timestamp.before.max.ms": str(UNLIMITED_MS),
        # After a kill the broker is let back in when its old session has run out.
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        # Only closed segments are compacted, so they are closed early.
        "log.segment.bytes": str(64 * MIB),
        "log.cleaner.enable": "true",
        # Taken from the heap at start; 128 MiB by default.
        "log.cleaner.dedupe.buffer.size": str(32 * MIB),
        "num.network.threads": "2",
        "num.io.threads": "4",
        "num.recovery.threads.per.data.dir": "2",
        "controlled.shutdown.max.retries": "1",
    }


def properties_text(settings: dict[str, str]) -> str:
    """Write settings as a Java properties file."""
    return "".join(f"{key}={_escaped(value)}\n" for key, value in settings.items())


def _escaped(value: str) -> str:
    """Escape what Java would read otherwise: it takes the file for Latin-1."""
    units = value.replace("\\", "\\\\").encode("utf-16-be")
    pairs = [int.from_bytes(units[at : at + 2]) for at in range(0, len(units), 2)]
    return "".join(chr(unit) if unit < 0x80 else f"\\u{unit:04x}" for unit in pairs)


def java_command(layout: Layout, java_home: Path, heap_mb: int) -> list[str]:
    """Give the part of the command line that all of Kafka's programs share."""
    return [
        str(java_home / "bin" / "java"),
        f"-Xms{heap_mb // 2}m",
        f"-Xmx{heap_mb}m",
        "-XX:+UseSerialGC",
        "-XX:MaxDirectMemorySize=128m",
        "-XX:+ExitOnOutOfMemoryError",
        "-Djava.awt.headless=true",
        "-Dorg.slf4j.simpleLogger.logFile=System.out",
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSS",
        "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.clients=warn",
        f"-Djava.io.tmpdir={layout.run}",
        "-cp",
        f"{layout.jars / 'kafka'}/*",
    ]


def configuration_file(layout: Layout) -> Path:
    """Say where the broker's settings are written."""
    return layout.run / "broker.properties"


def command(layout: Layout, java_home: Path) -> list[str]:
    """Give the broker's command line."""
    return [
        *java_command(layout, java_home, HEAP_MB),
        "kafka.Kafka",
        str(configuration_file(layout)),
    ]


def format_storage(layout: Layout, java_home: Path) -> None:
    """Prepare the log directory; done once in the life of a state folder."""
    if (layout.kafka / "meta.properties").exists():
        return
    cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    said = subprocess.run(
        [
            *java_command(layout, java_home, heap_mb=128),
            # joined by "=": one identifier in 64 begins with "-" and would be read as an option
            "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}",
            "--config", str(configuration_file(layout)),
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if said.returncode != 0:
        raise StackError(
            f"the broker's folder {layout.kafka} cannot be prepared: "
            f"{(said.stderr or said.stdout).strip().splitlines()[-1:]}"
        )
