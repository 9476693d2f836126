"""The verdict on a file: numbered rules, how often each held, and the first that is broken.

What the caller knows from elsewhere is `Pinned`: the ledger id, the genesis or a block id. A file that brings its own
genesis is verified only against that genesis, so the verdict names the ledger for the caller to compare.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from ledger.encoding import encode
from ledger.errors import JsonValue, OperatorError, TallystickError, VerificationError
from ledger.genesis import Genesis, parse_genesis
from ledger.primitives import Digest
from ledger.verify.proof import TrustedPoint
from ledger.verify.trust import trust_genesis

ProvedFacts = tuple[dict[str, JsonValue], ...]


@dataclass(frozen=True, slots=True)
class Pinned:
    """What the caller knows from elsewhere and the file must agree with."""

    ledger: Digest | None = None
    genesis: Genesis | None = None
    block: Digest | None = None
    """Id of a block that the file must be about."""


@dataclass(frozen=True, slots=True)
class Check:
    """A rule, and how often it held."""

    number: int
    name: str
    sentence: str
    held: int


class BrokenRuleError(VerificationError):
    """The first broken rule: `rule`, `number`, where it is broken, and the `cause` code in the details."""

    def to_json(self) -> dict[str, JsonValue]:
        """Sentence and details."""
        return {"message": self.message, **self.details}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The rules of a file that held, the first that is broken, and what is proved."""

    format: str
    ledger: Digest | None
    """The ledger that the file names; None if it cannot be read that far."""
    checks: tuple[Check, ...]
    broken: BrokenRuleError | None
    facts: ProvedFacts
    """What is proved; empty if anything is broken."""

    def to_json(self) -> dict[str, JsonValue]:
        """All of it, for `--json`."""
        return {
            "format": self.format,
            "ledger": self.ledger,
            "checks": [asdict(check) for check in self.checks],
            "broken": None if self.broken is None else self.broken.to_json(),
            "facts": [*self.facts],
        }


class Checklist:
    """Counts the rules of one file."""

    def __init__(self, file_format: str, rules: Mapping[str, str], code: str = "broken-file") -> None:
        self.format = file_format
        self.rules = rules
        self.code = code
        self.ledger: Digest | None = None
        self.at("the file")
        self._held: Counter[str] = Counter()

    def at(self, place: str) -> None:
        """Goes on with this part of the file."""
        self.where: tuple[str, dict[str, JsonValue]] = f"in {place}", {"place": place}

    def judge(self, verify: "Callable[[Checklist], ProvedFacts]") -> Verdict:
        """The verdict on the file: what `verify` shows to be proved, or the first broken rule."""
        try:
            facts, broken = verify(self), None
        except BrokenRuleError as error:
            facts, broken = (), error
        return Verdict(self.format, self.ledger, self.checks(), broken, facts)

    @contextmanager
    def rule(self, name: str) -> Iterator[None]:
        """Counts a rule that held; raises BrokenRuleError where it did not, or where a rule within it did not."""
        try:
            yield
        except BrokenRuleError:
            raise
        except TallystickError as error:
            number, (words, details) = list(self.rules).index(name) + 1, self.where
            message = f"Rule {number}, {name}, is broken {words}: {error.message}"
            raise BrokenRuleError(self.code, message, rule=name, number=number, **details, cause=error.code) from error
        self._held[name] += 1

    def verify_ledger(self, stated: Digest, genesis: JsonValue, pinned: Pinned) -> TrustedPoint:
        """The point to verify from; raises OperatorError `no-genesis` where neither file nor caller has the genesis."""
        self.ledger = stated
        with self.rule("ledger"):
            for asked in (pinned.ledger, pinned.genesis.ledger if pinned.genesis else None):
                if asked not in (None, stated):  # check: file-ledger
                    raise VerificationError("wrong-ledger", f"This is of ledger {stated}, not {asked}.")
        if genesis is None and pinned.genesis is None:  # check: file-needs-genesis
            raise OperatorError("no-genesis", "The file brings no genesis: give it with --genesis, to be verified against.")
        with self.rule("genesis"):
            known = pinned.genesis if genesis is None else parse_genesis(encode(genesis))
            assert known is not None
            if known.ledger != stated:  # check: file-genesis
                raise VerificationError("wrong-ledger", f"The genesis is that of ledger {known.ledger}, not {stated}.")
        return trust_genesis(known)

    def checks(self) -> tuple[Check, ...]:
        """The rules in order, with how often each held."""
        return tuple(Check(number, n, sentence, self._held[n]) for number, (n, sentence) in enumerate(self.rules.items(), 1))
