"""Certificates: accepted or declined, split and passed on without losing a cent."""

from collections.abc import Iterator

from ledger.contract import Anyone, Collection, Context, Identifier, MemberId, Record, Timestamp, operation
from ledger.contract.calendar import DAY_MS
from scenarios.fractional import PARTS_MAX, fault_of_split
from scenarios.supply_chain_finance.invoices import InvoiceOperations
from scenarios.supply_chain_finance.records import (
    LIVE,
    Backing,
    Certificate,
    CertificateState,
    Flag,
    Maturity,
    PartCents,
)

DEPTH_MAX = 10
"""Longest way from a root: the wire format of the trade holds ten steps."""
LEAVES_MAX = 90
"""Most certificates that one root ends in, so that one transaction can pay them all."""
ACCEPT_DAYS = 10
"""How long an offer stands."""


class Part(Record):
    """One part of a split: for the holder itself, or for a supplier of the holder whose invoices stand behind it."""

    to: MemberId
    amount_cents: PartCents
    invoices: tuple[Identifier, ...] = ()


class CertificateOperations(InvoiceOperations):
    """The part of the contract that moves and splits certificates."""

    certificates = Collection(Certificate)
    maturities = Collection(Maturity)

    @operation(signed_by=Anyone())
    def accept(self, context: Context, certificate: Identifier) -> None:
        """Whom it was offered to takes it and becomes the holder; nobody is made to."""
        # READ
        found = self._offered(context, certificate)
        # CHECK
        context.require(context.signed_by(found.offered_to), "not-offered-to", offered_to=found.offered_to)
        self.require_party(context, found.offered_to)
        context.require(context.time_ms <= found.accept_by_ms, "offer-expired")
        self.require_not_matured(context, certificate, found)
        # WRITE
        if not found.parent:
            self.owe(found, found.amount_cents)
        lineage = (*found.lineage, found.offered_to)
        self.certificates[certificate] = found.replace(state="active", holder=found.offered_to, offered_to="", lineage=lineage)
        # EMIT
        self.moved(context, certificate, "pending", "active", holder=found.offered_to)

    @operation(signed_by=Anyone())
    def reject(self, context: Context, certificate: Identifier) -> None:
        """Whom it was offered to declines: it goes back to the one who offered it."""
        # READ
        found = self._offered(context, certificate)
        # CHECK
        context.require(context.signed_by(found.offered_to), "not-offered-to", offered_to=found.offered_to)
        # WRITE
        self._give_back(context, certificate, found, "rejected")

    @operation(signed_by=Anyone())
    def void(self, context: Context, certificate: Identifier) -> None:
        """The one who offered it takes it back before it was accepted."""
        # READ
        found = self._offered(context, certificate)
        # CHECK
        context.require(context.signed_by(found.holder), "not-holder", holder=found.holder)
        # WRITE
        self._give_back(context, certificate, found, "void")

    @operation(signed_by=Anyone())
    def expire(self, context: Context, certificate: Identifier) -> None:
        """Anybody may say that the time to accept has passed."""
        # READ
        found = self._offered(context, certificate)
        # CHECK
        context.require(context.time_ms > found.accept_by_ms, "offer-stands")
        # WRITE
        self._give_back(context, certificate, found, "expired")

    @operation(signed_by=Anyone())
    def split_transfer(self, context: Context, certificate: Identifier, parts: tuple[Part, ...]) -> None:
        """The holder pays its own suppliers with parts of the certificate; what remains is a part back to itself."""
        # READ
        found = self.certificates[certificate]
        root = found if found.root == certificate else self.certificates[found.root]
        # CHECK
        self.require_held(context, certificate, found)
        self.require_party(context, found.holder)
        self._require_exact(context, found, parts)
        context.require(found.depth < DEPTH_MAX, "too-deep", depth_max=DEPTH_MAX)
        context.require(root.leaves + len(parts) - 1 <= LEAVES_MAX, "too-many-leaves", leaves_max=LEAVES_MAX)
        context.require(any(part.to != found.holder for part in parts), "to-self", member=found.holder)
        # WRITE
        names = tuple(f"{certificate}-{number}" for number in range(1, len(parts) + 1))
        self.certificates[certificate] = found.replace(state="consumed", children=names)
        self._count_leaves(found.root, len(parts) - 1)
        for name, part in zip(names, parts, strict=True):
            self.certificates[name] = self._part(context, name, certificate, found, part)
        # EMIT
        self.moved(context, certificate, "active", "consumed", parts=names)

    def moved(self, context: Context, certificate: Identifier, before: str, after: str, **data: object) -> None:
        """Announces a change of state."""
        context.emit("moved", certificate=certificate, before=before, after=after, **data)

    def require_state(self, context: Context, certificate: Identifier, found: Certificate, *states: CertificateState) -> None:
        """Refuses unless the certificate is in one of the states."""
        context.require(found.state in states, "wrong-state", certificate=certificate, state=found.state)

    def require_held(self, context: Context, certificate: Identifier, found: Certificate) -> None:
        """Refuses unless the certificate is free, not matured, and its holder signs."""
        context.require(context.signed_by(found.holder), "not-holder", holder=found.holder)
        self.require_state(context, certificate, found, "active")
        self.require_not_matured(context, certificate, found)

    def require_not_matured(self, context: Context, certificate: Identifier, found: Certificate) -> None:
        """Refuses from the due date on."""
        context.require(context.time_ms < found.due_on_ms, "past-due", certificate=certificate)

    def owe(self, certificate: Certificate, change_cents: int) -> None:
        """Books what the core owes on the certificate's due date: more with an acceptance, less with payment or writing off."""
        key = maturity_key(certificate.core, certificate.due_on_ms)
        known = self.maturities.get(key)
        owed_cents = (known.owed_cents if known else 0) + change_cents
        if owed_cents:
            self.maturities[key] = Maturity(owed_cents=owed_cents)
        else:
            del self.maturities[key]

    def live_leaves(self, certificate: Identifier) -> Iterator[tuple[Identifier, Certificate]]:
        """All that came of a certificate and is still owed, in order of the tree."""
        waiting = [certificate]
        while waiting:
            name = waiting.pop()
            found = self.certificates[name]
            if not found.children and found.state in LIVE and found.owed_cents > 0:
                yield name, found
            waiting += reversed(found.children)

    def _offered(self, context: Context, certificate: Identifier) -> Certificate:
        found = self.certificates[certificate]
        self.require_state(context, certificate, found, "pending")
        return found

    def _require_exact(self, context: Context, found: Certificate, parts: tuple[Part, ...]) -> None:
        amounts = [part.amount_cents for part in parts]
        fault = fault_of_split(found.amount_cents, amounts)
        sums = {"sum_cents": sum(amounts), "amount_cents": found.amount_cents} if fault == "wrong-sum" else {}
        if fault is not None:  # check: scf-bad-split
            context.refuse(fault, parts_max=PARTS_MAX, **sums)

    def _part(self, context: Context, name: Identifier, parent: Identifier, found: Certificate, part: Part) -> Certificate:
        """A part as it begins: the holder's own is free at once, one for another is offered and has a trade behind it."""
        born = found.replace(parent=parent, amount_cents=part.amount_cents, depth=found.depth + 1, backing=(), leaves=0)
        if part.to == found.holder:
            return born
        self.require_party(context, part.to)
        backing = self.use_invoices(
            context, part.invoices, seller=part.to, buyer=found.holder, amount_cents=part.amount_cents, certificate=name
        )
        return born.replace(
            state="pending",
            offered_to=part.to,
            accept_by_ms=context.time_ms + ACCEPT_DAYS * DAY_MS,
            backing=backing,
            flags=self.flags(found.flags, found.lineage, part.to, backing),
        )

    def flags(
        self, flags: tuple[Flag, ...], lineage: tuple[MemberId, ...], to: MemberId, backing: tuple[Backing, ...]
    ) -> tuple[Flag, ...]:
        """Warnings are inherited: whoever finances a part looks at its whole way."""
        warnings: dict[Flag, bool] = {
            "round-trip": to in lineage,
            "similar-invoice": any(self.invoices[part.invoice].resembles for part in backing),
        }
        return tuple(flag for flag, is_raised in warnings.items() if is_raised or flag in flags)

    def _give_back(self, context: Context, certificate: Identifier, found: Certificate, state: CertificateState) -> None:
        """Ends an offer. A root ends with it; a part returns to its holder as a new certificate of the same face."""
        self.release_invoices(found.backing)
        if not found.parent:
            obligor = self.obligors[found.core]
            self.obligors[found.core] = obligor.replace(outstanding_cents=obligor.outstanding_cents - found.amount_cents)
            self.certificates[certificate] = found.replace(state=state, offered_to="", backing=())
        else:
            returned = f"{certificate}-1"
            self.certificates[certificate] = found.replace(state=state, offered_to="", backing=(), children=(returned,))
            flags = self.certificates[found.parent].flags
            self.certificates[returned] = found.replace(
                parent=certificate, state="active", offered_to="", backing=(), flags=flags, depth=found.depth
            )
        self.moved(context, certificate, "pending", state, offered_to=found.offered_to)

    def _count_leaves(self, root: Identifier, more: int) -> None:
        found = self.certificates[root]
        self.certificates[root] = found.replace(leaves=found.leaves + more)


def maturity_key(core: MemberId, due_on_ms: Timestamp | None = None) -> str:
    """Key of a maturity; without the day what the keys of all of a core's maturities begin with, the earliest first."""
    return f"{core}:" if due_on_ms is None else f"{core}:{due_on_ms:015}"
