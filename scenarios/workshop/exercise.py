"""What a lab is to its code: the words of its `lab.toml`, a start state that follows from a seed, and what is not done yet.

    labs/NAME/lab.toml           title, goal, task, hints, questions, and a sentence for whatever may be missing
    labs/NAME/handout_en.md …    what participants and teachers hold
    labs/NAME.py                 `begin` makes the start state, `missing` says by which sentences it is not done

To people an exercise is a lab; in the code a lab is the network that it runs on.
"""

import ast
import inspect
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config

from ledger.codec import first_fault
from ledger.contract.refusal import PLACE, Phrase
from nodes.words import Language, Words
from scenarios.workshop.room import Room

LABS_FOLDER = Path(__file__).parent / "labs"
COMMON = Words.of("scenarios.workshop")["check"]
"""Sentences that every lab may need: of an answer that is not there, or not right."""
CHINESE = re.compile("[一-鿿]")
DIVIDERS = re.compile(r"[\s,;、，；。&]+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is not done yet: a sentence of the lab's file, with values for its places, which may be words themselves."""

    key: str
    values: "Mapping[str, str | int | Phrase | Sentence]"


def sentence(key: str, /, **values: str | int | Phrase) -> Sentence:
    """The sentence of that key; it is written literally, so that the file can be checked against the code."""
    return Sentence(key, values)


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True)
class Question(Phrase):
    """Something that only the participant can say; the check compares it with the group's own ledger."""

    example: str
    """How an answer looks; never a right one."""


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True)
class LabWords:
    """A `lab.toml`."""

    number: int
    minutes: Annotated[int, Field(ge=15, le=25)]
    title: Phrase
    goal: Phrase
    task: Phrase
    """The file NAME.txt that the start lays out."""
    learned: Annotated[tuple[Phrase, ...], Field(min_length=2, max_length=4)]
    """What a group has seen for itself, told once nothing is missing."""
    hints: Annotated[tuple[Phrase, ...], Field(min_length=2)]
    """Shown one after another; the last one nearly gives the answer away."""
    questions: Annotated[Mapping[Annotated[str, Field(pattern="^[a-z][a-z0-9-]*$")], Question], Field(max_length=8)]
    sentences: Mapping[str, Phrase]

    def phrases(self) -> Iterator[tuple[str, Phrase]]:
        """All that is said in two languages, each with its place in the file."""
        yield from (("title", self.title), ("goal", self.goal), ("task", self.task))
        for group, row in (("hints", self.hints), ("learned", self.learned)):
            yield from ((f"{group}.{place}", phrase) for place, phrase in enumerate(row, 1))
        for group, phrases in (("questions", self.questions), ("sentences", self.sentences)):
            yield from ((f"{group}.{key}", phrase) for key, phrase in phrases.items())

    def written(self, said: Sentence) -> Phrase:
        """A sentence in both languages, its values in their places."""
        words = self.sentences.get(said.key) or COMMON[said.key]
        values = {name: self.written(value) if isinstance(value, Sentence) else value for name, value in said.values.items()}
        return Phrase(words.text("en", **_values_in(values, "en")), words.text("zh", **_values_in(values, "zh")))


@dataclass(frozen=True, slots=True)
class Answers:
    """What the participant answered: by question, empty where nothing was said."""

    given: Mapping[str, str]
    questions: Mapping[str, Question]

    def __getitem__(self, name: str) -> str:
        return self.given[name]

    def unanswered(self) -> Iterator[Sentence]:
        """A sentence for each question without an answer."""
        for name in self.questions:
            if not self.given[name]:
                yield self._said("unanswered", name)

    def judge_number(self, name: str, right: int, advice: Sentence) -> Iterator[Sentence]:
        """A sentence unless the answer is that number, or none was given."""
        given = self.given[name]
        if given and not re.fullmatch(r"[0-9０-９]{1,9}", given):
            yield self._said("no-number", name, given=given[:80])
        elif given:
            yield from self.judge(name, int(given) == right, advice)

    def judge(self, name: str, is_right: bool, advice: Sentence) -> Iterator[Sentence]:
        """A sentence unless the answer is right, or none was given."""
        if self.given[name] and not is_right:
            yield self._said("wrong", name, given=self.given[name][:80], advice=advice)

    def _said(self, key: str, name: str, **values: str | Sentence) -> Sentence:
        """Of a question, which people know by its number and its words."""
        return Sentence(key, {"number": [*self.questions].index(name) + 1, "question": self.questions[name], **values})


@dataclass(frozen=True, slots=True)
class Exercise:
    """One lab."""

    name: str
    """Of its folder, its module and its task."""
    words: LabWords
    begin: Callable[[Room], Mapping[str, str | int]]
    """Makes the start state on a ledger that was just taken back to its genesis; gives the values of the task."""
    missing: Callable[[Room, Answers], Iterable[Sentence]]
    """What is not done yet, in the order of the handout; it changes nothing. Empty: done.

    Errors of the project's tree may pass through: they become a sentence.
    """

    @classmethod
    def of(cls, module: ModuleType) -> "Exercise":
        """The exercise of a module; raises ValueError where its `lab.toml` is not whole, or does not fit it."""
        name = module.__name__.rpartition(".")[2]
        words = read_words((LABS_FOLDER / name / "lab.toml").read_text(encoding="utf-8"), name)
        verify_sentences(words, inspect.getsource(module), name)
        return cls(name, words, module.begin, module.missing)

    @property
    def number(self) -> int:
        """By which people call it."""
        return self.words.number

    @property
    def task_file(self) -> str:
        """Its name in the folder of files."""
        return f"{self.name}.txt"

    def start(self, room: Room, language: Language) -> dict[str, str]:
        """Makes the start state and writes the task; gives it in both languages."""
        task = self.words.task.both(**self.begin(room))
        (room.files / self.task_file).write_text(task[language], encoding="utf-8")
        return task

    def not_done(self, room: Room, given: Mapping[str, str]) -> list[Phrase]:
        """What is missing, in both languages."""
        answers = Answers({name: given.get(name, "").strip() for name in self.words.questions}, self.words.questions)
        return [self.words.written(one) for one in self.missing(room, answers)]


WORDS = TypeAdapter(LabWords)


def read_words(text: str, name: str) -> LabWords:
    """Raises ValueError with the place where a language is missing, or the two do not have the same places for values."""
    try:
        words = WORDS.validate_python(tomllib.loads(text))
    except ValidationError as error:
        raise ValueError(f"labs/{name}/lab.toml: {first_fault(error)}") from error
    for place, phrase in words.phrases():
        if set(PLACE.findall(phrase.en)) != set(PLACE.findall(phrase.zh)):  # check: lab-places
            raise ValueError(f"labs/{name}/lab.toml: {place}: both languages have the same {{places}}, got {phrase}.")
        if CHINESE.search(phrase.en) or not CHINESE.search(phrase.zh):  # check: lab-languages
            raise ValueError(f"labs/{name}/lab.toml: {place}: `en` is English and `zh` is Chinese, got {phrase}.")
    return words


def verify_sentences(words: LabWords, source: str, name: str) -> None:
    """Raises ValueError unless the code says each sentence of the file, and no other."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    keys = [_literal(call.args[0], name) for call in calls if isinstance(call.func, ast.Name) and call.func.id == "sentence"]
    for key in keys:
        if not any(map(re.compile(key).fullmatch, words.sentences)):  # check: lab-sentence
            raise ValueError(f"labs/{name}/lab.toml has no sentence `{key}`, which {name}.py gives.")
    for key in words.sentences:
        if not any(re.fullmatch(said, key) for said in keys):  # check: lab-sentence-used
            raise ValueError(f"labs/{name}/lab.toml has a sentence `{key}` that {name}.py never gives.")


def words_in(text: str) -> list[str]:
    """The words of an answer in small letters: what people type differs in case, commas and spaces, and that is no mistake."""
    return [word for word in DIVIDERS.split(text.strip().lower()) if word]


def names_in(text: str, organizations: str = "") -> set[str]:
    """Names without order. Where `organizations` is `.validator`, `north` is understood as `north.validator`."""
    return {word if "." in word else word + organizations for word in words_in(text) if word not in ("and", "和", "与")}


def _literal(key: ast.expr, name: str) -> str:
    """The key of a sentence as a pattern: what an f-string fills in may be anything."""
    match key:
        case ast.Constant(str() as text):
            return re.escape(text)
        case ast.JoinedStr(values):
            return "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in values)
    raise ValueError(f"{name}.py names a sentence by `{ast.unparse(key)}`: its key is written literally.")


def _values_in(values: Mapping[str, object], language: Language) -> dict[str, object]:
    return {name: value.text(language) if isinstance(value, Phrase) else value for name, value in values.items()}
