"""Reading in Flink: one vectorised function that gives everything counts needs of a record.

Its result is one row of columns that four sinks share. A row that has nothing for a sink is
NULL (text) or 0 (numbers) there. So that little is handed back, sums of a batch stand on the
first row they are about: of a place and minute (where events need not be remembered), and of a
partition.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyflink.table import DataTypes
from pyflink.table.udf import ScalarFunction, udf

from cities.pack import load
from jobs.config import CountsConfig
from jobs.steps.accounts import accounts_of
from jobs.steps.messages import Messages
from jobs.steps.passages import COUNTERS, combined
from jobs.steps.read import EVERY_SOURCE, Readings, Rules, read

SLICE = {
    "place_id": DataTypes.STRING(),
    "minute_ms": DataTypes.BIGINT(),
    **{counter: DataTypes.INT() for counter in COUNTERS},
    "event": DataTypes.BIGINT(),
    "arrival_ms": DataTypes.BIGINT(),
    "cell7": DataTypes.BIGINT(),
    "cell8": DataTypes.BIGINT(),
    "cell9": DataTypes.BIGINT(),
    "grid": DataTypes.STRING(),
}
KEPT = {
    "read_ms": DataTypes.BIGINT(),
    "reason": DataTypes.STRING(),
    "masked": DataTypes.BYTES(),
    "late": DataTypes.BYTES(),
}
ACCOUNTS = {
    "first_offset": DataTypes.BIGINT(),
    "last_offset": DataTypes.BIGINT(),
    "n_read": DataTypes.BIGINT(),
    "n_accepted": DataTypes.BIGINT(),
    "n_rejected": DataTypes.BIGINT(),
    "n_late": DataTypes.BIGINT(),
    "newest_ms": DataTypes.BIGINT(),
}
NOT_REMEMBERED = 0
COLUMNS = SLICE | KEPT | ACCOUNTS


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

    def eval(
        self, payload: pd.Series, partition: pd.Series, offset: pd.Series, arrival: pd.Series
    ) -> pd.DataFrame:
        """Read one batch."""
        arrival_ms = arrival.to_numpy().astype("datetime64[ms]").astype(np.int64)
        messages = Messages.of(
            payload.tolist(), partition.to_numpy(), offset.to_numpy(), arrival_ms
        )
        return columns_of(messages, read(messages, self._rules), self._rules)


def read_function(config: CountsConfig) -> Any:
    """Give the function to be registered with Flink."""
    fields = [DataTypes.FIELD(name, kind) for name, kind in COLUMNS.items()]
    return udf(Read(config), result_type=DataTypes.ROW(fields), func_type="pandas")


def columns_of(messages: Messages, readings: Readings, rules: Rules) -> pd.DataFrame:
    """Lay out what was read as the columns of `COLUMNS`."""
    n = len(messages)
    columns: dict[str, Any] = _slices(n, readings, rules)
    columns |= _kept(n, messages, readings)
    columns |= _accounts(n, messages, readings)
    return pd.DataFrame(columns, columns=list(COLUMNS), copy=False)


def _slices(n: int, readings: Readings, rules: Rules) -> dict[str, Any]:
    passages, counters = combined(readings.passages)
    row, place, places = passages.row, passages.place, passages.places
    cells = places.cells[place].view(np.int64)
    columns = {
        "place_id": _objects(n, row, places.place_id[place]),
        "minute_ms": _numbers(n, row, passages.minute_ms),
        "event": _numbers(n, row, np.where(passages.remembered, passages.event, NOT_REMEMBERED)),
        "arrival_ms": _numbers(n, row, passages.arrival_ms),
        "grid": _objects(n, row, rules.gazetteer.area_id[places.grid[place]]),
    }
    columns |= {name: _numbers(n, row, counters[:, at]) for at, name in enumerate(COUNTERS)}
    columns |= {f"cell{res}": _numbers(n, row, cells[:, at]) for at, res in enumerate((7, 8, 9))}
    return columns


def _kept(n: int, messages: Messages, readings: Readings) -> dict[str, Any]:
    return {
        "read_ms": messages.arrival_ms,
        "reason": _sparse(n, readings.reason),
        "masked": _sparse(n, readings.kept),
        "late": _sparse(n, readings.late),
    }


def _accounts(n: int, messages: Messages, readings: Readings) -> dict[str, Any]:
    accounts = accounts_of(messages, readings.verdict)
    names = ("first_offset", "offset", "read", "accepted", "rejected", "late", "arrival_ms")
    return {
        column: _numbers(n, accounts.row, getattr(accounts, name))
        for column, name in zip(ACCOUNTS, names, strict=True)
    }


def _objects(n: int, row: NDArray[np.int64], values: NDArray[np.object_]) -> NDArray[np.object_]:
    if len(row) == n:
        return values
    column = np.full(n, None, dtype=object)
    column[row] = values
    return column


def _sparse(n: int, values: dict[int, Any]) -> NDArray[np.object_]:
    column = np.full(n, None, dtype=object)
    for row, value in values.items():
        column[row] = value
    return column


def _numbers(n: int, row: NDArray[np.int64], values: NDArray[Any]) -> NDArray[Any]:
    """Give a column of whole numbers that is 0 beside the given rows."""
    if len(row) == n:
        return values
    column = np.zeros(n, dtype=values.dtype)
    column[row] = values
    return column
