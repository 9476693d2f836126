"""The archive of an export: the ledger, its genesis, a verifier that needs only Python, and how to use it.

Same ledger, same bytes on every machine: names in order, one date, nothing compressed. Nothing is ever unpacked to disk:
what is read of an archive is the one entry whose lines are verified, and an archive with other entries is refused.
"""

import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO

from ledger.audit.exported import parse_export_head
from ledger.errors import MalformedError
from nodes.key_files import whole_file

README, GENESIS, LEDGER, VERIFIER = "README.txt", "genesis.json", "ledger.jsonl", "verify.py"
NAMES = (README, GENESIS, LEDGER, VERIFIER)
SUFFIX = ".zip"
LINE_BYTES_MAX = 256_000_000
"""Longest line that is read from an archive: one block with its receipts and writes."""
RATIO_MAX = 100
"""An entry that claims to unpack to more times its size is refused. Canonical JSON of hexadecimal digests packs to a third."""
_MAGIC = b"PK\x03\x04"
_DATE = (1980, 1, 1, 0, 0, 0)


def write_export(file: Path, lines: Iterable[bytes]) -> None:
    """Writes an export under its name once it is complete, as an archive if the name ends in .zip. Raises OperatorError."""
    with whole_file(file) as partial, partial.open("wb") as target:
        if file.suffix == SUFFIX:
            write_archive(target, lines)
        else:
            target.writelines(line + b"\n" for line in lines)


def write_archive(target: BinaryIO, lines: Iterable[bytes]) -> None:
    """Writes the archive of an export, whose lines have no line ends; the first holds the genesis. Raises InputError."""
    following = iter(lines)
    head = next(following, b"")
    genesis = parse_export_head(head)
    readme = (files("nodes.commands") / "archive_readme.txt").read_text(encoding="utf-8").format(ledger=genesis.ledger)
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(_entry(README), readme)
        archive.writestr(_entry(GENESIS), genesis.encode() + b"\n")
        with archive.open(_entry(LEDGER), "w", force_zip64=True) as ledger:
            ledger.write(head + b"\n")
            for line in following:
                ledger.write(line + b"\n")
        archive.writestr(_entry(VERIFIER), (files("ledger.audit") / "standalone.py").read_bytes())


@contextmanager
def open_export(file: Path) -> Iterator[Iterator[bytes]]:
    """Lines without their ends, of an archive or of a file that is none; raises OSError, MalformedError `bad-archive`."""
    with file.open("rb") as source:
        is_archive = source.read(len(_MAGIC)) == _MAGIC
        source.seek(0)
        if is_archive:
            with _reading():
                archive = zipfile.ZipFile(source)
            with archive:
                yield (line.rstrip(b"\n") for line in _lines(archive))
        else:
            yield (line.rstrip(b"\n") for line in source)


def _lines(archive: zipfile.ZipFile) -> Iterator[bytes]:
    """The lines of the ledger, after a look at all that the archive says it holds."""
    entries = archive.infolist()
    if sorted(entry.filename for entry in entries) != sorted(NAMES):  # check: archive-names
        raise MalformedError("bad-archive", f"An archive of an export holds exactly {', '.join(NAMES)}.")
    if any(entry.file_size > RATIO_MAX * (entry.compress_size + 100) for entry in entries):  # check: archive-ratio
        raise MalformedError("bad-archive", f"An entry says that it unpacks to more than {RATIO_MAX} times its size.")
    with _reading(), archive.open(LEDGER) as ledger:
        while line := ledger.readline(LINE_BYTES_MAX + 1):
            if len(line) > LINE_BYTES_MAX:  # check: archive-line
                raise MalformedError("bad-archive", f"A line of the ledger has more than {LINE_BYTES_MAX} bytes.")
            yield line


@contextmanager
def _reading() -> Iterator[None]:
    """Tells what `zipfile` says of a damaged, encrypted or unknown archive."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise MalformedError("bad-archive", f"The archive cannot be read: {error}.") from error


def _entry(name: str) -> zipfile.ZipInfo:
    """An entry that says nothing of when or on what system it was made."""
    entry = zipfile.ZipInfo(name, _DATE)
    entry.create_system = 3
    entry.external_attr = 0o100644 << 16
    return entry
