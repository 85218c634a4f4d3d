"""Flink's settings of a job; all of them, for a submitted job takes none from the cluster."""

from __future__ import annotations

import sys
from urllib.parse import urlparse

from jobs.config import Cluster, Pace

FOREVER = str(2**31 - 1)


def settings(
    name: str, cluster: Cluster, pace: Pace, state_ttl_ms: int, restore: str | None = None
) -> dict[str, str]:
    """Give every setting of one job; `restore` is the checkpoint or savepoint to start from."""
    return {
        "pipeline.name": name,
        "parallelism.default": str(cluster.parallelism),
        **_target(cluster),
        **_checkpoints(cluster),
        **_rocksdb(),
        **_restarts(),
        **_tables(pace, state_ttl_ms),
        **_python(pace),
        **({"execution.state-recovery.path": restore} if restore else {}),
    }


def _target(cluster: Cluster) -> dict[str, str]:
    address = urlparse(cluster.rest_url)
    return {
        "execution.target": "remote",
        "execution.attached": "false",
        "rest.address": address.hostname or "",
        "rest.port": str(address.port or 8081),
        # A JobManager that is just starting is asked twice a second, not every three.
        "rest.retry.delay": "500 ms",
        "rest.retry.max-attempts": "240",
    }


def _checkpoints(cluster: Cluster) -> dict[str, str]:
    return {
        "state.backend.type": cluster.backend,
        "execution.checkpointing.interval": f"{cluster.checkpoint_ms} ms",
        "execution.checkpointing.incremental": "true",
        "execution.checkpointing.mode": "EXACTLY_ONCE",
        "execution.checkpointing.dir": f"{cluster.state_uri}/checkpoints",
        "execution.checkpointing.savepoint-dir": f"{cluster.state_uri}/savepoints",
        "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
        "execution.checkpointing.num-retained": "3",
        "execution.checkpointing.tolerable-failed-checkpoints": "100",
        "execution.checkpointing.timeout": "2 min",
    }


def _rocksdb() -> dict[str, str]:
    return {
        # Most look-ups are for events never seen; a filter answers them without a read.
        "state.backend.rocksdb.use-bloom-filter": "true",
        # In one piece an index or filter of some MB does not fit into its share of the cache,
        # and is read anew from the disk for every look-up.
        "state.backend.rocksdb.memory.partitioned-index-filters": "true",
        # Every checkpoint flushes a few hundred kilobytes. By levels each handful of such files
        # rewrites a whole level of random keys; runs of like size are merged with each other.
        "state.backend.rocksdb.compaction.style": "UNIVERSAL",
        "state.backend.rocksdb.compression.per.level": "NO_COMPRESSION",
    }


def _restarts() -> dict[str, str]:
    return {
        "restart-strategy.type": "fixed-delay",
        "restart-strategy.fixed-delay.delay": "1 s",
        "restart-strategy.fixed-delay.attempts": FOREVER,
    }


def _tables(pace: Pace, state_ttl_ms: int) -> dict[str, str]:
    return {
        "pipeline.object-reuse": "true",
        "table.local-time-zone": "UTC",
        "table.exec.state.ttl": f"{state_ttl_ms} ms",
        "table.exec.mini-batch.enabled": "true",
        "table.exec.mini-batch.allow-latency": f"{pace.mini_batch_ms} ms",
        "table.exec.mini-batch.size": str(pace.bundle_rows),
        # What several sinks share is planned once; otherwise each sink's own columns are pushed
        # down into it, and the shared rest hands on whole rows.
        "table.optimizer.reuse-optimize-block-with-digest-enabled": "true",
        "table.optimizer.agg-phase-strategy": "TWO_PHASE",
        # A quiet partition must not hold anything back; nothing here follows watermarks.
        "table.exec.source.idle-timeout": "0",
        # Keys of results are texts made from the group's columns; the planner cannot know that
        # they are as unique, and would keep every row to sort out what never happens.
        "table.exec.sink.upsert-materialize": "NONE",
    }


def _python(pace: Pace) -> dict[str, str]:
    return {
        "python.executable": sys.executable,
        "python.client.executable": sys.executable,
        "python.fn-execution.bundle.size": str(pace.bundle_rows),
        "python.fn-execution.bundle.time": str(pace.bundle_ms),
        "python.fn-execution.arrow.batch.size": str(pace.batch_rows),
        "python.fn-execution.buffered.size": "2",
    }
