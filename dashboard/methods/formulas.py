"""Formulas: what the methods pages write between backticks, with indices below and powers above.

    D_i = sum_j w_ij u_j / sum_j w_ij A_j   -->   D with i below = sum over j of w with ij below ...

No script and no fetched font: a formula is text of the page, which a screen reader can read and
a printer can print.
"""

from __future__ import annotations

import re
from html import escape
from typing import Final

_IS_FORMULA: Final = re.compile(
    r"[=~≥≤←ΣΛθπνφδαβωμρτΔ√^]|\bsqrt\(|\bmax\(| [+<>-] |[\w)] / [\w(]|^\w$|^\w \w/\w$"
)
_PATH: Final = re.compile(r"\.py\b|^\./|^\w+/[\w/]*$|^\w*_\w*=")
_TOKEN: Final = re.compile(
    r"(?P<name>x̄|[A-Za-z]+|[Α-Ωα-ω])(?P<digits>\d+)?"
    r"(?:_(?P<sub>\{[^{}]*\}|[A-Za-z0-9]+))?(?P<star>\*)?"
    r"|\^(?P<sup>\{[^{}]*\}|\((?:[^()]|\([^()]*\))*\)|-?[A-Za-z0-9α-ω]+)"
    r"|(?P<number>\d+(?:\.\d+)?)|(?P<other>.)",
    re.DOTALL,
)
_SIGNS: Final = {"sum": "∑", "sqrt": "√", "Σ": "∑"}
_OTHER: Final = {"-": "−", "~": "∼"}


def is_formula(text: str) -> bool:
    """Say whether a text between backticks is a formula, and not a file, a command or a name."""
    return bool(_IS_FORMULA.search(text)) and not _PATH.search(text)


def to_html(text: str) -> str:
    """Write a formula as HTML: variables slanted, indices below, powers above.

    >>> to_html("y / F")
    '<i>y</i> / <i>F</i>'
    >>> to_html("d_ij^-β")
    '<i>d</i><sub>ij</sub><sup>−<i>β</i></sup>'
    """
    return "".join(_written(match) for match in _TOKEN.finditer(text))


def _written(match: re.Match[str]) -> str:
    if match["name"]:
        below = (match["sub"] or match["digits"] or "").strip("{}")
        index = f"<sub>{escape(below).replace('-', '−')}</sub>" if below else ""
        return _name(match["name"]) + index + ("<sup>∗</sup>" if match["star"] else "")
    if match["sup"]:
        return f"<sup>{to_html(_bare(match['sup']))}</sup>"
    return match["number"] or _OTHER.get(match["other"], escape(match["other"]))


def _name(name: str) -> str:
    """Write one name: a variable is slanted, words and functions stand upright."""
    if name in _SIGNS:
        return _SIGNS[name]
    return f"<i>{name}</i>" if len(name) == 1 or name in {"x̄", "RR"} else name


def _bare(text: str) -> str:
    """Take the brackets off that only held a power together."""
    return text[1:-1] if text[0] in "({" and text[-1] in ")}" else text
