"""A relayer between networks that run: it begins anew, is doubled, meets dead and lying nodes, and shows a fork."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from nodes.client import AsyncClient
from nodes.foreign.relaying import Relay, RelayStep, run_once, run_relay
from nodes.network.directory import client_access, create_network, free_ports, load_member
from nodes.network.in_process import InProcessNetwork
from nodes.network.specification import NAMES, default_specification, seeded_keys
from nodes.node.files import read_genesis
from tests.commands import fails, run
from tests.network_support import START_MS
from tests.support import ALICE

Json = dict[str, Any]
CONTRACTS = {"harbour": ("safe", "tests.crossing_contracts:Safe"), "bank": ("desk", "tests.crossing_contracts:Desk")}
"""Beside the contract `foreign`."""
HARBOUR = "harbour"


def network(directory: Path, seed: int, validators: int = 1) -> InProcessNetwork:
    """The same seed makes the same ledger again: two such networks decide two blocks of one height."""
    specification = default_specification(START_MS, members_each=1, names=NAMES[:validators])
    own = CONTRACTS["bank" if directory.name == "bank" else "harbour"]
    specification = replace(specification, contracts=(("foreign", "nodes.foreign.contract:Foreign"), own))
    create_network(directory, specification, seeded_keys(seed), is_lab=False, ports=free_ports(validators))
    return InProcessNetwork(directory)


def admins(directory: Path) -> list[Any]:
    return [load_member(directory, path.stem) for path in sorted(directory.glob("keys/*.admin.key"))]


@dataclass
class Two:
    """A harbour and a bank that follows it."""

    harbour: Path
    bank: Path

    @asynccontextmanager
    async def clients(self) -> AsyncIterator["Talk"]:
        async with AsyncExitStack() as opened:
            accesses = [client_access(where, member=ALICE) for where in (self.harbour, self.bank)]
            there, here = [await opened.enter_async_context(AsyncClient(**access)) for access in accesses]
            yield Talk(self, there, here)


@dataclass
class Talk:
    """Their clients."""

    two: Two
    harbour: AsyncClient
    bank: AsyncClient

    async def admit(self) -> None:
        genesis = read_genesis(self.two.harbour / "genesis.json")
        facts = {"name": HARBOUR, "ledger": genesis.ledger, "validators": genesis.validator_set.to_json()}
        action = {"kind": "admit-ledger", **facts}
        await self.bank.call_named("governance", "propose", {"number": "P-1", "action": action}, admins(self.two.bank))

    async def lock(self, deal: str, client: AsyncClient | None = None) -> None:
        await (client or self.harbour).call_named("safe", "lock", {"deal": deal, "thing": "B-1", "price_cents": 5})

    def relay(self, *nodes: AsyncClient) -> Relay:
        return Relay(nodes or (self.harbour,), self.bank)

    async def conflicts(self) -> list[Json]:
        rows: list[Json] = (await self.bank.get("/v1/state/foreign/conflicts"))["items"]
        return rows


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    with network(tmp_path / "harbour", 1) as harbour, network(tmp_path / "bank", 2) as bank:
        yield Two(harbour.directory, bank.directory)


class Lying(AsyncClient):
    """A node that forges the state of its newest block."""

    async def get(self, /, path: str, **query: str | int | bool) -> Json:
        answer = await super().get(path, **query)
        if "proof" in answer:
            answer["proof"]["header"]["state_root"] = "0" * 64
        return answer


async def once(relay: Relay) -> list[str]:
    """The codes of what its rounds came to."""
    told: list[RelayStep] = []
    await run_once(relay, told.append)
    return [step.code for step in told]


def test_what_a_relayer_brings_it_brings_once_and_another_that_begins_anew_goes_on(two: Two) -> None:
    async def play() -> None:
        async with two.clients() as talk:
            assert await once(talk.relay()) == ["not-admitted"]
            await talk.admit()
            await talk.lock("D-1")
            assert await once(talk.relay()) == ["advance", "newest"]
            await talk.lock("D-2")
            assert await once(talk.relay()) == ["advance", "newest"]
            assert await once(talk.relay()) == ["newest"]

    asyncio.run(play())


def test_two_at_once_do_no_harm(two: Two) -> None:
    async def play() -> None:
        async with two.clients() as talk:
            await talk.admit()
            await talk.lock("D-1")
            codes = await asyncio.gather(*(once(talk.relay()) for _ in range(2)))
            assert {code for told in codes for code in told} <= {"advance", "late", "newest"}
            assert sum(told.count("advance") for told in codes) == 1
            assert [told[-1] for told in codes] == ["newest", "newest"]

    asyncio.run(play())


def test_a_dead_and_a_lying_node_are_passed_over(two: Two) -> None:
    async def play() -> None:
        dead, lying = AsyncClient(f"http://127.0.0.1:{free_ports(1)[0]}"), Lying(**client_access(two.harbour))
        async with dead, lying, two.clients() as talk:
            await talk.admit()
            await talk.lock("D-1")
            assert await once(talk.relay(dead)) == ["no-source"]
            assert await once(talk.relay(lying)) == ["no-proof"]
            assert await once(talk.relay(dead, lying, talk.harbour)) == ["advance", "newest"]
            assert await talk.conflicts() == []

    asyncio.run(play())


@pytest.mark.parametrize("is_known", [True, False], ids=["against what is known", "between two nodes"])
def test_a_fork_is_reported_and_freezes_the_link(two: Two, tmp_path: Path, is_known: bool) -> None:
    async def play(fork: Path) -> None:
        async with two.clients() as talk, AsyncClient(**client_access(fork, member=ALICE)) as forked:
            await talk.admit()
            await talk.lock("D-1")
            if is_known:
                await once(talk.relay())
            await talk.lock("D-9", forked)
            nodes = (forked,) if is_known else (talk.harbour, forked)
            if not is_known:
                await once(talk.relay())
            assert (await once(talk.relay(*nodes)))[:2] == ["report_fork", "frozen"]
            (row,) = await talk.conflicts()
            assert (row["value"]["convicted"], row["value"]["froze"]) == (["north.validator"], True)

    with network(tmp_path / "fork", 1) as fork:
        asyncio.run(play(fork.directory))


def test_two_ledgers_that_follow_each_other_come_to_rest(two: Two) -> None:
    """The bank's name for itself on the harbour is as the harbour's on the bank: `Two` turned round."""

    async def play() -> None:
        turned = Two(two.bank, two.harbour)
        async with two.clients() as talk, turned.clients() as back:
            await talk.admit()
            await back.admit()
            there, here = talk.relay(), back.relay()
            await talk.lock("D-1")
            codes = [[(await relay.round(rests=True)).code for relay in (there, here)] for _ in range(4)]
            assert codes == [["advance", "advance"], ["idle", "newest"], ["idle", "newest"], ["idle", "newest"]]
            await talk.lock("D-2")
            assert [(await relay.round(rests=True)).code for relay in (there, here)] == ["advance", "idle"]
            assert await once(here) == ["advance", "newest"], "who asks for it gets it"
            assert (await there.round(rests=True)).code == "idle"
            proof = await there.prove("safe", "crossing_locks", "D-2")
            await talk.bank.call_named("desk", "note", {"deal": "D-2", "proof": proof})

    asyncio.run(play())


def test_anybody_carries_a_proof_himself(two: Two) -> None:
    async def play() -> None:
        async with two.clients() as talk:
            await talk.admit()
            await talk.lock("D-1")
            for deal, price in (("D-1", 5), ("D-2", None)):
                proof = await talk.relay().prove("safe", "crossing_locks", deal)
                await talk.bank.call_named("desk", "note", {"deal": deal, "proof": proof})
                noted = (await talk.bank.get(f"/v1/state/desk/notes/{deal}"))["value"]
                newest = (await talk.harbour.get("/v1/blocks/latest"))["header"]["height"]
                assert noted == {"price_cents": price, "height": newest}

    asyncio.run(play())


def test_changes_of_the_validators_are_followed(tmp_path: Path) -> None:
    async def play(two: Two) -> None:
        async with two.clients() as talk:
            await talk.admit()
            for number, kind in enumerate(("remove-validator", "add-validator") * 2 + ("remove-validator",)):
                action = {"kind": kind, "member": "south.validator"}
                arguments: Json = {"number": f"P-{number}", "action": action}
                await talk.harbour.call_named("governance", "propose", arguments, admins(two.harbour))
            await talk.lock("D-1")
            assert await once(talk.relay()) == ["advance", "advance", "newest"]

    with network(tmp_path / "harbour", 1, validators=2) as harbour, network(tmp_path / "bank", 2) as bank:
        asyncio.run(play(Two(harbour.directory, bank.directory)))


def test_it_waits_longer_after_failures_and_looks_again_at_once_after_what_was_taken() -> None:
    steps = ["no-source", "no-source", "advance", "newest", "late", "idle", "frozen"]

    class Told(Relay):
        async def round(self, *, rests: bool = False) -> RelayStep:
            assert rests
            return RelayStep(steps.pop(0))

    paused: list[float] = []

    async def wait(seconds: float) -> None:
        paused.append(seconds)

    with pytest.raises(IndexError):
        asyncio.run(run_relay(Told((), AsyncClient("http://127.0.0.1:1")), lambda step: None, 2, wait))
    assert paused == [4, 8, 2, 2, 2, 4]


def test_the_command_brings_what_there_is_and_says_why_it_waits(two: Two) -> None:
    async def play() -> int:
        async with two.clients() as talk:
            await talk.admit()
            await talk.lock("D-1")
            return int((await talk.harbour.get("/v1/blocks/latest"))["header"]["height"])

    def said(*more: str) -> tuple[int, list[str]]:
        told = run("relay", two.harbour, two.bank, "--as", ALICE, "--once", *more)
        return told.exit_code, told.stdout.splitlines()

    genesis = json.loads((two.harbour / "network.json").read_text())["ledger"]
    assert said() == (1, [f"waits: governance of bank has not admitted harbour ({genesis})."])
    newest = asyncio.run(play())
    waits = f"waits: bank already knows block {newest} of harbour, the newest."
    assert said() == (0, [f"bank knows block {newest} of harbour now.", waits])
    assert said("--metrics-port", str(free_ports(1)[0])) == (0, [waits])
    assert said("--lang", "zh") == (0, [f"等待：bank 已知 harbour 的最新区块 {newest}。"])
    fails(2, "in pairs", "relay", two.harbour, "--as", ALICE)
