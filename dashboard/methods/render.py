"""Render: Markdown of a methods page as HTML; formulas between backticks, worked numbers in boxes.

Raw HTML in a page is written as text, and links lead to other methods pages or nowhere: what is
put into the war room's page can bring in nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from html import escape
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from dashboard.methods.formulas import is_formula, to_html

Heading = dict[str, str]
_PAGE: Final = re.compile(r"^([\w-]+)\.md$")


class _Pages(RendererHTML):
    """Writes what a methods page has of its own; the rest is markdown-it's."""

    def code_inline(self, tokens: Sequence[Token], idx: int, *_: Any) -> str:
        text = tokens[idx].content
        if is_formula(text):
            return f'<span class="formula">{to_html(text)}</span>'
        return f"<code>{escape(text)}</code>"

    def fence(self, tokens: Sequence[Token], idx: int, *_: Any) -> str:
        lines = tokens[idx].content.rstrip("\n").split("\n")
        return f'<pre class="worked">{"".join(map(_worked, lines))}</pre>\n'

    def table_open(self, *_: Any) -> str:
        return '<div class="table"><table>\n'

    def table_close(self, *_: Any) -> str:
        return "</table></div>\n"


def _worked(line: str) -> str:
    """Write one line of worked numbers: what is asked, or what the code answers."""
    if line.startswith((">>> ", "... ")):
        return f"<span><b>{escape(line[:4])}</b>{escape(line[4:])}</span>\n"
    return f"<output>{escape(line)}</output>\n"


def rendered(text: str, pages: Collection[str]) -> tuple[str, list[Heading]]:
    """Give a page's HTML and its headings (id and text), `pages` being those that may be linked."""
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Pages).enable("table")
    tokens = parser.parse(text)
    headings: list[Heading] = []
    for at, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            heading = {"id": f"part-{len(headings) + 1}", "text": tokens[at + 1].content}
            token.attrSet("id", heading["id"])
            headings.append(heading)
        if token.type == "inline" and token.children:
            token.children = [kept for child in token.children if (kept := _linked(child, pages))]
    return parser.renderer.render(tokens, parser.options, {}), headings


def _linked(token: Token, pages: Collection[str]) -> Token:
    """Lead a link to the page it names; another one becomes mere text."""
    if token.type == "image":
        return Token("text", "", 0, content=token.content)
    if token.type != "link_open":
        return token
    named = _PAGE.match(str(token.attrGet("href")))
    if named and named[1] in pages:
        token.attrSet("href", f"/methods/{named[1]}")
        token.attrSet("data-doc", named[1])
    else:
        token.attrs = {}
    return token
