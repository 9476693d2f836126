"""A database: one table of transfers, constraints, a write-ahead log, logins, a read-only replica, and one administrator.

The replica is fed asynchronously, as is usual: it lacks the last transfer. A backup is a copy of the file.
"""

import json
import sqlite3
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from scenarios.workshop.anomalies.system import ALICE, CAROL, ITEM, MALLORY, Fork, NotNowError, System, Transfer, TurnedAwayError

TABLES = """
CREATE TABLE items (item TEXT PRIMARY KEY, holder TEXT NOT NULL);
CREATE TABLE transfers (number INTEGER PRIMARY KEY, request TEXT NOT NULL UNIQUE, item TEXT NOT NULL REFERENCES items,
                        giver TEXT NOT NULL, receiver TEXT NOT NULL CHECK (receiver <> giver));
"""
REPLICA = 1
READ_ONLY = "?mode=ro"
FILES = ("", "-wal", "-shm")


class Database(System):
    """SQLite in the usual way; `at` is 0 for the primary and 1 for the replica."""

    name = "database"

    def __init__(self, directory: Path) -> None:
        self._main, self._copy, self._saved = (directory / f"{name}.db" for name in ("primary", "replica", "backup"))
        self._requests = count(1)
        self._replica: sqlite3.Connection | None = None
        self._primary: sqlite3.Connection | None = self._opened()
        self._primary.executescript(TABLES)
        self._primary.execute("INSERT INTO items VALUES (?, ?)", (ITEM, ALICE))
        self._primary.commit()
        self._ship()

    def close(self) -> None:
        """Lets go of the files."""
        self._leave_replica()
        if self._primary is not None:
            self._primary.close()
            self._primary = None

    def submit(self, transfer: Transfer, at: int = 0) -> bytes:
        """Giver and session are one: the login is that of the giver."""
        request = f"request-{next(self._requests)}"
        wire = json.dumps({"session": transfer.giver, "request": request, "giver": transfer.giver, "to": transfer.to}).encode()
        self._take(wire, at)
        return wire

    def holder(self, at: int = 0) -> str:
        """What the query says; an answer carries nothing that could be checked."""
        return self._holder(self._reader(at))

    def verify(self) -> str:
        """What the database checks of itself, and that the transfers lead to the holders."""
        connection = self._reader(0)
        for pragma in ("integrity_check", "foreign_key_check"):
            found = [row[0] for row in connection.execute(f"PRAGMA {pragma}") if row[0] != "ok"]
            if found:
                return f"{pragma}: {found[0]}"
        rows = connection.execute("SELECT giver, receiver FROM transfers ORDER BY number").fetchall()
        holders = [ALICE, *(receiver for _, receiver in rows)]
        if any(giver != holder for (giver, _), holder in zip(rows, holders, strict=False)):
            return "a transfer was not made by the holder"
        return "" if holders[-1] == self._holder(connection) else "items.holder is not where the transfers lead"

    def restart(self) -> None:
        """Opens the file again: the write-ahead log brings back what was committed."""
        if self._primary is None:
            self._primary = self._opened()

    def rewrite(self, to: str) -> None:
        """The administrator holds primary, replica and backup, and changes all of them alike."""
        connection = self._reader(0)
        connection.execute("UPDATE transfers SET receiver = ? WHERE number = (SELECT min(number) FROM transfers)", (to,))
        connection.execute("UPDATE items SET holder = ? WHERE item = ?", (to, ITEM))
        connection.commit()
        self._ship()
        self.backup()

    def replay(self, wire: bytes) -> None:
        """The same bytes once more, with the session that was overheard."""
        self._take(wire, 0)

    def pretend(self, transfer: Transfer) -> None:
        """Within a session of one's own: without the password there is none of that name."""
        wire = {"session": MALLORY, "request": "request-m", "giver": transfer.giver, "to": transfer.to}
        self._take(json.dumps(wire).encode(), 0)

    def insert(self, transfer: Transfer) -> None:
        """The administrator needs no session."""
        connection = self._reader(0)
        self._write(connection, f"request-{next(self._requests)}", transfer.giver, transfer.to)

    def equivocate(self, count: int) -> Fork:
        """One reader is answered from the table, another from a doctored copy; both are sound."""
        doctored = sqlite3.connect(":memory:")
        self._reader(0).backup(doctored)
        self._write(doctored, "request-x", ALICE, CAROL)
        told = self.holder(), self._holder(doctored)
        doctored.close()
        return Fork(told, ("two answers",), (self.verify(), ""), "", ())

    def part(self) -> Sequence[int]:
        """The primary on one side, the replica on the other."""
        return (0, REPLICA)

    def heal(self) -> None:
        """The replica catches up."""
        self._ship()

    def crash_leader(self) -> int:
        """The process ends in the middle of a transaction; the replica is left."""
        self._reader(0).execute("UPDATE items SET holder = 'nobody'")
        self.close()
        return REPLICA

    def backup(self) -> None:
        """A copy of the file."""
        with sqlite3.connect(self._saved) as saved:
            self._reader(0).backup(saved)
        saved.close()

    def lose_disk(self) -> None:
        """The replica, which is newer than the backup, becomes the primary."""
        self.close()
        for ending in FILES:
            Path(f"{self._main}{ending}").unlink(missing_ok=True)
        self._copy.rename(self._main)
        self._primary = self._opened()

    def _take(self, wire: bytes, at: int) -> None:
        asked = json.loads(wire)
        if asked["session"] != asked["giver"]:
            raise TurnedAwayError(f"{asked['session']} may not act for {asked['giver']}")
        connection = self._reader(at)
        if at == 0:
            self._ship()  # asynchronous: what came before this transfer
        self._write(connection, asked["request"], asked["giver"], asked["to"])

    def _write(self, connection: sqlite3.Connection, request: str, giver: str, to: str) -> None:
        try:
            with connection:
                row = (request, ITEM, giver, to)
                connection.execute("INSERT INTO transfers (request, item, giver, receiver) VALUES (?, ?, ?, ?)", row)
                changed = connection.execute("UPDATE items SET holder = ? WHERE item = ? AND holder = ?", (to, ITEM, giver))
                if changed.rowcount != 1:
                    raise TurnedAwayError(f"rolled back: {ITEM} does not belong to {giver}")
        except sqlite3.IntegrityError as error:
            raise TurnedAwayError(str(error)) from error
        except sqlite3.OperationalError as error:
            raise NotNowError(str(error)) from error

    def _reader(self, at: int) -> sqlite3.Connection:
        if at == REPLICA:
            self._replica = self._replica or sqlite3.connect(f"{self._copy.as_uri()}{READ_ONLY}", uri=True)
            return self._replica
        if self._primary is None:
            raise NotNowError("the primary is down")
        return self._primary

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._main)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def _leave_replica(self) -> None:
        if self._replica is not None:
            self._replica.close()
            self._replica = None

    def _ship(self) -> None:
        self._leave_replica()
        with sqlite3.connect(self._copy) as copy:
            self._reader(0).backup(copy)
        copy.close()

    @staticmethod
    def _holder(connection: sqlite3.Connection) -> str:
        return str(connection.execute("SELECT holder FROM items WHERE item = ?", (ITEM,)).fetchone()[0])
