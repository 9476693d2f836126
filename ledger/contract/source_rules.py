"""What the source of a contract may not hold, because two nodes could then see different results from one transaction.

imports     only modules of LEDGER, STANDARD, LIBRARIES and of the contract's own package
numbers     no floats: no literals, no `/`, no `**` but with a literal exponent, no `float` or `complex`
names       nothing of FORBIDDEN_NAMES (input and output, `hash`, `id`, `eval`, …), nothing with two underscores
sets        only where their order cannot show: in comparisons, and directly inside of ORDER_BLIND
statements  no `global`, no `async`, no star import
refusals    codes and details are declared (`verify_refusal_codes`)
"""

import ast
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from ledger.contract.refusal import COMMON_REFUSALS, Refusal
from ledger.contract.source import Source, imports
from ledger.errors import OperatorError

LEDGER = frozenset(
    {
        "ledger.contract",
        "ledger.contract.calendar",
        "ledger.contract.model",
        "ledger.contract.sealed",
        "ledger.encoding",
        "ledger.identity.records",
        "ledger.merkle",
        "ledger.primitives",
    }
)
STANDARD = frozenset(
    {
        "__future__",
        "abc",
        "bisect",
        "collections",
        "collections.abc",
        "dataclasses",
        "enum",
        "fractions",
        "functools",
        "hashlib",
        "heapq",
        "itertools",
        "re",
        "string",
        "typing",
        "unicodedata",
    }
)
"""Of these `unicodedata` and `re` know more characters in a newer Python; normal forms of the characters known before stay."""
LIBRARIES: Mapping[str, tuple[str, tuple[int, ...], tuple[int, ...]]] = {
    "pydantic": ("pydantic", (2, 9), (3,)),
    "stdnum": ("python-stdnum", (1, 20), (3,)),
}
"""Top-level module → distribution, first version allowed, first version not allowed any more."""
FORBIDDEN_NAMES = frozenset(
    {
        *("float", "complex", "hash", "id", "eval", "exec", "compile", "open", "globals", "locals", "vars", "dir", "input"),
        *("print", "breakpoint", "memoryview", "getattr", "setattr", "delattr", "exit", "quit", "help"),
    }
)
BREAKPOINT = "breakpoint"
_STOPS = ": it would stop a node; pytest and `tallystick contract check --debug` let it stand"
ORDER_BLIND = frozenset({"sorted", "len", "min", "max", "any", "all"})
"""Functions of a set whose result does not depend on its order."""
DUNDERS = frozenset({"__init__", "__post_init__", "__name__", "__doc__", "__all__"})


@dataclass(frozen=True, slots=True)
class Breach:
    """One place that breaks a rule."""

    source: Source
    line: int
    rule: str
    """Which rule: the name after `source-` of its check."""
    reason: str
    subject: str = ""
    """The name, module, number or code that it is about."""


def breaches(sources: Mapping[str, Source]) -> Iterator[Breach]:
    """Every breach of every source, file by file, imports first and then line by line."""
    for source in sources.values():
        for node, rule, reason, subject in (*_imports(source), *_statements(source)):
            yield Breach(source, getattr(node, "lineno", 0), rule, reason, subject)


def refusal_breaches(sources: Mapping[str, Source], refusals: Mapping[str, Refusal]) -> Iterator[Breach]:
    """Where an operation names a code that is not declared, or leaves a detail out."""
    for source in sources.values():
        for call, code, details in refusal_calls(source.tree):
            refusal = refusals.get(code) or COMMON_REFUSALS.get(code)
            if refusal is None:  # check: source-undeclared-refusal
                yield Breach(source, call.lineno, "undeclared-refusal", f"{code!r} is not declared", code)
                continue
            missing = [] if details is None else [name for name in refusal.details if name not in details]
            if missing:  # check: source-refusal-details
                yield Breach(source, call.lineno, "refusal-details", f"{code!r} needs {missing}", ", ".join(missing))


def verify_sources(sources: Mapping[str, Source]) -> None:
    """Raises OperatorError `contract-forbidden` with file, line and reason for the first breach."""
    for found in breaches(sources):
        message = f"{found.source.path.name}, line {found.line} of module {found.source.module}: {found.reason}."
        raise OperatorError("contract-forbidden", message, module=found.source.module, line=found.line)


def verify_refusal_codes(sources: Mapping[str, Source], refusals: Mapping[str, Refusal]) -> None:
    """Raises OperatorError `contract-faulty` for the first of `refusal_breaches`."""
    for found in refusal_breaches(sources, refusals):
        raise OperatorError("contract-faulty", f"{found.source.module}, line {found.line}: {found.reason}.")


def _imports(source: Source) -> Iterator[tuple[ast.AST, str, str, str]]:
    for statement, module in imports(source):
        if not _is_importable(source, module):  # check: source-import
            yield statement, "import", f"imports {module}, which contracts may not", module


def _statements(source: Source) -> Iterator[tuple[ast.AST, str, str, str]]:
    hidden = _order_blind_places(source.tree)
    found = [(node, *reason) for node in ast.walk(source.tree) for reason in _reasons(node, hidden)]
    yield from sorted(found, key=lambda breach: getattr(breach[0], "lineno", 0))


def _is_importable(source: Source, module: str) -> bool:
    top = module.partition(".")[0]
    if top == source.module.partition(".")[0] or module in LEDGER or module in STANDARD:
        return True
    if top not in LIBRARIES:
        return False
    distribution, first, end = LIBRARIES[top]
    try:
        numbers = tuple(int(part) for part in version(distribution).split(".") if part.isdigit())
    except PackageNotFoundError:
        return False
    return first <= numbers < end


def _reasons(node: ast.AST, hidden: Set[int]) -> Iterator[tuple[str, str, str]]:
    """Why this node alone may not stand in a contract: rule, reason, and what it is about."""
    if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):  # check: source-float-literal
        yield "float-literal", f"the number {node.value} is a float; count in a smaller unit", str(node.value)
    if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):  # check: source-division
        yield "division", "`/` gives a float; use `//` and state the rounding", "/"
    if isinstance(node, ast.BinOp | ast.AugAssign) and _may_be_root(node):  # check: source-power
        yield "power", "`**` with an exponent that is not a literal can give a float", "**"
    if isinstance(node, ast.Name) and node.id in FORBIDDEN_NAMES:  # check: source-name
        yield "name", f"`{node.id}` is not for contracts{_STOPS if node.id == BREAKPOINT else ''}", node.id
    if _dunder(node) not in DUNDERS | {""}:  # check: source-dunder
        yield "dunder", f"`{_dunder(node)}` reaches behind the language", _dunder(node)
    if _is_set(node) and id(node) not in hidden:  # check: source-set-order
        yield "set-order", "a set has an order of its own on every machine; use sorted(…), a tuple or a dict", "set"
    if isinstance(node, ast.Global | ast.Nonlocal):  # check: source-global
        yield "global", "a contract keeps nothing but its state", ", ".join(node.names)
    if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):  # check: source-async
        yield "async", "an operation waits for nothing", "async"
    if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):  # check: source-star-import
        yield "star-import", "a star import hides what is imported", node.module or ""


def _may_be_root(node: ast.BinOp | ast.AugAssign) -> bool:
    exponent = node.right if isinstance(node, ast.BinOp) else node.value
    return isinstance(node.op, ast.Pow) and not (isinstance(exponent, ast.Constant) and isinstance(exponent.value, int))


def _dunder(node: ast.AST) -> str:
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name if name.startswith("__") else ""


def _is_set(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in ("set", "frozenset")
    return isinstance(node, ast.Set | ast.SetComp)


def _order_blind_places(tree: ast.Module) -> frozenset[int]:
    """Identities of the nodes whose order cannot show: compared, or given to a function that is blind to it."""
    places: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            places += [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ORDER_BLIND:
            places += node.args
    return frozenset(map(id, places))


def refusal_calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str, frozenset[str] | None]]:
    """Each `context.refuse` and `context.require` with a literal code, and the details that it names (None: it splats)."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        place = {"refuse": 0, "require": 1}.get(node.func.attr)
        if place is None or not isinstance(node.func.value, ast.Name) or node.func.value.id != "context":
            continue
        if len(node.args) > place and isinstance(code := node.args[place], ast.Constant):
            names = [keyword.arg for keyword in node.keywords]
            yield node, str(code.value), None if None in names else frozenset(name for name in names if name)
