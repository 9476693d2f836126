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
from typing import Any, Literal

from ledger.encoding import decode, encode
from ledger.errors import InputError, JsonValue, MalformedError, OperatorError, StorageError, VerificationError
from ledger.primitives import Digest, is_digest
from ledger.sealed import parse_opening, sealed_digest
from nodes.key_files import PRIVATE_MODE
from nodes.storage.sqlite import sqlite_errors
from nodes.storage.sqlite_copy import DAMAGED, verify_schema

READS_MAX = 1_000_000
"""Entries of reads after which an older one goes, if it has been repeated since: who got what stays."""
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

_DOCUMENT = "digest, opening, stored_at_ms, stored_by, purged_at_ms, purged_by"
_TAKEN = {
    "places": ("digest", "contract", "collection", "key"),
    "seen": ("digest", "member"),
    "reads": ("sequence", "time", "what", "member", "digest", "fields", "rule"),
}
"""What a restored node takes over of the other tables."""

What = Literal["read", "passed", "stored", "purged"]


@dataclass(frozen=True, slots=True, order=True)
class RecordPlace:
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
    places: tuple[RecordPlace, ...]
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


def restore_documents(source: Path, target: Path) -> None:
    """A new file of the documents of a copy; raises OperatorError `bad-backup`, StorageError.

    An opening gives its digest, and a document has a place; who has seen or read what stands only in the copy. What speaks of
    a document that is not there is left out, so that no member is entitled in advance.
    """
    store = DocumentStore(target)
    try:
        verify_schema(source, _SCHEMA)
        store.take_from(source)
    except (InputError, VerificationError, StorageError) as error:
        if isinstance(error, StorageError) and error.code not in DAMAGED:
            raise
        raise OperatorError("bad-backup", f"The documents of the copy do not hold: {error.message}") from error
    finally:
        store.close()


class DocumentStore:
    """The documents of one node."""

    def __init__(self, path: Path | None) -> None:
        """Opens or makes the file, readable only by its owner; None: in memory. Raises StorageError `storage-failed`."""
        self._path = path or Path(":memory:")
        if path is not None:
            try:
                os.close(os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_MODE))
            except OSError as error:
                raise StorageError("storage-failed", f"{path} cannot be used: {error}.") from error
        with sqlite_errors(self._path):
            self._database = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
                self._database.execute(f"PRAGMA {pragma}")
            self._database.executescript(_SCHEMA)
            self._erase()

    def close(self) -> None:
        """Closes the file."""
        self._database.close()

    def find(self, digest: Digest) -> Document | None:
        """The document or its tombstone."""
        row = self._run("SELECT opening, purged_at_ms, purged_by FROM documents WHERE digest = ?", digest).fetchone()
        if row is None:
            return None
        places = self._run("SELECT contract, collection, key FROM places WHERE digest = ? ORDER BY 1, 2, 3", digest)
        try:
            opening = None if row[0] is None else decode(row[0])
            if opening is not None and sealed_digest(parse_opening(opening)) != digest:  # check: stored-opening
                raise VerificationError("wrong-opening", "It does not give its digest")
        except (MalformedError, VerificationError) as error:
            raise StorageError("database-damaged", f"{self._path} is damaged: document {digest}: {error.message}.") from error
        return Document(digest, opening, tuple(RecordPlace(*place) for place in places), *row[1:])

    def put(self, digest: Digest, opening: JsonValue, places: Iterable[RecordPlace], member: str, time_ms: int) -> None:
        """Stores a document, or further places of one that is here."""
        data = encode(opening)
        with self._database:
            self._run("BEGIN IMMEDIATE")
            self._run(
                "INSERT OR IGNORE INTO documents VALUES (?, ?, ?, ?, ?, NULL, NULL)", digest, data, len(data), time_ms, member
            )
            for place in places:
                self._run("INSERT OR IGNORE INTO places VALUES (?, ?, ?, ?)", digest, place.contract, place.collection, place.key)

    def take_from(self, copy: Path) -> None:
        """Takes over a file of the same tables; raises InputError, VerificationError or StorageError and takes nothing."""
        self._run("ATTACH DATABASE ? AS copy", str(copy))
        with self._database:
            self._run("BEGIN IMMEDIATE")
            for digest, opening, *stored in self._run(f"SELECT {_DOCUMENT} FROM copy.documents"):  # noqa: S608
                size = 0 if opening is None else len(opening)
                _verify_document(digest, opening, *stored)
                self._run("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?)", digest, opening, size, *stored)
            known = {digest for (digest,) in self._run("SELECT digest FROM documents")}
            for table, columns in _TAKEN.items():
                for row in self._run(f"SELECT {', '.join(columns)} FROM copy.{table}").fetchall():  # noqa: S608
                    found = dict(zip(columns, row, strict=True))
                    _verify_row(table, found)
                    if found["digest"] in known:
                        places = ", ".join("?" * len(row))
                        self._run(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", *row)  # noqa: S608
            if self._run(
                "SELECT 1 FROM documents WHERE digest NOT IN (SELECT digest FROM places)"
            ).fetchone():  # check: document-place
                raise MalformedError("bad-document", "A document belongs to no record.")
        self._run("DETACH DATABASE copy")

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
        """Empties the log of SQLite, where purged bytes would live on; waits for no reader."""
        self._run("PRAGMA busy_timeout = 0")
        is_busy, *_ = self._run("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        self._run(f"PRAGMA busy_timeout = {BUSY_MS}")
        self._is_erased = not is_busy

    def _run(self, statement: str, *values: str | int | bytes | None) -> sqlite3.Cursor:
        with sqlite_errors(self._path):
            return self._database.execute(statement, values)


def _verify_document(digest: Any, opening: Any, at_ms: Any, by: Any, purged_at_ms: Any, purged_by: Any) -> None:
    """Raises InputError or VerificationError unless it is what `put` and `purge` leave."""
    is_purged = (type(purged_at_ms), type(purged_by)) == (int, str)
    if not is_digest(digest) or (type(at_ms), type(by)) != (int, str) or is_purged != (opening is None):
        raise MalformedError("bad-document", "A row of documents has another form.")
    if not is_purged:
        if (purged_at_ms, purged_by) != (None, None) or not isinstance(opening, bytes):
            raise MalformedError("bad-document", "A document that was not purged has an opening.")
        if sealed_digest(parse_opening(decode(opening))) != digest:  # check: copied-opening
            raise VerificationError("wrong-opening", f"The opening does not give the sealed digest {digest}.")


def _verify_row(table: str, row: Mapping[str, Any]) -> None:
    numbers = ("sequence", "time")
    if any(type(value) is not (int if name in numbers else str) for name, value in row.items()):  # check: copied-document-row
        raise MalformedError("bad-document", f"A row of {table} has another form.")
    if "fields" in row and not (isinstance(names := decode(row["fields"].encode()), list) and all(type(n) is str for n in names)):
        raise MalformedError("bad-document", "Names of fields that were read are a list of strings.")
