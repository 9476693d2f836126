"""The chain of one ledger: executes on its head, judges proposed blocks, appends decided ones.

The head and what hangs on it are kept in memory, so that judging a block reads the store for state keys alone.
Whoever commits the batch of `append` calls `advanced` at once, before the next read.
"""

from collections.abc import Callable, Sequence

from ledger.block import Block, Header
from ledger.certificate import DecisionRecord, Domain
from ledger.chain import tables
from ledger.chain.candidate import Candidate, receipts_root, transactions_root, tree_changes
from ledger.chain.genesis import Genesis, parse_genesis, verify_certificates
from ledger.chain.initial import genesis_batch
from ledger.chain.members import Members
from ledger.chain.rules import fitting, verify_each_admissible, verify_limits, verify_place, verify_proposer
from ledger.chain.search_index import rebuild_terms
from ledger.chain.view import ChainView
from ledger.contract.contract import ContractSet
from ledger.errors import StorageError, VerificationError
from ledger.execution import BlockResult, execute_block, verify_admission
from ledger.identity.reads import PARAMETERS, VALIDATORS, read_validators
from ledger.identity.records import GOVERNANCE, Parameters, ValidatorSet
from ledger.keys import SUITES
from ledger.primitives import Digest
from ledger.state.history_tree import HistoryTree
from ledger.state.overlay import Overlay, StateView, state_key
from ledger.state.remembering_reader import RememberingReader
from ledger.state.store import Batch, Reader, Store, damaged
from ledger.state.tree import StateTree
from ledger.transaction import Transaction

Verified = Callable[[Transaction], bool]
"""Whether this very envelope's signatures were verified before. The id will not do: it does not cover the signatures."""


ABSENT_MAX = 20_000
"""Transactions remembered as absent."""
RESULTS = ("receipts_root", "state_root", "next_validators")
"""Fields of a header that only execution can tell."""


class DivergedError(VerificationError):
    """The block executes to other results here than its header says: `roots` in the details names which."""

    def __init__(self, header: Header, candidate: Candidate) -> None:
        differing = [name for name in RESULTS if getattr(candidate.block.header, name) != getattr(header, name)]
        super().__init__("wrong-roots", f"Block {header.height} executes to another {differing[0]} here.", roots=[*differing])
        self.candidate = candidate
        """What this node computed, to be compared with what others have."""


class Chain:
    """One ledger over one store."""

    def __init__(self, store: Store, contracts: ContractSet) -> None:
        """Opens a store that holds a ledger; raises StorageError `no-ledger` or `database-damaged`."""
        self.store = store
        self.contracts = contracts
        self.view = ChainView(store)
        self.genesis: Genesis = self.view.genesis
        self.ledger: Digest = self.genesis.ledger
        self.suite = SUITES[self.genesis.suite]
        self.members = Members(self.view.state)
        self.head: Header | None = self.view.head
        self.validators: ValidatorSet = self.view.validators_at(self.height + 1)
        self.parameters: Parameters = self.view.parameters()
        self.tree = StateTree(store)
        self.history = HistoryTree(store, self.height + 1)
        self._rows = RememberingReader(store)
        self._state = StateView(self._rows)
        """The state after the head, for execution: what a block reads is asked for again when it is appended."""
        self._absent: set[Digest] = set()
        """Transactions that no block was found to hold: each is asked for several times before it is in one."""
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
        """Opens a store that holds a ledger, and this one if it is named; raises StorageError."""
        chain = cls(store, contracts)
        if ledger is not None and chain.ledger != ledger:  # check: opened-ledger
            raise StorageError("other-ledger", f"The database holds ledger {chain.ledger}, not {ledger}.")
        for batch in rebuild_terms(chain.view):
            store.commit(batch)
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
        """What statements of the next height are bound to."""
        return Domain(self.ledger, self.validators.digest)

    def view_at(self, reader: Reader) -> ChainView:
        """A view on another reader of the same ledger, such as one read transaction."""
        return ChainView(reader, self.genesis)

    def is_known(self, transaction: Digest) -> bool:
        """Whether a block holds this transaction."""
        if transaction in self._absent:
            return False
        if self.view.place(transaction) is not None:
            return True
        if len(self._absent) >= ABSENT_MAX:
            self._absent.clear()
        self._absent.add(transaction)
        return False

    def admits(self, transaction: Transaction, time_ms: int, verified: bool) -> None:
        """Raises InputError unless the transaction may stand in a next block of that time."""
        verify_admission(
            transaction,
            ledger=self.ledger,
            members=self.members.get,
            time_ms=time_ms,
            parameters=self.parameters,
            is_known=self.is_known,
            suite=self.suite,
            verified=verified,
        )

    def build(self, transactions: Sequence[Transaction], time_ms: int, proposer: str) -> Candidate:
        """The next block of these admitted transactions, of as many from the front as the limits of a block allow."""
        return self._execute(fitting(transactions, self.parameters), time_ms, proposer)

    def check(self, header: Header, transactions: Sequence[Transaction], verified: Verified) -> Candidate:
        """Judges a proposed next block; raises VerificationError with the first broken rule, DivergedError for other results."""
        # 1. It stands on this head.
        verify_place(header, self.ledger, self.height, self.head_id, self.head_time_ms)  # check: chain-place
        # 2. It was made for the validators of this height, by one of them.
        verify_proposer(header, self.validators)  # check: chain-proposer
        # 3. It keeps to the limits, and every transaction is admissible and stands in it once.
        verify_limits(transactions, self.parameters)  # check: chain-limits
        verify_each_admissible(transactions, lambda t: self.admits(t, header.time, verified(t)))  # check: chain-admissible
        # 4. It holds exactly these envelopes.
        if header.transactions_root != transactions_root(transactions):  # check: block-transactions-root
            raise VerificationError("wrong-transactions-root", "The header's transactions_root is not that of the body.")
        # 5. It continues this history.
        if header.history_root != self.history.root().hex():  # check: block-history-root
            raise VerificationError("wrong-history-root", "The header's history_root is not that of the blocks before it.")
        # 6. It executes to the results that the header states.
        candidate = self._execute(transactions, header.time, header.proposer)
        if any(getattr(candidate.block.header, name) != getattr(header, name) for name in RESULTS):  # check: block-results
            raise DivergedError(header, candidate)
        return candidate

    def append(self, candidate: Candidate, record: DecisionRecord, body_stored: bool = False) -> Batch:
        """The batch that makes the candidate the head. The caller has verified the record, and says if the body is stored."""
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
        self.members.forget(candidate.writes)
        if any((w.contract, w.collection) == (GOVERNANCE, PARAMETERS) for w in candidate.writes):
            self.parameters = self.view.parameters()

    def _execute(self, transactions: Sequence[Transaction], time_ms: int, proposer: str) -> Candidate:
        height = self.height + 1
        result = execute_block(self.contracts, self._state, transactions, time_ms, height)
        update = self.tree.update(tree_changes(result.writes))
        next_validators = self._validators_after(result)
        header = Header(
            ledger=self.ledger,
            height=height,
            time=time_ms,
            parent=self.head_id,
            transactions_root=transactions_root(transactions),
            receipts_root=receipts_root(result.receipt_bytes),
            state_root=Digest(update.root.hex()),
            history_root=Digest(self.history.root().hex()),
            validators=self.validators.digest,
            next_validators=next_validators.digest,
            proposer=proposer,
        )
        return Candidate(
            block=Block(header, tuple(transactions)),
            receipts=result.receipt_bytes,
            writes_by_transaction=result.writes_by_transaction,
            writes=result.writes,
            results=result.receipts,
            tree=update,
            next_validators=next_validators,
        )

    def _validators_after(self, result: BlockResult) -> ValidatorSet:
        changes = [w for w in result.writes if (w.contract, w.collection) == (GOVERNANCE, VALIDATORS)]
        if not changes:
            return self.validators
        after = Overlay(self.view.state)
        for write in changes:
            assert write.value is not None, "governance never deletes the validator set"
            after.put(write.contract, write.collection, write.key, write.value)
        return read_validators(after)

    def _previous_heights(self, candidate: Candidate) -> dict[bytes, int]:
        found = {}
        for w in candidate.writes:
            height = self._state.last_height(w.contract, w.collection, w.key)
            if height is not None:
                found[state_key(w.contract, w.collection, w.key)] = height
        return found

    def _verify_stored(self) -> None:
        """The head's roots are those of the stored trees, so that a damaged database is found at the start."""
        if self.head is None:
            return
        if self.tree.root().hex() != self.head.state_root:  # check: stored-state-root
            raise damaged(f"the state is not the one after block {self.height}")
        if self.history.root(self.height).hex() != self.head.history_root:  # check: stored-history-root
            raise damaged(f"the history is not the one before block {self.height}")
