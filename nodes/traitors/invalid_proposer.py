"""A leader whose blocks break the rules, another one each time."""

from dataclasses import replace
from typing import Any

from ledger.block import HEADER_DIGESTS, parse_header
from ledger.certificate import Statement
from ledger.chain.chain import transactions_root
from ledger.primitives import Digest
from ledger.transaction import Block
from nodes.consensus.events import ReplicaAction, SendMessage
from nodes.messages import BlockMessage, StatementMessage, block_message
from nodes.traitors.traitor import Traitor, invented

HOUR_MS = 3_600_000
FAULTS = (
    "signature", "state_root", "time-of-parent", "oversize", "transaction", "time-ahead", "transactions_root",
    "receipts_root", "history_root", "validators", "next_validators", "parent",
)  # fmt: skip
"""What is wrong with a block, in order of the tries."""


class InvalidProposer(Traitor):
    """Proposes blocks with a wrong signature, root, time, size or transaction, to all."""

    def prepare(self) -> None:
        """What it keeps."""
        self.lies: dict[Digest, tuple[BlockMessage, StatementMessage]] = {}
        """By id of the honest block of this height: what was proposed instead."""
        self.tries = self.chain.validators.index_of(self.settings.member) or 0
        """Several of these begin with different faults."""

    def betray(self, action: ReplicaAction) -> None:
        """Puts an invalid block in the place of its own fresh one."""
        statement = self.own_statement(action)
        match action:
            case SendMessage(_, BlockMessage(header)) if parse_header(header).proposer == self.settings.member:
                return  # comes with the proposal
        if statement is None or statement.kind != "propose" or statement.notarized_view > 0:
            self.actions.append(action)
            return
        if statement.block not in self.lies and statement.block not in self.bodies.blocks:
            return  # the height is over
        if statement.block not in self.lies:
            self.lies = {statement.block: self._lie(statement, FAULTS[self.tries % len(FAULTS)])}
            self.tries += 1
        for message in self.lies[statement.block]:
            self.send(None, message)

    def _lie(self, statement: Statement, fault: str) -> tuple[BlockMessage, StatementMessage]:
        block = _spoiled(self.bodies.blocks[statement.block], fault, self)
        self.confess(f"invalid {fault}")
        proposal = self.signed(replace(statement, block=block.id))
        if fault == "signature":
            other = self.signed(replace(statement, block=invented(block.id))).statement
            proposal = StatementMessage(replace(proposal.statement, signature=other.signature))
        return block_message(block), proposal


def _spoiled(block: Block, fault: str, traitor: Traitor) -> Block:
    """The block with one fault; what the fault does not touch is right."""
    header, chain = block.header, traitor.chain
    if fault in HEADER_DIGESTS:
        wrong: Any = invented(getattr(header, fault))
        return Block(replace(header, **{fault: wrong}), block.transactions)
    if fault == "time-of-parent":
        return Block(replace(header, time=chain.head_time_ms), block.transactions)
    if fault == "time-ahead":
        return chain.build(block.transactions, traitor.now_ms + HOUR_MS, header.proposer).block
    if fault == "oversize":
        transactions = (block.transactions or (traitor.transaction_of(header.proposer),)) * (
            chain.parameters.block_transactions_max + 1
        )
    elif fault == "transaction":
        transactions = (*block.transactions, traitor.transaction_of(traitor.peers[0]))
    else:
        return block
    return Block(replace(header, transactions_root=transactions_root(transactions)), transactions)
