"""A court's freeze: a certificate stays where it is, and money for it is set aside until the order is lifted.

    any live state <-> frozen

The core that pays on the day is discharged all the same: a frozen leaf's share goes to the settlement bank, which keeps it
(提存), and on from there to the holder when the court lifts its order. What the day of payment makes of a frozen leaf, paid
or overdue, shows when it thaws.
"""

from ledger.contract import Collection, Context, Identifier, Role, Text, operation
from scenarios.supply_chain_finance.early import EarlyPayOperations
from scenarios.supply_chain_finance.parties import COURT, SETTLEMENT_BANK
from scenarios.supply_chain_finance.records import LIVE, Certificate, CertificateState, Freeze


class FreezeOperations(EarlyPayOperations):
    """The part of the contract that obeys a court."""

    freezes = Collection(Freeze)

    @operation(signed_by=Role(COURT))
    def freeze(self, context: Context, certificate: Identifier, order: Text) -> None:
        """A court orders that nobody moves a certificate that is still owed."""
        # READ
        found = self.certificates[certificate]
        # CHECK
        is_live = found.state in LIVE and found.state != "frozen"
        context.require(is_live, "wrong-state", certificate=certificate, state=found.state)
        # WRITE
        self.freezes[certificate] = Freeze(order=order, before=found.state)
        self.certificates[certificate] = found.replace(state="frozen")
        # EMIT
        self.moved(context, certificate, found.state, "frozen", order=order)

    @operation(signed_by=Role(COURT))
    def unfreeze(self, context: Context, certificate: Identifier, order: Text) -> None:
        """The court lifts its order. Money that was set aside goes to the holder, and the bank that kept it signs too."""
        # READ
        found, freeze = self.certificates[certificate], self.freezes.get(certificate)
        # CHECK
        if freeze is None:  # check: scf-not-frozen
            context.refuse("wrong-state", certificate=certificate, state=found.state)
        is_paid_out = freeze.held_cents == 0 or context.signed_by(freeze.custodian)
        context.require(is_paid_out, "set-aside", custodian=freeze.custodian, held_cents=freeze.held_cents)
        # WRITE
        del self.freezes[certificate]
        self.certificates[certificate] = found.replace(state=freeze.before)
        if freeze.held_cents:
            self.pay(context, freeze.custodian, found.holder, freeze.held_cents, "set-aside")
        # EMIT
        self.moved(context, certificate, "frozen", freeze.before, order=order)

    def standing(self, certificate: Identifier, found: Certificate) -> CertificateState:
        """A certificate's state, of a frozen one the state to which it will return."""
        return self.freezes[certificate].before if found.state == "frozen" else found.state

    def become(self, context: Context, name: Identifier, leaf: Certificate, state: CertificateState, **data: object) -> None:
        """A leaf changes its state; of a frozen one that shows when it thaws."""
        if leaf.state == "frozen":
            self.freezes[name] = self.freezes[name].replace(before=state)
            self.certificates[name] = leaf
        else:
            self.certificates[name] = leaf.replace(state=state)
            self.moved(context, name, leaf.state, state, **data)

    def pay_holder(self, context: Context, name: Identifier, leaf: Certificate, cents: int) -> None:
        """The core's money goes to the holder, or for a frozen leaf to the settlement bank, which keeps it."""
        if leaf.state != "frozen":
            self.pay(context, leaf.core, leaf.holder, cents, "maturity")
            return
        freeze = self.freezes[name]
        custodian = freeze.custodian or next(signer.member for signer in context.signers if SETTLEMENT_BANK in signer.roles)
        self.freezes[name] = freeze.replace(held_cents=freeze.held_cents + cents, custodian=custodian)
        self.pay(context, leaf.core, custodian, cents, "deposit")
