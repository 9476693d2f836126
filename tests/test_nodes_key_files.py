"""Key files: owner alone, never replaced, one form."""

import os
from pathlib import Path

import pytest

from ledger.errors import OperatorError
from nodes.key_files import random_key, read_key, write_durable, write_key


def test_a_key_comes_back(tmp_path: Path) -> None:
    key = random_key()
    write_key(tmp_path / "a.b.key", key)
    assert read_key(tmp_path / "a.b.key").public_key == key.public_key


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
def test_a_key_is_its_owners_alone(tmp_path: Path) -> None:
    write_key(tmp_path / "a.b.key", random_key())
    assert (tmp_path / "a.b.key").stat().st_mode & 0o777 == 0o600


def test_a_key_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.b.key"
    write_key(path, random_key())
    before = path.read_bytes()
    with pytest.raises(OperatorError) as caught:
        write_key(path, random_key())
    assert caught.value.code == "key-exists"
    assert path.read_bytes() == before


def test_a_missing_key_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="cannot be read") as caught:
        read_key(tmp_path / "a.b.key")
    assert caught.value.code == "missing-key"


def test_a_key_cannot_be_written_into_nowhere(tmp_path: Path) -> None:
    with pytest.raises(OperatorError) as caught:
        write_key(tmp_path / "nowhere" / "a.b.key", random_key())
    assert caught.value.code == "cannot-write"


@pytest.mark.parametrize("text", ["", "00", "AB" * 32, "zz" * 32, "ab" * 33, "-----BEGIN PRIVATE KEY-----"])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.b.key").write_text(text)
    with pytest.raises(OperatorError) as caught:
        read_key(tmp_path / "a.b.key")
    assert caught.value.code == "bad-key-file"


def test_a_durable_write_replaces_whole(tmp_path: Path) -> None:
    write_durable(tmp_path / "file", b"first, and longer")
    write_durable(tmp_path / "file", b"second")
    assert (tmp_path / "file").read_bytes() == b"second"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_durable_write_into_nowhere_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(OperatorError) as caught:
        write_durable(tmp_path / "nowhere" / "file", b"")
    assert caught.value.code == "cannot-write"
