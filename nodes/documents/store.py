"""Private documents on disk, in a database of their own beside the ledger's, so that nothing copies them with the ledger.

    documents  the opening, who stored it; NULL once purged: the row stays as a tombstone, the bytes are overwritten
    places     the records whose sealed field a document opens
    seen       who was entitled when it was stored here, or has read it: they keep what they saw
    reads      who got what and when, by name of field; never a value

Every write is durable when the call returns. Called in the event loop's thread.
"""

import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ledger.encoding import decode, encode
from ledger.errors import JsonValue, StorageError
from ledger.primitives import Digest
from nodes.key_files import PRIVATE_MODE

READS_MAX = 1_000_000
"""Entries of reads after which an older one goes, if it has been repeated since: that somebody got something stays."""
BUSY_MS = 5_000
"""How long a write waits for a backup to take its moment."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (digest TEXT PRIMARY KEY, opening BLOB, size INTEGER NOT NULL, stored_at_ms INTEGER NOT NULL,
    stored_by TEXT NOT NULL, purged_at_ms INTEGER, purged_by TEXT) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_member ON documents (stored_by, size);
CREATE TABLE IF NOT EXISTS places (digest TEXT, contract TEXT, collection TEXT, key TEXT,
    PRIMARY KEY (digest, contract, collection, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen (digest TEXT, member TEXT, PRIMARY KEY (digest, member)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reads (sequence INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, what TEXT NOT NULL,
    member TEXT NOT NULL, digest TEXT NOT NULL, fields TEXT NOT NULL, rule TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS repeated ON reads (digest, member, what, fields);
"""
_FORGET_REPEATED = """DELETE FROM reads WHERE sequence = ? AND EXISTS (SELECT 1 FROM reads AS later
    WHERE (later.digest, later.member, later.what, later.fields) = (reads.digest, reads.member, reads.what, reads.fields)
    AND later.sequence > reads.sequence)"""

What = Literal["read", "passed", "stored", "purged"]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A record of the ledger."""

    contract: str
    collection: str
    key: str


@dataclass(frozen=True, slots=True)
class Document:
    """What is kept of one document."""

    digest: Digest
    opening: JsonValue
    """`{"salt", "value"}`; None once purged."""
    places: tuple[Place, ...]
    purged_at_ms: int | None
    purged_by: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """Who got what; never a value."""

    what: What
    member: str
    digest: Digest
    fields: Sequence[str]
    """Names of the fields; one empty name for a value without fields."""
    rule: str
    time_ms: int


class DocumentStore:
    """The documents of one node."""

    def __init__(self, path: Path | None) -> None:
        """Opens or makes the file, for its owner's eyes alone; None: in memory. Raises StorageError `storage-failed`."""
        self._path = path or ":memory:"
        try:
            if path is not None:
                os.close(os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_MODE))
            self._database = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
                self._database.execute(f"PRAGMA {pragma}")
            self._database.executescript(_SCHEMA)
            self._erase()
        except (OSError, sqlite3.Error) as error:
            raise StorageError("storage-failed", f"{path} cannot be used: {error}.") from error

    def close(self) -> None:
        """Closes the file."""
        self._database.close()

    def find(self, digest: Digest) -> Document | None:
        """The document or its tombstone."""
        row = self._run("SELECT opening, purged_at_ms, purged_by FROM documents WHERE digest = ?", digest).fetchone()
        if row is None:
            return None
        places = self._run("SELECT contract, collection, key FROM places WHERE digest = ? ORDER BY 1, 2, 3", digest)
        return Document(digest, None if row[0] is None else decode(row[0]), tuple(Place(*place) for place in places), *row[1:])

    def put(self, digest: Digest, opening: JsonValue, places: Iterable[Place], member: str, time_ms: int) -> None:
        """Stores a document, or further places of one that is here."""
        data = encode(opening)
        with self._database:
            self._run("BEGIN IMMEDIATE")
            self._run(
                "INSERT OR IGNORE INTO documents VALUES (?, ?, ?, ?, ?, NULL, NULL)", digest, data, len(data), time_ms, member
            )
            for place in places:
                self._run("INSERT OR IGNORE INTO places VALUES (?, ?, ?, ?)", digest, place.contract, place.collection, place.key)

    def purge(self, digest: Digest, member: str, time_ms: int) -> None:
        """Forgets the bytes; digest, places and reads stay. Bytes that a backup reads now go with the next entry after it."""
        self._run(
            "UPDATE documents SET opening = NULL, size = 0, purged_at_ms = ?, purged_by = ? WHERE digest = ?",
            time_ms,
            member,
            digest,
        )
        self._erase()

    def size_of(self, member: str) -> int:
        """Bytes of openings that this member has stored here."""
        return int(self._run("SELECT COALESCE(SUM(size), 0) FROM documents WHERE stored_by = ?", member).fetchone()[0])

    def size(self) -> int:
        """Bytes of all openings."""
        return int(self._run("SELECT COALESCE(SUM(size), 0) FROM documents").fetchone()[0])

    def has_seen(self, digest: Digest, member: str) -> bool:
        """Whether the member was entitled when the document came here, or has read it."""
        return self._run("SELECT 1 FROM seen WHERE digest = ? AND member = ?", digest, member).fetchone() is not None

    def log(self, entry: Entry, seen: Iterable[str] = ()) -> None:
        """Writes down who got what; the members of `seen` keep the document, whatever becomes of the record."""
        row = (entry.time_ms, entry.what, entry.member, entry.digest, encode([*entry.fields]).decode(), entry.rule)
        with self._database:
            self._run("BEGIN IMMEDIATE")
            done = self._run("INSERT INTO reads (time, what, member, digest, fields, rule) VALUES (?, ?, ?, ?, ?, ?)", *row)
            assert done.lastrowid is not None
            self._run(_FORGET_REPEATED, done.lastrowid - READS_MAX)
            for member in seen:
                self._run("INSERT OR IGNORE INTO seen VALUES (?, ?)", entry.digest, member)
        if not self._is_erased:
            self._erase()

    def reads(self, after: int, limit: int) -> list[Mapping[str, JsonValue]]:
        """Entries behind a sequence number, in order."""
        rows = self._run(
            "SELECT sequence, time, what, member, digest, fields, rule FROM reads WHERE sequence > ? ORDER BY 1 LIMIT ?",
            after,
            limit,
        )
        names = ("sequence", "time", "what", "member", "digest", "fields", "rule")
        return [{**dict(zip(names, row, strict=True)), "fields": decode(row[5].encode())} for row in rows]

    def _erase(self) -> None:
        """Empties the log of SQLite, where purged bytes would live on; waits for nobody."""
        self._run("PRAGMA busy_timeout = 0")
        is_busy, *_ = self._run("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        self._run(f"PRAGMA busy_timeout = {BUSY_MS}")
        self._is_erased = not is_busy

    def _run(self, statement: str, *values: str | int | bytes) -> sqlite3.Cursor:
        try:
            return self._database.execute(statement, values)
        except sqlite3.Error as error:
            raise StorageError("storage-failed", f"{self._path} cannot be used: {error}.") from error
