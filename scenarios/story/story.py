"""A story as data: chapters of steps, each with its actor, its words in two languages and how it must end.

Nothing here runs anything: `play` does, on a stage of four live nodes or in the simulator. A `StoryWriter` writes one down.

    Story
    └── Chapter
        ├── Act        members submit one operation or a batch; committed, refused by a rule, or a problem at the door
        ├── Again      the same signed envelope is sent once more: nothing may change
        ├── Clock      the lab clock moves forward to a day of the story
        ├── HandOver   a client passes the openings of sealed values to another, outside the ledger
        └── Inspect    a client looks at its own files and the ledger and says what it finds
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Concatenate, Literal, ParamSpec

from ledger.contract import Contract, Operation, Record
from ledger.contract.refusal import Phrase
from ledger.errors import JsonValue
from nodes.network.specification import NetworkSpecification
from scenarios.client_files import ClientFiles
from scenarios.identifiers import organization_of
from scenarios.plots.drawing import Basis
from scenarios.story.short import Short

Language = Literal["en", "zh"]
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Ending:
    """How a step must end: `committed` with `ok`, `rejected` by a contract rule, or a `problem` before the ledger.

    `open`: not known beforehand; the rows of a user's own files are judged only by the ledger.
    """

    outcome: Literal["committed", "rejected", "problem", "open"]
    code: str


COMMITTED = Ending("committed", "ok")
OPEN = Ending("open", "")


@dataclass(frozen=True, slots=True)
class PreparedArgument:
    """An argument that the acting client works out from its own files just before it signs; `prepared` makes one."""

    work: Callable[[ClientFiles, str], JsonValue]

    def prepare(self, files: ClientFiles, actor: str) -> JsonValue:
        """The JSON that goes into the transaction."""
        return self.work(files, actor)


def prepared(work: Callable[Concatenate[ClientFiles, str, P], JsonValue]) -> Callable[P, PreparedArgument]:
    """Of a function of the actor's files, its name and more: a function of the rest, which gives a prepared argument.

    So a story says `sealing("price", 7)`, and the files and the actor are added when the step is played.
    """

    @wraps(work)
    def argument(*args: P.args, **named: P.kwargs) -> PreparedArgument:
        return PreparedArgument(lambda files, actor: work(files, actor, *args, **named))

    return argument


@prepared
def sealing(files: ClientFiles, actor: str, label: str, value: JsonValue) -> JsonValue:
    """An argument that goes to the ledger sealed, with a fresh salt; the opening stays in the actor's file under `label`."""
    return files.seal(actor, label, value)


@dataclass(frozen=True, slots=True)
class Call:
    """One operation with its arguments, `PreparedArgument`s among them."""

    operation: Operation
    arguments: Mapping[str, object]
    origin: str = ""
    """Row of a file that it comes from, such as `invoices.csv:17`."""
    signers: tuple[str, ...] = ()
    """Who signs it where the calls of one act are those of several members; empty: the actors of the act."""
    forger: str = ""
    """Whose key signs in the names of the signers, which a node must turn away; empty: each signs with its own."""
    makes: tuple[str, ...] = ()
    """Of a row of a file: names of the records that are there once it took effect."""
    ledger: str = ""
    """Where it is sent, in a story on several ledgers."""


@dataclass(frozen=True, slots=True)
class Act:
    """Members sign and submit; several calls are sent as one list and do not depend on each other.

    Where every call names its own signers the actor is what they are called together: many members, one morning, one list.
    """

    actors: tuple[str, ...]
    calls: tuple[Call, ...]
    ending: Ending
    words: Phrase
    label: str = ""
    """Names the first call's envelope for `Again`."""


@dataclass(frozen=True, slots=True)
class Again:
    """The envelope of an earlier act is sent once more."""

    label: str
    words: Phrase


@dataclass(frozen=True, slots=True)
class Clock:
    """The lab clock moves to nine in the morning, UTC, of the day that many days after the genesis."""

    day: int
    words: Phrase


@dataclass(frozen=True, slots=True)
class HandOver:
    """Openings pass from one client to another."""

    actor: str
    receiver: str
    labels: tuple[str, ...]
    words: Phrase


@dataclass(frozen=True, slots=True)
class Inspect:
    """A client examines files and ledger; `finds` is the code it must come to, empty for nothing amiss."""

    actor: str
    examine: "Callable[[ClientFiles, Snapshot], str]"
    finds: str
    words: Phrase


Step = Act | Again | Clock | HandOver | Inspect


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the story with its heading."""

    title: Phrase
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """Chapters in the order of time."""

    chapters: tuple[Chapter, ...]


Snapshot = Mapping[str, Mapping[str, Record]]
"""The whole state of the scenario's contracts: collection name, then key, then record.

A collection of one of `others` is named CONTRACT.COLLECTION.
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back over HTTP (or from the simulator) for one transaction."""

    outcome: Literal["committed", "rejected", "problem"]
    code: str
    details: Mapping[str, JsonValue]
    transaction: str = ""
    events: tuple[tuple[str, Mapping[str, JsonValue]], ...] = ()
    height: int = 0
    final_ms: int | None = None
    """How long it took from the signatures to the receipt; None where no nodes had to agree."""


@dataclass(frozen=True, slots=True)
class PlayedStep:
    """One step as it happened: place in the story, block time, and what came back for each call."""

    chapter: int
    number: int
    step: Step
    time_ms: int
    outcomes: tuple[Outcome, ...] = ()
    arguments: tuple[Mapping[str, JsonValue], ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """An invariant, judged over the whole state at the end."""

    code: str
    words: Phrase
    faults: tuple[str, ...]
    """What breaks it, by key; empty when it holds."""


FROM_STORY: tuple[Basis, ...] = ("computed", "story")
"""Of most figures: computed in the run, from days and amounts that the story sets."""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A figure of the report: a heading, a sentence on how to read it, and an SVG or a table as HTML."""

    title: Phrase
    reading: Phrase
    markup: Phrase
    bases: tuple[Basis, ...] = FROM_STORY
    """What its numbers rest on."""


def exhibit(title: Phrase, reading: Phrase, draw: Callable[[Language], str], bases: tuple[Basis, ...] = FROM_STORY) -> Exhibit:
    """The same drawing with the words of each language."""
    return Exhibit(title, reading, Phrase(draw("en"), draw("zh")), bases)


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One of the two figures that a practitioner of the trade asks for first: the report leads with them."""

    name: Phrase
    values: tuple[tuple[Basis, Phrase], ...]
    """Each as people write it, with what it rests on; where the ledger is compared with something else, the ledger first."""
    method: Phrase
    """How it was found, of how many."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where a ledger stands: its newest block."""

    height: int
    block: str
    """Block id; empty before the first block."""
    time_ms: int
    state_root: str


@dataclass(frozen=True, slots=True)
class PlayedStory:
    """All that a played story leaves behind."""

    steps: tuple[PlayedStep, ...]
    records: Snapshot
    start_ms: int
    head: Head
    export: tuple[bytes, ...] = ()
    """The ledger, a line each, up to at least that head."""
    log: tuple[Mapping[str, JsonValue], ...] = ()
    """What the nodes sent and received meanwhile, in order of time."""

    @property
    def blocks(self) -> int:
        """On the ledger, or on all of several."""
        return self.head.height


@dataclass(frozen=True, slots=True)
class Scenario:
    """A trade: who takes part, which contract rules it, what happens, and what must be true at the end."""

    name: str
    title: Phrase
    summary: Phrase
    contract: type[Contract]
    specification: Callable[[], NetworkSpecification]
    story: Callable[[], Story]
    findings: Callable[[PlayedStory], tuple[Finding, ...]]
    exhibits: Callable[[PlayedStory], tuple[Exhibit, ...]]
    key_figures: Callable[[PlayedStory], tuple[KeyFigure, ...]]
    cast: Mapping[str, Phrase]
    """Member id -> how people call it."""
    sources: Mapping[str, Phrase]
    """Code of a refusal -> the law or practice that its rule comes from."""
    operator: str
    """Organization that would run a shared database in the ledger's place, as it keeps such books today: an assumption."""
    others: tuple[type[Contract], ...] = ()
    """Contracts of other trades that the story calls as well."""
    terms: Mapping[str, Phrase] = field(default_factory=dict)
    """What stands in details of refusals and in records as a word of the program -> the word of the trade."""
    currency: str = ""
    """Sign before amounts of money, such as ¥; empty to write them bare."""
    with_data: "Callable[[Path], Scenario] | None" = None
    """The same trade on the user's own file or folder (`--data`); raises InputFaults that name every wrong row."""
    sample: str = ""
    """The command that plays the trade's small own-data sample, with `{directory}`: the files are in its `data/sample`."""
    rows_refused: int = 0
    """Of the user's own data, before anything was submitted: rows that were read, but are not among the transactions."""
    ledgers: Mapping[str, Phrase] = field(default_factory=dict)
    """Of a story on several ledgers: how people call each, by the name that its calls give it."""
    short: Callable[[], Short] | None = None
    """What the terminal tells if not every step; None: every step, as with the user's own data."""

    def __post_init__(self) -> None:
        assert any(organization_of(member) == self.operator for member in self.cast), f"{self.operator} is not of the cast"

    @property
    def contracts(self) -> Mapping[str, type[Contract]]:
        """All that the story calls, by name."""
        return {contract.name: contract for contract in (self.contract, *self.others)}

    def called(self, name: str, language: Language) -> str:
        """How people call a member or a term of the trade; anything else as it is."""
        phrase = self.cast.get(name) or self.terms.get(name)
        return phrase.said(language) if phrase else name


def organization_called(cast: Mapping[str, Phrase], organization: str, language: Language) -> str:
    """How people call an organization: by its first member in the cast."""
    return next((words.said(language) for member, words in cast.items() if organization_of(member) == organization), organization)


@dataclass(slots=True)
class StoryWriter:
    """Writes a story down: `chapter(...)`, then `step(...)`, in the order of time."""

    _chapters: list[tuple[Phrase, list[Step]]] = field(default_factory=list)

    def chapter(self, *, en: str, zh: str) -> None:
        """Begins a chapter."""
        self._chapters.append((Phrase(en, zh), []))

    def step(
        self,
        actors: str | tuple[str, ...],
        operation: Operation,
        *,
        en: str,
        zh: str,
        refused: str = "",
        problem: str = "",
        label: str = "",
        on: str = "",
        **arguments: object,
    ) -> None:
        """Somebody submits one operation; with `refused` a rule must say no, with `problem` the node at its door.

        `on`: the ledger, where several have the contract.
        """
        self.batch(actors, [(operation, arguments)], en=en, zh=zh, refused=refused, problem=problem, label=label, on=on)

    def batch(
        self,
        actors: str | tuple[str, ...],
        calls: Sequence[tuple[Operation, Mapping[str, object]]],
        *,
        en: str,
        zh: str,
        refused: str = "",
        problem: str = "",
        label: str = "",
        on: str = "",
    ) -> None:
        """The same for several operations sent as one list; each must end in this way."""
        ending = Ending("rejected", refused) if refused else Ending("problem", problem) if problem else COMMITTED
        signers = (actors,) if isinstance(actors, str) else actors
        self.add(Act(signers, tuple(Call(*call, ledger=on) for call in calls), ending, Phrase(en, zh), label))

    def again(self, label: str, *, en: str, zh: str) -> None:
        """Somebody sends an earlier envelope once more."""
        self.add(Again(label, Phrase(en, zh)))

    def clock(self, day: int, *, en: str, zh: str) -> None:
        """Time passes."""
        self.add(Clock(day, Phrase(en, zh)))

    def hand_over(self, actor: str, receiver: str, *labels: str, en: str, zh: str) -> None:
        """Openings change hands outside the ledger."""
        self.add(HandOver(actor, receiver, labels, Phrase(en, zh)))

    def inspect(self, actor: str, examine: Callable[[ClientFiles, Snapshot], str], *, en: str, zh: str, finds: str = "") -> None:
        """Somebody checks what it was given."""
        self.add(Inspect(actor, examine, finds, Phrase(en, zh)))

    def story(self) -> Story:
        """What was written so far."""
        return Story(tuple(Chapter(title, tuple(steps)) for title, steps in self._chapters))

    def add(self, step: Step) -> None:
        """Any step."""
        self._chapters[-1][1].append(step)


def written(chapters: Sequence[Callable[[StoryWriter], None]]) -> Story:
    """A story of which each function writes a part, in this order."""
    writer = StoryWriter()
    for write in chapters:
        write(writer)
    return writer.story()
