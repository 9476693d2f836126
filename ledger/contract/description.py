"""What clients read of a contract: its description, and the sentence of a refusal. Nothing of it is hashed."""

import inspect
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Literal

from ledger.contract.contract import Contract
from ledger.contract.quantities import NOTHING, quantity
from ledger.contract.refusal import PLACE, Phrase
from ledger.contract.words import COMMON_REFUSALS, ContractWords, words_of
from ledger.encoding import encode
from ledger.errors import JsonValue

UNIT = re.compile(r"_(ms|cents|ppm|g|kg|w|wh|mdeg)$")
ABBREVIATED = re.compile(r"\b(ccer|dnd|gsrn|id|imo|iso|lc|si|un|uscc)\b")
DEMAND = re.compile(r"\b(member|organization|role):([A-Za-z0-9_.-]+)")
ALTERNATIVES = re.compile(r"\b(anyone|any(?=\()|all(?=\())|\b([0-9]+) of (?=\()")
WIDE = str.maketrans("()", "（）")
DEMANDS: Mapping[str, Phrase] = {
    "member": Phrase("{name}", "{name}"),
    "organization": Phrase("a member of {name}", "{name} 的成员"),
    "role": Phrase("a member with the role {name}", "角色为 {name} 的成员"),
    "anyone": Phrase("any member", "任一成员"),
    "any": Phrase("one of ", "其中之一"),
    "all": Phrase("all of ", "全部"),
    "of": Phrase("{count} of ", "其中 {count} 个"),
}
"""How the notation of `ledger.identity.policies` reads."""


@cache  # a class does not change while the process runs
def describe(contract: type[Contract]) -> dict[str, JsonValue]:
    """Everything that a client needs to know, for `GET /v1/contracts`."""
    words = words_of(contract)
    operations: list[JsonValue] = [
        {
            **_described(operation.name, operation.function, words.zh.operations.get(operation.name, "")),
            "signers": {language: _demand(words.terms, operation.policy.text(), language) for language in ("en", "zh")},
            "policy": operation.policy.to_json(),
            "signed_by": operation.policy.text(),
            "arguments": operation.arguments.model_json_schema(),
        }
        for operation in contract.operations.values()
    ]
    taken = {name for operation in contract.operations.values() for name in _names(operation.arguments.model_json_schema())}
    return {
        **_described(contract.name, contract, words.zh.contract),
        "operations": operations,
        "names": {name: {"en": _spaced(name), "zh": words.zh.names.get(name, _spaced(name))} for name in sorted(taken)},
        "collections": [
            {"name": collection.name, "contract": collection.contract, "record": collection.record.model_json_schema()}
            for collection in contract.collections.values()
        ],
        "views": {place: view.model_json_schema() for place, view in contract.reads.items()},
        "refusals": {code: {**_plain(refusal), "details": list(refusal.details)} for code, refusal in words.refusals.items()},
        "read_rules": {name: _plain(rule) for name, rule in words.read_rules.items()},
        "terms": {name: _plain(term) for name, term in words.terms.items()},
    }


def _described(name: str, code: object, chinese: str) -> dict[str, JsonValue]:
    """What the code says of itself; by language a title and a text, in English of the name and the docstring."""
    text = inspect.getdoc(code) or ""
    english: JsonValue = {"title": _spaced(name), "text": text}
    title, _, said = chinese.partition("：")
    return {
        "name": name,
        "description": text,
        "words": {"en": english, "zh": {"title": title, "text": said} if chinese else english},
    }


def _names(schema: dict[str, Any]) -> Iterator[str]:
    """Names of what an operation takes, and of the parts of that."""
    for model in (schema, *schema.get("$defs", {}).values()):
        yield from model.get("properties", {})


def _spaced(name: str) -> str:
    """A name of the code in English words, without the unit at its end."""
    words = ABBREVIATED.sub(lambda part: part[0].upper(), UNIT.sub("", name).replace("_", " ").replace("-", " "))
    return words[0].upper() + words[1:]


def sentence(words: ContractWords, code: str, details: Mapping[str, JsonValue], language: str) -> str:
    """The sentence of a receipt's code in `en` or `zh`; a code that is not known speaks for itself."""
    refusal = words.refusals.get(code) or COMMON_REFUSALS.get(code)
    if refusal is None:
        return code

    def said(place: re.Match[str]) -> str:
        text = _words(place[1], details.get(place[1], place[0]), language)
        return _demand(words.terms, text, language) if place[1] == "missing" else text

    return PLACE.sub(said, refusal.zh if language == "zh" else refusal.en)


def _demand(terms: Mapping[str, Phrase], text: str, language: str) -> str:
    """What a policy demands, which a receipt holds in its notation, in words."""
    spoken: Literal["en", "zh"] = "zh" if language == "zh" else "en"
    named = DEMAND.sub(lambda one: (terms.get(one[0]) or DEMANDS[one[1]]).text(spoken, name=one[2]), text)
    said = ALTERNATIVES.sub(lambda one: DEMANDS[one[1] or "of"].text(spoken, count=one[2]), named)
    return said.replace(", ", "、").translate(WIDE) if spoken == "zh" else said


def _plain(phrase: Phrase) -> dict[str, JsonValue]:
    return {"en": phrase.en, "zh": phrase.zh}


def _words(name: str, value: JsonValue, language: str) -> str:
    """A detail in a sentence: text as it is, a number by the end of its name, a list with commas, anything else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return quantity(name, value, language=language)
    if isinstance(value, list):
        return ("、" if language == "zh" else ", ").join(_words(name, part, language) for part in value) or NOTHING
    return encode(value).decode()
