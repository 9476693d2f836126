"""Judges a contract of one's own, step by step. A step that finds faults is the last one.

1. read     its source, and that of the modules of its own that it imports
2. rules    of the source, all breaches at once; nothing of the contract has run yet
3. made     its class: what it declares wrongly is a TypeError
4. refusals codes and details are declared; `advice` says what is allowed and seldom meant
5. play     random transactions: the properties that follow from its schema hold
6. kept     its modules and classes hold what they held before it was played (`namespaces`)
7. again    two interpreters leave the same receipts (`interpreters`)
"""

import ast
import importlib
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.contract.contract import Contract
from ledger.contract.source_rules.loader import find_contract
from ledger.contract.source_rules.refusals import refusal_breaches
from ledger.contract.source_rules.source import Remark, SourceModule, read_sources, sources_digest
from ledger.contract.source_rules.statements import breaches
from ledger.errors import OperatorError
from nodes.contract_author.advice import advise
from nodes.contract_author.located import Located, importable
from nodes.contract_author.namespaces import changed, snapshot

PLAY = "nodes.contract_author.play"
"""Needs hypothesis, which a node does not have."""
EXAMPLES = 200


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of it."""

    located: Located
    contract: type[Contract] | None = None
    """None where its source cannot be read or imported."""
    digest: str = ""
    faults: tuple[Remark, ...] = ()
    """Places that must change."""
    advice: tuple[Remark, ...] = ()
    counterexample: Any = None
    """A `nodes.contract_author.play.Counterexample`, or None where none was found."""
    examples: int = 0
    """Sequences of random transactions that were tried, at most."""

    @property
    def is_sound(self) -> bool:
        """Whether nothing must change."""
        return not self.faults and self.counterexample is None


def check(
    located: Located,
    *,
    is_debugged: bool = False,
    examples: int = EXAMPLES,
    invariant: Callable[[Any], None] = lambda contract: None,
) -> Checked:
    """Judges it; `is_debugged` lets `breakpoint()` stand. Raises OperatorError where there is no such contract."""
    play = _play() if examples else None
    with importable(located):
        # 1. read
        try:
            sources = read_sources(located.module)
        except OperatorError as error:
            if not isinstance(error.__cause__, SyntaxError):
                raise
            return Checked(located, faults=(_syntax(located, error.__cause__),))
        main, digest = sources[located.module], sources_digest(sources)
        located = located.named(main.tree)
        # 2. rules
        faults = tuple(breach for breach in breaches(sources) if not (is_debugged and breach.rule == "breakpoint"))
        if faults:
            return Checked(located, None, digest, faults)
        # 3. made
        try:
            contract = find_contract(located.import_string)
        except OperatorError as error:
            return Checked(located, None, digest, (_not_made(error, main),))
        # 4. refusals
        faults, advice = tuple(refusal_breaches(sources, contract)), tuple(advise(contract, main))
        if faults or play is None:
            return Checked(located, contract, digest, faults, advice)
        # 5. play
        plays: list[Any] = []
        before = snapshot(sources)
        counterexample = play.find_counterexample(contract, invariant, examples, plays)
        # 6. kept
        faults = tuple(_kept(name, sources.values()) for name in changed(before, snapshot(sources)))
        # 7. again
        if counterexample is None and not faults and not is_debugged:
            counterexample = play.find_difference(located, plays)
        return Checked(located, contract, digest, faults, advice, counterexample, examples)


def _play() -> Any:
    """The module that plays; raises OperatorError `no-test-kit` where hypothesis, which it needs, is missing."""
    try:
        return importlib.import_module(PLAY)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "hypothesis":
            raise
        message = 'Checking a contract needs hypothesis: `pip install -e ".[contract]"`.'
        raise OperatorError("no-test-kit", message) from error


def _syntax(located: Located, error: SyntaxError) -> Remark:
    file = f"{located.module.rpartition('.')[2]}.py"
    return Remark(located.module, file, error.lineno or 0, (error.text or "").strip(), "syntax", error.msg)


def _not_made(error: OperatorError, source: SourceModule) -> Remark:
    """What Python says while it makes the class, at the last line of the contract that was running."""
    cause = error.__cause__
    if cause is None:
        return source.remark(0, "no-contract", error.message)
    lines = [frame.lineno or 0 for frame in traceback.extract_tb(cause.__traceback__) if Path(frame.filename) == source.path]
    return source.remark(lines[-1] if lines else 0, "made", f"{type(cause).__name__}: {cause}")


def _kept(name: str, sources: Iterable[SourceModule]) -> Remark:
    """At the first line that names it: what a module or class holds otherwise after the contract was played."""
    source = max((source for source in sources if name.startswith(f"{source.module}.")), key=lambda source: len(source.module))
    inner = name.removeprefix(f"{source.module}.")
    named = [node for node in ast.walk(source.tree) if inner.rpartition(".")[2] in (getattr(node, "id", ""), _defined(node))]
    return source.remark(min((getattr(node, "lineno", 0) for node in named), default=0), "kept", inner)


def _defined(node: ast.AST) -> str:
    return node.name if isinstance(node, ast.FunctionDef) else ""
