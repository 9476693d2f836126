"""Who a request comes from, and whether its path answers to that. Every path has one kind; what is not named is for readers.

open    anybody: health, figures, the documentation, and who the node is, which it takes to make a token
signed  what is sent carries its own signatures
lab     carries the lab's token, which the lab's own routes compare
member  carries a member's token, whatever the node's setting
reader  anybody where reads are open, else as member
"""

from typing import Annotated, Literal

from fastapi import Depends, Request

from ledger.errors import UnauthorizedError
from ledger.identity.reads import read_member
from ledger.identity.records import Member
from nodes.app.answers import ThisNode
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
