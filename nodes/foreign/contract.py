"""The contract `foreign`: what this ledger knows of others. Governance says whom to follow and from where on (`AdmitLedger`);
anybody brings newer headers, which their validators' signatures prove, or the proof that those decided two blocks of one height.

Other contracts ask with `Context.proved` for what these headers lead to, and check no signature themselves.
"""

from typing import Annotated, Any

from pydantic import Field

from ledger.contract import (
    Absent,
    Anyone,
    Collection,
    Context,
    Contract,
    Identifier,
    MemberId,
    NonNegative,
    Record,
    RecordView,
    operation,
)
from ledger.contract.foreign import ForeignLedger, ValidatorEntry, convicted, decided, set_digest

STEPS_MAX = 4
"""Blocks that one transaction brings: with a hundred validators 268 signatures."""
PAIRS_MAX = 34
EARLIER_MAX = 7
"""Headers that are kept beside the newest: a proof that leads to one of them stays good while others bring newer ones."""


class Admission(RecordView):
    """What governance says of another ledger."""

    ledger: str
    suite: str
    height: int
    validators: tuple[ValidatorEntry, ...]
    admitted_height: int


class Head(Record):
    """What is known of another ledger."""

    known: ForeignLedger
    """Whose signatures decide there: the set since its last change, and the height of that."""
    header: dict[str, Any]
    """The newest header."""
    earlier: tuple[dict[str, Any], ...] = ()
    """Those that transactions before brought last, the latest first."""
    is_frozen: bool = False


class UsedSet(Record):
    """A validator set that another ledger had and has no longer."""

    until: NonNegative
    """Height of the last block that it decided."""


class Conflict(Record):
    """Two blocks of one height, each decided."""

    blocks: tuple[str, str]
    convicted: tuple[MemberId, ...]
    """Members over there whose keys signed what no honest key signs together."""
    froze: bool
    """Whether that set decides there now, so that nothing of the ledger is believed any more."""


class BroughtBlock(Record):
    """A block of another ledger: its header, its CommitCert, and its validators where those that are known here are others."""

    header: dict[str, Any]
    certificate: dict[str, Any]
    validators: tuple[ValidatorEntry, ...] = ()
    """In `advance`, of a block that changes the set: the next set. In `report_fork`, of a set that is not the present one: it."""


StatementPair = Annotated[tuple[dict[str, Any], ...], Field(min_length=2, max_length=2)]
"""Two statements of one key."""


class Foreign(Contract):
    """What this ledger knows of others: their newest headers, and which of them were caught with two blocks of one height."""

    name = "foreign"
    heads = Collection(Head)
    """By LEDGER:HEIGHT of its admission: what an earlier admission learned is believed no more."""
    used_sets = Collection(UsedSet)
    """By LEDGER:DIGEST."""
    conflicts = Collection(Conflict)
    """By LEDGER:HEIGHT:SET, the digest of the set that decided both: what one set did hides nothing of another."""
    reads = {"governance.ledgers": Admission}
    words = "words.toml"

    @operation(signed_by=Anyone())
    def advance(
        self,
        context: Context,
        ledger: Identifier,
        blocks: Annotated[tuple[BroughtBlock, ...], Field(min_length=1, max_length=STEPS_MAX)],
    ) -> None:
        """Takes newer blocks of another ledger: the newest one, and before it each that changed the validators."""
        # READ
        admission, place = self._admission(context, ledger)
        head = before = self.heads.get(place) or Head(known=admission, header={})
        # CHECK
        context.require(not head.is_frozen, "ledger-frozen", ledger=ledger)
        for block in blocks:
            head = self._followed(context, ledger, head, block)
        # WRITE
        earlier = (before.header, *before.earlier)[:EARLIER_MAX] if before.header else ()
        self.heads[place] = head.replace(earlier=earlier)
        # EMIT
        context.emit("advanced", ledger=ledger, height=head.header["height"])

    @operation(signed_by=Anyone())
    def report_fork(
        self,
        context: Context,
        ledger: Identifier,
        first: BroughtBlock,
        second: BroughtBlock,
        pairs: Annotated[tuple[StatementPair, ...], Field(max_length=PAIRS_MAX)] = (),
    ) -> None:
        """Shows that validators of another ledger decided two blocks of one height. If they are the present ones, nothing of that
        ledger is believed from now on; of former ones it is only noted, for their keys may have been lost since.

        Of two views the certificates alone convict nobody; `pairs` of statements do, as `tallystick verify` finds them.
        """
        # READ
        admission, place = self._admission(context, ledger)
        head = self.heads.get(place) or Head(known=admission, header={})
        named, known = first.header.get("validators"), head.known
        is_present = named == set_digest(known.validators)
        if not is_present:
            context.require(f"{ledger}:{named}" in self.used_sets, "unknown-set", ledger=ledger)
            known = known.model_copy(update={"height": 0, "validators": first.validators})
        # CHECK
        one, other = (decided(context, known, block.header, block.certificate) for block in (first, second))
        context.require(one.height == other.height and one.id != other.id, "no-conflict")
        guilty = convicted(context, known, (first.certificate, second.certificate), pairs)
        key = f"{ledger}:{one.height}:{named}"
        before = self.conflicts.get(key)
        earlier = before.convicted if before else ()
        more = tuple(member for member in guilty if member not in earlier)
        freezes = is_present and not head.is_frozen
        context.require(before is None or bool(more) or freezes, "conflict-recorded", ledger=ledger, height=one.height)
        # WRITE
        froze = is_present or (before is not None and before.froze)
        self.conflicts[key] = Conflict(blocks=(one.id, other.id), convicted=(*earlier, *more), froze=froze)
        if freezes:
            self.heads[place] = head.replace(is_frozen=True)
        # EMIT
        context.emit("forked", ledger=ledger, height=one.height, convicted=(*earlier, *more), froze=froze)

    def _admission(self, context: Context, ledger: str) -> tuple[ForeignLedger, str]:
        """What governance said of the ledger, and where the head is kept; refuses with `unknown-ledger`."""
        view = context.read(Admission, ledger)
        if isinstance(view, Absent):  # check: foreign-admitted
            context.refuse("unknown-ledger", ledger=ledger)
        return ForeignLedger.model_validate(view.model_dump()), f"{ledger}:{view.admitted_height}"

    def _followed(self, context: Context, ledger: str, head: Head, block: BroughtBlock) -> Head:
        """The head after one more block."""
        header = decided(context, head.known, block.header, block.certificate)
        before = head.header.get("height", 0)
        context.require(header.height > before, "not-newer", ledger=ledger, height=header.height, known=before)
        known = head.known
        if header.next_validators != header.validators:  # check: foreign-change
            given = set_digest(block.validators)
            context.require(given == header.next_validators, "wrong-set", ledger=ledger, height=header.height)
            self.used_sets[f"{ledger}:{header.validators}"] = UsedSet(until=header.height)
            known = known.model_copy(update={"height": header.height, "validators": block.validators})
        return head.replace(known=known, header=block.header)
