"""Reading and writing the one SQLite table: `rows(key, value)`, key = table name NUL key.

A batch goes to SQLite as one blob of all keys and values, and one JSON list of integers that say where each lies:
offset · 2^33 + key length · 2^22 + value length. SQLite takes it apart, so Python makes one call a batch, not one a row.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

from nodes.storage.sqlite_file import checked, checksum, storage_error

KEY_BYTES_MAX = 2**11 - 1
VALUE_BYTES_MAX = 2**22 - 1
"""Longer values are written one by one."""
PACKED_BYTES_MAX = 2**30 - 1
PUT_PACKED = """
INSERT INTO rows (key, value)
SELECT substr(?1, (value >> 33) + 1, (value >> 22) & 2047),
       substr(?1, (value >> 33) + 1 + ((value >> 22) & 2047), value & 4194303)
FROM json_each(?2) WHERE true
ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""
DELETE_PACKED = "DELETE FROM rows WHERE key IN (SELECT substr(?1, (value >> 33) + 1, (value >> 22) & 2047) FROM json_each(?2))"
PUT = "INSERT INTO rows (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
GET = "SELECT value FROM rows WHERE key = ?"
SCAN = {
    False: "SELECT key, value FROM rows WHERE key >= ? AND key < ? ORDER BY key LIMIT ?",
    True: "SELECT key, value FROM rows WHERE key >= ? AND key < ? ORDER BY key DESC LIMIT ?",
}


def row_key(table: str, key: bytes) -> bytes:
    """Where a pair of the `Store` lies; rows of one table stand together, in the order of their keys."""
    return table.encode() + b"\x00" + key


def get_row(connection: sqlite3.Connection, row: bytes, path: Path) -> bytes | None:
    """The value, or None; raises StorageError."""
    try:
        found = connection.execute(GET, (row,)).fetchone()
    except sqlite3.Error as error:
        raise storage_error(error, path) from error
    return None if found is None else checked(row, found[0], path)


def scan_rows(
    connection: sqlite3.Connection, low: bytes, high: bytes, limit: int, reverse: bool, path: Path
) -> list[tuple[bytes, bytes]]:
    """At most `limit` pairs with low <= key < high; raises StorageError."""
    try:
        found = connection.execute(SCAN[reverse], (low, high, limit)).fetchall()
    except sqlite3.Error as error:
        raise storage_error(error, path) from error
    return [(row, checked(row, stored, path)) for row, stored in found]


def write_rows(connection: sqlite3.Connection, rows: Mapping[bytes, bytes | None]) -> None:
    """Writes all rows in one transaction, durable on return; None deletes. Raises sqlite3.Error and writes nothing."""
    ordered = sorted(rows.items())
    puts = [(key, value + checksum(key, value)) for key, value in ordered if value is not None]
    small = [pair for pair in puts if len(pair[1]) <= VALUE_BYTES_MAX]
    connection.execute("BEGIN IMMEDIATE")
    try:
        if small:
            connection.execute(PUT_PACKED, _packed(small))
        if len(small) < len(puts):
            connection.executemany(PUT, [pair for pair in puts if len(pair[1]) > VALUE_BYTES_MAX])
        if len(puts) < len(ordered):
            connection.execute(DELETE_PACKED, _packed([(key, b"") for key, value in ordered if value is None]))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _packed(pairs: Sequence[tuple[bytes, bytes]]) -> tuple[bytes, str]:
    """The blob and the list of places."""
    offset, places = 0, []
    for key, value in pairs:
        assert len(key) <= KEY_BYTES_MAX
        places.append(str(offset << 33 | len(key) << 22 | len(value)))
        offset += len(key) + len(value)
    assert offset <= PACKED_BYTES_MAX
    return b"".join([part for pair in pairs for part in pair]), f"[{','.join(places)}]"
