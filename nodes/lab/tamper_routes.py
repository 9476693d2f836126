"""Tampering with a copy of the chain, for the page: the ledger that runs is only read.

GET  /tamper/{height}     the block as a tree to edit, and whose keys there are
POST /tamper              {"height", "edits", "rehash", "keys"} → what comes of it
POST /tamper/export       the same → the forged export, to be kept as a file
"""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from typing import Annotated, Any, ClassVar, TypeAlias, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.responses import Response

from ledger.audit.exported import parse_export_head
from ledger.contract.contract import ContractSet
from ledger.errors import IndefiniteError, InputError, NotFoundError, OperatorError
from nodes.app.dependencies import parse_height
from nodes.http.answers import answer
from nodes.lab.forging import Edit, Forger, decode_line
from nodes.lab.lab import Lab
from nodes.lab.routes import LabOrder
from nodes.lab.tamper import AFTER_MAX, BLOCKS_MAX, Forgery, Prefixes, forge, line_id
from nodes.node.node_directory import load_installed

router = APIRouter()
AT_ONCE_MAX = 2
Worked = TypeVar("Worked")


class TamperOrder(LabOrder):
    """What the forger does. The body need not be canonical: what the forger writes may be nothing that a ledger can hold."""

    body_bytes_max: ClassVar = 500_000
    height: Annotated[int, Field(ge=0)]
    edits: Annotated[tuple[Edit, ...], Field(max_length=100)] = ()
    rehash: bool = False
    keys: Annotated[tuple[str, ...], Field(max_length=200)] = ()


ReadOrder: TypeAlias = Annotated[TamperOrder, Depends(TamperOrder.read)]


class Tampering:
    """Audits kept between requests, and how many work at once: each reads the whole ledger into memory."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._prefixes = Prefixes()
        self._limiter = CapacityLimiter(AT_ONCE_MAX)

    async def work(self, work: Callable[[], Worked]) -> Worked:
        """Off the event loop, few at a time."""
        return await to_thread.run_sync(work, limiter=self._limiter)

    def forgery(self, order: TamperOrder) -> Forgery:
        """What comes of an order."""
        keys, lines = {signer.id: signer.key for signer in self._lab.signers(order.keys)}, _lines(self._lab)
        return forge(lines, Forger(order.height, order.edits, order.rehash, keys), _installed(lines), self._prefixes)

    def tree(self, height: int) -> dict[str, Any]:
        """A block as it stands in the export; raises NotFoundError."""
        lines = _lines(self._lab)
        if height >= len(lines):  # check: tamper-block
            raise NotFoundError("no-such-block", f"Blocks 0 to {len(lines) - 1} can be edited here, not {height}.")
        genesis = parse_export_head(lines[0])
        validators = genesis.validator_set
        if height:
            validators = self._prefixes.of(lines, height, genesis.ledger, _installed(lines)).chain.validators
        return {
            "height": height,
            "head": len(lines) - 1,
            "blocks_max": BLOCKS_MAX,
            "after_max": AFTER_MAX,
            "ledger": genesis.ledger,
            "id": line_id(lines[height]),
            "block": decode_line(lines[height]),
            "validators": [validator.member for validator in validators.validators],
            "quorum": validators.q,
        }


async def _tampering(request: Request) -> Tampering:
    tampering: Tampering = request.app.state.tampering
    return tampering


ThisTampering: TypeAlias = Annotated[Tampering, Depends(_tampering)]


@router.get("/tamper/{height}")
async def get_block(tampering: ThisTampering, height: str) -> Response:
    """The block as it stands in the export, its id, and the validators of its height."""
    return answer(await tampering.work(partial(tampering.tree, parse_height(height, "height"))))


@router.post("/tamper")
async def tamper(tampering: ThisTampering, order: ReadOrder) -> Response:
    """What comes of a forgery; nothing of it reaches a node."""
    return answer((await tampering.work(partial(tampering.forgery, order))).to_json())


@router.post("/tamper/export")
async def forged_export(tampering: ThisTampering, order: ReadOrder) -> Response:
    """The forged export, for `tallystick verify FILE --ledger ID`; raises MalformedError where no file can hold it."""
    forgery = await tampering.work(partial(tampering.forgery, order))
    if forgery.unverifiable is not None:
        raise forgery.unverifiable
    name = f"forged-{forgery.forger.height}.jsonl"
    return answer({"name": name, "export": b"".join(line + b"\n" for line in forgery.lines).decode()})


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
