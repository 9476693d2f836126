"""A harbour's ledger for lab 10, with every key of its validators: what they decided, and what some of them signed besides."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ledger.block import Header
from ledger.certificate import MADE_OF, Certificate, DecisionRecord, Domain, Statement, StatementKind, sign_statement
from ledger.chain.chain import Candidate, Chain
from ledger.chain.view import ChainView
from ledger.errors import JsonValue
from ledger.state.memory_store import MemoryStore
from ledger.transaction import Transaction, sign_transaction
from nodes.network.specification import build_network, default_specification, load_contracts, seeded_keys

NAMES = ("dock", "pilot", "tower", "tug")
VALIDATORS = tuple(f"{name}.validator" for name in NAMES)
CONTRACTS = (("quay", "scenarios.workshop.quay:Quay"),)
MINUTE_MS = 60_000


class OtherLedger:
    """Blocks of one transaction each, decided by whichever three of the four are named."""

    def __init__(self, seed: int, start_ms: int) -> None:
        specification = replace(default_specification(start_ms, members_each=2, names=NAMES), contracts=CONTRACTS)
        contracts = load_contracts(specification)
        self.network = build_network(specification, seeded_keys(seed), contracts)
        self._store = MemoryStore()
        self._chain = Chain.create(self._store, self.network.genesis_bytes, contracts)
        self._nonces = 0

    @property
    def height(self) -> int:
        """Of the newest block."""
        return self._chain.height

    @property
    def validators(self) -> JsonValue:
        """As governance elsewhere is told."""
        return self._chain.validators.to_json()

    def decide(self, signers: Sequence[str], operation: str, minutes: int, **arguments: JsonValue) -> None:
        """The next block, so many minutes after the one before."""
        candidate = self.candidate(operation, minutes, **arguments)
        commit, notar = (self.certified(kind, candidate.block.header, signers) for kind in ("final", "vote"))
        self._store.commit(self._chain.append(candidate, DecisionRecord(commit, notar, ())))
        self._chain.advanced(candidate)

    def candidate(self, operation: str, minutes: int, **arguments: JsonValue) -> Candidate:
        """The same, executed and not decided."""
        at_ms = self._chain.head_time_ms + minutes * MINUTE_MS
        return self._chain.build([self._signed(operation, arguments)], at_ms, VALIDATORS[0])

    def certified(self, kind: StatementKind, header: Header, signers: Sequence[str]) -> Certificate:
        """What these validators sign over a header; nothing asks whether they should."""
        validators, keys = self._chain.validators, self.network.member_keys
        domain = Domain(self._chain.ledger, validators.digest)
        unsigned = Statement(kind, header.height, 1, header.id, 0, 0)
        places = [place for place, one in enumerate(validators.validators) if one.member in signers]
        signed = [sign_statement(domain, replace(unsigned, signer=p), keys[validators.validators[p].member]) for p in places]
        return Certificate(MADE_OF[kind], header.height, 1, header.id, tuple(places), tuple(one.signature for one in signed))

    def block(self, height: int) -> dict[str, Any]:
        """A decided block as contract `foreign` takes it."""
        proof: Any = self.view.prove_block(height)
        return {"header": proof["header"], "certificate": proof["certificate"]}

    def signed_block(self, header: Header, signers: Sequence[str]) -> dict[str, Any]:
        """The same of any header, with what these sign."""
        return {"header": header.to_json(), "certificate": self.certified("final", header, signers).to_json()}

    def proof(self, collection: str, key: str) -> dict[str, Any]:
        """What the state after the newest block holds, against whatever header the reader knows as the newest."""
        proof: Any = self.view.prove_state("quay", collection, key)
        return {"value": proof.get("value"), "path": proof["path"]}

    @property
    def view(self) -> ChainView:
        """What a node there would answer from."""
        return ChainView(self._store, self._chain.genesis)

    def _signed(self, operation: str, arguments: dict[str, JsonValue]) -> Transaction:
        self._nonces += 1
        member = "dock.member1"
        return sign_transaction(
            ledger=self._chain.ledger,
            contract="quay",
            operation=operation,
            arguments=arguments,
            signers=[(member, self.network.member_keys[member])],
            nonce=f"{self._nonces:032x}",
            expires_ms=self._chain.head_time_ms + 12 * 60 * MINUTE_MS,
        )
