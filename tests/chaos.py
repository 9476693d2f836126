"""A network of real processes under a plan of faults, while clients submit and read through all of its nodes."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from ledger.audit import Auditor
from ledger.audit.exported import ExportedBlock
from ledger.errors import BusyError, IndefiniteError
from ledger.keys import PrivateKey
from ledger.transaction import Transaction, sign_transaction
from nodes.client import AsyncClient
from nodes.key_files import read_key
from nodes.network.local import LocalNetwork
from nodes.node.files import OUTPUT
from nodes.simulator.chance import Chance
from tests.chaos_plan import Plan, Step
from tests.history import Entry, Observation, Operation, Read, gone_back, wrong

STALL_SECONDS_MAX = 1.0
"""So long a step waits for the progress it is to come after: without a quorum there is none."""
ANSWER_SECONDS_MAX = 4.0
"""After this a client gives up on a node, which may be stopped, and asks another one the same."""
RETRY_SECONDS = 0.1
HEALED_SECONDS_MAX = 90.0
"""When all is well again everything that was sent must be acknowledged within this time, and every node be as far."""
WAIT_S = 1
LIFETIME_MS = 400_000
COUNTERS, ASSETS = 3, 4
UNKNOWN = "0" * 64


@dataclass(slots=True)
class Seen:
    """Everything that the clients saw."""

    operations: list[Operation] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)


class Chaos:
    """One run."""

    def __init__(self, network: LocalNetwork, plan: Plan, members: Sequence[str]) -> None:
        """`members` sign; each is a client that has one operation under way at a time."""
        self.network = network
        self.plan = plan
        self.keys: dict[str, PrivateKey] = {member: read_key(network.key_path(member)) for member in members}
        self.seen = Seen()
        self.acknowledged = 0
        self.progress = asyncio.Event()
        self.is_over = False
        self.down: set[str] = set()
        self.stopped: set[str] = set()
        self.nodes: dict[str, AsyncClient] = {}

    async def run(self) -> Seen:
        """Plays the plan; returns once all nodes are well, and everything that was sent is acknowledged."""
        async with AsyncExitStack() as opened:
            for node in self.plan.targets:
                self.nodes[node] = await opened.enter_async_context(AsyncClient(self.network.urls[node]))
            clients = asyncio.gather(*(self._client(member, number) for number, member in enumerate(self.keys)))
            try:
                for step in self.plan.steps:
                    waiting = asyncio.create_task(self._until(self.acknowledged + step.after))
                    await asyncio.wait((clients, waiting), return_when=asyncio.FIRST_COMPLETED)
                    waiting.cancel()
                    if clients.done():
                        clients.result()
                    self._verify_nodes_live()
                    await asyncio.to_thread(self.do, step)
                self.is_over = True
                await asyncio.wait_for(clients, HEALED_SECONDS_MAX)
                await asyncio.wait_for(self._level(), HEALED_SECONDS_MAX)
                self._verify_nodes_live()
            finally:
                self._wake()
                clients.cancel()
                await asyncio.gather(clients, return_exceptions=True)
        return self.seen

    # The plan

    def do(self, step: Step) -> None:
        """Plays one step."""
        match step.kind:
            case "kill":
                self.network.kill(step.node)
                self.down.add(step.node)
            case "restart":
                self.network.restart(step.node)
                self.down.discard(step.node)
            case "power-cut":
                for node in self.network.members:
                    self.network.kill(node)
                self.network.start()
                self.down, self.stopped = set(), set()
            case "stop":
                os.kill(self.network.process_id(step.node), signal.SIGSTOP)
                self.stopped.add(step.node)
            case "continue":
                os.kill(self.network.process_id(step.node), signal.SIGCONT)
                self.stopped.discard(step.node)
            case _:
                self.network.set_faults(step.node, *step.faults)

    def _wake(self) -> None:
        """A stopped process must not be left to whoever stops the network."""
        for node in self.stopped:
            os.kill(self.network.process_id(node), signal.SIGCONT)

    def _verify_nodes_live(self) -> None:
        """No node ended by itself."""
        dead = [node for node in self.network.members if not self.network.is_running(node) and node not in self.down]
        assert dead == [], f"ended by themselves: {dead}"

    async def _until(self, acknowledged: int) -> None:
        """Waits for that many acknowledgements, each of them for a bounded time."""
        while self.acknowledged < acknowledged and await self._progress(STALL_SECONDS_MAX):
            pass

    async def _progress(self, seconds: float) -> bool:
        """Waits for the next acknowledgement; False if none came in time."""
        event = self.progress
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            return False
        return True

    # Clients

    async def _client(self, member: str, number: int) -> None:
        chance = Chance(self.plan.seed * 1_000 + number + 1)
        while not self.is_over:
            operation, transaction = self._draw(chance, member)
            self.seen.operations.append(operation)
            await self._deliver(chance, operation, transaction)
            await self._read(chance.pick(sorted(self.nodes)), f"C-{chance.below(COUNTERS)}")

    def _draw(self, chance: Chance, member: str) -> tuple[Operation, Transaction]:
        name = chance.pick(("bump", "bump", "issue", "transfer", "transfer"))
        to = "" if name == "bump" else chance.pick(list(self.keys))
        number = f"C-{chance.below(COUNTERS)}" if name == "bump" else f"A-{chance.below(ASSETS)}"
        transaction = sign_transaction(
            ledger=self.network.ledger,
            contract="asset",
            operation=name,
            arguments={"number": number, **({"to": to} if to else {})},
            signers=[(member, self.keys[member])],
            nonce=chance.hexadecimal(32),
            expires_ms=time.time_ns() // 1_000_000 + LIFETIME_MS,
        )
        return Operation(transaction.id, name, number, member, to, time.monotonic_ns()), transaction

    async def _deliver(self, chance: Chance, operation: Operation, transaction: Transaction) -> None:
        """Sends the same envelope to one node after another until one answers with the receipt."""
        while operation.acknowledged_ns is None:
            node = chance.pick(sorted(self.nodes))
            asked_ns = time.monotonic_ns()
            try:
                status = await asyncio.wait_for(self.nodes[node].submit(transaction, WAIT_S), ANSWER_SECONDS_MAX)
            except (IndefiniteError, BusyError, TimeoutError):
                await self._progress(RETRY_SECONDS)
                continue
            self._observe(node, asked_ns, status["height"])
            if "receipt" in status:
                operation.acknowledged_ns = time.monotonic_ns()
                operation.place = (status["place"]["height"], status["place"]["position"])
                operation.code = status["receipt"]["code"]
                self.acknowledged += 1
                self.progress.set()
                self.progress = asyncio.Event()

    async def _read(self, node: str, number: str) -> None:
        asked_ns = time.monotonic_ns()
        try:
            path = "/v1/state/asset/counters"
            answer = await asyncio.wait_for(self.nodes[node].get(path, limit=COUNTERS), ANSWER_SECONDS_MAX)
        except (IndefiniteError, BusyError, TimeoutError):
            return
        count = next((row["value"]["count"] for row in answer["items"] if row["key"] == number), 0)
        self.seen.reads.append(Read(self._observe(node, asked_ns, answer["height"]), number, count))

    def _observe(self, node: str, asked_ns: int, height: int) -> Observation:
        observation = Observation(node, asked_ns, time.monotonic_ns(), height)
        self.seen.observations.append(observation)
        return observation

    async def _level(self) -> None:
        """Waits until every node holds all that was acknowledged; `wait` lets a node hold back its answer."""
        height = max(operation.place[0] for operation in self.seen.operations if operation.place is not None)
        for client in self.nodes.values():
            while (await client.status(UNKNOWN, WAIT_S))["height"] < height:
                pass

    def kept(self, node: str) -> list[ExportedBlock]:
        """The blocks of a node, audited: certificates, roots, receipts and writes hold."""
        auditor = Auditor(self.network.ledger)
        with self.network.client(node=node) as client:
            blocks = [auditor.feed(line) for line in client.export()]
        auditor.end()
        return [block for block in blocks if block is not None]


def verify(chaos: Chaos) -> int:
    """Holds what the clients saw against what all nodes hold; returns the number of blocks."""
    by_node = {node: chaos.kept(node) for node in chaos.nodes}
    height = min(map(len, by_node.values()))
    first = next(iter(by_node.values()))[:height]
    for node, blocks in by_node.items():
        # The header names the state root. Decision records may differ: a quorum is not always the same validators.
        assert [(b.header, b.transactions, b.receipts) for b in blocks[:height]] == [
            (b.header, b.transactions, b.receipts) for b in first
        ], f"{node} holds another ledger"
    entries = [
        Entry((block.header.height, position), receipt.transaction, json.loads(receipt.raw)["code"])
        for block in first
        for position, receipt in enumerate(block.receipts)
    ]
    seen = chaos.seen
    assert wrong(seen.operations, entries, [r for r in seen.reads if r.seen.height <= height]) == []
    assert gone_back(seen.observations) == []
    assert all(operation.acknowledged_ns is not None for operation in seen.operations)
    return height


def outputs(network: LocalNetwork) -> str:
    """What the nodes printed as errors, for whoever looks at a failed run."""
    texts = ((node, (network.directory / "nodes" / node / OUTPUT).read_text()) for node in network.members)
    return "\n".join(f"{node}:\n{text[-3_000:]}" for node, text in texts if text)
