"""A JSON file of a user: UTF-8, no name twice, bounded, decimals kept as text, every item of a list with its line."""

import json
from collections.abc import Iterator, Mapping
from math import isinf
from pathlib import Path
from typing import NoReturn

from ledger.errors import JsonValue
from ledger.primitives import DEPTH_MAX, INTEGER_MAX
from scenarios.importing.faults import Fault, describe, fault_count
from scenarios.importing.table import read_text

_SPACES = " \t\r\n"
_Placed = tuple[int, str, JsonValue]
"""Where in the text a value begins, its path, and the value."""


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


def read_json_items(path: Path, faults: list[Fault], under: str = "") -> list[tuple[int, str, JsonValue]]:
    """(line, path, item) of a list, such as `$[2]`, or of the one value of a file without a list at its top, `$`.

    Instead of an object that holds a list called `under`, each item of that list is given, as `$.events[2]`. A broken item ends
    the reading.
    """
    text = read_text(path, faults)
    if text is None:
        return []
    start = _skip(text, 0)
    if text[start] == "[":
        values = _list_at(path.name, text, start, faults)
    else:
        before = fault_count(faults)
        value = read_json(path, faults)
        values = [(start, "$", value)] if fault_count(faults) == before else []
    items: list[tuple[int, str, JsonValue]] = []
    line, counted = 1, 0
    for place, where, item in (item for value in values for item in _items_under(text, value, under)):
        line, counted = line + text.count("\n", counted, place), place
        items.append((line, where, item))
    return items


def _list_at(file: str, text: str, start: int, faults: list[Fault]) -> list[_Placed]:
    """The items of the list that begins here and is all that the text holds."""
    items: list[_Placed] = []
    place = _skip(text, start + 1)
    while text[place : place + 1] != "]" or items:
        value, end = _decode(file, text, place, faults)
        if not end:
            return items
        items.append((place, f"$[{len(items)}]", value))
        place = _skip(text, end)
        if text[place : place + 1] != ",":
            break
        place = _skip(text, place + 1)
    if text[place : place + 1] != "]" or _skip(text, place + 1) != len(text):  # check: import-json-list-end
        faults.append(describe(file, _line(text, place), "", "not-json", text[place:]))
    return items


def _items_under(text: str, placed: _Placed, name: str) -> Iterator[_Placed]:
    """The items of the list of that name in an object that was read here; anything else as it is."""
    start, where, value = placed
    inner = value.get(name) if isinstance(value, dict) else None
    if not isinstance(inner, list) or not inner:
        yield placed
        return
    place, key = start, None
    while key != name:  # of an object that was read before: each member ends with a comma, up to the one of this name
        key, end = _DECODER.raw_decode(text, _skip(text, place + 1))
        place = _skip(text, _skip(text, end) + 1)
        if key != name:
            place = _skip(text, _DECODER.raw_decode(text, place)[1])
    for number, item in enumerate(inner):
        place = _skip(text, place + 1)
        yield place, f"{where}.{name}[{number}]", item
        place = _skip(text, _DECODER.raw_decode(text, place)[1])


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
