"""Looks into a JSON object of a user: every fault with its path, every field that was not looked at remembered."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic_core import PydanticCustomError

from ledger.contract.refusal import Phrase
from ledger.errors import JsonValue
from scenarios.importing.faults import Fault, describe, inert
from scenarios.importing.json_file import DecimalText
from scenarios.importing.table import parse_day, parse_instant, text_fault

PATH_CHARACTERS = 200
_DECIMAL = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]+))?", re.ASCII)


@dataclass(slots=True)
class Look:
    """One object at one path of one file."""

    file: str
    line: int
    path: str
    value: Mapping[str, JsonValue]
    faults: list[Fault]
    words: Mapping[str, Phrase]
    seen: list[str] = field(default_factory=list)
    parts: list["Look"] = field(default_factory=list)

    def fault(self, name: str, reason: str, value: object = "") -> None:
        """Notes that something is wrong with a field; an empty name stands for the object."""
        path = f"{self.path}.{name}" if name else self.path
        fault = describe(self.file, self.line, "", reason, str(value), self.words)
        words = Phrase(*(said.replace("{place}", fault.value) for said in (fault.words.en, fault.words.zh)))
        self.faults.append(replace(fault, field=inert(path, PATH_CHARACTERS), words=words))

    def named(self, *names: str) -> tuple[str, JsonValue]:
        """The first of these names that is there, with its value; absent and null are the same."""
        self.seen.extend(names)
        return next(((name, value) for name in names if (value := self.value.get(name)) is not None), (names[0], None))

    def text(self, *names: str, pattern: str = r"[^\n]{1,250}", required: bool = False) -> str:
        """A text of this form; empty where there is none."""
        name, value = self.named(*names)
        if value is None:
            return self._missing(name, required)
        reason = "bad-value" if not isinstance(value, str) or isinstance(value, DecimalText) else text_fault(value)
        if not reason and re.fullmatch(pattern, str(value)) is None:
            reason = "too-long" if re.fullmatch(pattern, str(value)[:1]) and len(str(value)) > 100 else "bad-form"
        if reason:  # check: shipping-import-text
            self.fault(name, reason, value)
            return ""
        return str(value)

    def one_of(self, words: Mapping[str, str], *names: str, required: bool = False) -> str:
        """A code of a list, under its code or its word."""
        name, value = self.named(*names)
        if value is None:
            return self._missing(name, required)
        if not isinstance(value, str) or value not in words:  # check: shipping-import-code
            self.fault(name, "not-one-of", value)
            return ""
        return words[value]

    def instant(self, name: str, *, required: bool = False) -> int:
        """Milliseconds of an RFC 3339 instant; 0 where there is none."""
        return self._parsed(name, parse_instant, required)

    def day(self, name: str, *, required: bool = False) -> int:
        """Midnight UTC of a date; 0 where there is none."""
        return self._parsed(name, parse_day, required)

    def flag(self, name: str, *, required: bool = False) -> bool:
        """A boolean; false where there is none."""
        _, value = self.named(name)
        if value is None:
            self._missing(name, required)
        elif not isinstance(value, bool):
            self.fault(name, "bad-value", value)
        return value is True

    def number(self, *names: str, places: int, required: bool = False, is_signed: bool = False) -> int | None:
        """A number in units of 10^-places, rounded half up where it is finer; None where there is none."""
        name, value = self.named(*names)
        if value is None:
            self._missing(name, required)
            return None
        is_number = isinstance(value, DecimalText) or (isinstance(value, int) and not isinstance(value, bool))
        found = _DECIMAL.fullmatch(str(value)) if is_number else None
        if found is None:  # check: shipping-import-number
            self.fault(name, "not-a-number", value)
            return None
        if found[1] and not is_signed:  # check: shipping-import-negative
            self.fault(name, "negative", value)
            return None
        digits = (found[3] or "").ljust(places + 1, "0")
        whole = (int(found[2] + digits[: places + 1]) + 5) // 10
        return -whole if found[1] else whole

    def part(self, *names: str, required: bool = False) -> "Look":
        """An object inside; an empty one where there is none."""
        name, value = self.named(*names)
        if value is None:
            self._missing(name, required)
        elif not isinstance(value, dict):
            self.fault(name, "bad-value", value)
        return self._inside(name, value)

    def items(self, *names: str, required: bool = False) -> Iterator["Look"]:
        """The objects of a list inside."""
        name, value = self.named(*names)
        if value is None or value == []:
            self._missing(name, required)
            return
        if not isinstance(value, list):
            self.fault(name, "bad-value", value)
            return
        for place, item in enumerate(value):
            if isinstance(item, dict):
                yield self._inside(f"{name}[{place}]", item)
            else:
                self.fault(f"{name}[{place}]", "bad-value", item)

    def ignored(self) -> Iterator[str]:
        """Paths of the fields that were not looked at, hidden signs spelled out."""
        yield from (inert(f"{self.path}.{name}") for name in self.value if name not in self.seen)
        for part in self.parts:
            yield from part.ignored()

    def _inside(self, name: str, value: object) -> "Look":
        inner: Any = value if isinstance(value, dict) else {}
        look = Look(self.file, self.line, f"{self.path}.{name}", inner, self.faults, self.words)
        self.parts.append(look)
        return look

    def _parsed(self, name: str, parse: Callable[[object], int], required: bool) -> int:
        _, value = self.named(name)
        if value is None:
            self._missing(name, required)
            return 0
        try:
            return parse(value)
        except PydanticCustomError as error:
            self.fault(name, error.type, value)
            return 0

    def _missing(self, name: str, required: bool) -> str:
        if required:  # check: shipping-import-required
            self.fault(name, "missing")
        return ""
