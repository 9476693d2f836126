"""The rules that one statement or expression breaks by itself, and the order in which all breaches are named."""

import ast
import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from ledger.contract.refusal import COMMON_REFUSALS, Refusal
from ledger.contract.source_rules.importable import LIBRARIES, MODULES, NOT_OF_LIBRARIES, OF_LIBRARIES
from ledger.contract.source_rules.kept import kept_breaches
from ledger.contract.source_rules.names import NameScope, scopes_of
from ledger.contract.source_rules.recursion import recursion_breaches
from ledger.contract.source_rules.source import Source, has_module, imported_module, imports
from ledger.errors import OperatorError

FORBIDDEN_NAMES = frozenset(
    {
        *("float", "complex", "hash", "id", "eval", "exec", "compile", "open", "globals", "locals", "vars", "dir", "input"),
        *("print", "breakpoint", "memoryview", "getattr", "setattr", "delattr", "exit", "quit", "help", "aiter", "anext"),
    }
)
BREAKPOINT = "breakpoint"
_STOPS = ": it would stop a node; pytest and `tallystick contract check --debug` let it stand"
FORBIDDEN_ATTRIBUTES = frozenset({"model_fields_set", "gi_frame", "f_globals", "f_locals", "f_builtins", "f_back", "tb_frame"})
"""A set of pydantic's, and what leads to an interpreter's own state."""
SETS = frozenset({"set", "frozenset"})
ORDER_BLIND = frozenset({"sorted", "len", "min", "max", "any", "all", "bool"})
"""Functions whose result does not depend on the order of their one argument; with a keyword it does, where a key ties."""
BY_COMPARING = frozenset({"sorted", "min", "max"})
"""Of these the ones that compare, and so tie where a class has a comparison of its own."""
COMPARISONS = frozenset({"__lt__", "__le__", "__gt__", "__ge__"})
DUNDERS = frozenset({"__init__", "__post_init__", "__name__", "__doc__", "__all__"})
DEFINED = DUNDERS | {
    *("__str__", "__repr__", "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__bool__", "__len__", "__iter__"),
    *("__contains__", "__getitem__", "__call__", "__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__"),
    *("__floordiv__", "__mod__", "__neg__", "__abs__"),
}
"""Methods of Python's own that a class may have: none that runs when an object is thrown away, or swallows an exception."""
BROAD = frozenset(
    {
        *("BaseException", "Exception", "RuntimeError", "RecursionError", "MemoryError", "SystemError", "BaseExceptionGroup"),
        *("ExceptionGroup", "KeyboardInterrupt", "SystemExit", "GeneratorExit"),
    }
)
"""Exceptions among which are those of a used-up stack or memory, or of an interpreter that ends."""
ITERATORS = frozenset({"iter", "map", "filter", "zip", "enumerate", "reversed", "super"})
"""Functions whose result shows an address as text."""
AS_TEXT = frozenset({"str", "repr", "ascii", "format"})
OPAQUE = frozenset({"itertools", "hashlib"})
"""Modules whose objects show an address as text."""
METHODS_OF_TEXT = frozenset(
    {
        *(
            "upper",
            "lower",
            "strip",
            "lstrip",
            "rstrip",
            "casefold",
            "capitalize",
            "swapcase",
            "zfill",
            "splitlines",
            "hexdigest",
        ),
        *("isdigit", "isdecimal", "isalpha", "isalnum", "startswith", "endswith", "removeprefix", "removesuffix"),
    }
)
"""Methods that are hardly the name of a field: without parentheses they show an address."""
SHOWN_DEPTH_MAX = 5
"""Names that are followed to what they are bound to."""
FORMAT = frozenset({"format", "format_map"})
FLOAT_FORMATS = frozenset("eEfFgG%")


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


Found = tuple[ast.AST, str, str, str]
"""A place, the rule that it breaks, the reason and the subject."""
ModuleNames = Mapping[str, Mapping[str, str]]
"""By own module the names that it binds to modules, each with the module."""


def breaches(sources: Mapping[str, Source]) -> Iterator[Breach]:
    """Every breach of every source, file by file, imports first and then line by line."""
    scopes = {module: scopes_of(source.tree) for module, source in sources.items()}
    modules = {module: _module_names(source) for module, source in sources.items()}
    beyond = [*kept_breaches(sources, scopes), *recursion_breaches(sources, scopes)]
    for module, source in sources.items():
        found = [*_statements(source, scopes[module], modules[module]), *(breach for of, breach in beyond if of is source)]
        found.sort(key=lambda breach: getattr(breach[0], "lineno", 0))
        for node, rule, reason, subject in (*_imports(source, modules), *found):
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


# Imports


def _imports(source: Source, modules: ModuleNames) -> Iterator[Found]:
    for statement, module in imports(source):
        if not _is_importable(source, module):  # check: source-import
            yield statement, "import", f"imports {module}, which contracts may not", module
        elif isinstance(statement, ast.ImportFrom):
            for name in (alias.name for alias in statement.names):
                if name != "*" and not _is_name_of(source, modules, module, name):  # check: source-import-name
                    yield statement, "import-name", f"takes {name} from {module}, which contracts may not", f"{module}.{name}"
    yield from _uses_of_modules(source, modules)


def _is_importable(source: Source, module: str) -> bool:
    top = module.partition(".")[0]
    if top == source.module.partition(".")[0] or module in MODULES:
        return True
    if top not in LIBRARIES or module in NOT_OF_LIBRARIES or any(module.startswith(f"{name}.") for name in NOT_OF_LIBRARIES):
        return False
    distribution, first, end = LIBRARIES[top]
    try:
        numbers = tuple(int(part) for part in version(distribution).split(".") if part.isdigit())
    except PackageNotFoundError:
        return False
    return first <= numbers < end


def _is_name_of(source: Source, modules: ModuleNames, module: str, name: str) -> bool:
    """Whether a contract may take this name from a module that it may import."""
    top = module.partition(".")[0]
    if top == source.module.partition(".")[0]:
        is_hidden = name in modules.get(module, {}) and not has_module(f"{module}.{name}")
        return not is_hidden and (not name.startswith("__") or name in DUNDERS)
    if name in MODULES.get(module, ()) or f"{module}.{name}" in MODULES:
        return True
    if top not in LIBRARIES:
        return False
    is_module = has_module(f"{module}.{name}")
    return (is_module and _is_importable(source, f"{module}.{name}")) or (not is_module and name in OF_LIBRARIES[top])


def _module_names(source: Source) -> dict[str, str]:
    """Names that imports of a source bind to modules, each with the module."""
    found: dict[str, str] = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.partition(".")[0]] = alias.name if alias.asname else alias.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom):
            base = imported_module(source, node)
            for alias in node.names:
                if alias.name not in MODULES.get(base, ()) and has_module(f"{base}.{alias.name}"):
                    found[alias.asname or alias.name] = f"{base}.{alias.name}"
    return found


def _uses_of_modules(source: Source, modules: ModuleNames) -> Iterator[Found]:
    """Each place where a module is used otherwise than to take one of its names; one that may not be imported is told already."""
    own = {name: module for name, module in modules[source.module].items() if _is_importable(source, module)}
    named: set[int] = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute):
            path = _dotted(node)
            if path is None or path[0] not in own or id(node) in named:
                continue
            module, taken = own[path[0]], path[1:]
            inside = [part for part in ast.walk(node) if isinstance(part, ast.Attribute | ast.Name)]
            named.update(map(id, inside))
            while len(taken) > 1 and _is_submodule(source, module, taken[0]):
                module, taken = f"{module}.{taken[0]}", taken[1:]
            if not _is_name_of(source, modules, module, taken[0]):  # check: source-module-name
                subject = f"{module}.{taken[0]}"
                yield node, "import-name", f"takes {taken[0]} from {module}, which contracts may not", subject
        elif isinstance(node, ast.Name) and node.id in own and id(node) not in named:  # check: source-module-value
            yield node, "import-name", f"hands on the module {node.id}; take names from it", node.id


def _is_submodule(source: Source, module: str, name: str) -> bool:
    return has_module(f"{module}.{name}") and _is_importable(source, f"{module}.{name}")


def _dotted(node: ast.AST) -> list[str] | None:
    """`a.b.c` as a list, or None for what is no such path."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    return [node.id, *parts] if isinstance(node, ast.Name) else None


# Statements and expressions


def _statements(source: Source, scopes: list[NameScope], modules: Mapping[str, str]) -> Iterator[Found]:
    places = _Places(source.tree, scopes)
    for scope in scopes:
        for node in scope.nodes:
            yield from ((node, *reason) for reason in _reasons(node, scope, places, modules))
    for node in places.returns:  # no scope runs what a function says that it returns
        yield from ((node, *reason) for reason in _reasons(node, NameScope(source.tree, None), places, modules))


class _Places:
    """Identities of the nodes that stand where more is allowed."""

    def __init__(self, tree: ast.Module, scopes: list[NameScope]) -> None:
        bound = {name for scope in scopes if not isinstance(scope.node, ast.ClassDef) for name in scope.bound}
        """What is no longer Python's own."""
        self.order_blind: set[int] = set()
        """Compared, or given to a function that is blind to order."""
        self.types: set[int] = set()
        """In annotations and among the bases of classes."""
        self.called: dict[int, ast.Call] = {}
        """What is called, with the call."""
        self.raised: set[int] = set()
        self.returns: list[ast.AST] = []
        compares = any(isinstance(node, ast.FunctionDef) and node.name in COMPARISONS for node in ast.walk(tree))
        blind = ORDER_BLIND - bound - (BY_COMPARING if compares else set())
        for node in ast.walk(tree):
            match node:
                case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test) | ast.Assert(test=test):
                    self._hide_asked(test)
                case ast.comprehension(ifs=tests):
                    self._hide_asked(*tests)
                case ast.UnaryOp(op=ast.Not(), operand=operand):
                    self._hide_asked(operand)
                case ast.Compare(left=left, comparators=others):
                    self._hide(left, *others)
                case ast.Call(func=function, args=arguments, keywords=keywords):
                    self.called[id(function)] = node
                    is_blind = isinstance(function, ast.Name) and function.id in blind
                    if is_blind and len(arguments) == 1 and not keywords:
                        self._hide(*arguments)
                case ast.Raise(exc=ast.expr() as raised):
                    self.raised |= {id(raised), id(getattr(raised, "func", raised))}
                case ast.ClassDef(bases=bases):
                    self.types |= {id(base) for base in bases}
                case ast.arg(annotation=ast.expr() as annotation) | ast.AnnAssign(annotation=annotation):
                    self.types |= {id(part) for part in ast.walk(annotation)}
                case ast.FunctionDef(returns=ast.expr() as annotation):
                    self.returns += ast.walk(annotation)
                    self.types |= {id(part) for part in ast.walk(annotation)}

    def _hide_asked(self, *nodes: ast.expr) -> None:
        """Of these it is only asked whether they are empty."""
        for node in nodes:
            if isinstance(node, ast.BoolOp):
                self._hide_asked(*node.values)
            else:
                self._hide(node)

    def _hide(self, *nodes: ast.expr) -> None:
        for node in nodes:
            self.order_blind.add(id(node))
            if isinstance(node, ast.BinOp):
                self._hide(node.left, node.right)


def _reasons(node: ast.AST, scope: NameScope, places: _Places, modules: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Why this node alone may not stand in a contract: rule, reason, and what it is about."""
    if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):  # check: source-float-literal
        yield "float-literal", f"the number {node.value} is a float; count in a smaller unit", str(node.value)
    if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):  # check: source-division
        yield "division", "`/` gives a float; use `//` and state the rounding", "/"
    if isinstance(node, ast.BinOp | ast.AugAssign) and _may_be_root(node):  # check: source-power
        yield "power", "`**` with an exponent that is not a literal can give a float", "**"
    if _is_open_pow(node, places):  # check: source-pow
        yield "power", "`pow` with an exponent that is not a literal can give a float", "pow"
    if isinstance(node, ast.Name) and node.id in FORBIDDEN_NAMES:  # check: source-name
        yield "name", f"`{node.id}` is not for contracts{_STOPS if node.id == BREAKPOINT else ''}", node.id
    if isinstance(node, ast.Attribute) and node.attr in FORBIDDEN_ATTRIBUTES:  # check: source-attribute
        yield "name", f"`{node.attr}` is not for contracts", node.attr
    if _dunder(node):  # check: source-dunder
        yield "dunder", f"`{_dunder(node)}` reaches behind the language", _dunder(node)
    if _is_set(node) and id(node) not in places.order_blind:  # check: source-set-order
        yield "set-order", "a set has an order of its own on every machine; use sorted(…), a tuple or a dict", "set"
    if _is_set_of_views(node, scope) and id(node) not in places.order_blind:  # check: source-view-order
        yield "set-order", "`- | & ^` of keys or items makes a set, which has an order of its own on every machine", "keys"
    if isinstance(node, ast.Name) and node.id in SETS and id(node) not in places.called:  # check: source-set-name
        yield "set-type", f"`{node.id}` as a type or as a value lets a set in, which has an order of its own", node.id
    if _is_quoted_set(node) and id(node) in places.types:  # check: source-set-quoted
        yield "set-type", "a set as a type lets a set in, which has an order of its own", "set"
    address = _address(node, scope, places)
    if address:  # check: source-address
        yield "address", f"`{address}` shows as an address, which is another one on every machine", address
    if _is_loose_format(node, places, modules):  # check: source-format
        yield "format", "`format` can reach behind names, ask the locale or give a float; write an f-string", "format"
    if _is_identity(node):  # check: source-identity
        yield "identity", "`is` between texts or numbers hangs on the interpreter; use `==`", "is"
    caught = _broad(node, places)
    if caught:  # check: source-broad-except
        yield "broad-except", f"`{caught}` also catches a used-up stack or memory; name what is meant", caught
    if _leaves_finally(node):  # check: source-finally
        yield "finally", "leaving `finally` swallows every exception, a used-up stack too", "finally"
    words = _words_of_error(node)
    if words:  # check: source-error-words
        yield "error-words", f"the words of `{words}` are Python's and differ between versions; say it in your own", words
    if isinstance(node, ast.Global | ast.Nonlocal):  # check: source-global
        yield "global", "a contract keeps nothing but its state", ", ".join(node.names)
    if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):  # check: source-async
        yield "async", "an operation waits for nothing", "async"
    if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):  # check: source-star-import
        yield "star-import", "a star import hides what is imported", node.module or ""


# Numbers


def _may_be_root(node: ast.BinOp | ast.AugAssign) -> bool:
    exponent = node.right if isinstance(node, ast.BinOp) else node.value
    return isinstance(node.op, ast.Pow) and not _is_natural(exponent)


def _is_open_pow(node: ast.AST, places: _Places) -> bool:
    """Whether this is `pow` otherwise than called with a literal exponent, or with a modulus."""
    if not isinstance(node, ast.Name) or node.id != "pow":
        return False
    call = places.called.get(id(node))
    if call is None or any(isinstance(argument, ast.Starred) for argument in call.args):
        return True
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return not (len(given) == 3 or (len(call.args) == 2 and len(given) == 2 and _is_natural(call.args[1])))


def _is_natural(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


# Names


def _dunder(node: ast.AST) -> str:
    """The name with two underscores that this node uses or defines without leave, or ""."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name if name.startswith("__") and name not in DUNDERS else ""
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return name if name.startswith("__") and name not in DEFINED else ""
    return ""


# Sets


def _is_set(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in SETS
    return isinstance(node, ast.Set | ast.SetComp)


def _is_quoted_set(node: ast.AST) -> bool:
    """Whether this text, as an annotation, is a set of something."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(re.search(r"\b(frozen)?set\[", node.value))


def _is_set_of_views(node: ast.AST, scope: NameScope) -> bool:
    match node:
        case ast.BinOp(left=left, op=ast.Sub() | ast.BitOr() | ast.BitAnd() | ast.BitXor(), right=right):
            return _is_view(left, scope) or _is_view(right, scope)
        case ast.AugAssign(target=target, op=ast.Sub() | ast.BitOr() | ast.BitAnd() | ast.BitXor(), value=value):
            return _is_view(target, scope) or _is_view(value, scope)
    return False


def _is_view(node: ast.AST | None, scope: NameScope) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="keys" | "items"), args=[], keywords=[]):
            return True
        case ast.Name(id=name):
            return any(value is not node and _is_view_itself(value) for value in scope.values(name))
    return False


def _is_view_itself(value: ast.AST | None) -> bool:
    return not isinstance(value, ast.Name) and _is_view(value, NameScope(ast.Module([], []), None))


# Text


def _address(node: ast.AST, scope: NameScope, places: _Places) -> str:
    """What this node turns into text though it shows no more than its address; or `object` itself."""
    match node:
        case ast.Name(id="object") if id(node) not in places.types:
            return "object"
        case ast.Call(func=ast.Name(id=name), args=[shown, *_]) if name in AS_TEXT:
            return _shown_by_address(shown, scope)
        case ast.FormattedValue(value=shown):
            return _shown_by_address(shown, scope)
        case ast.BinOp(left=ast.Constant(value=str()), op=ast.Mod(), right=shown):
            return _shown_by_address(shown, scope)
    return ""


def _shown_by_address(shown: ast.AST | None, scope: NameScope, depth: int = 0) -> str:
    match shown:
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Dict(values=parts):
            return next(filter(None, (_shown_by_address(part, scope, depth) for part in parts)), "")
        case ast.ListComp(elt=part):
            return _shown_by_address(part, scope, depth)
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            around = scope.enclosing_class()
            own = [] if around is None or name != "self" else around.bound.get(attribute, [])
            is_own = any(_is_method(value) or _is_collection(value) for value in own)
            return ast.unparse(shown) if is_own or attribute in METHODS_OF_TEXT else ""
        case ast.Attribute(attr=attribute) if attribute in METHODS_OF_TEXT:
            return ast.unparse(shown)
        case ast.Lambda() | ast.GeneratorExp():
            return ast.unparse(shown)
        case ast.Name(id="self" | "context") if scope.values(shown.id) == [None]:
            around = scope.enclosing_class()
            return shown.id if shown.id == "context" or (around is not None and _is_contract_like(around.node)) else ""
        case ast.Name(id=name):
            values = scope.values(name)
            if any(isinstance(value, ast.FunctionDef | ast.Lambda) for value in values):
                return name
            made = (value for value in values if not isinstance(value, ast.Name | ast.Attribute) and depth < SHOWN_DEPTH_MAX)
            return name if any(_shown_by_address(value, scope, depth + 1) for value in made) else ""
        case ast.Call(func=ast.Name(id=name), args=arguments):
            values = scope.values(name)
            if not values:
                return ast.unparse(shown) if name in ITERATORS else ""
            keeps = (
                any(isinstance(value, ast.ImportFrom) and value.module == "functools" for value in values) and name == "partial"
            )
            if name == "defaultdict" and arguments:
                return _shown_by_address(arguments[0], scope, depth)
            return ast.unparse(shown) if keeps or any(_is_plain(value) or _is_opaque(value) for value in values) else ""
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attribute)):
            is_opaque = any(isinstance(v, ast.Import) and _is_opaque(v) for v in scope.values(name))
            return ast.unparse(shown) if is_opaque else ""
    return ""


def _is_opaque(value: ast.AST | None) -> bool:
    """Whether it is an import from a module whose objects show an address."""
    match value:
        case ast.ImportFrom(module=module):
            return module in OPAQUE
        case ast.Import(names=names):
            return any(alias.name in OPAQUE for alias in names)
    return False


def _is_method(value: ast.AST | None) -> bool:
    """Whether it is a function of a class that is no property."""
    return isinstance(value, ast.FunctionDef) and not any(
        isinstance(decorator, ast.Name) and decorator.id == "property" for decorator in value.decorator_list
    )


def _is_collection(value: ast.AST | None) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "Collection"


def _is_plain(value: ast.AST | None) -> bool:
    """Whether it is a class without bases, decorators and a text of its own."""
    if not isinstance(value, ast.ClassDef) or value.bases or value.decorator_list:
        return False
    return not any(isinstance(line, ast.FunctionDef) and line.name in ("__str__", "__repr__") for line in value.body)


def _is_contract_like(node: ast.AST) -> bool:
    """Whether a class has an operation, or no text of its own."""
    if not isinstance(node, ast.ClassDef):
        return False
    decorators = [call for line in node.body if isinstance(line, ast.FunctionDef) for call in line.decorator_list]
    names = [call.func.id for call in decorators if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)]
    return "operation" in names or _is_plain(node)


def _is_loose_format(node: ast.AST, places: _Places, modules: Mapping[str, str]) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id=name), attr="format") if name in modules:
            return False
        case ast.Attribute(value=template, attr=method) if method in FORMAT:
            if isinstance(template, ast.Constant) and isinstance(template.value, str):
                return method != "format" or id(node) not in places.called or not _is_plain_template(template.value)
            return id(node) in places.called or isinstance(template, ast.JoinedStr) or _dotted(template) == ["str"]
        case ast.FormattedValue(format_spec=ast.JoinedStr(values=parts)):
            return any(isinstance(part, ast.Constant) and _is_float_format(str(part.value)) for part in parts[-1:])
        case ast.Call(func=ast.Name(id="format"), args=[_, specification]):
            return not isinstance(specification, ast.Constant) or _is_float_format(str(specification.value))
    return False


def _is_plain_template(text: str) -> bool:
    """Whether a template names whole arguments alone and asks for no float."""
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError:
        return False
    return all(not name or name.isidentifier() or name.isdigit() for _, name, _, _ in fields) and not any(
        specification and ("{" in specification or _is_float_format(specification)) for _, _, specification, _ in fields
    )


def _is_float_format(specification: str) -> bool:
    return specification[-1:] in FLOAT_FORMATS | {"n"}


def _is_identity(node: ast.AST) -> bool:
    if not isinstance(node, ast.Compare) or not any(isinstance(operator, ast.Is | ast.IsNot) for operator in node.ops):
        return False
    sides = [node.left, *node.comparators]
    pairs = zip(sides, node.ops, sides[1:], strict=False)
    return any(isinstance(by, ast.Is | ast.IsNot) and not (_is_one(a) or _is_one(b)) for a, by, b in pairs)


def _is_one(node: ast.expr) -> bool:
    """Whether there is only one of its kind: None, a truth value, a class, a member of an enumeration, a constant."""
    match node:
        case ast.Constant(value=value):
            return value is None or isinstance(value, bool) or value is ...
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.lstrip("_")[:1].isupper()
        case ast.Call(func=ast.Name(id=name)):
            return name == "type"
    return False


# Exceptions


def _broad(node: ast.AST, places: _Places) -> str:
    match node:
        case ast.ExceptHandler(type=None):
            return "except:"
        case ast.Name(id=name) if name in BROAD and id(node) not in places.raised | places.types:
            return name
    return ""


def _leaves_finally(node: ast.AST) -> bool:
    if not isinstance(node, ast.Try) or not node.finalbody:
        return False
    waiting: list[tuple[ast.AST, bool]] = [(line, False) for line in node.finalbody]
    for line, is_loop in waiting:
        if isinstance(line, ast.Return) or (isinstance(line, ast.Break | ast.Continue) and not is_loop):
            return True
        if not isinstance(line, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            waiting += [(part, is_loop or isinstance(line, ast.For | ast.While)) for part in ast.iter_child_nodes(line)]
    return False


def _words_of_error(node: ast.AST) -> str:
    """The name of a caught exception whose text is used; that of the contract's own exceptions is its own."""
    if not isinstance(node, ast.ExceptHandler) or node.name is None or node.type is None:
        return ""
    for part in (part for line in node.body for part in ast.walk(line)):
        match part:
            case ast.Call(func=ast.Name(id=function), args=[ast.Name(id=name), *_]) if function in AS_TEXT and name == node.name:
                return name
            case ast.FormattedValue(value=ast.Name(id=name)) if name == node.name:
                return name
            case ast.BinOp(left=ast.Constant(value=str()), op=ast.Mod(), right=shown):
                parts = shown.elts if isinstance(shown, ast.Tuple) else [shown]
                if any(isinstance(part, ast.Name) and part.id == node.name for part in parts):
                    return node.name
            case ast.Attribute(value=ast.Name(id=name), attr="args" | "errors" | "msg" | "reason") if name == node.name:
                return name
    return ""


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
