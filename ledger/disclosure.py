"""Some fields of a sealed value, shown without the others. Neither consensus nor execution knows of it.

    DISCLOSURE    {"format": "tallystick-disclosure-1", "sealed": …, "fields": [[name, FIELD(name)], …],
                   "disclosed": {name: {"salt": SALT(name), "value": …}, …}}

It shows the names of all fields and the values of the disclosed ones; SALT and FIELD are those of `ledger.sealed`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal, TypeVar

from ledger.codec import Codec, HexDigest, Many
from ledger.errors import JsonValue, NotFoundError, VerificationError
from ledger.sealed import (
    OPENINGS,
    WHOLE,
    Opening,
    Sealed,
    digest_of,
    field_digest,
    field_digests,
    fields_of,
    salt_of,
)

DISCLOSURE_FORMAT: Final = "tallystick-disclosure-1"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Some fields of a sealed value, and what is needed to check them against the sealed digest."""

    format: Literal["tallystick-disclosure-1"]
    sealed: HexDigest
    fields: Many[tuple[str, HexDigest]]
    """Name and digest of every field, in order of names."""
    disclosed: dict[str, Annotated[Opening, OPENINGS.part]]
    """Own salt and value of the fields shown, by name."""

    @property
    def values(self) -> dict[str, JsonValue]:
        """What is shown, by name of field."""
        return {name: opening.value for name, opening in self.disclosed.items()}

    def to_json(self) -> JsonValue:
        """The form in which it is handed on."""
        return _DISCLOSURES.to_json(self)


_DISCLOSURES = Codec(Disclosure, "bad-disclosure", disclosed=OPENINGS)
parse_disclosure = _DISCLOSURES.parse
"""Reads the JSON form of a disclosure; raises MalformedError `bad-disclosure` or `bad-opening`. `verify_disclosure` checks it."""


def disclose(opening: Opening, names: Sequence[str]) -> Disclosure:
    """Shows the fields of these names and no other; raises NotFoundError `no-such-field`."""
    values = fields_of(opening.value)
    for name in names:
        if name not in values:  # check: disclosed-field-known
            raise NotFoundError("no-such-field", f"There is no field {name!r:.80}; there are {', '.join(values)}.", field=name)
    digests = field_digests(opening)
    shown = {name: Opening(salt_of(opening, name), values[name]) for name in sorted(set(names))}
    return Disclosure(DISCLOSURE_FORMAT, digest_of(digests), digests, shown)


def verify_disclosure(sealed: Sealed[T], disclosure: Disclosure) -> None:
    """Raises VerificationError `wrong-disclosure` unless the fields shown are fields of what was sealed."""
    fields = dict(disclosure.fields)
    # 1. The fields are those of the sealed digest, each once and in order.
    if not disclosure.sealed == digest_of(disclosure.fields) == sealed.sealed:  # check: disclosure-fields
        raise VerificationError("wrong-disclosure", f"The fields do not give the sealed digest {sealed.sealed}.")
    # 2. A value has fields, or is one field without a name; so a value is sealed in one way only.
    names = [name for name, _ in disclosure.fields]
    if not names or names != sorted(set(names)) or (WHOLE in names and len(names) > 1):  # check: disclosure-names
        raise VerificationError("wrong-disclosure", "Fields have different names, in order, or there is one without a name.")
    for name, opening in disclosure.disclosed.items():
        # 3. What is shown gives the digest of its field.
        if name not in fields or field_digest(name, opening) != fields[name]:  # check: disclosure-value
            raise VerificationError("wrong-disclosure", f"What is shown as {name!r:.80} does not give that field's digest.")
        if name == WHOLE and WHOLE not in fields_of(opening.value):  # check: disclosure-whole
            raise VerificationError("wrong-disclosure", "A value that has fields is sealed by them.")
