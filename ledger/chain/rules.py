"""The rules of a block that no execution is needed for: the chain applies them to proposals, the audit to exports."""

from collections.abc import Callable, Sequence

from ledger.block import Header
from ledger.errors import InputError, VerificationError
from ledger.identity.records import Parameters, ValidatorSet
from ledger.primitives import Digest
from ledger.transaction import Transaction


def verify_place(header: Header, ledger: Digest, height: int, parent: Digest, time_ms: int) -> None:
    """Raises VerificationError unless the header stands on the block of this height, id and time."""
    if header.ledger != ledger:  # check: block-ledger
        raise VerificationError("wrong-ledger", f"The block belongs to ledger {header.ledger}.")
    if header.height != height + 1:  # check: block-height
        raise VerificationError("wrong-height", f"Expected a block of height {height + 1}, got {header.height}.")
    if header.parent != parent:  # check: block-parent
        raise VerificationError("wrong-parent", f"Expected parent {parent}, got {header.parent}.")
    if header.time <= time_ms:  # check: block-time
        raise VerificationError("wrong-time", f"Block time {header.time} is not after its parent's {time_ms}.")


def verify_proposer(header: Header, validators: ValidatorSet) -> None:
    """Raises VerificationError unless the block was made for these validators, by one of them."""
    if header.validators != validators.digest:  # check: block-validators
        raise VerificationError("wrong-validators", f"Block {header.height} names another validator set.")
    if validators.index_of(header.proposer) is None:  # check: block-proposer
        raise VerificationError("wrong-proposer", f"{header.proposer} is no validator of height {header.height}.")


def verify_limits(transactions: Sequence[Transaction], parameters: Parameters) -> None:
    """Raises VerificationError unless the body keeps to the limits and holds each transaction once."""
    if len(transactions) > parameters.block_transactions_max:  # check: block-count
        raise VerificationError("block-too-large", f"A block holds at most {parameters.block_transactions_max} transactions.")
    if sum(len(t.raw) for t in transactions) > parameters.block_bytes_max:  # check: block-bytes
        raise VerificationError("block-too-large", f"The envelopes of a block have at most {parameters.block_bytes_max} bytes.")
    if len({t.id for t in transactions}) != len(transactions):  # check: block-duplicate
        raise VerificationError("duplicate-in-block", "A transaction stands in a block once.")


def verify_each_admissible(transactions: Sequence[Transaction], admit: Callable[[Transaction], None]) -> None:
    """Raises VerificationError `inadmissible` with the cause for the first transaction that `admit` refuses."""
    for position, transaction in enumerate(transactions):
        try:
            admit(transaction)
        except (InputError, VerificationError) as error:
            message = f"Transaction {position} may not be in a block: {error.message}"
            raise VerificationError("inadmissible", message, cause=error.code, position=position) from error


def fitting(transactions: Sequence[Transaction], parameters: Parameters) -> Sequence[Transaction]:
    """As many transactions from the front as one block may hold."""
    count, size = 0, 0
    for transaction in transactions[: parameters.block_transactions_max]:
        size += len(transaction.raw)
        if size > parameters.block_bytes_max:
            break
        count += 1
    return transactions[:count]
