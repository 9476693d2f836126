"""What each ledger of the corridor lets the others see: the records that cross, with no field beyond what a rule asks for.

The ledger that shows declares them (`contracts.py`), the one that relies reads the same models (`brought.py`).
"""

from typing import Any, Self

from ledger.contract import DigestText, MemberId, NonNegative, Record, Timestamp
from ledger.encoding import digest, encode


class ShownLicence(Record):
    """Whose licence it is, and whether it holds: not what stands in it."""

    item: str
    holder: str
    holder_code: str
    state: str
    valid_from_on_ms: Timestamp
    valid_to_on_ms: Timestamp


class ShownTitle(Record):
    """To whom a bill of lading is pledged, and in whose hands it is: not what it secures, nor for how much."""

    pledgee: str
    possessor: str
    title_holder: str
    entries: NonNegative
    under_credit: str
    in_transit: str


class ShownDocument(Record):
    """Whether a bill of lading is in force: of its contents the checksum alone."""

    status: str
    checksum: DigestText
    replaces: str
    flags: tuple[str, ...]
    times_flagged: NonNegative


class ShownClaim(Record):
    """Who consumed green power, and whether its verifier vouches for that: not in which hours."""

    consumer: MemberId
    energy_wh: NonNegative
    state: str


class ShownVersion(Record):
    """That somebody reported an event, and when: of the report its digest."""

    report: DigestText
    posted_by: MemberId
    posted_at_ms: Timestamp
    is_retraction: bool

    @classmethod
    def of(cls, record: Any) -> Self:
        """The event without its contents."""
        said = digest("report", encode(record.report.model_dump(mode="json")))
        facts = {"posted_by": record.posted_by, "posted_at_ms": record.posted_at_ms, "is_retraction": record.is_retraction}
        return cls.model_validate({"report": said, **facts})
