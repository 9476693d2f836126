"""What trust costs: for each kind of operation how much was signed, said, stored and waited for, measured in this run."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from scenarios.report.book import Book, Entry
from scenarios.report.consensus import Talks
from scenarios.story.play import outcomes_of
from scenarios.story.story import PlayedStep


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


@dataclass(slots=True)
class _Sum:
    entries: list[Entry]
    committed: int
    final_ms: list[int]


def costs_of(played: Sequence[PlayedStep], book: Book, talks: Talks) -> tuple[Cost, ...]:
    """By operation, in the order in which the story first calls them."""
    sums: dict[str, _Sum] = defaultdict(lambda: _Sum([], 0, []))
    for one in played:
        for call, outcome in outcomes_of(one):
            entry = book.entries.get(outcome.transaction)
            if entry is not None:
                found = sums[call.operation.name]
                found.entries.append(entry)
                found.committed += outcome.outcome == "committed"
                found.final_ms += [] if outcome.final_ms is None else [outcome.final_ms]
    return tuple(_cost(operation, found, talks) for operation, found in sums.items())


def total_of(costs: Sequence[Cost], final_ms: int | None, blocks: int) -> Cost:
    """All operations together."""
    return Cost(
        operation="",
        committed=sum(cost.committed for cost in costs),
        rejected=sum(cost.rejected for cost in costs),
        member_signatures=sum(cost.member_signatures for cost in costs),
        validator_signatures=sum(cost.validator_signatures for cost in costs),
        messages=sum(cost.messages for cost in costs),
        stored_bytes=sum(cost.stored_bytes for cost in costs),
        blocks=blocks,
        final_ms=final_ms,
    )


def median_final_ms(played: Sequence[PlayedStep]) -> int | None:
    """Over all transactions of acts."""
    return _median([outcome.final_ms for one in played for _, outcome in outcomes_of(one) if outcome.final_ms is not None])


def _cost(operation: str, found: _Sum, talks: Talks) -> Cost:
    talked = [(talks.heights.get(entry.block.height), entry) for entry in found.entries]
    signed = sum((talk.statements if talk else entry.block.signatures) / entry.block.transactions for talk, entry in talked)
    said = sum(len(talk.batches) / entry.block.transactions for talk, entry in talked if talk)
    return Cost(
        operation=operation,
        committed=found.committed,
        rejected=len(found.entries) - found.committed,
        member_signatures=sum(len(entry.signers) for entry in found.entries),
        validator_signatures=round(signed),
        messages=round(said),
        stored_bytes=sum(entry.stored_bytes for entry in found.entries),
        blocks=len({entry.block.height for entry in found.entries}),
        final_ms=_median(found.final_ms),
    )


def _median(values: Sequence[int]) -> int | None:
    return round(median(values)) if values else None
