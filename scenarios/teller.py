"""Writes a story down as one tells it: who does what, in both languages, and how it must end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ledger.contract import Operation
from scenarios.client_files import ClientFiles
from scenarios.story import (
    COMMITTED,
    Act,
    Again,
    Call,
    Chapter,
    Clock,
    Ending,
    HandOver,
    Inspect,
    Snapshot,
    Step,
    Story,
    Words,
)


@dataclass(slots=True)
class Teller:
    """Writes a story down: `chapter(...)`, then `step(...)`, in the order in which it is told."""

    _chapters: list[tuple[Words, list[Step]]] = field(default_factory=list)

    def chapter(self, *, en: str, zh: str) -> None:
        """Begins a chapter."""
        self._chapters.append((Words(en, zh), []))

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
        **arguments: object,
    ) -> None:
        """Somebody submits one operation; with `refused` a rule must say no, with `problem` the node at its door."""
        self.batch(actors, [(operation, arguments)], en=en, zh=zh, refused=refused, problem=problem, label=label)

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
    ) -> None:
        """The same for several operations sent as one list; each must end as told."""
        ending = Ending("rejected", refused) if refused else Ending("problem", problem) if problem else COMMITTED
        signers = (actors,) if isinstance(actors, str) else actors
        self.add(Act(signers, tuple(Call(*call) for call in calls), ending, Words(en, zh), label))

    def again(self, label: str, *, en: str, zh: str) -> None:
        """Somebody sends an earlier envelope once more."""
        self.add(Again(label, Words(en, zh)))

    def clock(self, day: int, *, en: str, zh: str) -> None:
        """Time passes."""
        self.add(Clock(day, Words(en, zh)))

    def hand_over(self, actor: str, receiver: str, *labels: str, en: str, zh: str) -> None:
        """Openings change hands outside the ledger."""
        self.add(HandOver(actor, receiver, labels, Words(en, zh)))

    def inspect(self, actor: str, examine: Callable[[ClientFiles, Snapshot], str], *, en: str, zh: str, finds: str = "") -> None:
        """Somebody checks what it was given."""
        self.add(Inspect(actor, examine, finds, Words(en, zh)))

    def story(self) -> Story:
        """What was told so far."""
        return Story(tuple(Chapter(title, tuple(steps)) for title, steps in self._chapters))

    def add(self, step: Step) -> None:
        """Any step."""
        self._chapters[-1][1].append(step)
