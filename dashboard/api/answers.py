"""Answers: JSON, files with an ETag, and errors in one form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from dashboard.errors import RequestError, UnknownError

Endpoint = Callable[[Request], Awaitable[Response]]


class LoadingError(Exception):
    """There is nothing to show yet; answered with 503."""


def json_answer(body: Any, status: int = 200) -> Response:
    """Answer with JSON that nobody keeps."""
    return Response(
        msgspec.json.encode(body),
        status_code=status,
        media_type="application/json",
        headers={"cache-control": "no-store"},
    )


def kept_answer(request: Request, content: bytes, etag: str, media_type: str) -> Response:
    """Answer with what a browser may keep as long as its ETag is still right; 304 if it is."""
    headers = {"etag": f'"{etag}"', "cache-control": "no-cache"}
    asked = {
        tag.strip().removeprefix("W/")
        for tag in request.headers.get("if-none-match", "").split(",")
    }
    if headers["etag"] in asked or "*" in asked:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def plainly(endpoint: Endpoint) -> Endpoint:
    """Turn the errors of a request into one clear JSON line."""

    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except RequestError as error:
            return json_answer({"error": str(error)}, 400)
        except UnknownError as error:
            return json_answer({"error": str(error)}, 404)
        except LoadingError:
            return json_answer({"error": "loading: the hub is still reading what was there"}, 503)

    return answered
