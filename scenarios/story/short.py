"""The short telling of a story, as data: its chapters, which steps are told, and the terms and names that a newcomer needs.

    telling = ["and would"]           # the three refusals that say most: how the English words of these steps begin

    [[chapters]]
    title = { en = "One invoice, once", zh = "一张发票，只用一次" }
    steps = [                         # in the order of the story
        "Beichen delivered",
        { begins = "and would", en = "Beichen would …", zh = "北辰想……" },      # words that stand without the steps between
    ]

    [[terms]]
    name = { en = "invoice", zh = "发票" }
    means = { en = "a seller's bill for goods", zh = "卖方的货款账单" }

Everything is played; what stands in no chapter is only counted. The terminal explains a term where it first stands, whichever
line that is; the report begins with who takes part, the telling refusals and the first five words.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydantic import TypeAdapter

from ledger.contract.refusal import Phrase


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or a name, that a newcomer to the trade and its story does not know."""

    name: Phrase
    means: Phrase


@dataclass(frozen=True, slots=True)
class RewordedStep:
    """A step whose words need those before it, with others that do not."""

    begins: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class ShortChapter:
    """A chapter of the short telling: it spans as many chapters of the story as it likes."""

    title: Phrase
    steps: tuple[str | RewordedStep, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """How a step of the story is told: the place of its chapter, its words, and whether it is one of the telling refusals."""

    chapter: int
    words: Phrase
    is_telling: bool


@dataclass(frozen=True, slots=True)
class Short:
    """What is told of a story."""

    telling: tuple[str, ...]
    chapters: tuple[ShortChapter, ...]
    terms: tuple[Term, ...]

    def told(self, words: Sequence[Phrase]) -> Mapping[int, Told]:
        """By number of the step, each that is told; `words` are those of all steps, in order."""
        found: dict[int, Told] = {}
        number = 0
        for place, chapter in enumerate(self.chapters):
            for step in chapter.steps:
                begins = step if isinstance(step, str) else step.begins
                later = (one for one, said in enumerate(words[number:], start=number + 1) if said.en.startswith(begins))
                number = next(later, 0)
                assert number, f"no step after the one before begins with {begins!r}"
                said = words[number - 1] if isinstance(step, str) else Phrase(step.en, step.zh)
                found[number] = Told(place, said, begins in self.telling)
        return found


SHORT = TypeAdapter(Short)


@cache
def read_short(package: str) -> Short:
    """The `short.toml` of a trade's package."""
    return SHORT.validate_python(tomllib.loads((files(package) / "short.toml").read_text(encoding="utf-8")))
