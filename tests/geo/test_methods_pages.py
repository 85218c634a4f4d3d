"""The worked numbers in docs/methods are what the code gives, in both languages."""

import doctest
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "methods"
PAGES = sorted(page.name for page in FOLDER.glob("*.md"))
OURS = {
    "activity.md", "aberrations.md", "allocation.md", "density.md", "exposure.md", "hotspots.md",
    "rates.md", "relative-risk.md", "reproduction.md", "risk.md", "scan.md",
}  # fmt: skip


class Fences(doctest.DocTestParser):
    """Reads a page as if the fences around its examples were not there."""

    def parse(self, string: str, name: str = "<string>") -> list:
        """Leave the fences out."""
        return super().parse(string.replace("```", ""), name)


@pytest.mark.parametrize("page", [*sorted(OURS), *(f"zh/{page}" for page in sorted(OURS))])
def test_worked_numbers_are_what_the_code_gives(page):
    found = doctest.testfile(str(FOLDER / page), module_relative=False, parser=Fences())
    assert found.attempted >= 3
    assert found.failed == 0


def told_in_tables(page: Path) -> set[str]:
    """Give the numbers with a point that stand in the tables of a page."""
    rows = [line for line in page.read_text().splitlines() if line.startswith("|")]
    return set(re.findall(r"\d*\.\d+", " ".join(rows)))


@pytest.mark.parametrize("page", [*sorted(OURS), "README.md"])
def test_the_chinese_page_has_the_tables_and_examples_of_the_english_one(page):
    english, chinese = FOLDER / page, FOLDER / "zh" / page
    code = re.compile(r"```python\n(.*?)```", re.DOTALL)
    assert code.findall(english.read_text()) == code.findall(chinese.read_text())
    assert told_in_tables(english) <= told_in_tables(chinese)


@pytest.mark.parametrize("page", sorted(OURS))
def test_every_page_says_what_it_answers_and_when_not_to_trust_it(page):
    text = (FOLDER / page).read_text()
    for heading in (
        "**Question.**",
        "## Assumptions",
        "## When not to trust it",
        "**Sources.**",
        "## 中文",
    ):
        assert heading in text


def test_the_list_of_pages_is_whole():
    text = (FOLDER / "README.md").read_text()
    assert set(PAGES) >= OURS
    assert all(f"({page})" in text for page in OURS)
