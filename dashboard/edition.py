"""Edition: which version of the page is served, so that one left open over an upgrade notices."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
OWN = ("index.html", "assets/js/*.js", "assets/css/*.css", "i18n/*.json")


@cache
def edition() -> str:
    """Give a digest of the page's own files; `vendor` changes with those that use it."""
    digest = hashlib.blake2b(digest_size=8)
    for pattern in OWN:
        for path in sorted(HERE.glob(pattern)):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
