"""Small plots as SVG text, the same bytes for the same numbers; no plotting library is needed."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT = 640, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 36, 44
_COLOURS = ("#2166ac", "#b2182b", "#1b7837", "#762a83")
Curve = tuple[str, Sequence[tuple[float, float]]]


def lines(title: str, axes: tuple[str, str], curves: Sequence[Curve]) -> str:
    """Draw curves through points, both axes from the smallest to the largest value."""
    xs = [x for _, points in curves for x, _ in points]
    ys = [y for _, points in curves for _, y in points]
    x_ends, y_ends = _ends(xs), _ends([*ys, 0.0] if min(ys, default=0.0) >= 0 else ys)
    parts = _frame(title, axes, x_ends, y_ends)
    for number, (name, points) in enumerate(curves):
        colour = _COLOURS[number % len(_COLOURS)]
        path = " ".join(f"{_x(x, x_ends):.1f},{_y(y, y_ends):.1f}" for x, y in sorted(points))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        at = _TOP + 14 + 16 * number
        parts.append(
            f'<text x="{WIDTH - _RIGHT - 6}" y="{at}" text-anchor="end" fill="{colour}">'
            f"{escape(name)}</text>"
        )
    return _svg(parts)


def bars(title: str, values: Sequence[tuple[str, float]]) -> str:
    """Draw one bar a value, up or down from zero."""
    ends = _ends([0.0, *(value for _, value in values)])
    parts = _frame(title, ("", ""), (0.0, float(max(1, len(values)))), ends, x_marks=False)
    wide = (WIDTH - _LEFT - _RIGHT) / max(1, len(values))
    for number, (name, value) in enumerate(values):
        x = _LEFT + wide * (number + 0.15)
        top, bottom = sorted((_y(value, ends), _y(0.0, ends)))
        parts.append(
            f'<rect x="{x:.1f}" y="{top:.1f}" width="{wide * 0.7:.1f}" '
            f'height="{max(1.0, bottom - top):.1f}" fill="{_COLOURS[0]}"/>'
        )
        middle = x + wide * 0.35
        parts.append(
            f'<text x="{middle:.1f}" y="{HEIGHT - 24}" text-anchor="middle">{escape(name)}</text>'
        )
    return _svg(parts)


def _ends(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values, default=0.0), max(values, default=1.0)
    return (low, high) if high > low else (low, low + 1.0)


def _x(value: float, ends: tuple[float, float]) -> float:
    return _LEFT + (value - ends[0]) / (ends[1] - ends[0]) * (WIDTH - _LEFT - _RIGHT)


def _y(value: float, ends: tuple[float, float]) -> float:
    share = (value - ends[0]) / (ends[1] - ends[0])
    return HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM)


def _frame(
    title: str,
    axes: tuple[str, str],
    x_ends: tuple[float, float],
    y_ends: tuple[float, float],
    *,
    x_marks: bool = True,
) -> list[str]:
    right, floor = WIDTH - _RIGHT, HEIGHT - _BOTTOM
    parts = [
        f'<text x="{_LEFT}" y="20" font-size="14">{escape(title)}</text>',
        f'<path d="M{_LEFT},{_TOP}V{floor}H{right}" fill="none" stroke="#555"/>',
        f'<text x="{(_LEFT + right) / 2:.0f}" y="{HEIGHT - 8}" text-anchor="middle">'
        f"{escape(axes[0])}</text>",
        f'<text x="{_LEFT}" y="{_TOP - 4}" fill="#555">{escape(axes[1])}</text>',
    ]
    for step in range(5):
        share = step / 4
        y_value = y_ends[0] + share * (y_ends[1] - y_ends[0])
        parts.append(
            f'<text x="{_LEFT - 6}" y="{_y(y_value, y_ends) + 4:.1f}" text-anchor="end">'
            f"{y_value:.3g}</text>"
        )
        if x_marks:
            x_value = x_ends[0] + share * (x_ends[1] - x_ends[0])
            parts.append(
                f'<text x="{_x(x_value, x_ends):.1f}" y="{floor + 16}" text-anchor="middle">'
                f"{x_value:.3g}</text>"
            )
    return parts


def _svg(parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="sans-serif" font-size="11">'
    )
    return "\n".join(
        [head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>", ""]
    )
