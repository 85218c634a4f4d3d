"""Pages: the estimators in reading order, and their pages in both languages.

English stands in docs/methods and is the source; 中文 in docs/methods/zh. Both are part of the
checkout that the war room runs from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from dashboard.i18n import Language
from dashboard.methods.render import rendered

FOLDER: Final = Path(__file__).parents[2] / "docs" / "methods"
GROUPS: Final = {
    "about": ("README",),
    "crowds": ("density",),
    "risk": ("risk", "relative-risk", "rates", "exposure"),
    "clusters": ("hotspots", "scan", "aberrations"),
    "course": ("reproduction",),
    "response": ("allocation", "activity"),
}
"""Ids of the pages by group; an id is the file's name and the last part of the address."""
PAGES: Final = tuple(page for pages in GROUPS.values() for page in pages)
_QUESTION: Final = re.compile(
    r"^\*\*(?:Question\.|问题。)\*\*\s*(.+?)(?=\n\*\*|\n\n)", re.DOTALL | re.M
)
_OTHER_LANGUAGE: Final = re.compile(r"^## 中文\n.*\Z", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Page:
    """One page as text: its title, the question it answers, and the rest."""

    page_id: str
    title: str
    question: str
    text: str


def source(page_id: str, language: Language) -> Page:
    """Read one page. The English page's own summary in 中文 is left to the page in 中文."""
    folder = FOLDER / "zh" if language == "zh" else FOLDER
    text = (folder / f"{page_id}.md").read_text(encoding="utf-8")
    title, _, body = text.partition("\n")
    body = _OTHER_LANGUAGE.sub("", body) if language == "en" else body
    asked = _QUESTION.search(body)
    question = " ".join(asked[1].split()) if asked else ""
    rest = body.replace(asked[0], "", 1) if asked else body
    return Page(page_id, title.removeprefix("# ").strip(), question, rest.strip())


@cache
def all_pages(language: Language) -> list[dict[str, Any]]:
    """Give all pages of a language as the browser reads them, in reading order."""
    found = []
    for group, page_ids in GROUPS.items():
        for page_id in page_ids:
            page = source(page_id, language)
            html, headings = rendered(page.text, PAGES)
            found.append(
                {
                    "id": page_id,
                    "group": group,
                    "title": page.title,
                    "question": page.question,
                    "headings": headings,
                    "html": html,
                }
            )
    return found
