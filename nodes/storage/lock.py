"""A lock file held by the operating system, so that it is gone with its process, even after `kill -9`."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.errors import OperatorError, StorageError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class FileLock:
    """Taken when made; raises StorageError `database-in-use` if another holder runs."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("a+b")
        except OSError as error:
            raise StorageError("storage-failed", f"The lock file {path} cannot be opened: {error.strerror}.") from error
        try:
            if sys.platform == "win32":
                self._file.seek(0)
                msvcrt.locking(self._file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise StorageError(
                "database-in-use", f"A running node holds {path}. Stop it first, or name another folder."
            ) from error

    def keep_until_exit(self) -> None:
        """Holds it until this process is gone, so that waiting for the lock is waiting for that."""
        os.dup(self._file.fileno())

    def release(self) -> None:
        """Lets the next holder in. The file stays: removing it would race with one who just opened it."""
        if sys.platform != "win32":
            fcntl.flock(self._file, fcntl.LOCK_UN)  # closing is not enough while a process that is just forked has a copy
        self._file.close()


@contextmanager
def held(path: Path, refusal: OperatorError) -> Iterator[None]:
    """Holds the lock until the end; raises the refusal if another program does."""
    try:
        lock = FileLock(path)
    except StorageError as error:
        if error.code != "database-in-use":
            raise
        raise refusal from error
    try:
        yield
    finally:
        lock.release()


def is_held(path: Path) -> bool:
    """Whether some program holds the lock, or nothing can be said of it."""
    try:
        FileLock(path).release()
    except StorageError:
        return True
    return False
