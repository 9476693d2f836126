"""Settings files: what is missing or does not fit is a sentence with a code."""

import shutil
from pathlib import Path

import pytest

from ledger.errors import OperatorError
from nodes.key_files import random_key, write_key
from nodes.limits import Limits
from nodes.node.files import (
    GENESIS_FILE,
    LAB_TOKEN,
    NETWORK_FILE,
    NODE_FILE,
    NetworkFile,
    read_file,
    read_genesis,
    read_node_settings,
)
from nodes.node.voting_mark import has_voting_mark
from tests.network_support import make_network

NODE = Path("nodes/north.validator")
KEY = Path("keys/north.validator.key")


def refusal(network: Path) -> str:
    with pytest.raises(OperatorError) as caught:
        read_node_settings(network / NODE)
    return caught.value.code


def test_a_made_network_reads_back(tmp_path: Path) -> None:
    file = make_network(tmp_path / "n")
    settings = read_node_settings(tmp_path / "n" / NODE)
    assert read_file(tmp_path / "n" / NETWORK_FILE, NetworkFile) == file
    assert (settings.member, settings.genesis.ledger, settings.is_lab) == ("north.validator", file.ledger, True)
    assert (
        f"http://{settings.file.host}:{settings.file.port}"
        == file.urls()["north.validator"]
        == settings.addresses["north.validator"]
    )
    assert has_voting_mark(tmp_path / "n" / NODE)


def test_a_moved_network_reads_back(tmp_path: Path) -> None:
    make_network(tmp_path / "n")
    shutil.move(tmp_path / "n", tmp_path / "moved")
    assert read_node_settings(tmp_path / "moved" / NODE).member == "north.validator"


@pytest.mark.parametrize("missing", [NODE / NODE_FILE, Path(GENESIS_FILE), Path(NETWORK_FILE), Path(LAB_TOKEN)])
def test_a_missing_file_is_named(tmp_path: Path, missing: Path) -> None:
    make_network(tmp_path)
    (tmp_path / missing).unlink()
    assert refusal(tmp_path) == "missing-file"


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    make_network(tmp_path)
    (tmp_path / KEY).unlink()
    assert refusal(tmp_path) == "missing-key"


def test_anothers_key_does_not_fit(tmp_path: Path) -> None:
    make_network(tmp_path)
    (tmp_path / KEY).unlink()
    write_key(tmp_path / KEY, random_key())
    assert refusal(tmp_path) == "wrong-key"


def test_the_genesis_of_another_network_does_not_fit(tmp_path: Path) -> None:
    make_network(tmp_path / "a")
    make_network(tmp_path / "b", seed=2)
    shutil.copy(tmp_path / "b" / GENESIS_FILE, tmp_path / "a" / GENESIS_FILE)
    assert refusal(tmp_path / "a") == "other-ledger"


@pytest.mark.parametrize("content", ["", "{}", '{"format": "tallystick-node-2"}', "[1]"])
def test_a_settings_file_of_another_form_is_refused(tmp_path: Path, content: str) -> None:
    make_network(tmp_path)
    (tmp_path / NODE / NODE_FILE).write_text(content)
    assert refusal(tmp_path) == "bad-file"


def test_an_unknown_setting_is_refused(tmp_path: Path) -> None:
    make_network(tmp_path)
    path = tmp_path / NODE / NODE_FILE
    path.write_text(path.read_text().replace('"port"', '"colour": "red", "port"'))
    assert refusal(tmp_path) == "bad-file"


def test_what_is_no_genesis_is_refused(tmp_path: Path) -> None:
    (tmp_path / GENESIS_FILE).write_bytes(b"{}")
    with pytest.raises(OperatorError) as caught:
        read_genesis(tmp_path / GENESIS_FILE)
    assert caught.value.code == "bad-genesis"


def test_limits_are_settings_and_an_unknown_one_is_named(tmp_path: Path) -> None:
    make_network(tmp_path)
    path = tmp_path / NODE / NODE_FILE
    path.write_text(path.read_text().replace('"limits": {}', '"limits": {"pending_max": 7}'))
    assert read_node_settings(tmp_path / NODE).limits == Limits(pending_max=7)
    for wrong in ('{"pending": 7}', '{"pending_max": 0}', '{"pending_max": "7"}'):
        path.write_text(path.read_text().replace('{"pending_max": 7}', wrong))
        assert refusal(tmp_path) == "bad-file"
        path.write_text(path.read_text().replace(wrong, '{"pending_max": 7}'))
