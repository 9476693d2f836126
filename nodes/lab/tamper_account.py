"""A forgery as JSON for the page: what changed and why, the chain as drawn, the verdict, the certificate, who is convicted."""

from collections.abc import Iterator
from typing import Any

from ledger.audit import AuditReport
from ledger.chain.exported import parse_export_head
from ledger.chain.proof import FILE_WRAPPED
from ledger.encoding import digest, encode
from ledger.errors import JsonValue
from ledger.transaction import TAG
from nodes.lab.edits import ABSENT, Path, differences
from nodes.lab.forging import Block, decode_line
from nodes.lab.tamper import Forgery, has_its_contents, is_decided, line_id
from nodes.lab.tamper_words import (
    Found,
    Words,
    certificate_words,
    code_words,
    conviction_words,
    light_client_words,
    place_words,
    rule_words,
)

CHANGES_MAX = 300
SHOWN_AFTER = 4
"""So many blocks behind the edited one are drawn, and the last."""
BY_SIGNING = ("signatures", "signers")

Json = dict[str, JsonValue]


def account_of(forgery: Forgery) -> Json:
    """Everything that the view shows."""
    unverifiable = forgery.unverifiable
    changes = [] if unverifiable else list(_changes(forgery))
    report = forgery.report
    return {
        "height": forgery.order.height,
        "head": len(forgery.original) - 1,
        "ledger": line_id(forgery.original[0]),
        "changed": [*changes[:CHANGES_MAX]],
        "changed_count": len(changes),
        "chain": [] if unverifiable else [*_chain(forgery)],
        "unverifiable": None if unverifiable is None else unverifiable.message,
        "verdict": None if report is None else _verdict(report),
        "certificate": _certificate(forgery),
        **_accusation(forgery),
    }


def _changes(forgery: Forgery) -> Iterator[JsonValue]:
    """Leaf by leaf in the edited block, by header and ids in those behind it."""
    height = forgery.order.height
    for number in range(height, len(forgery.lines)):
        if forgery.original[number] == forgery.lines[number]:
            continue
        before, after = (decode_line(lines[number]) for lines in (forgery.original, forgery.lines))
        for found in differences(_with_ids(before), _with_ids(after)):
            if number > height and found.path[0] not in ("id", "header"):
                continue
            why = "edit" if number == height and _is_edit(forgery, found.path) else _why(found.path)
            yield {
                "height": number, "path": [*found.path], "before": _shown(found.before), "after": _shown(found.after), "why": why,
            }  # fmt: skip


def _with_ids(block: Block) -> Any:
    """The block with the ids that stand nowhere in it, since they are digests of it."""
    if "header" not in block:
        return {**block, "id": digest("genesis", encode(block["genesis"]))}
    transactions = block["transactions"]
    if isinstance(transactions, list):
        transactions = [
            {**envelope, "id": digest(TAG, encode(envelope["body"]))}
            if isinstance(envelope, dict) and "body" in envelope
            else envelope
            for envelope in transactions
        ]
    return {**block, "id": digest("header", encode(block["header"])), "transactions": transactions}


def _is_edit(forgery: Forgery, path: Path) -> bool:
    return any(path[: len(edit.path)] == edit.path for edit in forgery.order.edits) and path[-1] != "id"


def _why(path: Path) -> str:
    """`signed` or `computed`."""
    return "signed" if path[0] == "record" or any(step in BY_SIGNING for step in path) else "computed"


def _shown(value: Any) -> JsonValue:
    """Null in a list of one, so that nothing and null differ: absent is an empty list."""
    return [] if value is ABSENT else [value]


def _chain(forgery: Forgery) -> Iterator[JsonValue]:
    """The blocks around the edited one, each with its link to the one before and whether its certificate fits."""
    height, last = forgery.order.height, len(forgery.lines) - 1
    numbers = [*range(max(0, height - 1), min(last, height + SHOWN_AFTER) + 1)]
    genesis = parse_export_head(forgery.original[0])
    for number in [*numbers, *([last] if last not in numbers else [])]:
        line, parent = forgery.lines[number], None
        if number:
            header = decode_line(line).get("header")
            parent = header.get("parent") if isinstance(header, dict) else None
        yield {
            "height": number,
            "id": line_id(line),
            "was": line_id(forgery.original[number]),
            "parent": parent if isinstance(parent, str) else None,
            "is_edited": number == height,
            "is_changed": line != forgery.original[number],
            "contents_hold": number == 0 or has_its_contents(line),
            "link_holds": number == 0 or parent == line_id(forgery.lines[number - 1]),
            "certificate_holds": number == 0 or is_decided(line, genesis, forgery.validators),
        }


def _verdict(report: AuditReport) -> Json:
    """The numbered rules with their sentences; the first broken one with its place."""
    broken = None
    if report.broken is not None:
        details: Any = report.broken.details
        broken = {
            **details,
            "message": report.broken.message,
            "sentence": rule_words(details["rule"]),
            "place": place_words(details["height"], details["line"]),
            "cause_words": code_words(details["cause"]),
        }
    checks: JsonValue = [
        {"number": check.number, "name": check.name, "held": check.held, "sentence": rule_words(check.name)}
        for check in report.checks
    ]
    return {"height": report.height, "block": report.block, "checks": checks, "broken": broken}


def _certificate(forgery: Forgery) -> Json:
    """How many statements over the new id it takes, and how many the forger can make."""
    height, validators, held = forgery.order.height, forgery.validators, forgery.held
    was = line_id(forgery.original[height])
    now = line_id(forgery.lines[height]) if forgery.lines else ""
    is_new_id = now != was
    words = certificate_words(height, validators, held, was, now, _found(forgery))
    return {
        "height": height,
        "block": now,
        "was": was,
        "is_new_id": is_new_id,
        "needed": validators.q,
        "of": validators.n,
        "held": [*held],
        "missing": max(0, validators.q - len(held)) if is_new_id else 0,
        "sentence": words,
    }


def _found(forgery: Forgery) -> Found:
    height, edited = forgery.order.height, frozenset({"line"})
    if forgery.lines:
        before, after = (decode_line(lines[height]) for lines in (forgery.original, forgery.lines))
        edited = frozenset(str(found.path[0]) for found in differences(before, after))
    report = forgery.report
    details: Any = {} if report is None or report.broken is None else report.broken.details
    broken = details["rule"] if details.get("height") == height else ""
    return Found(edited, broken, is_convicted=forgery.conviction is not None)


def _accusation(forgery: Forgery) -> Json:
    conviction, client = forgery.conviction, forgery.light_client
    convicted: JsonValue = None
    file: str | None = None
    words: Words | None = None
    if conviction is not None:
        convicted = [*conviction.members]
        file = encode(conviction.to_json(), wrapped=FILE_WRAPPED).decode() + "\n"
        words = conviction_words(forgery.validators, conviction.members, conviction.height)
    looked: Json | None = None
    if client is not None:
        looked = {
            "height": client.height,
            "code": client.code,
            "message": client.message,
            "sentence": light_client_words(client.height),
        }
    return {"convicted": convicted, "conviction": file, "conviction_words": words, "light_client": looked}
