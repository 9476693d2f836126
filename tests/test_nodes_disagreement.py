"""Nodes that come to different results of one transaction: it is left aside, and the ledger goes on.

A contract whose result hangs on hash order passes for a good one until two interpreters run it. Here each node has an
opinion of its own, so that one operation has as many results as a test wants.
"""

from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from ledger.certificate import Certificate, Statement, StatementKind, sign_statement
from ledger.contract import Anyone, Context, Identifier, operation
from ledger.errors import BusyError, InputError, VerificationError
from ledger.identity.records import Parameters
from ledger.primitives import NO_DIGEST, Digest
from ledger.transaction import Transaction
from nodes.consensus.events import RESEND, MessageReceived, ReplicaEvent, TimerFired
from nodes.mempool import BLOCK_MAX, REST_ROUNDS
from nodes.messages import CertificateMessage, StatementMessage, StatusMessage, block_message
from nodes.replica.explain import consensus_json, held_up
from nodes.replica.replica import Replica
from nodes.sample_contract import Asset, Counter
from nodes.simulator.chance import Chance
from nodes.simulator.checker import Checker
from nodes.simulator.simulation import SimulatedNode
from nodes.simulator.weather import CALM, FaultOptions
from nodes.simulator.workload import RESERVE, simulated_specification
from nodes.traitors.kinds import TRAITORS, find_traitor
from tests.replicas import Inspected, Network
from tests.support import ALICE, NORTH, VALIDATORS, WEST, certify, in_short

MINUTES_MS = 60_000


class Opinions:
    """What each node takes for the result."""

    by_member: dict[str, int] = {}
    member = ""
    """Whose replica is running."""


class Unsure(Asset):
    """The sample contract with an operation that says something else on each node."""

    name = "asset"

    @operation(signed_by=Anyone())
    def guess(self, context: Context, number: Identifier) -> None:
        """Writes this node's opinion."""
        self.counters[number] = Counter(count=Opinions.by_member.get(Opinions.member, 0))


class Watching(Checker):
    """Its model knows every operation but `guess`."""

    def _model(self, body: dict[str, Any], receipt: dict[str, Any]) -> None:
        if body["operation"] != "guess":
            super()._model(body, receipt)


class Unsettled(Inspected):
    """A network on which `guess` has one result a node, unless a test gives the nodes other opinions."""

    def __init__(self, seed: int, validators: int = 4, options: FaultOptions | None = None, traitor: str | None = None) -> None:
        Opinions.by_member = {}
        parameters = Parameters(transaction_lifetime_max_ms=2 * 60 * MINUTES_MS)
        specification = replace(simulated_specification(validators), parameters=parameters)
        traitors = frozenset(specification.validators[: (validators - 1) // 3] if traitor else ())
        super().__init__(
            specification, seed, options or replace(CALM, delay_ms_max=20), keep_log=options is None, traitors=traitors,
            replica_of=lambda member: find_traitor(traitor) if traitor and member in traitors else Replica,
        )  # fmt: skip
        self.contracts.contracts["asset"] = Unsure  # type: ignore[index]
        self.checker = Watching()
        self.voters = [m for m in self.nodes if m != RESERVE]
        Opinions.by_member = {member: number for number, member in enumerate(self.voters)}
        self.q = len(self.voters) - (len(self.voters) - 1) // 3
        self.f = len(self.voters) - self.q
        self.numbers = count(1)

    def handle(self, node: SimulatedNode, event: ReplicaEvent) -> None:
        """Lets the contract know on which node it runs."""
        Opinions.member = node.member
        super().handle(node, event)

    def call(self, name: str, minutes: int = 60) -> Transaction:
        """A transaction that lives for so long."""
        number = next(self.numbers)
        return self.sign(ALICE, "asset", name, {"number": f"{name}-{number}"}, f"{number:032x}", minutes * MINUTES_MS)

    def running(self) -> list[Replica]:
        """Honest validators that are up and did not diverge."""
        found = [self.nodes[member].replica for member in self.honest if member in self.voters]
        return [replica for replica in found if replica is not None and replica.diverged is None]

    def is_decided(self, transactions: list[Transaction]) -> bool:
        """Whether every one of these stands in a block at every validator that runs; asked after each event."""
        places = self.checker.places
        if not all(t.id in places for t in transactions):
            return False
        height = max(places[t.id] for t in transactions)
        return all(replica.chain.height >= height for replica in self.running())

    def set_aside_a_guess(self, minutes: int = 60) -> None:
        """Until every node has set aside what they disagree on."""
        self.submit([self.call("guess", minutes)], self.voters[0])
        assert self.run_until(lambda: all(r.mempool.set_aside() for r in self.running()), 10 * MINUTES_MS)


def views_of_the_search(simulation: Unsettled, transactions: int, unsure: int) -> int:
    """In which view of a height what shared a skipped proposal is decided at the latest: n (log2 s + 2k + 1) + f.

    Every n views each validator leads once. It proposes s transactions, then half of them, at last one alone, and each of the
    k on which nodes disagree twice; after that its proposal holds none of these. f leaders may be down.
    """
    return len(simulation.voters) * (transactions.bit_length() + 2 * unsure + 1) + simulation.f


@pytest.mark.parametrize(
    ("validators", "seed"), in_short(6, [(4, 1), (4, 2), (4, 3), (5, 1), (5, 2), (7, 1), (4, 4), (4, 5), (4, 6), (5, 3), (7, 2)])
)
def test_what_nodes_disagree_on_is_set_aside_and_everything_else_commits(validators: int, seed: int) -> None:
    simulation, chance = Unsettled(seed, validators), Chance(seed)
    down = [simulation.voters[chance.below(validators)] for _ in range(simulation.f)] if seed % 2 else []
    for member in {*down}:
        simulation.crash(simulation.nodes[member])
    up = [m for m in simulation.voters if simulation.nodes[m].replica is not None]
    unsure = [simulation.call("guess") for _ in range(1 + seed % 3)]
    ordinary = [simulation.call("bump") for _ in range(chance.between(1, 40))]
    waiting = [*unsure, *ordinary]
    while waiting:
        simulation.submit([waiting.pop(chance.below(len(waiting)))], chance.pick(up))
    assert simulation.run_until(lambda: simulation.is_decided(ordinary), 60 * MINUTES_MS), f"seed {seed}"
    assert not [t for t in unsure if t.id in simulation.checker.places]
    bound = views_of_the_search(simulation, len(unsure + ordinary), len(unsure))
    assert max(simulation.checker.views.values()) <= bound, f"seed {seed}"
    # What comes later was in no skipped proposal: every leader spends at most one more turn on something else.
    later, views = simulation.call("bump"), len(simulation.logged("view", up[0]))
    simulation.submit([later], up[0])
    assert simulation.run_until(lambda: simulation.is_decided([later]), 10 * MINUTES_MS)
    assert len(simulation.logged("view", up[0])) - views <= validators + simulation.f + 1
    assert simulation.run_until(lambda: any(r.mempool.set_aside() for r in simulation.running()), 10 * MINUTES_MS)
    assert simulation.logged("set-aside")
    shown: list[Any] = [consensus_json(replica) for replica in simulation.running()]
    assert any(json["proposals"]["set_aside"] for json in shown)
    assert not [replica for replica in simulation.running() if replica.diverged]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("validators", "apart"), [(4, 1), (5, 1), (7, 2)])
def test_who_disagrees_with_a_notarized_block_stops_and_the_others_go_on(validators: int, apart: int, seed: int) -> None:
    simulation = Unsettled(seed, validators)
    odd = simulation.voters[seed % validators :][:apart] + simulation.voters[: max(0, seed % validators + apart - validators)]
    Opinions.by_member = {member: 1 if member in odd else 0 for member in simulation.voters}
    even = next(member for member in simulation.voters if member not in odd)
    unsure, ordinary = simulation.call("guess"), [simulation.call("bump") for _ in range(20)]
    simulation.submit([unsure, *ordinary], even)
    assert simulation.run_until(lambda: simulation.is_decided([unsure, *ordinary]), 10 * MINUTES_MS)
    assert simulation.run_until(lambda: len(simulation.running()) == validators - apart, MINUTES_MS)
    # And then something on which those that are left disagree as well.
    Opinions.by_member = {member: number for number, member in enumerate(simulation.voters)}
    second, more = simulation.call("guess"), [simulation.call("bump") for _ in range(5)]
    simulation.submit([second, *more], even)
    assert simulation.run_until(lambda: simulation.is_decided(more), 60 * MINUTES_MS)
    assert second.id not in simulation.checker.places
    assert simulation.replica(even).answers.apart.keys() == {*odd}


def test_slow_links_alone_starve_nobody() -> None:
    """Proposals are skipped while a link is slow; once it is fast again what was set aside is committed."""
    simulation = Unsettled(3)
    transactions = [simulation.call("bump") for _ in range(3)]
    for member in simulation.voters:  # every batch takes longer than the first views last
        simulation.weather.clogged_until |= {(member, other): 150_000 for other in simulation.voters if other != member}
    simulation.submit(transactions, simulation.voters[0])
    assert simulation.run_until(lambda: simulation.is_decided(transactions), 20 * MINUTES_MS)


def test_what_is_set_aside_expires_like_any_other() -> None:
    simulation = Unsettled(5)
    simulation.set_aside_a_guess(minutes=10)
    tried = len(simulation.logged("set-aside"))
    simulation.run_until(lambda: False, 11 * MINUTES_MS)
    assert not any(len(replica.mempool) for replica in simulation.running())
    # Tried again after waits that double: some three times in ten minutes.
    assert tried < len(simulation.logged("set-aside")) < len(simulation.voters) * 5


def test_while_it_rests_there_is_no_work_and_no_view_goes_by() -> None:
    simulation = Unsettled(5)
    simulation.set_aside_a_guess()
    for replica in simulation.running():
        entry = replica.mempool.set_aside()[0]
        assert entry.rests_until - replica.mempool.round <= REST_ROUNDS << (entry.skips_alone - 2)
    assert not any(held_up(replica) for replica in simulation.running())


@pytest.fixture
def network() -> Network:
    return Network()


def test_where_nothing_is_skipped_nothing_is_suspected(network: Network) -> None:
    network.decide(1, 2, 3)
    assert not any(network.replica(member).mempool.suspected for member in network.nodes)
    assert all(network.replica(member).mempool.block_max == BLOCK_MAX for member in network.nodes)


def test_a_notarized_block_is_not_set_aside(network: Network) -> None:
    """SkipCert and NotarCert of one view may both exist; the block must then be proposed again, whatever became of it."""
    leader = VALIDATORS[network.replica().chain.validators.leader(1, 1)]
    replica, block = network.replica(leader), first_block(network, leader)
    for certificate in (decided(network, "vote", block), decided(network, "skip", NO_DIGEST)):
        network.give(leader, WEST if leader != WEST else NORTH, CertificateMessage(certificate))
    assert replica.engine.view == 2
    assert not replica.mempool.suspected


class Chaos:
    """Twenty seconds of every fault, clients and a contract with three results; then calm."""

    CHAOS_MS = 20_000

    def __init__(self, seed: int) -> None:
        validators, kinds = (4, 5, 7)[seed % 3], sorted(TRAITORS)
        self.options = replace(FaultOptions(), pending_max=200)
        self.simulation = Unsettled(seed, validators, self.options, None if seed % 2 else kinds[seed // 2 % len(kinds)])
        self.chance = Chance(seed + 77)
        Opinions.by_member = {member: self.chance.below(3) for member in self.simulation.voters}
        self.made: dict[str, list[Transaction]] = {"guess": [], "bump": []}

    def play(self) -> None:
        """Until all that the nodes agree on is decided at every honest node that did not come to another result."""
        self.client()
        self.weather()
        self.simulation.run_until(lambda: self.simulation.time_ms > self.CHAOS_MS + 1_000, 2 * self.CHAOS_MS)
        for replica in self.simulation.running():
            for transaction in self.made["bump"]:
                self.submit(transaction, replica.settings.member)
        assert self.simulation.run_until(lambda: self.simulation.is_decided(self.made["bump"]), 60 * MINUTES_MS)
        assert self.simulation.running()

    def client(self) -> None:
        """One transaction after another, to any node."""
        if self.simulation.time_ms < self.CHAOS_MS:
            kind = "guess" if self.chance.happens(120) else "bump"
            self.made[kind].append(self.simulation.call(kind))
            self.submit(self.made[kind][-1], self.chance.pick(self.simulation.up()).member)
            self.simulation.after(self.chance.between(50, 500), self.client)

    def submit(self, transaction: Transaction, member: str) -> None:
        """As a client that takes no for an answer: known already, or no place."""
        with suppress(InputError, BusyError):
            self.simulation.submit([transaction], member)

    def weather(self) -> None:
        """Faults of links, and one node at a time that is down."""
        simulation = self.simulation
        is_over = simulation.time_ms >= self.CHAOS_MS
        down = [node for node in simulation.nodes.values() if node.replica is None]
        if down and (is_over or self.chance.happens(400)):
            simulation.start(down[0])
        elif not is_over and not down and self.chance.happens(300):
            simulation.crash(self.chance.pick(simulation.up()))
        if is_over:
            simulation.weather.clear()
            simulation.weather.options = self.options.calm()
        else:
            simulation.weather.draw(tuple(simulation.nodes), simulation.time_ms)
            simulation.after(self.options.weather_ms, self.weather)


@pytest.mark.parametrize("seed", in_short(2, range(3, 65)))
def test_no_fault_and_no_traitor_beside_it_keeps_the_others_waiting(seed: int) -> None:
    Chaos(seed).play()


# Who is held up says by what


def decided(network: Network, kind: StatementKind, block: Digest) -> Certificate:
    """A certificate of view 1 of the first height."""
    keys = {member: network.key_of(member) for member in VALIDATORS}
    return certify(network.ledger, network.replica().chain.validators, keys, kind, 1, 1, block, range(3))


def first_block(network: Network, member: str) -> Digest:
    """The block of a transaction that this node was given, as soon as it holds one."""
    network.submit([network.bump()], member)
    while not network.replica(member).bodies.blocks:
        network.scheduler.step()
    (block,) = network.replica(member).bodies.blocks
    return block


def rounds(replica: Replica, number: int, now_ms: int) -> None:
    """So many resend intervals go by."""
    for _ in range(number):
        replica.handle(TimerFired(RESEND), now_ms)


def test_a_height_that_does_not_end_names_who_is_silent_and_who_came_to_another_result() -> None:
    simulation = Unsettled(2)
    Opinions.by_member = dict.fromkeys(simulation.voters, 0) | {WEST: 1}
    unsure = simulation.call("guess")
    simulation.submit([unsure], NORTH)
    assert simulation.run_until(lambda: len(simulation.running()) == 3 and simulation.is_decided([unsure]), MINUTES_MS)
    assert held_up(simulation.replica(NORTH)) is None
    simulation.crash(simulation.nodes["east.validator"])
    simulation.submit([simulation.call("bump")], NORTH)
    assert simulation.run_until(lambda: held_up(simulation.replica(NORTH)) is not None, 5 * MINUTES_MS)
    held = held_up(simulation.replica(NORTH))
    assert held is not None
    height = simulation.checker.places[unsure.id]
    assert {*held.silent} == {WEST, "east.validator"}
    assert held.apart == {WEST: height}
    assert f"west.validator came to another result at height {height}" in str(held)
    assert "silent: east.validator, west.validator" in str(held)


def test_a_notarized_block_that_is_wrong_here_is_named(network: Network) -> None:
    replica, block = network.replica(), first_block(network, NORTH)
    network.give(NORTH, WEST, CertificateMessage(decided(network, "vote", block)))
    replica.bodies.errors[block] = VerificationError("wrong-roots", "It executes to another state_root here.")
    rounds(replica, 20, network.now_ms)
    held = held_up(replica)
    assert held is not None
    assert (held.block, held.code) == (block, "wrong-roots")
    assert f"Block {block} is notarized and does not hold here (wrong-roots)" in str(held)
    shown = consensus_json(replica)["held_up"]
    assert shown is not None
    assert shown["block"] == block  # type: ignore[index, call-overload]


def test_a_proposal_that_one_node_alone_has_seen_does_not_hold_it_up(network: Network) -> None:
    """A traitor gives one node a Propose and nobody else: its timer runs and its Skip goes out, but nothing waits there."""
    validators = network.replica().chain.validators
    leader = validators.leader(1, 1)
    traitor = validators.validators[leader].member
    victim = next(member for member in VALIDATORS if member != traitor)
    chain = network.replica(traitor).chain
    block = chain.build((), chain.head_time_ms + 1, traitor).block
    said = sign_statement(chain.domain, Statement("propose", 1, 1, block.id, 0, leader), network.key_of(traitor))
    for message in (block_message(block), StatementMessage(said)):
        network.handle(network.nodes[victim], MessageReceived(traitor, message))
    assert network.run_until(lambda: ("skip", 1) in network.replica(victim).engine.mine, MINUTES_MS)
    rounds(network.replica(victim), 40, network.now_ms)
    assert held_up(network.replica(victim)) is None


def test_what_is_tried_again_does_not_hold_up_a_node() -> None:
    simulation = Unsettled(1)
    simulation.set_aside_a_guess()
    tried = len(simulation.logged("set-aside"))
    for _ in range(20 * 60):
        simulation.run_until(lambda: False, 1_000)
        assert not [str(held_up(replica)) for replica in simulation.running() if held_up(replica)]
    assert len(simulation.logged("set-aside")) > tried


def test_who_is_heard_at_a_later_height_is_no_longer_apart(network: Network) -> None:
    network.decide(1)
    replica = network.replica()
    replica.answers.apart["west.validator"] = 1
    network.give(NORTH, WEST, StatusMessage(1, 3))
    assert replica.answers.apart
    network.give(NORTH, WEST, StatusMessage(2, 1))
    assert not replica.answers.apart
