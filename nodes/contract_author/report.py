"""A check in words: as JSON for scripts, and the same as lines for a terminal."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ledger.contract.source_rules.source import Remark
from ledger.encoding import encode_unchecked
from ledger.errors import JsonValue
from ledger.identity.records import MEMBERS, MEMBERSHIP
from nodes.contract_author.check import Checked
from nodes.words import Language, Words

WORDS = Words({**Words.of("ledger.contract.source_rules"), **Words.of("nodes.contract_author")})
VALUE_LENGTH_MAX = 60
PLAYED = f"{MEMBERSHIP}.{MEMBERS}"
"""What a contract that is played finds there of others: who signs."""


def report(checked: Checked, language: Language) -> dict[str, Any]:
    """Everything that was found, for scripts."""
    example = checked.counterexample
    return {
        "contract": None if checked.contract is None else checked.contract.name,
        "module": checked.located.import_string,
        "digest": checked.digest,
        "reads": {} if checked.contract is None else dict(checked.contract.field_lists.reads),
        "sound": checked.is_sound,
        "faults": [_fault(remark, language) for remark in checked.faults],
        "advice": [_advice(remark, language) for remark in checked.advice],
        "counterexample": None if example is None else _example(example, language),
        "examples": checked.examples,
    }


def report_lines(checked: Checked, language: Language, seconds: float) -> Iterator[str]:
    """Line by line: faults, or the counterexample, or that it is sound; then advice."""

    def say(key: str, **values: object) -> str:
        return WORDS.text("check", key, language, **values)

    found = report(checked, language)
    if found["faults"]:
        yield say("faults", count=len(found["faults"]), module=checked.located.module)
    for fault in found["faults"]:
        yield f"  {fault['file']}:{fault['line']}  {fault['rule']}: {fault['words']}"
        if fault["text"]:
            yield f"      {fault['text']}"
        yield f"      {say('to-do', words=fault['do'])}"
    if (example := found["counterexample"]) is not None:
        yield example["words"]
        yield f"  {say('steps' if len(example['steps']) > 1 else 'nothing-before')}"
        for number, step in enumerate(example["steps"], 1):
            yield f"  {number}. {_step(step, language)}"
        yield f"     {say('expected', words=example['expected'])}"
        yield f"     {say('came', words=example['came'])}"
        if example["line"]:
            lines = Path(checked.counterexample.file).read_text(encoding="utf-8").splitlines()
            place = f"{example['file']}:{example['line']}"
            yield f"     {say('at', place=place, text=lines[example['line'] - 1].strip())}"
        yield f"  {say('to-do', words=example['do'])}"
    elif not checked.faults and checked.contract is not None and checked.examples:
        operations, time = len(checked.contract.operations), f"{seconds:.1f}"
        yield say("sound", contract=found["contract"], operations=operations, examples=checked.examples, seconds=time)
    if found["reads"]:
        yield say("reads", fields=", ".join(found["reads"]))
        unread = [place for place in checked.contract.reads if place != PLAYED] if checked.contract and checked.examples else []
        if unread:
            yield say("unread", places=", ".join(unread))
    for advice in found["advice"]:
        yield say("look-at", place=f"{advice['file']}:{advice['line']}", words=advice["words"])


def _fault(remark: Remark, language: Language) -> JsonValue:
    return {
        "file": remark.file,
        "line": remark.line,
        "rule": "name" if remark.rule == "breakpoint" else remark.rule,
        "text": remark.text,
        "words": WORDS.text(remark.rule, "wrong", language, subject=remark.subject),
        "do": WORDS.text(remark.rule, "do", language, subject=remark.subject),
    }


def _advice(remark: Remark, language: Language) -> JsonValue:
    words = WORDS.text("advice", remark.rule, language, subject=remark.subject)
    return {"file": remark.file, "line": remark.line, "kind": remark.rule, "words": words}


def _example(example: Any, language: Language) -> JsonValue:
    steps: list[JsonValue] = [
        {
            "signers": [signer.member for signer in step.signers],
            "operation": step.operation,
            "arguments": step.arguments,
            "after_ms": step.time_ms,
            "code": code,
        }
        for step, code in (*example.before, (example.step, ""))
    ]
    to_do = "member-for-name" if example.is_member_for_name else example.broken
    return {
        "property": example.broken,
        "words": WORDS.text(example.broken, "wrong", language),
        "steps": steps,
        "expected": WORDS.text(example.broken, "expected", language),
        "came": example.came,
        "file": Path(example.file).name,
        "line": example.line,
        "do": WORDS.text(to_do, "do", language, subject=example.subject),
    }


def _step(step: dict[str, Any], language: Language) -> str:
    given = step["arguments"] if isinstance(step["arguments"], dict) else {}
    arguments = f"({', '.join(f'{name}={_value(value)}' for name, value in given.items())})"
    later = WORDS["later"].get(str(step["after_ms"]))
    signs = WORDS.text(
        "check", "signs", language, who=" + ".join(step["signers"]), operation=step["operation"], arguments=arguments
    )
    code = step["code"]
    ending = WORDS.text("check", "committed" if code == "ok" else "refused", language, code=code)
    return f"{later.text(language) if later else ''}{signs}{f' → {ending}' if code else ''}"


def _value(value: JsonValue) -> str:
    text = encode_unchecked(value).decode()
    return text if len(text) <= VALUE_LENGTH_MAX else f"{text[:VALUE_LENGTH_MAX]}… ({len(text)})"
