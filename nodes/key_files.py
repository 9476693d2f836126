"""Keys as files of mode 0600, members whose key is at hand, and files that are written whole or not at all."""

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ledger.errors import OperatorError
from ledger.keys import PrivateKey
from ledger.primitives import is_member_id

PRIVATE_MODE = 0o600
SUFFIX = ".key"
PARTIAL = ".new"
"""What a file is called until it is whole."""
_SEED = re.compile(rb"[0-9a-f]{64}\s*")


def random_key() -> PrivateKey:
    """A fresh key from the operating system's randomness."""
    return PrivateKey(secrets.token_bytes(32))


def write_key(path: Path, key: PrivateKey) -> None:
    """Writes the seed in hexadecimal; raises OperatorError `key-exists` instead of replacing a key."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_MODE)
    except FileExistsError as error:
        raise OperatorError("key-exists", f"{path} exists already; a key is never replaced. Choose another file.") from error
    except OSError as error:
        raise OperatorError("cannot-write", f"The key file {path} cannot be written: {error.strerror}.") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.seed.hex().encode() + b"\n")


def read_key(path: Path) -> PrivateKey:
    """Reads a key; raises OperatorError `missing-key` or `bad-key-file`."""
    text = read_bytes(path, "missing-key")
    if not _SEED.fullmatch(text):  # check: key-file-form
        raise OperatorError("bad-key-file", f"{path} is not a key file: it holds 64 lower-case hexadecimal digits.")
    return PrivateKey(bytes.fromhex(text.decode().strip()))


@dataclass(frozen=True)
class LocalMember:
    """Member id and private key, to sign with."""

    id: str
    key: PrivateKey

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Reads `…/ORGANIZATION.NAME.key`, with or without the ending; raises OperatorError."""
        member = Path(path).name.removesuffix(SUFFIX)
        if not is_member_id(member):
            raise OperatorError("bad-key-file", f"{path}: the file of a member's key is called ORGANIZATION.NAME{SUFFIX}.")
        return cls(member, read_key(Path(path).with_name(member + SUFFIX)))


def read_bytes(path: Path, code: str = "missing-file") -> bytes:
    """A whole file; raises OperatorError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise OperatorError(code, f"{path} cannot be read: {error.strerror}.") from error


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raises OperatorError `cannot-write` where what happens inside cannot write the file."""
    try:
        yield
    except OSError as error:
        raise OperatorError("cannot-write", f"{path} cannot be written: {error.strerror}.") from error


def write_durable(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Replaces the file in one step and waits until that is on disk; raises OperatorError `cannot-write`."""
    with whole_file(path, mode) as partial:
        partial.write_bytes(data)


@contextmanager
def whole_file(target: Path, mode: int = 0o644) -> Iterator[Path]:
    """Where to write what takes the name of the target when the block ends without an error, and is removed otherwise.

    Raises OperatorError `cannot-write`.
    """
    partial = target.with_name(target.name + PARTIAL)
    with writing(target):
        try:
            partial.touch(mode)
            yield partial
            put_in_place(partial, target)
        finally:
            partial.unlink(missing_ok=True)


def put_in_place(partial: Path, target: Path) -> None:
    """Names a file that is whole; waits until that is on disk. Raises OSError."""
    _sync(partial)
    os.replace(partial, target)
    if os.name != "nt":  # there a directory cannot be opened
        _sync(target.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
