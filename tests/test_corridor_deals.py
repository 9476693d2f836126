"""Single rules of the contract `deals`: each refuses alone. `test_corridor_settlement.py` tries every order of its steps."""

from collections.abc import Callable
from typing import Any

import pytest

from ledger.contract import Context, Member
from ledger.contract.contract import Proved
from ledger.encoding import encode
from ledger.primitives import NO_DIGEST
from ledger.state.overlay import Overlay
from scenarios.corridor.payment import DealPayments
from scenarios.deal_terms import Money
from tests.contract_world import World

PAYEE, PAYER, STRANGER, BANK = "moduco.chen", "epc.braun", "solar.lund", "clearing.desk"
SHIPPING, GOODS = "1" * 64, "2" * 64
MONEY = Money(shipping=SHIPPING, payee=PAYEE, payer=PAYER, price_cents=100, nonce="0" * 32)
DEAL = {"money": MONEY, "goods": GOODS}
PROOF: dict[str, Any] = {"lock": {"value": None, "path": {}}}


class LockedContext(Context):
    """Believes that the bill is locked, if the state says so."""

    def proved(self, ledger: str, place: str, key: str, proof: Any, view: Any, age_max_ms: int | None = None) -> Any:
        return Proved(view(is_locked=True) if self._ledger_state.get("locked", "for", "us") else None, 1, self.time_ms)


class DealWorld(World[DealPayments]):
    """A buyer with enough money, on a ledger that follows shipping."""

    def __init__(self) -> None:
        members = {PAYEE: (), PAYER: (), STRANGER: (), BANK: ("settlement-bank",)}
        super().__init__(DealPayments, members, "2026-04-12")
        self.do(BANK, DealPayments.deposit, member=PAYER, cents=100)
        self.state.put("governance", "ledgers", "shipping", encode({"ledger": SHIPPING}))
        self.state.put("locked", "for", "us", encode({}))

    def _context(self, signers: tuple[Member, ...], state: Overlay) -> Context:
        return LockedContext(self.of, state, signers, self.time_ms, height=1, transaction=NO_DIGEST)


def test_a_deal_is_paid_once() -> None:
    world = DealWorld().do(PAYER, DealPayments.execute, **DEAL, **PROOF)
    assert {member: account.cents for member, account in world.contract.accounts.items()} == {PAYER: 0, PAYEE: 100}
    world.do((BANK, PAYEE), DealPayments.withdraw, member=PAYEE, cents=60)
    assert world.contract.accounts[PAYEE].cents == 40


def execute(world: DealWorld, signer: str = PAYER, **changes: Any) -> str:
    return world.code(signer, DealPayments.execute, **{**DEAL, "money": MONEY.replace(**changes)}, **PROOF)


def not_locked(world: DealWorld) -> str:
    world.state.delete("locked", "for", "us")
    return execute(world)


def twice(world: DealWorld) -> str:
    world.do(PAYEE, DealPayments.cancel, **DEAL)
    return execute(world)


REFUSED: dict[str, Callable[[DealWorld], str]] = {
    "not-the-owner": lambda world: world.code((BANK, STRANGER), DealPayments.withdraw, member=PAYER, cents=1),
    "not-the-payer": lambda world: execute(world, STRANGER),
    "other-ledger": lambda world: execute(world, shipping="3" * 64),
    "not-locked": not_locked,
    "no-funds": lambda world: execute(world, price_cents=101),
    "not-a-party": lambda world: world.code(STRANGER, DealPayments.cancel, **DEAL),
    "deal-ended": twice,
}


@pytest.mark.parametrize("code", REFUSED)
def test_refusal(code: str) -> None:
    assert REFUSED[code](DealWorld()) == code
