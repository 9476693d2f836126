"""A running lab as its control and its extension see it: the network, the work on it, what is wrong with nodes and links."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, replace

from fastapi import APIRouter

from ledger.encoding import encode
from ledger.errors import ConflictError, InputError, JsonValue, NotFoundError, TallystickError
from ledger.genesis import parse_genesis
from nodes.client import Client, LocalMember
from nodes.key_files import PRIVATE_MODE, write_durable
from nodes.lab.feed import Feed
from nodes.lab.jobs import Jobs, LedgerTurns
from nodes.links.faults import EVERYBODY, PERMILLE, Fault
from nodes.network.directory import read_node, reset_network, set_nodes
from nodes.network.lab_snapshot import Databases, databases_now
from nodes.network.local import LocalNetwork
from nodes.node.clock import Clock
from nodes.node.files import CLOCK_OFFSET, CONTROL_FILE, LOG, NODES

FILES = "files"
"""Folder of a network's directory for the files of its user: what a lab lays out, and what is judged."""
SECRECY_FILE = "secret-traitors.json"
CLOCKS_APART_MS = 1_000
"""Clocks of a lab that differ by less show the same."""


class Extension:
    """What another package adds to a lab's control: a story that is played on it, labs that are checked.

    `network.json` names a callable `module:name`, and the words that it is called with after the lab.
    """

    def router(self) -> APIRouter:
        """Its paths, mounted beside those of the control. GETs change nothing."""
        return APIRouter()

    def status(self) -> Mapping[str, JsonValue]:
        """What it adds to the answer of `GET /network`, such as `story`. At once: it is asked four times a second."""
        return {}

    def called(self, member: str) -> JsonValue:
        """How people call a member, by language, if it says so."""
        return None

    def giving_way(self) -> AbstractContextManager[None]:
        """Entered before the ledger goes back or the lab ends, left when the ledger has gone back, or could not.

        Whatever holds the ledger's turn is to give it up soon.
        """
        return nullcontext()

    def restarted(self) -> None:
        """The ledger went back: to its genesis, to a checkpoint, or to another state. Called by the worker of the network."""

    def close(self) -> None:
        """Ends its connections."""


@dataclass(frozen=True, slots=True)
class LinkRules:
    """All that is wrong with the links between the nodes now; each node gets the faults of its own links."""

    groups: tuple[tuple[str, ...], ...] = ()
    """Groups that hear nothing of each other; every node is in one of them, or there are none."""
    faults: tuple[tuple[str, Fault], ...] = ()
    """What else is wrong: of the links of a node, or of all nodes (`*`)."""

    def split(self, groups: Sequence[Sequence[str]], members: Sequence[str]) -> "LinkRules":
        """A partition; nodes that no group names are a group of their own. Raises InputError `bad-groups`."""
        named = [member for group in groups for member in group]
        if len(set(named)) < len(named):  # check: lab-groups
            raise InputError("bad-groups", "A node is in one group of a partition, not in two.")
        rest = tuple(member for member in members if member not in named)
        return replace(self, groups=tuple(tuple(group) for group in (*groups, rest) if group))

    def with_fault(self, member: str, fault: Fault) -> "LinkRules":
        """In the place of another fault of the same links; nothing lost and nothing late is no fault."""
        if member == fault.peer != EVERYBODY:  # check: lab-pair
            raise InputError("bad-pair", "A fault of links is between two different nodes, or `*`.")
        links = member, fault.peer, fault.direction
        others = tuple((owner, other) for owner, other in self.faults if (owner, other.peer, other.direction) != links)
        return replace(self, faults=(*others, (member, fault)) if fault.drop_permille or fault.delay_ms else others)

    def heal(self, member: str) -> "LinkRules":
        """Without its own faults and those of links to it; a partition stays, and so does what is wrong with all links."""
        return replace(self, faults=tuple((owner, fault) for owner, fault in self.faults if member not in (owner, fault.peer)))

    def faults_of(self, member: str) -> tuple[Fault, ...]:
        """The faults that the node gets: what cuts it off, then what holds back its batches."""
        own = [fault for owner, fault in self.faults if owner in (member, EVERYBODY) and fault.peer != member]
        apart = [Fault(peer=peer, drop_permille=PERMILLE) for group in self.groups if member not in group for peer in group]
        return tuple(sorted((*own, *apart), key=lambda fault: fault.direction))


class Lab:
    """A running lab: its network, the jobs on it, the faults of its links, its traitors."""

    def __init__(self, network: LocalNetwork) -> None:
        self.network = network
        self.jobs = Jobs()
        self.turns = LedgerTurns()
        """Held while the ledger is acted on step by step, copied, or taken back."""
        self.extension = Extension()
        self.url = ""
        """Where its control listens."""
        self.is_frozen = False
        """Whether only its own machine may act, since the class is to look at the projector."""
        self.generation = 0
        """Rises whenever the ledger goes back: whatever was read before is of another branch."""
        self.validators = parse_genesis(network.genesis_bytes).validator_set
        self.links = LinkRules()
        self._traitors = self._read_traitors()
        self.secret = self._read_secret()
        """Traitors that the class is to find out, also when the lab is started again; they are not shown."""
        logs = {node.member: network.directory / node.directory / LOG for node in network.file.nodes}
        self.feed = Feed(logs, self.secret)

    def tell_nodes(self) -> None:
        """Writes where the control listens and whether the lab is frozen: what each node looks up when it is asked something."""
        self._write(CONTROL_FILE, {"url": self.url, "frozen": self.is_frozen})

    def _write(self, name: str, content: JsonValue) -> None:
        write_durable(self.network.directory / name, encode(content), PRIVATE_MODE)

    # For the worker of the network: these take time.

    def go_back(self, change: Callable[[], None]) -> None:
        """Lets all nodes rest, changes their files, and lets all begin again, with whole links: the ledger is another one.

        Where that fails after a database has changed, the ledger went back all the same, and the extension is told.
        """
        giving = ExitStack()
        giving.enter_context(self.extension.giving_way())
        with giving, self.turns, ExitStack() as ended:
            ended.callback(giving.close)  # before the next turn begins
            with self.feed.paused(), ExitStack() as served, self.network.at_rest():
                self.links = LinkRules()  # a node that begins again has no faults
                before: Databases | None = databases_now(self.network.directory)
                try:
                    change()
                    before = None  # it counts, whatever it did
                finally:
                    if databases_now(self.network.directory) != before:
                        served.callback(self._begin_branch)
                        ended.callback(self.extension.restarted)

    def _begin_branch(self) -> None:
        self.generation += 1
        self.feed.begin(self.generation)
        self._traitors = self._read_traitors()

    def reset(self) -> None:
        """Takes the ledger back to its genesis, with whole links and honest nodes."""
        self.go_back(self._to_genesis)

    def _to_genesis(self) -> None:
        reset_network(self.network.directory)
        for member in filter(self.traitor, self.network.members):
            set_nodes(self.network.directory, member, traitor=None)

    def _read_traitors(self) -> dict[str, str | None]:
        return {member: read_node(self.network.directory, member).traitor for member in self.network.members}

    def set_links(self, links: LinkRules) -> None:
        """Gives every running node the faults of its links from now on; raises the error of a node that did not take them."""
        before, self.links = self.links, links
        changed = [m for m in self.network.members if links.faults_of(m) != before.faults_of(m)]
        failed: TallystickError | None = None
        for member in filter(self.network.is_running, changed):
            try:
                self.network.set_faults(member, *links.faults_of(member))
            except TallystickError as error:  # the others are still asked
                failed = error
        if failed is not None:
            raise failed

    def stop(self, member: str, *, at_once: bool = False) -> None:
        """Stops a node, or ends it as a power cut would; one that does not run stays as it is."""
        if self.network.is_running(member):
            (self.network.kill if at_once else self.network.halt)(member)

    def begin(self, member: str) -> None:
        """Starts a node that does not run, with the time that the others have by now and what is wrong with its links."""
        if not self.network.is_running(member):
            now_ms, clock = self.now_ms(), self._clock(member)
            if now_ms > clock.now_ms() + CLOCKS_APART_MS:
                clock.set(now_ms)
            self.network.restart(member)
            self._tell_links(member)
            if (now_ms := self.now_ms()) > clock.now_ms() + CLOCKS_APART_MS:  # a story moved the others meanwhile
                self.network.set_clock(now_ms, member)

    def turn(self, member: str, traitor: str | None, *, is_secret: bool = False) -> None:
        """Makes a node a traitor of that kind, or honest; it begins again. A secret is not shown, until another turn."""
        if is_secret != (member in self.secret):
            self._write(SECRECY_FILE, [*sorted(self.secret ^ {member})])
            self.secret ^= {member}
        with self.network.at_rest(member):
            set_nodes(self.network.directory, member, traitor=traitor)
            self._traitors[member] = traitor
        self._tell_links(member)

    def _read_secret(self) -> set[str]:
        try:
            return set(json.loads((self.network.directory / SECRECY_FILE).read_bytes()))
        except (OSError, ValueError, TypeError):
            return set()

    def _tell_links(self, member: str) -> None:
        if faults := self.links.faults_of(member):
            self.network.set_faults(member, *faults)

    def forward(self, by_ms: int) -> None:
        """Moves all running clocks so far ahead of the foremost; one that shows that by itself, when it is asked, stays."""
        time_ms = self.now_ms() + by_ms
        for member in filter(self.network.is_running, self.network.members):
            try:
                self.network.set_clock(time_ms, member)
            except ConflictError as error:
                if error.code != "clock-backward":
                    raise

    # For any thread: these return at once.

    def now_ms(self) -> int:
        """What the clock of the node furthest ahead shows; also one that does not run keeps its clock."""
        return max(self._clock(member).now_ms() for member in self.network.members)

    def _clock(self, member: str) -> Clock:
        return Clock(self.network.directory / NODES / member / CLOCK_OFFSET)

    def traitor(self, member: str) -> str | None:
        """The kind of traitor that a node is, or None."""
        return self._traitors[member]

    def known(self, member: str) -> str:
        """The node of that name; raises NotFoundError `unknown-node`."""
        if member not in self.network.members:  # check: lab-node
            raise NotFoundError("unknown-node", f"No node of this lab is called {member[:200]!r}.")
        return member

    def signers(self, names: Sequence[str]) -> list[LocalMember]:
        """Members whose keys this lab holds: all of them. Raises ConflictError `no-key`."""
        held = self.network.key_names()
        for name in names:
            if name not in held:  # check: lab-key
                raise ConflictError("no-key", f"This lab holds no key of {name[:200]!r}.")
        return [LocalMember.load(self.network.key_path(name)) for name in names]

    def client(self, node: str | None = None, member: str | None = None, language: str = "en") -> Client:
        """A new client of a node, of one that runs unless it is named; the caller closes it."""
        running = (member for member in self.network.members if self.network.is_running(member))
        return self.network.client(member=member, node=node or next(running, None), language=language)

    def close(self) -> None:
        """Ends the queues, then the extension."""
        with self.extension.giving_way():
            self.jobs.close()
        self.extension.close()
