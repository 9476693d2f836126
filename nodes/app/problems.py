"""Errors as RFC 9457 problem details: `{"type", "title", "status", "detail", "code", "details"}`.

`code` is stable and meant for programs, `detail` is a sentence for people. Only errors of the project's tree are shown;
anything else is a bug, answered with `internal-error` and no word of its inside.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from ledger.encoding import encode_unchecked
from ledger.errors import BusyError, JsonValue, MalformedError, StorageError, TallystickError, UnauthorizedError

MEDIA_TYPE = "application/problem+json"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
RETRY_STORAGE_S = 60
"""Until an operator may have done something; other nodes answer now."""
CODE = "tallystick.code"
"""Where a scope holds the code of the problem that its request was answered with."""


FILE = Path(__file__).with_name("error_codes.toml")
"""The registry of every stable code with its meaning."""
LANGUAGES = ("en", "zh")


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


def install_problems(app: FastAPI) -> None:
    """Makes every error of the application a problem."""
    app.add_exception_handler(TallystickError, _of_tree)
    app.add_exception_handler(RequestValidationError, _of_parameters)
    app.add_exception_handler(HTTPException, _of_routing)
    app.add_exception_handler(ClientDisconnect, _of_leaving)
    app.add_exception_handler(Exception, _of_bug)


async def _of_tree(request: Request, error: Exception) -> Response:
    assert isinstance(error, TallystickError)
    return error_response(error)


async def _of_parameters(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong: JsonValue = [
        {"parameter": ".".join(str(part) for part in e["loc"][1:]), "message": str(e["msg"])[:200]} for e in error.errors()
    ]
    return problem(problem_json(422, "bad-parameter", "A parameter is not as it must be; see details.", {"wrong": wrong}))


async def _of_routing(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = {404: "no-such-path", 405: "method-not-allowed"}.get(error.status_code, "http-error")
    path = request.url.path[:200]
    members = problem_json(error.status_code, code, f"{request.method} {path}: {error.detail}; /docs shows what there is.", {})
    allow = {"allow": ", ".join(_methods(request))} if error.status_code == 405 else error.headers
    return problem(members, allow)


def _methods(request: Request) -> list[str]:
    """Of all routes of the path; the router itself names only those of the first."""
    asked = ({**request.scope, "method": method} for method in METHODS)
    routes = request.app.router.routes
    return [scope["method"] for scope in asked if any(route.matches(scope)[0] == Match.FULL for route in routes)]


async def _of_leaving(request: Request, error: Exception) -> Response:
    """Nobody reads this answer, and nobody made a mistake here."""
    return error_response(MalformedError("cut-off", "The caller went away before the end of its request."))


async def _of_bug(request: Request, error: Exception) -> Response:
    return problem(problem_json(500, "internal-error", "This node made a mistake; its own error output says more.", {}))
