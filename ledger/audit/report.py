"""What an audit checks, in order, and how it tells what it found."""

from collections.abc import Mapping
from dataclasses import dataclass

from ledger.errors import JsonValue, VerificationError
from ledger.primitives import Digest

RULES: Mapping[str, str] = {
    "genesis": "The first line holds a genesis whose parts fit each other.",
    "ledger": "The genesis is that of the ledger that was asked for.",
    "certificates-of-members": "Each first member's certificate is issued by its organization's root.",
    "line": "The line is a block in canonical form.",
    "place": "The block stands on the one before it: ledger, height, parent, later time.",
    "validators": "It was made for the validators of its height, by one of them.",
    "record": "A quorum of these validators decided it, and the decision record is complete.",
    "transactions": "The envelopes are exactly those that the header names.",
    "admission": "Every transaction was admissible: signatures, members, expiry, limits, never twice.",
    "execution": "Executed again, the transaction gives the receipt and the writes that stand here.",
    "writes": "The receipt names exactly these writes; a contract writes its own keys only; a refusal writes nothing.",
    "receipts": "The receipts are exactly those that the header names.",
    "state": "The writes lead from the state before to the state that the header names.",
    "history": "The header names the history of all blocks before it.",
    "next-validators": "The header names the validators that the state gives for the next height.",
    "block": "The export holds the block that was asked for.",
}
"""Name and sentence of each rule; its number is its place, from 1."""


class AuditError(VerificationError):
    """The first broken rule: `rule`, `number`, `line`, `height` and the `cause` code in the details."""


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """How often a rule was found to hold."""

    number: int
    name: str
    sentence: str
    held: int


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The outcome. Everything up to `height` holds; `broken` says where the rest begins to fail."""

    ledger: Digest | None
    height: int
    """Last block that holds."""
    block: Digest | None
    """Its id; the ledger id at height 0."""
    state_root: Digest | None
    transactions: int
    executed_again: int
    """Transactions whose contract ran again here: those of the system contracts, and more with the contracts installed."""
    not_executed_again: Mapping[str, int]
    """Transactions by contract whose logic was not run again; only their certificates, receipts, writes and roots hold."""
    checks: tuple[AuditCheck, ...]
    broken: AuditError | None

    def to_json(self) -> dict[str, JsonValue]:
        """All of it, for `--json`."""
        broken = self.broken
        return {
            "ledger": self.ledger,
            "height": self.height,
            "block": self.block,
            "state_root": self.state_root,
            "transactions": self.transactions,
            "executed_again": self.executed_again,
            "not_executed_again": dict(self.not_executed_again),
            "checks": [{"number": c.number, "name": c.name, "sentence": c.sentence, "held": c.held} for c in self.checks],
            "broken": None if broken is None else {"message": broken.message, **broken.details},
        }


def checks_held(held: Mapping[str, int]) -> tuple[AuditCheck, ...]:
    """The rules in order, with their counts."""
    return tuple(AuditCheck(number, n, RULES[n], held.get(n, 0)) for number, n in enumerate(RULES, 1))


def broken_rule(rule: str, line: int, height: int, error: Exception, cause: str) -> AuditError:
    """Names the rule, the place and what is wrong there; a block that the export lacks is missed at its end."""
    number = list(RULES).index(rule) + 1
    where = "after the last line," if rule == "block" else "in line"
    message = f"Rule {number}, {rule}, is broken {where} {line} (height {height}): {error}"
    return AuditError("broken-export", message, rule=rule, number=number, line=line, height=height, cause=cause)
