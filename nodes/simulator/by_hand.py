"""A simulation in which nothing happens by itself: each message waits until it is delivered, each timer until it is fired.

Replicas, bytes, signatures, stores, checker and witness are those of every simulation. Nodes go by the names of their
organizations, blocks by letters in the order in which they were first heard of.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from ledger.certificate import Statement, sign_statement
from ledger.errors import JsonValue
from ledger.identity.records import GOVERNANCE
from ledger.primitives import Digest
from ledger.transaction import Transaction
from nodes.consensus.events import BecameDurable, Timer, TimerFired
from nodes.messages import FetchMessage, Message, StatementMessage, block_message, describe, encode_messages
from nodes.network.specification import NetworkSpecification, OrganizationSpec, default_specification
from nodes.replica.replica import Replica
from nodes.simulator.script import UnexpectedError
from nodes.simulator.simulation import SimulatedNode, Simulation

SEED = 1
LIFETIME_MS = 300_000
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Letter:
    """One message on its way to one node."""

    number: int
    sender: str
    receiver: str
    label: str
    data: bytes


class ByHand(Simulation):
    """Nodes that wait for what a hand does. `told` is what they did since it was last emptied."""

    def __init__(
        self,
        names: tuple[str, ...],
        replica_of: Callable[[str], type[Replica]] = lambda member: Replica,
        traitors: frozenset[str] = frozenset(),
    ) -> None:
        self.told: list[str] = []
        self.under_way: list[Letter] = []
        self.said: list[Letter] = []
        """Everything that was ever sent."""
        self.holding_writes: set[str] = set()
        """Nodes whose writes are not durable until they are flushed."""
        self.published: dict[tuple[str, int], str] = {}
        """(node, height) -> letter of the block that it decided, durably."""
        self._letters: dict[str, str] = {}
        super().__init__(specification(names), SEED, replica_of=replica_of, traitors=traitors)
        self.told.clear()
        self.under_way.clear()
        self.said.clear()

    # What the hand does

    def deliver(self, letter: Letter) -> None:
        """Hands a message over, which then is no longer under way."""
        self.under_way.remove(letter)
        self._arrive(letter.sender, self.nodes[letter.receiver], letter.number, letter.data)

    def timers(self, node: SimulatedNode, kind: str) -> list[Timer]:
        """The timers of a kind that run for the present height."""
        height = self.replica(node.member).engine.height
        return [timer for timer in node.timers if timer.kind == kind and timer.height in (0, height)]

    def fire(self, node: SimulatedNode, timer: Timer) -> None:
        """Lets a timer run out."""
        del node.timers[timer]
        self.handle(node, TimerFired(timer))

    def disk(self, node: SimulatedNode, what: Literal["hold", "flush", "release"]) -> None:
        """Holds writes; or they are durable and the node does not know yet; or it knows, and its disk is fast again."""
        match what:
            case "hold":
                self.holding_writes.add(node.member)
            case "flush":
                node.store.flush()
            case "release":
                self.holding_writes.discard(node.member)
                self._flush_later(node, node.store.ticket)

    def lie(self, sender: str, receivers: list[str], statement: Statement) -> None:
        """Sends a statement signed with the sender's key; a fresh Propose with its block, as honest leaders do."""
        replica = self.replica(sender)
        signed = sign_statement(replica.chain.domain, statement, self.key_of(sender))
        block = replica.bodies.blocks.get(statement.block)
        fresh = statement.kind == "propose" and statement.notarized_view == 0
        messages: list[Message] = [StatementMessage(signed)]
        if fresh and block is not None:
            messages.insert(0, block_message(block))
        for receiver in receivers:
            self._send(self.nodes[sender], receiver, messages)

    def forge(self, member: str) -> None:
        """Builds a block as the leader of this view would build it now, and keeps it."""
        replica = self.replica(member)
        candidate = replica.chain.build(tuple(replica.mempool), replica.next_time_ms(self._clock(self.nodes[member])), member)
        replica.bodies.candidates[candidate.id] = candidate
        replica.bodies.blocks[candidate.id] = candidate.block
        self.told.append(f"{short(member)} keeps block {self.letter(candidate.id)}")

    # What the hand reads

    def replica(self, member: str) -> Replica:
        """The replica of a node that is up."""
        replica = self.nodes[member].replica
        assert replica is not None, f"{member} is down"
        return replica

    def letter(self, block: str) -> str:
        """The letter of a block, by its id or by how that begins; a new one for a new block."""
        number = len(self._letters)
        return self._letters.setdefault(block[:6], LETTERS[number] if number < len(LETTERS) else f"Z{number}")

    def block(self, letter: str) -> Digest:
        """The id of a block that some node holds, by its letter; raises UnexpectedError."""
        for node in self.nodes.values():
            for block in () if node.replica is None else node.replica.bodies.blocks:
                if self.letter(block) == letter:
                    return block
        raise UnexpectedError(f"No node holds block {letter}.")

    def readable(self, text: str) -> str:
        """Letters for block ids and names for keys and members."""
        names = {validator: short(validator) for validator in self.nodes}
        names |= {f"key {self.key_of(member).public_key[:8]}": short(member) for member in self.nodes}
        for long, name in names.items():
            text = text.replace(long, name)
        return re.sub(r"\b([0-9a-f]{6})([0-9a-f]{58})?\b", lambda found: self.letter(found[1]), text)

    def label(self, message: Message) -> str:
        """A message in a few words, as scripts name it."""
        label = self.readable(describe(message))
        match message:
            case StatementMessage(Statement(kind="propose", notarized_view=view)) if view:
                return f"{label} (notarized in view {view})"
            case FetchMessage(_, blocks, views):
                return f"{label} ({', '.join([*(f'block {self.letter(b)}' for b in blocks), *(f'view {v}' for v in views)])})"
        return label

    def bump(self, number: int, lifetime_ms: int = LIFETIME_MS) -> Transaction:
        """The transaction of that number."""
        member = f"{short(next(iter(self.nodes)))}.member1"
        return self.sign(member, "asset", "bump", {"number": "n"}, f"{number:032x}", lifetime_ms)

    def removal(self, member: str) -> tuple[Transaction, ...]:
        """What votes a validator out: a proposal and the approvals of a majority."""
        first, *others = (f"{short(node)}.admin" for node in self.nodes)
        action: JsonValue = {"kind": "remove-validator", "member": member}
        proposal = self.sign(first, GOVERNANCE, "propose", {"number": "out", "action": action}, "a" * 32, LIFETIME_MS)
        majority = others[: len(self.nodes) // 2]
        approvals = (self.sign(one, GOVERNANCE, "approve", {"number": "out"}, "b" * 32, LIFETIME_MS) for one in majority)
        return (proposal, *approvals)

    # What the simulation calls

    def record(self, node: str, kind: str, **fields: JsonValue) -> None:
        """Tells in words what a node noted in its log."""
        if kind == "decided":
            self.published[node, int(str(fields["height"]))] = self.letter(str(fields["block"]))
        text = self._words(kind, fields)
        if text:
            self.told.append(f"{short(node)} {text}")

    def _send(self, sender: SimulatedNode, receiver: str | None, messages: list[Message]) -> None:
        receivers = [member for member in self.nodes if member != sender.member and receiver in (None, member)]
        labels = [self.label(message) for message in messages]
        self.told.append(f"{short(sender.member)} -> {'all' if receiver is None else short(receiver)}: {', '.join(labels)}")
        for message, label in zip(messages, labels, strict=True):
            data = encode_messages([message])
            for member in receivers:
                self.batches += 1
                letter = Letter(self.batches, sender.member, member, label, data)
                self.under_way.append(letter)
                self.said.append(letter)
            self.witness.sent(data)

    def _flush_later(self, node: SimulatedNode, ticket: int) -> None:
        if node.member not in self.holding_writes and node.replica is not None:
            node.store.flush(ticket)
            self.handle(node, BecameDurable(ticket))

    def _words(self, kind: str, fields: Mapping[str, JsonValue]) -> str:
        place = f"{fields.get('height')}/{fields.get('view')}"
        block = self.letter(str(fields["block"])) if fields.get("block") else ""
        match kind:
            case "start":
                return f"starts at height {fields['height']}"
            case "crash":
                lost = fields["lost_writes"]
                return f"crashes and loses {lost} writes" if lost else "crashes"
            case "received":
                return ""
            case "dropped" if fields.get("why") == "down":
                return ""
            case "dropped":
                return f"refuses a {fields['message']} of {self.readable(str(fields['sender']))}: {fields['code']}"
            case "betrayal":
                return f"betrays: {fields['act']}"
            case "recovered":
                return "may vote again"
            case "evidence":
                return f"has evidence against {self.readable(str(fields['signer']))}"
            case "certificate-notar" | "certificate-skip" | "certificate-commit":
                return f"holds {kind.removeprefix('certificate-')}-cert {place} {block}".rstrip()
            case "view":
                return f"enters view {fields['view']}"
            case "timeout":
                return f"gives up view {fields['view']}"
            case "build":
                return f"builds {block} (transactions: {fields['transactions']})"
            case "commit":
                return f"commits {block}, decided in view {fields['view']}"
            case "decided":
                return f"publishes {block} at height {fields['height']}"
        return self.readable(f"{kind}: " + ", ".join(f"{name} {value}" for name, value in fields.items() if value != ""))


def specification(names: tuple[str, ...]) -> NetworkSpecification:
    """One organization with one validator a name."""
    plain = default_specification(members_each=1)
    organizations = tuple(OrganizationSpec(name, plain.organizations[0].members) for name in names)
    return replace(plain, organizations=organizations, validators=tuple(map(member_of, names)))


def member_of(name: str) -> str:
    """The member id of a node by its short name."""
    return f"{name}.validator"


def short(member: str) -> str:
    """The short name of a node."""
    return member.partition(".")[0]
