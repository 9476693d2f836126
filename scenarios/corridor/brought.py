"""The contract `brought`: what other ledgers have proved to this one, kept so that its own contracts can read it.

Anybody brings a record; only its proof counts. A record may be relied on for a while after the block that it is from, since what
has happened there meanwhile nobody here can know: whoever relies on it later brings it again, and no older one replaces it.
"""

from collections.abc import Mapping
from typing import Any, Literal

from ledger.contract import (
    Absent,
    Anyone,
    Collection,
    Context,
    Contract,
    CrossingProof,
    Identifier,
    NonNegative,
    Record,
    RecordView,
    Timestamp,
    operation,
)
from scenarios.corridor.crossing_records import ShownClaim, ShownDocument, ShownLicence, ShownTitle, ShownVersion

AGE_MAX_MS = 10 * 60_000
"""How long what was brought may be relied on after its block, and after it was brought, whatever the clocks over there say."""
Kind = Literal["licences", "titles", "documents", "claims", "versions"]


class Admission(RecordView):
    """Since when another ledger is followed."""

    admitted_height: NonNegative


class Brought(Record):
    """From where in the other ledger's history a record is."""

    admitted_height: NonNegative
    """By which admission of that ledger it was believed: a later one has a history of its own."""
    height: NonNegative
    until_ms: Timestamp
    """Last instant at which it may be relied on."""


class BroughtLicence(ShownLicence, Brought):
    """A licence. Key: its identifier."""


class BroughtTitle(ShownTitle, Brought):
    """Possession and pledge of a bill of lading. Key: the bill."""


class BroughtDocument(ShownDocument, Brought):
    """A bill of lading. Key: its reference."""


class BroughtClaim(ShownClaim, Brought):
    """A claim of green power. Key: its name."""


class BroughtVersion(ShownVersion, Brought):
    """A version of an event. Key: `EVENT:0001`."""


KINDS: Mapping[Kind, tuple[str, type[Record], type[Brought]]] = {
    "licences": ("government", ShownLicence, BroughtLicence),
    "titles": ("shipping", ShownTitle, BroughtTitle),
    "documents": ("shipping", ShownDocument, BroughtDocument),
    "claims": ("energy", ShownClaim, BroughtClaim),
    "versions": ("shipping", ShownVersion, BroughtVersion),
}
"""Of each kind the ledger that has it, in a contract of the same name; what that shows; what is kept of it here."""


class BroughtRecords(Contract):
    """Records of other ledgers that were proved here."""

    name = "brought"
    licences = Collection(BroughtLicence)
    titles = Collection(BroughtTitle)
    documents = Collection(BroughtDocument)
    claims = Collection(BroughtClaim)
    versions = Collection(BroughtVersion)
    reads = {"governance.ledgers": Admission}
    words = "brought.toml"

    @operation(signed_by=Anyone())
    def bring(self, context: Context, kind: Kind, key: Identifier, proof: CrossingProof) -> None:
        """Shows what another ledger holds under a key, by proof."""
        # READ
        ledger, shown, kept = KINDS[kind]
        places = {"licences": self.licences, "titles": self.titles, "documents": self.documents}
        records: Any = {**places, "claims": self.claims, "versions": self.versions}[kind]
        before, admission = records.get(key), context.read(Admission, ledger)
        since = 0 if isinstance(admission, Absent) else admission.admitted_height
        proved = context.proved(ledger, f"{ledger}.crossing_{kind}", key, proof, shown, AGE_MAX_MS)
        # CHECK
        is_newer = before is None or (before.admitted_height, before.height) < (since, proved.height)
        context.require(is_newer, "not-newer", kind=kind, key=key)
        if proved.record is None:  # check: brought-nothing
            context.refuse("not-there", ledger=ledger, kind=kind, key=key)
        # WRITE
        until_ms = min(proved.time_ms, context.time_ms) + AGE_MAX_MS
        source = {"admitted_height": since, "height": proved.height, "until_ms": until_ms}
        records[key] = kept.model_validate({**dict(proved.record), **source})
        # EMIT
        context.emit("brought", ledger=ledger, kind=kind, key=key, height=proved.height)
