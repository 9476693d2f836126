"""A node's directory is made once; its mark says that its key signed nothing elsewhere."""

from contextlib import closing
from pathlib import Path

import pytest

from ledger.errors import OperatorError
from nodes.node.files import DATABASE, NODE_FILE, NodeFile, read_genesis
from nodes.node.node_directory import clear_node, create_database, create_node, load_installed, verify_stopped
from nodes.node.voting_mark import has_voting_mark
from nodes.storage.sqlite import SqliteStore
from tests.network_support import NODE, make_network
from tests.support import refusal

SETTINGS = NodeFile(member="north.validator", port=1, key="", genesis="", network="")


@pytest.fixture
def network(tmp_path: Path) -> Path:
    make_network(tmp_path)
    return tmp_path


def create(network: Path, directory: Path, *, with_mark: bool) -> None:
    """Makes a node there, with the genesis of the network."""
    genesis = read_genesis(network / "genesis.json")
    create_node(directory, SETTINGS, genesis, load_installed(genesis), with_mark=with_mark)


def test_a_directory_is_made_once(network: Path) -> None:
    assert refusal(OperatorError, create, network, network / NODE, with_mark=False).code == "already-a-node"
    assert has_voting_mark(network / NODE)


def test_a_restored_node_is_made_without_mark(network: Path) -> None:
    create(network, network / "again", with_mark=False)
    assert not has_voting_mark(network / "again")


def test_a_mark_without_its_database_lets_nobody_vote(network: Path) -> None:
    """The key has voted here, and what it said is lost."""
    for name in (DATABASE, NODE_FILE):
        (network / NODE / name).unlink()
    assert refusal(OperatorError, create, network, network / NODE, with_mark=True).code == "already-a-node"
    create(network, network / NODE, with_mark=False)
    assert not has_voting_mark(network / NODE)


def test_clearing_takes_the_mark_with_the_database(network: Path) -> None:
    clear_node(network / NODE)
    assert not has_voting_mark(network / NODE)
    assert not (network / NODE / DATABASE).exists()
    assert (network / NODE / NODE_FILE).exists()


def test_a_running_node_is_not_cleared(network: Path) -> None:
    with closing(SqliteStore(network / NODE / DATABASE)):
        assert refusal(OperatorError, clear_node, network / NODE).code == "database-in-use"
        assert has_voting_mark(network / NODE)
    verify_stopped(network / NODE)


def test_the_database_of_another_ledger_is_not_taken_over(network: Path, tmp_path: Path) -> None:
    make_network(tmp_path / "b", seed=2)
    other = read_genesis(tmp_path / "b" / "genesis.json")
    assert refusal(OperatorError, create_database, network / NODE, other, load_installed(other)).code == "other-ledger"
