"""A node's directory is made once; its mark says that its key signed nothing elsewhere."""

from pathlib import Path

import pytest

from ledger.errors import OperatorError
from nodes.node.files import DATABASE, NODE_FILE, NodeFile, read_file, read_genesis
from nodes.node.node_directory import clear_node, create_database, create_node, load_installed, verify_stopped
from nodes.node.voting_mark import has_voting_mark
from nodes.storage.sqlite import SqliteStore
from tests.network_support import make_network

NODE = Path("nodes/north.validator")


def test_a_directory_is_made_once(tmp_path: Path) -> None:
    make_network(tmp_path)
    genesis = read_genesis(tmp_path / "genesis.json")
    file = read_file(tmp_path / NODE / NODE_FILE, NodeFile)
    with pytest.raises(OperatorError) as caught:
        create_node(tmp_path / NODE, file, genesis, load_installed(genesis), with_mark=False)
    assert caught.value.code == "already-a-node"
    assert has_voting_mark(tmp_path / NODE)


def test_a_restored_node_is_made_without_mark(tmp_path: Path) -> None:
    make_network(tmp_path)
    genesis = read_genesis(tmp_path / "genesis.json")
    file = read_file(tmp_path / NODE / NODE_FILE, NodeFile)
    create_node(tmp_path / "again", file, genesis, load_installed(genesis), with_mark=False)
    assert not has_voting_mark(tmp_path / "again")


@pytest.mark.parametrize("with_mark", [True, False])
def test_a_mark_without_its_database_lets_nobody_vote(tmp_path: Path, *, with_mark: bool) -> None:
    """The key has voted here, and what it said is lost."""
    make_network(tmp_path)
    genesis = read_genesis(tmp_path / "genesis.json")
    file = read_file(tmp_path / NODE / NODE_FILE, NodeFile)
    for name in (DATABASE, NODE_FILE):
        (tmp_path / NODE / name).unlink()
    if with_mark:
        with pytest.raises(OperatorError) as caught:
            create_node(tmp_path / NODE, file, genesis, load_installed(genesis))
        assert caught.value.code == "already-a-node"
    else:
        create_node(tmp_path / NODE, file, genesis, load_installed(genesis), with_mark=False)
        assert not has_voting_mark(tmp_path / NODE)


def test_clearing_takes_the_mark_with_the_database(tmp_path: Path) -> None:
    make_network(tmp_path)
    clear_node(tmp_path / NODE)
    assert not has_voting_mark(tmp_path / NODE)
    assert not (tmp_path / NODE / DATABASE).exists()
    assert (tmp_path / NODE / NODE_FILE).exists()


def test_a_running_node_is_not_cleared(tmp_path: Path) -> None:
    make_network(tmp_path)
    store = SqliteStore(tmp_path / NODE / DATABASE)
    with pytest.raises(OperatorError) as caught:
        clear_node(tmp_path / NODE)
    assert caught.value.code == "database-in-use"
    assert has_voting_mark(tmp_path / NODE)
    store.close()
    verify_stopped(tmp_path / NODE)


def test_the_database_of_another_ledger_is_not_taken_over(tmp_path: Path) -> None:
    make_network(tmp_path / "a")
    make_network(tmp_path / "b", seed=2)
    other = read_genesis(tmp_path / "b" / "genesis.json")
    with pytest.raises(OperatorError) as caught:
        create_database(tmp_path / "a" / NODE, other, load_installed(other))
    assert caught.value.code == "other-ledger"
