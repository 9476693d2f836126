"""Two contracts for tests of what crosses: one locks things where it stands, one asks about them on another ledger."""

from ledger.contract import (
    Anyone,
    Collection,
    Context,
    Contract,
    CrossingProof,
    Identifier,
    NonNegative,
    Positive,
    Record,
    RecordView,
    Refusal,
    operation,
)


class Lock(Record):
    """What may be shown to another ledger."""

    thing: Identifier
    price_cents: NonNegative


class Safe(Contract):
    """Locks."""

    name = "safe"
    crossing_locks = Collection(Lock)
    kept = Collection(Lock)
    """The same, not to be shown elsewhere."""

    @operation(signed_by=Anyone())
    def lock(self, context: Context, deal: Identifier, thing: Identifier, price_cents: NonNegative) -> None:
        """Locks a thing under the name of a deal."""
        self.crossing_locks[deal] = self.kept[deal] = Lock(thing=thing, price_cents=price_cents)

    @operation(signed_by=Anyone())
    def open(self, context: Context, deal: Identifier) -> None:
        """Opens it again."""
        del self.crossing_locks[deal]


class LockView(RecordView):
    """What the other ledger asks for."""

    price_cents: NonNegative


class ThingView(RecordView):
    """What a lock does not have."""

    weight: NonNegative


class Noted(Record):
    """What was proved."""

    price_cents: NonNegative | None
    height: NonNegative


class Desk(Contract):
    """Notes what is locked elsewhere."""

    name = "desk"
    notes = Collection(Noted)
    refusals = {"free": Refusal(en="{deal} is not locked there.")}

    @operation(signed_by=Anyone())
    def note(self, context: Context, deal: Identifier, proof: CrossingProof, age_max_ms: Positive | None = None) -> None:
        """Notes a lock, or that there is none."""
        proved = context.proved("harbour", "safe.crossing_locks", deal, proof, LockView, age_max_ms)
        self.notes[deal] = Noted(price_cents=proved.record.price_cents if proved.record else None, height=proved.height)

    @operation(signed_by=Anyone())
    def weigh(self, context: Context, deal: Identifier, proof: CrossingProof) -> None:
        """Asks for a field that is not there."""
        context.proved("harbour", "safe.crossing_locks", deal, proof, ThingView)

    @operation(signed_by=Anyone())
    def peep(self, context: Context, deal: Identifier, proof: CrossingProof) -> None:
        """Asks for what does not cross."""
        context.proved("harbour", "safe.kept", deal, proof, LockView)
