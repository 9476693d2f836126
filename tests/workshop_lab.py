"""A running workshop for tests of single exercises: what a group does at the page of a node, and what the check says."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nodes.lab.control import LabControl
from nodes.network.in_process import InProcessNetwork
from nodes.node.clock import wall_ms
from scenarios.running.first_story import workshop_network
from scenarios.story.story import Language
from scenarios.workshop.exercise import Exercise
from scenarios.workshop.extension import EXTENSION
from scenarios.workshop.labs.catalogue import handout, teachers_notes
from scenarios.workshop.room import Room

START_SECONDS_MAX = 120
"""Five on a machine with nothing else to do."""
LANGUAGES: tuple[Language, ...] = ("en", "zh")
HANDOUT_LINES_MAX = 80


@dataclass(frozen=True, slots=True)
class Group:
    """One group and its lab."""

    directory: Path
    number: int
    """Of the exercise."""

    def start(self, seed: int) -> Room:
        """Starts the exercise, as the page does, and gives its room."""
        room = Room(self.directory, seed)
        room.control.order(f"/exercises/{self.number}/start", {"seed": seed}, START_SECONDS_MAX)
        return room

    def check(self, room: Room, **answers: str) -> list[str]:
        """What is missing, in English; the same number of sentences in 中文."""
        told: dict[str, Any] = {
            language: room.control.post(f"/exercises/{self.number}/check?lang={language}", {"answers": {**answers}})
            for language in LANGUAGES
        }
        assert len(told["en"]["missing"]) == len(told["zh"]["missing"])
        assert all(any("一" <= sign <= "鿿" for sign in sentence) for sentence in told["zh"]["missing"])
        assert told["en"]["done"] == (told["en"]["missing"] == [])
        missing: list[str] = told["en"]["missing"]
        return missing

    def submit(self, room: Room, signers: str, contract: str, operation: str, **arguments: Any) -> str:
        """Acts as members, divided by spaces; `ok` or the code of the refusal."""
        order: dict[str, Any] = {
            "signers": signers.split(),
            "contract": contract,
            "operation": operation,
            "arguments": arguments,
        }
        answer = room.control.post("/submit", order)
        return str(answer["problem"]["code"] if "problem" in answer else answer["receipt"]["code"])


@contextmanager
def running_group(directory: Path, exercise: Exercise) -> Iterator[Group]:
    """Four nodes and their control, with the workshop's extension."""
    network = InProcessNetwork.create(directory, workshop_network(wall_ms()), extension=(EXTENSION,))
    with network, LabControl(network):
        yield Group(directory, exercise.number)


def verify_texts(exercise: Exercise) -> None:
    """Handout and notes stand in both languages, short enough to be printed, and speak of every question."""
    for language in LANGUAGES:
        text = handout(exercise, language)
        assert len(text.splitlines()) <= HANDOUT_LINES_MAX
        assert str(exercise.number) in text.splitlines()[0]
        assert exercise.title.said(language).split(":")[0].split("：")[0] in text.splitlines()[0]
        assert all(f"`{question.name}`" in text for question in exercise.questions), [
            q.name for q in exercise.questions if f"`{q.name}`" not in text
        ]
        assert teachers_notes(exercise, language).startswith("# ")
    assert len(exercise.hints) >= 3
