"""The rules that a statement or an expression breaks where it stands; `breaches` names those of `kept` and `recursion` too."""

import ast
import re
import string
from collections.abc import Iterator, Mapping

from ledger.contract.source_rules.importing import DUNDERS, import_breaches, module_names
from ledger.contract.source_rules.kept import kept_breaches
from ledger.contract.source_rules.names import NameScope, Program, Value, words
from ledger.contract.source_rules.recursion import recursion_breaches
from ledger.contract.source_rules.source import Imported, Remark, SourceModule

FORBIDDEN_NAMES = words("""
    float complex hash id eval exec compile open globals locals vars dir input print breakpoint memoryview getattr setattr delattr
    exit quit help aiter anext
""")
FORBIDDEN_ATTRIBUTES = words("model_fields_set gi_frame f_globals f_locals f_builtins f_back tb_frame")
"""A set of pydantic's, and what leads to an interpreter's own state."""
OF_STATE = "_ledger_"
"""How attributes begin through which the whole state is reached."""
SETS = words("set frozenset")
ORDER_BLIND = words("sorted len min max any all bool")
"""Functions whose result does not depend on the order of their one argument; with a keyword it does, where a key ties."""
BY_COMPARING = words("sorted min max")
"""Of these the ones that compare, and so tie where a class has a comparison of its own."""
COMPARISONS = words("__lt__ __le__ __gt__ __ge__")
DEFINED = DUNDERS | words("""
    __str__ __repr__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__ __bool__ __len__ __iter__ __contains__ __getitem__ __call__ __add__
    __radd__ __sub__ __rsub__ __mul__ __rmul__ __floordiv__ __mod__ __neg__ __abs__
""")
"""Methods of Python's own that a class may have: none that runs when an object is thrown away, or swallows an exception."""
BROAD = words("""
    BaseException Exception RuntimeError RecursionError MemoryError SystemError BaseExceptionGroup ExceptionGroup
    KeyboardInterrupt SystemExit GeneratorExit
""")
"""Exceptions among which are those of a used-up stack or memory, or of an interpreter that ends."""
ITERATORS = words("iter map filter zip enumerate reversed super")
"""Functions whose result shows an address as text."""
AS_TEXT = words("str repr ascii format")
OPAQUE = words("itertools hashlib")
"""Modules whose objects show an address as text."""
METHODS_OF_TEXT = words("""
    upper lower strip lstrip rstrip casefold capitalize swapcase zfill splitlines hexdigest isdigit isdecimal isalpha isalnum
    startswith endswith removeprefix removesuffix
""")
"""Methods that are hardly the name of a field: without parentheses they show an address."""
SHOWN_DEPTH_MAX = 5
"""Names that are followed to what they are bound to."""
FLOAT_FORMATS = frozenset("eEfFgG%n")
"""Last letters of formats that give a float, or ask the locale."""


def breaches(sources: Mapping[str, SourceModule]) -> Iterator[Remark]:
    """Every breach of every source, file by file, imports first and then line by line."""
    program = Program(sources)
    modules = {module: module_names(source) for module, source in sources.items()}
    beyond = [*kept_breaches(program), *recursion_breaches(program)]
    for module, source in sources.items():
        judge = _Judge(program, source, modules[module])
        found = [*judge.breaches(), *((node, rule, subject) for of, node, rule, subject in beyond if of is source)]
        found.sort(key=lambda breach: getattr(breach[0], "lineno", 0))
        for node, rule, subject in (*import_breaches(program, source, modules), *found):
            yield source.remark(getattr(node, "lineno", 0), rule, subject)


class _Judge:
    """One source, node by node."""

    def __init__(self, program: Program, source: SourceModule, modules: Mapping[str, str]) -> None:
        self.scopes = program.scopes[source.module]
        self.parents = program.parents
        self.modules = modules
        """Names that stand for modules."""
        bound = {name for scope in self.scopes if not isinstance(scope.node, ast.ClassDef) for name in scope.bound}
        compares = any(isinstance(node, ast.FunctionDef) and node.name in COMPARISONS for node in ast.walk(source.tree))
        self.blind = ORDER_BLIND - bound - (BY_COMPARING if compares else set())
        """Functions that are Python's own here, and blind to the order of a set."""

    def breaches(self) -> Iterator[tuple[ast.AST, str, str]]:
        """Each place with the rule that it breaks, and the subject."""
        for scope in self.scopes:
            for node in scope.nodes:
                yield from ((node, rule, subject) for rule, subject in self._rules(node, scope))

    def _rules(self, node: ast.AST, scope: NameScope) -> Iterator[tuple[str, str]]:
        name = node.id if isinstance(node, ast.Name) else ""
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):  # check: source-float-literal
            yield "float-literal", str(node.value)
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):  # check: source-division
            yield "division", "/"
        if _may_be_root(node):  # check: source-power
            yield "power", "**"
        if name == "pow" and self._is_open_pow(node):  # check: source-pow
            yield "power", "pow"
        if name in FORBIDDEN_NAMES:  # check: source-name
            yield "breakpoint" if name == "breakpoint" else "name", name
        attributes = (
            [node.attr] if isinstance(node, ast.Attribute) else node.kwd_attrs if isinstance(node, ast.MatchClass) else []
        )
        if led := FORBIDDEN_ATTRIBUTES.intersection(attributes):  # check: source-attribute
            yield "name", min(led)
        if past := _past_reads(node):  # check: source-foreign-state
            yield "foreign-state", past
        if dunder := _dunder(node):  # check: source-dunder
            yield "dunder", dunder
        if _is_set(node) and not self._is_order_hidden(node):  # check: source-set-order
            yield "set-order", "set"
        if _is_set_of_views(node, scope) and not self._is_order_hidden(node):  # check: source-view-order
            yield "set-order", "keys"
        if name in SETS and self._call_of(node) is None:  # check: source-set-name
            yield "set-type", name
        if _is_quoted_set(node) and self._is_type(node):  # check: source-set-quoted
            yield "set-type", "set"
        if address := self._address(node, scope):  # check: source-address
            yield "address", address
        if self._is_loose_format(node):  # check: source-format
            yield "format", "format"
        if _is_identity(node):  # check: source-identity
            yield "identity", "is"
        if caught := self._broad(node):  # check: source-broad-except
            yield "broad-except", caught
        if _leaves_finally(node):  # check: source-finally
            yield "finally", "finally"
        if said := _words_of_error(node):  # check: source-error-words
            yield "error-words", said
        if isinstance(node, ast.Global | ast.Nonlocal):  # check: source-global
            yield "global", ", ".join(node.names)
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):  # check: source-async
            yield "async", "async"
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):  # check: source-star-import
            yield "star-import", node.module or ""

    # Where a node stands

    def _call_of(self, node: ast.AST) -> ast.Call | None:
        """The call of which this is the function."""
        parent, part = self.parents[node]
        return parent if isinstance(parent, ast.Call) and part == "func" else None

    def _is_raised(self, node: ast.AST) -> bool:
        parent, part = self.parents[self._call_of(node) or node]
        return isinstance(parent, ast.Raise) and part == "exc"

    def _is_type(self, node: ast.AST) -> bool:
        """Whether it is a base of a class, or a part of an annotation."""
        if self.parents[node][1] == "bases":
            return True
        place: tuple[ast.AST, str] | None = self.parents[node]
        while place is not None and place[1] not in ("annotation", "returns"):
            place = self.parents.get(place[0])
        return place is not None

    def _is_order_hidden(self, node: ast.AST) -> bool:
        """Whether it is compared, asked whether it is empty, or given to a function that is blind to order."""
        parent, part = self.parents[node]
        while isinstance(parent, ast.BinOp):
            parent, part = self.parents[parent]
        match parent:
            case ast.Compare():
                return True
            case ast.Call(func=ast.Name(id=name), args=[_], keywords=[]) if part == "args" and name in self.blind:
                return True
        while isinstance(parent, ast.BoolOp):
            parent, part = self.parents[parent]
        return part in ("test", "ifs") or (isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not))

    # What it is

    def _is_open_pow(self, node: ast.AST) -> bool:
        """Whether it is `pow` otherwise than called with a literal exponent, or with a modulus."""
        call = self._call_of(node)
        if call is None or any(isinstance(argument, ast.Starred) for argument in call.args):
            return True
        given = len(call.args) + len(call.keywords)
        return not (given == 3 or (len(call.args) == given == 2 and _is_natural(call.args[1])))

    def _address(self, node: ast.AST, scope: NameScope) -> str:
        """What this node turns into text though it shows no more than its address; or `object` itself."""
        match node:
            case ast.Name(id="object") if not self._is_type(node):
                return "object"
            case ast.Call(func=ast.Name(id=name), args=[shown, *_]) if name in AS_TEXT:
                return _shown_by_address(shown, scope)
            case ast.FormattedValue(value=shown):
                return _shown_by_address(shown, scope)
            case ast.BinOp(left=ast.Constant(value=str()), op=ast.Mod(), right=shown):
                return _shown_by_address(shown, scope)
        return ""

    def _is_loose_format(self, node: ast.AST) -> bool:
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr="format") if name in self.modules:
                return False
            case ast.Attribute(value=template, attr=method) if method in ("format", "format_map"):
                if isinstance(template, ast.Constant) and isinstance(template.value, str):
                    return method != "format" or self._call_of(node) is None or not _is_plain_template(template.value)
                return self._call_of(node) is not None or isinstance(template, ast.JoinedStr) or ast.unparse(template) == "str"
            case ast.FormattedValue(format_spec=ast.JoinedStr(values=parts)):
                return any(isinstance(part, ast.Constant) and _is_float_format(str(part.value)) for part in parts[-1:])
            case ast.Call(func=ast.Name(id="format"), args=[_, specification]):
                return not isinstance(specification, ast.Constant) or _is_float_format(str(specification.value))
        return False

    def _broad(self, node: ast.AST) -> str:
        match node:
            case ast.ExceptHandler(type=None):
                return "except:"
            case ast.Name(id=name) if name in BROAD and not self._is_type(node) and not self._is_raised(node):
                return name
        return ""


def _may_be_root(node: ast.AST) -> bool:
    match node:
        case ast.BinOp(op=ast.Pow(), right=exponent) | ast.AugAssign(op=ast.Pow(), value=exponent):
            return not _is_natural(exponent)
    return False


def _is_natural(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


def _past_reads(node: ast.AST) -> str:
    """What reaches other contracts' records past what this one declares to read: the whole state, or one of them made to run."""
    match node:
        case ast.Attribute(attr=name) if name.startswith(OF_STATE):
            return name
        case ast.MatchClass(kwd_attrs=names):
            return next((name for name in names if name.startswith(OF_STATE)), "")
        case ast.Call(func=ast.Attribute(attr="run" as name), args=[ast.Name(id="context"), *_]):
            return name
    return ""


def _dunder(node: ast.AST) -> str:
    """The name with two underscores that this node uses or defines without leave, or ""."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name if name.startswith("__") and name not in DUNDERS else ""
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return name if name.startswith("__") and name not in DEFINED else ""
        case ast.MatchClass(kwd_attrs=names):
            return next((name for name in names if name.startswith("__") and name not in DUNDERS), "")
    return ""


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


def _is_view(node: ast.AST, scope: NameScope) -> bool:
    return any(map(_makes_view, scope.values(node.id) if isinstance(node, ast.Name) else [node]))


def _makes_view(node: Value) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="keys" | "items"), args=[], keywords=[]):
            return True
    return False


def _shown_by_address(shown: Value, scope: NameScope, depth: int = 0) -> str:
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
            keeps = name == "partial" and any(isinstance(value, Imported) and value.module == "functools" for value in values)
            if name == "defaultdict" and arguments:
                return _shown_by_address(arguments[0], scope, depth)
            return ast.unparse(shown) if keeps or any(_is_plain(value) or _is_opaque(value) for value in values) else ""
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attribute)):
            is_opaque = any(isinstance(v, Imported) and not v.name and _is_opaque(v) for v in scope.values(name))
            return ast.unparse(shown) if is_opaque else ""
    return ""


def _is_opaque(value: Value) -> bool:
    """Whether it is an import of, or from, a module whose objects show an address."""
    return isinstance(value, Imported) and value.module in OPAQUE


def _is_method(value: Value) -> bool:
    """Whether it is a function of a class that is no property."""
    return isinstance(value, ast.FunctionDef) and not any(
        isinstance(decorator, ast.Name) and decorator.id == "property" for decorator in value.decorator_list
    )


def _is_collection(value: Value) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "Collection"


def _is_plain(value: Value) -> bool:
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


def _is_plain_template(text: str) -> bool:
    """Whether a template names only whole arguments and asks for no float."""
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
