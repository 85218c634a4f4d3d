"""Contenders of the bench `counts`: our jobs, and two other ways to count the same check-ins.

`python -m stack.bench.contenders NAME ...` submits one and prints its Flink job id. What the
others leave out is to their advantage: none gives reasons of rejects or whole payloads, or takes
coordinates, and only SQL gives cells, areas and accounts.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pyflink.table import DataTypes, TableEnvironment
from pyflink.table.udf import ScalarFunction, udf

from cities.pack import load
from geo.cells import cells_to_strings
from jobs import counts, rollups
from jobs.config import LIVE, Cluster, CountsConfig, Pace, RollupsConfig
from jobs.flink.environment import environment
from jobs.flink.settings import settings
from jobs.flink.tables import append_sink, raw_source, upsert_sink
from schemas import topics
from schemas.broker import Broker
from schemas.times import CHECKIN_LIMITS, MINUTE_MS

GROUP = "bench"
COUNTERS = ("n_in", "n_out", "n_pass", "n_denied", "n_screened", "n_fever")
SLICES = ", ".join(
    ["v INT, place_id STRING, minute_ms BIGINT", *(f"{c} BIGINT" for c in COUNTERS),
     "arrival_ms BIGINT"]
)  # fmt: skip
ROLLUPS_GROUP = "bench-rollups"


def ours(tables: TableEnvironment, broker: Broker, city: str, *, dedupe: bool) -> Any:
    """Wire counts as it is."""
    return counts.build(tables, CountsConfig(broker, city, dedupe=dedupe, group=GROUP))


def ours_without(tables: TableEnvironment, broker: Broker, city: str) -> Any:
    """Wire counts that remembers no event."""
    return ours(tables, broker, city, dedupe=False)


def ours_with(tables: TableEnvironment, broker: Broker, city: str) -> Any:
    """Wire counts that remembers every event."""
    return ours(tables, broker, city, dedupe=True)


def our_rollups(tables: TableEnvironment, broker: Broker, city: str) -> Any:
    """Wire roll-ups as they are."""
    return rollups.build(tables, RollupsConfig(broker, city, group=ROLLUPS_GROUP))


def on_the_jvm(tables: TableEnvironment, broker: Broker, city: str) -> Any:
    """Wire the same slices and accounts in SQL alone: Flink's JSON format, places joined."""
    declare_json(tables, broker, city)
    declare_places(tables, city)
    slices, accounts = counts.SLICE_COLUMNS, counts.PROGRESS_COLUMNS
    for sink in (
        upsert_sink("slices", topics.PLACE_MINUTES, slices, broker, LIVE.flush_ms),
        upsert_sink("accounts", topics.CHECKINS_PROGRESS, accounts, broker, LIVE.flush_ms),
    ):
        tables.execute_sql(sink)
    return inserts(tables, _SQL_LOCATED, _SQL_ACCOUNTS, _SQL_REJECTS, _SQL_LATE)


def on_the_jvm_bare(tables: TableEnvironment, broker: Broker, city: str) -> Any:
    """Wire counts alone in SQL alone: neither cells and areas nor accounts."""
    declare_json(tables, broker, city)
    tables.execute_sql(upsert_sink("slices", topics.PLACE_MINUTES, SLICES, broker, LIVE.flush_ms))
    return inserts(tables, _SQL_SLICES, _SQL_REJECTS, _SQL_LATE)


def declare_json(tables: TableEnvironment, broker: Broker, city: str) -> None:
    """Declare check-ins in the JSON format, which drops what it cannot parse, and side sinks."""
    rejects, late = "event_id STRING, direction STRING", "event_id STRING, event_ms BIGINT"
    for statement in (
        raw_source("checkins", topics.CHECKINS, broker, GROUP, CountsConfig(broker, city).start)
        .replace("payload BYTES,", _JSON_COLUMNS)
        .replace("'value.format' = 'raw'", _JSON_FORMAT),
        append_sink("rejects", topics.CHECKINS_REJECTED, rejects, broker),
        append_sink("late", topics.CHECKINS_LATE, late, broker),
    ):
        tables.execute_sql(statement)


def declare_places(tables: TableEnvironment, city: str) -> None:
    """Declare the city's places with their cells and smallest areas, as a table in a file."""
    gazetteer = load(city).gazetteer
    cells = (cells_to_strings(column) for column in gazetteer.cells.T)
    columns = (gazetteer.place_id, *cells, gazetteer.area_id[gazetteer.grid])
    file = Path(os.environ["HEXLINE_STATE"]) / "places.csv"
    file.write_text("".join(",".join(row) + "\n" for row in zip(*columns, strict=True)))
    tables.execute_sql(f"""
        CREATE TEMPORARY TABLE places (
            place STRING, cell7 STRING, cell8 STRING, cell9 STRING, grid STRING,
            PRIMARY KEY (place) NOT ENFORCED
        ) WITH ('connector' = 'filesystem', 'path' = '{file.as_uri()}', 'format' = 'csv')""")


def inserts(tables: TableEnvironment, *statements: str) -> Any:
    """Put several INSERTs into one job."""
    job = tables.create_statement_set()
    for statement in statements:
        job.add_insert_sql(statement)
    return job


_JSON_COLUMNS = """
    v INT, event_id STRING, event_ms BIGINT, person STRING, direction STRING, channel STRING,
    purpose STRING, source STRING, place_id STRING, temperature_c DOUBLE,"""
_JSON_FORMAT = "'value.format' = 'json', 'value.json.ignore-parse-errors' = 'true'"
_SOUND = "direction IN ('in', 'out', 'pass', 'denied') AND place_id IS NOT NULL"
_LATENESS_S = CHECKIN_LIMITS.lateness_ms // 1_000
_HAPPENED = "CAST(TO_TIMESTAMP_LTZ(event_ms, 3) AS TIMESTAMP(3))"
_ON_TIME = f"arrival <= TIMESTAMPADD(SECOND, {_LATENESS_S}, {_HAPPENED})"
_KEY = "CAST(`partition` AS STRING) || '-' || CAST(`offset` AS STRING)"
_SQL_COUNTS = f"""
    SELECT place_id, event_ms - MOD(event_ms, {MINUTE_MS}) AS minute_ms,
           COUNT(*) FILTER (WHERE direction = 'in') AS n_in,
           COUNT(*) FILTER (WHERE direction = 'out') AS n_out,
           COUNT(*) FILTER (WHERE direction = 'pass') AS n_pass,
           COUNT(*) FILTER (WHERE direction = 'denied') AS n_denied,
           COUNT(temperature_c) AS n_screened,
           COUNT(*) FILTER (WHERE temperature_c >= 37.3) AS n_fever,
           COUNT(*) FILTER (WHERE source LIKE 'sim:%') AS n_simulated,
           MAX(event_ms) AS arrival_ms
    FROM checkins
    WHERE {_SOUND} AND {_ON_TIME}
    GROUP BY place_id, event_ms - MOD(event_ms, {MINUTE_MS})"""
_SQL_SLICES = f"""
    INSERT INTO slices
    SELECT 1, place_id, minute_ms, {", ".join(COUNTERS)}, arrival_ms FROM ({_SQL_COUNTS})"""
_SQL_LOCATED = f"""
    INSERT INTO slices
    SELECT 1, place_id, minute_ms, {", ".join(COUNTERS)}, n_simulated, arrival_ms,
           cell7, cell8, cell9, grid
    FROM ({_SQL_COUNTS}) JOIN places ON place_id = place"""
_SQL_ACCOUNTS = f"""
    INSERT INTO accounts
    SELECT 1, topic, `partition`, MIN(`offset`), MAX(`offset`), COUNT(*),
           COUNT(*) FILTER (WHERE {_SOUND} AND {_ON_TIME}),
           COUNT(*) FILTER (WHERE ({_SOUND}) IS NOT TRUE),
           COUNT(*) FILTER (WHERE {_SOUND} AND NOT ({_ON_TIME})), MAX(event_ms)
    FROM (SELECT *, IF(v > 0, 'checkins', 'unknown') AS topic FROM checkins)
    GROUP BY topic, `partition`"""
_SQL_REJECTS = f"""
    INSERT INTO rejects
    SELECT {_KEY}, event_id, direction FROM checkins WHERE ({_SOUND}) IS NOT TRUE"""
_SQL_LATE = f"""
    INSERT INTO late
    SELECT {_KEY}, event_id, event_ms FROM checkins WHERE {_SOUND} AND NOT ({_ON_TIME})"""


class ParseOne(ScalarFunction):  # type: ignore[misc]
    """Reads one check-in at a time, as the first example of any tutorial does."""

    def __init__(self, city: str) -> None:
        self._city = city

    def open(self, function_context: Any) -> None:
        """Load the city's places."""
        self._places = set(load(self._city).gazetteer.place_index)

    def eval(self, payload: bytes) -> Any:
        """Parse one payload; None where it cannot be used."""
        from pyflink.common import Row  # noqa: PLC0415

        try:
            record = json.loads(payload)
            if record["place_id"] not in self._places:
                return None
            celsius = record.get("temperature_c")
            ways = [int(record["direction"] == way) for way in ("in", "out", "pass", "denied")]
            minute_ms = record["event_ms"] // MINUTE_MS * MINUTE_MS
            fever = celsius is not None and celsius >= 37.3
            numbers = (minute_ms, *ways, int(celsius is not None), int(fever), record["event_ms"])
            return Row(record["place_id"], *numbers)
        except (ValueError, KeyError, TypeError):
            return None


def row_by_row(tables: TableEnvironment, broker: Broker, city: str) -> Any:
    """Wire the counts over a function that is called with one row at a time."""
    kinds = {
        "place_id": DataTypes.STRING(),
        **{name: DataTypes.BIGINT() for name in ("minute_ms", *COUNTERS, "arrival_ms")},
    }
    fields = [DataTypes.FIELD(name, kind) for name, kind in kinds.items()]
    function = udf(ParseOne(city), result_type=DataTypes.ROW(fields))
    tables.create_temporary_function("parse_one", function)
    tables.execute_sql(
        raw_source("checkins", topics.CHECKINS, broker, GROUP, CountsConfig(broker, city).start)
    )
    tables.execute_sql(upsert_sink("slices", topics.PLACE_MINUTES, SLICES, broker, LIVE.flush_ms))
    job = tables.create_statement_set()
    job.add_insert_sql(_ROW_SLICES)
    return job


_ROW_SLICES = f"""
    INSERT INTO slices
    SELECT 1, place_id, minute_ms, {", ".join(COUNTERS)}, arrival_ms
    FROM (
        SELECT r.place_id AS place_id, r.minute_ms AS minute_ms,
               {", ".join(f"SUM(r.{counter}) AS {counter}" for counter in COUNTERS)},
               MAX(r.arrival_ms) AS arrival_ms
        FROM (SELECT parse_one(payload) AS r FROM checkins)
        WHERE r.place_id IS NOT NULL
        GROUP BY r.place_id, r.minute_ms
    )"""

# As Flink sets them when nobody does.
UNTUNED = {
    "pipeline.object-reuse": "false",
    "python.fn-execution.bundle.size": "1000",
    "python.fn-execution.bundle.time": "1000",
}
CONTENDERS: Mapping[str, Callable[[TableEnvironment, Broker, str], Any]] = MappingProxyType(
    {
        "ours": ours_without,
        "ours-dedupe": ours_with,
        "rollups": our_rollups,
        "jvm": on_the_jvm,
        "jvm-bare": on_the_jvm_bare,
        "rows": row_by_row,
    }
)


def submit(name: str, broker: Broker, city: str, cluster: Cluster, more: Mapping[str, str]) -> str:
    """Submit one contender and give its job id."""
    pace = RollupsConfig(broker, city).pace if name == "rollups" else Pace()
    ttl_ms = CountsConfig(broker, city).state_ttl_ms
    chosen = settings(f"bench-{name}", cluster, pace, ttl_ms) | dict(more)
    job = CONTENDERS[name](environment(chosen), broker, city)
    return str(job.execute().get_job_client().get_job_id())


def main(name: str, backend: str, parallelism: str, *words: str) -> None:
    """Submit one contender as the environment says; words are settings of Flink, key=value."""
    cluster = Cluster(
        rest_url=os.environ["HEXLINE_FLINK"],
        state_uri=(Path(os.environ["HEXLINE_STATE"]) / "flink").as_uri(),
        parallelism=int(parallelism),
        backend=backend,
    )
    broker = Broker.from_env(os.environ)
    more = dict(UNTUNED if name == "rows" else {})
    more |= dict(word.partition("=")[::2] for word in words)
    print("job", submit(name, broker, os.environ["HEXLINE_CITY"], cluster, more), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
