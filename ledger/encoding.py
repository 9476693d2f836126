"""Canonical JSON and tagged digests: one value has one byte string, and every other spelling is refused.

The form is RFC 8785 restricted to objects with ASCII member names, arrays, strings, booleans, null
and integers within ±(2^53-1). There are no floats.
"""

import hashlib
import json
import re
from typing import NoReturn

import orjson

from ledger.errors import JsonValue, MalformedError
from ledger.primitives import DEPTH_MAX, INTEGER_MAX, Digest

FAST_MAX = 1_000_000
"""Bytes, about, that orjson is given: it ends the process where memory runs out, and Python's `json` raises MemoryError."""
_ONLY_JSON = (
    orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS
)
_ENCODE = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def encode(value: JsonValue, wrapped: int = 0) -> bytes:
    """The one byte string of a value; raises MalformedError for what canonical JSON cannot hold.

    `wrapped` is how many levels the caller's format (an export, a proof) puts around values that nest to the limit themselves.
    """
    return encode_unchecked(value, _check(value, -wrapped))


def encode_unchecked(value: JsonValue, length: int = 0) -> bytes:
    """The same for a value built from checked parts, not checked again; `length`, about, keeps a long one from orjson."""
    if length >= FAST_MAX:
        return _encode_slowly(value)
    try:  # what is cut off makes it a copy: orjson's own bytes keep 4 kB of memory, however few they are
        return orjson.dumps(value, option=_ONLY_JSON | orjson.OPT_APPEND_NEWLINE)[:-1]
    except TypeError:  # what only Python's encoder takes, or can say why not
        return _encode_slowly(value)


def _encode_slowly(value: JsonValue) -> bytes:
    try:
        return _ENCODE(value).encode()
    except UnicodeEncodeError as error:
        raise MalformedError("not-canonical", "A string holds a lone surrogate, which UTF-8 cannot carry.") from error


def decode(data: bytes, wrapped: int = 0) -> JsonValue:
    """The value of canonical bytes; raises MalformedError with code `not-json` or `not-canonical`."""
    if len(data) < FAST_MAX:
        try:
            value: JsonValue = orjson.loads(data)
            if orjson.dumps(value, option=_ONLY_JSON) == data:
                _check(value, -wrapped)
                return value
        except (ValueError, TypeError, MalformedError):  # Python's decoder says what is wrong
            pass
    return _decode_slowly(data, wrapped)


def decode_object(data: bytes, wrapped: int = 0) -> dict[str, JsonValue]:
    """Like `decode`, for bytes that must hold an object."""
    value = decode(data, wrapped)
    if not isinstance(value, dict):
        raise MalformedError("not-an-object", f"Expected a JSON object, got {type(value).__name__}.")
    return value


def digest(tag: str, *parts: bytes) -> Digest:
    """SHA-256 over the purpose tag, a zero byte and the parts, in hexadecimal."""
    return Digest(digest_bytes(tag, *parts).hex())


def digest_bytes(tag: str, *parts: bytes) -> bytes:
    """Like `digest`, as 32 raw bytes."""
    return hashlib.sha256(tagged(tag, *parts)).digest()


def tagged(tag: str, *parts: bytes) -> bytes:
    """What is hashed or signed: `tallystick/TAG`, a zero byte, the parts. Tags hold no zero byte."""
    return b"tallystick/" + tag.encode() + b"\x00" + b"".join(parts)


def _decode_slowly(data: bytes, wrapped: int) -> JsonValue:
    try:
        value: JsonValue = _DECODE(data.decode())
    except ValueError as error:
        raise MalformedError("not-json", f"The bytes are not JSON in UTF-8: {error}.") from error
    except RecursionError as error:
        if not _nests_deeper_than_allowed(data):  # the caller's stack is used up: no fault of the bytes
            raise
        raise MalformedError("not-json", f"Arrays and objects nest at most {DEPTH_MAX} deep.") from error
    _check(value, -wrapped)
    if encode_unchecked(value, len(data)) != data:  # check: canonical-spelling
        raise MalformedError(
            "not-canonical",
            "The JSON is not in canonical form: members sorted, no spaces, no needless escapes, no duplicate names.",
        )
    return value


def _nests_deeper_than_allowed(data: bytes) -> bool:
    depth = 0
    for mark in re.findall(rb"[\[{\]}]", re.sub(rb'"(?:[^"\\]|\\.)*"', b"", data)):
        depth += 1 if mark in b"[{" else -1
        if depth > DEPTH_MAX:
            return True
    return False


def _check(value: object, depth: int) -> int:
    """About the length of a value; refuses floats, integers out of range, other types, non-ASCII names and too deep nesting."""
    kind = type(value)
    if kind is str:
        return 2 + len(value)  # type: ignore[arg-type]
    if value is None or kind is bool:
        return 4
    if kind is int:
        if not -INTEGER_MAX <= value <= INTEGER_MAX:  # type: ignore[operator]  # check: integer-range
            raise MalformedError("integer-out-of-range", f"Integers lie within ±{INTEGER_MAX}; got {_shown(value)}.")
        return 8
    if depth >= DEPTH_MAX:  # check: nesting-depth
        raise MalformedError("too-deep", f"Arrays and objects nest at most {DEPTH_MAX} deep.")
    length = 2
    if isinstance(value, dict):
        for name, member in value.items():
            if type(name) is not str or not name.isascii():  # check: ascii-names
                raise MalformedError("not-canonical", "Member names are ASCII strings.")
            length += len(name) + _check(member, depth + 1)
    elif isinstance(value, list):
        for member in value:
            length += _check(member, depth + 1)
    else:
        raise MalformedError("not-canonical", f"Canonical JSON has no {kind.__name__}.")
    return length


def _shown(value: object) -> str:
    """The number as text, or its length in bits: Python refuses to print integers of thousands of digits."""
    bits = int(value).bit_length() if isinstance(value, int) else 0
    return str(value) if bits < 128 else f"an integer of {bits} bits"


def _refuse_float(text: str) -> NoReturn:
    raise MalformedError("float", f"Numbers are integers in a stated unit; got {text[:40]}.")


_DECODE = json.JSONDecoder(parse_float=_refuse_float, parse_constant=_refuse_float).decode
