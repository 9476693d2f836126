"""The archive of an export: the same bytes always, verified by what is in it, and refused in any other form."""

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from ledger.audit import audit_export, standalone
from ledger.audit.exported import parse_export_head
from ledger.errors import MalformedError, OperatorError
from nodes.commands import archive
from nodes.commands.archive import GENESIS, LEDGER, NAMES, README, VERIFIER, open_export, write_archive, write_export
from scenarios.sample import sample_path
from tests.network_support import zipped
from tests.project import ROOT

LINES = sample_path().read_bytes().splitlines()
LEDGER_ID = parse_export_head(LINES[0]).ledger


def made(path: Path) -> Path:
    write_export(path / "sample.zip", LINES)
    return path / "sample.zip"


def lines_of(file: Path) -> list[bytes]:
    with open_export(file) as lines:
        return list(lines)


def entries() -> list[tuple[str, bytes]]:
    return [(name, b"\n".join(LINES) if name == LEDGER else b"") for name in NAMES]


def test_the_archive_has_the_same_bytes_always(tmp_path: Path) -> None:
    twice = [BytesIO(), BytesIO()]
    for target in twice:
        write_archive(target, iter(LINES))
    assert twice[0].getvalue() == twice[1].getvalue() == made(tmp_path).read_bytes()


def test_the_archive_holds_ledger_genesis_and_verifier(tmp_path: Path) -> None:
    with zipfile.ZipFile(made(tmp_path)) as found:
        assert found.namelist() == list(NAMES)
        assert found.read(LEDGER) == sample_path().read_bytes()
        assert found.read(GENESIS) == parse_export_head(LINES[0]).encode() + b"\n"
        assert found.read(VERIFIER) == (ROOT / "ledger/audit/standalone.py").read_bytes()
        assert found.read(README).decode().count(LEDGER_ID) == 4
        assert {entry.date_time for entry in found.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(("damage", "code"), [(b"", 0), (b"x", 1)])
def test_the_verifier_in_the_archive_judges_its_ledger_alone(tmp_path: Path, damage: bytes, code: int) -> None:
    with zipfile.ZipFile(made(tmp_path)) as found:
        found.extractall(tmp_path)
    with (tmp_path / LEDGER).open("ab") as ledger:
        ledger.write(damage)
    command = [sys.executable, "-I", "-S", VERIFIER, LEDGER, "--ledger", LEDGER_ID]  # no site packages
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (code, "")
    assert done.stdout.endswith("Everything holds.\n") == (code == 0)


def test_an_archive_is_read_as_the_file_is(tmp_path: Path) -> None:
    assert lines_of(made(tmp_path)) == lines_of(sample_path())
    assert audit_export(line.rstrip(b"\n") for line in lines_of(made(tmp_path))).broken is None


@pytest.mark.parametrize(
    "names",
    [NAMES[:-1], (*NAMES, "../x"), ("../ledger.jsonl", *NAMES[:2], VERIFIER), (*NAMES, LEDGER), (*NAMES[:3], "/verify.py"), ()],
    ids=["missing", "one more", "elsewhere", "twice", "absolute", "empty"],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_archive_with_other_entries_is_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    file = zipped(tmp_path / "other.zip", [(name, LINES[0]) for name in names])
    if not names:
        file.write_bytes(b"PK\x03\x04" + file.read_bytes())
    with pytest.raises(MalformedError, match="archive") as caught:
        lines_of(file)
    assert caught.value.code == "bad-archive"


def test_an_entry_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    file = zipped(tmp_path / "other.zip", [*entries()[1:], (README, bytes(1_000_000))])
    with pytest.raises(MalformedError, match="more than 100 times"):
        lines_of(file)


def test_a_line_that_is_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LINE_BYTES_MAX", len(LINES[1]))
    with pytest.raises(MalformedError, match="A line of the ledger"):
        lines_of(made(tmp_path))


def test_no_byte_of_an_archive_may_change_the_ledger_unnoticed(tmp_path: Path) -> None:
    data = made(tmp_path).read_bytes()
    for place in range(0, len(data), 97):
        (tmp_path / "damaged.zip").write_bytes(data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :])
        try:
            lines = lines_of(tmp_path / "damaged.zip")
        except MalformedError:
            continue
        # Another byte of the frame or of the other files; or it is no archive any more.
        assert lines == LINES or standalone.verify_lines(lines).broken is not None


def breaking_off() -> Iterator[bytes]:
    yield from LINES[:2]
    raise OperatorError("unreachable", "The node is gone.")


def test_an_export_that_breaks_off_leaves_no_file(tmp_path: Path) -> None:
    for name in ("a.zip", "a.jsonl"):
        with pytest.raises(OperatorError, match="gone"):
            write_export(tmp_path / name, breaking_off())
    with pytest.raises(OperatorError, match="cannot be written"):
        write_export(tmp_path / "nowhere" / "a.zip", LINES)
    assert list(tmp_path.iterdir()) == []
