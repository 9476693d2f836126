"""Refusals and read rules: a stable name, a sentence in English, and in 中文 if given. Only code and details are ever hashed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
PLACE = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
"""Where a sentence has a detail."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One sentence in both languages. `{name}` stands for a value."""

    en: str
    zh: str

    def said(self, language: Literal["en", "zh"]) -> str:
        """The sentence in one language as it stands."""
        return self.zh if language == "zh" else self.en

    def text(self, language: Literal["en", "zh"], **values: object) -> str:
        """The same with the values in their places; raises KeyError for a place without a value."""
        return PLACE.sub(lambda place: str(values[place[1]]), self.said(language))

    def both(self, **values: object) -> dict[str, str]:
        """The sentence as JSON carries it."""
        return {"en": self.text("en", **values), "zh": self.text("zh", **values)}


@dataclass(frozen=True, slots=True)
class DeclaredPhrase(Phrase):
    """What an author declares: where the Chinese sentence is left out, the English one is shown."""

    zh: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "zh", self.zh or self.en)


class ReadRule(DeclaredPhrase):
    """The sentence of a reason to read sealed values."""


@dataclass(frozen=True, slots=True)
class Refusal(DeclaredPhrase):
    """The sentence of a code; both languages name the same details."""

    source: str = ""
    """Where its rule comes from: an entry of `[sources]` in the contract's `words.toml`; empty where a class declares it."""

    @property
    def details(self) -> tuple[str, ...]:
        """Names of the details that the sentences need, sorted."""
        return tuple(sorted(set(PLACE.findall(self.en))))


_COMMON = """
    bad-arguments bad-key contract-error ledger-frozen not-a-member not-decided not-found not-proved policy-not-satisfied
    proof-too-old receipt-too-large revoked too-many-signatures too-many-writes unknown-contract unknown-ledger unknown-operation
    unreadable-record value-too-large wrong-lists
"""
COMMON_CODES = frozenset(_COMMON.split())
"""What the framework itself refuses with, in any contract; the sentences stand in `common.toml`."""


def verify_declared(refusals: Mapping[str, Refusal], read_rules: Mapping[str, ReadRule]) -> None:
    """Raises TypeError for a name that is not kebab-case, and a refusal that a reader of one language could not understand."""
    for name in (*refusals, *read_rules):
        if not CODE.fullmatch(name):
            raise TypeError(f"The code of a refusal and the name of a read rule are kebab-case, got {name!r}.")
    for code, refusal in refusals.items():
        if code in COMMON_CODES:
            raise TypeError(f"The framework itself refuses with {code!r}.")
        if set(PLACE.findall(refusal.en)) != set(PLACE.findall(refusal.zh)):
            raise TypeError(f"The two sentences of {code!r} name different details.")
        if PLACE.sub("", refusal.en + refusal.zh).count("{"):
            raise TypeError(f"A detail of {code!r} is not written as a plain {{name}}.")
