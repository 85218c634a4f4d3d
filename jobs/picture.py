"""Picture: the statistics of the city, live.

place-minutes --> pack --.
                         |--> picture of the city --> unpack --> cell-density
cases ----------> pack --'    (all its state)                    cell-risk, hotspots, clusters
                                                                 area-rt, aberrations

A piece is what one partition brings in a second, packed on the JVM, so that thousands of records
cross into Python at once. Windows are of processing time, so nothing is ever behind them; what a
record counts for is decided by its own times, inside.
"""

from __future__ import annotations

from pyflink.table import StatementSet, StreamTableEnvironment

from jobs.config import PictureConfig, Start
from jobs.flink.picturing import picture_of
from jobs.flink.tables import append_sink, raw_source
from jobs.flink.views import view
from schemas import topics
from schemas.codec import MAX_PAYLOAD_BYTES
from schemas.topics import Topic

NAME = "picture"
READS = (topics.PLACE_MINUTES, topics.CASES)
WRITES = (
    topics.CELL_DENSITY,
    topics.CELL_RISK,
    topics.HOTSPOTS,
    topics.CLUSTERS,
    topics.AREA_RT,
    topics.ABERRATIONS,
)


def build(tables: StreamTableEnvironment, config: PictureConfig) -> StatementSet:
    """Wire the job; running it is the caller's business."""
    for topic in READS:
        name = table_of(topic)
        source = raw_source(name, topic, config.broker, f"{config.group}-{topic.name}", Start())
        tables.execute_sql(source)
        view(tables, f"{name}_lines", lines_of(topic))
        view(tables, f"{name}_pieces", pieces_of(topic, config))
    view(tables, "pieces", " UNION ALL ".join(f"SELECT * FROM {table_of(t)}_pieces" for t in READS))
    said = picture_of(tables.to_data_stream(tables.from_path("pieces")), config)
    tables.create_temporary_view("said", tables.from_data_stream(said))
    view(tables, "records", RECORDS)
    job = tables.create_statement_set()
    for topic in WRITES:
        name = f"{table_of(topic)}_sink"
        tables.execute_sql(append_sink(name, topic, "payload STRING", config.broker, "raw"))
        job.add_insert_sql(f"""
            INSERT INTO {name}
            SELECT message_key, payload FROM records WHERE topic = '{topic.name}'""")
    return job


def table_of(topic: Topic) -> str:
    """Name a topic's table."""
    return topic.name.replace("-", "_")


def lines_of(topic: Topic) -> str:
    """Give each message as one line: its arrival in milliseconds, and its payload.

    A slice says its arrival itself. One byte more than a reader takes is enough to see that a
    payload is too large.
    """
    arrival = _ARRIVAL_MS if topic is topics.CASES else "'0'"
    text = f"CAST(CAST(payload AS VARBINARY({MAX_PAYLOAD_BYTES + 1})) AS STRING)"
    return f"""
    SELECT `partition`, `offset`, PROCTIME() AS read_at,
           {arrival} || ' ' || REPLACE({text}, CHR(10), ' ') AS line
    FROM {table_of(topic)}
    WHERE payload IS NOT NULL"""


_ARRIVAL_MS = """CAST(
        CAST(TIMESTAMPDIFF(SECOND, TIMESTAMP '1970-01-01 00:00:00', arrival) AS BIGINT) * 1000
        + EXTRACT(MILLISECOND FROM arrival) AS STRING)"""


def pieces_of(topic: Topic, config: PictureConfig) -> str:
    """Pack the lines of each partition; a piece has no more than it may hold."""
    window = f"TUMBLE(TABLE {table_of(topic)}_lines, DESCRIPTOR(read_at), {_seconds(config)})"
    return f"""
    SELECT '{topic.name}' AS topic, `partition`,
           ARRAY_JOIN(ARRAY_AGG(line), CHR(10)) AS lines
    FROM TABLE({window})
    GROUP BY window_start, window_end, `partition`, `offset` / {config.piece_rows}"""


def _seconds(config: PictureConfig) -> str:
    return f"INTERVAL '{config.pack_ms / 1000:.3f}' SECOND(3)"


# One row has many records of a topic, each a line of key and value.
RECORDS = """
    SELECT topic,
           SPLIT_INDEX(line, CHR(9), 0) AS message_key,
           SUBSTRING(line FROM POSITION(CHR(9) IN line) + 1) AS payload
    FROM said CROSS JOIN UNNEST(SPLIT(packed, CHR(10))) AS packed_lines (line)"""
