"""`/v1/transactions`: which there are, by who signed, what was called, what became of it, and when.

Blocks only ever come behind the others, so a place among them is a cursor that no commit can move, on any node.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from ledger.block import Header
from ledger.chain.view import ChainView, heights_with
from ledger.encoding import decode_object
from ledger.errors import JsonObject, MalformedError
from ledger.transaction import parse_transaction
from nodes.app.csv_page import MEDIA_TYPE, list_answer
from nodes.app.dependencies import STRICT, InSpan, Limit, ThisNode, described, in_query, page_limit
from nodes.limits import BLOCK_COST_ROWS, COST_A_TURN

router = APIRouter(tags=["transactions"], dependencies=STRICT)
TransactionPlace = tuple[int, int]
"""Height, and position in the block."""
FIRST, LAST = (1, 0), (10**15 - 1, 10**9)
PlaceCursor = Annotated[str, in_query(pattern=r"^([0-9]{1,15}\.[0-9]{1,15})?$")]
COLUMNS = ("height", "position", "time", "transaction", "contract", "operation", "signers", "outcome", "code")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the transactions of an answer have in common; empty where anything will do."""

    signer: str = ""
    organization: str = ""
    contract: str = ""
    operation: str = ""
    outcome: Literal["", "committed", "rejected"] = ""
    code: str = ""

    def terms(self) -> list[str]:
        """What their blocks are found by."""
        return [f"{name} {value}" for name, value in self._given()]

    def may_be(self, envelope: bytes, receipt: bytes) -> bool:
        """A look at the bytes, which spares reading most of those that are none."""
        where = {"signer": (envelope, '"%s"'), "organization": (envelope, '"%s.')}
        where |= dict.fromkeys(("contract", "operation"), (envelope, ':"%s"'))
        where |= dict.fromkeys(("outcome", "code"), (receipt, ':"%s"'))
        return all((where[name][1] % value).encode() in where[name][0] for name, value in self._given())

    def holds(self, row: JsonObject) -> bool:
        """Whether it is one of them."""
        return all(value in values_of(row, name) for name, value in self._given())

    def _given(self) -> list[tuple[str, str]]:
        return [(name, value) for name in self.__slots__ if (value := getattr(self, name))]


def values_of(row: JsonObject, name: str) -> list[str]:
    """What a row has under the name of a condition; of several signers several."""
    signers: Any = row["signers"]
    match name:
        case "signer":
            return [*signers]
        case "organization":
            return list(dict.fromkeys(signer.partition(".")[0] for signer in signers))
    return [str(row[name])]


@router.get("/v1/transactions", **described("TransactionPage", "400 bad-cursor", "410 pruned", "422 bad-range", also=MEDIA_TYPE))
async def list_transactions(
    request: Request,
    node: ThisNode,
    wanted: Annotated[Wanted, Depends()],
    span: InSpan,
    after: PlaceCursor = "",
    limit: Limit = None,
    order: Literal["height", "-height"] = "height",
) -> Response:
    """Transactions of the ledger in order, the newest first with `order=-height`, with their outcome."""
    most, is_descending = page_limit(limit, node.limits), order == "-height"
    rows: list[JsonObject] = []

    def take(row: JsonObject) -> bool:
        rows.append(row)
        return len(rows) == most

    with node.snapshot() as view:
        heights, cost_max = span.heights(view), node.limits.query_rows_max
        following, _ = await search(view, wanted, heights, after, take, cost_max, is_descending=is_descending)
    return list_answer(request, "transactions", COLUMNS, rows, following, {})


async def search(
    view: ChainView,
    wanted: Wanted,
    span: range,
    after: str,
    take: Callable[[JsonObject], bool],
    cost_max: int,
    *,
    is_descending: bool = False,
) -> tuple[str, bool]:
    """Gives `take` the rows of the blocks of a span until it says that this was the last; raises MalformedError `bad-cursor`.

    Answers with the cursor to go on from, of the next row or the place that all more are below, and whether the span has ended.
    """
    given = _parse_place(after)
    place = min(given or LAST, (max(span.stop - 1, 0), LAST[1])) if is_descending else max(given or FIRST, (span.start, 0))
    first, end = (span.start, place[0] + 1) if is_descending else (place[0], span.stop)
    cost = turn = 0
    for height, may_hold in heights_with(view.reader, wanted.terms(), first, end, descending=is_descending):
        cost += BLOCK_COST_ROWS if may_hold else 1
        for following, row in _of_block(view, wanted, height, place, is_descending=is_descending) if may_hold else ():
            cost += 1
            if (row is not None and take(row)) or cost > cost_max:  # check: transactions-cost
                return _cursor(following), False
            if cost - turn >= COST_A_TURN:
                turn = cost
                await asyncio.sleep(0)
        place = _next_block(height, is_descending=is_descending)
        if cost > cost_max:
            return _cursor(place), False
        if cost - turn >= COST_A_TURN:
            turn = cost
            await asyncio.sleep(0)
    return _cursor(place), True


def _of_block(
    view: ChainView, wanted: Wanted, height: int, place: TransactionPlace, *, is_descending: bool
) -> Iterator[tuple[TransactionPlace, JsonObject | None]]:
    """For each transaction of a block from a place on, or below it downwards: where to go on, and its row if it is wanted."""
    header, envelopes, receipts = view.header(height), view.envelopes(height), view.receipts(height)
    edge = place[1] if height == place[0] else LAST[1] if is_descending else 0
    positions = reversed(range(min(edge, len(envelopes)))) if is_descending else range(edge, len(envelopes))
    for position in positions:
        row = None
        if wanted.may_be(envelopes[position], receipts[position]):
            row = _row(header, position, envelopes[position], receipts[position])
        following = (height, position) if is_descending else (height, position + 1)
        if position == (0 if is_descending else len(envelopes) - 1):
            following = _next_block(height, is_descending=is_descending)
        yield following, row if row is not None and wanted.holds(row) else None


def _next_block(height: int, *, is_descending: bool) -> TransactionPlace:
    return (height - 1, LAST[1]) if is_descending else (height + 1, 0)


def _row(header: Header, position: int, envelope: bytes, receipt: bytes) -> JsonObject:
    transaction, result = parse_transaction(envelope), decode_object(receipt)
    return {
        "transaction": transaction.id,
        "contract": transaction.contract,
        "operation": transaction.operation,
        "signers": list(transaction.signers),
        "outcome": result["outcome"],
        "code": result["code"],
        "height": header.height,
        "position": position,
        "time": header.time,
    }


def _cursor(place: TransactionPlace) -> str:
    return "{}.{}".format(*place)


def _parse_place(cursor: str) -> TransactionPlace | None:
    """Raises MalformedError `bad-cursor`."""
    if not cursor:
        return None
    height, dot, position = cursor.partition(".")
    if not dot or not all(part.isascii() and part.isdigit() and len(part) < 16 for part in (height, position)):
        raise MalformedError("bad-cursor", "A cursor of transactions is height.position, as an answer gave it.")
    return int(height), int(position)
