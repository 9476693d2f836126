"""What an exercise is. To people it is a lab; here a lab is the network that it runs on."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from scenarios.story.story import Words
from scenarios.workshop.room import Room


@dataclass(frozen=True, slots=True)
class Question:
    """Something that only the participant can say; the check compares it with the group's own ledger."""

    name: str
    words: Words
    example: str
    """How an answer looks; never a right one."""


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise: its texts stand beside it as handout_en.md, handout_zh.md, teacher_en.md and teacher_zh.md."""

    number: int
    name: str
    """That of its folder too."""
    title: Words
    goal: Words
    minutes: int
    hints: tuple[Words, ...]
    """Shown one after another; the last one nearly tells."""
    questions: tuple[Question, ...]
    begin: Callable[[Room], None]
    """Makes the start state on a ledger that was just taken back to its genesis: everything in it follows from the seed."""
    missing: Callable[[Room, Mapping[str, str]], Iterable[Words]]
    """What is not done yet, in the order of the handout; it changes nothing. Empty: done.

    Errors of the project's tree may pass through: they become a sentence. An answer that was not given is an empty text.
    """
