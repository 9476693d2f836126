"""Faults of a lab's links: what acts on which batch, how they are set over HTTP, and what nodes do and log under them."""

import time
from pathlib import Path
from typing import Literal

import pytest

from ledger.errors import InputError
from nodes.links.faults import DELAY_MS_MAX, ISOLATED, Fault, FaultList, Faults, is_traced
from nodes.messages import StatusMessage, TransactionsMessage, WritesRequest
from nodes.sample_contract import Asset
from tests.http_support import WITH_TOKEN, FakeNode
from tests.network_support import issue, records, running_network, wait_for_height, wait_until
from tests.support import BOB, EAST, NORTH, SOUTH, refusal
from tests.test_nodes_transport import linked_peer, status

SECONDS_MAX = 60


def faults(*present: Fault, drawn: int = 0, peers: tuple[str, ...] = (SOUTH, EAST)) -> Faults:
    made = Faults(peers, lambda limit: drawn)
    made.set(FaultList(faults=present))
    return made


BOTH_WAYS: tuple[Literal["to", "from"], ...] = ("to", "from")


TO_ALL_LATE = Fault(peer="*", direction="to", delay_ms=3)
DELAYS_MS = {
    "none": (faults(), (0, 0, 0, 0)),
    "one-way": (faults(Fault(peer=SOUTH, direction="from", drop_permille=1000)), (0, None, 0, 0)),
    "isolated": (faults(ISOLATED), (None, None, None, None)),
    "drawn-for-loss": (faults(Fault(peer=SOUTH, drop_permille=300), drawn=299), (None, None, 0, 0)),
    "not-drawn-for-loss": (faults(Fault(peer=SOUTH, drop_permille=300), drawn=300), (0, 0, 0, 0)),
    "delays-add-up": (faults(Fault(peer=SOUTH, delay_ms=20), TO_ALL_LATE), (23, 20, 3, 0)),
}
"""Of batches to and from south, to and from east; None where a batch is lost."""


@pytest.mark.parametrize("what", DELAYS_MS)
def test_a_fault_acts_on_its_peer_and_direction(what: str) -> None:
    made, delays_ms = DELAYS_MS[what]
    assert tuple(made.delay_ms(peer, way) for peer in (SOUTH, EAST) for way in BOTH_WAYS) == delays_ms


def test_the_last_list_counts() -> None:
    made = faults(Fault(peer=SOUTH, delay_ms=20))
    made.set(FaultList(faults=()))
    assert made.delay_ms(SOUTH, "to") == 0


def test_a_fault_names_a_node_of_the_network() -> None:
    made = faults(ISOLATED)
    misspelt = FaultList(faults=(Fault(peer="south.valdator", drop_permille=1000),))
    assert refusal(InputError, made.set, misspelt).code == "unknown-peer"
    assert made.present.faults == (ISOLATED,)


def test_the_log_leaves_out_what_would_drown_the_rest() -> None:
    assert [is_traced(m) for m in (TransactionsMessage(()), StatusMessage(1, 1), WritesRequest(1))] == [False, False, True]


SET = b'{"faults":[{"delay_ms":5,"direction":"to","drop_permille":0,"peer":"south.validator"}]}'
BAD_LISTS = {
    b"{}": "bad-faults",
    b'{"faults":[{}]}': "bad-faults",
    b'{"faults":[{"delay_ms":%d,"peer":"*"}]}' % (DELAY_MS_MAX + 1): "bad-faults",
    b'{"faults":[{"drop_permille":1001,"peer":"*"}]}': "bad-faults",
    b'{"faults":[{"direction":"up","peer":"*"}]}': "bad-faults",
    b'{"faults":[{"peer":"*","why":1}]}': "bad-faults",
    b'{"faults":[{"peer":"nobody"}]}': "unknown-peer",
    b'{"faults": []}': "not-canonical",
}


async def test_faults_are_set_over_http_with_the_token_of_a_lab() -> None:
    node, path = FakeNode(), "/v1/lab/faults"
    assert (await node.http.post(path, SET)).code == "wrong-token"
    assert (await node.http.get(path)).code == "wrong-token"
    assert (await node.http.post(path, SET, WITH_TOKEN)).body == SET
    for bad, code in BAD_LISTS.items():
        assert (await node.http.post(path, bad, WITH_TOKEN)).code == code
    assert (await node.http.get(path, WITH_TOKEN)).body == SET
    assert (await node.http.post(path, b'{"faults":[]}', WITH_TOKEN)).status == 200
    assert node.lab.faults.present.faults == ()
    assert (await FakeNode(is_lab=False).http.post(path, SET, WITH_TOKEN)).code == "not-a-lab"


async def test_a_link_loses_and_holds_back_what_it_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    present = faults(ISOLATED, peers=("south.node",))
    async with linked_peer(monkeypatch, present) as (outgoing, peer):
        outgoing.send(None, status(1))
        outgoing.send(None, WritesRequest(1))
        dropped = await peer.wait_for_record("dropped")
        sent = await peer.wait_for_record("sent")
        assert sent == {"batch": dropped["batch"], "to": "south.node", "messages": ["writes? 1"]}
        assert dropped == {"batch": sent["batch"], "from": "north.node", "to": "south.node", "why": "loss"}
        present.set(FaultList(faults=(Fault(peer="*", delay_ms=30),)))
        started = time.monotonic()
        outgoing.send(None, WritesRequest(2))
        await peer.wait_for(1)
        assert peer.got == [WritesRequest(2)]
        assert time.monotonic() - started >= 0.03
        batch = peer.inbox.last_batch("north.node")
        assert peer.records[-1] == ("sent", {"batch": batch, "to": "south.node", "messages": ["writes? 2"]})


async def test_a_link_without_a_lab_names_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with linked_peer(monkeypatch) as (outgoing, peer):
        outgoing.send(None, WritesRequest(1))
        await peer.wait_for(1)
        assert peer.records == []


async def test_what_a_refusing_or_dead_peer_did_not_take_is_logged_as_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    async with linked_peer(monkeypatch, faults(peers=("south.node",))) as (outgoing, peer):
        peer.failures = 1
        outgoing.send(None, WritesRequest(1))
        await peer.wait_for(1)
        kinds = [(kind, fields.get("why")) for kind, fields in peer.records]
        assert kinds == [("sent", None), ("dropped", "refused"), ("sent", None), ("link-up", None)][: len(kinds)]
        assert len(kinds) >= 3


def test_an_isolated_node_stands_still_and_catches_up(tmp_path: Path) -> None:
    with running_network(tmp_path, 4) as network:
        network.set_faults(NORTH, ISOLATED)
        with network.client("south.member1", node=SOUTH) as client, network.client(node=NORTH) as isolated:
            height = issue(client, "A-1", to=BOB).height
            lost = wait_until(lambda: records(isolated, "dropped"), "a batch is dropped")
            assert {record["why"] for record in lost} == {"loss"}
            assert isolated.node()["height"] == 0
            network.set_faults(NORTH)
            wait_for_height(isolated, height)
            assert isolated.read(Asset.assets, "A-1") is not None
            assert [record["faults"] for record in records(isolated, "fault")][-1] == []
            arrived = {record["batch"] for record in records(client, "received")}
            sent = [record for record in records(isolated, "sent") if record["to"] == SOUTH]
            assert arrived & {record["batch"] for record in sent}, "both ends name a batch alike"
            assert not arrived & {record["batch"] for record in lost}


def test_a_one_way_link_is_heard_and_hears_nothing(tmp_path: Path) -> None:
    with running_network(tmp_path, 4) as network:
        network.set_faults(NORTH, Fault(peer="*", direction="from", drop_permille=1000), Fault(peer="*", delay_ms=20))
        with network.client("north.member1", node=NORTH) as deaf, network.client("south.member1", node=SOUTH) as client:
            transaction = deaf.sign(Asset.issue, number="A-1", to="north.member1")
            deaf.submit(transaction)
            assert client.outcome(transaction.id, SECONDS_MAX).is_committed, "what it sends arrives"
            assert deaf.node()["height"] == 0
            network.set_faults(NORTH)
            assert deaf.outcome(transaction.id, SECONDS_MAX).is_committed
