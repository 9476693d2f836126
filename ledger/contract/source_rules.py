"""What the source of a contract may not hold, because two nodes could then see different results from one transaction.

imports     only modules of LEDGER, STANDARD, LIBRARIES and of the contract's own package
numbers     no floats: no literals, no `/`, no `**` but with a literal exponent, no `float` or `complex`
names       nothing of FORBIDDEN_NAMES (input and output, `hash`, `id`, `eval`, …), nothing with two underscores
sets        only where their order cannot show: in comparisons, and directly inside of ORDER_BLIND
statements  no `assert` (it goes away under -O), no `global`, no `async`, no star import
refusals    codes and details are declared (`verify_refusal_codes`)
"""

import ast
from collections.abc import Iterator, Mapping
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
ORDER_BLIND = frozenset({"sorted", "len", "min", "max", "any", "all"})
"""Functions of a set whose result does not depend on its order."""
DUNDERS = frozenset({"__init__", "__post_init__", "__name__", "__doc__", "__all__"})


def verify_sources(sources: Mapping[str, Source]) -> None:
    """Raises OperatorError `contract-forbidden` with file, line and reason for the first breach."""
    for source in sources.values():
        for node, reason in _breaches(source):
            line = getattr(node, "lineno", 0)
            message = f"{source.path.name}, line {line} of module {source.module}: {reason}."
            raise OperatorError("contract-forbidden", message, module=source.module, line=line)


def verify_refusal_codes(sources: Mapping[str, Source], refusals: Mapping[str, Refusal]) -> None:
    """Raises OperatorError `contract-faulty` where an operation names a code that is not declared, or leaves a detail out."""
    for source in sources.values():
        for call, code, details in _refusals(source.tree):
            refusal = refusals.get(code) or COMMON_REFUSALS.get(code)
            if refusal is None:  # check: source-undeclared-refusal
                raise OperatorError("contract-faulty", f"{source.module}, line {call.lineno}: {code!r} is not declared.")
            missing = [] if details is None else [name for name in refusal.details if name not in details]
            if missing:  # check: source-refusal-details
                raise OperatorError("contract-faulty", f"{source.module}, line {call.lineno}: {code!r} needs {missing}.")


def _breaches(source: Source) -> Iterator[tuple[ast.AST, str]]:
    """Every breach with its reason, in the order of the rules above."""
    for statement, module in imports(source):
        if not _is_importable(source, module):  # check: source-import
            yield statement, f"imports {module}, which contracts may not"
            return
    hidden = _order_blind_places(source.tree)
    for node in ast.walk(source.tree):
        for reason in _reasons(node, hidden):
            yield node, reason
            return


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


def _reasons(node: ast.AST, hidden: frozenset[int]) -> Iterator[str]:
    """Why this node alone may not stand in a contract."""
    if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):  # check: source-float-literal
        yield f"the number {node.value} is a float; count in a smaller unit"
    if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):  # check: source-division
        yield "`/` gives a float; use `//` and state the rounding"
    if isinstance(node, ast.BinOp | ast.AugAssign) and _may_be_root(node):  # check: source-power
        yield "`**` with an exponent that is not a literal can give a float"
    if isinstance(node, ast.Name) and node.id in FORBIDDEN_NAMES:  # check: source-name
        yield f"`{node.id}` is not for contracts"
    if _dunder(node) not in DUNDERS | {""}:  # check: source-dunder
        yield f"`{_dunder(node)}` reaches behind the language"
    if _is_set(node) and id(node) not in hidden:  # check: source-set-order
        yield "a set has an order of its own on every machine; use sorted(…), a tuple or a dict"
    if isinstance(node, ast.Global | ast.Nonlocal):  # check: source-global
        yield "a contract keeps nothing but its state"
    if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):  # check: source-async
        yield "an operation waits for nothing"
    if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):  # check: source-star-import
        yield "a star import hides what is imported"


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


def _refusals(tree: ast.Module) -> Iterator[tuple[ast.Call, str, frozenset[str] | None]]:
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
