"""Methods: how every number on the page is computed, in both languages."""

from __future__ import annotations

import hashlib

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from dashboard.api.answers import kept_answer, plainly
from dashboard.errors import RequestError
from dashboard.i18n import LANGUAGES
from dashboard.methods.pages import all_pages


def routes() -> list[BaseRoute]:
    """Give the one route of the methods pages."""
    return [Route("/api/methods", plainly(methods), methods=["GET"])]


async def methods(request: Request) -> Response:
    """Answer all pages of a language; a browser keeps them while they stay the same."""
    asked = request.query_params.get("lang", "zh")
    for language in LANGUAGES:
        if asked == language:
            text = msgspec.json.encode({"lang": language, "pages": all_pages(language)})
            digest = hashlib.blake2b(text, digest_size=8).hexdigest()
            return kept_answer(request, text, digest, "application/json")
    raise RequestError(f"lang is {asked[:40]!r}: expected one of {', '.join(LANGUAGES)}")
