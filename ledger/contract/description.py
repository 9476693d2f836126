"""What clients read of a contract: its description, and the sentence of a refusal. Nothing of it is hashed."""

import inspect
import re
from collections.abc import Mapping
from functools import cache
from typing import Literal

from ledger.contract.contract import Contract
from ledger.contract.quantities import NOTHING, quantity
from ledger.contract.refusal import COMMON_REFUSALS, PLACE, Phrase
from ledger.contract.words import ContractWords, words_of
from ledger.encoding import encode
from ledger.errors import JsonValue

DEMAND = re.compile(r"\b(member|organization|role):([A-Za-z0-9_.-]+)")
ALTERNATIVES = re.compile(r"\b(any|all)\b(?=\()|\b([0-9]+) of (?=\()")
WIDE = str.maketrans("()", "（）")
DEMANDS: Mapping[str, Phrase] = {
    "member": Phrase("{name}", "{name}"),
    "organization": Phrase("a member of {name}", "{name} 的成员"),
    "role": Phrase("a member with the role {name}", "角色为 {name} 的成员"),
    "any": Phrase("one of ", "其中之一"),
    "all": Phrase("all of ", "全部"),
    "of": Phrase("{count} of ", "其中 {count} 个"),
}
"""How the notation of `ledger.identity.policies` reads."""


@cache  # a class does not change while the process runs
def describe(contract: type[Contract]) -> dict[str, JsonValue]:
    """Everything that a client needs to know, for `GET /v1/contracts`."""
    words = words_of(contract)
    return {
        "name": contract.name,
        "description": inspect.getdoc(contract) or "",
        "operations": [
            {
                "name": operation.name,
                "description": inspect.getdoc(operation.function) or "",
                "policy": operation.policy.to_json(),
                "signed_by": operation.policy.text(),
                "arguments": operation.arguments.model_json_schema(),
            }
            for operation in contract.operations.values()
        ],
        "collections": [
            {"name": collection.name, "contract": collection.contract, "record": collection.record.model_json_schema()}
            for collection in contract.collections.values()
        ],
        "views": {place: view.model_json_schema() for place, view in contract.reads.items()},
        "refusals": {code: {**_plain(refusal), "details": list(refusal.details)} for code, refusal in words.refusals.items()},
        "read_rules": {name: _plain(rule) for name, rule in words.read_rules.items()},
        "terms": {name: _plain(term) for name, term in words.terms.items()},
        "zh": words.zh.model_dump(),
    }


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
        return quantity(name, value)
    if isinstance(value, list):
        return ("、" if language == "zh" else ", ").join(_words(name, part, language) for part in value) or NOTHING
    return encode(value).decode()
