"""What the state of government services holds. No personal data: names of fields, never their values.

A field that ends in `_on_ms` is a day: midnight UTC in milliseconds. One that ends in `_at_ms` is a block time. One that
ends in `_by_ms` is the last millisecond of a working day.

Words that people may put on this ledger have types of their own. A transaction that a rule refuses stays in its block, so what
must never be on the ledger has to be stopped before it is one: a node checks the types of arguments at its door.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, StringConstraints

from ledger.contract import DigestText, MemberId, NonNegative, Positive, Record, Sealed, Timestamp
from scenarios.identifiers import is_uscc

_DIGITS = re.compile(r"[\d〇零一二三四五六七八九]{11}")
_BETWEEN = re.compile(r"[\W_]")
_IDENTITY = re.compile(r"[0-9]{6}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]")
"""Region, day of birth, serial number and check digit of an identity card."""


def without_personal_numbers(text: str) -> str:
    """The text itself; raises ValueError for eleven digits in a row: a telephone or an identity number, however spaced."""
    if _DIGITS.search(_BETWEEN.sub("", unicodedata.normalize("NFKC", text))):  # check: government-personal-number
        raise ValueError("looks like the number of a telephone or an identity card")
    return text


def without_digits_in_a_row(text: str) -> str:
    """The same for names that hold dates: only digits that stand together count."""
    if _DIGITS.search(text):  # check: government-personal-key
        raise ValueError("looks like the number of a telephone or an identity card")
    return text


def without_identity_number(text: str) -> str:
    """The same for credit codes, which may be eighteen digits themselves: right ones pass, whatever they resemble."""
    if _IDENTITY.fullmatch(text) and not is_uscc(text):  # check: government-identity-number
        raise ValueError("looks like the number of an identity card")
    return text


Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$"), AfterValidator(without_digits_in_a_row)]
"""An organization."""
Number: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.#-]{1,64}$"), AfterValidator(without_digits_in_a_row)]
"""Of an item, a matter, a request: a key. The colon is left to keys of two parts."""
NoticeKey: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_.:#-]{1,250}$"), AfterValidator(without_digits_in_a_row)
]
"""`MATTER:excess:REQUEST`, or `MATTER:correction:CASE:RECEIPT`."""
CreditCode: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{18}$"), AfterValidator(without_identity_number)]
"""Of the form of a unified social credit code; its check sign is a rule's matter."""
FieldName: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$"), AfterValidator(without_digits_in_a_row)
]
"""A data field, as the catalogue names it."""
Fields: TypeAlias = Annotated[tuple[FieldName, ...], Field(min_length=1, max_length=40)]
Purpose: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]{2,39}$")]
"""What data may be used for, by code: there is no free text in which somebody could hide a wider use."""
Note: TypeAlias = Annotated[str, StringConstraints(min_length=2, max_length=200), AfterValidator(without_personal_numbers)]
"""Words for people: a duty, a reason."""
Uses: TypeAlias = Annotated[int, Field(ge=1, le=100)]
FreshNonce: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
"""Asked once."""
WorkingDays: TypeAlias = Annotated[int, Field(ge=1, le=60)]
Days: TypeAlias = Annotated[int, Field(ge=1, le=3_660)]
"""Calendar days."""

Attribute = Literal["unconditional", "conditional", "not-shared"]
LicenceState = Literal["valid", "withheld", "withdrawn", "cancelled", "lapsed", "transferred", "revoked"]
STATUS_CODES: Mapping[str, str] = {
    "valid": "01", "withheld": "02", "withdrawn": "03", "cancelled": "04", "lapsed": "05", "transferred": "06", "revoked": "07",
}  # fmt: skip
"""As the interfaces of licence systems number them."""


class DeadlineRule(Record):
    """Working days for answers, and how long a grant may last, in force from a day on. Key: that day in milliseconds."""

    unconditional_days: WorkingDays
    conditional_days: WorkingDays
    correction_days: WorkingDays
    grant_days_max: Days


class Item(Record):
    """An entry of the catalogue. Key: its number."""

    provider: Name
    state: Literal["draft", "published", "retired"]
    version: NonNegative = 0
    """The one in force; 0 before the first is published."""


class ItemVersion(Record):
    """One version of an entry, never changed once published. Key: `ITEM:001`; of a draft, the item."""

    duty: Note
    """The duty of the department from which the data come."""
    attribute: Attribute
    basis: Note
    """Why it is conditional or not shared; what it is used for otherwise."""
    fields: Fields
    schema_digest: DigestText
    """Of number, version, attribute and fields: what a receipt must quote."""


class Need(Record):
    """Fields of one entry that a service needs."""

    item: Number
    fields: Fields


class Inquiry(Record):
    """An agency that may open matters of a kind without an applicant."""

    agency: Name
    legal_basis: Note
    """The provision that says so."""


class Service(Record):
    """What an agency needs to know for one service item. Key: its code, which is the purpose of its matters."""

    needs: Annotated[tuple[Need, ...], Field(min_length=1, max_length=20)]
    retention_days: Days
    """How long a receipt's opening is given to the agency."""
    inquiry: Inquiry | None = None
    """Who may look into it of its own accord; None: only with an applicant."""


class Matter(Record):
    """Something that an applicant wants of an agency or a bank, or an inquiry. Key: its number."""

    agency: Name
    clerk: str
    """The one member of the agency that acts in it."""
    applicant: Name
    """Of an inquiry the subject, who has not signed."""
    purpose: Purpose
    legal_basis: str
    """Of an inquiry; empty where the applicant asked for it."""
    opened_at_ms: Timestamp
    state: Literal["open", "closed"] = "open"


class Use(Record):
    """What is looked at for what, until when and how often."""

    fields: Fields
    purpose: Purpose
    matter: Number
    expires_on_ms: Timestamp
    """The last day."""
    uses_max: Uses
    reason: Note | None = None
    """Why fields are asked for that the service does not need, or for longer."""


class SharedData(Use):
    """The same of whose data, by which version of which entry."""

    item: Number
    version: Positive
    subject: Name
    """Whose data."""


class ShareRequest(SharedData):
    """A department asks another for fields of an item, for one matter. Key: its number, also that of the grant."""

    attribute: Attribute
    consumer: Name
    provider: Name
    state: Literal["approved", "under-review", "escalated", "denied"]
    submitted_at_ms: Timestamp
    answer_by_ms: Timestamp
    """Conditional: when the provider must have answered. Unconditional: when it must have served."""
    answered_at_ms: NonNegative = 0
    escalated_at_ms: NonNegative = 0
    served_at_ms: NonNegative = 0


class Grant(SharedData):
    """What may be accessed by whom. Key: that of the request or the consent."""

    basis: Literal["approval", "consent"]
    consumer: Name
    provider: Name
    licence: str = ""
    """Identifier of the licence that the holder consented to show; empty for an approval."""
    uses: NonNegative = 0
    state: Literal["offered", "active", "used-up", "expired", "revoked", "locked"]
    """Offered: waits for the code at the window. Locked: three wrong codes."""
    code_tag: str = ""
    """Of the eight digits, keyed by the licence platform; empty without a code."""
    wrong_codes: NonNegative = 0


class Payload(Record):
    """What a sealed message says, field by field; only its opening shows it."""


class Exchange(Record):
    """What went between two sides, outside of the ledger: names of fields, and both messages sealed."""

    fields: Fields
    purpose: Purpose
    matter: Number
    schema_digest: DigestText
    request: Sealed[Payload]
    response: Sealed[Payload]
    as_of_on_ms: tuple[Timestamp, ...]
    """For each field, in the same order, the day for which its source vouches for the value."""

    def as_of_of(self, field: str) -> int:
        """The as-of date of one of the fields."""
        return self.as_of_on_ms[self.fields.index(field)]


class Receipt(Exchange):
    """An access that both sides signed for. Key: its number."""

    grant: Number
    consumer: Name
    provider: Name
    subject: Name
    item: Number
    version: Positive
    licence: str
    accessed_at_ms: Timestamp
    keep_until_on_ms: Timestamp
    """The last day on which a node gives the consumer its opening."""


class Look(Record):
    """One look at somebody's data. Key: `SUBJECT:000001`, counted without a gap: all of one subject's are one list."""

    subject: Name
    by: Name
    kind: Literal["access", "presentation", "reuse"]
    number: Number
    """Of the receipt or the question."""
    item: Number
    fields: Fields
    purpose: Purpose
    matter: Number
    legal_basis: str
    """Of an inquiry."""
    looked_at_ms: Timestamp


class LookCount(Record):
    """How many rows a subject's list has, for a proof that no row is withheld. Key: the subject."""

    count: Positive


class Notice(Record):
    """Something that a party must have seen before it goes on. Key: as `NoticeKey` says."""

    to: str
    """An organization, or the role of auditors."""
    fields: Fields
    """Asked for beyond the need or for longer, or corrected."""
    reason: Note | None = None
    raised_at_ms: Timestamp
    seen_at_ms: NonNegative = 0


class CodeHolder(Record):
    """Which organization was given which credit code. Key: the one, and again the other."""

    organization: Name
    code: str


class Issuer(Record):
    """An authority that issues licences. Key: its organization."""

    code: str
    """Unified social credit code."""
    public_key: DigestText
    """Raw Ed25519 key with which it signs the licences that holders carry."""


class LicenceHolder(Record):
    """Who holds a licence of which kind."""

    item: Number
    """Entry of the catalogue that names its fields."""
    holder: Name
    holder_code: CreditCode
    holder_key: DigestText
    """Raw Ed25519 key to which the licence that the holder carries is bound."""


class LicenceTerm(Record):
    """What one version of it says, and for how long."""

    valid_from_on_ms: Timestamp
    valid_to_on_ms: Timestamp
    """Its last day."""
    content: Sealed[Payload]


class Licence(LicenceHolder, LicenceTerm):
    """One version of an electronic licence. Key: its identifier."""

    issuer: Name
    type_code: str
    number: str
    version: Positive
    state: LicenceState = "valid"
    previous: str = ""
    successor: str = ""
    issued_at_ms: Timestamp
    """Of this version: the day for which its issuer vouches for what it says."""
    changed_at_ms: Timestamp


class Standing(Record):
    """The newest version of a licence. Key: `TYPE:HOLDER:NUMBER`."""

    licence: str


class Demand(Record):
    """What a verifier wants to be shown by whom, for what, until when."""

    holder: Name
    item: Number
    fields: Fields
    purpose: Purpose
    matter: Number
    nonce: FreshNonce
    open_until_on_ms: Timestamp
    reason: Note | None = None
    """Why fields are asked for that the service does not need, or for longer."""


Asked: TypeAlias = Use | Demand
"""Fields that somebody wants to see, for a purpose."""


class Question(Demand):
    """A verifier asks a holder to present a licence. Key: its number."""

    verifier: Name
    asked_at_ms: Timestamp
    state: Literal["asked", "presented", "accepted"] = "asked"
    licence: str = ""
    presentation: Sealed[Payload] | None = None
    presented_at_ms: NonNegative = 0
    as_of_on_ms: NonNegative = 0
    """The day for which the licence's issuer vouches for the values."""
    keep_until_on_ms: NonNegative = 0
    """The last day on which the verifier is given its opening, and may use it."""


class Nonce(Record):
    """Where a nonce was asked. Key: the nonce."""

    question: Number


class Customer(Record):
    """What a bank knows of a customer by a verified presentation. Key: `BANK:HOLDER`."""

    question: Number
    licence: str
    purpose: Purpose
    """The only one for which it may be used again."""
    opened_at_ms: Timestamp
    check_again_on_ms: Timestamp


class Case(Record):
    """A holder says that a field of its data is wrong, or objects to their use. Key: its number."""

    subject: Name
    provider: Name
    receipt: str = ""
    """The access in which the holder saw the field."""
    field: str = ""
    use: str = ""
    """What the holder objects to instead: the key of its objection."""
    state: Literal["reported", "escalated", "corrected", "kept", "upheld"] = "reported"
    reported_at_ms: Timestamp
    answer_by_ms: Timestamp
    answered_at_ms: NonNegative = 0
    content: Sealed[Payload] | None = None


class Objection(Record):
    """A holder does not want an entry used for its matter, by whichever grant. Key: `MATTER:ITEM`."""

    case: Number


class CorrectedValue(Record):
    """No older value of this field is given out. Key: `SUBJECT:ITEM:FIELD`."""

    case: Number
    as_of_on_ms: Timestamp


class Evidence(Record):
    """A salted digest of something that stays with its owner. Key: its number."""

    owner: Name
    kind: Purpose
    original: Sealed[Payload]
    entries: NonNegative
    """Size of the log whose Merkle root is deposited with it; 0 for a single file."""
    entries_root: str
    claimed_on_ms: Timestamp
    """What the owner says of its age: a claim, whereas `deposited_at_ms` is a fact."""
    deposited_at_ms: Timestamp
    batch: str = ""
    court: str = ""
    case: str = ""
    state: Literal["deposited", "anchored", "verified", "mismatch", "admitted"] = "deposited"


class Deposited(Record):
    """Where a digest was deposited. Key: the digest, of a file or of the root over a log."""

    evidence: Number


class Batch(Record):
    """Evidence that a notary put under one root. Key: its number."""

    notary: MemberId
    root: DigestText
    size: Positive
    anchored_at_ms: Timestamp


class Verification(Record):
    """What a court's own comparison gave. Key: `EVIDENCE:001`."""

    court: Name
    case: Number
    verdict: Literal["match", "mismatch"]
    entry: str
    """Which line of a log; empty for the whole."""
    existed_on_ms: Timestamp
    """The day on whose end it is judged to have existed."""
    verified_at_ms: Timestamp
