"""How this node is: identity, consensus and health."""

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import PlainTextResponse, Response

from ledger.chain.view import ChainView
from ledger.errors import BusyError
from nodes.app.dependencies import STRICT, ThisNode, described
from nodes.http.answers import Answer, answer
from nodes.node.node import Node

router = APIRouter(tags=["node"], dependencies=STRICT)


@router.get("/v1/node", **described("NodeStatus"))
async def get_node(node: ThisNode) -> Response:
    """Who this node is and how far it is."""
    with node.snapshot() as view:
        return answer(_node_json(node, view))


@router.get("/v1/consensus", **described("Consensus"))
async def get_consensus(node: ThisNode) -> Response:
    """Height, view, who stated what, and what is missing for which certificate: why it waits."""
    return answer({**node.consensus_json()})


@router.get("/healthz", **described("Health"))
async def get_health(node: ThisNode) -> Response:
    """Whether the process answers."""
    return answer({"status": "ok", "member": node.member})


@router.get("/metrics", response_class=PlainTextResponse)
async def get_metrics(node: ThisNode) -> Response:
    """This node's figures in the text format of Prometheus."""
    return Response(node.watch.metrics(), media_type=CONTENT_TYPE_LATEST)


@router.get("/readyz", **described("Readiness", "503 not-ready"))
async def get_readiness(node: ThisNode) -> Response:
    """Whether the node serves its purpose; 503 says why not."""
    reason = node.watch.not_ready()
    if reason is not None:  # check: readiness
        raise BusyError("not-ready", reason, status=503)
    return answer({"status": "ready", "member": node.member})


def _node_json(node: Node, view: ChainView) -> Answer:
    height = view.height
    return {
        "member": node.member,
        "ledger": node.ledger,
        "height": height,
        "block": view.block_id(height),
        "time": view.time_ms(),
        "complete_from": view.complete_from_ms,
        "pruned": view.pruned,
        "clock": view.next_time_ms(node.now_ms()),
        "lab": node.lab is not None,
        "reads": node.reads,
        "ready": node.watch.not_ready() is None,
        "transaction_lifetime_max_ms": view.parameters().transaction_lifetime_max_ms,
    }
