"""What a network that was started as a lab allows to those who hold its token: set the clock, let links fail, order the control.

The control of a lab stops and starts its nodes; each node passes on to it everything under `/v1/lab/control/`. Who may read a
node may read the control too; what changes something carries the lab's token, and so does a look that costs much: a header
tells the control of each reader without the token.
"""

import hmac
from collections.abc import Mapping
from ipaddress import ip_address
from types import MappingProxyType

from fastapi import APIRouter, Request
from starlette.responses import Response

from ledger.encoding import decode_object
from ledger.errors import BusyError, ConflictError, ForbiddenError, MalformedError, NotFoundError
from ledger.primitives import TIMESTAMP_MAX
from nodes.app.dependencies import JSON_CODES, STRICT, ThisNode, described
from nodes.http.answers import answer, parse_body, read_body
from nodes.links.faults import FaultList
from nodes.node.lab_hooks import NodeLab
from nodes.node.node import Node

router = APIRouter(tags=["lab"], dependencies=STRICT)
passing = APIRouter(include_in_schema=False)
"""Query parameters are the control's to judge."""
BODY_BYTES_MAX = 20_000
ORDER_BYTES_MAX = 2_000_000
VIA = "x-lab-node"
"""Header of what a node of the lab passed on, its value: it comes from somewhere in the room."""
ONLOOKER = "x-lab-onlooker"
"""Header of a look without the lab's token."""


@router.post(
    "/v1/lab/clock",
    **described(
        "LabClock",
        f"400 bad-time {JSON_CODES}",
        "409 clock-backward clock-fixed",
        "413 request-too-large",
        body="LabClock",
    ),
)
async def set_clock(request: Request, node: ThisNode) -> Response:
    """Sets this node's clock to an instant, forward only: `{"time": MILLISECONDS}` with the lab's token as bearer."""
    lab = _lab_to_change(node, request)
    fields = decode_object(await read_body(request, BODY_BYTES_MAX))
    time_ms = fields.get("time")
    if fields.keys() != {"time"} or type(time_ms) is not int or not 0 <= time_ms <= TIMESTAMP_MAX:  # check: lab-time
        raise MalformedError("bad-time", '`{"time": N}` gives milliseconds since the epoch, up to the year 9999.')
    lab.set_clock(time_ms)
    return answer({"time": node.now_ms()})


@router.get("/v1/lab/faults", **described("FaultList"))
async def get_faults(request: Request, node: ThisNode) -> Response:
    """What goes wrong on this node's links now."""
    return answer(lab_of(node, request).faults.present.to_json())


@router.post(
    "/v1/lab/faults",
    **described(
        "FaultList",
        f"400 bad-faults {JSON_CODES}",
        "413 request-too-large",
        "422 unknown-peer",
        body="FaultList",
    ),
)
async def set_faults(request: Request, node: ThisNode) -> Response:
    """Lets batches between this node and others be lost or late."""
    lab = _lab_to_change(node, request)
    faults = parse_body(FaultList, await read_body(request, BODY_BYTES_MAX), "bad-faults")
    lab.set_faults(faults)
    return answer(faults.to_json())


@router.post(
    "/v1/lab/reset",
    status_code=202,
    **described("LabJob", "413 request-too-large", "503 no-control"),
)
async def reset(request: Request, node: ThisNode) -> Response:
    """Takes the whole lab back to its genesis: every node runs then, none is a traitor, all links are well."""
    return await _forward(request, lab_of(node, request), node)


@passing.get("/v1/lab/control/{path:path}")
async def get(request: Request, node: ThisNode, path: str) -> Response:
    """A look at the lab; where reads are open, its token is asked for only by what costs much."""
    lab, more = lab_of(node), {}
    try:
        lab_of(node, request)
    except ForbiddenError:
        if node.reads != "open":
            raise
        more = {ONLOOKER: "1"}
    return await _forward(request, lab, node, more)


@passing.post("/v1/lab/control/{path:path}")
async def post(request: Request, node: ThisNode, path: str) -> Response:
    """An order to the lab."""
    return await _forward(request, lab_of(node, request), node)


def lab_of(node: Node, request: Request | None = None) -> NodeLab:
    """The node's lab, whose token the request must carry if it is given; raises NotFoundError or ForbiddenError."""
    if node.lab is None:  # check: lab-only
        raise NotFoundError("not-a-lab", "This network was not started as a lab.")
    if request is None:
        return node.lab
    given = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
    if not hmac.compare_digest(given, node.lab.token.encode()):  # check: lab-token
        raise ForbiddenError("wrong-token", "Lab calls carry the lab's token: `Authorization: Bearer TOKEN`.")
    return node.lab


def _lab_to_change(node: Node, request: Request) -> NodeLab:
    """The same for what changes something; raises ConflictError `lab-frozen` for others than the machine of a frozen lab."""
    lab = lab_of(node, request)
    if lab.control.is_frozen() and not _is_from_here(request):  # check: lab-frozen
        raise ConflictError("lab-frozen", "The teacher has frozen this lab: look at the projector.")
    return lab


def _is_from_here(request: Request) -> bool:
    return request.client is not None and ip_address(request.client.host).is_loopback


async def _forward(request: Request, lab: NodeLab, node: Node, more: Mapping[str, str] = MappingProxyType({})) -> Response:
    """The answer of the control to this request, with these headers more; raises BusyError `no-control` where none runs."""
    url = lab.control.url()
    if not url:  # check: lab-without-control
        raise BusyError("no-control", "This lab has no control now; `tallystick network up --lab` starts one.", status=503)
    headers = {
        "authorization": f"Bearer {lab.token}",
        VIA: node.member,
        **more,
        "accept-language": request.headers.get("accept-language", ""),
    }
    path = request.scope["raw_path"].decode("ascii").removeprefix("/v1/lab/").removeprefix("control/")
    query = request.scope["query_string"].decode("ascii")
    body = await read_body(request, ORDER_BYTES_MAX)
    asked = f"{url}/{path}" + (f"?{query}" if query else "")
    status, kept, answered = await lab.control.ask(request.method, asked, headers, body)
    return Response(answered, status, kept)
