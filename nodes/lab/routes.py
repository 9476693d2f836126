"""What pages and scripts ask of a lab: looks at the whole of it, orders to its nodes, links and clocks, acting as its members.

An order is refused at once or becomes a job, since nodes stop and start meanwhile. Its body is JSON in any spelling:
pages and people write it.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request
from pydantic import Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ledger.codec import StrictModel, first_fault
from ledger.encoding import encode_unchecked
from ledger.errors import ForbiddenError, InputError, JsonValue, MalformedError, TallystickError
from ledger.genesis import parse_genesis
from ledger.primitives import INTEGER_MAX
from nodes.app.lab_routes import ONLOOKER, VIA
from nodes.http.answers import answer, error_json, language_of, meanings, read_body
from nodes.lab.jobs import Work
from nodes.lab.lab import Lab, LinkRules
from nodes.lab.looks import Looks
from nodes.lab.reach import Reach
from nodes.links.faults import DELAY_MS_MAX, EVERYBODY, ISOLATED, PERMILLE, Fault
from nodes.network.lab_snapshot import restore_network
from nodes.traitors.kinds import TRAITORS, called, sentence
from nodes.words import Language

router = APIRouter()
ShortName = Annotated[str, Field(max_length=200)]
Time = Annotated[int, Field(ge=0, le=INTEGER_MAX)]
ACCEPTED = 202
RECORDS_MAX = 2_000
RECORDS_DEFAULT = 500
SUBMIT_WAIT_S = 10
"""Without a quorum there is no receipt; the answer then says that the transaction is pending."""
SUBMISSIONS_MAX = 40
"""Submissions that wait side by side, each in a thread; they must not take those that everything else needs."""


class LabOrder(StrictModel):
    """The body of a POST."""

    body_bytes_max: ClassVar = 200_000

    @classmethod
    async def read(cls, request: Request) -> Self:
        """The order of a request, as a dependency of its route; raises MalformedError `bad-order` for the first fault."""
        try:
            return cls.model_validate_json(await read_body(request, cls.body_bytes_max))
        except ValidationError as error:
            raise MalformedError("bad-order", first_fault(error, "the body")) from error


async def lab_of(request: Request) -> Lab:
    """The lab that is controlled, as a dependency of a route."""
    lab: Lab = request.app.state.lab
    return lab


ThisLab = Annotated[Lab, Depends(lab_of)]
"""The lab, as a parameter of a route."""


def language_asked(request: Request, lang: str = "") -> Language:
    """`?lang=`, else what the caller's browser prefers."""
    return "zh" if (lang or language_of(request)).startswith("zh") else "en"


ThisLanguage = Annotated[Language, Depends(language_asked)]
"""The language of an answer, as a parameter of a route."""


def verify_no_onlooker(request: Request) -> None:
    """Before a look that costs much; raises ForbiddenError `wrong-token` without the lab's token."""
    if ONLOOKER in request.headers:  # check: control-onlooker
        raise ForbiddenError("wrong-token", "This request is expensive and needs the lab's token: `Authorization: Bearer TOKEN`.")


@router.get("/network")
async def get_network(request: Request, lab: ThisLab) -> Response:
    """Every node, the newest job, what is wrong with the links, and whether the lab is frozen."""
    looks: Looks = request.app.state.looks
    newest = lab.jobs.newest()
    nodes = await looks.nodes()
    quorum, tolerated = looks.acting()
    return answer(
        {
            "scenario": "",
            "story": None,
            **lab.extension.status(),
            "ledger": lab.network.ledger,
            "extension": list(lab.network.file.extension),
            "generation": lab.generation,
            "frozen": lab.is_frozen,
            "quorum": quorum,
            "tolerated": tolerated,
            "partition": [list(group) for group in lab.links.groups] or None,
            "job": None if newest is None else newest.to_json(),
            "nodes": encode_unchecked(list(nodes)),
            **Reach(nodes, lab.links.groups, quorum, tolerated).to_json(),
        }
    )


@router.get("/jobs/{number}")
async def get_job(lab: ThisLab, number: int) -> Response:
    """One piece of work; raises NotFoundError `unknown-job`."""
    return answer(lab.jobs.find(number).to_json())


@router.get("/log")
async def get_log(lab: ThisLab, after: int = 0, limit: int = RECORDS_DEFAULT) -> Response:
    """Records of all nodes in order of time, those with an index above `after`; `next` is the cursor to go on with.

    A negative `after` begins that many records before the end, for a reader of the newest.
    Another `generation` than before says that the ledger went back: the log begins again with index 1.
    """
    if not lab.feed.is_fresh:
        await run_in_threadpool(lab.feed.read)
    page = lab.feed.page(min(max(after, -INTEGER_MAX), INTEGER_MAX), min(max(limit, 1), RECORDS_MAX))
    return Response(page, media_type="application/json")


@router.get("/traitors")
async def get_traitors(language: ThisLanguage) -> Response:
    """The kinds of traitor, each with what it does in a sentence."""
    return _list({"name": name, "called": called(name, language), "sentence": sentence(name, language)} for name in TRAITORS)


class NodeOrder(LabOrder):
    """What happens to one node."""

    do: Literal["stop", "kill", "start", "isolate", "heal", "traitor", "honest"]
    kind: ShortName = ""
    """Of a traitor: a name of `nodes/traitors/kinds.py`."""
    secret: bool = False
    """Of a traitor: neither `GET /network` nor the log of the lab shows it; the class is to find out."""


@router.post("/nodes/{member}")
async def order_node(lab: ThisLab, member: str, order: Annotated[NodeOrder, Depends(NodeOrder.read)]) -> Response:
    """`{"do": "stop"}`, `kill`, `start`, `isolate`, `heal`, `traitor` with its `kind`, or `honest`."""
    lab.known(member)
    if order.do == "traitor" and order.kind not in TRAITORS:  # check: lab-traitor
        raise InputError("unknown-traitor", f"There is no traitor {order.kind!r}: choose from {', '.join(TRAITORS)}.")
    calls: dict[str, Callable[[], None]] = {
        "stop": lambda: lab.stop(member),
        "kill": lambda: lab.stop(member, at_once=True),
        "start": lambda: lab.begin(member),
        "isolate": lambda: lab.set_links(lab.links.with_fault(member, ISOLATED)),
        "heal": lambda: lab.set_links(lab.links.heal(member)),
        "traitor": lambda: lab.turn(member, order.kind, is_secret=order.secret),
        "honest": lambda: lab.turn(member, None),
    }
    return _accepted(lab.jobs.start(order.do, calls[order.do]))


class PartitionOrder(LabOrder):
    """Groups that hear nothing of each other; nodes in none of them are one more. Without groups all links are healed."""

    groups: Annotated[tuple[Annotated[tuple[ShortName, ...], Field(max_length=100)], ...], Field(max_length=100)]


@router.post("/partition")
async def part(lab: ThisLab, order: Annotated[PartitionOrder, Depends(PartitionOrder.read)]) -> Response:
    """`{"groups": [["north.validator", …], …]}`; without groups all links are healed."""
    for member in (member for group in order.groups for member in group):
        lab.known(member)
    if not order.groups:
        return await heal(lab)
    return _change_links(lab, "partition", lambda links: links.split(order.groups, lab.network.members))


class PairOrder(LabOrder):
    """What happens to the batches from one node, or `*`, to another, or `*`; nothing lost and nothing late ends it."""

    sender: Annotated[ShortName, Field(alias="from")] = EVERYBODY
    receiver: Annotated[ShortName, Field(alias="to")] = EVERYBODY
    drop_permille: Annotated[int, Field(ge=0, le=PERMILLE)] = 0
    delay_ms: Annotated[int, Field(ge=0, le=DELAY_MS_MAX)] = 0


@router.post("/faults")
async def break_link(lab: ThisLab, order: Annotated[PairOrder, Depends(PairOrder.read)]) -> Response:
    """`{"from": MEMBER, "to": MEMBER, "drop_permille": 0…1000, "delay_ms": 0…10000}`; `*` stands for all nodes."""
    for member in {order.sender, order.receiver} - {EVERYBODY}:
        lab.known(member)
    fault = Fault(peer=order.receiver, direction="to", drop_permille=order.drop_permille, delay_ms=order.delay_ms)
    return _change_links(lab, "faults", lambda links: links.with_fault(order.sender, fault))


@router.post("/heal")
async def heal(lab: ThisLab) -> Response:
    """All links are well again."""
    return _change_links(lab, "heal", lambda links: LinkRules())


class ClockOrder(LabOrder):
    """Where the clock of every node goes, forward: to an instant, or by a time."""

    time: Time | None = None
    forward_ms: Time | None = None


@router.post("/clock")
async def set_clock(lab: ThisLab, order: Annotated[ClockOrder, Depends(ClockOrder.read)]) -> Response:
    """`{"time": MILLISECONDS}`, or `{"forward_ms": MILLISECONDS}` from what the clock furthest ahead shows."""
    if (order.time is None) == (order.forward_ms is None):  # check: lab-clock
        raise MalformedError("bad-order", "Either `time` or `forward_ms` says where the clock goes.")
    time_ms, forward_ms = order.time, order.forward_ms or 0
    return _accepted(
        lab.jobs.start("clock", lambda: lab.forward(forward_ms) if time_ms is None else lab.network.set_clock(time_ms))
    )


@router.post("/reset")
async def reset(lab: ThisLab) -> Response:
    """Back to the genesis: every node runs, none is a traitor, all links are well."""
    return _accepted(lab.jobs.start("reset", lab.reset))


async def _of_the_teacher(request: Request) -> None:
    """Raises ForbiddenError `teacher-only` for what came through a node."""
    if VIA in request.headers:  # check: control-teacher
        raise ForbiddenError("teacher-only", "Only the machine that runs the lab does this, by its control's own address.")


class RestoreOrder(LabOrder):
    """The file of a snapshot on this machine."""

    source: Annotated[str, Field(min_length=1, max_length=4_000)]


@router.post("/restore", dependencies=[Depends(_of_the_teacher)])
async def restore(lab: ThisLab, order: Annotated[RestoreOrder, Depends(RestoreOrder.read)]) -> Response:
    """`{"source": FILE}`: back to a snapshot that lies on this machine."""
    return _accepted(
        lab.jobs.start("restore", lambda: lab.go_back(lambda: restore_network(lab.network.directory, Path(order.source))))
    )


class FrozenOrder(LabOrder):
    """Whether only the lab's own machine may act."""

    frozen: bool


@router.post("/frozen", dependencies=[Depends(_of_the_teacher)])
async def freeze(lab: ThisLab, order: Annotated[FrozenOrder, Depends(FrozenOrder.read)]) -> Response:
    """`{"frozen": true}`: from then on only the machine of the lab acts."""
    lab.is_frozen = order.frozen
    await run_in_threadpool(lab.tell_nodes)
    return answer({"frozen": lab.is_frozen})


@router.get("/members")
async def get_members(lab: ThisLab) -> Response:
    """Whose keys the lab holds."""
    roles = {member.member: member.roles for member in parse_genesis(lab.network.genesis_bytes).members}
    names = sorted(lab.network.key_names())
    return _list({**_member_json(name, roles.get(name, ())), "called": lab.extension.called(name)} for name in names)


class Submission(LabOrder):
    """A transaction before it is signed."""

    signers: Annotated[tuple[ShortName, ...], Field(min_length=1, max_length=16)]
    contract: ShortName
    operation: ShortName
    arguments: dict[str, Any]


@router.post("/submit")
async def submit(request: Request, lab: ThisLab, order: Annotated[Submission, Depends(Submission.read)]) -> Response:
    """Signs as the members named and waits for the receipt; a problem of the node is an answer too.

    Callers with the lab's token may sign with all keys of the lab, from a page without any key. The transaction goes to the
    node whose page sent it, so an isolated node takes it and cannot spread it.
    """
    node, limiter = request.headers.get(VIA), request.app.state.submitting
    waiting = run_sync(_submit, lab, order, node, language_of(request), limiter=limiter, abandon_on_cancel=True)
    return answer(await waiting)  # abandoned when the control ends


def _submit(lab: Lab, order: Submission, node: str | None, language: str) -> dict[str, Any]:
    try:
        with lab.client(node=node if node in lab.network.members else None, language=language) as client:
            transaction = client.sign_named(order.contract, order.operation, order.arguments, lab.signers(order.signers))
            return client.submit(transaction, SUBMIT_WAIT_S)
    except TallystickError as error:
        # An error's own sentence is in English.
        meaning = "" if language == "en" else meanings().get(error.code, {}).get(language, "").replace("`", "")
        return {"problem": {**error_json(error), "meaning": meaning}}


def _change_links(lab: Lab, what: str, change: Callable[[LinkRules], LinkRules]) -> Response:
    change(lab.links)  # refused at once, not by the job
    return _accepted(lab.jobs.start(what, lambda: lab.set_links(change(lab.links))))


def _accepted(job: Work) -> Response:
    return answer({"job": job.to_json()}, ACCEPTED)


def _list(rows: Iterable[JsonValue]) -> Response:
    return Response(encode_unchecked([*rows]), media_type="application/json")


def _member_json(member: str, roles: tuple[str, ...]) -> dict[str, JsonValue]:
    organization, _, name = member.partition(".")
    return {"member": member, "organization": organization, "name": name, "roles": list(roles)}
