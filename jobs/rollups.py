"""Roll-ups: how many passed each cell and each area in each minute.

place-minutes --> spread --> newest of each slice --> changes --> sums by cell --> cell-minutes
                                                          `-> sums by area --> area-minutes
"""

from __future__ import annotations

from pyflink.table import StatementSet, TableEnvironment

from jobs.config import RollupsConfig
from jobs.flink.spreading import spread_function
from jobs.flink.tables import raw_source, upsert_sink
from jobs.flink.views import view
from jobs.steps.passages import COUNTERS
from jobs.steps.places import BETWEEN
from schemas import topics

NAME = "rollups"


def build(tables: TableEnvironment, config: RollupsConfig) -> StatementSet:
    """Wire the job; running it is the caller's business."""
    tables.create_temporary_function("spread_slice", spread_function(config.city))
    tables.execute_sql(
        raw_source("slices", topics.PLACE_MINUTES, config.broker, config.group, config.start)
    )
    declare_sinks(tables, config)
    view(tables, "spread_slices", spread_slices(config.start.publish_from_ms))
    view(tables, "newest", NEWEST)
    view(tables, "changes", CHANGES)
    job = tables.create_statement_set()
    job.add_insert_sql(TO_CELLS)
    job.add_insert_sql(TO_AREAS)
    return job


def declare_sinks(tables: TableEnvironment, config: RollupsConfig) -> None:
    """Declare the topics that roll-ups write."""
    broker, flush_ms = config.broker, config.pace.flush_ms
    for statement in (
        upsert_sink("cell_minutes", topics.CELL_MINUTES, CELL_COLUMNS, broker, flush_ms),
        upsert_sink("area_minutes", topics.AREA_MINUTES, AREA_COLUMNS, broker, flush_ms),
    ):
        tables.execute_sql(statement)


_COUNTER_COLUMNS = ", ".join(f"{counter} BIGINT" for counter in COUNTERS)
CELL_COLUMNS = (
    f"v INT, cell STRING, res INT, minute_ms BIGINT, {_COUNTER_COLUMNS}, arrival_ms BIGINT"
)
AREA_COLUMNS = (
    f"v INT, area_id STRING, level STRING, minute_ms BIGINT, {_COUNTER_COLUMNS}, arrival_ms BIGINT"
)


def spread_slices(from_ms: int) -> str:
    """Spread slices of minutes from a minute on.

    Started without state, the slices of earlier minutes are not all read; see
    `jobs.steps.restart`.
    """
    return f"""
    SELECT s.place_id AS place_id, s.minute_ms AS minute_ms, s.cells AS cells, s.areas AS areas,
           {", ".join(f"s.{counter} AS {counter}" for counter in COUNTERS)},
           s.arrival_ms AS arrival_ms
    FROM (SELECT spread_slice(payload) AS s FROM slices)
    WHERE s.place_id IS NOT NULL AND s.minute_ms >= {from_ms}"""


# The greatest value of a slice is its last one, see `jobs.steps.spread`. Said as MAX it needs
# no order, and the planner knows that the sums' arrival only grows.
NEWEST = f"""
    SELECT place_id, minute_ms, MAX(cells) AS cells, MAX(areas) AS areas,
           {", ".join(f"MAX({counter}) AS {counter}" for counter in COUNTERS)},
           MAX(arrival_ms) AS arrival_ms
    FROM spread_slices
    GROUP BY place_id, minute_ms"""

# Each change of a slice as an ordinary row: the old value taken away, the new one added. The
# newest arrival only grows, so it is not taken back. A MAX over the changes themselves would
# have to remember every arrival that it might fall back to.
CHANGES = f"""
    SELECT cells, areas, minute_ms,
           {", ".join(f"IF(op = 'UPDATE_BEFORE', -{c}, {c}) AS {c}" for c in COUNTERS)},
           arrival_ms
    FROM TO_CHANGELOG(input => TABLE newest)"""

_ADDED = ", ".join(f"SUM({counter}) AS {counter}" for counter in COUNTERS)

# Grouped by the very columns of the topic's key. The second digit of a cell of H3 is its
# resolution.
TO_CELLS = f"""
    INSERT INTO cell_minutes
    SELECT 1, cell, CAST(SUBSTRING(cell FROM 2 FOR 1) AS INT), minute_ms,
           {", ".join(COUNTERS)}, arrival_ms
    FROM (
        SELECT cell, minute_ms, {_ADDED}, MAX(arrival_ms) AS arrival_ms
        FROM changes CROSS JOIN UNNEST(SPLIT(cells, '{BETWEEN}')) AS of_slice (cell)
        GROUP BY cell, minute_ms
    )"""

_LEVEL = "SPLIT_INDEX(area, ':', 0)"
_AREA_ID = "SUBSTRING(area FROM POSITION(':' IN area) + 1)"

TO_AREAS = f"""
    INSERT INTO area_minutes
    SELECT 1, area_id, level, minute_ms, {", ".join(COUNTERS)}, arrival_ms
    FROM (
        SELECT area_id, minute_ms, MAX(level) AS level, {_ADDED}, MAX(arrival_ms) AS arrival_ms
        FROM (
            SELECT {_AREA_ID} AS area_id, {_LEVEL} AS level, minute_ms,
                   {", ".join(COUNTERS)}, arrival_ms
            FROM changes CROSS JOIN UNNEST(SPLIT(areas, '{BETWEEN}')) AS of_slice (area)
        )
        GROUP BY area_id, minute_ms
    )"""
