"""What tests share: a chain in memory whose blocks are decided by seeded validator keys, and the error that a call ends with."""

import os
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache
from itertools import count
from typing import Any, ParamSpec, TypeVar

import pytest

from ledger.block import Header
from ledger.certificate import MADE_OF, Certificate, DecisionRecord, Domain, Statement, StatementKind, sign_statement
from ledger.chain.chain import Candidate, Chain
from ledger.chain.view import ChainView
from ledger.contract.contract import ContractSet
from ledger.contract.source_rules.loader import find_contract
from ledger.encoding import decode_object
from ledger.errors import JsonValue
from ledger.genesis import GenesisWrite
from ledger.identity.records import Member, ValidatorSet
from ledger.keys import PrivateKey
from ledger.primitives import NO_DIGEST, Digest
from ledger.state.memory_store import MemoryStore
from ledger.state.overlay import StateView
from ledger.transaction import Transaction, sign_transaction
from ledger.verify import VerifiedFact
from nodes.network.specification import BuiltNetwork, NetworkSpecification, build_network, default_specification, seeded_keys
from nodes.sample_contract import Asset

CONTRACTS = ContractSet({"asset": Asset})
SEED = 1
STEP_MS = 1_000
"""Blocks are this far apart unless told otherwise."""
ALICE, BOB = "north.member1", "south.member1"
NORTH, SOUTH, EAST, WEST = VALIDATORS = ("north.validator", "south.validator", "east.validator", "west.validator")
"""Of a network of four."""
ADMINS = ("north.admin", "south.admin", "east.admin")
"""A majority of the four organizations."""
OTHER = Digest("ab" * 32)
"""The digest of nothing that a chain holds."""
NOTHING = StateView(MemoryStore())
"""A state that holds nothing, to write over."""
ELSEWHERE = default_specification(start_time_ms=0, members_each=1)
"""Another ledger of the same members."""
P = ParamSpec("P")
E = TypeVar("E", bound=BaseException)


def patience_s() -> float:
    """For what comes at once or never. `forked.py` shortens it where a check is off: its test waits for what never comes."""
    return float(os.environ.get("TESTS_PATIENCE_S", "60"))


def refusal(kind: type[E], call: Callable[P, object], /, *arguments: P.args, **options: P.kwargs) -> E:
    """The error of this kind that a call ends with."""
    with pytest.raises(kind) as caught:
        call(*arguments, **options)
    return caught.value


async def awaited_refusal(kind: type[E] | tuple[type[E], ...], waiting: Awaitable[object]) -> E:
    """The error of this kind, or of one of these kinds, that what is awaited ends with."""
    with pytest.raises(kind) as caught:
        await waiting
    return caught.value


def in_short(number: int, cases: Sequence[Any]) -> list[Any]:
    """Cases of a campaign: the first ones run always, the others with `--long`."""
    rest = (case if isinstance(case, tuple) else (case,) for case in cases[number:])
    return [*cases[:number], *(pytest.param(*case, marks=pytest.mark.long) for case in rest)]


def enrolled(member: str, *roles: str, public_key: str = "0" * 64) -> Member:
    """A member for ever, by its record only: no certificate says so."""
    return Member(member=member, public_key=public_key, roles=roles, not_before_ms=0, not_after_ms=2**52, certificate="-")


class DecidedChain:
    """A chain with every key of its network: what the members sign and the validators decide, without consensus."""

    def __init__(
        self,
        specification: NetworkSpecification | None = None,
        contracts: ContractSet = CONTRACTS,
        store: MemoryStore | None = None,
        writes: Sequence[GenesisWrite] = (),
    ) -> None:
        self.network: BuiltNetwork = built(specification or default_specification(members_each=1))
        self.store = store or MemoryStore()
        genesis = self.network.genesis.model_copy(update={"writes": tuple(writes)})
        self.chain = Chain.create(self.store, genesis.encode(), contracts)
        self.keys = dict(self.network.member_keys)
        self.nonces = count(1)

    @property
    def view(self) -> ChainView:
        """What a node would answer from."""
        return ChainView(self.store, self.chain.genesis)

    def sign(
        self,
        signers: str | tuple[str, ...],
        contract: str,
        operation: str,
        /,
        expires_ms: int | None = None,
        **arguments: JsonValue,
    ) -> Transaction:
        """A transaction of these members; nonces count up, it expires a minute after the head."""
        names = (signers,) if isinstance(signers, str) else signers
        return sign_transaction(
            ledger=self.chain.ledger,
            contract=contract,
            operation=operation,
            arguments=arguments,
            signers=[(name, self.keys[name]) for name in names],
            nonce=f"{next(self.nonces):032x}",
            expires_ms=self.chain.head_time_ms + 60_000 if expires_ms is None else expires_ms,
        )

    def issue(self, number: str = "A", expires_ms: int | None = None) -> Transaction:
        """Alice issues an asset to herself."""
        return self.sign(ALICE, "asset", "issue", expires_ms, number=number, to=ALICE)

    def transfer(self, number: str = "A") -> Transaction:
        """Alice hands it to Bob."""
        return self.sign(ALICE, "asset", "transfer", number=number, to=BOB)

    def bump(self, number: str) -> Transaction:
        """Alice counts."""
        return self.sign(ALICE, "asset", "bump", number=number)

    def govern(self, number: str, **action: JsonValue) -> None:
        """A block in which a majority proposes this, so that it is applied."""
        self.decide(self.sign(ADMINS, "governance", "propose", number=number, action=action))
        assert self.receipts()[0]["outcome"] == "committed"

    def build(self, *transactions: Transaction, time_ms: int | None = None) -> Candidate:
        """The next block, executed but not decided."""
        at_ms = self.chain.head_time_ms + STEP_MS if time_ms is None else time_ms
        return self.chain.build(transactions, at_ms, self.chain.validators.validators[0].member)

    def decide(self, *transactions: Transaction, time_ms: int | None = None, view: int = 1) -> Candidate:
        """The next block, decided in this view after SkipCerts of the views before, and appended."""
        candidate = self.build(*transactions, time_ms=time_ms)
        self.append(candidate, self.record(candidate.block.header, view))
        return candidate

    def append(self, candidate: Candidate, record: DecisionRecord) -> None:
        """Makes a candidate the head."""
        self.store.commit(self.chain.append(candidate, record))
        self.chain.advanced(candidate)

    def record(self, header: Header, view: int = 1) -> DecisionRecord:
        """A complete decision record for a header of the next height."""
        skips = tuple(self.certificate("skip", header.height, earlier) for earlier in range(1, view))
        commit, notar = (self.certificate(kind, header.height, view, header.id) for kind in ("final", "vote"))
        return DecisionRecord(commit, notar, skips)

    def certificate(self, kind: StatementKind, height: int, view: int, block: Digest = NO_DIGEST) -> Certificate:
        """A certificate of the first q validators of the next height."""
        validators = self.chain.validators
        return certify(self.chain.ledger, validators, self.keys, kind, height, view, block, range(validators.q))

    def receipts(self, height: int | None = None) -> list[dict[str, JsonValue]]:
        """Receipts of a block, of the last one by default."""
        return [decode_object(raw) for raw in self.view.receipts(self.chain.height if height is None else height)]


def proofs_of(chain: DecidedChain) -> dict[str, Any]:
    """A proof of every kind or more, of a chain whose asset A was issued; the last ones are of the genesis itself."""
    view, height, asset = chain.view, chain.chain.height, ("asset", "assets", "A")
    transaction = Digest(str(chain.receipts()[-1]["transaction"]))
    first, validators, members = DecidedChain().view, ("governance", "validators", "current"), ("membership", "members")
    return {
        "state": view.prove_state(*asset),
        "absence": view.prove_state("asset", "assets", "Z"),
        "transaction": view.prove_transaction(transaction),
        "receipt": view.prove_receipt(transaction),
        "block": view.prove_block(height - 1),
        "consistency": view.consistency(height // 2, height),
        "itself": view.consistency(height, height),
        "rows": view.prove_rows("asset", "assets", view.state.page("asset", "assets", "", 3)),
        "history": view.prove_history(*asset, [written for written, _ in view.history(*asset)]),
        "history from the genesis": view.prove_history(*validators, [written for written, _ in view.history(*validators)]),
        "validators": view.prove_validators(height),
        "first validators": view.prove_validators(1),
        "state at the genesis": first.prove_state(*members, ALICE),
        "absence at the genesis": first.prove_state(*members, "north.nobody"),
        "rows at the genesis": first.prove_rows(*members, first.state.page(*members, "", 2)),
    }


def says_nothing_new(fact: VerifiedFact, truth: Iterable[VerifiedFact], state: StateView) -> bool:
    """Whether a proof that was changed shows no more than true ones: a key that is absent too, fewer rows, a leaf elsewhere."""
    claim = fact.claim
    if fact.kind == "absence":
        return state.get(str(claim["contract"]), str(claim["collection"]), str(claim["key"])) is None
    return any(
        (fact.kind, fact.block) == (true.kind, true.block)
        and all(name in ("index", "size") or _is_told_by(value, true.claim.get(name)) for name, value in claim.items())
        for true in truth
    )


def _is_told_by(value: Any, true: Any) -> bool:
    """A list may be told in part."""
    return all(row in true for row in value) if isinstance(value, list) and isinstance(true, list) else value == true


def certify(
    ledger: Digest,
    validators: ValidatorSet,
    keys: dict[str, PrivateKey],
    kind: StatementKind,
    height: int,
    view: int,
    block: Digest,
    signers: Iterable[int],
) -> Certificate:
    """A certificate of the statements that these validators make."""
    domain, chosen = Domain(ledger, validators.digest), tuple(signers)
    unsigned = Statement(kind, height, view, block, 0, 0)
    signed = [sign_statement(domain, replace(unsigned, signer=i), keys[validators.validators[i].member]) for i in chosen]
    return Certificate(MADE_OF[kind], height, view, block, chosen, tuple(s.signature for s in signed))


@cache
def built(specification: NetworkSpecification) -> BuiltNetwork:
    """The network with seeded keys; certificates take a while, so equal specifications share one."""
    classes = {name: find_contract(module) for name, module in specification.contracts}
    return build_network(specification, seeded_keys(SEED), ContractSet(classes, dict.fromkeys(classes, "0" * 64)))
