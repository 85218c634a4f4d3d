"""Published data: read what is kept here, or skip what may only be read elsewhere."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

HERE = Path(__file__).parent
ELSEWHERE = Path(
    os.environ.get("HEXLINE_REFERENCE", HERE.parents[2] / "shared" / "reference" / "epi")
)


def elsewhere(name: str) -> Path:
    """Give a file whose licence keeps it out of this repository, or skip the test."""
    path = ELSEWHERE / name
    if not path.exists():
        pytest.skip(f"{name} may not be copied here: set HEXLINE_REFERENCE to a folder with it")
    return path


def table(path: Path) -> dict[str, NDArray[np.str_]]:
    """Read a CSV file as columns of text."""
    with path.open(newline="") as file:
        header, *rows = list(csv.reader(file))
    return dict(zip(header, np.array(rows).T, strict=True))


def column(path: Path, name: str) -> NDArray[np.float64]:
    """Read one column of numbers."""
    return table(path)[name].astype(np.float64)


def gal(path: Path, ids: list[str]) -> sparse.csr_array:
    """Read a GAL file (an id with its number of neighbours, then the neighbours) as weights."""
    words = path.read_text().splitlines()[1:]
    row = {name: i for i, name in enumerate(ids)}
    matrix = np.zeros((len(ids), len(ids)))
    lines = iter([line.split() for line in words if line.strip()])
    for head in lines:
        if int(head[1]):
            matrix[row[head[0]], [row[near] for near in next(lines)]] = 1.0
    return sparse.csr_array(matrix)
