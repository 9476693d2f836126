"""Damage to valid inputs: every change of a value in turn, and drawn by seed, to bytes and to values.

A damaged value is spelled canonically again, so that it gets further.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from ledger.errors import JsonValue
from ledger.primitives import INTEGER_MAX
from nodes.simulator.chance import Chance

VALUES: tuple[JsonValue, ...] = (
    None, True, False, 0, 1, -1, 2, 64, 10_000, 1_000_000, 1_000_001, INTEGER_MAX, -INTEGER_MAX, INTEGER_MAX + 1, 10**30,
    "", "a", "é", "\x00", "\n", "\U0001f600", "0" * 32, "0" * 64, "f" * 64, "F" * 64, "0" * 128, "a.b", "٣" * 64, "x" * 2_000,
    [], {}, [[]], [{}], [None], [0, 0], {"": 0}, {"a": {}}, {"type": []}, {"é": 1},
)  # fmt: skip
"""What a decoder may not have thought of. Two of the numbers are too large to be canonical."""
PIECES = (
    b"", b"\n", b"\x00", b"\xff", b"\xed\xa0\x80", b'"', b"{", b"}", b"[", b",", b":", b"\\u0000", b"\\ud800", b"1e9", b"-0",
    b"0.5", b"NaN", b"9" * 5_000, b"[" * 5_000, b'{"a":' * 5_000, b'{"a":1,"a":2}', b"\xef\xbb\xbf",
)  # fmt: skip
DEEP_MAX = 40
Path = tuple[str | int, ...]
"""Where in a value."""
_ENCODE = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


def changes(value: Any, path: Path = ()) -> Iterator[tuple[Path, str, Any]]:
    """Every change of a value: where, what was done, and the whole value after it, which shares parts with the one given."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield path, f"without {name}", {other: value[other] for other in value if other != name}
            yield from ((inner, what, {**value, name: part}) for inner, what, part in changes(item, (*path, name)))
        yield path, "one more member", {**value, "zz": 1}
    elif isinstance(value, list):
        for index, item in enumerate(value):
            before, after = value[:index], value[index + 1 :]
            yield path, f"without element {index}", [*before, *after]
            yield path, f"element {index} twice", [*before, item, item, *after]
            if after and after[0] != item:
                yield path, f"element {index} exchanged", [*before, after[0], item, *after[1:]]
            yield from ((inner, what, [*before, part, *after]) for inner, what, part in changes(item, (*path, index)))
        yield path, "one more element", [*value, None]
    yield from ((path, f"{value!r:.70} -> {other!r:.70}", other) for other in _others(value))


def _others(value: Any) -> Iterator[JsonValue]:
    """Other values in the place of one, of its type and of others."""
    if isinstance(value, bool):
        yield from (not value, int(value))
    elif isinstance(value, int):
        yield from (value + 1, value - 1, -value - 1, str(value))
        if value in (0, 1):
            yield bool(value)
    elif isinstance(value, str):
        flipped = "0" if value[:1] != "0" else "1"
        yield from (flipped + value[1:], value[:-1] + ("0" if value[-1:] != "0" else "1"), value + "0", value[:-1])
        yield from {value.upper(), value.swapcase()} - {value}
        yield f"{value}\x00"
    usual: tuple[JsonValue, ...] = (None, 0, "", [], {})
    yield from (other for other in usual if type(other) is not type(value))


class Mutator:
    """Draws damaged inputs from a corpus. Each line of an input is canonical JSON."""

    def __init__(self, corpus: Sequence[bytes], seed: int) -> None:
        self.corpus = corpus
        self.chance = Chance(seed)

    def draw(self) -> bytes:
        """One input: mostly one fault, sometimes several."""
        data = self.chance.pick(self.corpus)
        for _ in range(1 + (self.chance.below(4) == 0) * self.chance.below(4)):
            data = self._damaged(data)
        return data

    def _damaged(self, data: bytes) -> bytes:
        if self.chance.happens(350):
            return self._bytes(data)
        lines = data.split(b"\n")
        place = self.chance.below(len(lines))
        if len(lines) > 1 and self.chance.happens(150):
            other = lines[self.chance.below(len(lines))]
            lines[place : place + self.chance.below(2)] = [other] * self.chance.below(3)
            return b"\n".join(lines)
        try:
            value: JsonValue = json.loads(lines[place])
            lines[place] = _ENCODE(self._value(value)).encode(errors="surrogatepass")
        except (ValueError, RecursionError):  # damaged before
            return self._bytes(data)
        return b"\n".join(lines)

    def _bytes(self, data: bytes) -> bytes:
        start = self.chance.below(len(data) + 1)
        end = start + self.chance.below(min(len(data) - start, 100) + 1)
        match self.chance.below(5):
            case 0:
                other = self.chance.pick(self.corpus)
                return data[:start] + other[self.chance.below(len(other) + 1) :]
            case 1:
                return data[:start] + data[end:]
            case 2:
                return data[:end] + data[start:]
            case 3:
                return data[:start] + self.chance.pick(PIECES) + data[end:]
            case _:
                return data[:start] + bytes([self.chance.below(256)]) + data[start + 1 :]

    def _value(self, value: JsonValue) -> JsonValue:
        """The value with one fault somewhere inside."""
        if isinstance(value, dict) and value and self.chance.happens(850):
            names = sorted(value)
            name = self.chance.pick(names)
            match self.chance.below(12):
                case 0:
                    return {other: value[other] for other in names if other != name}
                case 1:
                    return {**value, self.chance.pick(("", "a", "zz", "é")): self.chance.pick(VALUES)}
                case 2:
                    return {**value, name: value[self.chance.pick(names)]}
                case _:
                    return {**value, name: self._value(value[name])}
        if isinstance(value, list) and value and self.chance.happens(850):
            place = self.chance.below(len(value))
            match self.chance.below(6):
                case 0:
                    return value[:place] + value[place + 1 :]
                case 1:
                    return [*value, value[place]]
                case 2:
                    return value[::-1]
                case _:
                    return [*value[:place], self._value(value[place]), *value[place + 1 :]]
        return self._leaf(value)

    def _leaf(self, value: JsonValue) -> JsonValue:
        match self.chance.below(6), value:
            case 0, _:
                for _ in range(self.chance.below(DEEP_MAX)):
                    value = [value] if self.chance.below(2) else {"a": value}
                return value
            case 1 | 2, int(number):
                return number + self.chance.between(-2, 2)
            case 1 | 2, str(text) if text:
                place = self.chance.below(len(text))
                return text[:place] + self.chance.pick("0fFg.é\x00 ") + text[place + self.chance.below(2) :]
        return self.chance.pick(VALUES)
