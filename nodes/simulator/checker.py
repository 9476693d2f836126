"""What must hold after every event of a simulation."""

from dataclasses import dataclass, field

from ledger.block import Block
from ledger.primitives import Digest


class InvariantError(AssertionError):
    """A safety property is broken: the run is a counterexample."""


@dataclass(slots=True)
class Checker:
    """Watches what nodes publish: one block a height, a chain without gaps, each transaction once."""

    blocks: dict[int, Block] = field(default_factory=dict)
    """The block that the first node published, by height."""
    heights: dict[str, int] = field(default_factory=dict)
    """The last published height of each node."""
    views: dict[int, int] = field(default_factory=dict)
    """The view in which each height was decided at the node that published it first."""
    places: dict[Digest, int] = field(default_factory=dict)
    """Height of each transaction."""

    def decided(self, node: str, block: Block, view: int) -> None:
        """Takes a block that a node published; raises InvariantError."""
        height = block.header.height
        known = self.blocks.get(height)
        if known is None:
            self._first(block)
            self.views[height] = view
        elif known.id != block.id:
            raise InvariantError(f"Agreement broken: {node} decided {block.id} at height {height}, others {known.id}.")
        if height > self.heights.get(node, 0) + 1:
            raise InvariantError(f"{node} published height {height} after {self.heights.get(node, 0)}.")
        self.heights[node] = max(height, self.heights.get(node, 0))

    def _first(self, block: Block) -> None:
        height = block.header.height
        before = self.blocks.get(height - 1)
        if before is not None and block.header.parent != before.id:
            raise InvariantError(f"Block {height} does not follow block {height - 1}.")
        for transaction in block.transactions:
            if transaction.id in self.places:
                raise InvariantError(f"Transaction {transaction.id} stands in blocks {self.places[transaction.id]} and {height}.")
            self.places[transaction.id] = height
        self.blocks[height] = block
