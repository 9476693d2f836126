"""Transaction or block → receipts and writes. Nothing here reads a clock, a disk or a socket.

Admission decides what may be in a block at all, and executes nothing. Execution never fails because of a transaction:
a refusal by a policy or a contract's rule, or a fault in a contract, becomes a `rejected` receipt in the block.
Only trouble of this machine is raised, as an OperatorError: a contract that the ledger runs is not installed here, or
used up the stack or the memory. Stack and memory differ from machine to machine and with the depth of the caller, so no
receipt may depend on them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import ValidationError

from ledger.block import Write, writes_digest
from ledger.contract.contract import Context, Contract, ContractSet, SignatureBudget
from ledger.contract.records import read_contract, read_member
from ledger.errors import (
    ConflictError,
    ContractExhaustedError,
    ContractMissingError,
    InputError,
    JsonValue,
    MalformedError,
    OperatorError,
    RefusedError,
    TooLargeError,
    VerificationError,
)
from ledger.governance import Governance
from ledger.identity.records import GOVERNANCE, MEMBERSHIP, Member, Parameters
from ledger.keys import Suite
from ledger.membership import Membership
from ledger.primitives import Digest, PublicKey, moment
from ledger.state.overlay import Overlay, StateReads
from ledger.transaction import TAG, Event, Receipt, Transaction, verify_signatures

WRITES_MAX = 200
"""Most keys that one transaction writes."""
RECEIPT_BYTES_MAX = 65_536
NO_WRITES = writes_digest(())
SYSTEM: Mapping[str, type[Contract]] = {MEMBERSHIP: Membership, GOVERNANCE: Governance}
"""Contracts that every ledger has, whatever its genesis names."""


@dataclass(frozen=True, slots=True)
class BlockResult:
    """Receipts and writes of a block's transactions, each executed on the state that its predecessors left."""

    receipts: tuple[Receipt, ...]
    writes_by_transaction: tuple[tuple[Write, ...], ...]
    writes: tuple[Write, ...]
    """Each key once, with its last value, in order of the state key."""


def with_system_contracts(contracts: ContractSet) -> ContractSet:
    """These contracts with membership and governance, as `execute_block` and `check_arguments` expect them."""
    return replace(contracts, contracts={**contracts.contracts, **SYSTEM})


def verify_admission(
    transaction: Transaction,
    *,
    ledger: Digest,
    members: Callable[[str], Member | None],
    time_ms: int,
    parameters: Parameters,
    is_known: Callable[[Digest], bool],
    suite: Suite,
    verified: bool = False,
) -> None:
    """Raises InputError unless a block of this time on the parent state may hold the transaction.

    `members` reads the parent state. `verified` says that the signatures were checked before with the same keys.
    """
    # 1. It is of this ledger and within the size.
    if transaction.ledger != ledger:  # check: admission-ledger
        raise InputError("wrong-ledger", f"The transaction is for ledger {transaction.ledger}, this is {ledger}.")
    size, size_max = len(transaction.raw), parameters.transaction_bytes_max
    if size > size_max:  # check: admission-size
        raise TooLargeError("transaction-too-large", f"{size} bytes; at most {size_max} are allowed.", bytes_max=size_max)
    # 2. It is of this time, and new.
    expires_ms, lifetime_ms = transaction.expires_ms, parameters.transaction_lifetime_max_ms
    if expires_ms <= time_ms:  # check: admission-expired
        message = f"It expired at {moment(expires_ms)}; block time is {moment(time_ms)}."
        raise InputError("expired", message, expires=expires_ms, time=time_ms)
    if expires_ms > time_ms + lifetime_ms:  # check: admission-lifetime
        message = f"It expires at {moment(expires_ms)}, more than {lifetime_ms:,} ms after block time {moment(time_ms)}."
        raise InputError("lifetime-too-long", message, expires=expires_ms, time=time_ms, lifetime_max=lifetime_ms)
    if is_known(transaction.id):  # check: admission-known
        raise ConflictError("known-transaction", f"Transaction {transaction.id} is on the ledger already.")
    # 3. Every signer may sign, and has signed.
    keys = [_signing_key(name, members(name), time_ms) for name in transaction.signers]
    if not verified:
        try:
            verify_signatures(transaction, keys, suite)
        except (VerificationError, InputError) as error:
            rule = f"Signed are the text tallystick/{TAG}, a zero byte and the body's canonical bytes: /docs#signing."
            raise InputError("wrong-signature", f"{error} {rule}") from error


def check_arguments(contracts: ContractSet, transaction: Transaction) -> None:
    """Raises InputError unless contract and operation exist and the arguments fit. Early help for a caller, no rule."""
    contract = contracts.contracts.get(transaction.contract)
    if contract is None:  # check: edge-contract
        name = transaction.contract
        there = ", ".join(sorted(contracts.contracts))
        raise InputError("unknown-contract", f"There is no contract {name}; there are {there}.", contract=name)
    operation = contract.operations.get(transaction.operation)
    if operation is None:  # check: edge-operation
        known: JsonValue = list(contract.operations)
        message = f"{contract.name} has no operation {transaction.operation}; there are {', '.join(contract.operations)}."
        raise InputError("unknown-operation", message, operations=known)
    try:
        operation.parse_arguments(transaction.arguments)
    except ValidationError as error:
        faults = [(".".join(map(str, fault["loc"])), fault["msg"]) for fault in error.errors()]
        problems: JsonValue = [{"field": field, "problem": reason} for field, reason in faults]
        message = f"The arguments of {contract.name}.{operation.name} do not fit: {': '.join(faults[0])}."
        raise InputError("bad-arguments", message, fields=problems) from error


def execute_block(
    contracts: ContractSet, base: StateReads, transactions: Sequence[Transaction], time_ms: int, height: int
) -> BlockResult:
    """Executes admitted transactions in order on the state before the block; `base` is not changed."""
    state = Overlay(base)
    execution = Execution(contracts, state, time_ms, height)
    results = [execution.run(transaction) for transaction in transactions]
    return BlockResult(tuple(receipt for receipt, _ in results), tuple(writes for _, writes in results), _writes(state))


def can_execute(contracts: ContractSet, state: StateReads, name: str) -> bool:
    """Whether a contract's transactions can be executed here: also where the ledger has none, and so refuses them."""
    entry = None if name in SYSTEM else read_contract(state, name)
    try:
        return entry is None or contracts.installed(entry) is not None
    except ContractMissingError as error:
        return error.code == "wrong-lists"  # it is here, and refuses


class Execution:
    """Transactions of one block, each on the state that its predecessors left."""

    def __init__(self, contracts: ContractSet, state: Overlay, time_ms: int, height: int) -> None:
        self._contracts = contracts
        self._state = state
        self._time_ms = time_ms
        self._height = height
        self._budget = SignatureBudget()
        self._members: dict[str, Member] = {}
        self._acting: dict[str, type[Contract]] = {}
        """Members and contracts, each read once until a system contract writes."""

    def run(self, transaction: Transaction) -> tuple[Receipt, tuple[Write, ...]]:
        """Receipt and writes of an admitted transaction; all of its writes are in the state afterwards, or none.

        Raises ContractExhaustedError, with the transaction, if stack or memory ran out.
        """
        try:
            return self._run(transaction)
        except (RecursionError, MemoryError) as error:
            used_up = "memory" if isinstance(error, MemoryError) else "stack"
            message = f"Contract {transaction.contract} used up this machine's {used_up} in transaction {transaction.id}."
            raise ContractExhaustedError("contract-exhausted", message, transaction=transaction.id, used_up=used_up) from error

    def _run(self, transaction: Transaction) -> tuple[Receipt, tuple[Write, ...]]:
        overlay = Overlay(self._state)
        try:
            contract = self._contract(transaction.contract)
            signers = tuple(map(self._signer, transaction.signers))
            context = Context(contract, overlay, signers, self._time_ms, self._height, transaction.id, self._budget)
            contract.run(context, transaction.operation, transaction.arguments)
            writes = _writes(overlay)
            receipt = _committed(transaction, writes, tuple(context.events))
        except RefusedError as error:
            return _rejected(transaction, error.code, error.details), ()
        except (OperatorError, RecursionError, MemoryError):  # this machine's trouble makes no receipt
            raise
        except Exception as error:
            return _rejected(transaction, "contract-error", {"error": type(error).__name__}), ()
        overlay.commit()
        for write in writes:
            if write.contract == MEMBERSHIP:
                self._members.clear()
            elif write.contract == GOVERNANCE:
                self._acting.clear()
        return receipt, writes

    def _contract(self, name: str) -> type[Contract]:
        """The class that runs under the name; raises RefusedError `unknown-contract` if the ledger has none, or `wrong-lists`."""
        contract = self._acting.get(name) or SYSTEM.get(name)
        if contract is None:
            entry = read_contract(self._state, name)
            if entry is None:  # check: execution-contract
                raise RefusedError("unknown-contract", f"The ledger has no contract {name}.", contract=name)
            try:
                contract = self._acting[name] = self._contracts.installed(entry)
            except ContractMissingError as error:  # all that have the source refuse wrong lists: else no block could follow
                if error.code == "wrong-lists":  # check: execution-lists
                    raise RefusedError("wrong-lists", error.message, contract=name) from error
                raise
        return contract

    def _signer(self, name: str) -> Member:
        """The member; raises RefusedError `revoked` for one that an earlier transaction of this block revoked."""
        member = self._members.get(name)
        if member is None:
            member = read_member(self._state, name)
            if member is None:  # check: execution-member
                raise RefusedError("not-a-member", f"{name} is not a member.", member=name)
            if member.revoked_at_ms is not None:  # check: execution-revoked
                raise RefusedError("revoked", f"{name} has been revoked.", member=name)
            self._members[name] = member
        return member


def _committed(transaction: Transaction, writes: tuple[Write, ...], events: tuple[Event, ...]) -> Receipt:
    """The receipt of a transaction that its contract accepted; raises RefusedError if it is over a limit."""
    if len(writes) > WRITES_MAX:  # check: writes-limit
        raise RefusedError("too-many-writes", f"{len(writes)} keys written.", writes=len(writes), writes_max=WRITES_MAX)
    receipt = Receipt(transaction.id, "committed", "ok", {}, writes_digest(writes) if writes else NO_WRITES, events)
    if len(receipt.raw) > RECEIPT_BYTES_MAX:  # check: receipt-limit
        raise RefusedError("receipt-too-large", f"The receipt has {len(receipt.raw)} bytes.", bytes_max=RECEIPT_BYTES_MAX)
    return receipt


def _rejected(transaction: Transaction, code: str, details: dict[str, JsonValue]) -> Receipt:
    """The receipt of a refusal; with details that no receipt can hold it becomes `contract-error`."""
    receipt = Receipt(transaction.id, "rejected", code, details, NO_WRITES, ())
    try:
        size = len(receipt.raw)
    except MalformedError as error:
        return _rejected(transaction, "contract-error", {"error": type(error).__name__})
    if size > RECEIPT_BYTES_MAX:  # check: rejection-limit
        return _rejected(transaction, "receipt-too-large", {"bytes_max": RECEIPT_BYTES_MAX})
    return receipt


def _signing_key(name: str, member: Member | None, time_ms: int) -> PublicKey:
    """The key of a signer that may sign at that block time; raises InputError."""
    if member is None:  # check: admission-enrolled
        raise InputError("not-enrolled", f"{name} is not a member of this ledger.", member=name)
    if member.revoked_at_ms is not None:  # check: admission-revoked
        raise InputError("revoked", f"{name} was revoked at {member.revoked_at_ms}.", member=name)
    if time_ms > member.not_after_ms:  # check: admission-certificate-expired
        raise InputError("certificate-expired", f"The certificate of {name} ended at {member.not_after_ms}.", member=name)
    if time_ms < member.not_before_ms:  # check: admission-certificate-early
        raise InputError("certificate-not-yet-valid", f"The certificate of {name} begins at {member.not_before_ms}.", member=name)
    return PublicKey(member.public_key)


def _writes(overlay: Overlay) -> tuple[Write, ...]:
    return tuple(Write(*write) for write in overlay.writes())
