"""What a hand does to a lab: stop and start nodes, break links, move the clock, take all back to the genesis."""

from collections.abc import Callable
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ledger.errors import ForbiddenError, InputError, MalformedError
from nodes.app.answers import answer
from nodes.app.lab import VIA
from nodes.lab.jobs import Job
from nodes.lab.lab import Lab
from nodes.lab.links import LinkRules, Pair
from nodes.lab.orders import (
    ClockOrder,
    FrozenOrder,
    NodeOrder,
    PairOrder,
    PartitionOrder,
    RestoreOrder,
    accepted,
    lab_of,
    read_order,
)
from nodes.links.faults import EVERYBODY
from nodes.network.copies import restore_network
from nodes.traitors.kinds import TRAITORS

router = APIRouter()


@router.post("/nodes/{member}")
async def order_node(request: Request, member: str) -> Response:
    """`{"do": "stop"}`, `kill`, `start`, `isolate`, `heal`, `traitor` with its `kind`, or `honest`."""
    lab = lab_of(request)
    order = await read_order(request, NodeOrder)
    lab.known(member)
    if order.do == "traitor" and order.kind not in TRAITORS:  # check: lab-traitor
        raise InputError("unknown-traitor", f"There is no traitor {order.kind!r}: choose from {', '.join(TRAITORS)}.")
    calls: dict[str, Callable[[], None]] = {
        "stop": lambda: lab.stop(member),
        "kill": lambda: lab.stop(member, at_once=True),
        "start": lambda: lab.begin(member),
        "isolate": lambda: lab.set_links(lab.links.isolate(member)),
        "heal": lambda: lab.set_links(lab.links.heal(member)),
        "traitor": lambda: lab.turn(member, order.kind, is_secret=order.secret),
        "honest": lambda: lab.turn(member, None),
    }
    return accepted(lab.start(order.do, calls[order.do]))


@router.post("/partition")
async def part(request: Request) -> Response:
    """`{"groups": [["north.validator", …], …]}`; without groups all links are healed."""
    lab = lab_of(request)
    order = await read_order(request, PartitionOrder)
    for member in (member for group in order.groups for member in group):
        lab.known(member)
    if not order.groups:
        return accepted(_heal(lab))
    lab.links.split(order.groups, lab.network.members)  # refused at once, not by the job
    return accepted(lab.start("partition", lambda: lab.set_links(lab.links.split(order.groups, lab.network.members))))


@router.post("/faults")
async def break_link(request: Request) -> Response:
    """`{"from": MEMBER, "to": MEMBER, "drop_permille": 0…1000, "delay_ms": 0…10000}`; `*` stands for all nodes."""
    lab = lab_of(request)
    order = await read_order(request, PairOrder)
    for member in {order.sender, order.receiver} - {EVERYBODY}:
        lab.known(member)
    pair = Pair(order.sender, order.receiver, order.drop_permille, order.delay_ms)
    lab.links.with_pair(pair)  # refused at once, not by the job
    return accepted(lab.start("faults", lambda: lab.set_links(lab.links.with_pair(pair))))


@router.post("/heal")
async def heal(request: Request) -> Response:
    """All links are well again."""
    return accepted(_heal(lab_of(request)))


@router.post("/clock")
async def set_clock(request: Request) -> Response:
    """`{"time": MILLISECONDS}`, or `{"forward_ms": MILLISECONDS}` from what the clock furthest ahead shows."""
    lab = lab_of(request)
    order = await read_order(request, ClockOrder)
    if (order.time is None) == (order.forward_ms is None):  # check: lab-clock
        raise MalformedError("bad-order", "Either `time` or `forward_ms` says where the clock goes.")
    time_ms, forward_ms = order.time, order.forward_ms or 0
    return accepted(lab.start("clock", lambda: lab.forward(forward_ms) if time_ms is None else lab.network.set_clock(time_ms)))


@router.post("/reset")
async def reset(request: Request) -> Response:
    """Back to the genesis: every node runs, none is a traitor, all links are well."""
    lab = lab_of(request)
    return accepted(lab.start("reset", lab.reset))


@router.post("/restore")
async def restore(request: Request) -> Response:
    """`{"source": FILE}`: back to a snapshot that lies on this machine."""
    lab = _from_here(request)
    source = Path((await read_order(request, RestoreOrder)).source)
    return accepted(lab.restart("restore", lambda: restore_network(lab.network.directory, source)))


@router.post("/frozen")
async def freeze(request: Request) -> Response:
    """`{"frozen": true}`: from then on only the machine of the lab acts, for everybody looks at the projector."""
    lab = _from_here(request)
    lab.is_frozen = (await read_order(request, FrozenOrder)).frozen
    await run_in_threadpool(request.app.state.tell_nodes)
    return answer({"frozen": lab.is_frozen})


def _from_here(request: Request) -> Lab:
    """The lab, for whoever is at its machine; raises ForbiddenError `teacher-only` for what came through a node."""
    if VIA in request.headers:  # check: control-teacher
        raise ForbiddenError("teacher-only", "Only the machine that runs the lab does this, by its control's own address.")
    return lab_of(request)


def _heal(lab: Lab) -> Job:
    return lab.start("heal", lambda: lab.set_links(LinkRules()))
