"""Plays a scripted trace: a text file that drives real replicas, one message at a time. `nodes/traces/` holds them.

A trace is a story. A line is a command, `#` begins a comment, commas and `and` are only for the reader. Nodes go by
their organization (`north`, `south`, `east`, `west` unless `network` names others, in the order in which they lead: east
leads view 1 of height 1, then west, north, south), blocks by letters in the order in which they were built, views by
HEIGHT/VIEW. Nothing happens by itself: a message waits until it is delivered, a timer until it is fired; only a disk
writes at once unless its writes are held. Each command is followed by what the nodes did. The first line that does not
go as told ends the trace. Keys are made from a fixed seed: the same trace gives the same output everywhere.

    network north south east west center       other nodes; first line only
    with planted FAULT at NODES                runs an engine with a planted fault
    with traitor KIND at NODES                 runs a traitor, or `scripted`: one that lies when told to

    submit 1 and 2 at NODE [expiring in 5s]    a client hands in transactions
    submit removal of NODE at NODE             three: an admin proposes to vote a validator out, others approve
    deliver MESSAGES                           hands over what is under way and fits; a node that is down hears nothing
    drop MESSAGES                              it never arrives
    settle [among NODES]                       delivers until nothing is under way
    fire TIMER at NODES                        view, repropose, hold, resend or heartbeat runs out
    crash NODES
    restart NODES [without mark]
    hold writes at NODES                       from here on nothing is durable there ...
    flush writes at NODES                      ... it is on the disk, but the node does not know yet ...
    release writes at NODES                    ... and knows; its disk is fast again
    wait 10s                                   time passes; no timer fires by that
    clock NODE +5s | -5s                       its clock is wrong by so much
    forge block at NODE                        a traitor builds a block and keeps it
    lie STATEMENT HEIGHT/VIEW [BLOCK] [notarized VIEW] from NODE to NODES

    expect NODES [not] view 2 | height 2 | decided 1 [BLOCK] | sent MESSAGE [again] | holds CERTIFICATE | holds block A
        | timer NAME | work | voting | down | waiting for WHAT | evidence against NODE
    expect broken WORDS                        the line before broke an invariant of consensus, in these words

MESSAGES is `KIND ... [HEIGHT/VIEW] [BLOCK] [from NODES] [to NODES]`, where KIND is propose, vote, final, skip,
notar-cert, skip-cert, commit-cert, block, transactions, status, fetch, decided, highest?, highest or everything. NODES is
names, `all`, or `all but` names.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import get_args

from ledger.certificate import Statement, StatementKind, sign_statement
from ledger.errors import JsonValue, OperatorError, TallystickError
from ledger.identity.records import GOVERNANCE
from ledger.primitives import NO_DIGEST, Digest
from ledger.transaction import Transaction
from nodes.consensus.events import BecameDurable, Timer, TimerFired
from nodes.links.batches import decode_messages, describe, encode_messages
from nodes.messages import CertificateMessage, FetchMessage, Message, StatementMessage, block_message
from nodes.network.specification import NAMES, default_specification
from nodes.replica.explain import waits_for
from nodes.replica.replica import Replica
from nodes.simulator.checker import InvariantError
from nodes.simulator.planted import PLANTED
from nodes.simulator.script import (
    BadLineError,
    Pattern,
    UnexpectedError,
    fits,
    listed,
    parse_line,
    parse_milliseconds,
    parse_nodes,
    parse_number,
    parse_patterns,
    parse_route,
)
from nodes.simulator.simulation import SimulatedNode, Simulation
from nodes.traitors.kinds import TRAITORS

SCRIPTED = "scripted"
SEED = 1
LIFETIME_MS = 300_000
DELIVERIES_MAX = 10_000
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
STATEMENTS: tuple[StatementKind, ...] = get_args(StatementKind)
HEADS = ("network", "with")
"""Lines that say who plays, before anything happens."""
SENTENCES = {
    "start": "starts at height {height}",
    "crash": "crashes and loses {lost_writes} writes",
    "dropped": "refuses a {message} of {sender}: {code}",
    "betrayal": "betrays: {act}",
    "recovered": "may vote again",
    "evidence": "has evidence against {signer}",
    "certificate-notar": "holds notar-cert {height}/{view} {block}",
    "certificate-skip": "holds skip-cert {height}/{view} {block}",
    "certificate-commit": "holds commit-cert {height}/{view} {block}",
    "view": "enters view {view}",
    "timeout": "gives up view {view}",
    "build": "builds {block} (transactions: {transactions})",
    "commit": "commits {block}, decided in view {view}",
    "decided": "publishes {block} at height {height}",
}
"""By kind of log record; any other is shown with its fields."""


@dataclass(frozen=True, slots=True)
class PlayResult:
    """What a trace gave: its lines with what the nodes did below each, and whether all went as told."""

    lines: tuple[str, ...]
    ok: bool


def play_file(path: Path, planted: str | None = None) -> PlayResult:
    """Plays a trace; raises OperatorError for a file that cannot be read or a line that is no command."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError("bad-trace", f"The trace {path} cannot be read: {error}.") from error
    return play(text, str(path), planted)


def play(text: str, name: str, planted: str | None = None) -> PlayResult:
    """Plays the text of a trace; `name` stands in messages, `planted` is a fault of every node that the trace gives none."""
    cast, player, lines = Cast(Replica if planted is None else PLANTED[planted].replica), None, list[str]()
    for number, line in enumerate(text.splitlines(), start=1):
        lines.append(line.rstrip())
        words = parse_line(line)
        try:
            if words and words[0] in HEADS:
                if player is not None:
                    raise BadLineError("The nodes run already.")
                cast.take(words)
            elif words:
                player = player or Player(cast)
                player.do(words)
                lines += player.told()
        except BadLineError as error:
            raise OperatorError("bad-trace", f"{name}:{number}: {error}") from error
        except (UnexpectedError, TallystickError) as error:
            told = [] if player is None else player.told()
            return PlayResult((*lines, *told, f"{name}:{number}: {error}"), ok=False)
    if player is not None and player.broken is not None:
        return PlayResult((*lines, f"{name}:{len(lines)}: {player.broken}"), ok=False)
    return PlayResult((*lines, f"# as told: {0 if player is None else player.expectations} expectations"), ok=True)


@dataclass(slots=True)
class Cast:
    """Who plays."""

    usual: type[Replica]
    names: tuple[str, ...] = NAMES
    kinds: dict[str, type[Replica]] = field(default_factory=dict)
    """By node: what runs there instead of the usual replica."""
    traitors: set[str] = field(default_factory=set)

    def take(self, words: list[str]) -> None:
        """One more line that says who plays; raises BadLineError."""
        match words:
            case ["network", *names] if names and len(set(names)) == len(names):
                self.names = tuple(names)
            case ["with", "planted", fault, "at", *rest] if fault in PLANTED:
                self.kinds |= dict.fromkeys(parse_nodes(rest, self.names), PLANTED[fault].replica)
            case ["with", "traitor", kind, "at", *rest] if kind in (SCRIPTED, *TRAITORS):
                nodes = parse_nodes(rest, self.names)
                self.traitors.update(nodes)
                self.kinds |= dict.fromkeys(nodes, TRAITORS[kind]) if kind in TRAITORS else {}
            case _:
                raise BadLineError(f"`{' '.join(words)}` names no network, planted fault or traitor.")


@dataclass(frozen=True, slots=True)
class Letter:
    """One message on its way to one node."""

    number: int
    sender: str
    receiver: str
    label: str
    data: bytes


class Player(Simulation):
    """Nodes that wait for the lines of a trace: each message until it is delivered, each timer until it is fired.

    Replicas, bytes, signatures, stores, checker and witness are those of every simulation.
    """

    def __init__(self, cast: Cast) -> None:
        self._cast = cast
        self._told: list[str] = []
        self._under_way: list[Letter] = []
        self._said: list[Letter] = []
        """Everything that was ever sent."""
        self._holding_writes: set[str] = set()
        """Nodes whose writes are not durable until they are flushed."""
        self._published: dict[tuple[str, int], str] = {}
        """(node, height) -> letter of the block that it decided, durably."""
        self._letters: dict[str, str] = {}
        self.broken: str | None = None
        """The invariant that was broken, until the trace says that it expected this."""
        self.expectations = 0
        super().__init__(
            default_specification(members_each=1, names=cast.names),
            SEED,
            replica_of=lambda member: cast.kinds.get(short(member), cast.usual),
            traitors=frozenset(map(member_of, cast.traitors)),
        )
        for start in (self._told, self._under_way, self._said):
            start.clear()

    def told(self) -> list[str]:
        """What the nodes did since this was last asked."""
        lines, self._told = [f"    {line}" for line in self._told], []
        return lines

    def do(self, words: list[str]) -> None:
        """Carries out a line; raises BadLineError or UnexpectedError."""
        if self.broken is not None and words[:2] != ["expect", "broken"]:
            raise UnexpectedError(self.broken)
        if words[0] == "expect":
            self._expect(words[1:])
            return
        try:
            self._act(words)
        except InvariantError as error:
            self.broken = self._readable(str(error))
            self._told.append(f"BROKEN: {self.broken}")

    # Commands

    def _act(self, words: list[str]) -> None:
        match words:
            case ["submit", "removal", "of", name, "at", at]:
                [gone], [node] = self._nodes([name]), self._running([at])
                self.submit(self._removal(gone.member), node.member)
            case ["submit", *numbers, "at", at]:
                self._submit(numbers, at, LIFETIME_MS)
            case ["submit", *numbers, "at", at, "expiring", "in", duration]:
                self._submit(numbers, at, parse_milliseconds(duration))
            case ["deliver", *rest]:
                for letter in self._messages(rest):
                    self._deliver(letter)
            case ["drop", *rest]:
                for letter in self._messages(rest):
                    self._under_way.remove(letter)
            case ["settle"]:
                self._settle(list(self.nodes.values()))
            case ["settle", "among", *rest]:
                self._settle(self._nodes(rest))
            case ["fire", timer, "at", *rest]:
                for node in self._running(rest):
                    self._fire(timer, node)
            case ["crash", *rest]:
                for node in self._running(rest):
                    self.crash(node)
            case ["restart", *rest, "without", "mark"]:
                self._restart(rest, may_vote=False)
            case ["restart", *rest]:
                self._restart(rest, may_vote=True)
            case ["hold", "writes", "at", *rest]:
                self._holding_writes.update(node.member for node in self._running(rest))
            case ["flush", "writes", "at", *rest]:
                for node in self._running(rest):
                    node.store.flush()
            case ["release", "writes", "at", *rest]:
                for node in self._running(rest):
                    self._holding_writes.discard(node.member)
                    self._flush_later(node, node.store.ticket)
            case ["wait", duration]:
                self.scheduler.time_ms += parse_milliseconds(duration)
            case ["clock", name, change] if change[0] in "+-":
                [node] = self._nodes([name])
                node.skew_ms = int(f"{change[0]}1") * parse_milliseconds(change[1:])
            case ["forge", "block", "at", name] if name in self._cast.traitors:
                self._forge(*self._running([name]))
            case ["lie", kind, place, *rest] if kind in STATEMENTS:
                self._lie(kind, place, rest)
            case _:
                raise BadLineError(f"`{' '.join(words)}` is no command.")

    def _submit(self, numbers: list[str], at: str, lifetime_ms: int) -> None:
        signer = f"{short(next(iter(self.nodes)))}.member1"
        transactions = [
            self.sign(signer, "asset", "bump", {"number": "n"}, f"{parse_number(number):032x}", lifetime_ms) for number in numbers
        ]
        [node] = self._running([at])
        self.submit(transactions, node.member)

    def _removal(self, member: str) -> tuple[Transaction, ...]:
        """What votes a validator out: a proposal and the approvals of a majority."""
        first, *others = (f"{short(node)}.admin" for node in self.nodes)
        action: JsonValue = {"kind": "remove-validator", "member": member}
        proposal = self.sign(first, GOVERNANCE, "propose", {"number": "out", "action": action}, "a" * 32, LIFETIME_MS)
        majority = others[: len(self.nodes) // 2]
        approvals = (self.sign(one, GOVERNANCE, "approve", {"number": "out"}, "b" * 32, LIFETIME_MS) for one in majority)
        return (proposal, *approvals)

    def _deliver(self, letter: Letter) -> None:
        self._under_way.remove(letter)
        self._arrive(letter.sender, self.nodes[letter.receiver], letter.number, partial(decode_messages, letter.data))

    def _settle(self, nodes: list[SimulatedNode]) -> None:
        among = {node.member for node in nodes}
        for _ in range(DELIVERIES_MAX):
            letter = next((x for x in self._under_way if x.sender in among and x.receiver in among), None)
            if letter is None:
                return
            self._deliver(letter)
        raise UnexpectedError(f"After {DELIVERIES_MAX} deliveries there is still more under way.")

    def _fire(self, kind: str, node: SimulatedNode) -> None:
        running = self._timers(node, kind)
        if not running:
            raise UnexpectedError(f"No timer {kind} runs at {short(node.member)}.")
        for timer in running:
            del node.timers[timer]
            self.handle(node, TimerFired(timer))

    def _timers(self, node: SimulatedNode, kind: str) -> list[Timer]:
        """The timers of a kind that run for the present height."""
        height = self._replica(node).engine.height
        return [timer for timer in node.timers if timer.kind == kind and timer.height in (0, height)]

    def _restart(self, words: list[str], *, may_vote: bool) -> None:
        for node in self._nodes(words):
            if node.replica is not None:
                raise UnexpectedError(f"{short(node.member)} runs already.")
            self.start(node, may_vote)

    def _forge(self, node: SimulatedNode) -> None:
        """Builds a block as the leader of this view would build it now, and keeps it."""
        replica = self._replica(node)
        candidate = replica.chain.build(tuple(replica.mempool), replica.next_time_ms(self._clock(node)), node.member)
        replica.bodies.candidates[candidate.id] = candidate
        replica.bodies.blocks[candidate.id] = candidate.block
        self._told.append(f"{short(node.member)} keeps block {self._letter(candidate.id)}")

    def _lie(self, kind: StatementKind, place: str, words: list[str]) -> None:
        """Sends a statement signed with the sender's key; a fresh Propose with its block, as honest leaders do."""
        what, senders, receivers = parse_route(words, self._cast.names)
        height, _, view = place.partition("/")
        if len(senders) != 1 or senders[0] not in self._cast.traitors:
            raise BadLineError("Who lies? Only a node that was announced as a traitor does.")
        block, notarized = NO_DIGEST, 0
        match what:
            case []:
                pass
            case [letter]:
                block = self._block(letter)
            case [letter, "notarized", earlier]:
                block, notarized = self._block(letter), parse_number(earlier)
            case _:
                raise BadLineError("Expected the letter of a block, and `notarized VIEW` where a block is proposed again.")
        [sender] = self._running(list(senders))
        replica = self._replica(sender)
        signer = replica.engine.validators.index_of(sender.member) or 0
        statement = Statement(kind, parse_number(height), parse_number(view), block, notarized, signer)
        signed = sign_statement(replica.chain.domain, statement, self.key_of(sender.member))
        messages: list[Message] = [StatementMessage(signed)]
        if kind == "propose" and not notarized and block in replica.bodies.blocks:
            messages.insert(0, block_message(replica.bodies.blocks[block]))
        for receiver in receivers:
            self._send(sender, member_of(receiver), messages)

    def _messages(self, words: list[str]) -> list[Letter]:
        """What is under way and fits; that nothing fits is a mistake of the story."""
        what, senders, receivers = parse_route(words, self._cast.names)
        patterns = parse_patterns(what)
        found = [
            letter
            for letter in self._under_way
            if short(letter.sender) in senders
            and short(letter.receiver) in receivers
            and any(fits(letter.label, pattern) for pattern in patterns)
        ]
        if not found:
            raise UnexpectedError(f"Nothing under way is `{' '.join(words)}`.")
        return found

    def _nodes(self, words: list[str]) -> list[SimulatedNode]:
        return [self.nodes[member_of(name)] for name in parse_nodes(words, self._cast.names)]

    def _running(self, words: list[str]) -> Iterator[SimulatedNode]:
        """Raises UnexpectedError at the first that is down."""
        for node in self._nodes(words):
            if node.replica is None:
                raise UnexpectedError(f"{short(node.member)} is down.")
            yield node

    def _replica(self, node: SimulatedNode) -> Replica:
        assert node.replica is not None, f"{node.member} is down"
        return node.replica

    # Expectations

    def _expect(self, words: list[str]) -> None:
        self.expectations += 1
        if words[:1] == ["broken"]:
            if self.broken is None or " ".join(words[1:]) not in " ".join(parse_line(self.broken)):
                raise UnexpectedError(f"Expected that an invariant breaks; {self.broken or 'none did.'}")
            self.broken = None
            return
        place = next((i for i, word in enumerate(words) if word not in ("all", "but", *self._cast.names)), len(words))
        nodes, fact = self._nodes(words[:place]), words[place:]
        wanted = fact[:1] != ["not"]
        fact = fact if wanted else fact[1:]
        for node in nodes:
            holds, what_is_so = self._check(node, fact)
            if holds != wanted:
                expected = f"{'' if wanted else 'not '}{' '.join(fact)}"
                raise UnexpectedError(f"{short(node.member)}: expected {expected}; {what_is_so}.")

    def _check(self, node: SimulatedNode, fact: list[str]) -> tuple[bool, str]:
        """Whether a fact holds of a node, and what is so; raises BadLineError, or UnexpectedError if the node is down."""
        match fact:
            case ["down"]:
                return node.replica is None, "it is down" if node.replica is None else "it runs"
            case ["decided", height, *letter]:
                found = self._published.get((node.member, parse_number(height)))
                return found is not None and letter in ([], [found]), f"it decided {found or 'nothing'} there"
            case ["sent", *rest, "again"]:
                return self._has_sent(node.member, rest, 2)
            case ["sent", *rest]:
                return self._has_sent(node.member, rest, 1)
        if node.replica is None:
            raise UnexpectedError(f"{short(node.member)} is down.")
        return self._check_running(node, node.replica, fact)

    def _check_running(self, node: SimulatedNode, replica: Replica, fact: list[str]) -> tuple[bool, str]:
        engine = replica.engine
        match fact:
            case ["view", view]:
                return engine.view == parse_number(view), f"it is in view {engine.view}"
            case ["height", height]:
                return engine.height == parse_number(height), f"it is at height {engine.height}"
            case ["holds" | "hold", "block", letter]:
                held = [self._letter(block) for block in replica.bodies.blocks]
                return letter in held, f"it holds blocks {listed(held)}"
            case ["holds" | "hold", *pattern]:
                labels = [self._label(CertificateMessage(certificate)) for certificate in engine.certificates.values()]
                return any(fits(label, pattern) for label in labels), f"it holds {listed(labels)}"
            case ["timer", timer]:
                return bool(self._timers(node, timer)), f"timers that run: {listed(map(str, node.timers))}"
            case ["work"]:
                return engine.work, "it has work" if engine.work else "it has none"
            case ["voting"]:
                return engine.me is not None, "it votes" if engine.me is not None else "it does not vote"
            case ["waiting", "for", what]:
                return waits_for(engine) == what, f"it waits for {waits_for(engine)}"
            case ["evidence", "against", name]:
                liars = {short(engine.validators.validators[signer].member) for _, _, signer in engine.evidence}
                return name in liars, f"it has evidence against {listed(sorted(liars))}"
        raise BadLineError(f"`{' '.join(fact)}` is nothing that can be expected of a node.")

    def _has_sent(self, member: str, words: list[str], times: int) -> tuple[bool, str]:
        """Whether a node sent each of these, `times` times to the same receiver and in the same bytes."""
        sent = [letter for letter in self._said if letter.sender == member]
        told = dict.fromkeys(letter.label for letter in sent if not letter.label.startswith("status"))
        return all(_count(sent, pattern) >= times for pattern in parse_patterns(words)), f"it sent {listed(told)}"

    # Words

    def _letter(self, block: str) -> str:
        """The letter of a block, by its id or by how that begins; a new one for a new block."""
        number = len(self._letters)
        return self._letters.setdefault(block[:6], LETTERS[number] if number < len(LETTERS) else f"Z{number}")

    def _block(self, letter: str) -> Digest:
        """The id of a block that some node holds, by its letter; raises UnexpectedError."""
        for node in self.nodes.values():
            for block in () if node.replica is None else node.replica.bodies.blocks:
                if self._letter(block) == letter:
                    return block
        raise UnexpectedError(f"No node holds block {letter}.")

    def _readable(self, text: str) -> str:
        """Letters for block ids and names for keys and members."""
        names = {validator: short(validator) for validator in self.nodes}
        names |= {f"key {self.key_of(member).public_key[:8]}": short(member) for member in self.nodes}
        for long, name in names.items():
            text = text.replace(long, name)
        return re.sub(r"\b([0-9a-f]{6})([0-9a-f]{58})?\b", lambda found: self._letter(found[1]), text)

    def _label(self, message: Message) -> str:
        """A message in a few words, as scripts name it."""
        label = self._readable(describe(message))
        match message:
            case StatementMessage(Statement(kind="propose", notarized_view=view)) if view:
                return f"{label} (notarized in view {view})"
            case FetchMessage(_, blocks, views):
                return f"{label} ({', '.join([*(f'block {self._letter(b)}' for b in blocks), *(f'view {v}' for v in views)])})"
        return label

    # What the simulation calls

    def record(self, node: str, kind: str, **fields: JsonValue) -> None:
        """Tells in words what a node noted in its log."""
        if kind == "decided":
            self._published[node, int(str(fields["height"]))] = self._letter(str(fields["block"]))
        text = self._words(kind, fields)
        if text:
            self._told.append(f"{short(node)} {text}")

    def _send(self, sender: SimulatedNode, receiver: str | None, messages: list[Message]) -> None:
        receivers = [member for member in self.nodes if member != sender.member and receiver in (None, member)]
        labels = [self._label(message) for message in messages]
        self._told.append(f"{short(sender.member)} -> {'all' if receiver is None else short(receiver)}: {', '.join(labels)}")
        for message, label in zip(messages, labels, strict=True):
            data = encode_messages([message])
            for member in receivers:
                self.batches += 1
                letter = Letter(self.batches, sender.member, member, label, data)
                self._under_way.append(letter)
                self._said.append(letter)
            self.witness.sent(data)

    def _flush_later(self, node: SimulatedNode, ticket: int) -> None:
        if node.member not in self._holding_writes and node.replica is not None:
            node.store.flush(ticket)
            self.handle(node, BecameDurable(ticket))

    def _words(self, kind: str, fields: Mapping[str, JsonValue]) -> str:
        if kind == "received" or fields.get("why") == "down":
            return ""
        if kind == "crash" and not fields["lost_writes"]:
            return "crashes"
        if kind in SENTENCES:
            return self._readable(SENTENCES[kind].format_map(fields)).rstrip()
        return self._readable(f"{kind}: " + ", ".join(f"{name} {value}" for name, value in fields.items() if value != ""))


def _count(sent: list[Letter], pattern: Pattern) -> int:
    return max(Counter((x.receiver, x.data) for x in sent if fits(x.label, pattern)).values(), default=0)


def member_of(name: str) -> str:
    """The member id of a node by its short name."""
    return f"{name}.validator"


def short(member: str) -> str:
    """The short name of a node."""
    return member.partition(".")[0]
