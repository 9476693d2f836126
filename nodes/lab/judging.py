"""What the verifiers say of a file: the library's verdict, and what the one-file verifier prints. No node is asked.

The two share no line of code. Where they do not agree, one of them has a mistake.
"""

import json
from collections.abc import Mapping, Sequence

from ledger.audit import AuditReport, audit_export, convict_exports
from ledger.audit.standalone import verify_lines
from ledger.disclosure import DISCLOSURE_FORMAT
from ledger.encoding import encode
from ledger.errors import JsonObject, JsonValue, TallystickError
from ledger.verify.proof import CONVICTION_FORMAT, FILE_WRAPPED, PROOF_FILE_FORMAT, PROOF_FORMAT
from ledger.verify.proof_file import parse_proof_file
from ledger.verify.verdict import Check, Pinned, Verdict
from nodes.client.saved_answer import JUDGES
from nodes.lab.tamper import WORDS, code_words

GROUPS: Mapping[str, str] = {
    PROOF_FORMAT: "proof-rules",
    PROOF_FILE_FORMAT: "proof-rules",
    CONVICTION_FORMAT: "conviction-rules",
    DISCLOSURE_FORMAT: "disclosure-rules",
}
"""Where the sentences of the rules of a format stand in `words.toml`; those of an export are `rules`."""


def judge(data: bytes, pinned: Pinned) -> dict[str, JsonValue]:
    """`{kind, holds, rules: [{number, name, sentence, held}], broken: {rule, number, message, …} | null, facts, printed}`.

    A sentence and a message are `{en, zh}`.

    Raises OperatorError where a file cannot be judged, such as a proof without a genesis.
    """
    kind = format_of(data)
    found = _judged(kind, data, pinned)
    broken = found.broken
    ledger = pinned.genesis.ledger if pinned.genesis else pinned.ledger
    lines = data.splitlines(keepends=True)
    printed = [*verify_lines(lines, ledger, pinned.genesis.encode() if pinned.genesis else None).lines()]
    facts: Sequence[JsonValue] = _facts_of_proofs(data, found) if isinstance(found, Verdict) else (_facts_of_export(found),)
    return {
        "kind": kind or "export",
        "holds": broken is None,
        "rules": [{"number": c.number, "name": c.name, "sentence": _rule(kind, c), "held": c.held} for c in found.checks],
        "broken": None if broken is None else {**broken.details, "message": _message(broken)},
        "facts": [*facts],
        "printed": [*printed],
    }


def convict(first: bytes, second: bytes) -> dict[str, JsonValue]:
    """`{forked, height, blocks, convicted, evidence}`; raises BrokenRuleError where an export does not hold."""
    found = convict_exports(first.splitlines(), second.splitlines())
    if found is None:
        return {"forked": False, "height": None, "blocks": [], "convicted": [], "evidence": []}
    pairs = [f"{pair.first.kind}/{pair.second.kind}" for pair in found.evidence]
    return {
        "forked": True,
        "height": found.height,
        "blocks": [*found.blocks],
        "convicted": [*found.members],
        "evidence": [*pairs],
    }


def format_of(data: bytes) -> str:
    """What the first line says that it is; empty for an export."""
    try:
        value = json.loads(data.split(b"\n", 1)[0])
    except (ValueError, RecursionError):
        return ""
    found = value.get("format") if isinstance(value, Mapping) else None
    return found if isinstance(found, str) and found in JUDGES else ""


def _judged(kind: str, data: bytes, pinned: Pinned) -> AuditReport | Verdict:
    if kind:
        return JUDGES[kind](data, pinned)
    ledger = pinned.genesis.ledger if pinned.genesis else pinned.ledger
    return audit_export(data.splitlines(), ledger, block=pinned.block)


def _rule(kind: str, check: Check) -> JsonObject:
    """The sentence of a rule."""
    return {"en": check.sentence, "zh": WORDS[GROUPS.get(kind, "rules")][check.name].zh}


def _message(broken: TallystickError) -> JsonObject:
    """What broke the rule: in Chinese what its code means, and in an export at which height."""
    place = f"高度 {broken.details['height']}：" if "height" in broken.details else ""
    return {"en": broken.message, "zh": f"{place}{code_words(str(broken.details['cause']))['zh']}"}


def _facts_of_proofs(data: bytes, verdict: Verdict) -> list[JsonValue]:
    """What is proved, each with the state root of its header, which the verdict leaves out."""
    if verdict.format != PROOF_FILE_FORMAT or verdict.broken is not None:
        return [*verdict.facts]
    file = parse_proof_file(data)
    roots = [json.loads(encode(proof, wrapped=FILE_WRAPPED))["header"] for proof in file.proofs]
    shown = [
        {**fact, "state_root": None if root is None else root["state_root"]}
        for fact, root in zip(verdict.facts, roots, strict=False)
    ]
    return [*shown, *verdict.facts[len(roots) :]]


def _facts_of_export(report: AuditReport) -> JsonValue:
    return {
        "ledger": report.ledger,
        "height": report.height,
        "block": report.block,
        "state_root": report.state_root,
        "transactions": report.transactions,
    }
