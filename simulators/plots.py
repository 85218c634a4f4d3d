"""Small plots as SVG text, the same bytes for the same numbers; no plotting library is needed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 640, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 36, 44
_NAME = 16
_COLOURS = ("#2166ac", "#b2182b", "#1b7837", "#762a83")
_MARKS = 5
_ROUND = (1.0, 2.0, 5.0, 10.0)
Curve = tuple[str, Sequence[tuple[float, float]]]
Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Area:
    """Where the values between the ends of both axes are drawn; names of curves stand above."""

    x_ends: Ends
    y_ends: Ends
    top: int = _TOP

    def x(self, value: float) -> float:
        share = (value - self.x_ends[0]) / (self.x_ends[1] - self.x_ends[0])
        return _LEFT + share * (WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        share = (value - self.y_ends[0]) / (self.y_ends[1] - self.y_ends[0])
        return HEIGHT - _BOTTOM - share * (HEIGHT - self.top - _BOTTOM)


def lines(title: str, axes: tuple[str, str], curves: Sequence[Curve]) -> str:
    """Draw curves through points, both axes from the smallest to the largest value."""
    xs = [x for _, points in curves for x, _ in points]
    ys = [y for _, points in curves for _, y in points]
    y_ends = _ends([*ys, 0.0] if min(ys, default=0.0) >= 0 else ys)
    area = _Area(_ends(xs), y_ends, _TOP + _NAME * max(0, len(curves) - 1))
    parts = _frame(title, axes, area)
    for number, (name, points) in enumerate(curves):
        colour = _COLOURS[number % len(_COLOURS)]
        path = " ".join(f"{area.x(x):.1f},{area.y(y):.1f}" for x, y in sorted(points))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(
            f'<text x="{WIDTH - _RIGHT}" y="{20 + _NAME * number}" text-anchor="end" '
            f'fill="{colour}">{escape(name)}</text>'
        )
    return _svg(parts)


def bars(title: str, values: Sequence[tuple[str, float]]) -> str:
    """Draw one bar a value, up or down from zero."""
    ends = _ends([0.0, *(value for _, value in values)])
    area = _Area((0.0, float(max(1, len(values)))), ends)
    parts = _frame(title, ("", ""), area, x_marks=False)
    wide = (WIDTH - _LEFT - _RIGHT) / max(1, len(values))
    for number, (name, value) in enumerate(values):
        x = _LEFT + wide * (number + 0.15)
        top, bottom = sorted((area.y(value), area.y(0.0)))
        parts.append(
            f'<rect x="{x:.1f}" y="{top:.1f}" width="{wide * 0.7:.1f}" '
            f'height="{max(1.0, bottom - top):.1f}" fill="{_COLOURS[0]}"/>'
        )
        middle = x + wide * 0.35
        parts.append(
            f'<text x="{middle:.1f}" y="{HEIGHT - 24}" text-anchor="middle">{escape(name)}</text>'
        )
    return _svg(parts)


def _ends(values: Sequence[float]) -> Ends:
    low, high = min(values, default=0.0), max(values, default=1.0)
    return (low, high) if high > low else (low, low + 1.0)


def round_marks(ends: Ends) -> list[float]:
    """Give about five round numbers between the ends of an axis, multiples of 1, 2 or 5."""
    low, high = ends
    rough = (high - low) / _MARKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = power * next((each for each in _ROUND if each * power >= rough), _ROUND[-1])
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def _written(mark: float) -> str:
    return f"{round(mark, 9):g}"  # without what is left of adding tenths


def _frame(title: str, axes: tuple[str, str], area: _Area, *, x_marks: bool = True) -> list[str]:
    right, floor = WIDTH - _RIGHT, HEIGHT - _BOTTOM
    parts = [
        f'<text x="{_LEFT}" y="20" font-size="14">{escape(title)}</text>',
        f'<path d="M{_LEFT},{area.top}V{floor}H{right}" fill="none" stroke="#555"/>',
        f'<text x="{(_LEFT + right) / 2:.0f}" y="{HEIGHT - 8}" text-anchor="middle">'
        f"{escape(axes[0])}</text>",
        f'<text x="{_LEFT}" y="{area.top - 4}" fill="#555">{escape(axes[1])}</text>',
    ]
    parts += [
        f'<path d="M{_LEFT - 4},{area.y(mark):.1f}h4" stroke="#555"/>'
        f'<text x="{_LEFT - 6}" y="{area.y(mark) + 4:.1f}" text-anchor="end">'
        f"{_written(mark)}</text>"
        for mark in round_marks(area.y_ends)
    ]
    if x_marks:
        parts += [
            f'<path d="M{area.x(mark):.1f},{floor}v4" stroke="#555"/>'
            f'<text x="{area.x(mark):.1f}" y="{floor + 16}" text-anchor="middle">'
            f"{_written(mark)}</text>"
            for mark in round_marks(area.x_ends)
        ]
    return parts


def _svg(parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="sans-serif" font-size="11">'
    )
    return "\n".join(
        [head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>", ""]
    )
