"""A JSON file of a user: UTF-8, no name twice, bounded, decimals kept as text, every item of a list with its line."""

import json
from collections.abc import Mapping
from math import isinf
from pathlib import Path
from typing import NoReturn

from ledger.errors import JsonValue
from ledger.primitives import DEPTH_MAX, INTEGER_MAX
from scenarios.importing.faults import Fault, describe, fault_count
from scenarios.importing.table import read_text

_SPACES = " \t\r\n"


class DecimalText(str):
    """A number with a fraction or an exponent, as it was written; no float ever holds it."""

    __slots__ = ()


class _WrongJsonError(ValueError):
    """What the file may not hold; the message is a reason."""


def read_json(path: Path, faults: list[Fault]) -> JsonValue:
    """The value of the file; None, and a fault with its line, if there is none."""
    text = read_text(path, faults)
    if text is None:
        return None
    start = _skip(text, 0)
    value, end = _decode(path.name, text, start, faults)
    if end and _skip(text, end) != len(text):  # check: import-json-end
        faults.append(describe(path.name, _line(text, end), "", "not-json", text[_skip(text, end) :]))
        return None
    return value


def read_json_items(path: Path, faults: list[Fault]) -> list[tuple[int, JsonValue]]:
    """(line, item) of a list, or the one value of a file without a list at its top. A broken item ends the reading."""
    text = read_text(path, faults)
    if text is None:
        return []
    place = _skip(text, 0)
    if text[place] != "[":
        before = fault_count(faults)
        value = read_json(path, faults)
        return [(_line(text, place), value)] if fault_count(faults) == before else []
    items: list[tuple[int, JsonValue]] = []
    line, counted = 1, 0
    place = _skip(text, place + 1)
    while text[place : place + 1] != "]" or items:
        value, end = _decode(path.name, text, place, faults)
        if not end:
            return items
        line, counted = line + text.count("\n", counted, place), place
        items.append((line, value))
        place = _skip(text, end)
        if text[place : place + 1] != ",":
            break
        place = _skip(text, place + 1)
    if text[place : place + 1] != "]" or _skip(text, place + 1) != len(text):  # check: import-json-list-end
        faults.append(describe(path.name, _line(text, place), "", "not-json", text[place:]))
    return items


def _decode(file: str, text: str, start: int, faults: list[Fault]) -> tuple[JsonValue, int]:
    """(value, end), or (None, 0) with a fault."""
    try:
        value, end = _DECODER.raw_decode(text, start)
        _verify_bounds(value, 0)
    except json.JSONDecodeError as error:
        faults.append(describe(file, error.lineno, "", "not-json", text[error.pos :]))
    except RecursionError:
        faults.append(describe(file, _line(text, start), "", "too-deep"))
    except _WrongJsonError as error:
        faults.append(describe(file, _line(text, start), "", str(error.args[0]), str(error.args[1])))
    except ValueError:  # Python reads no integer of more than 4,300 digits
        faults.append(describe(file, _line(text, start), "", "out-of-range"))
    else:
        return value, end
    return None, 0


def _verify_bounds(value: object, depth: int) -> None:
    if depth > DEPTH_MAX:  # check: import-json-depth
        raise _WrongJsonError("too-deep", "")
    is_endless = isinstance(value, DecimalText) and isinf(float(value))
    if is_endless or (isinstance(value, int) and abs(value) > INTEGER_MAX):  # check: import-json-integer
        raise _WrongJsonError("out-of-range", "")
    if isinstance(value, str) and any("\ud800" <= sign <= "\udfff" for sign in value):  # check: import-json-text
        raise _WrongJsonError("not-utf8", value)
    if isinstance(value, dict):
        for name, member in value.items():
            _verify_bounds(name, depth)
            _verify_bounds(member, depth + 1)
    elif isinstance(value, list):
        for member in value:
            _verify_bounds(member, depth + 1)


def _named_once(pairs: list[tuple[str, object]]) -> Mapping[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):  # check: import-json-name-twice
        last = {name: place for place, (name, _) in enumerate(pairs)}
        raise _WrongJsonError("doubled-name", next(name for place, (name, _) in enumerate(pairs) if last[name] != place))
    return found


def _refuse_constant(text: str) -> NoReturn:
    raise _WrongJsonError("not-a-number", text)


def _skip(text: str, place: int) -> int:
    """The next place that is no space."""
    while place < len(text) and text[place] in _SPACES:
        place += 1
    return place


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


_DECODER = json.JSONDecoder(object_pairs_hook=_named_once, parse_float=DecimalText, parse_constant=_refuse_constant)
