"""A contract whose records may hold any text, and whose operation takes a field of every kind: for tests of the page."""

from typing import Literal

from ledger.contract import Anyone, Collection, Context, Contract, Identifier, MemberId, Record, Sealed, operation
from ledger.contract.records import Text


class Line(Record):
    """One line of a note."""

    goods: Text
    energy_wh: int = 0


class Note(Record):
    """Whatever somebody wrote."""

    author: MemberId
    text: Text
    amount_cents: int
    tags: tuple[str, ...] = ()


class Notes(Contract):
    """Notes, for looking at."""

    name = "notes"
    notes = Collection(Note)
    refusals = {}

    @operation(signed_by=Anyone())
    def write(
        self,
        context: Context,
        number: Identifier,
        author: MemberId,
        text: Text,
        amount_cents: int,
        kind: Literal["short", "long"],
        urgent: bool,
        tags: tuple[str, ...],
        lines: tuple[Line, ...],
        remark: str | None = None,
        secret: Sealed[Line] | None = None,
    ) -> None:
        """Writes a note."""
        # WRITE
        self.notes[number] = Note(author=author, text=text, amount_cents=amount_cents, tags=tags)
        # EMIT
        context.emit("written", number=number, text=text)
