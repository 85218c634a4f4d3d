"""Flink on one machine: a JobManager and a TaskManager, started as plain Java programs.

The Python package holds the whole distribution. Its shell scripts are not used: they need
programs that a bare system lacks, and the started process would not be the JVM itself.
"""

from __future__ import annotations

import json
from pathlib import Path

from stack import gateway
from stack.layout import Layout
from stack.loopback import write_patched
from stack.ports import LOOPBACK, Ports

JOBMANAGER_HEAP_MB = 384
TASK_HEAP_MB = 1152
YOUNG_MB = 768
FRAMEWORK_HEAP_MB = 128
MANAGED_MB = 1024
NETWORK_MB = 128
OFF_HEAP_MB = 128
METASPACE_MB = 256
SLOTS = 4

OPENED = (
    "--add-exports=java.rmi/sun.rmi.registry=ALL-UNNAMED",
    "--add-exports=java.security.jgss/sun.security.krb5=ALL-UNNAMED",
    *(
        f"--add-opens=java.base/{package}=ALL-UNNAMED"
        for package in (
            "java.lang", "java.net", "java.io", "java.nio", "sun.nio.ch", "java.lang.reflect",
            "java.text", "java.time", "java.util", "java.util.concurrent",
            "java.util.concurrent.atomic", "java.util.concurrent.locks",
        )
    ),
)  # fmt: skip
"""What Flink 2.3 opens in the JDK, less the compiler, which a plain Java runtime lacks."""


def home() -> Path:
    """Give the folder of Flink's distribution inside the Python package."""
    import pyflink  # noqa: PLC0415 - only its place is wanted

    return Path(pyflink.__path__[0])


def configuration(layout: Layout, ports: Ports, java_home: Path) -> dict[str, object]:
    """Give the cluster's settings; jobs set their own checkpoints, state and restarts."""
    return {
        "env.java.home": str(java_home),
        "env.java.opts.all": " ".join(OPENED),
        "jobmanager.rpc.address": LOOPBACK,
        "jobmanager.rpc.port": ports.jobmanager_rpc,
        "jobmanager.bind-host": LOOPBACK,
        "jobmanager.memory.process.size": "768m",
        "blob.server.port": str(ports.blobs),
        "rest.address": LOOPBACK,
        "rest.port": ports.flink,
        "rest.bind-address": LOOPBACK,
        "rest.bind-port": str(ports.flink),
        "taskmanager.host": LOOPBACK,
        "taskmanager.bind-host": LOOPBACK,
        "taskmanager.rpc.port": str(ports.taskmanager_rpc),
        "taskmanager.data.port": ports.taskmanager_data,
        "taskmanager.numberOfTaskSlots": SLOTS,
        **_taskmanager_memory(),
        "parallelism.default": 1,
        "io.tmp.dirs": str(layout.flink_tmp),
        # A lost TaskManager is noticed soon, a long pause is not taken for a loss.
        "heartbeat.interval": 2000,
        "heartbeat.timeout": 10_000,
        "restart-strategy.type": "fixed-delay",
        "restart-strategy.fixed-delay.delay": "1 s",
        "restart-strategy.fixed-delay.attempts": 2**31 - 1,
        "state.backend.type": "rocksdb",
        # Beside the TaskManager's log, one that was killed would leave some behind for ever.
        "state.backend.rocksdb.log.dir": str(tmp_of(layout, "taskmanager")),
        "execution.checkpointing.interval": "5 s",
        "execution.checkpointing.incremental": True,
        "execution.checkpointing.num-retained": 3,
        "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
        "execution.checkpointing.tolerable-failed-checkpoints": 100,
        # Flink takes what stands behind the scheme as it is: %20 would be a folder's name.
        "execution.checkpointing.dir": f"file://{layout.checkpoints}",
        "execution.checkpointing.savepoint-dir": f"file://{layout.savepoints}",
        # What is asked of the JobManager is at most so old.
        "web.refresh-interval": 1000,
    }


def _taskmanager_memory() -> dict[str, object]:
    """Spell every part out: the distribution's scripts would work them out otherwise."""
    return {
        "taskmanager.cpu.cores": 2.0,
        "taskmanager.memory.framework.heap.size": f"{FRAMEWORK_HEAP_MB}m",
        "taskmanager.memory.task.heap.size": f"{TASK_HEAP_MB}m",
        "taskmanager.memory.framework.off-heap.size": f"{OFF_HEAP_MB}m",
        "taskmanager.memory.task.off-heap.size": "0m",
        "taskmanager.memory.network.min": f"{NETWORK_MB}m",
        "taskmanager.memory.network.max": f"{NETWORK_MB}m",
        "taskmanager.memory.managed.size": f"{MANAGED_MB}m",
        "taskmanager.memory.jvm-metaspace.size": f"{METASPACE_MB}m",
        "taskmanager.memory.jvm-overhead.min": "192m",
        "taskmanager.memory.jvm-overhead.max": "192m",
    }


def yaml_text(settings: dict[str, object]) -> str:
    """Write flat settings as YAML; a JSON scalar is one too."""
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in settings.items())


LOGGING = """\
rootLogger.level = {level}
rootLogger.appenderRef.console.ref = Console
appender.console.name = Console
appender.console.type = CONSOLE
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{{yyyy-MM-dd'T'HH:mm:ss,SSS}} %-5p %c{{1}} %x - %m%n
logger.kafka.name = org.apache.kafka
logger.kafka.level = WARN
logger.python.name = PythonWorker
logger.python.level = INFO
"""


def write_configuration(layout: Layout, ports: Ports, java_home: Path) -> None:
    """Write Flink's own configuration folder and the links of its class path."""
    settings = configuration(layout, ports, java_home)
    (layout.flink_conf / "config.yaml").write_text(yaml_text(settings))
    (layout.flink_conf / "log4j-console.properties").write_text(LOGGING.format(level="INFO"))
    # What submits a job tells at length which types it looked at.
    (layout.flink_conf / "log4j-cli.properties").write_text(LOGGING.format(level="WARN"))
    link_jars(layout)
    write_patched(python_jar(), layout.flink_patched)


def python_jar() -> Path:
    """Find the jar with which Flink talks to its Python workers."""
    return next((home() / "opt").glob("flink-python-*.jar"))


def link_jars(layout: Layout) -> None:
    """Lay links to every jar of the class path into one folder."""
    for link in layout.flink_lib.glob("*.jar"):
        link.unlink()
    jars = [
        *(home() / "lib").glob("*.jar"),
        python_jar(),
        *(layout.jars / "flink").glob("*.jar"),
    ]
    for jar in jars:
        (layout.flink_lib / jar.name).symlink_to(jar)


def jobmanager_command(layout: Layout, ports: Ports, java_home: Path) -> list[str]:
    """Give the JobManager's command line."""
    return [
        *_java(layout, java_home, "jobmanager", heap_mb=JOBMANAGER_HEAP_MB),
        "-XX:+UseSerialGC",
        # It hands out work and does none: what it compiles better later it never earns.
        "-XX:TieredStopAtLevel=1",
        "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
        *_own_settings(layout, "jobmanager", ports.jobmanager_metrics),
    ]


def taskmanager_command(layout: Layout, ports: Ports, java_home: Path) -> list[str]:
    """Give the TaskManager's command line."""
    direct_mb = OFF_HEAP_MB + NETWORK_MB
    return [
        *_java(layout, java_home, "taskmanager", heap_mb=FRAMEWORK_HEAP_MB + TASK_HEAP_MB),
        # What a bundle holds dies together; the young generation is wide enough that it does so
        # there. With many short pauses on few cores, collecting beside the work costs more.
        "-XX:+UseParallelGC",
        f"-Xmn{YOUNG_MB}m",
        # Taken at once: what it takes does not grow with the work, and is seen from the start.
        "-XX:+AlwaysPreTouch",
        f"-XX:MaxDirectMemorySize={direct_mb}m",
        "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
        *_own_settings(layout, "taskmanager", ports.taskmanager_metrics),
    ]


def _own_settings(layout: Layout, name: str, metrics_port: int) -> list[str]:
    """Give the settings in which JobManager and TaskManager differ."""
    own = {"io.tmp.dirs": tmp_of(layout, name), **gateway.reporter(metrics_port, name)}
    settings = [word for key, value in own.items() for word in ("-D", f"{key}={value}")]
    return ["--configDir", str(layout.flink_conf), *settings]


def tmp_of(layout: Layout, name: str) -> Path:
    """Say where one of Flink's processes keeps what it may lose."""
    return layout.flink_tmp / name


def _java(layout: Layout, java_home: Path, name: str, *, heap_mb: int) -> list[str]:
    logging = (layout.flink_conf / "log4j-console.properties").as_uri()
    return [
        str(java_home / "bin" / "java"),
        f"-Xms{heap_mb}m",
        f"-Xmx{heap_mb}m",
        f"-XX:MaxMetaspaceSize={METASPACE_MB}m",
        "-XX:+ExitOnOutOfMemoryError",
        *OPENED,
        f"-Dlog.file={layout.log_of(name)}",
        f"-Dlog4j.configurationFile={logging}",
        f"-Djava.io.tmpdir={tmp_of(layout, name)}",
        "-cp",
        f"{layout.flink_patched}:{layout.flink_lib}/*",
    ]
