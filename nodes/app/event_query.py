"""Contract events behind a cursor, by contract, name and time: for lists and for streams."""

import asyncio
from dataclasses import dataclass

from ledger.chain.view import ChainView, heights_with, parse_cursor
from ledger.errors import JsonValue
from nodes.app.paging import height_range
from nodes.app.transaction_query import BLOCK_COST_ROWS, COST_A_TURN

Row = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class EventQuery:
    """What the events of an answer have in common; nothing in particular where all are left out."""

    contract: str = ""
    name: str = ""
    after_time: int | None = None
    before_time: int | None = None

    def read(self, view: ChainView, after: str, limit: int) -> tuple[list[Row], str]:
        """The next rows, as far as one turn goes, and the cursor to go on from: `after` itself at the end."""
        if self == EventQuery():
            return view.events(after, limit)
        first, end = height_range(view, self.after_time, self.before_time)
        place = max(parse_cursor(after), (first, 0, 0))
        rows: list[Row] = []
        cost, height = 0, place[0]
        for height, may_hold in heights_with(view.reader, self._terms(), place[0], end):
            for (position, index), row in view.events_of(height) if may_hold else ():
                if (height, position, index) >= place and self._holds(row):
                    rows.append(row)
                if len(rows) == limit:
                    return rows, str(row["cursor"])
            cost += BLOCK_COST_ROWS if may_hold else 1
            if cost >= COST_A_TURN:
                break
        return rows, f"{height + 1}.0.0" if place[0] < end else after

    async def read_page(self, view: ChainView, after: str, limit: int, cost_max: int) -> tuple[list[Row], str]:
        """The same for a page: as many turns as the page may cost, with other work in between."""
        rows, following = self.read(view, after, limit)
        spent = COST_A_TURN
        while len(rows) < limit and following != after and spent < cost_max:
            await asyncio.sleep(0)
            after = following
            more, following = self.read(view, after, limit - len(rows))
            rows += more
            spent += COST_A_TURN
        return rows, following

    def _terms(self) -> list[str]:
        return [f"{term} {value}" for term, value in (("contract", self.contract), ("event", self.name)) if value]

    def _holds(self, row: Row) -> bool:
        return self.contract in ("", row["contract"]) and self.name in ("", row["name"])
