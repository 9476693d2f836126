"""What must hold of the decided chain after every event of a simulation. It knows the sample contract by its own model."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.chain.view import ChainView
from ledger.errors import JsonValue, VerificationError
from ledger.primitives import Digest
from ledger.transaction import Block
from ledger.verify import TrustedPoint, trust_genesis, verify_proof


class InvariantError(AssertionError):
    """A safety property is broken: the run is a counterexample."""


@dataclass(slots=True)
class Checker:
    """Watches what honest nodes publish: one block a height, no gap, each transaction once, nothing made or lost."""

    blocks: dict[int, Block] = field(default_factory=dict)
    """The block that the first node published, by height."""
    heights: dict[str, int] = field(default_factory=dict)
    """The last published height of each node."""
    views: dict[int, int] = field(default_factory=dict)
    """The view in which each height was decided at the node that published it first."""
    places: dict[Digest, int] = field(default_factory=dict)
    """Height of each transaction."""
    holders: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Model of the sample contract: holder and number of transfers of each asset."""
    bumps: dict[str, int] = field(default_factory=dict)
    """Model of the sample contract: count of each counter."""

    def decided(self, node: str, block: Block, view: int, chain: ChainView | None = None) -> None:
        """Takes a block that a node published, with the node's chain; raises InvariantError."""
        height = block.header.height
        known = self.blocks.get(height)
        if known is None:
            self._first(block, chain)
            self.views[height] = view
        elif known.id != block.id:
            raise InvariantError(f"Agreement broken: {node} decided {block.id} at height {height}, others {known.id}.")
        if height > self.heights.get(node, 0) + 1:
            raise InvariantError(f"{node} published height {height} after {self.heights.get(node, 0)}.")
        self.heights[node] = max(height, self.heights.get(node, 0))

    def settled(self, chains: Sequence[ChainView]) -> None:
        """At the end of a run: all nodes hold the same, nothing that was published is lost, and proofs of it verify."""
        first = chains[0]
        trusted = trust_genesis(first.genesis)
        for chain in chains:
            if (chain.height, chain.block_id(chain.height)) != (first.height, first.block_id(first.height)):
                raise InvariantError(f"Nodes settled on different heads at heights {first.height} and {chain.height}.")
            lost = [transaction for transaction in self.places if chain.place(transaction) is None]
            if lost:
                raise InvariantError(f"A node lost {len(lost)} acknowledged transactions, {lost[0]} among them.")
            for transaction in list(self.places)[-1:]:
                _verify(chain.prove_transaction(transaction), trusted)
                _verify(chain.prove_receipt(transaction), trusted)
            for number in (*list(self.holders)[:1], "never issued"):
                _verify(chain.prove_state("asset", "assets", number), trusted)
        for number, (holder, version) in self.holders.items():
            self._compare(first, "assets", number, {"holder": holder, "version": version})
        for number, count in self.bumps.items():
            self._compare(first, "counters", number, {"count": count})

    def _first(self, block: Block, chain: ChainView | None) -> None:
        height = block.header.height
        before = self.blocks.get(height - 1)
        if before is not None and block.header.parent != before.id:
            raise InvariantError(f"Block {height} does not follow block {height - 1}.")
        for transaction in block.transactions:
            if transaction.id in self.places:
                raise InvariantError(f"Transaction {transaction.id} stands in blocks {self.places[transaction.id]} and {height}.")
            self.places[transaction.id] = height
        self.blocks[height] = block
        if chain is not None:
            for envelope, receipt in zip(chain.envelopes(height), chain.receipts(height), strict=True):
                self._model(json.loads(envelope)["body"], json.loads(receipt))

    def _model(self, body: dict[str, Any], receipt: dict[str, Any]) -> None:
        """Plays a transaction on the model; the receipt must say the same."""
        if body["contract"] != "asset":
            return
        number = body["arguments"]["number"]
        known = self.holders.get(number)
        match body["operation"]:
            case "issue":
                may = known is None
                after = (body["arguments"]["to"], 0)
            case "transfer":
                may = known is not None and known[0] in body["signers"]
                after = (body["arguments"]["to"], known[1] + 1 if known else 0)
            case _:
                self.bumps[number] = self.bumps.get(number, 0) + 1
                may = True
        if may != (receipt["outcome"] == "committed"):
            raise InvariantError(f"{body['operation']} of {number} is {receipt['outcome']}, the model says {may}.")
        if may and body["operation"] != "bump":
            self.holders[number] = after

    def _compare(self, chain: ChainView, collection: str, number: str, expected: dict[str, Any]) -> None:
        value = chain.state.get("asset", collection, number)
        if value is None or json.loads(value) != expected:
            raise InvariantError(f"State holds {value!r} for {collection} {number}, the model {expected}.")


def _verify(proof: JsonValue, trusted: TrustedPoint) -> None:
    """Every proof that a node gives verifies."""
    try:
        verify_proof(proof, trusted)
    except VerificationError as error:
        raise InvariantError(f"A proof does not verify: {error}") from error
