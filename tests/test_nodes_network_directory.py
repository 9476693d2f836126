"""Networks are made once; labs alone go back in time, whole, and only while they stand still."""

import os
import socket
from pathlib import Path

import pytest

from ledger.errors import OperatorError
from nodes.network.directory import client_access, free_ports, hold_network, is_network_running, read_network, reset_network
from nodes.node.files import CLOCK_OFFSET, DATABASE
from nodes.node.voting_mark import has_voting_mark
from tests.network_support import make_network
from tests.support import refusal


def test_a_network_is_made_once(tmp_path: Path) -> None:
    make_network(tmp_path)
    assert refusal(OperatorError, make_network, tmp_path).code == "already-a-network"


def test_where_no_network_is_the_sentence_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="network up --dir") as caught:
        read_network(tmp_path)
    assert caught.value.code == "no-network"
    assert "network install" in caught.value.message, "an office of a plan is sent on"


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
def test_keys_and_token_are_their_owners_alone(tmp_path: Path) -> None:
    make_network(tmp_path)
    secrets = [*(tmp_path / "keys").iterdir(), tmp_path / "lab.token"]
    assert {path.stat().st_mode & 0o777 for path in secrets} == {0o600}


def test_one_program_runs_a_network(tmp_path: Path) -> None:
    make_network(tmp_path)
    assert not is_network_running(tmp_path)
    with hold_network(tmp_path):
        assert is_network_running(tmp_path)
        assert refusal(OperatorError, hold_network(tmp_path).__enter__).code == "network-running"
    assert not is_network_running(tmp_path)


def test_reset_takes_every_node_back_to_the_genesis(tmp_path: Path) -> None:
    make_network(tmp_path, 2)
    ahead = "99999999999"
    directories = [tmp_path / f"nodes/{name}.validator" for name in ("north", "south")]
    for directory in directories:
        (directory / CLOCK_OFFSET).write_text(ahead)
    reset_network(tmp_path)
    for directory in directories:
        assert has_voting_mark(directory)
        assert (directory / DATABASE).exists()
        assert (directory / CLOCK_OFFSET).read_text() != ahead


def test_only_labs_go_back(tmp_path: Path) -> None:
    make_network(tmp_path, is_lab=False)
    assert refusal(OperatorError, reset_network, tmp_path).code == "not-a-lab"


def test_nodes_of_others_are_read_as_a_node_whose_key_lies_here(tmp_path: Path) -> None:
    """So an organization sees how the nodes of all are, also where they answer only to members."""
    make_network(tmp_path, 2)
    assert client_access(tmp_path, "south.validator")["reader"].id == "south.validator"
    (tmp_path / "keys/south.validator.key").unlink()
    assert client_access(tmp_path, "south.validator")["reader"].id == "north.validator"
    (tmp_path / "keys/north.validator.key").unlink()
    assert client_access(tmp_path, "south.validator")["reader"] is None


def test_taken_ports_are_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        first = taken.getsockname()[1]
        ports = free_ports(2, first)
    assert first not in ports
    assert len(set(ports)) == 2
