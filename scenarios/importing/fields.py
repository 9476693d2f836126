"""Types of cells. Numbers are whole numbers of the smallest unit, read from decimal text, never through floats."""

import re
from datetime import UTC, datetime
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from ledger.contract.calendar import day_from_date
from ledger.primitives import INTEGER_MAX

NAME_CHARACTERS = 120
YEARS = (1970, 2199)
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell for a formula, in full width too."""
_NUMBER = re.compile(r"(-?)([0-9]{1,20})(?:\.([0-9]+))?", re.ASCII)
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,3})?)(Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII
)


class Row(BaseModel):
    """A row of a table: strict, so that numbers and dates go through the types below and nothing is guessed."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


def parse_decimal(text: object, places: int) -> int:
    """`1234.5` in units of 10^-places: 123450 for two. PydanticCustomError with a reason for any other spelling."""
    found = _NUMBER.fullmatch(text) if isinstance(text, str) else None
    if found is None:  # check: import-number
        raise PydanticCustomError("not-a-number", "not a number in plain digits")
    sign, whole, fraction = found[1], found[2], found[3] or ""
    if sign:  # check: import-negative
        raise PydanticCustomError("negative", "below nothing")
    if len(fraction) > places:  # check: import-decimals
        raise PydanticCustomError("too-many-decimals", "too many decimals")
    value = int(whole + fraction.ljust(places, "0"))
    if value > INTEGER_MAX:  # check: import-range
        raise PydanticCustomError("out-of-range", "out of range")
    return value


def parse_day(text: object) -> int:
    """Midnight UTC of `2026-04-03` in milliseconds."""
    found = _DAY.fullmatch(text) if isinstance(text, str) else None
    if found is None:  # check: import-date
        raise PydanticCustomError("bad-date", "not a date")
    year, month, day = (int(part) for part in found.groups())
    return _at_day(year, month, day)


def parse_instant(text: object) -> int:
    """An RFC 3339 instant with offset in milliseconds since 1970, UTC."""
    found = _INSTANT.fullmatch(text) if isinstance(text, str) else None
    if found is None:  # check: import-instant
        raise PydanticCustomError("bad-instant", "not an instant")
    if found[2] is None:  # check: import-time-zone
        raise PydanticCustomError("no-time-zone", "no offset")
    try:
        moment = datetime.fromisoformat(found[0].replace("Z", "+00:00")).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise PydanticCustomError("impossible-date", "no such time") from error
    midnight_ms = _at_day(moment.year, moment.month, moment.day)
    return midnight_ms + ((moment.hour * 60 + moment.minute) * 60 + moment.second) * 1000 + moment.microsecond // 1000


def _at_day(year: int, month: int, day: int) -> int:
    if not YEARS[0] <= year <= YEARS[1]:  # check: import-year
        raise PydanticCustomError("out-of-range", "year out of range")
    try:
        datetime(year, month, day, tzinfo=UTC)
    except ValueError as error:
        raise PydanticCustomError("impossible-date", "no such day") from error
    return day_from_date(year, month, day)


def _verify_name(text: str) -> str:
    if text != text.strip():  # check: import-name-trimmed
        raise PydanticCustomError("not-trimmed", "spaces around")
    if text.startswith(FORMULA_SIGNS):  # check: import-formula
        raise PydanticCustomError("formula-like", "like a formula")
    return text


Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=NAME_CHARACTERS), AfterValidator(_verify_name)]
"""What people call something: any script, no spaces around it, nothing that a spreadsheet would run."""
Label: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:#-]{1,64}$"), AfterValidator(_verify_name)]
"""An identifier that may be a key on the ledger."""
Day: TypeAlias = Annotated[int, BeforeValidator(parse_day)]
"""A date as midnight UTC in milliseconds."""
Instant: TypeAlias = Annotated[int, BeforeValidator(parse_instant)]
"""An instant in milliseconds."""
Whole: TypeAlias = Annotated[int, BeforeValidator(lambda text: parse_decimal(text, 0))]
"""A whole number from 0 on."""
Amount: TypeAlias = Annotated[int, BeforeValidator(lambda text: parse_decimal(text, 2))]
"""An amount of money with at most two decimals, as cents."""
