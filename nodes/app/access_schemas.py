"""What answers about who may see what look like: sights, documents, reads; `nodes.app.schemas` says how to read this."""

from typing import Any, Literal

from nodes.app.schemas import ABSENT, Answer, Count, HexDigest, Json, Milliseconds, Proof

Level = Literal["value", "digest", "nothing"]


class Sight(Answer):
    """What somebody sees of a record, and why."""

    level: Level
    """`value`: all of it; `digest`: the record as on the ledger, sealed fields as digests and all else open; `nothing`."""
    rule: str
    """The contract's read rule, or the node's own."""
    sentence: str
    """The rule in words, in the language of `Accept-Language`."""


class MemberSight(Sight):
    """What a member sees."""

    member: str
    roles: list[str]


class OrganizationSight(Sight):
    """The most that a member of an organization sees."""

    organization: str


class Access(Answer):
    """Who sees what of a record."""

    contract: str
    collection: str
    key: str
    height: Count
    reads: Literal["open", "members"]
    sealed: list[HexDigest]
    """The sealed digests in the record."""
    members: list[MemberSight]
    organizations: list[OrganizationSight]
    others: Sight
    """Whoever is no member."""
    next: str | None
    """The `after` of the next page of members, null at the end."""


class DocumentKept(Answer):
    """A document that this node keeps."""

    digest: HexDigest
    passed_to: list[str]
    """Nodes of other entitled organizations that hold it now."""
    not_reached: list[str]
    """Those that did not answer; they ask for it when somebody wants to read it there."""


class Opening(Answer):
    """What a sealed field hides."""

    salt: str
    value: Any


class DocumentShown(Answer):
    """A document, or one field of it."""

    digest: HexDigest
    rule: str
    """By which it is shown; `kept`: seen here before."""
    contract: str
    collection: str
    key: str
    opening: Opening = ABSENT
    disclosure: Json = ABSENT
    """`tallystick-disclosure-1`: the field asked for, with the digests of the others."""
    proof: Proof = ABSENT


class DocumentPurged(Answer):
    """A document whose bytes are gone."""

    digest: HexDigest
    purged: Literal[True]


class ReadRow(Answer):
    """What somebody did with a document here; never a value."""

    sequence: Count
    time: Milliseconds
    what: Literal["stored", "read", "passed", "purged"]
    member: str
    digest: HexDigest
    fields: list[str]
    """Names of the fields; an empty name is the whole value."""
    rule: str
    """By which the member was entitled."""


class ReadPage(Answer):
    """What was done with documents here, in order."""

    reads: list[ReadRow]
    next: str
