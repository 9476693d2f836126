"""Settings files: what is missing or does not fit is a sentence with a code."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.errors import OperatorError
from nodes.key_files import random_key, write_key
from nodes.limits import Limits
from nodes.network.directory import set_nodes
from nodes.node import files
from nodes.node.voting_mark import has_voting_mark
from tests.network_support import NODE, make_network
from tests.support import refusal

KEY = Path("keys/north.validator.key")


@pytest.fixture
def network(tmp_path: Path) -> Path:
    make_network(tmp_path / "n")
    return tmp_path / "n"


def test_a_made_network_reads_back(tmp_path: Path) -> None:
    file = make_network(tmp_path / "n")
    settings = files.read_node_settings(tmp_path / "n" / NODE)
    assert files.read_file(tmp_path / "n" / files.NETWORK_FILE, files.NetworkFile) == file
    assert (settings.member, settings.genesis.ledger, settings.is_lab) == ("north.validator", file.ledger, True)
    url = f"http://{settings.file.host}:{settings.file.port}"
    assert url == file.urls()["north.validator"] == settings.addresses["north.validator"]
    assert has_voting_mark(tmp_path / "n" / NODE)


def test_a_moved_network_reads_back(network: Path, tmp_path: Path) -> None:
    shutil.move(network, tmp_path / "moved")
    assert files.read_node_settings(tmp_path / "moved" / NODE).member == "north.validator"


@pytest.mark.parametrize(
    ("missing", "code"),
    [
        (NODE / files.NODE_FILE, "missing-file"),
        (Path(files.GENESIS_FILE), "missing-file"),
        (Path(files.NETWORK_FILE), "missing-file"),
        (Path(files.LAB_TOKEN), "missing-file"),
        (KEY, "missing-key"),
    ],
    ids=str,
)
def test_a_missing_file_is_named(network: Path, missing: Path, code: str) -> None:
    (network / missing).unlink()
    assert refusal(OperatorError, files.read_node_settings, network / NODE).code == code


def test_anothers_key_does_not_fit(network: Path) -> None:
    (network / KEY).unlink()
    write_key(network / KEY, random_key())
    assert refusal(OperatorError, files.read_node_settings, network / NODE).code == "wrong-key"


def test_the_genesis_of_another_network_does_not_fit(network: Path, tmp_path: Path) -> None:
    make_network(tmp_path / "b", seed=2)
    shutil.copy(tmp_path / "b" / files.GENESIS_FILE, network / files.GENESIS_FILE)
    assert refusal(OperatorError, files.read_node_settings, network / NODE).code == "other-ledger"


def test_what_is_no_genesis_is_refused(tmp_path: Path) -> None:
    (tmp_path / files.GENESIS_FILE).write_bytes(b"{}")
    assert refusal(OperatorError, files.read_genesis, tmp_path / files.GENESIS_FILE).code == "bad-genesis"


def test_limits_are_settings(network: Path) -> None:
    set_nodes(network, limits={"pending_max": 7})
    assert files.read_node_settings(network / NODE).limits == Limits(pending_max=7)


ODD_FILES: dict[str, Callable[[str], str]] = {
    "empty": lambda text: "",
    "without-fields": lambda text: "{}",
    "another-format": lambda text: '{"format": "tallystick-node-2"}',
    "a-list": lambda text: "[1]",
    "an-unknown-setting": lambda text: text.replace('"port"', '"colour": "red", "port"'),
    "an-unknown-limit": lambda text: text.replace('"limits": {}', '"limits": {"pending": 7}'),
    "a-limit-that-is-nothing": lambda text: text.replace('"limits": {}', '"limits": {"pending_max": 0}'),
    "a-limit-that-is-text": lambda text: text.replace('"limits": {}', '"limits": {"pending_max": "7"}'),
}


@pytest.mark.parametrize("what", ODD_FILES)
def test_a_settings_file_of_another_form_is_refused(network: Path, what: str) -> None:
    path = network / NODE / files.NODE_FILE
    path.write_text(ODD_FILES[what](path.read_text()))
    assert refusal(OperatorError, files.read_node_settings, network / NODE).code == "bad-file"
