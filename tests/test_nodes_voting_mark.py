"""The voting mark and the statement it keeps: a database that lost its end is noticed, and a crash is taken for no loss."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ledger.certificate import Statement
from ledger.chain.chain import Chain
from ledger.errors import BusyError
from ledger.primitives import NO_DIGEST, Digest, Signature
from nodes.network.in_process import InProcessNetwork
from nodes.network.local import LocalNetwork
from nodes.node import voting_mark
from nodes.node.copies import let_sole_validator_vote
from nodes.node.files import DATABASE, read_node_settings
from nodes.node.node_directory import load_installed
from nodes.node.voting_mark import STATEMENT_BYTES, VOTING_MARK, VotingMark, write_voting_mark
from nodes.replica import voting_record
from nodes.sample_contract import Asset
from nodes.storage.sqlite import SqliteStore
from nodes.storage.sqlite_copy import reading
from tests.network_support import records, running_processes, wait_until
from tests.support import NORTH, VALIDATORS, refusal

LOST_BYTES = 24_576
"""Of the log's end: a dozen pages, some statements and perhaps a block."""


def vote(height: int, letter: str = "a") -> Statement:
    return Statement("vote", height, 1, Digest(letter * 64), 0, 0, Signature("5" * 128))


def consensus(network: LocalNetwork, member: str) -> Any:
    with network.client(node=member) as client:
        return client.get("/v1/consensus")


def told(network: LocalNetwork, member: str, kind: str) -> list[dict[str, Any]]:
    """The records of one kind in a node's log."""
    with network.client(node=member) as client:
        return records(client, kind)


def why_not_ready(network: LocalNetwork, member: str) -> str:
    with network.client(node=member) as client:
        return refusal(BusyError, client.get, "/readyz").message


def lose_end(directory: Path) -> None:
    """What a disk does that said of its last pages that they were written."""
    log = directory / (DATABASE + "-wal")
    with log.open("r+b") as file:
        file.truncate(max(0, log.stat().st_size - LOST_BYTES))


def forget_statement(directory: Path) -> None:
    """The mark as versions before this one wrote it."""
    mark = directory / VOTING_MARK
    mark.write_bytes(mark.read_bytes().split(b"\n")[0] + b"\n")


# The file


def test_the_newest_statement_stands_in_one_place_of_the_mark(tmp_path: Path) -> None:
    write_voting_mark(tmp_path, "a" * 64)
    first = (tmp_path / VOTING_MARK).read_bytes()
    said, kept = VotingMark(tmp_path), list[Statement]()
    assert said.is_held(lambda statement: False), "nothing was said yet, as with a mark of an earlier version"
    longest = Statement("propose", 2**53 - 1, 1_000_000, Digest("a" * 64), 999_999, 99, Signature("5" * 128))
    for statement in (vote(1), longest, Statement("skip", 2, 3, NO_DIGEST, 0, 1, Signature("6" * 128))):
        said.write(statement)
        assert len((tmp_path / VOTING_MARK).read_bytes()) == len(first) + STATEMENT_BYTES + 1
        again = VotingMark(tmp_path)
        again.is_held(lambda found: bool(kept.append(found)))  # type: ignore[func-returns-value]
        again.close()
        assert kept[-1] == statement
        assert not said.is_held(lambda found: False)
    said.close()
    write_voting_mark(tmp_path, "a" * 64)
    said.open()
    assert said.is_held(lambda statement: False), "a mark that is made anew vouches for what is there"
    said.close()


def vouches(directory: Path) -> bool:
    """Whether a mark is as it was written, where the database holds whatever it names."""
    with closing(VotingMark(directory)) as said:
        return said.is_held(lambda statement: True)


def test_a_mark_that_cannot_be_read_vouches_for_nothing(tmp_path: Path) -> None:
    write_voting_mark(tmp_path, "a" * 64)
    with closing(VotingMark(tmp_path)) as said:
        said.write(vote(1))
    damaged = (tmp_path / VOTING_MARK).read_bytes().replace(b'"kind"', b'"kinc"')
    (tmp_path / VOTING_MARK).write_bytes(damaged)
    assert not vouches(tmp_path)


@pytest.mark.parametrize("kept_bytes", [0, 1, 90])
def test_a_mark_that_lost_its_own_end_vouches_for_nothing(tmp_path: Path, kept_bytes: int) -> None:
    write_voting_mark(tmp_path, "a" * 64)
    (tmp_path / VOTING_MARK).write_bytes((tmp_path / VOTING_MARK).read_bytes()[:kept_bytes])
    assert not vouches(tmp_path)


def test_without_a_mark_nothing_is_kept(tmp_path: Path) -> None:
    said = VotingMark(tmp_path)
    said.write(vote(1))
    assert said.is_held(lambda statement: False)
    assert list(tmp_path.iterdir()) == []


# A node


def issue(network: LocalNetwork, *numbers: str, member: str = "north.member1", node: str | None = None) -> None:
    """Issues assets one after another."""
    with network.client(member, node=node) as client:
        for number in numbers:
            client.call(Asset.issue, number=number, to="north.member1")


def only_node(directory: Path) -> Path:
    """Where the only validator of a network lies, after two blocks, with its log not yet in its database."""
    with running_processes(directory, is_lab=False) as network:
        issue(network, "A-0", "A-1")
        network.kill(NORTH)
    return directory / "nodes" / NORTH


def test_the_only_validator_that_lost_what_it_signed_waits_for_its_operator(tmp_path: Path) -> None:
    node = only_node(tmp_path)
    genesis = read_node_settings(node).genesis
    contracts = load_installed(genesis)
    with closing(SqliteStore(node / DATABASE)) as store, closing(VotingMark(node)) as said:
        height = Chain.open(store, contracts, genesis.ledger).height
        assert height >= 2
        assert said.is_held(lambda statement: voting_record.holds(store, statement, height)), "the kill was no loss"
        said.write(vote(height + 1))  # as if the database had lost it
    with InProcessNetwork(tmp_path) as network:
        assert consensus(network, NORTH)["recovery"] == {"needed": 0, "answers": {}, "votes_from": None}
        why = "its database lacks what it signed last, and there is no other to ask; see `tallystick node mark --help`"
        assert why in why_not_ready(network, NORTH)
        assert told(network, NORTH, "lost-end")
    with reading(node / DATABASE) as reader:
        assert voting_mark.is_cut(reader), "it would be forgotten at the next block"
    let_sole_validator_vote(node, NORTH, contracts)
    with InProcessNetwork(tmp_path) as network:
        issue(network, "B-1")


@pytest.mark.parametrize("has_statement", [True, False])
@pytest.mark.usefixtures("no_process_left")
def test_a_leader_whose_log_lost_its_end_signs_nothing_twice(tmp_path: Path, has_statement: bool) -> None:
    """Without the statement in its mark it does, which a peer then holds against an honest key."""
    with running_processes(tmp_path, 4, is_lab=False) as network:
        issue(network, "A-0", "A-1", "A-2")
        wait_until(lambda: len({consensus(network, member)["height"] for member in VALIDATORS}) == 1, "all at one height")
        leader = consensus(network, NORTH)["leader"]
        peer, *others = (member for member in VALIDATORS if member != leader)
        for member in others:
            network.kill(member)
        submit(network, leader, "B-1")
        wait_until(lambda: consensus(network, peer)["views"][0]["proposed"] is not None, "its proposal")
        network.kill(leader)
        directory = tmp_path / "nodes" / leader
        lose_end(directory)
        if not has_statement:
            forget_statement(directory)
        network.restart(leader)
        submit(network, leader, "B-2")
        if not has_statement:
            wait_until(lambda: leader in (seen["signer"] for seen in told(network, peer, "evidence")), "the evidence")
            return
        assert not consensus(network, leader)["votes_here"]
        assert "its database lacks what it signed last and asks the others" in why_not_ready(network, leader)
        for member in others:
            network.restart(member)
        issue(network, *(f"C-{number}" for number in range(5)), member=f"{peer.partition('.')[0]}.member1", node=peer)
        wait_until(lambda: consensus(network, leader)["votes_here"], "it votes again")
        assert [told(network, member, "evidence") for member in VALIDATORS] == [[], [], [], []]
    with reading(directory / DATABASE) as reader:
        assert not voting_mark.is_unmarked(reader)


def submit(network: LocalNetwork, node: str, number: str) -> None:
    with network.client("north.member1", node=node) as client:
        client.submit(client.sign(Asset.issue, number=number, to="north.member1"), wait_s=0)
