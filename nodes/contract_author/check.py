"""Judges a contract of one's own: the loader's rules first, then the properties that follow from its schema.

Nothing of it runs before its source was judged. Faults of the source are all told at once; the properties are tried only
on a contract without faults. What it played is then played again in two interpreters that must leave the same receipts, and
its modules and classes must hold what they held before.
"""

import ast
import importlib
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.contract.contract import Contract
from ledger.contract.source_rules.loader import find_contract
from ledger.contract.source_rules.source import Source, read_sources, sources_digest
from ledger.contract.source_rules.statements import BREAKPOINT, Breach, breaches, refusal_breaches
from ledger.errors import OperatorError
from nodes.contract_author.advice import Advice, advise
from nodes.contract_author.located import Located, importable
from nodes.contract_author.namespaces import changed, snapshot

COUNTEREXAMPLE = "ledger.contract.counterexample"
INTERPRETERS = "nodes.contract_author.interpreters"
"""Both need hypothesis, which a node does not have."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One place that must change."""

    file: str
    line: int
    """0 where it is the file as a whole."""
    text: str
    """The line itself."""
    rule: str
    subject: str
    """What it is about: a name, a module, what Python said."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of it."""

    located: Located
    contract: type[Contract] | None
    """None where its source cannot be read or imported."""
    digest: str
    faults: tuple[Fault, ...] = ()
    advice: tuple[Advice, ...] = ()
    counterexample: Any = None
    """A `ledger.contract.counterexample.Counterexample`, or None where none was found."""
    examples: int = 0
    """Sequences of random transactions that were tried, at most."""

    @property
    def is_sound(self) -> bool:
        """Whether nothing must change."""
        return not self.faults and self.counterexample is None


def check(
    found: Located,
    *,
    is_debugged: bool = False,
    examples: int | None = None,
    invariant: Callable[[Any], None] | None = None,
) -> Checked:
    """Judges it; `is_debugged` lets `breakpoint()` stand. Raises OperatorError where there is no such contract."""
    find = property_finder() if examples != 0 else None
    with importable(found):
        try:
            sources = read_sources(found.module)
        except OperatorError as error:
            if not isinstance(error.__cause__, SyntaxError):
                raise
            return Checked(found, None, "", (_unreadable(found, error.__cause__),))
        main, located = sources[found.module], found.named(sources[found.module].tree)
        broken = [breach for breach in breaches(sources) if not (is_debugged and breach.subject == BREAKPOINT)]
        digest = sources_digest(sources)
        if broken:
            return Checked(located, None, digest, tuple(map(_fault, broken)))
        try:
            contract = find_contract(located.import_string)
        except OperatorError as error:
            return Checked(located, None, digest, (_not_imported(error, main),))
        broken = list(refusal_breaches(sources, contract.refusals))
        advice = tuple(advise(contract, main))
        if broken or find is None:
            return Checked(located, contract, digest, tuple(map(_fault, broken)), advice)
        tried = find.EXAMPLES if examples is None else examples
        more = {} if invariant is None else {"invariant": invariant}
        plays: list[Any] = []
        before = snapshot(sources)
        counterexample = find.find_counterexample(contract, examples=tried, plays=plays, **more)
        kept = tuple(_kept(name, sources) for name in changed(before, snapshot(sources)))
        if counterexample is None and not kept and not is_debugged:
            counterexample = importlib.import_module(INTERPRETERS).find_difference(located, plays)
        return Checked(located, contract, digest, kept, advice, counterexample, tried)


def property_finder() -> Any:
    """The module that tries properties; raises OperatorError `no-test-kit` where hypothesis, which it needs, is missing."""
    try:
        return importlib.import_module(COUNTEREXAMPLE)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "hypothesis":
            raise
        message = 'Checking a contract needs hypothesis: `pip install "tallystick[contract]"`.'
        raise OperatorError("no-test-kit", message) from error


def _fault(breach: Breach) -> Fault:
    lines = breach.source.text.splitlines()
    text = lines[breach.line - 1].strip() if 0 < breach.line <= len(lines) else ""
    return Fault(breach.source.path.name, breach.line, text, breach.rule, breach.subject)


def _kept(name: str, sources: Mapping[str, Source]) -> Fault:
    """A name of a module or class that holds something else after the contract was played."""
    module = max((module for module in sources if name.startswith(f"{module}.")), key=len)
    source, bound = sources[module], name.removeprefix(f"{module}.").rpartition(".")[2]
    lines = [
        node.lineno for node in ast.walk(source.tree) if isinstance(node, ast.Name | ast.FunctionDef) and _name(node) == bound
    ]
    return _fault(Breach(source, min(lines, default=0), "kept", "", name.removeprefix(f"{module}.")))


def _name(node: ast.Name | ast.FunctionDef) -> str:
    return node.id if isinstance(node, ast.Name) else node.name


def _unreadable(found: Located, error: SyntaxError) -> Fault:
    return Fault(f"{found.module.rpartition('.')[2]}.py", error.lineno or 0, (error.text or "").strip(), "syntax", error.msg)


def _not_imported(error: OperatorError, source: Source) -> Fault:
    """What Python says while it makes the class: a contract that declares something wrong is a TypeError."""
    cause = error.__cause__
    if cause is None:
        return Fault(source.path.name, 0, "", "no-contract", error.message)
    frames = [frame for frame in traceback.extract_tb(cause.__traceback__) if Path(frame.filename) == source.path]
    line = frames[-1].lineno or 0 if frames else 0
    lines = source.text.splitlines()
    return Fault(source.path.name, line, lines[line - 1].strip() if line else "", "made", f"{type(cause).__name__}: {cause}")
