"""Bodies of the height that is being decided: whoever sends them, a body counts only if it fits its header."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ledger.block import Block, parse_header
from ledger.chain.chain import Candidate, transactions_root
from ledger.errors import TallystickError, VerificationError
from ledger.primitives import Digest
from ledger.transaction import Transaction, parse_transaction


@dataclass(slots=True)
class Bodies:
    """Blocks held and executed of one height."""

    blocks: dict[Digest, Block] = field(default_factory=dict)
    candidates: dict[Digest, Candidate] = field(default_factory=dict)
    """Executed ones."""
    offered: dict[str, Block] = field(default_factory=dict)
    """By sender: the last body that no statement named yet."""
    errors: dict[Digest, TallystickError] = field(default_factory=dict)
    """Why a block is invalid."""
    stored: set[Digest] = field(default_factory=set)
    """Blocks whose body was handed to the store."""
    certificates_stored: set[tuple[str, int]] = field(default_factory=set)
    """(kind, view) of certificates handed to the store."""
    sent: set[Digest] = field(default_factory=set)
    """Own fresh blocks whose body went out with their Propose."""

    def find(self, block: Digest) -> Block | None:
        """A body by block id, wherever it waits."""
        return self.blocks.get(block) or next((b for b in self.offered.values() if b.id == block), None)


def parse_block(header_line: bytes, envelopes: tuple[bytes, ...], known: Callable[[bytes], Transaction | None]) -> Block:
    """A block from its lines; raises VerificationError or MalformedError. Known envelopes are not parsed again."""
    header = parse_header(header_line)
    block = Block(header, tuple(known(line) or parse_transaction(line) for line in envelopes))
    if transactions_root(block.transactions) != header.transactions_root:  # check: body-fits-header
        raise VerificationError("wrong-transactions-root", "The envelopes are not those that the header names.")
    return block
