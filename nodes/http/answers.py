"""Answers over HTTP in canonical JSON, which may be kept and asked for again on a condition, and errors as problem details.

A problem (RFC 9457) is `{"type", "title", "status", "detail", "code", "details"}`: `code` is stable and meant for programs,
`detail` is a sentence for people. Only errors of the project's tree are shown; anything else is a bug, answered with
`internal-error` and no word of its inside.

Conditional requests (RFC 9110, 13): what never changes (a decided block, a final transaction, a page of the state as of a
height) has a strong tag, the digest of the answer's own bytes, and may be kept for a year. What follows the head has a weak
one, the state root, and is asked for again each time. Where an answer was given to a token, as every one is where reads are
for members, only that member's own program may keep it. A request is let in before its tags are looked at.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from ledger.codec import first_fault
from ledger.encoding import decode_object, digest, encode_unchecked
from ledger.errors import (
    BusyError,
    JsonValue,
    MalformedError,
    StorageError,
    TallystickError,
    TooLargeError,
    UnauthorizedError,
)

BodyModel = TypeVar("BodyModel", bound=BaseModel)
Answer: TypeAlias = "dict[str, JsonValue | bytes]"
"""Members of an answer; one given as bytes is canonical JSON already and stands as it is."""
DRAINED_FACTOR = 4
"""A body over the limit is read, and forgotten, up to this many times the limit, so that the caller gets the answer."""
KEPT_SECONDS = 31_536_000
"""How long a program may keep what never changes: a year, the most that RFC 9111 caches count with."""
ETAG_CHARACTERS = 32
MEDIA_TYPE = "application/problem+json"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
RETRY_STORAGE_S = 60
"""Until an operator may have done something; other nodes answer now."""
CODE = "tallystick.code"
"""Where a scope holds the code of the problem that its request was answered with."""
FILE = Path(__file__).with_name("error_codes.toml")
"""The registry of every stable code with its meaning."""
LANGUAGES = ("en", "zh")


def answer(members: "Mapping[str, JsonValue | bytes]", status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """The response that carries a JSON object."""
    return Response(json_object(members), status, dict(headers or {}), "application/json")


def json_object(members: "Mapping[str, JsonValue | bytes]") -> bytes:
    """A JSON object in canonical form."""
    body = b",".join(
        b'"%s":%s' % (name.encode(), value if isinstance(value, bytes) else encode_unchecked(value))
        for name, value in sorted(members.items())
    )
    return b"{%s}" % body


def raw_list(items: Iterable[bytes]) -> bytes:
    """A canonical array of canonical values."""
    return b"[%s]" % b",".join(items)


def versioned(
    request: Request,
    members: "Mapping[str, JsonValue | bytes]",
    *,
    etag: str | None = None,
    is_final: bool = False,
    vary: str = "",
) -> Response:
    """The answer, or 304 if the caller holds it; without a tag of its own it goes by the digest of its bytes."""
    body = json_object(members)
    tag = f'"{digest("etag", body)[:ETAG_CHARACTERS]}"' if etag is None else etag
    headers = version_headers(request, tag, is_final=is_final, vary=vary)
    if is_known(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, "application/json")


def version_headers(request: Request, etag: str, *, is_final: bool = False, vary: str = "") -> dict[str, str]:
    """The headers of an answer and of the 304 in its place; `vary` is by which of the caller's headers it differs besides."""
    whose = "private" if "authorization" in request.headers else "public"
    how_long = f"max-age={KEPT_SECONDS}, immutable" if is_final else "no-cache"
    return {"etag": etag, "cache-control": f"{whose}, {how_long}", "vary": f"authorization, {vary}" if vary else "authorization"}


def is_known(request: Request, etag: str) -> bool:
    """Whether the caller's If-None-Match names this tag: `*`, or a list, compared weakly as for every GET."""
    given = ",".join(request.headers.getlist("if-none-match"))
    return given.strip() == "*" or _opaque(etag) in map(_opaque, given.split(","))


def _opaque(tag: str) -> str:
    return tag.strip().removeprefix("W/")


async def read_body(request: Request, bytes_max: int) -> bytes:
    """The raw body; raises TooLargeError `request-too-large`."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size <= bytes_max:
            parts.append(part)
        elif size > bytes_max * DRAINED_FACTOR:
            break
    if size > bytes_max:  # check: request-size
        raise TooLargeError("request-too-large", f"A request body has at most {bytes_max} bytes.", bytes_max=bytes_max)
    return b"".join(parts)


def parse_body(model: type[BodyModel], body: bytes, code: str) -> BodyModel:
    """A body of canonical JSON as the model has it; raises MalformedError `code`, naming the first place that does not fit."""
    decode_object(body)
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise MalformedError(code, first_fault(error, "the body")) from error


def language_of(request: Request) -> str:
    """`zh` if the caller's Accept-Language names it before English, else `en`."""
    for tag in request.headers.get("accept-language", "").split(","):
        primary = tag.partition(";")[0].strip().partition("-")[0].lower()
        if primary in LANGUAGES:
            return primary
    return "en"


def prefers(request: Request, media_type: str) -> bool:
    """Whether the caller's Accept prefers this to JSON; who names neither gets JSON."""
    weights = {media_type: 0.0, "application/json": 0.0}
    for part in ",".join(request.headers.getlist("accept")).split(","):
        media, *parameters = (one.strip().lower() for one in part.split(";"))
        if media in weights:
            weights[media] = max(weights[media], _weight(parameters))
    return weights[media_type] > weights["application/json"]


def _weight(parameters: Sequence[str]) -> float:
    """The `q` of a media range (RFC 9110, 12.4.2): 1 where it has none, 0 where it is no number."""
    given = next((one.removeprefix("q=") for one in parameters if one.startswith("q=")), "1")
    try:
        return float(given)
    except ValueError:
        return 0.0


@cache
def error_codes() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """By group, then by code (kebab-case): the meaning, by language."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@cache
def meanings() -> Mapping[str, Mapping[str, str]]:
    """By code: the meaning, by language."""
    return {code: words for group in error_codes().values() for code, words in group.items()}


class ProblemResponse(Response):
    """Leaves its code in the scope, where refusals are counted."""

    media_type = MEDIA_TYPE
    code = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the response."""
        scope[CODE] = self.code
        await super().__call__(scope, receive, send)


def problem_json(status: int, code: str, detail: str, details: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The members of a problem."""
    return {
        "type": f"urn:tallystick:problem:{code}",
        "title": code.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
        "details": dict(details),
    }


def error_json(error: TallystickError) -> dict[str, JsonValue]:
    """The problem of an error."""
    return problem_json(error.status, error.code, error.message, error.details)


def problem(members: Mapping[str, JsonValue], headers: Mapping[str, str] | None = None) -> Response:
    """The response that carries a problem."""
    status = members["status"]
    assert isinstance(status, int)
    response = ProblemResponse(encode_unchecked(dict(members)), status, dict(headers or {}))
    response.code = str(members["code"])
    return response


def error_response(error: TallystickError) -> Response:
    """The response to an error; limits that pass say when to come back, and who must show a token what kind of one."""
    headers = {"retry-after": str(error.retry_after_s)} if isinstance(error, BusyError) else {}
    if isinstance(error, StorageError):
        headers["retry-after"] = str(RETRY_STORAGE_S)
    if isinstance(error, UnauthorizedError):
        headers["www-authenticate"] = "Bearer"
    return problem(error_json(error), headers)


async def answer_error(request: Request, error: Exception) -> Response:
    """The problem of what a route raised."""
    match error:
        case TallystickError():
            return error_response(error)
        case RequestValidationError():
            found = [(".".join(map(str, e["loc"][1:])), str(e["msg"])[:200]) for e in error.errors()]
            wrong: JsonValue = [{"parameter": name, "message": message} for name, message in found]
            said = "; ".join(f"{name}: {message}" for name, message in found)
            return problem(problem_json(422, "bad-parameter", f"A parameter is not as it must be: {said}.", {"wrong": wrong}))
        case ClientDisconnect():  # the caller reads no answer; neither side made a mistake
            return error_response(MalformedError("cut-off", "The caller went away before the end of its request."))
        case HTTPException():
            code = {404: "no-such-path", 405: "method-not-allowed"}.get(error.status_code, "http-error")
            sentence = f"{request.method} {request.url.path[:200]}: {error.detail}; /docs shows what there is."
            allow = {"allow": ", ".join(_methods(request))} if error.status_code == 405 else error.headers
            return problem(problem_json(error.status_code, code, sentence, {}), allow)
    return problem(problem_json(500, "internal-error", "This node made a mistake; its own error output says more.", {}))


ERROR_HANDLERS: dict[int | type[Exception], Any] = dict.fromkeys(
    (TallystickError, RequestValidationError, ClientDisconnect, HTTPException, Exception), answer_error
)
"""For an application of which every error becomes a problem."""


def _methods(request: Request) -> list[str]:
    """Of all routes of the path; the router itself names only those of the first."""
    asked = ({**request.scope, "method": method} for method in METHODS)
    routes = request.app.router.routes
    return [scope["method"] for scope in asked if any(route.matches(scope)[0] == Match.FULL for route in routes)]
