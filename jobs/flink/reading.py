"""Reading in Flink: one vectorised function that gives everything counts needs of a record.

Its result is one row of columns that the sinks share. A row that has nothing for a sink is NULL
(text) or 0 (numbers) there. So that little is handed back, sums of a batch stand on the first
row they are about: of a place and minute (where events need not be remembered), and of a
partition. Flink copies every column of such a row, so what belongs together is one text.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyflink.table import DataTypes
from pyflink.table.udf import ScalarFunction, udf

from cities.pack import load
from geo.cells import Texts
from jobs.config import CountsConfig
from jobs.steps.accounts import accounts_of
from jobs.steps.messages import Longs, Messages
from jobs.steps.passages import COUNTERS, combined
from jobs.steps.places import BETWEEN, Places
from jobs.steps.read import EVERY_SOURCE, Readings, Rules, read
from schemas.topics import CHECKINS

SLICE = {
    "place_id": DataTypes.STRING(),
    "minute_ms": DataTypes.BIGINT(),
    **{counter: DataTypes.INT() for counter in COUNTERS},
    "event": DataTypes.BIGINT(),
    "arrival_ms": DataTypes.BIGINT(),
    "whereabouts": DataTypes.STRING(),
}
KEPT = {
    "read_ms": DataTypes.BIGINT(),
    "reason": DataTypes.STRING(),
    "masked": DataTypes.BYTES(),
    "late": DataTypes.BYTES(),
    "account": DataTypes.STRING(),
}
ACCOUNT = ("first_offset", "offset", "read", "accepted", "rejected", "late", "arrival_ms")
"""What follows the topic in the text that is the account of one partition's part of a batch."""
NOT_REMEMBERED = 0
COLUMNS = SLICE | KEPT


class Read(ScalarFunction):  # type: ignore[misc]
    """Adapts `jobs.steps.read` to columns of Flink."""

    def __init__(self, config: CountsConfig) -> None:
        self._config = config

    def open(self, function_context: Any) -> None:
        """Load the city once a worker."""
        config = self._config
        pack = load(config.city)
        self._rules = Rules(
            city=pack.id,
            gazetteer=pack.gazetteer,
            limits=config.limits,
            no_dedupe_sources=config.no_dedupe_sources if config.dedupe else EVERY_SOURCE,
        )
        self._area_id = pack.gazetteer.area_id
        self._registered = self._rules.places.whereabouts(self._area_id)

    def eval(
        self, payload: pd.Series, partition: pd.Series, offset: pd.Series, arrival: pd.Series
    ) -> pd.DataFrame:
        """Read one batch."""
        arrival_ms = arrival.to_numpy().astype("datetime64[ms]").astype(np.int64)
        messages = Messages.of(
            payload.tolist(), partition.to_numpy(), offset.to_numpy(), arrival_ms
        )
        readings = read(messages, self._rules)
        return columns_of(messages, readings, self._whereabouts(readings.passages.places))

    def _whereabouts(self, places: Places) -> Texts:
        located = places.whereabouts(self._area_id, len(self._registered))
        return np.concatenate([self._registered, located]) if len(located) else self._registered


def read_function(config: CountsConfig) -> Any:
    """Give the function to be registered with Flink."""
    fields = [DataTypes.FIELD(name, kind) for name, kind in COLUMNS.items()]
    return udf(Read(config), result_type=DataTypes.ROW(fields), func_type="pandas")


def columns_of(messages: Messages, readings: Readings, whereabouts: Texts) -> pd.DataFrame:
    """Lay out what was read as the columns of `COLUMNS`."""
    n = len(messages)
    columns = _slices(n, readings, whereabouts) | _kept(n, messages, readings)
    return pd.DataFrame(columns, columns=list(COLUMNS), copy=False)


def _slices(n: int, readings: Readings, whereabouts: Texts) -> dict[str, Any]:
    passages, counters = combined(readings.passages)
    row, place, places = passages.row, passages.place, passages.places
    columns = {
        "place_id": _objects(n, row, places.place_id[place]),
        "minute_ms": _numbers(n, row, passages.minute_ms),
        "event": _numbers(n, row, passages.event),
        "arrival_ms": _numbers(n, row, passages.arrival_ms),
        "whereabouts": _objects(n, row, whereabouts[place]),
    }
    return columns | {name: _numbers(n, row, counters[:, at]) for at, name in enumerate(COUNTERS)}


def _kept(n: int, messages: Messages, readings: Readings) -> dict[str, Any]:
    return {
        "read_ms": messages.arrival_ms,
        "reason": _sparse(n, readings.reason),
        "masked": _sparse(n, readings.kept),
        "late": _sparse(n, readings.late),
        "account": _sparse(n, _accounts(messages, readings)),
    }


def _accounts(messages: Messages, readings: Readings) -> dict[int, str]:
    accounts = accounts_of(messages, readings.verdict)
    numbers = zip(*(getattr(accounts, name).tolist() for name in ACCOUNT), strict=True)
    texts = (BETWEEN.join(map(str, (CHECKINS.name, *each))) for each in numbers)
    return dict(zip(accounts.row.tolist(), texts, strict=True))


def _objects(n: int, row: Longs, values: Texts) -> Texts:
    if len(row) == n:
        return values
    column = np.full(n, None, dtype=object)
    column[row] = values
    return column


def _sparse(n: int, values: dict[int, Any]) -> Texts:
    column = np.full(n, None, dtype=object)
    for row, value in values.items():
        column[row] = value
    return column


def _numbers(n: int, row: Longs, values: NDArray[Any]) -> NDArray[Any]:
    """Give a column of whole numbers that is 0 beside the given rows."""
    if len(row) == n:
        return values
    column = np.zeros(n, dtype=values.dtype)
    column[row] = values
    return column
