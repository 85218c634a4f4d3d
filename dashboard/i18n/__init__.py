"""The words of the pages, one dictionary a language; the browser and the figures read the same."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Literal, get_args

Language = Literal["zh", "en"]
FILES = ("{}.json", "statistics.{}.json")
LANGUAGES: tuple[Language, ...] = get_args(Language)


@cache
def words(language: Language) -> dict[str, str]:
    """Give every word of one language, by its key."""
    said: dict[str, str] = {}
    for name in FILES:
        text = Path(__file__).with_name(name.format(language)).read_text(encoding="utf-8")
        said |= json.loads(text)
    return said


def language_of(name: object) -> Language:
    """Take a name from a browser; anything unknown is Chinese, the first language of the pages."""
    return "en" if name == "en" else "zh"
