"""The methods pages of the war room: whole in both languages, and safe to put into the page."""

from __future__ import annotations

import asyncio
import re
from html.parser import HTMLParser
from types import SimpleNamespace

import msgspec
import pytest

from dashboard.api.methods import methods
from dashboard.errors import RequestError
from dashboard.i18n import LANGUAGES
from dashboard.methods.formulas import is_formula, to_html
from dashboard.methods.pages import FOLDER, PAGES, all_pages, source
from dashboard.methods.render import rendered

ESTIMATORS = [page for page in PAGES if page != "README"]
FENCE = re.compile(r"```python\n.*?```", re.DOTALL)
VOID = {"br", "hr"}


class Tags(HTMLParser):
    """Notes what a text opens, and that it closes it again."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag, attrs):
        """Note a tag and its attributes."""
        self.seen.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        """Demand that the newest open tag is closed."""
        assert self.open.pop() == tag


def test_every_estimator_of_the_docs_has_a_page():
    written = {path.stem for path in FOLDER.glob("*.md")} - {"simulator"}
    assert written == set(PAGES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page_id", ESTIMATORS)
def test_a_page_says_its_question_its_formulas_and_when_not_to_trust_it(page_id, language):
    page = source(page_id, language)
    assert page.question.endswith(("?", "？", "."))
    assert page.title
    headings = [heading["text"] for heading in rendered(page.text, PAGES)[1]]
    for part in (
        ("Formula", "公式", "The chain of a day", "一天的计算链"),
        ("Assumptions", "假设"),
        ("When not to trust it", "何时不可信"),
    ):
        assert any(heading.startswith(part) for heading in headings), part
    assert "中文" not in headings


@pytest.mark.parametrize("page_id", ESTIMATORS)
def test_worked_numbers_are_the_same_in_both_languages(page_id):
    english, chinese = (FENCE.findall(source(page_id, one).text) for one in ("en", "zh"))
    assert english == chinese
    assert english


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_goes_into_the_page_is_closed_and_brings_nothing_in(language):
    for page in all_pages(language):
        tags = Tags()
        tags.feed(page["html"])
        assert tags.open == []
        assert not tags.seen & {"script", "img", "iframe", "style", "link"}
        assert tags.attributes <= {"id", "class", "href", "data-doc", "style", "start"}
        for target in re.findall(r'href="([^"]*)"', page["html"]):
            assert target.removeprefix("/methods/") in PAGES


def test_raw_html_in_a_page_is_text():
    html, _ = rendered('<img src=x onerror="alert(1)"> [x](javascript:alert(1)) ![y](z.svg)', PAGES)
    assert "<img" not in html
    assert "href" not in html


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("w = exp(-d²/2)", "<i>w</i> = exp(−<i>d</i>²/2)"),
        ("e^(-Δ/τ)", "<i>e</i><sup>−<i>Δ</i>/<i>τ</i></sup>"),
        ("Σ_k π_k", "∑<sub>k</sub> <i>π</i><sub>k</sub>"),
        ("I_{t-s}", "<i>I</i><sub>t−s</sub>"),
        ("S1", "<i>S</i><sub>1</sub>"),
        ("a < b", "<i>a</i> &lt; <i>b</i>"),
    ],
)
def test_formulas_have_indices_below_and_powers_above(text, expected):
    assert to_html(text) == expected


@pytest.mark.parametrize(
    "name", ["geo/risk/", "geo/scan.py", "exceedance_p", "./hexline bench risk-evidence", "earsC"]
)
def test_files_commands_and_names_are_no_formulas(name):
    assert not is_formula(name)


def answer(query, headers=None):
    request = SimpleNamespace(query_params=query, headers=headers or {})
    return asyncio.run(methods(request))


def test_the_api_gives_all_pages_and_lets_a_browser_keep_them():
    first = answer({"lang": "en"})
    body = msgspec.json.decode(first.body)
    assert [page["id"] for page in body["pages"]] == list(PAGES)
    assert answer({"lang": "en"}, {"if-none-match": first.headers["etag"]}).status_code == 304


def test_another_language_is_named():
    with pytest.raises(RequestError, match="lang"):
        answer({"lang": "fr"})
