"""Settings of the jobs: frozen, typed, read once at the edge."""

from __future__ import annotations

from dataclasses import dataclass, field

from schemas.broker import Broker
from schemas.times import CHECKIN_LIMITS, DAY_MS, Limits


@dataclass(frozen=True, slots=True)
class Pace:
    """How long records may wait to be worked on together: latency against throughput.

    The three waits follow each other: for a batch to Python, for an update of the counts, for
    a batch to the broker. `batch_rows` is the most that crosses into Python at once.
    """

    bundle_ms: int = 100
    mini_batch_ms: int = 100
    flush_ms: int = 100
    bundle_rows: int = 50_000
    batch_rows: int = 10_000


LIVE = Pace()


@dataclass(frozen=True, slots=True)
class Start:
    """Where reading starts when there is no state: the whole log, or an arrival time.

    Started from `from_ms`, a job publishes slices from `publish_from_ms` only: of earlier
    minutes it may have missed records. See `jobs.steps.restart`.
    """

    from_ms: int | None = None
    publish_from_ms: int = 0


@dataclass(frozen=True, slots=True)
class Cluster:
    """How a job runs on a Flink cluster.

    `state_uri` is the folder for checkpoints and savepoints, as a URI. `backend` is "rocksdb"
    or "hashmap".
    """

    rest_url: str
    state_uri: str
    parallelism: int = 1
    checkpoint_ms: int = 5_000
    backend: str = "rocksdb"


@dataclass(frozen=True, slots=True)
class CountsConfig:
    """What counts depends on.

    `no_dedupe_sources` are beginnings of `source` whose events are never sent twice; `dedupe`
    switches remembering events off altogether.
    """

    broker: Broker
    city: str
    no_dedupe_sources: tuple[str, ...] = ()
    dedupe: bool = True
    limits: Limits = CHECKIN_LIMITS
    start: Start = Start()
    pace: Pace = LIVE
    group: str = "hexline-counts"

    @property
    def state_ttl_ms(self) -> int:
        """How long a slice stays restatable, by the machine's clock.

        A slice's last record arrives at most the lateness after it; the day on top is how far
        the job may be behind before it forgets a slice it still needs.
        """
        return self.limits.lateness_ms + DAY_MS


@dataclass(frozen=True, slots=True)
class PictureConfig:
    """What the picture depends on; when what is said is in the city's pack.

    A piece is what a partition brings in `pack_ms`, at most `piece_rows` records: so much
    crosses into Python at once. It always reads whole topics: cases never expire, and slices
    are compacted.
    """

    broker: Broker
    city: str
    pack_ms: int = 1_000
    piece_rows: int = 4_096
    # A row is a piece of a megabyte here, not a record: few of them may wait together.
    pace: Pace = field(default_factory=lambda: Pace(bundle_rows=16))
    group: str = "hexline-picture"
    state_ttl_ms: int = 0


@dataclass(frozen=True, slots=True)
class RollupsConfig:
    """What roll-ups depend on."""

    broker: Broker
    city: str
    start: Start = Start()
    limits: Limits = CHECKIN_LIMITS
    pace: Pace = field(default_factory=lambda: Pace(mini_batch_ms=500, flush_ms=200))
    group: str = "hexline-rollups"

    @property
    def state_ttl_ms(self) -> int:
        """How long a slice stays restatable, by the machine's clock."""
        return self.limits.lateness_ms + DAY_MS
