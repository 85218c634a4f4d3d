"""What personal data looks like, as first written: one rule after the other, no short cut."""

from __future__ import annotations

import re

ALPHABET = re.compile(r"[A-Za-z0-9_.:=+-]+")
SEPARATORS = re.compile(r"[_.:=+-]+")
NAME = re.compile(r"(?:[A-Z]?[a-z]{1,11}|[A-Z]{2,11})(?:[_.-](?:[A-Z]?[a-z]{1,11}|[A-Z]{2,11}))*")
CAMEL_NAME = re.compile(r"(?:[A-Z][a-z]{1,10}){1,4}")
PHONE = re.compile(r"(?:00)?(?:86)?1[3-9]\d{9}|0\d{9,11}|\d{7,11}")
IDENTITY = re.compile(
    r"[1-9]\d{5}(?:(?:19|20)\d\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]"
    r"|[1-9]\d{5}\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}"
)
MOBILE = r"(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}"
IN_TEXT = re.compile(rf"(?<![0-9A-Za-z])(?:{IDENTITY.pattern}|{MOBILE})(?![0-9A-Za-z])")


def looks_like_person(value: str) -> str | None:
    if not ALPHABET.fullmatch(value):
        return "a name"
    parts = [part for part in SEPARATORS.split(value) if part]
    for number in ("".join(parts), *parts):
        if IDENTITY.fullmatch(number):
            return "an identity number"
        if PHONE.fullmatch(number):
            return "a phone number"
    if NAME.fullmatch(value) or CAMEL_NAME.fullmatch(value):
        return "a name"
    return None


def mask_numbers(text: str) -> str:
    return IN_TEXT.sub("***", text)
