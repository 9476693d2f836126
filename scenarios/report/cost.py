"""What trust costs: for each kind of operation how much was signed, said, stored and waited for, measured in this run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from scenarios.report.book import Book, Entry
from scenarios.report.consensus import Talks
from scenarios.story.play import outcomes_of
from scenarios.story.story import Outcome, PlayedStep


@dataclass(frozen=True, slots=True)
class Cost:
    """Of the transactions that called one operation."""

    operation: str
    committed: int
    rejected: int
    member_signatures: int
    validator_signatures: int
    """Made for the blocks in which they stand, each transaction's share of its block; rounded."""
    messages: int
    """Batches between the nodes about those blocks, likewise by shares."""
    stored_bytes: int
    """On each node: envelopes, receipts, writes, and shares of headers and decision records; indexes are left out."""
    blocks: int
    final_ms: int | None
    """Median from the signatures to the receipt; None where no nodes had to agree."""

    @property
    def transactions(self) -> int:
        """How many."""
        return self.committed + self.rejected


def costs_of(played: Sequence[PlayedStep], book: Book, talks: Talks) -> tuple[Cost, ...]:
    """By operation, in the order in which the story first calls them."""
    ended: dict[str, list[tuple[Entry, Outcome]]] = {}
    for one in played:
        for call, outcome in outcomes_of(one):
            if entry := book.entries.get(outcome.transaction):
                ended.setdefault(call.operation.name, []).append((entry, outcome))
    return tuple(_cost(operation, found, talks) for operation, found in ended.items())


def total_of(costs: Sequence[Cost], final_ms: int | None, blocks: int) -> Cost:
    """All operations together."""
    names = ("committed", "rejected", "member_signatures", "validator_signatures", "messages", "stored_bytes")
    sums = {name: sum(getattr(cost, name) for cost in costs) for name in names}
    return Cost(operation="", blocks=blocks, final_ms=final_ms, **sums)


def median_final_ms(played: Sequence[PlayedStep]) -> int | None:
    """Over all transactions of acts."""
    return _median(outcome for one in played for _, outcome in outcomes_of(one))


def _cost(operation: str, ended: Sequence[tuple[Entry, Outcome]], talks: Talks) -> Cost:
    entries, outcomes = zip(*ended, strict=True)
    talked = [(talks.heights.get(entry.block.height), entry) for entry in entries]
    signed = sum((talk.statements if talk else entry.block.signatures) / entry.block.transactions for talk, entry in talked)
    said = sum(len(talk.batches) / entry.block.transactions for talk, entry in talked if talk)
    committed = sum(outcome.outcome == "committed" for outcome in outcomes)
    return Cost(
        operation=operation,
        committed=committed,
        rejected=len(entries) - committed,
        member_signatures=sum(len(entry.signers) for entry in entries),
        validator_signatures=round(signed),
        messages=round(said),
        stored_bytes=sum(entry.stored_bytes for entry in entries),
        blocks=len({entry.block.height for entry in entries}),
        final_ms=_median(outcomes),
    )


def _median(outcomes: Iterable[Outcome]) -> int | None:
    waited = [outcome.final_ms for outcome in outcomes if outcome.final_ms is not None]
    return round(median(waited)) if waited else None
