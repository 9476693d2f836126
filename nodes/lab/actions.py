"""What a hand does to a lab: stop and start nodes, move the clock, take all back to the genesis, act as a member."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ledger.errors import NotFoundError, TallystickError
from nodes.app.answers import answer, parse_body, read_body
from nodes.app.problems import error_json
from nodes.lab.jobs import Job
from nodes.lab.lab import Lab
from nodes.network_directory import reset_network

router = APIRouter()
BODY_BYTES_MAX = 200_000
ACCEPTED = 202
WAIT_S = 30


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class NodeOrder(_Body):
    """What happens to one node."""

    do: Literal["stop", "kill", "start"]


class ClockOrder(_Body):
    """Where the clock of every node goes, forward."""

    time: Annotated[int, Field(ge=0)]


class Submission(_Body):
    """A transaction before it is signed."""

    signers: Annotated[tuple[str, ...], Field(min_length=1, max_length=16)]
    contract: str
    operation: str
    arguments: dict[str, Any]


@router.post("/nodes/{member}")
async def order_node(request: Request, member: str) -> Response:
    """`{"do": "stop"}`, `kill` or `start`."""
    lab = _lab(request)
    order = parse_body(NodeOrder, await read_body(request, BODY_BYTES_MAX), "bad-order")
    if member not in lab.network.members:  # check: lab-node
        raise NotFoundError("unknown-node", f"No node of this lab is called {member[:200]!r}.")
    network = lab.network
    call = {"stop": network.kill, "kill": network.kill, "start": network.restart}[order.do]
    return _accepted(lab.start(order.do, lambda: call(member)))


@router.post("/clock")
async def set_clock(request: Request) -> Response:
    """`{"time": MILLISECONDS}`."""
    lab = _lab(request)
    order = parse_body(ClockOrder, await read_body(request, BODY_BYTES_MAX), "bad-order")
    return _accepted(lab.start("clock", lambda: lab.network.set_clock(order.time)))


@router.post("/reset")
async def reset(request: Request) -> Response:
    """Back to the genesis."""
    lab = _lab(request)

    def work() -> None:
        lab.network.stop()
        reset_network(lab.network.directory)
        lab.network.start()

    return _accepted(lab.restart("reset", work))


@router.post("/submit")
async def submit(request: Request) -> Response:
    """Signs as the members named and waits for the receipt; a problem of the node is an answer too."""
    lab = _lab(request)
    order = parse_body(Submission, await read_body(request, BODY_BYTES_MAX), "bad-order")
    return answer(await run_in_threadpool(_submit, lab, order))


def _submit(lab: Lab, order: Submission) -> dict[str, Any]:
    try:
        with lab.client() as client:
            transaction = client.sign_named(order.contract, order.operation, order.arguments, lab.signers(order.signers))
            return client.submit(transaction, WAIT_S)
    except TallystickError as error:
        return {"problem": error_json(error)}


def _accepted(job: Job) -> Response:
    return answer({"job": job.to_json()}, ACCEPTED)


def _lab(request: Request) -> Lab:
    lab: Lab = request.app.state.lab
    return lab
