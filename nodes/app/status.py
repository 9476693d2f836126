"""How this node is: identity, consensus and health."""

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from ledger.chain.view import ChainView
from ledger.errors import BusyError
from nodes.app.answers import Answer, Services, answer
from nodes.app.services import NodeServices

router = APIRouter(tags=["node"])


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


@router.get("/metrics")
async def get_metrics(services: Services) -> Response:
    """This node's figures in the text format of Prometheus."""
    return Response(services.metrics.text(), media_type=CONTENT_TYPE_LATEST)


@router.get("/readyz")
async def get_readiness(services: Services) -> Response:
    """Whether the node serves its purpose; 503 says why not."""
    reason = services.not_ready()
    if reason is not None:  # check: readiness
        raise BusyError("not-ready", reason, status=503)
    return answer({"status": "ready", "member": services.member})


def _node_json(services: NodeServices, view: ChainView) -> Answer:
    height = view.height
    return {
        "member": services.member,
        "ledger": services.ledger,
        "height": height,
        "block": view.block_id(height),
        "time": view.time_ms(),
        "complete_from": view.complete_from_ms,
        "pruned": view.pruned,
        "clock": view.next_time_ms(services.now_ms()),
        "lab": services.lab is not None,
        "reads": services.reads,
        "ready": services.not_ready() is None,
        "transaction_lifetime_max_ms": view.parameters().transaction_lifetime_max_ms,
    }
