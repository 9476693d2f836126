"""What a forgery of an export comes to: what changed, which rule of the audit breaks first, which members would be convicted.

All of it happens on a copy of the lines; `ledger/audit`, which judges here, is the verifier of `tallystick verify`.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from ledger.audit import Auditor, AuditReport, Conviction, convict_exports
from ledger.audit.exported import parse_export_head, parse_exported_block
from ledger.block import Header, parse_header
from ledger.certificate import Domain, parse_record, verify_record
from ledger.chain.chain import receipts_root, transactions_root
from ledger.contract.contract import ContractSet
from ledger.encoding import digest, encode
from ledger.errors import InputError, JsonObject, JsonValue, MalformedError, NotFoundError, TallystickError
from ledger.genesis import Genesis
from ledger.identity.records import ValidatorSet
from ledger.keys import SUITES
from ledger.primitives import NO_DIGEST, Digest
from ledger.state.history_tree import HistoryTree
from ledger.transaction import TAG
from ledger.verify.conviction import verify_conviction_file
from ledger.verify.proof import FILE_WRAPPED, PROOF_FORMAT, TrustedPoint
from ledger.verify.verdict import BrokenRuleError, Pinned
from nodes.client.proofs import Trust, verify_consistency_answer
from nodes.http.answers import meanings
from nodes.lab.forging import BlockTree, Forger, Path, decode_line, differences
from nodes.words import Words

BLOCKS_MAX = 2_000
"""How many blocks from the genesis on can be edited: all before the edited one are audited."""
AFTER_MAX = 50
"""How many blocks behind the edited one are forged and audited as well; the chain is taken to end there."""
PREFIXES_MAX = 4
CHANGES_MAX = 300
SHOWN_AFTER = 4
"""How many blocks behind the edited one are drawn, and the last."""
RULES_OF_CONTENTS = ("admission", "execution", "writes", "state", "next-validators")
"""Those that a block breaks by what is in it, although its roots are those of what is in it."""
BY_SIGNING = ("signatures", "signers")

WORDS = Words.of("nodes.lab")


class Prefixes:
    """The newest few audits of beginnings of the real chain: a forger tries the same block again and again."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, bytes], Auditor] = {}
        """By the number of lines and the last of them, by which the chain is known again. None of them is moved on."""

    def of(self, lines: Sequence[bytes], count: int, ledger: Digest, contracts: ContractSet) -> Auditor:
        """The audit of the first `count` lines, to be copied; it begins with the longest beginning of them that is known."""
        known = [(n, auditor) for (n, last), auditor in tuple(self._kept.items()) if n <= count and lines[n - 1] == last]
        done, auditor = max(known, key=lambda kept: kept[0], default=(0, Auditor(ledger, contracts)))
        if done < count:
            auditor = deepcopy(auditor)
            for line in lines[done:count]:
                auditor.feed(line)
        if count:
            self._kept[count, lines[count - 1]] = auditor
            while len(self._kept) > PREFIXES_MAX:
                del self._kept[next(iter(self._kept))]
        return auditor


@dataclass(frozen=True, slots=True)
class Forgery:
    """The forged export with all that was found about it."""

    forger: Forger
    original: tuple[bytes, ...]
    lines: tuple[bytes, ...]
    """Empty where the edit is no canonical JSON: no file can hold it."""
    validators: ValidatorSet
    """Of the edited height."""
    unverifiable: MalformedError | None = None
    report: AuditReport | None = None
    conviction: Conviction | None = None
    light_client: TallystickError | None = None
    """Why a client that has seen the real head refuses the forged chain."""

    def to_json(self) -> JsonObject:
        """What changed and why, the chain as drawn, the verdict, the certificate, who is convicted."""
        changes = list(self._changes())
        real = len(self.original) - 1
        return {
            "height": self.forger.height,
            "head": real,
            "ledger": line_id(self.original[0]),
            "changed": [*changes[:CHANGES_MAX]],
            "changed_count": len(changes),
            "chain": [*self._chain()],
            "unverifiable": None if self.unverifiable is None else self.unverifiable.message,
            "verdict": None if self.report is None else _verdict(self.report),
            "certificate": self._certificate({str(row["path"][0]) for row in changes if row["height"] == self.forger.height}),
            **self._accusation(),
            "light_client": None if self.light_client is None else _refusal(real, self.light_client),
        }

    def _changes(self) -> Iterator[dict[str, Any]]:
        """Leaf by leaf in the edited block, by header and ids in those behind it."""
        first = self.forger.height
        for height in range(first, len(self.lines)):
            if self.original[height] == self.lines[height]:
                continue
            before, after = (_with_ids(decode_line(lines[height])) for lines in (self.original, self.lines))
            for path, was, now in differences(before, after):
                if height == first or path[0] in ("id", "header"):
                    why = "edit" if height == first and self._is_edit(path) else _why(path)
                    yield {"height": height, "path": [*path], "before": was, "after": now, "why": why}

    def _is_edit(self, path: Path) -> bool:
        return any(path[: len(edit.path)] == edit.path for edit in self.forger.edits) and path[-1] != "id"

    def _chain(self) -> Iterator[JsonValue]:
        """The blocks around the edited one, each with its link to the one before and whether its certificate fits."""
        height, last = self.forger.height, len(self.lines) - 1
        numbers = [*range(max(0, height - 1), min(last, height + SHOWN_AFTER) + 1)]
        genesis = parse_export_head(self.original[0])
        for number in [*numbers, *([last] if last > height + SHOWN_AFTER else [])]:
            line = self.lines[number]
            header = decode_line(line).get("header") if number else None
            parent = header.get("parent") if isinstance(header, dict) else None
            yield {
                "height": number,
                "id": line_id(line),
                "was": line_id(self.original[number]),
                "parent": parent if isinstance(parent, str) else None,
                "is_edited": number == height,
                "is_changed": line != self.original[number],
                "contents_hold": number == 0 or (has_its_contents(line) and self._broken_at(number) not in RULES_OF_CONTENTS),
                "link_holds": number == 0 or parent == line_id(self.lines[number - 1]),
                "certificate_holds": number == 0 or is_decided(line, genesis, self.validators),
            }

    def _broken_at(self, height: int) -> str:
        """The rule that breaks first, if it does at this height; else an empty text."""
        details = {} if self.report is None or self.report.broken is None else self.report.broken.details
        return str(details["rule"]) if details.get("height") == height else ""

    def _certificate(self, parts: set[str]) -> JsonObject:
        """How many statements over the new id it takes, and how many the forger can make; `parts` of the block are changed."""
        height, validators = self.forger.height, self.validators
        held = [validators.validators[place].member for place in self.forger.votes_of(validators)]
        was, now = line_id(self.original[height]), line_id(self.lines[height]) if self.lines else ""
        return {
            "height": height,
            "block": now,
            "was": was,
            "is_new_id": now != was,
            "needed": validators.q,
            "of": validators.n,
            "held": [*held],
            "missing": max(0, validators.q - len(held)) if now != was else 0,
            "sentence": self._sentence(was, now, len(held), parts - {"id"}),
        }

    def _sentence(self, was: str, now: str, held: int, parts: set[str]) -> JsonObject:
        """Why the certificate over the new id can be made, or not; `now` is empty where no block is left that has an id."""
        height, quorum, key = self.forger.height, self.validators.q, ""
        broken = self._broken_at(height)
        if not now:
            key = "no-block"
        elif height and not parts:
            key = "unchanged"
        elif not height:
            key = "genesis"
        elif now != was and held >= quorum:
            key = "enough" if self.conviction is None else "enough-convicted"
        elif now != was:
            key = ("one-key-" if held == 1 else "") + ("missing-one" if quorum - held == 1 else "missing")
        elif "record" not in parts:
            key = "same-id-no-block" if broken == "line" else "same-id-contents"
        elif len(parts) > 1:
            key = "same-id-both"
        else:
            key = "same-id-record-broken" if broken else "same-id-record"
        count, floor = self.validators.n, self.validators.n - 2 * self.validators.f
        values = {"quorum": quorum, "count": count, "held": held, "missing": quorum - held, "floor": floor}
        return _said(key, height=height, rule=broken, **values)

    def _accusation(self) -> JsonObject:
        conviction = self.conviction
        if conviction is None:
            return {"convicted": None, "conviction": None, "conviction_words": None}
        values = {"height": conviction.height, "floor": self.validators.n - 2 * self.validators.f}
        phrase = WORDS["tamper"]["convicted"]
        return {
            "convicted": [*conviction.members],
            "conviction": encode(conviction.to_json(), wrapped=FILE_WRAPPED).decode() + "\n",
            "conviction_words": {
                "en": phrase.text("en", names=", ".join(conviction.members), **values),
                "zh": phrase.text("zh", names="、".join(conviction.members), **values),
            },
        }


def forge(lines: Sequence[bytes], forger: Forger, contracts: ContractSet, prefixes: Prefixes | None = None) -> Forgery:
    """Lets the forger work on a copy of the export, and the verifier judge it; `prefixes` remembers what holds.

    Raises NotFoundError for a block that is not there, InputError for a field that is not.
    """
    height = forger.height
    if not 0 <= height < len(lines):  # check: tamper-height
        raise NotFoundError("no-such-block", f"Blocks 0 to {len(lines) - 1} can be edited here, not {height}.")
    original, genesis = tuple(lines[: height + 1 + AFTER_MAX]), parse_export_head(lines[0])
    before = (prefixes or Prefixes()).of(original, height, genesis.ledger, contracts)
    validators = before.chain.validators if height else genesis.validator_set
    try:
        forged = (*original[:height], *forger.forge(original, deepcopy(before) if forger.rehash else before, contracts))
    except MalformedError as error:
        return Forgery(forger, original, (), validators, unverifiable=error)
    auditor, broken, steps = deepcopy(before), None, list[JsonValue]()
    try:
        for line in forged[height:]:
            block = auditor.feed(line)
            if block is not None and line is not forged[-1] and block.header.validators != block.header.next_validators:
                after, certificate = auditor.chain.validators.to_json(), block.record.commit.to_json()
                steps.append({"header": block.header.to_json(), "certificate": certificate, "validators": after})
    except BrokenRuleError as error:
        broken = error
    conviction, refusal = None, None
    if broken is None and line_id(forged[-1]) != line_id(original[-1]):
        conviction = _convicted(original, forged, genesis.ledger)
        known = TrustedPoint(genesis.ledger, genesis.suite, NO_DIGEST, height - 1, validators)
        refusal = _refused_by_client(Trust(known), _header(original[-1]), forged, auditor, steps)
    return Forgery(forger, original, forged, validators, None, auditor.report(broken), conviction, refusal)


def line_id(line: bytes) -> Digest:
    """The id of a line's block, or of its genesis; empty where the line holds no header."""
    try:
        value = decode_line(line)
        return digest("genesis", encode(value["genesis"])) if "genesis" in value else parse_header(encode(value["header"])).id
    except (InputError, KeyError):
        return NO_DIGEST


def is_decided(line: bytes, genesis: Genesis, validators: ValidatorSet) -> bool:
    """Whether the decision record in a line makes that line's block final."""
    try:
        value = decode_line(line)
        header, record = parse_header(encode(value["header"])), parse_record(value["record"])
        domain = Domain(genesis.ledger, validators.digest)
        verify_record(domain, validators, header.height, header.id, record, SUITES[genesis.suite])
    except (TallystickError, KeyError):
        return False
    return True


def has_its_contents(line: bytes) -> bool:
    """Whether the roots in a line's header are those of its transactions and receipts."""
    try:
        block = parse_exported_block(line)
    except InputError:
        return False
    roots = transactions_root(block.transactions), receipts_root([receipt.raw for receipt in block.receipts])
    return roots == (block.header.transactions_root, block.header.receipts_root)


def rule_words(name: str) -> JsonObject:
    """The sentence of a rule of the audit."""
    return {**WORDS["rules"][name].both()}


def code_words(code: str) -> JsonObject:
    """What a stable code means."""
    words = meanings().get(code, {})
    return {"en": words.get("en", code), "zh": words.get("zh", code)}


def _verdict(report: AuditReport) -> JsonObject:
    """The numbered rules with their sentences; the first broken one with its place."""
    broken: JsonObject | None = None
    if report.broken is not None:
        details: Any = report.broken.details
        broken = {
            **details,
            "message": report.broken.message,
            "sentence": rule_words(details["rule"]),
            "place": _said("place", height=details["height"], line=details["line"]),
            "cause_words": code_words(details["cause"]),
        }
    checks: JsonValue = [
        {"number": check.number, "name": check.name, "held": check.held, "sentence": rule_words(check.name)}
        for check in report.checks
    ]
    return {"height": report.height, "block": report.block, "checks": checks, "broken": broken}


def _refusal(height: int, error: TallystickError) -> JsonObject:
    sentence = _said("light-client", height=height)
    return {"height": height, "code": error.code, "message": error.message, "sentence": sentence}


def _said(key: str, **values: object) -> JsonObject:
    return {**WORDS["tamper"][key].both(**values)}


def _with_ids(block: BlockTree) -> Any:
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


def _why(path: Path) -> str:
    return "signed" if path[0] == "record" or any(step in BY_SIGNING for step in path) else "computed"


def _convicted(original: Sequence[bytes], forged: Sequence[bytes], ledger: Digest) -> Conviction | None:
    """Who signed both chains; verified once more as a stranger would, from the file by itself."""
    conviction = convict_exports(original, forged, ledger)
    if conviction is not None:
        verdict = verify_conviction_file(encode(conviction.to_json(), wrapped=FILE_WRAPPED), Pinned(ledger=ledger))
        assert verdict.broken is None
    return conviction


def _refused_by_client(
    trust: Trust, seen: Header, forged: Sequence[bytes], auditor: Auditor, steps: Sequence[JsonValue]
) -> TallystickError | None:
    """A client remembers the real head and asks whether it belongs to the history that it is shown now.

    A node with the forged chain would answer: its own block of that height stands in its own history.
    """
    last, second = decode_line(forged[-1]), len(forged) - 1
    try:
        tree = HistoryTree(auditor.chain.store, len(forged))
        proof: dict[str, Any] = {
            "format": PROOF_FORMAT,
            "kind": "consistency",
            "ledger": line_id(forged[0]),
            "trust": [*steps],
            "first": decode_line(forged[seen.height])["header"],
            "inclusion": [part.hex() for part in tree.inclusion(seen.height, second)] if seen.height < second else [],
            "path": [part.hex() for part in tree.consistency(seen.height, second)],
            "header": last["header"],
            "certificate": last["record"]["commit"],
        }
        verify_consistency_answer(trust, {"proof": proof}, seen, _header(forged[-1]))
    except TallystickError as error:
        return error
    return None


def _header(line: bytes) -> Header:
    return parse_header(encode(decode_line(line)["header"]))
