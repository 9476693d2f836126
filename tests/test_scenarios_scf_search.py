"""Search over sequences of operations: whatever people try, in whatever order, the books must add up.

After every operation that takes effect, what the state says is added up again by this file, which shares no rule with the
contract. Seeded walks go far; hypothesis leads the same walk and finds the shortest way to a breach.
"""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from scenarios.supply_chain_finance.cast import CLEARING, HAIHE, LANHAI, TONGDA, YANSHAN
from scenarios.supply_chain_finance.records import LIVE, Certificate
from tests.scf_walk import BEGINNINGS, OFTEN, SELDOM, Walk
from tests.scf_world import MILLION, World

STEPS = 900
SEEDS = 10
TRIES = 8
T = TypeVar("T")


def faults_of(world: World) -> Iterator[str]:
    """What does not add up: certificates, invoices, debts, dates, registrations, cash."""
    held = dict(world.contract.certificates.items())
    leaves = {name: found for name, found in held.items() if not found.children}
    owed = 0
    for name, found in held.items():
        below = [leaf.amount_cents for leaf in leaves.values() if leaf.root == name]
        if found.root == name and sum(below) != found.amount_cents:
            yield f"I1 {name}: {sum(below)} below {found.amount_cents}"
        if found.root == name and len(below) != found.leaves:
            yield f"{name}: {len(below)} leaves, {found.leaves} counted"
        if found.parent and name not in held[found.parent].children:
            yield f"I1 {name} is no child of {found.parent}"
        got = found.paid_cents + found.discount_cents
        if got > found.amount_cents or (standing(world, name, found) == "settled") != (got == found.amount_cents):
            yield f"I1 {name}: {found.state} with {got} paid or let go"
        if (found.state == "frozen") != (name in world.contract.freezes):
            yield f"{name}: {found.state}, and the court's order says otherwise"
        if (found.due_on_ms, found.core, found.platform) != (held[found.root].due_on_ms, held[found.root].core, TONGDA):
            yield f"I3 {name}"
        if name in leaves and found.state in LIVE:
            owed += found.amount_cents - found.paid_cents - found.discount_cents
        registration, application = world.contract.registrations.get(name), world.contract.applications.get(name)
        if registration and registration.state == "registered" and application.bank != registration.assignee:  # type: ignore[union-attr]
            yield f"I2 {name}: registered by {registration.assignee}"
        if found.state == "financed" and (registration is None or application is None or application.bank != found.holder):
            yield f"I2 {name}: financed, and not with its bank"
        if found.state == "financed" and registration is not None and registration.state == "cancelled":
            yield f"I2 {name}: financed without a registration"
    for name, invoice in world.contract.invoices.items():
        drawn = [part.amount_cents for found in held.values() for part in found.backing if part.invoice == name]
        if sum(drawn) != invoice.used_cents or (len(drawn) > 1 if invoice.document else sum(drawn) > invoice.amount_cents):
            yield f"I4 {name}: {sum(drawn)} of {invoice.amount_cents}"
    obligor = world.contract.obligors[HAIHE]
    late_leaves = [found for name, found in held.items() if standing(world, name, found) in ("overdue", "recourse")]
    late = sum(found.amount_cents - found.paid_cents for found in late_leaves)
    if (obligor.outstanding_cents, obligor.overdue_cents) != (owed, late) or owed > 12 * MILLION:
        yield f"I5 {obligor} but {owed} owed, {late} late"
    if (late > 0 or obligor.written_off_cents > 0) != obligor.blocked:
        yield f"I8 blocked is {obligor.blocked} with {late} late"
    lost = sum(found.amount_cents - found.paid_cents for found in held.values() if found.state == "written-off")
    if lost != obligor.written_off_cents:
        yield f"I1 {lost} lost, {obligor.written_off_cents} booked"
    offered_roots = [found for name, found in held.items() if standing(world, name, found) == "pending" and not found.parent]
    offered = sum(found.amount_cents for found in offered_roots)
    for bank in (YANSHAN, LANHAI):
        financed = sum(found.owed_cents for name, found in held.items() if found.holder == bank and found.state in LIVE)
        if financed > world.contract.lines[f"{HAIHE}:{bank}"].limit_cents:
            yield f"{bank}: {financed} beyond its own line"
    waiting = sum(order.held_cents for _, order in world.contract.freezes.items())
    if sum(row.owed_cents for _, row in world.contract.maturities.items()) != owed - offered:
        yield "what falls due is not what was accepted and is owed"
    changes = {name: account.change_cents for name, account in world.contract.accounts.items()}
    if sum(changes.values()) != 0 or TONGDA in changes:
        yield f"I7 {changes}"
    if -changes[HAIHE] != sum(found.paid_cents for found in held.values()):
        yield f"I7 Haihe paid {-changes[HAIHE]}"
    if changes.get(CLEARING, 0) != waiting:
        yield f"I7 {changes.get(CLEARING)} with the settlement bank, {waiting} set aside"


def standing(world: World, name: str, found: Certificate) -> str:
    """A certificate's state, of a frozen one the state that waits."""
    order = world.contract.freezes.get(name)
    return order.before if order else found.state


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_is_tried_the_books_add_up(seed: int) -> None:
    walk = Walk(seed)
    for _ in range(STEPS):
        if done := walk.step():
            assert [*faults_of(walk.world)] == [], done


def test_walks_reach_every_operation() -> None:
    taken: set[str] = set()
    for seed in range(100, 130):
        walk = Walk(seed)
        taken |= {walk.step().partition(" ")[0] for _ in range(STEPS)}
    assert set(OFTEN + SELDOM) - taken == set()


class Drawn:
    """Chance, as hypothesis draws and shrinks it."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data

    def choice(self, options: Sequence[T], /) -> T:
        """One of them."""
        return self.data.draw(st.sampled_from(options))

    def randrange(self, end: int, /) -> int:
        """A whole number below."""
        return self.data.draw(st.integers(0, end - 1))


class Trading(RuleBasedStateMachine):
    """The same walk, led by hypothesis."""

    @initialize(beginning=st.integers(0, len(BEGINNINGS) - 1))
    def begin(self, beginning: int) -> None:
        """A new ledger, or one with something to lose."""
        self.walk = Walk(beginning)

    @rule(data=st.data())
    def step(self, data: st.DataObject) -> None:
        """Anybody does something that takes effect, unless all that is tried is refused."""
        self.walk.random = Drawn(data)
        done = next(filter(None, (self.walk.step() for _ in range(TRIES))), "nothing")
        assert [*faults_of(self.walk.world)] == [], done


TestTrading = Trading.TestCase
TestTrading.settings = settings(
    max_examples=50, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
