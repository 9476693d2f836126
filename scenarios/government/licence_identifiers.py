"""Identifiers of electronic licences: `1.2.156.3005.2.TYPE.ISSUER.NUMBER.VERSION.CHECK`.

TYPE is the code of the authority that defined the kind of licence (18 signs) and three digits; ISSUER the code of the
authority that issued it, or the six digits of its area (GB/T 2260); NUMBER its own, of up to 32 signs, as many as a UUID has;
VERSION three digits; CHECK by ISO 7064 MOD 37,36 over all of them without dots. Read in licences in use, not in the standard.
"""

import re
from dataclasses import dataclass
from typing import Annotated, TypeAlias

from pydantic import AfterValidator

from scenarios.government.records import without_digits_in_a_row, without_identity_number
from scenarios.identifiers import check_sign, is_uscc

ROOT = "1.2.156.3005.2"
"""The arc of electronic licences."""
AREA_DIGITS = 6
_FORM = re.compile(r"([0-9A-Z]{18}[0-9]{3})\.([0-9A-Z]{18}|[1-9][0-9]{5})\.([0-9A-Z]{1,32})\.([0-9]{3})\.([0-9A-Z])", re.ASCII)


@dataclass(frozen=True, slots=True)
class LicenceIdentifier:
    """What an identifier says."""

    type_code: str
    issuer_code: str
    number: str
    version: int

    def text(self) -> str:
        """The identifier with its check sign."""
        parts = (self.type_code, self.issuer_code, self.number, f"{self.version:03}")
        return ".".join((ROOT, *parts, check_sign("".join(parts))))

    def is_issued_by(self, code: str) -> bool:
        """Whether it names the authority of this credit code: by the code, or by the area within it (signs 3 to 8)."""
        return self.issuer_code in (code, code[2:8])


def read_identifier(text: str) -> LicenceIdentifier | None:
    """The parts of an identifier with the right form, check sign and authorities' codes, or None."""
    found = _FORM.fullmatch(text.removeprefix(f"{ROOT}."))
    if found is None:
        return None
    read = LicenceIdentifier(found[1], found[2], found[3], int(found[4]))
    is_area = len(read.issuer_code) == AREA_DIGITS
    is_known = is_uscc(read.type_code[:18]) and (is_area or is_uscc(read.issuer_code))
    return read if read.text() == text and read.version > 0 and is_known else None


def _of_right_form(text: str) -> str:
    found = _FORM.fullmatch(text.removeprefix(f"{ROOT}."))
    if found is None:  # check: government-licence-form
        raise ValueError("has not the form of a licence identifier")
    for code in (found[1][:18], found[2]):
        without_identity_number(code)
    without_digits_in_a_row(found[3])
    return text


LicenceKey: TypeAlias = Annotated[str, AfterValidator(_of_right_form)]
"""An argument that names a licence; whether its signs are right is a rule's matter."""
