"""Tallystick itself: replicas, traitors and links of the simulator, the audit, and the light client. Four nodes, f = 1."""

from collections.abc import Sequence
from typing import Any

from ledger.audit import audit_export, convict_exports
from ledger.chain.chain import Chain
from ledger.encoding import decode
from ledger.errors import InputError, JsonValue, TallystickError
from ledger.keys import PrivateKey
from ledger.state.memory_store import MemoryStore
from ledger.transaction import Transaction, parse_transaction, sign_transaction
from nodes.client.proofs import Trust, verify_state_answer
from nodes.lab.forging import Edit, Forger
from nodes.lab.tamper import forge
from nodes.network.specification import default_specification
from nodes.replica.explain import waits_for
from nodes.simulator.run import Run, Treason
from nodes.simulator.simulation import Simulation
from nodes.simulator.weather import CALM
from scenarios.workshop.anomalies.system import ALICE, ITEM, MALLORY, Fork, NotNowError, System, Transfer, TurnedAwayError

SEED = 1
CONTRACT, COLLECTION = "asset", "assets"
LIFETIME_MS = 600_000
PATIENCE_MS = 20_000
"""Virtual time after which a client calls it waiting."""
FAR_MS = 120_000
HEIGHTS = 4
KIND, ACT = "equivocator", "two-blocks"
"""Of traitors, and what makes them one."""
OTHER_HALF = 2
FIRST_TRANSFER = 2
"""Its height: the item is issued in block 1."""
TO = ("transactions", 0, "body", "arguments", "to")


class Tallystick(System):
    """`at` is the place of a node."""

    name = "tallystick"

    def __init__(self) -> None:
        self.simulation = Simulation(default_specification(members_each=1), SEED, CALM)
        self._members = [*self.simulation.nodes]
        self._made = 0
        self._sent: list[Transaction] = []
        self._copy: tuple[bytes, ...] | None = None
        """What a lying operator hands out as the ledger."""
        self._lie = ""
        self._final(self._sign(ALICE, "issue", ALICE), 0)
        self._settle()

    @property
    def servers(self) -> int:
        """n."""
        return len(self._members)

    @property
    def faulty_max(self) -> int:
        """f."""
        return (self.servers - 1) // 3

    def submit(self, transfer: Transfer, at: int = 0) -> bytes:
        """A signed transaction, to one node; returns when it is final."""
        transaction = self._sign(transfer.giver, "transfer", transfer.to)
        self._final(transaction, at)
        return transaction.raw

    def race(self, first: Transfer, second: Transfer) -> tuple[str, ...]:
        """At two nodes at once; both come into blocks."""
        made = [self._sign(transfer.giver, "transfer", transfer.to) for transfer in (first, second)]
        for transaction, at in zip(made, (0, OTHER_HALF), strict=True):
            self._send(transaction, at)
        self._wait(made, 0)
        receipts = [self.simulation.receipt(transaction.id) for transaction in made]
        return tuple(f"receipt: {r['outcome']}, {r['code']}" for r in receipts if r is not None and r["code"] != "ok")

    def holder(self, at: int = 0) -> str:
        """The proved answer of a node."""
        view = self.simulation.view(self._members[at])
        value: Any = decode(view.state.get(CONTRACT, COLLECTION, ITEM) or b"null")
        proof: Any = view.prove_state(CONTRACT, COLLECTION, ITEM)
        if self._lie:
            value = {**value, "holder": self._lie}
            proof = {**proof, "value": value}
        answer: dict[str, JsonValue] = {"value": value, "proof": proof, "height": proof["header"]["height"]}
        try:
            verify_state_answer(Trust(self.simulation.network.genesis), answer, CONTRACT, COLLECTION, ITEM)
        except TallystickError as error:
            raise TurnedAwayError(f"the light client: {error} ({error.code})") from error
        return str(value["holder"])

    def verify(self) -> str:
        """The audit of the export that one gets."""
        lines = self._copy or tuple(self.simulation.view(self._members[0]).export())
        report = audit_export(lines, self.simulation.ledger, self.simulation.contracts)
        return "" if report.broken is None else report.broken.message

    def mark(self) -> str:
        """The id of the last block."""
        view = self.simulation.view(self._members[0])
        return view.block_id(view.height)

    def misses(self, mark: str) -> str:
        """A block that was there stays there."""
        view = self.simulation.view(self._members[0])
        return "" if mark in [view.block_id(h) for h in range(1, view.height + 1)] else f"block {mark[:12]}… is gone"

    def restart(self) -> None:
        """Starts the nodes that are down."""
        for node in self.simulation.nodes.values():
            if node.replica is None:
                self.simulation.start(node)
        self._settle()

    def rewrite(self, to: str) -> None:
        """One operator edits, hashes again, signs with the one key, and answers from the result."""
        simulation, operator = self.simulation, self._members[0]
        lines = tuple(simulation.view(operator).export())
        forger = Forger(FIRST_TRANSFER, (Edit(path=TO, value=to),), rehash=True, keys={operator: simulation.key_of(operator)})
        self._copy = forge(lines, forger, simulation.contracts).lines
        self._lie = to

    def replay(self, wire: bytes) -> None:
        """The same envelope once more, to another node."""
        self._send(parse_transaction(wire), 1)

    def pretend(self, transfer: Transfer) -> None:
        """Signed with a key of one's own."""
        key = self.simulation.key_of(MALLORY)
        self._send(self._sign(transfer.giver, "transfer", transfer.to, key), 0)

    def insert(self, transfer: Transfer) -> None:
        """A leader puts it into a block; the others judge the proposal."""
        forged = self._sign(transfer.giver, "transfer", transfer.to, self.simulation.key_of(MALLORY))
        leader, voter = (self._chain(at) for at in (0, 1))
        candidate = leader.build((forged,), leader.head_time_ms + 1_000, self._members[0])
        try:
            voter.check(candidate.block.header, candidate.block.transactions, lambda _: False)
        except TallystickError as error:
            raise TurnedAwayError(f"{self._members[1]} refuses the proposal: {error} ({error.code})") from error

    def equivocate(self, count: int) -> Fork:
        """That many validators propose two blocks and agree with both; with n - 2f they also keep the honest apart."""
        run = Run(SEED, HEIGHTS, CALM, treason=Treason(KIND, count))
        verdict = run.play()
        views = [run.simulation.view(member) for member in run.simulation.honest]
        height = verdict.forked_at or min(view.height for view in views)
        here, *others = [view for view in views if view.height >= height]
        there = next((view for view in others if view.block_id(height) != here.block_id(height)), here)
        told = here.block_id(height)[:12], there.block_id(height)[:12]
        exports = [tuple(view.export()) for view in (here, there)]
        reports = [audit_export(lines, run.simulation.ledger, run.simulation.contracts) for lines in exports]
        complaints = [report.broken.message for report in reports if report.broken is not None]
        conviction = convict_exports(exports[0], exports[1], run.simulation.ledger)
        compared = "" if conviction is None else f"block {height} is {told[0]}… here and {told[1]}… there, both certified"
        return Fork(
            told=told,
            acts=tuple(f"{act} {times}" for act, times in verdict.betrayals.items() if act == ACT),
            complaints=(*([] if verdict.failure is None else [verdict.failure]), *complaints),
            compared=compared,
            convicted=verdict.convicted if conviction is None else conviction.members,
        )

    def part(self) -> Sequence[int]:
        """Two nodes on either side."""
        half = self.servers // 2
        self.simulation.weather.group_of = {member: place // half for place, member in enumerate(self._members)}
        return (0, OTHER_HALF)

    def heal(self) -> None:
        """Everybody hears everybody; what waits is decided."""
        self.simulation.weather.clear()
        self._settle()

    def crash_leader(self) -> int:
        """The leader of the next height's first view."""
        view = self.simulation.view()
        leader = view.validators_at(view.height + 1).leader(view.height + 1, 1)
        self.simulation.crash(self.simulation.nodes[self._members[leader]])
        return (leader + 1) % self.servers

    def backup(self) -> None:
        """None is made: each node is a copy of the others."""

    def lose_disk(self) -> None:
        """A node comes back with nothing but its key: it fetches the ledger and does not vote until that is safe."""
        node = self.simulation.nodes[self._members[0]]
        self.simulation.crash(node)
        node.store = MemoryStore()
        Chain.create(node.store, self.simulation.network.genesis_bytes, self.simulation.contracts)
        node.store.flush()
        self.simulation.start(node, may_vote=False)
        self._settle()

    def _sign(self, giver: str, operation: str, to: str, key: PrivateKey | None = None) -> Transaction:
        self._made += 1
        return sign_transaction(
            ledger=self.simulation.ledger,
            contract=CONTRACT,
            operation=operation,
            arguments={"number": ITEM, "to": to},
            signers=[(giver, key or self.simulation.key_of(giver))],
            nonce=f"{self._made:032x}",
            expires_ms=self.simulation.now_ms + LIFETIME_MS,
        )

    def _send(self, transaction: Transaction, at: int) -> None:
        try:
            self.simulation.submit((transaction,), self._members[at])
        except InputError as error:
            raise TurnedAwayError(f"{self._members[at]}: {error} ({error.code})") from error
        self._sent.append(transaction)

    def _final(self, transaction: Transaction, at: int) -> None:
        self._send(transaction, at)
        self._wait([transaction], at)
        receipt = self.simulation.receipt(transaction.id)
        if receipt is not None and receipt["outcome"] != "committed":
            raise TurnedAwayError(f"receipt: {receipt['outcome']}, {receipt['code']}")

    def _wait(self, transactions: Sequence[Transaction], at: int) -> None:
        """Until a node has all of them; raises NotNowError with what that node waits for."""
        simulation, member = self.simulation, self._members[at]

        def is_final() -> bool:
            return all(simulation.view(member).place(transaction.id) is not None for transaction in transactions)

        if not simulation.run_until(is_final, PATIENCE_MS):
            replica = simulation.nodes[member].replica
            waited = "" if replica is None else waits_for(replica.engine)
            raise NotNowError(f"{member} is at height {simulation.view(member).height} and waits for {waited}")

    def _settle(self) -> None:
        """Until every node is as high as the highest, and holds what was sent."""
        simulation = self.simulation

        def is_settled() -> bool:
            views = [simulation.view(node.member) for node in simulation.up()]
            known = all(views[0].place(transaction.id) is not None for transaction in self._sent)
            return known and len({view.height for view in views}) == 1

        simulation.run_until(is_settled, FAR_MS)

    def _chain(self, at: int) -> Chain:
        replica = self.simulation.nodes[self._members[at]].replica
        assert replica is not None
        return replica.chain
