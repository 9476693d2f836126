"""Types of the words that people may put on this ledger: names of fields, codes of purposes, and short notes.

A transaction that a rule refuses stays in its block. So what must never be on the ledger has to be stopped before it is
one: these types belong to the arguments, which a node checks at its door.
"""

import re
import unicodedata
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, Field, StringConstraints

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
Number: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_.:#-]{1,64}$"), AfterValidator(without_digits_in_a_row)
]
"""Of an item, a matter, a request: a key."""
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
WorkingDays: TypeAlias = Annotated[int, Field(ge=1, le=60)]
