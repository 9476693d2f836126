"""What is wrong with a file, row by row: place, reason, and the value with everything hidden in it spelled out; as a table."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ledger.contract.refusal import Phrase
from ledger.errors import InputError, JsonValue
from nodes.commands.command_group import SAID_NO
from nodes.words import Words
from scenarios.story.story import Language

SHOWN_MAX = 200
"""Faults that are kept with their place; the rest is counted."""
VALUE_CHARACTERS = 60
HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Unicode categories of what a reader does not see, or sees elsewhere than it stands."""

WORDS = Words.of("scenarios.importing")
REASONS = WORDS["reasons"]
"""Reason -> what it means. A trade adds its own with its own words."""
COUNT = Phrase("{count} fault{s}; nothing was started.", "共 {count} 处错误；未启动任何操作。")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. Line 0 stands for the whole file, an empty field for the whole row."""

    file: str
    line: int
    field: str
    reason: str
    """Stable code."""
    value: str
    """Inert."""
    words: Phrase

    def to_json(self) -> dict[str, JsonValue]:
        """Without the words, for programs."""
        return {"file": self.file, "line": self.line, "field": self.field, "reason": self.reason, "value": self.value}


class Faults(list[Fault]):
    """A list that keeps the first 200 and counts the rest: a file may have a million."""

    def __init__(self) -> None:
        super().__init__()
        self.total = 0

    def append(self, fault: Fault) -> None:
        """Counts it, and keeps it while there is room."""
        self.total += 1
        if len(self) < SHOWN_MAX:
            super().append(fault)


class InputFaults(InputError):  # noqa: N818  many faults, one error
    """Files of the user are wrong; code `bad-files`. Nothing was submitted."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults[:SHOWN_MAX])
        self.count = fault_count(faults)
        details: list[JsonValue] = [fault.to_json() for fault in self.faults]
        files = len({fault.file for fault in self.faults})
        message = f"{self.count} faults in {files} file(s); nothing was started. The first: {self._first()}"
        super().__init__("bad-files", message, faults=details, count=self.count)

    def _first(self) -> str:
        first = self.faults[0]
        return f"{first.file}:{first.line} {first.field} {first.reason} {first.value}".rstrip() + "."


def fault_count(faults: Sequence[Fault]) -> int:
    """How many there are, those not kept included."""
    return faults.total if isinstance(faults, Faults) else len(faults)


def raise_faults(faults: Sequence[Fault]) -> None:
    """Raises InputFaults with all of them, if there are any."""
    if fault_count(faults):  # check: import-faults
        raise InputFaults(faults)


def describe(
    file: str,
    line: int,
    field: str,
    reason: str,
    value: str = "",
    words: Mapping[str, Phrase] | None = None,
    expected: str = "",
) -> Fault:
    """A fault with the words of its reason; `words` holds those of a trade's own reasons, `expected` what would be right."""
    meaning = (words or {}).get(reason) or REASONS.get(reason) or REASONS["bad-value"]
    if expected:
        meaning = Phrase(f"{meaning.en.rstrip('.')}: {expected}", f"{meaning.zh.rstrip('。')}：{expected}")
    return Fault(file, line, inert(field), reason, inert(value), meaning)


def show_faults(
    console: Console, faults: Sequence[Fault], language: Language, count: int | None = None, counted: Phrase = COUNT
) -> None:
    """Shows a line each in a terminal, nothing of them as markup, and how many there are. The caller ends with exit code 1.

    `count` is how many there are where only the first are given; `counted` says so.
    """
    table, words = Table(box=None, pad_edge=False), WORDS["table"]
    for heading in ("where", "field", "reason", "value"):
        table.add_column(words[heading].said(language), overflow="fold")
    for fault in faults:
        where = f"{fault.file}:{fault.line}" if fault.line else fault.file
        reason = f"{fault.words.said(language)} [{fault.reason}]"
        table.add_row(*(Text(cell) for cell in (where, fault.field, reason, fault.value)))
    console.print(table)
    whole = fault_count(faults) if count is None else count
    shown = f" {words['more'].text(language, shown=len(faults))}" if whole > len(faults) else ""
    console.print(Text(counted.text(language, count=f"{whole:,}", s="" if whole == 1 else "s") + shown, style="bold red"))


def end_refused(count: int) -> None:
    """Ends a command with exit code 1 if rows of the user's own data were refused."""
    if count:  # check: own-rows-refused
        raise typer.Exit(SAID_NO)


def inert(text: str, limit: int = VALUE_CHARACTERS) -> str:
    r"""Text that shows what it holds and does nothing: hidden signs as `\u{202e}`, undecodable bytes as `\x{ff}`, cut with …."""
    shown = "".join(_shown(sign) for sign in text[: limit + 1])
    return shown if len(shown) <= limit and len(text) <= limit else shown[: limit - 1] + "…"


def is_hidden(sign: str) -> bool:
    """Whether a reader would not see this character where it stands."""
    return unicodedata.category(sign) in HIDDEN


def _shown(sign: str) -> str:
    code = ord(sign)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{{{code - 0xDC00:02x}}}"
    return f"\\u{{{code:04x}}}" if is_hidden(sign) else sign
