"""Every exercise by its number. An exercise is a folder beside this file; its owner adds a line here."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from ledger.errors import NotFoundError
from nodes.network.directory import FIRST_PORT, read_network
from nodes.node.files import NETWORK_FILE
from scenarios.story.story import Language
from scenarios.workshop.exercise import Exercise
from scenarios.workshop.labs.auditor.exercise import EXERCISE as AUDITOR
from scenarios.workshop.labs.chain.exercise import EXERCISE as CHAIN
from scenarios.workshop.labs.contract.exercise import EXERCISE as CONTRACT
from scenarios.workshop.labs.crash.exercise import EXERCISE as CRASH
from scenarios.workshop.labs.keys.exercise import EXERCISE as KEYS
from scenarios.workshop.labs.proofs.exercise import EXERCISE as PROOFS
from scenarios.workshop.labs.sealed.exercise import EXERCISE as SEALED
from scenarios.workshop.labs.seed.exercise import EXERCISE as SEED
from scenarios.workshop.labs.traitors.exercise import EXERCISE as TRAITORS
from scenarios.workshop.network import LABS

ALL: tuple[Exercise, ...] = (CHAIN, KEYS, CRASH, PROOFS, TRAITORS, SEALED, CONTRACT, AUDITOR, SEED)
EXERCISES: Mapping[int, Exercise] = {exercise.number: exercise for exercise in sorted(ALL, key=lambda e: e.number)}


def find_exercise(number: int) -> Exercise:
    """Raises NotFoundError `unknown-exercise`."""
    exercise = EXERCISES.get(number)
    if exercise is None:  # check: exercise-known
        there_are = ", ".join(map(str, EXERCISES))
        raise NotFoundError("unknown-exercise", f"There is no lab {number}; there are {there_are}.")
    return exercise


def handout(exercise: Exercise, language: Language, directory: Path = LABS) -> str:
    """What the participant holds, in Markdown, for the network of a directory."""
    return placed(_text(exercise, "handout", language), directory)


def hints(exercise: Exercise, language: Language, directory: Path = LABS) -> list[str]:
    """One after another, for the network of a directory."""
    return [placed(hint.said(language), directory) for hint in exercise.hints]


def teachers_notes(exercise: Exercise, language: Language) -> str:
    """What the teacher holds: what to say, where groups get stuck, answers, timing."""
    return _text(exercise, "teacher", language)


def placed(text: str, directory: Path) -> str:
    """A text that names directory and ports of the network of a plain `tallystick lab start`, for that of another directory."""
    if (directory / NETWORK_FILE).exists():
        nodes = enumerate(read_network(directory).nodes, FIRST_PORT)
        ports = {str(written): str(urlsplit(node.url).port) for written, node in nodes}
        text = re.sub(r"\b\d{4}\b", lambda found: ports.get(found[0], found[0]), text)
    return text.replace(str(LABS), shlex.quote(directory.as_posix()))


def _text(exercise: Exercise, kind: str, language: Language) -> str:
    return (Path(__file__).parent / exercise.name / f"{kind}_{language}.md").read_text(encoding="utf-8")
