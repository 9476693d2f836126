"""Every lab, walked right and wrong: its texts, its start state, what each step takes away, which answers are right.

All share one network, since a start takes its ledger back; what a lab has of its own is in `test_workshop_lab_*.py`.
"""

import inspect
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodes.words import Language
from scenarios.workshop.exercise import LABS_FOLDER, Exercise, read_words, verify_sentences
from scenarios.workshop.labs import catalogue, chain
from scenarios.workshop.labs.catalogue import exercises, handout, teachers_notes
from scenarios.workshop.labs.receipt_promises import PROMISES
from scenarios.workshop.room import Room
from tests.lab_walks import LABS, Answers, LabWalk, finish
from tests.workshop_lab import Group, running_workshop

LANGUAGES: tuple[Language, ...] = ("en", "zh")
BY_NAME = {exercise.name: exercise for exercise in exercises().values()}
EACH = pytest.mark.parametrize("exercise", exercises().values(), ids=lambda exercise: exercise.name)
STEP = re.compile(r"^\d+\. ", re.MULTILINE)
NOT_RENDERED = re.compile(r"^\s*(\||<|>|!\[)|\]\((?!#)", re.MULTILINE)
"""What the page would show as it stands: tables, HTML, quotations, images, links to elsewhere."""
VIEWS = {"story", "consensus", "ledger", "faults", "tamper", "contracts", "exercises"}
LINES_MAX = 80
WRONG = re.compile(r"is not the answer to question (\d)")
UNANSWERED = re.compile(r"^No answer yet to question (\d):", re.MULTILINE)
ASKED: dict[Language, str] = {"en": r"\(questions? [\d, and]+", "zh": r"（问题 [\d、和 ]+"}
"""Where a handout says which question a step answers."""


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    before = list(sys.path)
    with running_workshop(tmp_path_factory.mktemp("labs") / "network") as control, pytest.MonkeyPatch.context() as patch:
        patch.setattr("nodes.commands.authoring.EXAMPLES", 5)  # the lab itself has checked what is installed
        yield control.lab.network.directory
    sys.path[:] = before


@pytest.mark.parametrize("name", LABS)
def test_a_lab_is_done_by_who_does_what_the_handout_says_and_by_nothing_less(directory: Path, name: str) -> None:
    lab, group = LABS[name], Group(directory, BY_NAME[name])
    room = group.start(lab.seed)
    verify_start(lab, group, room)
    answers = walk_in_steps(lab, group, room)
    assert group.check(room, **answers) == []
    for written in lab.also_right:
        assert group.check(room, **{**answers, **written(answers)}) == []
    verify_wrong_answers(lab, group, room, answers)

    # Another group
    room = group.start(lab.other)
    missing = group.check(room, **answers)
    if lab.is_other_walked:
        mine = finish(lab.walker(group, room))
        assert group.check(room, **mine) == []
        missing += group.check(room, **answers)
    questions = [*group.exercise.words.questions]
    assert {questions[int(number) - 1] for number in WRONG.findall("\n".join(missing))} >= lab.differ


def verify_start(lab: LabWalk, group: Group, room: Room) -> None:
    """All deeds and all answers are missing, and no example is right."""
    questions, missing = group.exercise.words.questions, group.check(room)
    assert len(missing) == lab.deeds + len(questions)
    assert UNANSWERED.findall("\n".join(missing)) == [str(number) for number in range(1, len(questions) + 1)]
    assert group.check(room, **{name: question.example for name, question in questions.items()}) != []


def walk_in_steps(lab: LabWalk, group: Group, room: Room) -> Answers:
    """Each step takes its own sentence away, and no other."""
    walk, before = lab.walker(group, room), Counter(said.key for said in group.missing(room))
    while True:
        try:
            gone = next(walk)
        except StopIteration as end:
            return dict(end.value)
        after = Counter(said.key for said in group.missing(room))
        assert before - after == Counter(gone)
        assert all(key.startswith(lab.comes[gone[0]]) for key in after - before)
        before = after


def verify_wrong_answers(lab: LabWalk, group: Group, room: Room, answers: Answers) -> None:
    """One that is missing or wrong is named, and nothing else."""
    for number, (name, question) in enumerate(group.exercise.words.questions.items(), 1):
        for wrong in ("", question.example, *lab.wrong.get(name, ())):
            missing = group.check(room, **{**answers, name: wrong})
            assert len(missing) == 1, (name, wrong, missing)
            assert f"question {number}" in missing[0]
            assert question.en in missing[0]


# The words


def test_numbers_and_names_are_given_once() -> None:
    assert len(BY_NAME) == len(exercises()) == len(catalogue.LABS_IN_ORDER) == len(LABS)
    assert [*exercises()] == sorted(exercises())
    assert {path.name for path in LABS_FOLDER.iterdir() if (path / "lab.toml").exists()} == BY_NAME.keys() == LABS.keys()


@EACH
def test_the_texts_stand_in_both_languages_and_fit_each_other(exercise: Exercise) -> None:
    steps, words = set(), exercise.words
    for language in LANGUAGES:
        text, notes = handout(exercise, language), teachers_notes(exercise, language)
        assert text.startswith(f"# {'Lab' if language == 'en' else '实验'} {exercise.number}")
        assert words.title.text(language).split(":")[0].split("：")[0] in text.splitlines()[0]
        asked = re.findall(r"\d", "".join(re.findall(ASKED[language], text)))
        assert asked == [str(number) for number in range(1, len(words.questions) + 1)], "in the order in which they are asked"
        assert notes.startswith("# ")
        for written in (text, notes):
            assert len(written.splitlines()) <= LINES_MAX
            assert f"{words.minutes}{' minutes' if language == 'en' else ' 分钟'}" in written
        assert NOT_RENDERED.findall(re.sub(r"^\s*```.*?^\s*```", "", text, flags=re.MULTILINE | re.DOTALL)) == []
        assert set(re.findall(r"\]\(#view=(\w+)", text)) <= VIEWS
        steps.add(len(STEP.findall(text)))
    assert len(steps) == 1
    assert steps.pop() >= 4


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("task.zh = ", "task.de = ", "task.zh: Field required"),
        ("count.zh = ", "count.de = ", "sentences.count.zh: Field required"),
        ("number = 1", 'number = "one"', "number: Input should be a valid integer"),
        ("minutes = 20", "minutes = 90", "minutes: Input should be less than or equal to 25"),
        ('example = "12"', "", "questions.block.example: Field required"),
        ("[questions.block]", "[questions.Block]", "questions.Block"),
        ('not-there.en = "', 'not-there.en = "{number}: ', "sentences.not-there: both languages have the same {places}"),
        ('title.zh = "链与篡改"', 'title.zh = "Chain"', "title: `en` is English and `zh` is Chinese"),
        ("again.", "again-.", "has no sentence `again`, which chain.py gives"),
        ("[sentences]", "[sentences]\nmore = { en = 'More.', zh = '更多。' }", "has a sentence `more` that chain.py never gives"),
    ],
)
def test_a_file_of_words_that_is_not_whole_is_named_when_labs_are_loaded(old: str, new: str, said: str) -> None:
    text, source = (LABS_FOLDER / "chain" / "lab.toml").read_text(encoding="utf-8"), inspect.getsource(chain)
    verify_sentences(read_words(text, "chain"), source, "chain")
    assert old in text
    with pytest.raises(ValueError, match=re.escape(said)):
        verify_sentences(read_words(text.replace(old, new), "chain"), source, "chain")


def test_the_key_of_a_sentence_is_written_literally() -> None:
    words = BY_NAME["chain"].words
    with pytest.raises(ValueError, match=re.escape("chain.py names a sentence by `which`")):
        verify_sentences(words, "sentence(which)", "chain")
    assert {*contract_promises()} == {"interface", *PROMISES}


def contract_promises() -> Iterator[str]:
    """Those that the file of lab 7 has sentences for: their keys are not literal."""
    for key in BY_NAME["contract"].words.sentences:
        if key.startswith("promise-"):
            yield key.removeprefix("promise-")
