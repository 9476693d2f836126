"""The codes that a contract's source refuses with, compared with the sentences that it declares.

A code stands as a literal where it is used: in `context.require(…, "code")` and `context.refuse("code")`, or where a function
of the contract's package with `fault` in its name returns or yields it, for an operation that refuses with it.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from typing import TypeGuard

from ledger.contract.contract import Contract
from ledger.contract.source_rules.source import Remark, SourceModule
from ledger.contract.words import COMMON_REFUSALS, words_of

FAULT = re.compile(r"[a-z]+(?:-[a-z0-9]+)+")
"""A code among what such a function returns."""


def refusal_breaches(sources: Mapping[str, SourceModule], contract: type[Contract]) -> Iterator[Remark]:
    """Where a code has no sentence, or lacks a detail that its sentence needs; sentences of a `words.toml` that no place uses."""
    refusals = words_of(contract).refusals
    declared = {**COMMON_REFUSALS, **refusals}
    package = contract.__module__.rpartition(".")[0]
    for source in sources.values():
        for node in ast.walk(source.tree):
            codes = list(_codes(node, is_own=source.module.startswith(f"{package}.")))
            for line, code in codes:
                if code not in declared:  # check: source-undeclared-refusal
                    yield source.remark(line, "undeclared-refusal", code)
            if isinstance(node, ast.Call) and codes and codes[0][1] in declared:
                given = [keyword.arg for keyword in node.keywords]
                missing = [] if None in given else [name for name in declared[codes[0][1]].details if name not in given]
                if missing:  # check: source-refusal-details
                    yield source.remark(node.lineno, "refusal-details", ", ".join(missing))
    texts = {node.value for source in sources.values() for node in ast.walk(source.tree) if isinstance(node, ast.Constant)}
    for code, refusal in refusals.items():
        if refusal.source and code not in texts:  # check: source-unused-refusal
            yield sources[contract.__module__].remark(1, "unused-refusal", code)


def _codes(node: ast.AST, *, is_own: bool) -> Iterator[tuple[int, str]]:
    """The codes that a call refuses with, or that a function returns, each with its line."""
    match node:
        case ast.Call(ast.Attribute(ast.Name("context"), "refuse"), [ast.Constant(str(code)), *_]) | ast.Call(
            ast.Attribute(ast.Name("context"), "require"), [_, ast.Constant(str(code)), *_]
        ):
            yield node.lineno, code
        case ast.FunctionDef(name) if is_own and "fault" in name:
            for place in (part for part in ast.walk(node) if isinstance(part, ast.Return | ast.Yield | ast.YieldFrom)):
                beside = {id(part) for pair in ast.walk(place) if _is_pair(pair) for part in pair.elts[1:]}
                for text in ast.walk(place):
                    if _is_code(text) and id(text) not in beside:
                        yield text.lineno, str(text.value)


def _is_pair(node: ast.AST) -> TypeGuard[ast.Tuple]:
    """Whether it is a code with what it is about."""
    return isinstance(node, ast.Tuple) and _is_code(node.elts[0])


def _is_code(node: ast.AST) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and FAULT.fullmatch(node.value) is not None
