"""The words of a contract of several modules: `words.toml` in its package. Nothing of it is hashed, and execution never reads it.

    [refusals]
    not-holder = { en = "Only {holder} may do this.", zh = "只有 {holder} 可以这样做。", source = "title" }

    [sources]                                     # where rules come from; those of our own are called ours-…
    title = { en = "Bills of exchange act, section 31", zh = "…" }

    [findings]                                    # other codes with a source: what a client finds in its own files
    wrong-opening = "ours-digest"

    [read_rules]                                  # by the name that `may_read` answers with
    holder = { en = "The holder sees what it holds.", zh = "持有人可查看其持有的内容。" }

    [terms]                                       # what stands in details and records as a word of the program
    active = { en = "held", zh = "持有" }

A contract says `WORDS = read_words("scenarios.shipping")`, and declares `refusals` and `read_rules` of it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeVar

from ledger.contract.refusal import Phrase, ReadRule, Refusal

GROUPS = ("refusals", "sources", "findings", "read_rules", "terms")
P = TypeVar("P", bound=Phrase)


@dataclass(frozen=True, slots=True)
class ContractWords:
    """The words of one contract."""

    refusals: Mapping[str, Refusal]
    sources: Mapping[str, Phrase]
    """By code of a refusal or finding: the law, standard or practice that its rule comes from; of a rule of ours the reason."""
    read_rules: Mapping[str, ReadRule]
    terms: Mapping[str, Phrase]


@cache
def read_words(package: str) -> ContractWords:
    """The `words.toml` of a package; raises TypeError for an entry that lacks a language or its source."""
    try:
        groups = tomllib.loads((files(package) / "words.toml").read_text(encoding="utf-8"))
    except ValueError as error:
        raise TypeError(f"The words.toml of {package} is no TOML: {error}.") from error
    if unknown := sorted(groups.keys() - set(GROUPS)):
        raise TypeError(f"The words of {package} have the groups {', '.join(GROUPS)}, got {', '.join(unknown)}.")
    refusals, sources = _phrases(package, groups, "refusals", Refusal), _phrases(package, groups, "sources", Phrase)
    named = {**{code: refusal.source for code, refusal in refusals.items()}, **groups.get("findings", {})}
    for code, source in named.items():
        if source not in sources:
            raise TypeError(f"{code!r} of {package} names one of its [sources], got {source!r}.")
    if unnamed := sorted(sources.keys() - set(named.values())):
        raise TypeError(f"No code of {package} names the source {', '.join(unnamed)}.")
    return ContractWords(
        refusals,
        {code: sources[source] for code, source in named.items()},
        _phrases(package, groups, "read_rules", ReadRule),
        _phrases(package, groups, "terms", Phrase),
    )


def _phrases(package: str, groups: Mapping[str, Mapping[str, Mapping[str, str]]], group: str, form: type[P]) -> dict[str, P]:
    phrases = {}
    for name, entry in groups.get(group, {}).items():
        try:
            phrases[name] = form(**entry)
        except TypeError as error:
            raise TypeError(f"{name!r} in [{group}] of the words of {package}: {error}.") from error
    return phrases
