"""Sentences in English and Chinese, as data: the `words.toml` of a package, which Python and the page both read.

    [lab]
    crashed = { en = "{node} has stopped", zh = "{node} 已停止" }
    votes.en = "Height {height}: {have} votes of {quorum}."
    votes.zh = "高度 {height}：投票 {have}/{quorum}。"

Both forms of an entry are the same to TOML. `{name}` is a place for a value. `Words.of("nodes.lab")` reads the file of
that package; the page gets the same data as the module `words.js` (`words_module`).
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import ConfigDict, TypeAdapter

from ledger.contract.refusal import PLACE, Phrase

Language = Literal["en", "zh"]
GROUPS = TypeAdapter(dict[str, dict[str, Phrase]], config=ConfigDict(extra="forbid"))


@dataclass(frozen=True, slots=True)
class Words(Mapping[str, Mapping[str, Phrase]]):
    """The phrases of one package, by group and key."""

    groups: Mapping[str, Mapping[str, Phrase]]

    @classmethod
    @cache
    def of(cls, package: str, name: str = "words.toml") -> "Words":
        """The words of a package, or in another file of it, read once."""
        return cls.read((files(package) / name).read_text(encoding="utf-8"))

    @classmethod
    def read(cls, text: str) -> "Words":
        """Raises pydantic's ValidationError where a language is missing, ValueError where its two sentences differ in places."""
        groups = GROUPS.validate_python(tomllib.loads(text))
        for group, phrases in groups.items():
            for key, phrase in phrases.items():
                if set(PLACE.findall(phrase.en)) != set(PLACE.findall(phrase.zh)):
                    raise ValueError(f"Expected the same places in both languages of {group}.{key}, got {phrase}.")
        return cls(groups)

    def text(self, group: str, key: str, language: Language, **values: object) -> str:
        """One sentence in one language."""
        return self.groups[group][key].text(language, **values)

    def __getitem__(self, group: str) -> Mapping[str, Phrase]:
        return self.groups[group]

    def __iter__(self) -> Iterator[str]:
        return iter(self.groups)

    def __len__(self) -> int:
        return len(self.groups)


@cache
def words_module(*packages: str) -> str:
    """The words of some packages as a module of the page: `WORDS[group][key]` is `[English, Chinese]`."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for package in packages:
        for group, phrases in Words.of(package).items():
            assert group not in found, f"{group} has words in two packages"
            found[group] = {key: (phrase.en, phrase.zh) for key, phrase in phrases.items()}
    return f"export const WORDS = {json.dumps(found, ensure_ascii=False, separators=(',', ':'))};\n"
