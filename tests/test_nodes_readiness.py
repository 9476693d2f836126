"""`/readyz` says why not; `/healthz` only whether the process answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from nodes.consensus.events import PublishBlock
from nodes.messages import StatusMessage
from nodes.node.node import Node
from nodes.node.voting_mark import VOTING_MARK
from nodes.node.watch import BEHIND_BLOCKS_MAX, UNWRITTEN_BLOCKS_MAX
from tests.http_support import Answer, asked
from tests.network_support import NODE, make_network, serving_node


@dataclass(frozen=True, slots=True)
class Served:
    """The first node of a network, which runs without the others."""

    node: Node

    async def get(self, path: str) -> Answer:
        return await asyncio.to_thread(asked, self.node.settings.addresses[self.node.member] + path)

    async def is_ready(self) -> bool:
        return (await self.get("/readyz")).status == 200

    async def not_ready(self, why: str) -> None:
        """Asserts that it says why, and answers all the same."""
        told = await self.get("/readyz")
        assert (told.status, told.code) == (503, "not-ready")
        assert why in told.json["detail"]
        assert (await self.get("/healthz")).status == 200
        assert b"\ntallystick_ready 0.0\n" in (await self.get("/metrics")).body


@asynccontextmanager
async def served(network: Path, validators: int = 1, lost: str = "") -> AsyncIterator[Served]:
    """A new network's first node, which may have lost a file."""
    make_network(network, validators)
    if lost:
        (network / NODE / lost).unlink()
    async with serving_node(network) as node:
        yield Served(node)


async def test_a_node_in_order_is_ready(tmp_path: Path) -> None:
    async with served(tmp_path) as found:
        assert await found.is_ready()
        assert (await found.get("/healthz")).status == 200
        assert b"\ntallystick_ready 1.0\n" in (await found.get("/metrics")).body


async def test_one_liar_makes_nobody_behind_and_two_of_four_validators_do(tmp_path: Path) -> None:
    async with served(tmp_path, 4) as found:
        found.node.receive("south.validator", [StatusMessage(1_000_000, 1)])
        assert await found.is_ready()
        found.node.receive("east.validator", [StatusMessage(BEHIND_BLOCKS_MAX + 1, 1)])
        assert await found.is_ready()
        found.node.receive("east.validator", [StatusMessage(BEHIND_BLOCKS_MAX + 2, 1)])
        await found.not_ready(f"{BEHIND_BLOCKS_MAX + 1} blocks behind")


async def test_a_validator_that_lost_its_mark_does_not_vote(tmp_path: Path) -> None:
    async with served(tmp_path, 4, lost=VOTING_MARK) as found:
        await found.not_ready("does not vote: it lost its voting mark")


async def test_a_node_that_diverged(tmp_path: Path) -> None:
    async with served(tmp_path) as found:
        found.node.replica.diverged = {"reason": "diverged"}
        await found.not_ready("another result than the others")


async def test_a_height_with_work_that_does_not_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(tmp_path, 4) as found:
        replica = found.node.replica
        monkeypatch.setattr(replica, "refresh_work", lambda: None)  # a timer would find that there is none
        rounds = 800_000 // replica.engine.timing.resend_ms
        replica.waiting_since, replica.answers.apart = replica.mempool.round - rounds, {"south.validator": 7}
        await found.not_ready("Height 1 has work and has not ended for 800 s (view 1). Of 4 validators 3 are needed; silent: ")
        await found.not_ready("south.validator came to another result at height 7.")


async def test_a_disk_that_does_not_keep_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(tmp_path) as found:
        owed = dict.fromkeys(range(1_000, 1_001 + UNWRITTEN_BLOCKS_MAX), cast(PublishBlock, SimpleNamespace()))
        monkeypatch.setattr(found.node.replica, "unpublished", owed)
        await found.not_ready(f"{UNWRITTEN_BLOCKS_MAX + 1} decided blocks are not durable")
        monkeypatch.undo()


async def test_a_node_that_stops_says_so(tmp_path: Path) -> None:
    async with served(tmp_path) as found:
        found.node.request_stop()
        assert found.node.watch.not_ready() == "The node is stopping."
