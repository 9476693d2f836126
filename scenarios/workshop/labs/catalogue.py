"""Every lab by its number, and the texts of its folder. A new lab is a module, a folder, and a name in `LABS_IN_ORDER`."""

import re
import shlex
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from ledger.errors import NotFoundError
from nodes.network.directory import FIRST_PORT, read_network
from nodes.node.files import NETWORK_FILE
from nodes.words import Language
from scenarios.workshop.exercise import LABS_FOLDER, Exercise
from scenarios.workshop.labs import auditor, believe, chain, contract, crash, keys, proofs, sealed, seed, trust
from scenarios.workshop.network import LABS

LABS_IN_ORDER = (chain, keys, proofs, crash, trust, sealed, contract, auditor, seed, believe)


@cache
def exercises() -> dict[int, Exercise]:
    """All labs by number. Their files are read and checked when they are first asked for: other commands need none of them."""
    return {exercise.number: exercise for exercise in map(Exercise.of, LABS_IN_ORDER)}


def find_exercise(number: int) -> Exercise:
    """Raises NotFoundError `unknown-exercise`."""
    exercise = exercises().get(number)
    if exercise is None:  # check: exercise-known
        there_are = ", ".join(map(str, exercises()))
        raise NotFoundError("unknown-exercise", f"There is no lab {number}; there are {there_are}.")
    return exercise


def handout(exercise: Exercise, language: Language, directory: Path = LABS) -> str:
    """What the participant holds, in Markdown, for the network of a directory."""
    return placed(_text(exercise, "handout", language), directory)


def hints(exercise: Exercise, language: Language, directory: Path = LABS) -> list[str]:
    """One after another, for the network of a directory."""
    return [placed(hint.text(language), directory) for hint in exercise.words.hints]


def teachers_notes(exercise: Exercise, language: Language) -> str:
    """What the teacher holds: what to say, where groups get stuck, answers, timing."""
    return _text(exercise, "teacher", language)


def placed(text: str, directory: Path) -> str:
    """A text that names directory and ports of the network of a plain `tallystick lab start`, for that of another directory."""
    if (directory / NETWORK_FILE).exists():
        nodes = enumerate(read_network(directory).nodes, FIRST_PORT)
        ports = {str(written): str(urlsplit(node.url).port) for written, node in nodes}
        text = re.sub(r"\b\d{4}\b", lambda port: ports.get(port[0], port[0]), text)
    return text.replace(str(LABS), shlex.quote(directory.as_posix()))


def _text(exercise: Exercise, kind: str, language: Language) -> str:
    return (LABS_FOLDER / exercise.name / f"{kind}_{language}.md").read_text(encoding="utf-8")
