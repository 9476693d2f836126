"""Files of nodes packed into one: written whole or not at all, and unpacked within limits.

Before anything is unpacked, the sizes that an archive declares are compared with the limits; no more of an entry is read than
it declares, in pieces.
"""

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj

from pydantic import ValidationError

from ledger.errors import InputError, OperatorError
from nodes.key_files import PRIVATE_MODE, whole_file

FAST = 1
"""Level of compression: fast, an operator waits."""
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Of others Python may unpack any number of bytes at once."""
RATIO_MAX = 100
"""An archive unpacks to at most this many times its length: databases shrink to a third, logs to a tenth."""
SMALL_BYTES = 20_000_000
"""Or to this: a new database is mostly zeros."""
MANIFEST_BYTES_MAX = 1_000_000
"""Of the part that is read as a whole."""
UNREADABLE = (
    OSError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    NotImplementedError,
    RuntimeError,
    ValidationError,
    InputError,
)


@dataclass(frozen=True, slots=True)
class Room:
    """What an archive may take up, unpacked."""

    entry_bytes_max: int
    sum_bytes_max: int


@contextmanager
def open_archive(source: Path, room: Room) -> Iterator[zipfile.ZipFile]:
    """An archive within its limits; raises OperatorError `missing-file`, `snapshot-too-large`, `bad-backup`.

    What the caller finds wrong with its content while it is open is `bad-backup` as well.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            _verify_room(archive.infolist(), source.stat().st_size, room)
            yield archive
    except FileNotFoundError as error:
        raise OperatorError("missing-file", f"{source} cannot be read: {error.strerror}.") from error
    except UNREADABLE as error:
        raise OperatorError("bad-backup", f"{source} is no such copy, or is damaged: {error}.") from error


def read_manifest(archive: zipfile.ZipFile, name: str) -> bytes:
    """The part that describes the others; raises KeyError where it is missing."""
    if archive.getinfo(name).file_size > MANIFEST_BYTES_MAX:  # check: manifest-size
        raise OperatorError("snapshot-too-large", f"{name} has at most {MANIFEST_BYTES_MAX} bytes.")
    return archive.read(name)


def unpack(archive: zipfile.ZipFile, name: str, target: Path) -> None:
    """Writes one file of an archive to where only its owner reads it; raises KeyError where it is missing."""
    target.touch(PRIVATE_MODE)
    with archive.open(name) as packed, target.open("wb") as file:
        copyfileobj(packed, file)


def pack(target: Path, manifest_name: str, manifest: bytes, files: Mapping[str, Path], room: Room) -> None:
    """Writes files, by their names in it, to an archive that only its owner reads, whole or not at all.

    Raises OperatorError, `snapshot-too-large` for what could not be unpacked again.
    """
    with whole_file(target, PRIVATE_MODE) as partial:  # it may hold private documents
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=FAST) as archive:
            archive.writestr(manifest_name, manifest)
            for name, path in files.items():
                archive.write(path, name)
        _verify_room(archive.infolist(), partial.stat().st_size, room)


def _verify_room(entries: list[zipfile.ZipInfo], archive_bytes: int, room: Room) -> None:
    if any(entry.compress_type not in PACKED for entry in entries):  # check: archive-packed
        raise zipfile.BadZipFile("it is compressed in a way that no copy is")
    sizes = [entry.file_size for entry in entries]
    bytes_max = min(room.sum_bytes_max, max(SMALL_BYTES, RATIO_MAX * archive_bytes))
    if max(sizes, default=0) > room.entry_bytes_max or sum(sizes) > bytes_max:  # check: archive-size
        raise OperatorError(
            "snapshot-too-large",
            f"The archive unpacks to {sum(sizes):,} bytes; the limit is {bytes_max:,}, and {room.entry_bytes_max:,} a file.",
        )
