"""What every lab of the catalogue owes: texts in both languages, hints, and a check that its start state does not pass."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scenarios.story.story import Language
from scenarios.workshop.exercise import Exercise
from scenarios.workshop.labs import catalogue
from scenarios.workshop.labs.catalogue import EXERCISES, handout, teachers_notes
from scenarios.workshop.room import Room
from tests.workshop_lab import HANDOUT_LINES_MAX, Group, running_group

LANGUAGES: tuple[Language, ...] = ("en", "zh")
BY_NUMBER = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda exercise: exercise.name)
STEP = re.compile(r"^\d+\. ", re.MULTILINE)
NOT_RENDERED = re.compile(r"^\s*(\||<|>|!\[)|\]\((?!#)", re.MULTILINE)
"""What the page would show as it stands: tables, HTML, quotations, images, links to elsewhere."""
VIEWS = {"story", "consensus", "ledger", "faults", "tamper", "contracts", "exercises"}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One network for all: a start takes it back."""
    with running_group(tmp_path_factory.mktemp("labs") / "network", next(iter(EXERCISES.values()))) as group:
        yield group.directory


def test_numbers_and_names_are_given_once() -> None:
    assert len({exercise.name for exercise in EXERCISES.values()}) == len(EXERCISES) == len(catalogue.ALL)
    folders = {path.parent.name for path in Path(catalogue.__file__).parent.glob("*/exercise.py")}
    assert folders == {exercise.name for exercise in EXERCISES.values()}


@BY_NUMBER
def test_the_texts_stand_in_both_languages_and_fit_each_other(exercise: Exercise) -> None:
    steps = set()
    for language in LANGUAGES:
        text, notes = handout(exercise, language), teachers_notes(exercise, language)
        assert len(text.splitlines()) <= HANDOUT_LINES_MAX
        assert len(notes.splitlines()) <= HANDOUT_LINES_MAX
        assert text.startswith(f"# {'Lab' if language == 'en' else '实验'} {exercise.number}")
        minutes = " minutes" if language == "en" else " 分钟"
        for written in (text, notes):
            assert f"{exercise.minutes}{minutes}" in written
        assert NOT_RENDERED.findall(re.sub(r"^\s*```.*?^\s*```", "", text, flags=re.MULTILINE | re.DOTALL)) == []
        assert set(re.findall(r"\]\(#view=(\w+)", text)) <= VIEWS
        steps.add(len(STEP.findall(text)))
    assert len(steps) == 1
    assert steps.pop() >= 4


@BY_NUMBER
def test_minutes_hints_and_questions_are_as_people_can_bear(exercise: Exercise) -> None:
    assert 15 <= exercise.minutes <= 25
    assert len(exercise.hints) >= 2
    words = [exercise.title, exercise.goal, *exercise.hints, *(question.words for question in exercise.questions)]
    for one in words:
        assert not re.search("[一-鿿]", one.en)
        assert re.search("[一-鿿]", one.zh)
    names = [question.name for question in exercise.questions]
    assert len(set(names)) == len(names) <= 8
    assert all(re.fullmatch("[a-z][a-z0-9-]*", name) for name in names)


@BY_NUMBER
def test_the_start_state_is_not_done_and_no_example_is_an_answer(exercise: Exercise, directory: Path) -> None:
    group = Group(directory, exercise.number)
    room = Room(directory, 7)
    room.control.order(f"/exercises/{exercise.number}/start", {"seed": 7})
    assert group.check(room) != []
    examples = {question.name: question.example for question in exercise.questions}
    assert group.check(room, **examples) != []
    for name in examples:
        unanswered = [told for told in group.check(room, **{**examples, name: ""}) if told.startswith("No answer yet to ")]
        assert [told.split("`")[1] for told in unanswered] == [name]
