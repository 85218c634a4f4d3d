"""Codes: statistics as u16 values and u8 marks, and back. Pure.

value   0..65532  what the layer says / its step; a ratio of two counts is 32768 + percent
        65533     insufficient data: it was looked at, and too little is known to say anything
        65534     withheld    65535  no data
mark    bits 0-2  as in the layers of counts
        bits 3-7  how sure it is, 0..31: what the page draws as opacity
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from dashboard.hub import wire

Reals = NDArray[np.float64]
Flags = NDArray[np.bool_]

INSUFFICIENT: Final = 65533
LARGEST: Final = 65532
SUREST: Final = 31
SHIFT: Final = 3


def to_values(amounts: Reals, step: float, insufficient: Flags) -> wire.Values:
    """Write amounts in whole steps, cut to 0..65532; NaN is no data."""
    known = np.isfinite(amounts)
    steps = np.rint(np.where(known, amounts, 0.0) / step)
    values: wire.Values = np.clip(steps, 0, LARGEST).astype(np.uint16)
    values[~known] = wire.NO_DATA
    values[insufficient] = INSUFFICIENT
    return values


def ratios_to_values(ratios: Reals) -> wire.Values:
    """Write ratios as 32768 + percent of change, cut to -100..9999; NaN is no data."""
    known = np.isfinite(ratios)
    percent = np.rint(100.0 * (np.where(known, ratios, 1.0) - 1.0))
    percent = np.clip(percent, wire.LEAST_PERCENT, wire.MOST_PERCENT)
    values: wire.Values = (percent + wire.NO_CHANGE).astype(np.uint16)
    values[~known] = wire.NO_DATA
    return values


def two_digits(amounts: Reals) -> Reals:
    """Round to two significant digits, so that no single passage can be told from a sum."""
    known = np.isfinite(amounts) & (amounts > 1e-9)
    scale = 10.0 ** (np.floor(np.log10(np.where(known, amounts, 1.0))) - 1)
    return np.where(known, np.rint(amounts / scale) * scale, amounts)


def to_marks(sureness: Reals, simulated: Flags) -> wire.Marks:
    """Write how sure each value is (0..1, NaN as 0), and whether it rests on simulated data."""
    share = np.clip(np.nan_to_num(sureness, nan=0.0), 0.0, 1.0)
    marks: wire.Marks = (np.rint(share * SUREST).astype(np.uint8) << SHIFT).astype(np.uint8)
    return marks | simulated * np.uint8(wire.SIMULATED)


def sureness_of(marks: wire.Marks) -> Reals:
    """Read how sure values are, 0..1."""
    return (marks >> SHIFT).astype(np.float64) / SUREST
