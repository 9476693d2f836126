"""What a route asks of a request: the node, who calls, and its parameters; and how it describes itself for the OpenAPI document.

Every path is of one kind, which says who may call it; what is not named is for readers.

    open    anybody: health, figures, the documentation, and who the node is, which it takes to make a token
    signed  what is sent carries its own signatures
    lab     carries the lab's token, which the lab's own routes compare
    member  carries a member's token, whatever the node's setting
    reader  anybody where reads are open, else as member

What a parameter's schema says here is not checked by FastAPI: the functions beside it judge the value, with codes of their own.
The shapes of answers stand in `nodes.app.shapes`, the words in `words.toml`, and `tests.openapi_document` joins all of it; a node
only serves the document.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, Header, Path, Query, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from ledger.chain.view import ChainView
from ledger.contract.records import read_member
from ledger.errors import InputError, MalformedError, UnauthorizedError
from ledger.identity.records import Member
from ledger.primitives import INTEGER_MAX, Digest, is_digest
from nodes.http.answers import language_of
from nodes.limits import Limits
from nodes.node.node import Node

Kind = Literal["open", "signed", "lab", "member", "reader"]
BEARER = "Bearer "
OPEN = frozenset(
    {"/", "/v1/node", "/healthz", "/readyz", "/metrics", "/docs", "/docs/docs.css", "/docs/docs.js", "/openapi.json"}
)
SIGNED = frozenset({("POST", "/v1/transactions")})
LAB = "/v1/lab/"
PAGE = "/page/"
MEMBER = ("/v1/documents/", "/v1/reads")
JSON_CODES = "not-json not-an-object not-canonical float integer-out-of-range too-deep"
"""Of a body that is no canonical JSON object."""


async def _node(request: Request) -> Node:
    node: Node = request.app.state.node
    return node


ThisNode = Annotated[Node, Depends(_node)]
"""The node, as a parameter of a route."""


async def _language(request: Request, accept_language: Annotated[str | None, Header()] = None) -> str:
    return language_of(request)


CallerLanguage = Annotated[str, Depends(_language)]
"""`en` or `zh`, as a parameter of a route; so its header is documented."""


def kind_of(method: str, path: str) -> Kind:
    """The kind of a path, as declared or as asked for."""
    if (path in OPEN or path.startswith(PAGE)) and method in ("GET", "HEAD"):
        return "open"
    if (method, path) in SIGNED:
        return "signed"
    if path.startswith(LAB):
        return "lab"
    return "member" if path.startswith(MEMBER) else "reader"


async def known_member(request: Request, node: ThisNode) -> Member:
    """The member whose token the request carries; raises UnauthorizedError. A token is judged, and used up, once a request."""
    member: Member | None = getattr(request.state, "member", None)
    if member is None:
        member = request.state.member = _judge(request, node)
    return member


async def reader(request: Request, node: ThisNode) -> Member | None:
    """Who reads: None where reads are open, else a member."""
    return None if node.reads == "open" else await known_member(request, node)


KnownMember = Annotated[Member, Depends(known_member)]
"""The member that asks, as a parameter of a route; it needs a token."""


async def guard(request: Request, node: ThisNode) -> None:
    """Stands before every route: lets a request through that the kind of its path answers to."""
    kind = kind_of(request.method, request.scope["path"])
    if kind == "member":  # check: guard-member
        await known_member(request, node)
    if kind == "reader":  # check: guard-reader
        await reader(request, node)


def is_still_reader(request: Request) -> bool:
    """Whether an answer that goes on may go on: its reader has not been revoked, nor has its certificate ended."""
    node: Node = request.app.state.node
    member: Member | None = getattr(request.state, "member", None)
    if member is None:
        return True
    with node.snapshot() as view:
        now = read_member(view.state, member.member)
        return now is not None and now.is_active(view.next_time_ms(node.now_ms()))


def verify_still_reader(request: Request) -> None:
    """Raises UnauthorizedError `token-inactive` where an answer that took its time came too late for its reader."""
    if not is_still_reader(request):  # check: still-reader
        raise UnauthorizedError("token-inactive", "The reader has been revoked, or its certificate has ended, meanwhile.")


def _judge(request: Request, node: Node) -> Member:
    given = request.headers.get("authorization", "")
    if not given.startswith(BEARER):  # check: token-missing
        sentence = "This path answers to members: `Authorization: Bearer TOKEN`, which `tallystick token` makes."
        raise UnauthorizedError("token-missing", sentence, audience=node.tokens.audience)
    with node.snapshot() as view:
        now_ms = view.next_time_ms(node.now_ms())
        return node.tokens.verify(given.removeprefix(BEARER), lambda name: read_member(view.state, name), now_ms)


def in_query(name: str | None = None, **schema: Any) -> Any:
    """A parameter of the query whose schema says this besides its type."""
    return Query(alias=name, json_schema_extra=schema)


HEIGHT: Mapping[str, Any] = {"minimum": 0, "maximum": 10**15 - 1}
HEIGHT_TEXT: Mapping[str, Any] = {"pattern": "^[0-9]{1,15}$"}
DigestInPath = Annotated[str, Path(json_schema_extra={"pattern": "^[0-9a-f]{64}$"})]
KeyInPath = Annotated[str, Path(json_schema_extra={"minLength": 1, "maxLength": 256})]
Height = Annotated[int | None, in_query(**HEIGHT)]
FromZero = Annotated[int | None, in_query(minimum=0)]
HeightText = Annotated[str, in_query(**HEIGHT_TEXT)]
Limit = Annotated[int | None, in_query(minimum=1, maximum=500)]
Wait = Annotated[int | None, in_query(minimum=0, maximum=60)]
WithProof = Annotated[bool, Query(alias="proof")]
TrustFrom = Annotated[int, Query(ge=0, le=INTEGER_MAX)]
EventCursor = Annotated[str, in_query(pattern=r"^([0-9]{1,15}\.[0-9]{1,15}\.[0-9]{1,15})?$")]
LastEventId = Annotated[str | None, Header()]


async def refuse_unknown_parameters(request: Request) -> None:
    """A query parameter that the route does not know is refused: a typing error must not change an answer silently."""
    unknown = request.query_params.keys() - own_parameters(request)
    if unknown:  # check: unknown-parameter
        raise InputError("unknown-parameter", f"This path has no parameter {sorted(unknown)[0]!r:.80}.")


def own_parameters(request: Request) -> set[str]:
    """Names of the query parameters that the request's route declares, itself or through what it depends on."""
    route = request.scope["route"]
    assert isinstance(route, APIRoute)
    return {*_parameters(route.dependant)}


def _parameters(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _parameters(inner)


def wait_seconds(wait: int | None, limits: Limits) -> int:
    """Seconds of a `?wait=`; raises InputError `bad-wait`."""
    if wait is None:
        return 0
    if not 0 <= wait <= limits.wait_max_s:  # check: wait-limit
        raise InputError("bad-wait", f"`wait` is from 0 to {limits.wait_max_s} seconds.", wait_max_s=limits.wait_max_s)
    return wait


STRICT = [Depends(refuse_unknown_parameters)]
"""Dependencies of a router whose routes know all their parameters."""


def page_limit(limit: int | None, limits: Limits) -> int:
    """Rows of a page; raises InputError `bad-limit`."""
    if limit is None:
        return limits.page_default
    if not 1 <= limit <= limits.page_max:  # check: page-limit
        raise InputError("bad-limit", f"`limit` is from 1 to {limits.page_max}.", limit_max=limits.page_max)
    return limit


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


def height_range(
    view: ChainView,
    after_time: int | None,
    before_time: int | None,
    after_height: int | None = None,
    before_height: int | None = None,
) -> tuple[int, int]:
    """The first height, and one above the last, of blocks above `after` and below `before`; times in milliseconds.

    Found by bisection, since block times rise. Raises InputError `bad-range` for a negative bound.
    """
    bounds = (after_time, before_time, after_height, before_height)
    if any(bound is not None and bound < 0 for bound in bounds):  # check: range-bounds
        raise InputError("bad-range", "Times are milliseconds since the epoch and heights count from 0; none is negative.")
    firsts = [0 if after_height is None else after_height + 1]
    ends = [view.height + 1 if before_height is None else before_height]
    if after_time is not None:
        firsts.append(view.first_height_since(after_time + 1))
    if before_time is not None:
        ends.append(view.first_height_since(before_time))
    return max(firsts), min(*ends, view.height + 1)


@dataclass(frozen=True, slots=True)
class Span:
    """The blocks that an answer is of, as parameters of a route."""

    after_time: FromZero = None
    before_time: FromZero = None
    after_height: FromZero = None
    before_height: FromZero = None

    def heights(self, view: ChainView) -> range:
        """Theirs; raises InputError `bad-range`."""
        first, end = height_range(view, self.after_time, self.before_time, self.after_height, self.before_height)
        return range(max(first, 1), end)


InSpan = Annotated[Span, Depends()]


def described(answer: str, *lines: str, body: str = "", also: str = "") -> dict[str, Any]:
    """Arguments of a route: the shapes of answer and body, and lines `STATUS CODE CODE …`; `304` of a route that has an ETag.
    `also` is another media type of the answer, for who prefers it.

    Codes that follow from a parameter or from who may call are added by `tests.openapi_document`.
    """
    responses = {int(status): {"x-codes": codes} for status, *codes in map(str.split, lines)}
    content = {"application/json": {"schema": {"x-body": body}}}
    bodies = {"requestBody": {"required": True, "content": content}} if body else {}
    return {"responses": responses, "openapi_extra": {"x-answer": answer, "x-also": also, **bodies}}
