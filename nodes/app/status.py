"""How this node is: identity, consensus, health, and the clock of a lab."""

import hmac

from fastapi import APIRouter, Request
from starlette.responses import Response

from ledger.chain.view import ChainView
from ledger.encoding import decode_object
from ledger.errors import BusyError, ForbiddenError, MalformedError, NotFoundError
from nodes.app.answers import Answer, Services, answer, read_body
from nodes.app.services import Lab, NodeServices

router = APIRouter(tags=["node"])
LAB_BODY_BYTES_MAX = 1_000


@router.get("/v1/node")
async def get_node(services: Services) -> Response:
    """Who this node is and how far it is. `clock` is what a fresh block's time would be now: clients count `expires` from it."""
    with services.snapshot() as view:
        return answer(_node_json(services, view))


@router.get("/v1/consensus")
async def get_consensus(services: Services) -> Response:
    """Height, view, who stated what, and what is missing for which certificate: why it waits."""
    return answer({**services.consensus_json()})


@router.get("/healthz")
async def get_health(services: Services) -> Response:
    """Whether the process answers."""
    return answer({"status": "ok", "member": services.member})


@router.get("/readyz")
async def get_readiness(services: Services) -> Response:
    """Whether the node serves its purpose; 503 says why not."""
    reason = services.not_ready()
    if reason is not None:  # check: readiness
        raise BusyError("not-ready", reason, status=503)
    return answer({"status": "ready", "member": services.member})


@router.post("/v1/lab/clock")
async def set_clock(request: Request, services: Services) -> Response:
    """Sets this node's clock to an instant, forward only: `{"time": MILLISECONDS}` with the lab's token as bearer."""
    lab = _lab(request, services)
    fields = decode_object(await read_body(request, LAB_BODY_BYTES_MAX))
    time_ms = fields.get("time")
    if fields.keys() != {"time"} or type(time_ms) is not int or time_ms < 0:
        raise MalformedError("bad-time", '`{"time": N}` gives milliseconds since the epoch.')
    lab.set_clock(time_ms)
    return answer({"time": services.now_ms()})


def _lab(request: Request, services: NodeServices) -> Lab:
    if services.lab is None:  # check: lab-only
        raise NotFoundError("not-a-lab", "This network was not started as a lab.")
    given = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
    if not hmac.compare_digest(given, services.lab.token.encode()):  # check: lab-token
        raise ForbiddenError("wrong-token", "Lab calls carry the lab's token: `Authorization: Bearer TOKEN`.")
    return services.lab


def _node_json(services: NodeServices, view: ChainView) -> Answer:
    time_ms = view.time_ms()
    height = view.height
    return {
        "member": services.member,
        "ledger": services.ledger,
        "height": height,
        "block": view.block_id(height),
        "time": time_ms,
        "clock": max(services.now_ms(), time_ms + 1),
        "lab": services.lab is not None,
        "ready": services.not_ready() is None,
        "transaction_lifetime_max_ms": view.parameters().transaction_lifetime_max_ms,
    }
