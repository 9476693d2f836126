"""Archives of copies: nothing is unpacked that is larger, packed otherwise or shorter than a copy is."""

import zipfile
from pathlib import Path

import pytest

from ledger.errors import OperatorError
from nodes.node.copy_archive import MANIFEST_BYTES_MAX, SMALL_BYTES, Room, open_archive, pack, read_manifest, unpack
from tests.network_support import zipped
from tests.support import refusal

ROOM = Room(100_000_000, 200_000_000)


def code_of(source: Path, room: Room = ROOM) -> str | None:
    """What is said of an archive whose manifest and file `data` are to be unpacked."""
    try:
        with open_archive(source, room) as archive:
            read_manifest(archive, "manifest")
            unpack(archive, "data", source.with_name("unpacked"))
    except OperatorError as error:
        return error.code
    return None


def packed(path: Path, data: bytes, manifest: bytes = b"{}", method: int = zipfile.ZIP_DEFLATED) -> Path:
    return zipped(path, (("manifest", manifest), ("data", data)), method)


def test_what_was_packed_is_unpacked(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"some rows")
    pack(tmp_path / "a.zip", "manifest", b"{}", {"data": tmp_path / "data"}, ROOM)
    with open_archive(tmp_path / "a.zip", ROOM) as archive:
        assert read_manifest(archive, "manifest") == b"{}"
        unpack(archive, "data", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"some rows"


def test_a_small_archive_does_not_unpack_to_a_large_one(tmp_path: Path) -> None:
    """Zeros shrink to a thousandth, which no copy of a node does."""
    assert code_of(packed(tmp_path / "bomb.zip", bytes(SMALL_BYTES + 1))) == "snapshot-too-large"
    assert not (tmp_path / "unpacked").exists()


@pytest.mark.parametrize("room", [Room(1_000, 9_000), Room(9_000, 1_000)])
def test_files_have_a_limit_and_their_sum_too(tmp_path: Path, room: Room) -> None:
    assert code_of(packed(tmp_path / "large.zip", bytes(2_000)), room) == "snapshot-too-large"


def test_a_manifest_is_short(tmp_path: Path) -> None:
    assert code_of(packed(tmp_path / "a.zip", b"", b" " * (MANIFEST_BYTES_MAX + 1))) == "snapshot-too-large"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_kinds_of_compression_are_refused(tmp_path: Path, method: int) -> None:
    assert code_of(packed(tmp_path / "odd.zip", bytes(2_000), method=method)) == "bad-backup"


def test_what_says_of_itself_less_than_it_holds_is_refused(tmp_path: Path) -> None:
    """The length stands in the directory at the end: no more is read than it says, and then the checksum does not fit."""
    path = packed(tmp_path / "a.zip", bytes(2_000))
    data = path.read_bytes()
    path.write_bytes(data.replace((2_000).to_bytes(4, "little"), (200).to_bytes(4, "little")))
    assert code_of(path) == "bad-backup"
    assert (tmp_path / "unpacked").stat().st_size <= 200


def test_damage_and_absence_are_told(tmp_path: Path) -> None:
    content = bytes(range(256)) * 100
    whole = packed(tmp_path / "a.zip", content).read_bytes()
    for place in range(0, len(whole), 7):
        (tmp_path / "b.zip").write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        if code_of(tmp_path / "b.zip") is None:  # the byte said nothing of the content
            assert (tmp_path / "unpacked").read_bytes() == content
    assert code_of(tmp_path / "none.zip") == "missing-file"
    (tmp_path / "cut.zip").write_bytes(whole[:-30])
    assert code_of(tmp_path / "cut.zip") == "bad-backup"


def test_nothing_is_packed_that_could_not_be_unpacked(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(bytes(2_000))
    archive, files = tmp_path / "a.zip", {"data": tmp_path / "data"}
    assert refusal(OperatorError, pack, archive, "manifest", b"{}", files, Room(1_000, 1_000)).code == "snapshot-too-large"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]
