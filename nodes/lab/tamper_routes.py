"""Tampering with a copy of the chain, for the page: the ledger that runs is only read.

GET  /tamper/{height}     the block as a tree to edit, and whose keys there are
POST /tamper              {"height", "edits", "rehash", "keys"} → what comes of it
POST /tamper/export       the same → the forged export, to be kept as a file
"""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from typing import Annotated, Any, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import Response

from ledger.chain.exported import parse_export_head
from ledger.contract.contract import ContractSet
from ledger.errors import IndefiniteError, InputError, MalformedError, NotFoundError, OperatorError
from nodes.app.answers import answer, parse_height, read_body
from nodes.lab.edits import Edit
from nodes.lab.lab import Lab
from nodes.lab.prefixes import Prefixes
from nodes.lab.tamper import AFTER_MAX, BLOCKS_MAX, Forgery, Order, forge, genesis_validators, line_id, tree_of
from nodes.lab.tamper_account import account_of
from nodes.node.directory import load_installed

router = APIRouter()
BODY_BYTES_MAX = 500_000
AT_ONCE_MAX = 2
Found = TypeVar("Found")


class _Model(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class EditOrder(_Model):
    """A place in the block and what is to stand there."""

    path: Annotated[tuple[str | int, ...], Field(min_length=1, max_length=20)]
    value: Any = None


class TamperOrder(_Model):
    """What the forger does. The body need not be canonical: what he writes may be nothing that a ledger can hold."""

    height: Annotated[int, Field(ge=0)]
    edits: Annotated[tuple[EditOrder, ...], Field(max_length=100)] = ()
    rehash: bool = False
    keys: Annotated[tuple[str, ...], Field(max_length=200)] = ()


@router.get("/tamper/{height}")
async def get_block(request: Request, height: str) -> Response:
    """The block as it stands in the export, its id, and the validators of its height."""
    number = parse_height(height, "height")
    return answer(await _beside(request, partial(_tree, request.app.state.lab, _prefixes(request), number)))


@router.post("/tamper")
async def tamper(request: Request) -> Response:
    """What comes of a forgery; nothing of it reaches a node."""
    return answer(account_of(await _forge(request)))


@router.post("/tamper/export")
async def forged_export(request: Request) -> Response:
    """The forged export, for `tallystick verify FILE --ledger ID`; raises MalformedError where no file can hold it."""
    forgery = await _forge(request)
    if forgery.unverifiable is not None:
        raise forgery.unverifiable
    name = f"forged-{forgery.order.height}.jsonl"
    return answer({"name": name, "export": b"".join(line + b"\n" for line in forgery.lines).decode()})


async def _forge(request: Request) -> Forgery:
    body = await read_body(request, BODY_BYTES_MAX)
    try:
        order = TamperOrder.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the body"
        raise MalformedError("bad-order", f"{place}: {first['msg']}.") from error
    return await _beside(request, partial(_work, request.app.state.lab, _prefixes(request), order))


async def _beside(request: Request, work: Callable[[], Found]) -> Found:
    """Off the event loop, few at a time: each reads the whole ledger into memory."""
    if not hasattr(request.app.state, "tampering"):
        request.app.state.tampering = CapacityLimiter(AT_ONCE_MAX)
    return await to_thread.run_sync(work, limiter=request.app.state.tampering)


def _prefixes(request: Request) -> Prefixes:
    """What was audited before, in this lab."""
    if not hasattr(request.app.state, "prefixes"):
        request.app.state.prefixes = Prefixes()
    prefixes: Prefixes = request.app.state.prefixes
    return prefixes


def _work(lab: Lab, prefixes: Prefixes, order: TamperOrder) -> Forgery:
    keys = {signer.id: signer.key for signer in lab.signers(order.keys)}
    edits = tuple(Edit(edit.path, edit.value) for edit in order.edits)
    return forge(_lines(lab), Order(order.height, edits, order.rehash, keys), _installed, prefixes)


def _tree(lab: Lab, prefixes: Prefixes, height: int) -> dict[str, Any]:
    lines = _lines(lab)
    if height >= len(lines):  # check: tamper-block
        raise NotFoundError("no-such-block", f"Blocks 0 to {len(lines) - 1} can be edited here, not {height}.")
    ledger, validators = line_id(lines[0]), genesis_validators(lines)
    if height:
        validators = prefixes.of(lines, height, ledger, _installed(lines)).auditor.validators
    return {
        "height": height,
        "head": len(lines) - 1,
        "blocks_max": BLOCKS_MAX,
        "after_max": AFTER_MAX,
        "ledger": ledger,
        "id": line_id(lines[height]),
        "block": tree_of(lines[height]),
        "validators": [validator.member for validator in validators.validators],
        "quorum": validators.q,
    }


def _lines(lab: Lab) -> Sequence[bytes]:
    """The export of the first node that answers, from the genesis on; a later block than `BLOCKS_MAX` is left out."""
    for member in filter(lab.network.is_running, lab.network.members):
        try:
            with lab.client(node=member) as client:
                return [line.rstrip(b"\n") for line in islice(client.export(), BLOCKS_MAX + 1)]
        except IndefiniteError:
            continue
    raise OperatorError("no-node-runs", "No node of this lab answers: start one to read the chain.")


def _installed(lines: Sequence[bytes]) -> ContractSet:
    """The contracts of the ledger as they are installed here, so that the audit runs them again."""
    try:
        return load_installed(parse_export_head(lines[0]))
    except InputError:
        return ContractSet({})
