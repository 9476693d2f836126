"""Key files: owner alone, never replaced, one form."""

import os
from pathlib import Path

import pytest

from ledger.errors import OperatorError
from nodes.key_files import random_key, read_key, write_durable, write_key
from tests.support import refusal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.b.key"


def test_a_key_comes_back(path: Path) -> None:
    key = random_key()
    write_key(path, key)
    assert read_key(path).public_key == key.public_key


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
def test_a_key_is_its_owners_alone(path: Path) -> None:
    write_key(path, random_key())
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_is_never_replaced(path: Path) -> None:
    write_key(path, random_key())
    before = path.read_bytes()
    assert refusal(OperatorError, write_key, path, random_key()).code == "key-exists"
    assert path.read_bytes() == before


def test_a_missing_key_is_a_sentence(path: Path) -> None:
    error = refusal(OperatorError, read_key, path)
    assert error.code == "missing-key"
    assert "cannot be read" in str(error)


def test_nothing_is_written_into_nowhere(tmp_path: Path) -> None:
    assert refusal(OperatorError, write_key, tmp_path / "nowhere" / "a.b.key", random_key()).code == "cannot-write"
    assert refusal(OperatorError, write_durable, tmp_path / "nowhere" / "file", b"").code == "cannot-write"


@pytest.mark.parametrize("text", ["", "00", "AB" * 32, "zz" * 32, "ab" * 33, "-----BEGIN PRIVATE KEY-----"])
def test_a_file_that_is_no_key_is_refused(path: Path, text: str) -> None:
    path.write_text(text)
    assert refusal(OperatorError, read_key, path).code == "bad-key-file"


def test_a_durable_write_replaces_whole(tmp_path: Path) -> None:
    write_durable(tmp_path / "file", b"first, and longer")
    write_durable(tmp_path / "file", b"second")
    assert (tmp_path / "file").read_bytes() == b"second"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
