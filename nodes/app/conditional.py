"""Conditional requests (RFC 9110, 13) and who may keep an answer for how long.

What never changes (a decided block, a final transaction, a page of the state as of a height) has a strong tag, the digest
of the answer's own bytes, and may be kept for a year. What follows the head has a weak one, the state root, and is asked
for again each time. Where an answer was given to a token, as every one is where reads are for members, only that member's own
program may keep it. A request is let in before its tags are looked at.
"""

from collections.abc import Mapping

from fastapi import Request
from starlette.responses import Response

from ledger.chain.view import ChainView
from ledger.encoding import digest
from ledger.errors import JsonValue
from nodes.app.answers import json_object

KEPT_SECONDS = 31_536_000
"""How long a program may keep what never changes: a year, the most that RFC 9111 caches count with."""
ETAG_CHARACTERS = 32


def state_tag(view: ChainView, height: int) -> str:
    """The tag of what the state says at a height: its root there, of the genesis the ledger id."""
    return f'W/"{view.header(height).state_root if height else view.ledger}"'


def is_known(request: Request, etag: str) -> bool:
    """Whether the caller's If-None-Match names this tag: `*`, or a list, compared weakly as for every GET."""
    given = ",".join(request.headers.getlist("if-none-match"))
    return given.strip() == "*" or _opaque(etag) in map(_opaque, given.split(","))


def version_headers(request: Request, etag: str, *, is_final: bool = False, language: bool = False) -> dict[str, str]:
    """The headers of an answer and of the 304 in its place; `language` says that sentences in it follow Accept-Language."""
    whose = "private" if "authorization" in request.headers else "public"
    how_long = f"max-age={KEPT_SECONDS}, immutable" if is_final else "no-cache"
    vary = ["authorization", *(["accept-language"] if language else [])]
    return {"etag": etag, "cache-control": f"{whose}, {how_long}", "vary": ", ".join(vary)}


def versioned(
    request: Request,
    members: "Mapping[str, JsonValue | bytes]",
    *,
    etag: str | None = None,
    is_final: bool = False,
    language: bool = False,
) -> Response:
    """The answer, or 304 if the caller holds it; without a tag of its own it goes by the digest of its bytes."""
    body = json_object(members)
    tag = f'"{digest("etag", body)[:ETAG_CHARACTERS]}"' if etag is None else etag
    headers = version_headers(request, tag, is_final=is_final, language=language)
    if is_known(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, "application/json")


def _opaque(tag: str) -> str:
    return tag.strip().removeprefix("W/")
