"""Hashes pass as pseudonyms; names and numbers do not."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.pseudonyms import (
    all_plainly_hashes,
    is_plainly_a_hash,
    looks_like_person,
    mask_numbers,
)
from tests.oracles import pseudonyms as oracle

keys = st.integers(0, 2**64).map(
    lambda n: hashlib.blake2b(str(n).encode(), digest_size=16).digest()
)


@given(keys)
def test_every_usual_rendering_of_a_hash_passes(digest: bytes) -> None:
    renderings = [
        digest.hex(),
        digest.hex()[:16],
        base64.b32encode(digest).decode().rstrip("="),
        base64.urlsafe_b64encode(digest).decode().rstrip("="),
    ]
    assert [looks_like_person(text) for text in renderings] == [None] * len(renderings)


@pytest.mark.parametrize("value", ["p-0001", "h81c2a990", "person-17", "u1", "a1b2"])
def test_short_pseudonyms_with_a_digit_pass(value: str) -> None:
    assert looks_like_person(value) is None


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("13800000000", "a phone number"),
        ("+8613800000000", "a phone number"),
        ("138-0000-0000", "a phone number"),
        ("tel:13800000000", "a phone number"),
        ("02700000000", "a phone number"),
        ("2125550100", "a phone number"),
        ("110101199001010010", "an identity number"),
        ("11010119900101001X", "an identity number"),
        ("110101900101001", "an identity number"),
        ("某人", "a name"),
        ("Jane", "a name"),
        ("JANE", "a name"),
        ("Jane Doe", "a name"),
        ("jane_doe", "a name"),
        ("JaneDoe", "a name"),
        ("jane@example.org", "a name"),
    ],
)
def test_names_and_numbers_are_recognised(value: str, kind: str) -> None:
    assert looks_like_person(value) == kind


def test_numbers_in_free_text_are_masked_and_the_rest_is_left() -> None:
    assert mask_numbers("call 138 0000 0000 at gate 12") == "call *** at gate 12"


odd_values = st.one_of(
    st.text(alphabet="aZxX019._-:=+ é٣\n", max_size=20),
    st.from_regex(oracle.IDENTITY, fullmatch=True),
    st.from_regex(oracle.PHONE, fullmatch=True),
    st.from_regex(oracle.NAME, fullmatch=True),
)
pieces = st.one_of(
    st.from_regex(oracle.IDENTITY, fullmatch=True),
    st.from_regex(oracle.MOBILE, fullmatch=True),
    st.text(alphabet="0186 3+-xX\n\u00e9a", max_size=6),
)


@given(odd_values)
def test_the_short_cut_for_hashes_changes_no_answer(value: str) -> None:
    assert looks_like_person(value) == oracle.looks_like_person(value)


@given(st.lists(pieces, max_size=6))
def test_the_fast_search_for_numbers_masks_what_the_plain_one_does(parts: list[str]) -> None:
    text = "".join(parts)
    assert mask_numbers(text) == oracle.mask_numbers(text)


@given(st.lists(st.one_of(st.text(alphabet="aZ09_\n", max_size=6), st.text(max_size=4))))
def test_a_column_is_plainly_hashes_where_each_value_is(values: list[str]) -> None:
    assert all_plainly_hashes(values) == all(is_plainly_a_hash(value) for value in values)
