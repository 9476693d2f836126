"""How this node is: identity, consensus and health."""

from typing import Literal

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import PlainTextResponse, Response

from ledger.chain.view import ChainView
from ledger.codec import HexDigest
from ledger.errors import BusyError
from nodes.app.answers import Answer, ThisNode, answer
from nodes.app.described import AnswerModel, LooseAnswer, Milliseconds, Natural, problems
from nodes.node.node import Node

router = APIRouter(tags=["node"])


class NodeStatus(AnswerModel):
    """Who a node is and how far it is."""

    member: str
    ledger: HexDigest
    height: Natural
    block: HexDigest
    time: Milliseconds
    """Of the latest block."""
    complete_from: Milliseconds
    """From this block time on the node knows every transaction; the start of the ledger, unless it began with a snapshot."""
    pruned: Natural
    """Height up to which transactions and earlier values are not kept, 0 if all are."""
    clock: Milliseconds
    """What a fresh block's time would be now: clients count `expires` from it."""
    lab: bool
    reads: Literal["open", "members"]
    """Who may read: anybody, or members with a token."""
    ready: bool
    transaction_lifetime_max_ms: Natural


class Consensus(LooseAnswer):
    """Why a node waits."""

    height: Natural
    """The height that is being decided."""
    view: Natural


class Health(AnswerModel):
    """The process answers."""

    status: Literal["ok"]
    member: str


class Readiness(AnswerModel):
    """The node serves its purpose."""

    status: Literal["ready"]
    member: str


@router.get("/v1/node", response_model=NodeStatus)
async def get_node(node: ThisNode) -> Response:
    """Who this node is and how far it is."""
    with node.snapshot() as view:
        return answer(_node_json(node, view))


@router.get("/v1/consensus", response_model=Consensus)
async def get_consensus(node: ThisNode) -> Response:
    """Height, view, who stated what, and what is missing for which certificate: why it waits."""
    return answer({**node.consensus_json()})


@router.get("/healthz", response_model=Health)
async def get_health(node: ThisNode) -> Response:
    """Whether the process answers."""
    return answer({"status": "ok", "member": node.member})


@router.get("/metrics", response_class=PlainTextResponse)
async def get_metrics(node: ThisNode) -> Response:
    """This node's figures in the text format of Prometheus."""
    return Response(node.metrics.text(), media_type=CONTENT_TYPE_LATEST)


@router.get("/readyz", response_model=Readiness, responses=problems("503 not-ready"))
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
