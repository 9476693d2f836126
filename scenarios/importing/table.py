"""A CSV file as rows of a model: UTF-8, the header exact, every cell judged, line numbers as an editor counts them.

The types of cells stand below. Numbers are whole numbers of the smallest unit, read from decimal text, never through floats.
"""

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Generic, TypeAlias, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from ledger.contract.refusal import Phrase
from ledger.primitives import INTEGER_MAX
from scenarios.importing.faults import Fault, describe, fault_count, is_hidden

FILE_BYTES_MAX = 32 * 2**20
CELL_CHARACTERS_MAX = 1_000
COLUMNS_MAX = 1_000
ModelT = TypeVar("ModelT", bound=BaseModel)
Lines = list[tuple[int, ModelT]]
_BOM = "\ufeff"
OTHER_SEPARATORS = (";", "\t", "；", "，")
"""What stands between cells where a spreadsheet or a hand put no comma."""
_REASONS = {
    "missing": "missing", "extra_forbidden": "unknown-field", "string_pattern_mismatch": "bad-form",
    "literal_error": "not-one-of", "string_too_long": "too-long", "string_too_short": "empty",
    "greater_than": "out-of-range", "greater_than_equal": "out-of-range", "less_than": "out-of-range",
    "less_than_equal": "out-of-range",
}  # fmt: skip
"""Kinds of pydantic's errors -> our reasons; ours have a hyphen and stand as they are."""
NAME_CHARACTERS = 120
YEARS = (1970, 2199)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell for a formula, in full width too."""
_NUMBER = re.compile(r"(-?)([0-9]{1,20})(?:\.([0-9]+))?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,3})?(Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII
)


def read_csv(
    path: Path,
    columns: type[ModelT],
    faults: list[Fault],
    *,
    rows_min: int = 1,
    words: Mapping[str, Phrase] | None = None,
) -> Lines[ModelT]:
    """(line, row) of every sound row; what is wrong goes to `faults`, all of it.

    A column whose field has a default may be missing, and a cell of it empty. `words` explain a trade's own reasons.
    """
    text = read_text(path, faults)
    if text is None:
        return []
    reader = _Reader(path.name, columns, faults, words)
    rows = reader.rows(text)
    if reader.seen < rows_min and reader.header_is_sound:  # check: import-no-rows
        faults.append(describe(path.name, 0, "", "no-rows"))
    return rows


def read_text(path: Path, faults: list[Fault]) -> str | None:
    """The text of a UTF-8 file, with a BOM or without; undecodable bytes stay in it as lone surrogates. None: no text."""
    reason, data = _read(path)
    if not reason and (data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:2]):
        reason = "utf-16"
    if reason:  # check: import-unreadable
        faults.append(describe(path.name, 0, "", reason))
        return None
    return data.decode("utf-8", "surrogateescape").removeprefix(_BOM)


def require_unique(rows: Lines[ModelT], field: str, faults: list[Fault], file: str) -> None:
    """Names every row whose field an earlier row has too."""
    first: dict[object, int] = {}
    for line, row in rows:
        value = getattr(row, field)
        if value in first:  # check: import-doubled
            faults.append(describe(file, line, field, "doubled", f"{value} (= {first[value]})"))
        first.setdefault(value, line)


def require_known(rows: Lines[ModelT], field: str, known: Collection[object], faults: list[Fault], file: str) -> None:
    """Names every row whose field refers to nothing. Where nothing is known, the file with the names has its own faults."""
    if not known:
        return
    for line, row in rows:
        if getattr(row, field) not in known:  # check: import-unknown-reference
            faults.append(describe(file, line, field, "unknown-reference", str(getattr(row, field))))


def reason_of(kind: str) -> str:
    """Our reason for a kind of pydantic's error."""
    return kind if "-" in kind or kind in ("negative", "empty") else _REASONS.get(kind, "bad-value")


def text_fault(text: str) -> str:
    """Why a text may not stand in any file of a user; empty if it may."""
    if len(text) > CELL_CHARACTERS_MAX:  # check: import-cell-size
        return "too-long"
    if text.isascii() and text.isprintable():
        return ""
    if any("\udc80" <= sign <= "\udcff" for sign in text):  # check: import-utf8
        return "not-utf8"
    if any(sign < " " or "\x7f" <= sign <= "\x9f" for sign in text):  # check: import-control
        return "control-character"
    if any(is_hidden(sign) for sign in text):  # check: import-hidden
        return "hidden-character"
    return ""


@dataclass(slots=True)
class _Reader(Generic[ModelT]):
    """One pass over one file."""

    file: str
    columns: type[ModelT]
    faults: list[Fault]
    words: Mapping[str, Phrase] | None
    seen: int = 0
    """Rows under the header."""
    header_is_sound: bool = False

    def rows(self, text: str) -> Lines[ModelT]:
        """Every sound row. Nothing below a wrong header is judged."""
        found: Lines[ModelT] = []
        lines = self._lines(text)
        header = next(lines, None)
        if header is None or not self._verify_header(*header):
            return found
        self.header_is_sound = True
        for line, cells in lines:
            self.seen += 1
            row = self._row(line, header[1], cells)
            if row is not None:
                found.append((line, row))
        return found

    def _lines(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """(first line, cells) of every row that can be told apart; blank lines and rows of empty cells are skipped."""
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                self._note(line, "", "too-long" if "limit" in str(error) else "bad-quoting")
                self.seen += 1
                continue
            if any(cells):
                yield line, cells

    def _verify_header(self, line: int, names: list[str]) -> bool:
        """Notes columns that are missing, unknown or doubled."""
        if len(names) > COLUMNS_MAX:  # check: import-columns
            self._note(line, "", "too-long", f"{len(names)}")
            return False
        other = next((sign for sign in OTHER_SEPARATORS if len(names) == 1 and sign in names[0]), "")
        if other:  # check: import-separator
            self._note(line, "", "other-separator", names[0])
            return False
        fields = {field.alias or name: field.is_required() for name, field in self.columns.model_fields.items()}
        before = fault_count(self.faults)
        for place, name in enumerate(names):
            if name not in fields:  # check: import-unknown-column
                self._note(line, name, "unknown-column", name)
            elif name in names[:place]:  # check: import-doubled-column
                self._note(line, name, "doubled-column", name)
        for name, is_required in fields.items():
            if is_required and name not in names:  # check: import-missing-column
                self._note(line, name, "missing-column", name)
        return fault_count(self.faults) == before

    def _row(self, line: int, header: list[str], cells: list[str]) -> ModelT | None:
        if len(cells) != len(header):  # check: import-cell-count
            self._note(line, "", "cell-count", f"{len(cells)} / {len(header)}")
            return None
        named = dict(zip(header, cells, strict=True))
        wrong = [(name, reason, cell, "") for name, cell in named.items() if (reason := text_fault(cell))]
        try:
            row = self.columns.model_validate(self._without_defaults(named))
        except ValidationError as error:
            known = {name for name, *_ in wrong}
            for fault in error.errors(include_url=False):
                name = str(fault["loc"][0]) if fault["loc"] else ""
                if name not in known:
                    value = named.get(name, "")
                    reason = "empty" if value == "" else reason_of(fault["type"])
                    context = fault.get("ctx", {}) if reason in ("not-one-of", "bad-form") else {}
                    expected = context.get("expected", "").replace(" or ", ", ") or context.get("pattern", "")
                    wrong.append((name, reason, value, expected))
        for name, reason, cell, expected in wrong:
            self._note(line, name, reason, cell, expected)
        return None if wrong else row

    def _without_defaults(self, named: dict[str, str]) -> dict[str, str]:
        """The cells, without empty ones of columns that have a default."""
        optional = {field.alias or name for name, field in self.columns.model_fields.items() if not field.is_required()}
        return {name: cell for name, cell in named.items() if cell != "" or name not in optional}

    def _note(self, line: int, field: str, reason: str, value: str = "", expected: str = "") -> None:
        self.faults.append(describe(self.file, line, field, reason, value, self.words, expected))


def _read(path: Path) -> tuple[str, bytes]:
    """(reason, bytes): one of them is empty."""
    if not path.exists():
        return "no-file", b""
    try:
        if not path.is_file():
            return "unreadable", b""
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except OSError:
        return "unreadable", b""
    if len(data) > FILE_BYTES_MAX:  # check: import-file-size
        return "file-too-large", b""
    return ("", data) if data.removeprefix(b"\xef\xbb\xbf").strip() else ("empty-file", b"")


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
    if not isinstance(text, str) or _DAY.fullmatch(text) is None:  # check: import-date
        raise PydanticCustomError("bad-date", "not a date")
    return _instant_ms(f"{text}T00:00:00Z")


def parse_instant(text: object) -> int:
    """An RFC 3339 instant with offset in milliseconds since 1970, UTC."""
    found = _INSTANT.fullmatch(text) if isinstance(text, str) else None
    if found is None:  # check: import-instant
        raise PydanticCustomError("bad-instant", "not an instant")
    if found[1] is None:  # check: import-time-zone
        raise PydanticCustomError("no-time-zone", "no offset")
    return _instant_ms(found[0])


def _instant_ms(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise PydanticCustomError("impossible-date", "no such time") from error
    if not YEARS[0] <= moment.year <= YEARS[1]:  # check: import-year
        raise PydanticCustomError("out-of-range", "year out of range")
    return (moment - EPOCH) // timedelta(milliseconds=1)


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
