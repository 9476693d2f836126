"""Delivery against payment on two ledgers: every order of what parties, relayers and a fork can do, on the contracts themselves.

Both machines are the contracts of the two ledgers. What is left out is how a fact is proved (`test_ledger_foreign.py`): here a
ledger knows what it was brought of the other one, which may be old, and brings nothing itself. A crash between two
transactions, a delay and a party that does nothing are orders in which something comes later or never; a duplicate is an
operation that is tried again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger.contract import Context, CrossingProof, Operation
from ledger.contract.contract import Proved
from ledger.contract.records import json_of
from ledger.encoding import encode
from ledger.errors import RefusedError
from ledger.primitives import NO_DIGEST
from ledger.state.overlay import Overlay
from scenarios.corridor.payment import DealPayments
from scenarios.deal_terms import Goods, Money, deal_id, part_digest
from scenarios.shipping.cast import ELBKONTOR, JIANGLAN, YANSHAN
from scenarios.shipping.contract import Shipping
from scenarios.shipping.shipments import A, B
from tests import contract_world, shipping_world

SEA, CASH = "11" * 32, "22" * 32
"""Genesis digests of the two ledgers."""
PAYEE, FIRST_PAYER, SECOND_PAYER, BANK = "moduco.chen", "epc.braun", "solar.lund", "clearing.desk"
PRICE_CENTS, FUNDS_CENTS = 100, 100
"""Each buyer can pay once."""
Facts = frozenset[tuple[str, str]]
"""What one ledger was brought of the other: deal and its record."""


@dataclass(frozen=True, slots=True)
class Deal:
    """What two parties agreed on."""

    goods: Goods
    money: Money

    @property
    def id(self) -> str:
        return deal_id(part_digest(self.goods), part_digest(self.money))


def deal(bill: str, buyer: str, payer: str) -> Deal:
    money = Money(shipping=SEA, payee=PAYEE, payer=payer, price_cents=PRICE_CENTS, nonce="0" * 32)
    return Deal(Goods(finance=CASH, bill=bill, seller=JIANGLAN, buyer=buyer), money)


DEALS = (
    deal(A.document, ELBKONTOR, FIRST_PAYER),
    deal(A.document, YANSHAN, SECOND_PAYER),  # the same bill to another buyer
    deal(B.document, ELBKONTOR, FIRST_PAYER),  # another bill for the same payment
)


class KnowingContext(Context):
    """Proves what the ledger was brought."""

    known: Facts = frozenset()

    def proved(self, ledger: str, place: str, key: str, proof: Any, view: Any, age_max_ms: int | None = None) -> Any:
        found = dict(self.known).get(key)
        return Proved(view.model_validate_json(found) if found else None, 1, self.time_ms)


@dataclass(slots=True)
class Machine:
    """One ledger: its contract, and each state that was met, by what a reader sees of it."""

    world: contract_world.World[Any]
    crossing: str
    seen: Mapping[str, tuple[str, ...]]
    """Collections that tell its states apart."""
    states: dict[str, Overlay] = field(default_factory=dict)
    steps: dict[tuple[str, str, Facts], tuple[str, str]] = field(default_factory=dict)
    """What an operation led to, with its code."""

    def begin(self) -> str:
        return self._kept(self.world.state)

    def run(self, state: str, known: Facts, signer: str, operation: Operation, **arguments: object) -> tuple[str, str]:
        """The code and the state after it."""
        key = (state, f"{signer}{operation.name}{encode(json_of(arguments))!r}", known)
        if key not in self.steps:
            draft = Overlay(self.states[state])
            members = self.world.context(signer).signers
            context = KnowingContext(self.world.of, draft, members, self.world.time_ms, 1, NO_DIGEST)
            context.known = known
            try:
                self.world.of.run(context, operation.name, json_of(arguments))
                self.steps[key] = ("ok", self._kept(draft))
            except RefusedError as error:
                self.steps[key] = (error.code, state)
        return self.steps[key]

    def shows(self, state: str) -> Facts:
        """What stands in its crossing collection."""
        rows = self.states[state].page(self.world.of.name, self.crossing, "", 100)
        return frozenset((key, value.decode()) for key, value in rows)

    def read(self, state: str) -> Any:
        return self.world.of(self.states[state])

    def _kept(self, state: Overlay) -> str:
        rows = [state.page(name, part, "", 100) for name, parts in self.seen.items() for part in parts]
        key = repr([[(k, v) for k, v in page] for page in rows])
        self.states.setdefault(key, state)
        return key


def sea() -> Machine:
    """The seller holds two bills to its own order."""
    world = shipping_world.delivered(B, shipping_world.to_order())
    world.state.put("governance", "ledgers", "finance", encode({"ledger": CASH}))
    return Machine(world, "crossing_locks", {"shipping": ("titles", "bill_locks", "crossing_locks")})


def cash() -> Machine:
    """Each buyer has the money for one bill."""
    members = {PAYEE: (), FIRST_PAYER: (), SECOND_PAYER: (), BANK: ("settlement-bank",)}
    world = contract_world.World(DealPayments, members, "2026-04-12")
    for payer in (FIRST_PAYER, SECOND_PAYER):
        world.do(BANK, DealPayments.deposit, member=payer, cents=FUNDS_CENTS)
    world.state.put("governance", "ledgers", "shipping", encode({"ledger": SEA}))
    return Machine(world, "crossing_ends", {"deals": ("accounts", "crossing_ends")})


NO_PROOF = CrossingProof(value=None, path={})


@dataclass(frozen=True, slots=True)
class Joint:
    """Both ledgers, and what each knows of the other. After a fork of finance there are two of it, which show both ends."""

    sea: str
    cash: str
    known_at_sea: Facts = frozenset()
    known_at_cash: Facts = frozenset()
    fork: str = ""
    """The other branch of finance."""
    frozen: bool = False
    """Whether shipping was shown the fork: it believes nothing more of finance."""


class Search:
    """Every state that two ledgers can reach."""

    def __init__(self, deals: tuple[Deal, ...], may_fork: bool = False) -> None:
        self.deals, self.may_fork = deals, may_fork
        self.sea, self.cash = sea(), cash()
        self.first = Joint(self.sea.begin(), self.cash.begin())
        self.tried = 0
        self.codes: set[str] = set()

    def reached(self) -> Iterator[Joint]:
        found, waiting = {self.first}, [self.first]
        while waiting:
            joint = waiting.pop()
            yield joint
            for after in self.following(joint):
                self.tried += 1
                if after not in found:
                    found.add(after)
                    waiting.append(after)

    def following(self, joint: Joint) -> Iterator[Joint]:
        """After each thing that anybody can do, allowed or refused."""
        at_sea: dict[str, Any] = {"cash": joint.cash, "known_at_sea": joint.known_at_sea, "known_at_cash": joint.known_at_cash}
        rest: dict[str, Any] = {"fork": joint.fork, "frozen": joint.frozen}
        known = frozenset[tuple[str, str]]() if joint.frozen else joint.known_at_sea
        for one in self.deals:
            parts = {"goods": one.goods, "money": part_digest(one.money)}
            for operation, more in (
                (Shipping.lock_bill, {}), (Shipping.hand_over, {"end": NO_PROOF}), (Shipping.give_back, {"end": NO_PROOF})
            ):  # fmt: skip
                yield Joint(self._done(self.sea, joint.sea, known, JIANGLAN, operation, **parts, **more), **at_sea, **rest)
        for bill in sorted({one.goods.bill for one in self.deals}):
            for signer in (JIANGLAN, ELBKONTOR):
                passed = self._done(self.sea, joint.sea, known, signer, Shipping.transfer, document=bill, to=YANSHAN)
                yield Joint(passed, **at_sea, **rest)
        for branch in ("cash", "fork") if joint.fork else ("cash",):
            yield from self._paid(joint, branch)
        if self.may_fork and not joint.fork:
            yield Joint(joint.sea, joint.cash, joint.known_at_sea, joint.known_at_cash, fork=joint.cash)
        yield from self._brought(joint)

    def _paid(self, joint: Joint, branch: str) -> Iterator[Joint]:
        """What is done on one branch of finance."""
        now = getattr(joint, branch)
        for one in self.deals:
            parts = {"money": one.money, "goods": part_digest(one.goods)}
            for signer, operation, more in (
                (one.money.payer, DealPayments.execute, {"lock": NO_PROOF}),
                (one.money.payer, DealPayments.cancel, {}),
                (PAYEE, DealPayments.cancel, {}),
            ):
                after = self._done(self.cash, now, joint.known_at_cash, signer, operation, **parts, **more)
                cash, fork = (after, joint.fork) if branch == "cash" else (joint.cash, after)
                yield Joint(joint.sea, cash, joint.known_at_sea, joint.known_at_cash, fork, joint.frozen)

    def _brought(self, joint: Joint) -> Iterator[Joint]:
        """A relayer brings to one ledger what the other shows now; later it is old."""
        yield Joint(joint.sea, joint.cash, joint.known_at_sea, self.sea.shows(joint.sea), joint.fork, joint.frozen)
        if joint.frozen:
            return
        for branch in filter(None, (joint.cash, joint.fork)):
            yield Joint(joint.sea, joint.cash, self.cash.shows(branch), joint.known_at_cash, joint.fork, False)
        if joint.fork and joint.fork != joint.cash:
            yield Joint(joint.sea, joint.cash, joint.known_at_sea, joint.known_at_cash, joint.fork, True)

    def _done(self, machine: Machine, state: str, known: Facts, signer: str, operation: Operation, **arguments: object) -> str:
        code, after = machine.run(state, known, signer, operation, **arguments)
        self.codes.add(code)
        return after

    def ends(self, cash: str) -> dict[str, str]:
        return {key: record.end for key, record in self.cash.read(cash).crossing_ends.items()}


def verify_one_finance(search: Search, joint: Joint) -> None:
    """Never both, never neither, one payment frees one bill; money is neither made nor lost."""
    there, ends = search.sea.read(joint.sea), search.ends(joint.cash)
    balances = {member: account.cents for member, account in search.cash.read(joint.cash).accounts.items()}
    assert sum(balances.values()) == 2 * FUNDS_CENTS
    paid = [one for one in search.deals if ends.get(one.id) == "executed"]
    assert balances.get(PAYEE, 0) == PRICE_CENTS * len(paid)
    for bill in {one.goods.bill for one in search.deals}:
        mine = [one for one in search.deals if one.goods.bill == bill]
        assert sum(1 for one in mine if one in paid) <= 1, "two buyers paid for one bill"
    for one in search.deals:
        title, lock = there.titles[one.goods.bill], there.bill_locks.get(one.goods.bill)
        is_locked = lock is not None and lock.deal == one.id
        if one in paid:  # the buyer has the bill, or nobody can do anything with it but give it to the buyer
            had_it = any(entry.recipient == one.goods.buyer for _, entry in there.chain.items(prefix=f"{one.goods.bill}:"))
            assert is_locked or had_it, "paid, and the bill went elsewhere"
        if is_locked:
            assert title.possessor == JIANGLAN


def verify_a_way_out(search: Search, joint: Joint) -> None:
    """Whatever has happened, the seller gets out of a lock: with the money, or with the bill."""
    for one in search.deals:
        lock = search.sea.read(joint.sea).bill_locks.get(one.goods.bill)
        if lock is None or lock.deal != one.id:
            continue
        parts = {"money": one.money, "goods": part_digest(one.goods)}
        _, cash = search.cash.run(joint.cash, joint.known_at_cash, PAYEE, DealPayments.cancel, **parts)
        operation = Shipping.hand_over if search.ends(cash)[one.id] == "executed" else Shipping.give_back
        mine = {"goods": one.goods, "money": part_digest(one.money), "end": NO_PROOF}
        assert search.sea.run(joint.sea, search.cash.shows(cash), ELBKONTOR, operation, **mine)[0] == "ok"


def test_no_order_of_events_gives_a_bill_without_payment_or_takes_a_payment_without_the_bill() -> None:
    search = Search(DEALS)
    count = 0
    for joint in search.reached():
        count += 1
        verify_one_finance(search, joint)
        verify_a_way_out(search, joint)
    assert {"ok", "locked-for-deal", "deal-known", "deal-ended", "not-locked", "deal-not-so", "no-funds"} <= search.codes
    print(f"{count} states, {search.tried} steps, {len(search.sea.states)} of shipping, {len(search.cash.states)} of finance")


def test_a_fork_of_finance_gives_a_bill_to_one_party_and_nothing_more_once_it_is_shown() -> None:
    search = Search(DEALS[:1], may_fork=True)
    for joint in search.reached():
        there = search.sea.read(joint.sea)
        entries = [entry for _, entry in there.chain.items(prefix=f"{A.document}:") if entry.action == "ENDORSE_TO_ORDER"]
        assert len(entries) <= 1
        for branch in filter(None, (joint.cash, joint.fork)):
            accounts = search.cash.read(branch).accounts
            assert sum(account.cents for _, account in accounts.items()) == 2 * FUNDS_CENTS
        if joint.frozen:
            for operation in (Shipping.hand_over, Shipping.give_back):
                mine = {"goods": DEALS[0].goods, "money": part_digest(DEALS[0].money), "end": NO_PROOF}
                assert search.sea.run(joint.sea, frozenset(), JIANGLAN, operation, **mine)[0] != "ok"
