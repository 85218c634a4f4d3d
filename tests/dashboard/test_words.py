"""The words of the pages: both languages say everything, and nothing is said without a word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dashboard import ids
from dashboard.i18n import LANGUAGES, language_of, words

DASHBOARD = Path(ids.__file__).parent
SCRIPTS = sorted((DASHBOARD / "assets" / "js").glob("*.js"))
TEXT = {path.name: path.read_text(encoding="utf-8") for path in SCRIPTS}
SAID = "".join([*TEXT.values(), *(p.read_text(encoding="utf-8") for p in DASHBOARD.rglob("*.py"))])
LITERALS = set(re.findall(r"""['"`]([a-z0-9_.]+)['"`]""", SAID))
# `layer.${id}.short` of a script, f"nav.{page}" of Python: a word whose middle is put in.
MADE = re.findall(r"""[`"]([a-z0-9_.]*(?:\$?\{[^{}`"]*\}[a-z0-9_.]*)+)[`"]""", SAID)
LAYOUT = "".join(p.read_text(encoding="utf-8") for p in (DASHBOARD / "pages").glob("*.py"))
HOLES = re.compile(r"\{(\w+)\}")


def test_both_languages_have_the_same_keys():
    zh, en = (set(words(language)) for language in LANGUAGES)
    assert zh == en


@pytest.mark.parametrize("key", sorted(words("zh")))
def test_a_word_has_the_same_holes_in_both_languages(key):
    assert set(HOLES.findall(words("zh")[key])) == set(HOLES.findall(words("en")[key]))
    assert words("zh")[key].strip()
    assert words("en")[key].strip()


def test_every_key_a_script_names_is_a_word():
    named = {key for text in TEXT.values() for key in re.findall(r"\bt\('([a-z0-9.]+)'", text)}
    assert named - set(words("zh")) == set()
    assert len(named) > 50


def test_every_key_the_layout_names_is_a_word():
    named = set(re.findall(r'said\([^,]+, "([a-z.]+)"', LAYOUT))
    assert named
    assert named - set(words("zh")) == set()


def shapes():
    """Give the form of every key that is put together of parts."""
    parts = (re.split(r"\$?\{[^{}]*\}", made) for made in MADE)
    return [re.compile(r"([a-z0-9_]+)".join(map(re.escape, part))) for part in parts]


@pytest.mark.parametrize("key", sorted(words("zh")))
def test_every_word_is_said_somewhere(key):
    # What is put into a key is a number, or stands by itself in some script or answer.
    found = [shape.fullmatch(key) for shape in shapes()]
    filled = [match.groups() for match in found if match]
    assert key in LITERALS or any(
        all(part.isdigit() or part in LITERALS for part in parts) for parts in filled
    )


def test_every_id_a_script_asks_for_is_in_the_one_list():
    known = {value for name, value in vars(ids).items() if name.isupper()}
    asked = {key for text in TEXT.values() for key in re.findall(r"byId\('([a-z-]+)'\)", text)}
    # The dictionaries stand in a script element of the outer page.
    assert asked - known == set()


def test_no_id_is_listed_twice():
    values = [value for name, value in vars(ids).items() if name.isupper()]
    assert len(values) == len(set(values))


@pytest.mark.parametrize("other", ["网格", "打卡", "误报率"])
def test_the_chinese_words_are_those_of_the_glossary(other):
    # 格子 is an H3 cell and 网格 the smallest area; 登记 a check-in; 错误发现率 what FDR means.
    assert [key for key, word in words("zh").items() if other in word] == []


@pytest.mark.parametrize(
    ("asked", "given"), [("en", "en"), ("zh", "zh"), ("fr", "zh"), (None, "zh")]
)
def test_an_unknown_language_is_chinese(asked, given):
    assert language_of(asked) == given


def test_scripts_fetch_nothing_from_another_host():
    own = "http://www.w3.org/2000/svg"
    for name, text in TEXT.items():
        hosts = set(re.findall(r"https?://[\w./-]+", text)) - {own}
        assert hosts == set(), name
