"""The voting mark: a file that vouches that the database beside it holds all that the node's key has signed.

`tallystick node init` makes it, backups leave it out, and without it a validator asks the others before it votes
(`nodes/replica/recovery`). Its second line is the newest statement of the node that became durable: SQLite drops a torn end of
its log silently, and a database that lacks this statement has lost what its key signed, so that the node asks as well.

The line is overwritten in place after the database was written and before the statement is sent. It is not flushed on its own,
which would cost as much as writing the database. So it may be older than the database, after a crash between both or a power
cut, and is never newer: no crash is taken for a loss. It reveals a log that was cut, damaged or left out, and an older database
that was put beside it. It does not reveal a whole directory that was put back, mark included, or a disk that loses the end of
both.

A database that is a copy, or lost its end, has a row that says so: beside it no mark counts until the node has asked.
"""

from collections.abc import Callable
from pathlib import Path
from typing import IO

from ledger.certificate import Statement, parse_statement
from ledger.chain.tables import META
from ledger.encoding import decode, encode
from ledger.errors import MalformedError, StorageError
from ledger.primitives import NO_DIGEST
from ledger.state.store import Batch, Reader
from nodes.key_files import write_durable
from nodes.replica.voting_record import forget

VOTING_MARK = "voting.mark"
FORMAT = "tallystick-voting-mark-1"
STATEMENT_BYTES = 511
"""Of the second line, without its end; the longest statement has fewer than 400."""
UNMARKED = b"unmarked"
"""Row of `meta`: the owner's key may have signed more than this database knows."""
COPY, CUT = b"1", b"cut"
"""Its values: the database is a copy, or it lost its end."""


def write_voting_mark(directory: Path, ledger: str) -> None:
    """Marks that this directory holds all that its key has signed. Backups leave the file out."""
    write_durable(directory / VOTING_MARK, encode({"format": FORMAT, "ledger": ledger}) + b"\n")


def has_voting_mark(directory: Path) -> bool:
    """Whether the node may vote without asking the others first, if its database holds its newest statement."""
    return (directory / VOTING_MARK).exists()


def unmarked(why: bytes = COPY) -> Batch:
    """The batch that lets no voting mark count beside this database."""
    return Batch({(META, UNMARKED): why})


def silenced(reader: Reader, height: int) -> Batch:
    """The batch that makes a database a copy: without its owner's statements at the undecided height."""
    batch = unmarked()
    forget(batch, reader, height, NO_DIGEST)
    return batch


def marked() -> Batch:
    """The batch after the owner has asked the others: its voting mark counts again."""
    return Batch({(META, UNMARKED): None})


def is_unmarked(reader: Reader) -> bool:
    """Whether this database is a copy, or lost its end, and its owner has not asked the others yet."""
    return reader.get(META, UNMARKED) is not None


def is_cut(reader: Reader) -> bool:
    """Whether that is because it lost its end."""
    return reader.get(META, UNMARKED) == CUT


class VotingMark:
    """The mark of a running node, which keeps its newest statement."""

    def __init__(self, directory: Path) -> None:
        """Of a directory with a mark, or without one: then nothing is kept."""
        self._path = directory / VOTING_MARK
        self._file: IO[bytes] | None = None
        self._offset = 0
        self._is_whole = True
        self.open()

    def open(self) -> None:
        """Opens the mark that is there now."""
        if not self._path.exists():
            return
        try:
            self._file = self._path.open("r+b", buffering=0)
            first = self._file.readline()
        except OSError as error:
            raise _failed(self._path, error) from error
        self._offset, self._is_whole = len(first), first.endswith(b"\n")

    def is_held(self, holds: Callable[[Statement], bool]) -> bool:
        """Whether the database holds the statement in the mark; False also for a mark that cannot be read."""
        if self._file is None:
            return True
        if not self._is_whole:  # check: mark-whole
            return False
        self._file.seek(self._offset)
        line = self._file.read()
        try:
            return not line or holds(parse_statement(decode(line.rstrip(b" \n"))))
        except MalformedError:
            return False

    def write(self, statement: Statement) -> None:
        """Keeps a statement that is durable in the database; raises StorageError `storage-failed`."""
        if self._file is None:
            return
        line = encode(statement.to_json()).ljust(STATEMENT_BYTES) + b"\n"
        assert len(line) == STATEMENT_BYTES + 1
        try:
            self._file.seek(self._offset)
            self._file.write(line)
        except OSError as error:
            raise _failed(self._path, error) from error

    def close(self) -> None:
        """Lets go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _failed(path: Path, error: OSError) -> StorageError:
    return StorageError("storage-failed", f"{path} cannot be read or written: {error.strerror}.")
