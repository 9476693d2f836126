"""Types of the words that people may put on this ledger: names of fields, codes of purposes, and short notes.

A transaction that a rule refuses stays in its block. So what must never be on the ledger has to be stopped before it is
one: these types belong to the arguments, which a node checks at its door.
"""

import re
import unicodedata
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, Field, StringConstraints

_DIGITS = re.compile(r"[0-9]{11}")
_BETWEEN = re.compile(r"[\s\-_./()+]")


def without_personal_numbers(text: str) -> str:
    """The text itself; raises ValueError for eleven digits in a row: a telephone or an identity number, however spaced."""
    if _DIGITS.search(_BETWEEN.sub("", unicodedata.normalize("NFKC", text))):  # check: government-personal-number
        raise ValueError("looks like the number of a telephone or an identity card")
    return text


def _without_digits_in_a_row(text: str) -> str:
    """The same for names that hold dates: only digits that stand together count."""
    if _DIGITS.search(text):  # check: government-personal-key
        raise ValueError("looks like the number of a telephone or an identity card")
    return text


Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""An organization."""
Number: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_.:#-]{1,64}$"), AfterValidator(_without_digits_in_a_row)
]
"""Of an item, a matter, a request: a key."""
FieldName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
"""A data field, as the catalogue names it."""
Fields: TypeAlias = Annotated[tuple[FieldName, ...], Field(min_length=1, max_length=40)]
Purpose: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]{2,39}$")]
"""What data may be used for, by code: there is no free text in which somebody could hide a wider use."""
Note: TypeAlias = Annotated[str, StringConstraints(min_length=2, max_length=200), AfterValidator(without_personal_numbers)]
"""Words for people: a duty, a reason."""
Uses: TypeAlias = Annotated[int, Field(ge=1, le=100)]
WorkingDays: TypeAlias = Annotated[int, Field(ge=1, le=60)]
