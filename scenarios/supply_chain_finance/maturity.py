"""Maturity: whoever holds a leaf on the day is paid; who does not pay is blocked; recourse and writing off."""

from ledger.contract import AllOf, Anyone, Context, Identifier, Role, operation
from ledger.contract.calendar import date_text, day_of
from scenarios.fractional import share
from scenarios.supply_chain_finance.freezing import FreezeOperations
from scenarios.supply_chain_finance.parties import SETTLEMENT_BANK
from scenarios.supply_chain_finance.records import Cents, Certificate


class MaturityOperations(FreezeOperations):
    """The part of the contract that pays certificates, or says that they were not paid."""

    @operation(signed_by=AllOf(Role("core"), Role(SETTLEMENT_BANK)))
    def pay_at_maturity(self, context: Context, certificate: Identifier, amount_cents: Cents) -> None:
        """The core pays those who hold the leaves now, in proportion to what each is owed; too little leaves them overdue."""
        # READ
        root = self._root(context, certificate)
        leaves = tuple(self.live_leaves(certificate))
        owed = [leaf.owed_cents for _, leaf in leaves]
        pays_on_ms = self.pays_on(root.due_on_ms)
        # CHECK
        context.require(context.signed_by(root.core), "not-core", core=root.core)
        context.require(day_of(context.time_ms) >= pays_on_ms, "not-due", pays_on=date_text(pays_on_ms))
        context.require(self.standing(certificate, root) != "pending", "wrong-state", certificate=certificate, state=root.state)
        context.require(amount_cents <= sum(owed), "over-payment", owed_cents=sum(owed))
        # WRITE
        for (name, leaf), cents in zip(leaves, share(amount_cents, owed), strict=True):
            self._pay_leaf(context, name, leaf, cents)

    @operation(signed_by=Anyone())
    def mark_overdue(self, context: Context, certificate: Identifier) -> None:
        """Anybody may say that the day has passed and the money has not come."""
        # READ
        root = self._root(context, certificate)
        pays_on_ms = self.pays_on(root.due_on_ms)
        leaves = tuple(self.live_leaves(certificate))
        # CHECK
        context.require(day_of(context.time_ms) > pays_on_ms, "not-overdue", pays_on=date_text(pays_on_ms))
        is_owed = self.standing(certificate, root) != "pending" and len(leaves) > 0
        context.require(is_owed, "wrong-state", certificate=certificate, state=root.state)
        # WRITE
        for name, leaf in leaves:
            if not self._was_overdue(name, leaf):
                self._set_overdue(context, name, leaf)

    @operation(signed_by=Role("bank"))
    def claim_recourse(self, context: Context, certificate: Identifier) -> None:
        """A bank that financed with recourse asks the seller to buy the overdue certificate back."""
        # READ
        found = self.certificates[certificate]
        # CHECK
        context.require(context.signed_by(found.holder), "not-holder", holder=found.holder)
        self.require_state(context, certificate, found, "overdue")
        context.require(found.recourse_to != "", "without-recourse")
        # WRITE
        self.certificates[certificate] = found.replace(state="recourse")
        # EMIT
        self.moved(context, certificate, "overdue", "recourse", against=found.recourse_to)

    @operation(signed_by=AllOf(Anyone(), Role(SETTLEMENT_BANK)))
    def pay_recourse(self, context: Context, certificate: Identifier) -> None:
        """The seller buys the certificate back at what is still owed; from now on the core owes it to the seller."""
        # READ
        found = self.certificates[certificate]
        # CHECK
        self.require_state(context, certificate, found, "recourse")
        context.require(context.signed_by(found.recourse_to), "not-seller", seller=found.recourse_to)
        # WRITE
        self.certificates[certificate] = found.replace(state="overdue", holder=found.recourse_to, recourse_to="")
        self.pay(context, found.recourse_to, found.holder, found.owed_cents, "recourse")
        # EMIT
        self.moved(context, certificate, "recourse", "overdue", holder=found.recourse_to)

    @operation(signed_by=Anyone())
    def write_off(self, context: Context, certificate: Identifier) -> None:
        """The holder gives up what is still owed, by the core and by a seller that does not buy back. The core stays blocked."""
        # READ
        found = self.certificates[certificate]
        obligor = self.obligors[found.core]
        lost = found.owed_cents
        # CHECK
        context.require(context.signed_by(found.holder), "not-holder", holder=found.holder)
        self.require_state(context, certificate, found, "overdue", "recourse")
        # WRITE
        self.certificates[certificate] = found.replace(state="written-off")
        self.owe(found, -lost)
        self.obligors[found.core] = obligor.replace(
            outstanding_cents=obligor.outstanding_cents - lost,
            overdue_cents=obligor.overdue_cents - lost,
            written_off_cents=obligor.written_off_cents + lost,
        )
        # EMIT
        self.moved(context, certificate, found.state, "written-off", lost_cents=lost)

    def _root(self, context: Context, certificate: Identifier) -> Certificate:
        found = self.certificates[certificate]
        context.require(found.root == certificate, "not-a-root", root=found.root)
        return found

    def _pay_leaf(self, context: Context, name: Identifier, leaf: Certificate, cents: int) -> None:
        """Books one leaf's share; it is settled, or what is left of it is overdue. A frozen one's share is set aside."""
        obligor = self.obligors[leaf.core]
        was_overdue = self._was_overdue(name, leaf)
        overdue_cents = obligor.overdue_cents - (cents if was_overdue else 0)
        self.obligors[leaf.core] = obligor.replace(
            outstanding_cents=obligor.outstanding_cents - cents,
            overdue_cents=overdue_cents,
            blocked=obligor.blocked and overdue_cents + obligor.written_off_cents > 0,
        )
        if cents:
            self.owe(leaf, -cents)
            self.pay_holder(context, name, leaf, cents)
        paid = leaf.replace(paid_cents=leaf.paid_cents + cents, offered_to="")
        self.certificates[name] = paid
        if paid.owed_cents == 0:
            self.become(context, name, paid, "settled", holder=leaf.holder)
        elif not was_overdue:
            self._set_overdue(context, name, paid)
        elif cents:
            context.emit("part-paid", certificate=name, owed_cents=paid.owed_cents)

    def _was_overdue(self, name: Identifier, leaf: Certificate) -> bool:
        return self.standing(name, leaf) in ("overdue", "recourse")

    def _set_overdue(self, context: Context, name: Identifier, leaf: Certificate) -> None:
        """A leaf was not paid, or not in full: its core issues nothing more until it is cured."""
        obligor = self.obligors[leaf.core]
        overdue_cents = obligor.overdue_cents + leaf.owed_cents
        self.obligors[leaf.core] = obligor.replace(overdue_cents=overdue_cents, blocked=True)
        self.become(context, name, leaf.replace(offered_to=""), "overdue", owed_cents=leaf.owed_cents)
