"""Counts: how many passed each place in each minute.

checkins --> read --> place-minutes
              |
              |--> checkins-rejected
              |--> checkins-late
              `--> checkins-progress
"""

from __future__ import annotations

from pyflink.table import StatementSet, TableEnvironment

from jobs.config import CountsConfig
from jobs.flink.reading import ACCOUNT, COLUMNS, NOT_REMEMBERED, read_function
from jobs.flink.tables import append_sink, raw_source, upsert_sink
from jobs.flink.views import view
from jobs.steps.passages import COUNTERS
from jobs.steps.places import BETWEEN
from schemas import topics
from schemas.codec import MASK, MAX_PAYLOAD_BYTES, NAMED, TOO_LARGE
from schemas.pseudonyms import NUMBER_IN_TEXT

NAME = "counts"


def build(tables: TableEnvironment, config: CountsConfig) -> StatementSet:
    """Wire the job; running it is the caller's business."""
    tables.create_temporary_function("read_checkin", read_function(config))
    tables.execute_sql(
        raw_source("checkins", topics.CHECKINS, config.broker, config.group, config.start)
    )
    declare_sinks(tables, config)
    view(tables, "readings", READINGS)
    view(tables, "slices", slices(config.start.publish_from_ms, dedupe=config.dedupe))
    view(tables, "rejects", REJECTS)
    view(tables, "late_records", LATE_RECORDS)
    view(tables, "accounts", ACCOUNTS)
    job = tables.create_statement_set()
    job.add_insert_sql(PUBLISH)
    job.add_insert_sql("INSERT INTO checkins_rejected SELECT * FROM rejects")
    job.add_insert_sql("INSERT INTO checkins_late SELECT * FROM late_records")
    job.add_insert_sql("INSERT INTO checkins_progress SELECT * FROM accounts")
    return job


def declare_sinks(tables: TableEnvironment, config: CountsConfig) -> None:
    """Declare the topics that counts writes."""
    broker, flush_ms = config.broker, config.pace.flush_ms
    for statement in (
        upsert_sink("place_minutes", topics.PLACE_MINUTES, SLICE_COLUMNS, broker, flush_ms),
        upsert_sink(
            "checkins_progress", topics.CHECKINS_PROGRESS, PROGRESS_COLUMNS, broker, flush_ms
        ),
        append_sink("checkins_rejected", topics.CHECKINS_REJECTED, REJECTED_COLUMNS, broker),
        append_sink("checkins_late", topics.CHECKINS_LATE, "late BYTES", broker, "raw"),
    ):
        tables.execute_sql(statement)


SLICE_COLUMNS = ", ".join(
    [
        "v INT, place_id STRING, minute_ms BIGINT",
        *(f"{counter} BIGINT" for counter in COUNTERS),
        "arrival_ms BIGINT, cell7 STRING, cell8 STRING, cell9 STRING, grid STRING",
    ]
)
PROGRESS_COLUMNS = """
    v INT, topic STRING, `partition` INT, first_offset BIGINT, `offset` BIGINT,
    `read` BIGINT, accepted BIGINT, rejected BIGINT, late BIGINT, arrival_ms BIGINT"""
REJECTED_COLUMNS = """
    v INT, topic STRING, `partition` INT, `offset` BIGINT, arrival_ms BIGINT,
    reason STRING, payload BYTES"""

# One byte more than a reader takes is enough to see that there are too many. The columns of the
# function's row are spread out here, once: whoever takes a field of a row copies all of it.
READINGS = f"""
    SELECT payload, `partition`, `offset`, {", ".join(f"r.{name} AS {name}" for name in COLUMNS)}
    FROM (
        SELECT payload, `partition`, `offset`,
               read_checkin(
                   CAST(payload AS VARBINARY({MAX_PAYLOAD_BYTES + 1})),
                   `partition`, `offset`, arrival
               ) AS r
        FROM checkins
    )"""


def part(text: str, at: int) -> str:
    """Give one part of a text whose parts were joined."""
    return f"SPLIT_INDEX({text}, '{BETWEEN}', {at})"


def slices(from_ms: int, *, dedupe: bool) -> str:
    """Count by place and minute, from a minute on; a remembered event counts once a counter."""
    count = remembered_or_summed if dedupe else summed
    return f"""
    SELECT place_id, minute_ms,
           {", ".join(f"{count(counter)} AS {counter}" for counter in COUNTERS)},
           MAX(arrival_ms) AS arrival_ms,
           MAX(whereabouts) AS whereabouts
    FROM readings
    WHERE place_id IS NOT NULL AND minute_ms >= {from_ms}
    GROUP BY place_id, minute_ms"""


def summed(counter: str) -> str:
    """Add up a counter."""
    return f"SUM(CAST({counter} AS BIGINT))"


def remembered_or_summed(counter: str) -> str:
    """Count distinct events where they are remembered, and add up the rest."""
    once = f"event <> {NOT_REMEMBERED} AND {counter} > 0"
    rest = f"CASE WHEN event = {NOT_REMEMBERED} THEN {counter} ELSE 0 END"
    return f"COUNT(DISTINCT event) FILTER (WHERE {once}) + SUM(CAST({rest} AS BIGINT))"


PUBLISH = f"""
    INSERT INTO place_minutes
    SELECT 1, place_id, minute_ms, {", ".join(COUNTERS)}, arrival_ms,
           {", ".join(part("whereabouts", at) for at in range(4))}
    FROM slices"""

_PLACE_ON_THE_BUS = f"""
    '{topics.CHECKINS.name}-' || CAST(`partition` AS STRING) || '-' || CAST(`offset` AS STRING)"""


def masked_whole() -> str:
    """Mask a message of which the reader saw the beginning, as `masked_unread` does."""
    text = "DECODE(payload, 'ISO-8859-1')"  # every byte is a character, so nothing else changes
    for pattern, mask in (*NAMED.items(), (NUMBER_IN_TEXT, MASK)):
        text = f"REGEXP_REPLACE({text}, '{pattern}', '{mask}')"
    return f"ENCODE({text}, 'ISO-8859-1')"


REJECTS = f"""
    SELECT {_PLACE_ON_THE_BUS} AS message_key, 1 AS v, '{topics.CHECKINS.name}' AS topic,
           `partition`, `offset`, read_ms AS arrival_ms, reason,
           COALESCE(
               CASE WHEN reason = '{TOO_LARGE}' THEN {masked_whole()}
                    ELSE COALESCE(masked, payload) END,
               X''
           ) AS payload
    FROM readings
    WHERE reason IS NOT NULL"""

LATE_RECORDS = f"""
    SELECT {_PLACE_ON_THE_BUS} AS message_key, late
    FROM readings
    WHERE late IS NOT NULL"""

_PARTS_OF_ACCOUNT = ", ".join(
    f"CAST({part('account', at)} AS BIGINT) AS {name}_" for at, name in enumerate(ACCOUNT, start=1)
)
# Accounts never begin again: a partition may be silent for longer than slices are remembered.
ACCOUNTS = f"""
    SELECT /*+ STATE_TTL('parts' = '36500d') */ 1 AS v, topic, `partition`,
           MIN(first_offset_) AS first_offset, MAX(offset_) AS `offset`,
           SUM(read_) AS `read`, SUM(accepted_) AS accepted,
           SUM(rejected_) AS rejected, SUM(late_) AS late,
           MAX(arrival_ms_) AS arrival_ms
    FROM (
        SELECT {part("account", 0)} AS topic, `partition`, {_PARTS_OF_ACCOUNT}
        FROM readings WHERE account IS NOT NULL
    ) AS parts
    GROUP BY topic, `partition`"""
