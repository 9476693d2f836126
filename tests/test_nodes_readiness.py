"""`/readyz` says why not; `/healthz` only whether the process answers."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from nodes.consensus.events import PublishBlock
from nodes.messages import StatusMessage
from nodes.node.node import Node
from nodes.node.voting_mark import VOTING_MARK
from nodes.node.watch import BEHIND_BLOCKS_MAX, UNWRITTEN_BLOCKS_MAX
from tests.network_support import make_network, serving_node
from tests.test_nodes_metrics import ask

NODE = Path("nodes/north.validator")
Work = Callable[[Node, Callable[[str], Awaitable[tuple[int, bytes]]]], Awaitable[None]]


def serve(network: Path, work: Work) -> None:
    """The first node of a network, alone."""

    async def run() -> None:
        async with serving_node(network) as node:
            await work(node, lambda path: asyncio.to_thread(ask, node.settings.addresses[node.member], path))

    asyncio.run(run())


async def not_ready(get: Callable[[str], Awaitable[tuple[int, bytes]]], why: str) -> None:
    status, body = await get("/readyz")
    assert status == 503
    assert b'"code":"not-ready"' in body
    assert why in body.decode()
    assert (await get("/healthz"))[0] == 200
    assert b"\ntallystick_ready 0.0\n" in (await get("/metrics"))[1]


def test_a_node_in_order_is_ready(tmp_path: Path) -> None:
    make_network(tmp_path)

    async def work(node: Node, get: Callable[[str], Awaitable[tuple[int, bytes]]]) -> None:
        assert (await get("/readyz"))[0] == (await get("/healthz"))[0] == 200
        assert b"\ntallystick_ready 1.0\n" in (await get("/metrics"))[1]

    serve(tmp_path, work)


def test_one_liar_makes_nobody_behind_and_two_of_four_validators_do(tmp_path: Path) -> None:
    make_network(tmp_path, 4)

    async def work(node: Node, get: Callable[[str], Awaitable[tuple[int, bytes]]]) -> None:
        node.receive("south.validator", [StatusMessage(1_000_000, 1)])
        assert (await get("/readyz"))[0] == 200
        node.receive("east.validator", [StatusMessage(BEHIND_BLOCKS_MAX + 1, 1)])
        assert (await get("/readyz"))[0] == 200
        node.receive("east.validator", [StatusMessage(BEHIND_BLOCKS_MAX + 2, 1)])
        await not_ready(get, f"{BEHIND_BLOCKS_MAX + 1} blocks behind")

    serve(tmp_path, work)


def test_a_validator_that_lost_its_mark_does_not_vote(tmp_path: Path) -> None:
    make_network(tmp_path, 4)
    (tmp_path / NODE / VOTING_MARK).unlink()

    async def work(node: Node, get: Callable[[str], Awaitable[tuple[int, bytes]]]) -> None:
        await not_ready(get, "does not vote: it lost its voting mark")

    serve(tmp_path, work)


def test_a_node_that_diverged(tmp_path: Path) -> None:
    make_network(tmp_path)

    async def work(node: Node, get: Callable[[str], Awaitable[tuple[int, bytes]]]) -> None:
        node.replica.diverged = {"reason": "diverged"}
        await not_ready(get, "another result than the others")

    serve(tmp_path, work)


def test_a_height_with_work_that_does_not_end(tmp_path: Path) -> None:
    make_network(tmp_path, 4)

    async def work(node: Node, get: Callable[[str], Awaitable[tuple[int, bytes]]]) -> None:
        rounds = 800_000 // node.replica.engine.timing.resend_ms
        node.replica.waiting_since, node.replica.answers.apart = node.replica.mempool.round - rounds, {"south.validator": 7}
        await not_ready(get, "Height 1 has work and has not ended for 800 s (view 1). Of 4 validators 3 are needed; silent: ")
        await not_ready(get, "south.validator came to another result at height 7.")

    serve(tmp_path, work)


def test_a_disk_that_does_not_keep_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_network(tmp_path)

    async def work(node: Node, get: Callable[[str], Awaitable[tuple[int, bytes]]]) -> None:
        owed = dict.fromkeys(range(1_000, 1_001 + UNWRITTEN_BLOCKS_MAX), cast(PublishBlock, SimpleNamespace()))
        monkeypatch.setattr(node.replica, "unpublished", owed)
        await not_ready(get, f"{UNWRITTEN_BLOCKS_MAX + 1} decided blocks are not durable")
        monkeypatch.undo()

    serve(tmp_path, work)


def test_a_node_that_stops_says_so(tmp_path: Path) -> None:
    make_network(tmp_path)

    async def work(node: Node, get: Callable[[str], Awaitable[tuple[int, bytes]]]) -> None:
        node.request_stop()
        assert node.watch.not_ready() == "The node is stopping."

    serve(tmp_path, work)
