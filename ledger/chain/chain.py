"""The chain of one ledger: executes on its head, judges proposed blocks, appends decided ones.

The head and what follows from it are kept in memory, so that judging a block reads only state keys from the store.
After the batch of `append` is committed, call `advanced` before anything else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ledger import merkle
from ledger.block import Header, Write, final_writes, tree_changes
from ledger.certificate import DecisionRecord, Domain
from ledger.chain import tables
from ledger.contract.contract import ContractSet
from ledger.contract.records import read_member, read_parameters, read_validators
from ledger.encoding import encode_unchecked
from ledger.errors import InputError, JsonValue, StorageError, VerificationError
from ledger.execution import execute_block, verify_admission
from ledger.genesis import Genesis, parse_genesis
from ledger.identity.records import GOVERNANCE, MEMBERSHIP, PARAMETERS, VALIDATORS, Member, Parameters, ValidatorSet
from ledger.identity.x509 import certified_member, verify_root_certificate
from ledger.keys import SUITES
from ledger.primitives import Digest
from ledger.state.history_tree import HistoryTree
from ledger.state.overlay import Overlay, StateView, put_state
from ledger.state.store import Batch, Reader, RememberingReader, Store, big_endian, damaged
from ledger.state.tree import StateTree, TreeUpdate
from ledger.transaction import Block, Receipt, Transaction

Verified = Callable[[Transaction], bool]
"""Whether the signatures of exactly this envelope were verified before; the id does not say, since it does not cover them."""

ABSENT_MAX = 20_000
"""Most transactions that are remembered as being in no block."""
MEMBERS_MAX = 4_096
"""Most members that are remembered."""
RESULTS = ("receipts_root", "state_root", "next_validators")
"""Fields of a header that follow from execution."""


@dataclass(frozen=True)
class Candidate:
    """An executed block that may become the next one. It is stored when the batch of `write_to` is committed."""

    block: Block
    receipts: tuple[Receipt, ...]
    """In order of the transactions; empty in an audit, which stores none."""
    writes_by_transaction: tuple[tuple[Write, ...], ...]
    writes: tuple[Write, ...]
    """Last write of each key, in order of state key."""
    tree: TreeUpdate
    next_validators: ValidatorSet

    @property
    def id(self) -> Digest:
        """The block id."""
        return self.block.id

    def write_to(self, batch: Batch, record: DecisionRecord, previous: Mapping[bytes, int], body_stored: bool) -> None:
        """Adds every row of the block; `previous` holds, by state key, the height of the last earlier write."""
        header, height = self.block.header, big_endian(self.block.header.height)
        receipts = [receipt.to_json() for receipt in self.receipts]
        tables.put_block(batch, header, [receipt.raw for receipt in self.receipts], receipts, encode_unchecked(record.to_json()))
        if not body_stored:
            tables.put_body(batch, self.block)
        batch.put(tables.WRITES, height, tables.pack_writes(self.writes_by_transaction, previous))
        batch.put(tables.TERMS, height, tables.block_terms(self.block.transactions, receipts))
        self.write_state(batch)
        if header.next_validators != header.validators:
            tables.put_validators(batch, self.next_validators)
            batch.put(tables.VALIDATOR_CHANGES, height, tables.digest_key(header.next_validators))
        batch.put(tables.META, tables.HEAD, height)

    def write_state(self, batch: Batch) -> None:
        """Adds the state after the block, and its map."""
        for write in self.writes:
            put_state(batch, self.block.header.height, write.contract, write.collection, write.key, write.value)
        self.tree.write_to(batch)


class DivergedError(VerificationError):
    """The block executes to other results here than its header says: `roots` in the details names which."""

    def __init__(self, header: Header, candidate: Candidate) -> None:
        differing = [name for name in RESULTS if getattr(candidate.block.header, name) != getattr(header, name)]
        super().__init__("wrong-roots", f"Block {header.height} executes to another {differing[0]} here.", roots=[*differing])
        self.candidate = candidate
        """This node's own result, to be compared with what other nodes have."""


def first_difference(ours: Sequence[Sequence[Write]], theirs: Sequence[Sequence[Write]]) -> JsonValue:
    """The first state key on which two executions of one block differ, for a node that diverged; None if they agree."""
    values = [{(w.contract, w.collection, w.key): w.value for w in final_writes(parts)} for parts in (ours, theirs)]
    for key in sorted(values[0].keys() | values[1].keys()):
        mine, other = (side.get(key) for side in values)
        if mine != other or (key in values[0]) != (key in values[1]):
            contract, collection, name = key
            place: dict[str, JsonValue] = {"contract": contract, "collection": collection, "key": name}
            return {**place, "ours": _text(mine), "theirs": _text(other)}
    return None


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()


class Chain:
    """One ledger over one store."""

    def __init__(self, store: Store, contracts: ContractSet) -> None:
        """Opens a store that holds a ledger; raises StorageError `no-ledger` or `database-damaged`."""
        self.store = store
        self.contracts = contracts
        self.state = StateView(store)
        """The state after the head."""
        self.genesis: Genesis = tables.read_genesis(store)
        self.ledger: Digest = self.genesis.ledger
        self.suite = SUITES[self.genesis.suite]
        self.head: Header | None = tables.read_head(store)
        voters = self.genesis.validator_set.digest if self.head is None else self.head.next_validators
        self.validators: ValidatorSet = tables.read_validator_set(store, voters)
        self.parameters: Parameters = read_parameters(self.state)
        self.tree = StateTree(store)
        self.history = HistoryTree(store, self.height + 1)
        self._rows = RememberingReader(store)
        self._state = StateView(self._rows)
        """The same state for execution: rows that a block read are needed again when the block is appended."""
        self._members: dict[str, Member] = {}
        """Members that were read, until a block changes one."""
        self._absent: set[Digest] = set()
        """Transactions known to be in no block: `is_known` is asked several times for each before a block holds it."""
        self._verify_stored()

    @classmethod
    def create(cls, store: Store, genesis_bytes: bytes, contracts: ContractSet) -> "Chain":
        """Writes the genesis into an empty store, or opens the store that has it; raises StorageError `other-ledger`."""
        genesis = parse_genesis(genesis_bytes)
        verify_certificates(genesis)  # check: chain-genesis-certificates
        present = store.get(tables.META, tables.GENESIS)
        if present is None:
            store.commit(genesis_batch(store, genesis))
        elif present != genesis_bytes:  # check: other-ledger
            raise StorageError("other-ledger", f"The database holds another ledger than {genesis.ledger}.")
        return cls(store, contracts)

    @classmethod
    def open(cls, store: Store, contracts: ContractSet, ledger: Digest | None = None) -> "Chain":
        """Opens a store that holds a ledger; raises StorageError, also if it is not the ledger that is given."""
        chain = cls(store, contracts)
        if ledger is not None and chain.ledger != ledger:  # check: opened-ledger
            raise StorageError("other-ledger", f"The database holds ledger {chain.ledger}, not {ledger}.")
        return chain

    @property
    def height(self) -> int:
        """Height of the head, 0 before the first block."""
        return 0 if self.head is None else self.head.height

    @property
    def head_id(self) -> Digest:
        """Parent of the next block."""
        return self.ledger if self.head is None else self.head.id

    @property
    def head_time_ms(self) -> int:
        """Time of the head, or of the genesis."""
        return self.genesis.time_ms if self.head is None else self.head.time

    @property
    def domain(self) -> Domain:
        """The domain of statements at the next height."""
        return Domain(self.ledger, self.validators.digest)

    def member(self, name: str) -> Member | None:
        """The member in the state after the head, None if that id is not enrolled."""
        record = self._members.get(name)
        if record is None and (record := read_member(self.state, name)) is not None:
            if len(self._members) >= MEMBERS_MAX:
                self._members.clear()
            self._members[name] = record  # absence is not remembered: callers may invent ids without end
        return record

    def is_known(self, transaction: Digest) -> bool:
        """Whether a block holds this transaction."""
        if transaction in self._absent:
            return False
        if tables.read_place(self.store, transaction) is not None:
            return True
        if len(self._absent) >= ABSENT_MAX:
            self._absent.clear()
        self._absent.add(transaction)
        return False

    def verify_admissible(self, transaction: Transaction, time_ms: int, verified: bool) -> None:
        """Raises InputError unless the transaction may stand in a next block of that time."""
        verify_admission(
            transaction,
            ledger=self.ledger,
            members=self.member,
            time_ms=time_ms,
            parameters=self.parameters,
            is_known=self.is_known,
            suite=self.suite,
            verified=verified,
        )

    def build(self, transactions: Sequence[Transaction], time_ms: int, proposer: str) -> Candidate:
        """The next block with as many of these admitted transactions, from the front, as the limits of a block allow."""
        chosen = fitting(transactions, self.parameters)
        return self._execute(chosen, transactions_root(chosen), time_ms, proposer)

    def check(self, header: Header, transactions: Sequence[Transaction], verified: Verified) -> Candidate:
        """Judges a proposed next block; raises VerificationError with the first broken rule, DivergedError for other results."""
        # 1. It stands on this head.
        verify_place(header, self.ledger, self.height, self.head_id, self.head_time_ms)  # check: chain-place
        # 2. It was made for the validators of this height, by one of them.
        verify_proposer(header, self.validators)  # check: chain-proposer
        # 3. It keeps to the limits, and every transaction is admissible and stands in it once.
        verify_limits(transactions, self.parameters)  # check: chain-limits
        verify_each_admissible(
            transactions, lambda t: self.verify_admissible(t, header.time, verified(t))
        )  # check: chain-admissible
        # 4. It holds exactly these envelopes.
        if header.transactions_root != transactions_root(transactions):  # check: block-transactions-root
            raise VerificationError("wrong-transactions-root", "The header's transactions_root is not that of the body.")
        # 5. It continues this history.
        if header.history_root != self.history.root().hex():  # check: block-history-root
            raise VerificationError("wrong-history-root", "The header's history_root is not that of the blocks before it.")
        # 6. It executes to the results that the header states.
        candidate = self._execute(transactions, header.transactions_root, header.time, header.proposer)
        if any(getattr(candidate.block.header, name) != getattr(header, name) for name in RESULTS):  # check: block-results
            raise DivergedError(header, candidate)
        return candidate

    def append(self, candidate: Candidate, record: DecisionRecord, body_stored: bool = False) -> Batch:
        """The batch that makes the candidate the head. The caller has verified the record; `body_stored` if the body is kept."""
        assert candidate.block.header.parent == self.head_id
        assert record.commit.block == candidate.id
        batch = Batch()
        candidate.write_to(batch, record, self._previous_heights(candidate), body_stored)
        self.history.append(bytes.fromhex(candidate.id), batch)
        return batch

    def advanced(self, candidate: Candidate) -> None:
        """Moves the head, after the batch of `append` was committed."""
        header = candidate.block.header
        assert header.parent == self.head_id
        self.head = header
        self.validators = candidate.next_validators
        self.tree.apply(candidate.tree)
        self._absent -= candidate.block.transaction_ids
        self._rows.forget()
        self.history = HistoryTree(self.store, header.height + 1)
        if any(w.contract == MEMBERSHIP for w in candidate.writes):
            self._members.clear()
        if any((w.contract, w.collection) == (GOVERNANCE, PARAMETERS) for w in candidate.writes):
            self.parameters = read_parameters(self.state)

    def validators_after(self, writes: Sequence[Write]) -> ValidatorSet:
        """Who votes on the height after these writes."""
        changes = [w for w in writes if (w.contract, w.collection) == (GOVERNANCE, VALIDATORS)]
        if not changes:
            return self.validators
        after = Overlay(self.state)
        for write in changes:
            after.write(write.contract, write.collection, write.key, write.value)
        return read_validators(after)

    def _execute(self, transactions: Sequence[Transaction], root: Digest, time_ms: int, proposer: str) -> Candidate:
        """The next block of these transactions, over whose envelopes this is the root."""
        height = self.height + 1
        result = execute_block(self.contracts, self._state, transactions, time_ms, height)
        update = self.tree.update(tree_changes(result.writes))
        next_validators = self.validators_after(result.writes)
        header = Header(
            ledger=self.ledger,
            height=height,
            time=time_ms,
            parent=self.head_id,
            transactions_root=root,
            receipts_root=receipts_root([receipt.raw for receipt in result.receipts]),
            state_root=Digest(update.root.hex()),
            history_root=Digest(self.history.root().hex()),
            validators=self.validators.digest,
            next_validators=next_validators.digest,
            proposer=proposer,
        )
        return Candidate(
            block=Block(header, tuple(transactions)),
            receipts=result.receipts,
            writes_by_transaction=result.writes_by_transaction,
            writes=result.writes,
            tree=update,
            next_validators=next_validators,
        )

    def _previous_heights(self, candidate: Candidate) -> dict[bytes, int]:
        """Height of the last earlier write, by state key, of each key that the candidate writes."""
        heights = ((w, self._state.last_height(w.contract, w.collection, w.key)) for w in candidate.writes)
        return {w.state_key: height for w, height in heights if height is not None}

    def _verify_stored(self) -> None:
        """Raises StorageError `database-damaged` unless the stored trees have the roots that the head names."""
        if self.head is None:
            return
        if self.tree.root().hex() != self.head.state_root:  # check: stored-state-root
            raise damaged(f"the state is not the one after block {self.height}")
        if self.history.root(self.height).hex() != self.head.history_root:  # check: stored-history-root
            raise damaged(f"the history is not the one before block {self.height}")


def verify_certificates(genesis: Genesis) -> None:
    """Raises InputError unless each member's certificate, issued by its organization's root, matches the member's record."""
    roots = {organization.name: organization.root_certificate for organization in genesis.organizations}
    for name, pem in roots.items():
        verify_root_certificate(pem, name)
    for member in genesis.members:
        certified = certified_member(member.certificate, roots[member.organization], member.roles)
        if certified != member.model_copy(update={"revoked_at_ms": None}):  # check: genesis-certificate
            raise InputError("bad-genesis", f"The certificate of {member.member} says something else than the genesis.")


def genesis_batch(empty: Reader, genesis: Genesis) -> Batch:
    """All rows of height 0, for an empty store."""
    batch = Batch()
    writes = genesis.initial_writes()
    batch.put(tables.META, tables.GENESIS, genesis.encode())
    batch.put(tables.META, tables.HEAD, big_endian(0))
    batch.put(tables.WRITES, big_endian(0), tables.pack_writes([writes], {}))
    for write in writes:
        put_state(batch, 0, write.contract, write.collection, write.key, write.value)
    StateTree(empty).update(tree_changes(writes)).write_to(batch)
    tables.put_validators(batch, genesis.validator_set)
    HistoryTree(empty, 0).append(bytes.fromhex(genesis.ledger), batch)
    return batch


def fitting(transactions: Sequence[Transaction], parameters: Parameters) -> Sequence[Transaction]:
    """The transactions from the front that fit into one block."""
    count, size = 0, 0
    for transaction in transactions[: parameters.block_transactions_max]:
        size += len(transaction.raw)
        if size > parameters.block_bytes_max:
            break
        count += 1
    return transactions[:count]


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


def transactions_root(transactions: Sequence[Transaction]) -> Digest:
    """RFC 9162 root over the whole envelopes, signatures included."""
    return Digest(merkle.root([transaction.raw for transaction in transactions]).hex())


def receipts_root(receipts: Sequence[bytes]) -> Digest:
    """RFC 9162 root over canonical receipts."""
    return Digest(merkle.root(receipts).hex())
