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

    [zh]                                          # what the code says in English: a title, and behind the colon its docstring
    contract = "仓单：存货凭证，只开立一次。"
    operations.transfer = "转让：持有人把仓单交给他人。"
    names.to = "受让方"                            # of arguments

Without `zh` the English words are shown. A contract whose class says `words = "words.toml"` has this file beside its module; for
one that declares its sentences itself, a file called like its module (`asset.toml` beside `asset.py`) may hold `[zh]`. Its own
source cannot read it: what two installations word otherwise gives one receipt.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TypeVar

from pydantic import ValidationError

from ledger.codec import StrictModel, first_fault
from ledger.contract.contract import Contract
from ledger.contract.refusal import Phrase, ReadRule, Refusal, verify_declared
from ledger.errors import OperatorError

COMMON_REFUSALS = {
    code: Refusal(**words) for code, words in tomllib.loads((files("ledger.contract") / "common.toml").read_text("utf-8")).items()
}
"""What the framework itself refuses, in any contract."""
GROUPS = ("refusals", "sources", "findings", "read_rules", "terms", "zh")
P = TypeVar("P", bound=Phrase)


class ChineseNames(StrictModel):
    """What the code itself says in English, in Chinese: `TITLE：what it does` of the contract and its operations, and names."""

    contract: str = ""
    operations: dict[str, str] = {}
    names: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class ContractWords:
    """The words of one contract."""

    refusals: Mapping[str, Refusal]
    sources: Mapping[str, Phrase] = field(default_factory=dict)
    """By code of a refusal or finding: the law, standard or practice that its rule comes from; of a rule of ours the reason."""
    read_rules: Mapping[str, ReadRule] = field(default_factory=dict)
    terms: Mapping[str, Phrase] = field(default_factory=dict)
    zh: ChineseNames = field(default_factory=ChineseNames)


def words_of(contract: type[Contract]) -> ContractWords:
    """The words of a contract: those of its file, or what its class declares."""
    declaring = next((base for base in contract.__mro__ if "words" in vars(base)), contract)
    package, _, module = (declaring if contract.words else contract).__module__.rpartition(".")
    if contract.words:
        return read_words(package, contract.words)
    beside = f"{module}.toml"
    zh = read_words(package, beside).zh if package and (files(package) / beside).is_file() else ChineseNames()
    return ContractWords(contract.refusals, read_rules=contract.read_rules, zh=zh)


@cache
def read_words(package: str, name: str = "words.toml") -> ContractWords:
    """The words in a file of a package; raises OperatorError `contract-faulty`, which names the file and the entry."""
    try:
        return _read(package, name)
    except TypeError as error:
        raise OperatorError("contract-faulty", str(error)) from error


def _read(package: str, name: str) -> ContractWords:
    place = f"{name} of {package}"
    try:
        groups = tomllib.loads((files(package) / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TypeError(f"The {place} cannot be read: {error}.") from error
    if unknown := sorted(groups.keys() - set(GROUPS)):
        raise TypeError(f"The {place} has the groups {', '.join(GROUPS)}, got {', '.join(unknown)}.")
    if plain := [group for group, entries in groups.items() if not isinstance(entries, dict)]:
        raise TypeError(f"{plain[0]} in {place} is a group of entries.")
    refusals, sources = _phrases(place, groups, "refusals", Refusal), _phrases(place, groups, "sources", Phrase)
    read_rules = _phrases(place, groups, "read_rules", ReadRule)
    verify_declared(refusals, read_rules)
    named = {**{code: refusal.source for code, refusal in refusals.items()}, **groups.get("findings", {})}
    for code, source in named.items():
        if source not in sources:
            raise TypeError(f"{code!r} in {place} names one of its [sources], got {source!r}.")
    if unnamed := sorted(sources.keys() - set(named.values())):
        raise TypeError(f"No code in {place} names the source {', '.join(unnamed)}.")
    by_code = {code: sources[source] for code, source in named.items()}
    try:
        zh = ChineseNames.model_validate(groups.get("zh", {}))
    except ValidationError as error:
        raise TypeError(f"[zh] in {place}: {first_fault(error)}") from error
    return ContractWords(refusals, by_code, read_rules, _phrases(place, groups, "terms", Phrase), zh)


def _phrases(place: str, groups: Mapping[str, Mapping[str, Mapping[str, str]]], group: str, form: type[P]) -> dict[str, P]:
    phrases = {}
    for name, entry in groups.get(group, {}).items():
        if not (isinstance(entry, dict) and all(isinstance(text, str) and text for text in entry.values())):
            raise TypeError(f"{name!r} in [{group}] of {place} has sentences, got {entry!r}.")
        try:
            phrases[name] = form(**{"zh": entry.get("en", ""), **entry})
        except TypeError as error:
            raise TypeError(f"{name!r} in [{group}] of {place}: {error}.") from error
    return phrases
