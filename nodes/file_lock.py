"""A lock on a file that the system releases when its holder ends, however it ends: no stale lock after a kill.

It is SQLite's own lock on an empty database, because that works the same on every system.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ledger.errors import OperatorError


@contextmanager
def hold_lock(path: Path, code: str, message: str) -> Iterator[None]:
    """Holds the lock inside the `with`; raises OperatorError with this code and message if another program has it."""
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)) as connection:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise OperatorError(code, message) from error
        yield


def is_locked(path: Path) -> bool:
    """Whether a running program holds the lock."""
    if not path.exists():
        return False
    try:
        with hold_lock(path, "locked", "The lock is held."):
            return False
    except OperatorError:
        return True
