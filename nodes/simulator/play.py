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

from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from ledger.certificate import Statement, StatementKind
from ledger.errors import OperatorError, TallystickError
from ledger.primitives import NO_DIGEST
from nodes.replica.replica import Replica
from nodes.simulator.by_hand import LIFETIME_MS, ByHand, Letter, member_of, short
from nodes.simulator.checker import InvariantError
from nodes.simulator.expectations import check
from nodes.simulator.planted import PLANTED
from nodes.simulator.script import (
    BadLineError,
    UnexpectedError,
    fits,
    parse_line,
    parse_milliseconds,
    parse_nodes,
    parse_number,
    parse_patterns,
    parse_route,
)
from nodes.simulator.simulation import SimulatedNode
from nodes.traitors.kinds import TRAITORS

NAMES = ("north", "south", "east", "west")
SCRIPTED = "scripted"
DELIVERIES_MAX = 10_000
STATEMENTS: tuple[StatementKind, ...] = get_args(StatementKind)


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
    player, lines = Player(planted), list[str]()
    for number, line in enumerate(text.splitlines(), start=1):
        lines.append(line.rstrip())
        words = parse_line(line)
        try:
            if words:
                player.do(words)
            lines += player.told()
        except BadLineError as error:
            raise OperatorError("bad-trace", f"{name}:{number}: {error}") from error
        except (UnexpectedError, TallystickError) as error:
            return PlayResult((*lines, *player.told(), f"{name}:{number}: {error}"), ok=False)
    if player.broken is not None:
        return PlayResult((*lines, f"{name}:{len(lines)}: {player.broken}"), ok=False)
    return PlayResult((*lines, f"# as told: {player.expectations} expectations"), ok=True)


class Player:
    """Carries out one line after the other."""

    def __init__(self, planted: str | None = None) -> None:
        self.names: tuple[str, ...] = NAMES
        self.usual: type[Replica] = Replica if planted is None else PLANTED[planted].replica
        self.kinds: dict[str, type[Replica]] = {}
        """By node: what runs there instead of the usual replica."""
        self.traitors: set[str] = set()
        self.hand: ByHand | None = None
        """Made by the first line that does something."""
        self.broken: str | None = None
        """The invariant that was broken, until the trace says that it expected this."""
        self.expectations = 0

    def told(self) -> list[str]:
        """What the nodes did since this was last asked."""
        if self.hand is None:
            return []
        lines, self.hand.told = [f"    {line}" for line in self.hand.told], []
        return lines

    def do(self, words: list[str]) -> None:
        """Carries out a line; raises BadLineError or UnexpectedError."""
        if words[0] in ("network", "with"):
            self._prepare(words)
            return
        if self.hand is None:
            traitors = frozenset(map(member_of, self.traitors))
            self.hand = ByHand(self.names, lambda member: self.kinds.get(short(member), self.usual), traitors)
        if self.broken is not None and words[:2] != ["expect", "broken"]:
            raise UnexpectedError(self.broken)
        if words[0] == "expect":
            self._expect(self.hand, words[1:])
        else:
            try:
                self._act(self.hand, words)
            except InvariantError as error:
                self.broken = self.hand.readable(str(error))
                self.hand.told.append(f"BROKEN: {self.broken}")

    def _prepare(self, words: list[str]) -> None:
        if self.hand is not None:
            raise BadLineError("The nodes run already.")
        match words:
            case ["network", *names] if names and len(set(names)) == len(names):
                self.names = tuple(names)
            case ["with", "planted", fault, "at", *rest] if fault in PLANTED:
                self.kinds |= dict.fromkeys(self._nodes(rest), PLANTED[fault].replica)
            case ["with", "traitor", kind, "at", *rest] if kind == SCRIPTED or kind in TRAITORS:
                self.traitors.update(self._nodes(rest))
                if kind != SCRIPTED:
                    self.kinds |= dict.fromkeys(self._nodes(rest), TRAITORS[kind])
            case _:
                raise BadLineError(f"`{' '.join(words)}` names no network, planted fault or traitor.")

    def _act(self, hand: ByHand, words: list[str]) -> None:
        match words:
            case ["submit", "removal", "of", name, "at", node]:
                hand.submit(hand.removal(self._member(name)), self._running(hand, node).member)
            case ["submit", *numbers, "at", node]:
                self._submit(hand, numbers, node, LIFETIME_MS)
            case ["submit", *numbers, "at", node, "expiring", "in", duration]:
                self._submit(hand, numbers, node, parse_milliseconds(duration))
            case ["deliver", *rest]:
                for letter in self._messages(hand, rest):
                    hand.deliver(letter)
            case ["drop", *rest]:
                for letter in self._messages(hand, rest):
                    hand.under_way.remove(letter)
            case ["settle"]:
                self._settle(hand, self.names)
            case ["settle", "among", *rest]:
                self._settle(hand, self._nodes(rest))
            case ["fire", timer, "at", *rest]:
                for name in self._nodes(rest):
                    self._fire(hand, timer, self._running(hand, name))
            case ["crash", *rest]:
                for name in self._nodes(rest):
                    hand.crash(self._running(hand, name))
            case ["restart", *rest, "without", "mark"]:
                self._restart(hand, rest, may_vote=False)
            case ["restart", *rest]:
                self._restart(hand, rest, may_vote=True)
            case [("hold" | "flush" | "release") as what, "writes", "at", *rest]:
                for name in self._nodes(rest):
                    hand.disk(self._running(hand, name), what)
            case ["wait", duration]:
                hand.time_ms += parse_milliseconds(duration)
            case ["clock", name, change] if change[0] in "+-":
                hand.nodes[self._member(name)].skew_ms = int(f"{change[0]}1") * parse_milliseconds(change[1:])
            case ["forge", "block", "at", name] if name in self.traitors:
                hand.forge(self._running(hand, name).member)
            case ["lie", kind, place, *rest] if kind in STATEMENTS:
                self._lie(hand, kind, place, rest)
            case _:
                raise BadLineError(f"`{' '.join(words)}` is no command.")

    def _submit(self, hand: ByHand, numbers: list[str], name: str, lifetime_ms: int) -> None:
        transactions = [hand.bump(parse_number(number), lifetime_ms) for number in numbers]
        hand.submit(transactions, self._running(hand, name).member)

    def _settle(self, hand: ByHand, names: tuple[str, ...]) -> None:
        among = {self._member(name) for name in names}
        for _ in range(DELIVERIES_MAX):
            letter = next((x for x in hand.under_way if x.sender in among and x.receiver in among), None)
            if letter is None:
                return
            hand.deliver(letter)
        raise UnexpectedError(f"After {DELIVERIES_MAX} deliveries there is still more under way.")

    def _fire(self, hand: ByHand, timer: str, node: SimulatedNode) -> None:
        running = hand.timers(node, timer)
        if not running:
            raise UnexpectedError(f"No timer {timer} runs at {short(node.member)}.")
        for each in running:
            hand.fire(node, each)

    def _restart(self, hand: ByHand, words: list[str], *, may_vote: bool) -> None:
        for name in self._nodes(words):
            node = hand.nodes[self._member(name)]
            if node.replica is not None:
                raise UnexpectedError(f"{name} runs already.")
            hand.start(node, may_vote)

    def _lie(self, hand: ByHand, kind: StatementKind, place: str, words: list[str]) -> None:
        what, senders, receivers = parse_route(words, self.names)
        height, _, view = place.partition("/")
        if len(senders) != 1 or senders[0] not in self.traitors:
            raise BadLineError("Who lies? Only a node that was announced as a traitor does.")
        block, notarized = NO_DIGEST, 0
        match what:
            case []:
                pass
            case [letter]:
                block = hand.block(letter)
            case [letter, "notarized", earlier]:
                block, notarized = hand.block(letter), parse_number(earlier)
            case _:
                raise BadLineError("Expected the letter of a block, and `notarized VIEW` where a block is proposed again.")
        sender = self._running(hand, senders[0]).member
        signer = hand.replica(sender).engine.validators.index_of(sender) or 0
        statement = Statement(kind, parse_number(height), parse_number(view), block, notarized, signer)
        hand.lie(sender, [member_of(name) for name in receivers], statement)

    def _expect(self, hand: ByHand, words: list[str]) -> None:
        self.expectations += 1
        if words[:1] == ["broken"]:
            if self.broken is None or " ".join(words[1:]) not in " ".join(parse_line(self.broken)):
                raise UnexpectedError(f"Expected that an invariant breaks; {self.broken or 'none did.'}")
            self.broken = None
            return
        place = next((i for i, word in enumerate(words) if word not in ("all", "but", *self.names)), len(words))
        names, fact = self._nodes(words[:place]), words[place:]
        wanted = fact[:1] != ["not"]
        fact = fact if wanted else fact[1:]
        for name in names:
            holds, what_is_so = check(hand, hand.nodes[self._member(name)], fact)
            if holds != wanted:
                raise UnexpectedError(f"{name}: expected {'' if wanted else 'not '}{' '.join(fact)}; {what_is_so}.")

    def _messages(self, hand: ByHand, words: list[str]) -> list[Letter]:
        """What is under way and fits; that nothing fits is a mistake of the story."""
        what, senders, receivers = parse_route(words, self.names)
        patterns = parse_patterns(what)
        found = [
            letter
            for letter in hand.under_way
            if short(letter.sender) in senders
            and short(letter.receiver) in receivers
            and any(fits(letter.label, pattern) for pattern in patterns)
        ]
        if not found:
            raise UnexpectedError(f"Nothing under way is `{' '.join(words)}`.")
        return found

    def _nodes(self, words: list[str]) -> tuple[str, ...]:
        return parse_nodes(words, self.names)

    def _member(self, name: str) -> str:
        return member_of(*self._nodes([name]))

    def _running(self, hand: ByHand, name: str) -> SimulatedNode:
        node = hand.nodes[self._member(name)]
        if node.replica is None:
            raise UnexpectedError(f"{name} is down.")
        return node
