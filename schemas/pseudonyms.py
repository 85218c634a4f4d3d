"""Whether a value that should be a pseudonym looks like a person instead.

A pseudonym is a keyed hash made at the edge. Names, phone and identity numbers must never
pass the edge, so a value that looks like one is refused here as well. The rules let every
usual rendering of a hash pass (hexadecimal or base32 of 16 or more characters, base64url of
20 or more); what they cannot know is a name written so that it looks like a hash.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_ALPHABET = re.compile(r"[A-Za-z0-9_.:=+-]+")
# One a line: letters, then a digit; digits, then a letter that is not the last; or one digit.
_PLAIN_HASHES = re.compile(
    r"(?:(?:(?:[A-Za-z]+[0-9]|[0-9]+[A-Za-z][0-9A-Za-z])[0-9A-Za-z]*+|[0-9])\n)*+"
)
_SEPARATORS = re.compile(r"[_.:=+-]+")
_NAME = re.compile(r"(?:[A-Z]?[a-z]{1,11}|[A-Z]{2,11})(?:[_.-](?:[A-Z]?[a-z]{1,11}|[A-Z]{2,11}))*")
_CAMEL_NAME = re.compile(r"(?:[A-Z][a-z]{1,10}){1,4}")
_PHONE = re.compile(r"(?:00)?(?:86)?1[3-9]\d{9}|0\d{9,11}|\d{7,11}")
_IDENTITY = re.compile(
    r"[1-9]\d{5}(?:(?:19|20)\d\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]"
    r"|[1-9]\d{5}\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}"
)
_IDENTITY_TAIL = (
    r"\d{5}(?:(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]"
    r"|\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3})"
)
_MOBILE_TAIL = r"[3-9]\d(?:[- ]?\d{4}){2}"
# Opens with a set of characters and looks back only then: the regex engine skips to the next
# digit by itself, which makes masking a message four times as fast.
NUMBER_IN_TEXT = (
    r"(?s)[1-9+](?<![0-9A-Za-z].)"
    rf"(?:(?<=[1-9]){_IDENTITY_TAIL}|(?<=1){_MOBILE_TAIL}"
    rf"|(?<=8)6[- ]?1{_MOBILE_TAIL}|(?<=\+)86[- ]?1{_MOBILE_TAIL})(?![0-9A-Za-z])"
)
"""A mobile phone or identity number in free text, for Python and Java alike."""
_NUMBER_IN_TEXT = re.compile(NUMBER_IN_TEXT)


def looks_like_person(value: str) -> str | None:
    """Say what personal data a value looks like ("a name", "a phone number", ...), or None."""
    if is_plainly_a_hash(value):
        return None
    return _what_it_looks_like(value)


def is_plainly_a_hash(value: str) -> bool:
    """Say whether a value is letters and digits mixed, which no rule below finds personal.

    With a digit in it, it is no name; with a letter before its end, no number. Most
    pseudonyms are like that, and are spared the rules, which cost ten times as much.
    """
    return value.isalnum() and value.isascii() and not value.isalpha() and not value[:-1].isdigit()


def all_plainly_hashes(values: Sequence[str]) -> bool:
    """Say whether `is_plainly_a_hash` holds of every value; one look at all of them."""
    lines = "".join([f"{value}\n" for value in values])
    return _PLAIN_HASHES.fullmatch(lines) is not None and lines.count("\n") == len(values)


def _what_it_looks_like(value: str) -> str | None:
    if not _ALPHABET.fullmatch(value):
        return "a name"
    parts = [part for part in _SEPARATORS.split(value) if part]
    for number in ("".join(parts), *parts):
        if _IDENTITY.fullmatch(number):
            return "an identity number"
        if _PHONE.fullmatch(number):
            return "a phone number"
    if _NAME.fullmatch(value) or _CAMEL_NAME.fullmatch(value):
        return "a name"
    return None


def number_in_text(text: str) -> bool:
    """Say whether free text carries a mobile phone or identity number."""
    return _NUMBER_IN_TEXT.search(text) is not None


def mask_numbers(text: str) -> str:
    """Put `***` where free text carries a mobile phone or identity number."""
    return _NUMBER_IN_TEXT.sub("***", text)
