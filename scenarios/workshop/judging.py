"""What the verifiers say of a file: the library's verdict, and what the one-file verifier prints. No node is asked.

The two share no line of code. Where they do not agree, one of them has a mistake.
"""

import json
from collections.abc import Mapping, Sequence

from ledger.audit import AuditReport, audit_export, convict_exports
from ledger.audit.standalone import verify_lines
from ledger.encoding import encode
from ledger.errors import JsonObject, JsonValue, TallystickError
from ledger.sealed import DISCLOSURE_FORMAT
from ledger.verify.proof import CONVICTION_FORMAT, FILE_WRAPPED, PROOF_FILE_FORMAT, PROOF_FORMAT
from ledger.verify.proof_file import parse_proof_file
from ledger.verify.verdict import Check, Pinned, Verdict
from nodes.commands.verify import JUDGES
from nodes.lab.tamper import code_words, rule_words

FILE_ZH = {"file": "文件是一个规范格式的值，恰好含有该格式的各字段。"}
PROOF_ZH = {
    **FILE_ZH,
    "ledger": "文件只涉及一个账本，且正是所要求的账本。",
    "genesis": "创世文件属于该账本。",
    "proof": "每份证明都合乎其种类的格式。",
    "trust": "验证者的每次变更都由变更前的验证者决定。",
    "certificate": "区块头由该高度验证者的法定人数决定。",
    "path": "所证内容经各级摘要通向该区块头。",
    "disclosure": "出示的每个字段都属于证明所示状态中的某个密封摘要。",
    "block": "每份证明都通向所要求的区块。",
}
RULES_ZH: Mapping[str, Mapping[str, str]] = {
    PROOF_FORMAT: PROOF_ZH,
    PROOF_FILE_FORMAT: PROOF_ZH,
    CONVICTION_FORMAT: {
        **FILE_ZH,
        "ledger": "文件涉及的正是所要求的账本。",
        "genesis": "创世文件属于该账本。",
        "validators": "这些确是该高度的验证者。",
        "conflict": "诚实的密钥不会同时签署一对中的两份声明；每把密钥只被指控一次。",
        "signatures": "两份声明都由被指控的密钥签署。",
        "convicted": "所列成员正是签名密钥的所有者。",
        "block": "其中一份声明指的是所要求的区块。",
    },
    DISCLOSURE_FORMAT: {**FILE_ZH, "disclosure": "出示的每个字段都属于密封摘要。"},
}
"""By format the sentences of its rules, whose English stands with the verifier."""


def judge(data: bytes, pinned: Pinned) -> dict[str, JsonValue]:
    """`{kind, holds, rules: [{number, name, sentence, held}], broken: {rule, number, message, …} | null, facts, printed}`.

    JsonObject and message are `{en, zh}`.

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
    """The sentence of a rule: those of an export stand with the tampering view."""
    return {"en": check.sentence, "zh": RULES_ZH[kind][check.name] if kind else rule_words(check.name)["zh"]}


def _message(broken: TallystickError) -> JsonObject:
    """What broke the rule: in Chinese what its code means."""
    return {"en": broken.message, "zh": code_words(str(broken.details["cause"]))["zh"]}


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
