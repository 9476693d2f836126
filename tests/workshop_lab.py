"""A running workshop for tests: its network, and a group that does a lab at the page of a node."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any

from typer.testing import CliRunner

from nodes.lab.control import LabControl
from nodes.lab.lab import Lab
from nodes.lab.remote import RemoteControl
from nodes.network.in_process import InProcessNetwork
from nodes.node.clock import wall_ms
from scenarios.command_line import application
from scenarios.running.first_story import workshop_network
from scenarios.workshop.exercise import CHINESE, Answers, Exercise, Sentence
from scenarios.workshop.network import EXTENSION
from scenarios.workshop.room import Room

START_SECONDS_MAX = 120
"""Five on a machine with nothing else to do."""


@dataclass(frozen=True, slots=True)
class Group:
    """One group at a lab."""

    directory: Path
    exercise: Exercise

    def start(self, seed: int) -> Room:
        """Starts the exercise, as the page does, and gives its room."""
        room = Room(self.directory, seed)
        room.control.order(f"/exercises/{self.exercise.number}/start", {"seed": seed}, START_SECONDS_MAX)
        return room

    def missing(self, room: Room, **answers: str) -> list[Sentence]:
        """What is missing, by the keys of its sentences."""
        questions = self.exercise.words.questions
        return list(self.exercise.missing(room, Answers({name: answers.get(name, "") for name in questions}, questions)))

    def check(self, room: Room, **answers: str) -> list[str]:
        """What is missing, in English; each sentence is there in 中文 as well."""
        phrases = self.exercise.not_done(room, answers)
        assert all(CHINESE.search(phrase.zh) and phrase.en for phrase in phrases)
        return [phrase.en for phrase in phrases]

    def submit(self, room: Room, signers: str, call: str, **arguments: Any) -> str:
        """Acts as members, divided by spaces; `ok` or the code of the refusal."""
        contract, _, operation = call.partition(".")
        order: dict[str, Any] = {"signers": signers.split(), "contract": contract, "operation": operation}
        answer = room.control.post("/submit", {**order, "arguments": arguments})
        return str(answer["problem"]["code"] if "problem" in answer else answer["receipt"]["code"])


@contextmanager
def running_workshop(directory: Path, start_ms: int | None = None) -> Iterator[LabControl]:
    """Four nodes and their control, with the workshop's extension; mornings of the story are such from `START_MS`."""
    planned = workshop_network(wall_ms() if start_ms is None else start_ms)
    with InProcessNetwork.create(directory, planned, extension=(EXTENSION,)) as network, LabControl(network) as control:
        yield control


def begin_again(lab: Lab) -> RemoteControl:
    """The lab as it was made: its ledger is that of the genesis, nothing is wrong with it, and no checkpoint is left."""
    control = RemoteControl(lab.network.directory)
    control.post("/frozen", {"frozen": False})
    rmtree(lab.network.directory / "checkpoints", ignore_errors=True)
    control.order("/reset")
    return control


def tallystick(*words: str) -> str:
    """What a command prints that ends well."""
    result = CliRunner().invoke(application, [*words])
    assert result.exit_code == 0, result.output
    return result.output
