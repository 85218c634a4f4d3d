"""Spreading in Flink: place slices become columns, with the keys they count for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pyflink.table import DataTypes
from pyflink.table.udf import ScalarFunction, udf

from cities.pack import load
from jobs.steps.passages import COUNTERS
from jobs.steps.spread import lineages, spread

TEXTS = ("place_id", "cells", "areas")
NUMBERS = ("minute_ms", *COUNTERS, "arrival_ms")
COLUMNS = {
    **{name: DataTypes.STRING() for name in TEXTS},
    **{name: DataTypes.BIGINT() for name in NUMBERS},
}


class SpreadSlices(ScalarFunction):  # type: ignore[misc]
    """Adapts `jobs.steps.spread` to columns of Flink."""

    def __init__(self, city: str) -> None:
        self._city = city

    def open(self, function_context: Any) -> None:
        """Load the city once a worker."""
        self._chains = lineages(load(self._city).gazetteer)

    def eval(self, payload: pd.Series) -> pd.DataFrame:
        """Spread one batch; a row that is no slice has no place."""
        n = len(payload)
        found = spread(payload.tolist(), self._chains)
        texts = np.full((n, len(TEXTS)), None, dtype=object)
        numbers = np.zeros((n, len(NUMBERS)), dtype=np.int64)
        for at, name in enumerate(TEXTS):
            texts[found.row, at] = getattr(found, name)
        numbers[found.row] = found.numbers
        columns: dict[str, Any] = {name: texts[:, at] for at, name in enumerate(TEXTS)}
        columns |= {name: numbers[:, at] for at, name in enumerate(NUMBERS)}
        return pd.DataFrame(columns, columns=list(COLUMNS), copy=False)


def spread_function(city: str) -> Any:
    """Give the function to be registered with Flink."""
    fields = [DataTypes.FIELD(name, kind) for name, kind in COLUMNS.items()]
    return udf(SpreadSlices(city), result_type=DataTypes.ROW(fields), func_type="pandas")
