"""What the routes share: the node they serve, canonical answers, bodies and pages within limits."""

from collections.abc import Iterable, Mapping
from typing import Annotated, TypeAlias, TypeVar

from fastapi import Depends, Header, Request
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.responses import Response

from ledger.codec import first_fault
from ledger.encoding import decode_object, encode_unchecked
from ledger.errors import InputError, JsonValue, MalformedError, TooLargeError
from ledger.primitives import Digest, is_digest
from nodes.limits import Limits
from nodes.node.node import Node

BodyModel = TypeVar("BodyModel", bound=BaseModel)

DRAINED_FACTOR = 4
"""A body over the limit is read, and forgotten, up to this many times the limit, so that the caller gets the answer."""

Answer: TypeAlias = "dict[str, JsonValue | bytes]"
"""Members of an answer; one given as bytes is canonical JSON already and stands as it is."""


async def _node(request: Request) -> Node:
    node: Node = request.app.state.node
    return node


ThisNode = Annotated[Node, Depends(_node)]
"""The node, as a parameter of a route."""


async def _language(request: Request, accept_language: Annotated[str | None, Header()] = None) -> str:
    return language_of(request)


CallerLanguage = Annotated[str, Depends(_language)]
"""`en` or `zh`, as a parameter of a route; so its header is documented."""


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


async def refuse_unknown_parameters(request: Request) -> None:
    """A query parameter that the route does not know is refused: a typing error must not change an answer silently."""
    unknown = request.query_params.keys() - own_parameters(request)
    if unknown:  # check: unknown-parameter
        raise InputError("unknown-parameter", f"This path has no parameter {sorted(unknown)[0]!r:.80}.")


def own_parameters(request: Request) -> set[str]:
    """Names of the query parameters that the request's route declares."""
    route = request.scope["route"]
    assert isinstance(route, APIRoute)
    return {field.alias for field in route.dependant.query_params}


def wait_seconds(wait: int | None, limits: Limits) -> int:
    """Seconds of a `?wait=`; raises InputError `bad-wait`."""
    if wait is None:
        return 0
    if not 0 <= wait <= limits.wait_max_s:  # check: wait-limit
        raise InputError("bad-wait", f"`wait` is from 0 to {limits.wait_max_s} seconds.", wait_max_s=limits.wait_max_s)
    return wait


def parse_id(text: str) -> Digest:
    """A transaction or block id of a path; raises MalformedError `bad-id`."""
    if not is_digest(text):
        raise MalformedError("bad-id", "An id is 64 lower-case hexadecimal digits.")
    return Digest(text)


def parse_height(text: str, name: str) -> int:
    """A height of a path or cursor; raises MalformedError `bad-height`."""
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise MalformedError("bad-height", f"`{name}` is a height: an integer from 0.")
    return int(text)


def language_of(request: Request) -> str:
    """`zh` if the caller's Accept-Language names it before English, else `en`."""
    for tag in request.headers.get("accept-language", "").split(","):
        primary = tag.partition(";")[0].strip().partition("-")[0].lower()
        if primary in ("en", "zh"):
            return primary
    return "en"
