"""How a list is paged: rows within limits, ranges of blocks, and cursors of pages that are all of one height.

    CURSOR  base64url of canonical [HEIGHT, KEY, VALUE], a dot, the first 16 digits of digest("cursor", [QUERY, that])

QUERY is the ledger, the collection and every condition. The check finds a cursor of another query, a cut or a changed
one; it is no secret, for a cursor made by hand can only ask for what any query may ask for. So any node of the
ledger goes on with it, and what stands in it is judged like any other input.
"""

import base64
import binascii
from dataclasses import dataclass

from ledger.encoding import decode, digest, encode_unchecked
from ledger.errors import JsonValue, MalformedError
from nodes.app.record_fields import Scalar

COST_A_TURN = 500
"""Rows looked at before other work of the node gets its turn."""
BLOCK_COST_ROWS = 20
"""Reading a block costs about as much as this many rows of the index, or transactions that are looked at."""
ListRow = dict[str, JsonValue]
CHECK_CHARACTERS = 16
CURSOR_CHARACTERS_MAX = 20_000
"""Room for the longest text that a list is ordered by."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page."""

    height: int
    """What every page of the list is of."""
    key: str
    value: Scalar
    """Its value in the field that orders the list, null in a list in order of keys."""


def write_cursor(cursor: Cursor, query: JsonValue) -> str:
    """The text of a cursor within the list of a query."""
    payload = encode_unchecked([cursor.height, cursor.key, cursor.value])
    return f"{base64.urlsafe_b64encode(payload).decode().rstrip('=')}.{_check(payload, query)}"


def parse_cursor(text: str, query: JsonValue) -> Cursor:
    """Reads a cursor of this very query; raises MalformedError `bad-cursor`."""
    encoded, _, check = text.partition(".")
    payload = _payload(encoded)
    if check != _check(payload, query):  # check: cursor-of-this-query
        raise MalformedError("bad-cursor", "A cursor goes with the query whose answer gave it: give all its parameters again.")
    match _json(payload):
        case [int(height), str(key), None | bool() | int() | str() as value] if height >= 0 and type(height) is int:
            return Cursor(height, key, value)
    raise MalformedError("bad-cursor", "A cursor holds a height, a key and a value.")


def _payload(encoded: str) -> bytes:
    try:
        if len(encoded) > CURSOR_CHARACTERS_MAX:
            raise ValueError(f"{len(encoded)} characters")
        return base64.b64decode(encoded.encode("ascii") + b"=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise MalformedError("bad-cursor", "A cursor is what an answer gave as `next`.") from error


def _json(payload: bytes) -> JsonValue:
    try:
        return decode(payload)
    except MalformedError as error:
        raise MalformedError("bad-cursor", "A cursor is what an answer gave as `next`.") from error


def _check(payload: bytes, query: JsonValue) -> str:
    return digest("cursor", encode_unchecked(query), payload)[:CHECK_CHARACTERS]
