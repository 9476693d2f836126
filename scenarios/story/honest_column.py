"""The honest column: what a shared database with the same rules, run by one of the parties, would have stopped as well.

By kind of attack, and worked out from the run:

    outsider    a rule broken without the party that runs the database: the database stops it as well
    operator    a rule broken with a signature or key of that party: it writes into its own tables
    history     a record is changed after the fact
    denied      a transaction that took effect is left out
    versions    somebody is shown another block than everybody else

The first two are the refused attempts of the story, told apart by who signed. The last three cannot be attempted by an operation;
who keeps the records can. Each is tried on the exported ledger of this very run, as well as its keeper could without the other
validators' keys: the block's header is changed to fit. A database has nothing by which a reader could tell; `tallystick
anomalies` tries that on one.

The operator of a trade is an assumption of ours: the party that keeps such books today. How it would be with any other party
stands beside it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from ledger.audit import audit_export
from ledger.audit.exported import parse_exported_block
from ledger.block import parse_writes, writes_digest
from ledger.chain.chain import receipts_root, transactions_root
from ledger.contract.refusal import Phrase
from ledger.encoding import decode_object, encode_unchecked
from ledger.proof_paths import WRAPPED
from nodes.words import Words
from scenarios.identifiers import organization_of
from scenarios.story.play import outcomes_of
from scenarios.story.story import Inspect, Language, PlayedStep, PlayedStory, Scenario, organization_called

Kind = Literal["outsider", "operator", "history", "denied", "versions"]
KINDS: tuple[Kind, ...] = get_args(Kind)
STOPPED_BY_DATABASE: tuple[Kind, ...] = ("outsider",)
OTHERS_MAX = 5
"""Parties that are named with what they could do if they ran the database."""
BETWEEN = Phrase(" ", "")
"""What stands between two sentences."""
TEXTS = Words.of("scenarios.story")["honest"]

Line = dict[str, Any]
"""A block of the export."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One attack on the exported ledger of a run."""

    kind: Kind
    height: int
    broken: str
    """The rule that an audit names; empty if the audit holds."""


@dataclass(frozen=True, slots=True)
class HonestColumn:
    """All attempts of a run by kind."""

    attempts: Mapping[Kind, int]
    """Refused attempts of the story, and trials."""
    stopped: Mapping[Kind, int]
    """Those of them that this ledger stopped."""
    signed_by: Mapping[str, int]
    """Organization -> refused attempts that it signed: those that it would not be stopped in if it ran the database."""
    trials: tuple[Trial, ...]

    @property
    def refused(self) -> int:
        """Attempts of the story."""
        return self.attempts["outsider"] + self.attempts["operator"]

    @property
    def database_too(self) -> int:
        """Those that the database would have stopped as well."""
        return sum(self.attempts[kind] for kind in STOPPED_BY_DATABASE)


def honest_column(scenario: Scenario, played_story: PlayedStory) -> HonestColumn:
    """Of a whole story."""
    attempts = [who for played in played_story.steps for who in attempts_of(played)]
    trials = tuple(trials_of(scenario, played_story.export))
    stopped = Counter(kind_of(scenario, who) for who in attempts)
    tried = stopped + Counter(trial.kind for trial in trials)
    stopped.update(trial.kind for trial in trials if trial.broken)
    return HonestColumn(tried, stopped, Counter(organization for who in attempts for organization in who), trials)


def attempts_of(played: PlayedStep) -> Iterator[frozenset[str]]:
    """For each refused attempt of a step the organizations that made it; who made a false paper is not known, so none."""
    if isinstance(played.step, Inspect) and played.step.finds:
        yield frozenset()
    for call, outcome in outcomes_of(played):
        if outcome.outcome != "committed":
            signers = (call.forger,) if call.forger else call.signers or getattr(played.step, "actors", ())
            yield frozenset(map(organization_of, signers))


def kind_of(scenario: Scenario, organizations: frozenset[str]) -> Kind:
    """Of one refused attempt, by who made it."""
    return "operator" if scenario.operator in organizations else "outsider"


def answer_of(scenario: Scenario, played: PlayedStep, language: Language) -> str:
    """What stands in the column beside a refused step; empty beside any other."""
    kinds = {kind_of(scenario, who) for who in attempts_of(played)}
    said = (TEXTS[f"answer-{kind}"].text(language, operator=operator_of(scenario, language)) for kind in KINDS if kind in kinds)
    return BETWEEN.said(language).join(said)


def operator_of(scenario: Scenario, language: Language) -> str:
    """How people call the party that would run the database."""
    return organization_called(scenario.cast, scenario.operator, language)


def verdict_of(scenario: Scenario, column: HonestColumn, language: Language) -> str:
    """The totals in two sentences."""
    sentences = [
        TEXTS["verdict"].text(
            language,
            operator=operator_of(scenario, language),
            refused=f"{column.refused:,}",
            too=f"{column.database_too:,}",
            own=f"{column.attempts['operator']:,}",
        )
    ]
    if column.trials:
        found = sum(bool(trial.broken) for trial in column.trials)
        sentences.append(TEXTS["verdict-trials"].text(language, trials=len(column.trials), found=found))
    return BETWEEN.said(language).join(sentences)


def others_of(scenario: Scenario, column: HonestColumn, language: Language) -> str:
    """What each of the other parties could do if it ran the database; empty if none of them was refused anything."""
    ranked = sorted(column.signed_by.items(), key=lambda item: (-item[1], item[0]))
    others = [item for item in ranked if item[0] != scenario.operator][:OTHERS_MAX]
    if not others:
        return ""
    named = (f"{organization_called(scenario.cast, name, language)} {count:,}" for name, count in others)
    return TEXTS["others"].text(language, others=TEXTS["comma"].said(language).join(named))


def section_of(scenario: Scenario, column: HonestColumn, language: Language) -> Mapping[str, Any]:
    """The report's section: attempts by kind, how it would be with another operator, and what was tried on the ledger."""
    operator = operator_of(scenario, language)
    names = ("title", "column", "note", "kind", "tried", "ledger", "database")
    rules = "; ".join(dict.fromkeys(trial.broken for trial in column.trials))
    return {
        **{name: TEXTS[name].text(language, operator=operator) for name in names},
        "rows": [
            (TEXTS[f"kind-{kind}"].said(language), tried, column.stopped[kind], tried if kind in STOPPED_BY_DATABASE else 0)
            for kind in KINDS
            if (tried := column.attempts[kind])
        ],
        "others": others_of(scenario, column, language),
        "trial": TEXTS["trial"].text(language, height=column.trials[0].height, rules=rules) if column.trials else "",
    }


# Attacks of who keeps the records


def trials_of(scenario: Scenario, lines: Sequence[bytes]) -> Iterator[Trial]:
    """Each attack on the first block of the story; none where the ledger was not agreed on by nodes and does not hold itself."""
    height, place = _first(scenario, lines)
    if not height or audit_export(lines[: height + 1]).broken is not None:
        return
    for kind, falsify in ATTACKS.items():
        line: Line = decode_object(lines[height], wrapped=WRAPPED)
        falsify(line, place)
        broken = audit_export((*lines[:height], _made_to_fit(line))).broken
        yield Trial(kind, height, "" if broken is None else f"{broken.details['number']}, {broken.details['rule']}")


def _first(scenario: Scenario, lines: Sequence[bytes]) -> tuple[int, int]:
    """Height and place of the first transaction of the trade that took effect; zeros if there is none."""
    for height, line in enumerate(lines[1:], start=1):
        block = parse_exported_block(line)
        for place, (transaction, receipt) in enumerate(zip(block.transactions, block.receipts, strict=True)):
            if transaction.contract in scenario.contracts and receipt.committed:
                return height, place
    return 0, 0


def _strike_out(line: Line, place: int) -> None:
    """A record that the transaction wrote is gone."""
    line["writes"][place][0]["value"] = None


def _leave_out(line: Line, place: int) -> None:
    """The transaction never was."""
    for name in ("transactions", "receipts", "writes"):
        del line[name][place]


def _show_another(line: Line, place: int) -> None:
    """A block that differs in its time only."""
    line["header"]["time"] += 1


def _made_to_fit(line: Line) -> bytes:
    """The line with receipts that name its writes and a header that names its transactions and receipts."""
    for receipt, writes in zip(line["receipts"], line["writes"], strict=True):
        receipt["writes"] = writes_digest(parse_writes(writes))
    block = parse_exported_block(encode_unchecked(line))
    roots = transactions_root(block.transactions), receipts_root([receipt.raw for receipt in block.receipts])
    return encode_unchecked({**line, "header": line["header"] | dict(zip(ROOTS, roots, strict=True))})


ATTACKS: Mapping[Kind, Callable[[Line, int], None]] = {
    "history": _strike_out,
    "denied": _leave_out,
    "versions": _show_another,
}
ROOTS = ("transactions_root", "receipts_root")
