"""A check in words: lines for a terminal, and the same as JSON for scripts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ledger.contract.source_rules.statements import BREAKPOINT
from ledger.encoding import encode_unchecked
from ledger.errors import JsonValue
from nodes.contract_author import words
from nodes.contract_author.check import Checked, Fault
from nodes.contract_author.words import Language

VALUE_LENGTH_MAX = 60


def tell(checked: Checked, language: Language, seconds: float) -> Iterator[str]:
    """Line by line: faults, or the counterexample, or that it is sound; then advice."""
    if checked.faults:
        yield words.FAULTS.say(language, count=len(checked.faults), module=checked.located.module)
        for fault in checked.faults:
            yield from _fault(fault, language)
    if checked.counterexample is not None:
        yield from _counterexample(checked.counterexample, language)
    elif not checked.faults and checked.contract is not None and checked.examples:
        name, operations = checked.contract.name, len(checked.contract.operations)
        yield words.SOUND.say(language, contract=name, operations=operations, examples=checked.examples, seconds=seconds)
    for remark in checked.advice:
        place = f"{remark.source.path.name}:{remark.line}"
        yield words.LOOK_AT.say(language, place=place, words=words.ADVICE[remark.kind].say(language, subject=remark.subject))


def to_json(checked: Checked, language: Language) -> JsonValue:
    """The same for scripts."""
    found = checked.counterexample
    return {
        "contract": None if checked.contract is None else checked.contract.name,
        "module": checked.located.import_string,
        "digest": checked.digest,
        "sound": checked.is_sound,
        "faults": [
            {
                "file": fault.file,
                "line": fault.line,
                "rule": fault.rule,
                "text": fault.text,
                "words": _wrong(fault, language),
                "do": _mend(fault, language),
            }
            for fault in checked.faults
        ],
        "advice": [
            {
                "file": remark.source.path.name,
                "line": remark.line,
                "kind": remark.kind,
                "words": words.ADVICE[remark.kind].say(language, subject=remark.subject),
            }
            for remark in checked.advice
        ],
        "counterexample": None if found is None else _example_json(found, language),
        "examples": checked.examples,
    }


def _fault(fault: Fault, language: Language) -> Iterator[str]:
    yield f"  {fault.file}:{fault.line}  {fault.rule}: {_wrong(fault, language)}"
    if fault.text:
        yield f"      {fault.text}"
    yield f"      {words.TO_DO.say(language, words=_mend(fault, language))}"


def _wrong(fault: Fault, language: Language) -> str:
    return _rule(fault)[0].say(language, subject=fault.subject)


def _mend(fault: Fault, language: Language) -> str:
    return _rule(fault)[1].say(language, subject=fault.subject)


def _rule(fault: Fault) -> tuple[words.Said, words.Said]:
    return words.BREAKPOINT_RULE if fault.subject == BREAKPOINT else words.RULES[fault.rule]


def _counterexample(found: Any, language: Language) -> Iterator[str]:
    broken, expected, mend = words.PROPERTIES[found.broken]
    yield broken.say(language)
    yield f"  {(words.STEPS if found.before else words.NOTHING_BEFORE).say(language)}"
    for number, (step, code) in enumerate((*found.before, (found.step, "")), 1):
        yield f"  {number}. {_step(step, language)}{f' → {_ending(code, language)}' if code else ''}"
    yield f"     {words.EXPECTED.say(language, words=expected.say(language))}"
    yield f"     {words.CAME.say(language, words=found.came)}"
    if found.line:
        path = Path(found.file)
        text = path.read_text(encoding="utf-8").splitlines()[found.line - 1].strip()
        yield f"     {words.AT.say(language, place=f'{path.name}:{found.line}', text=text)}"
    yield f"  {words.TO_DO.say(language, words=mend.say(language, subject=found.subject))}"


def _example_json(found: Any, language: Language) -> JsonValue:
    broken, expected, mend = words.PROPERTIES[found.broken]
    steps = [
        {
            "signers": [signer.member for signer in step.signers],
            "operation": step.operation,
            "arguments": step.arguments,
            "after_ms": step.time_ms,
            "code": code,
        }
        for step, code in (*found.before, (found.step, ""))
    ]
    return {
        "property": found.broken,
        "words": broken.say(language),
        "steps": list[JsonValue](steps),
        "expected": expected.say(language),
        "came": found.came,
        "file": Path(found.file).name,
        "line": found.line,
        "do": mend.say(language, subject=found.subject),
    }


def _step(step: Any, language: Language) -> str:
    who = " + ".join(signer.member for signer in step.signers)
    given = step.arguments if isinstance(step.arguments, dict) else {}
    arguments = ", ".join(f"{name}={_value(value)}" for name, value in given.items())
    later = words.LATER[step.time_ms].say(language) if step.time_ms in words.LATER else ""
    return later + words.SIGNS.say(language, who=who, operation=step.operation, arguments=f"({arguments})")


def _value(value: JsonValue) -> str:
    text = encode_unchecked(value).decode()
    return text if len(text) <= VALUE_LENGTH_MAX else f"{text[:VALUE_LENGTH_MAX]}… ({len(text)})"


def _ending(code: str, language: Language) -> str:
    return words.COMMITTED.say(language) if code == "ok" else words.REFUSED.say(language, code=code)
