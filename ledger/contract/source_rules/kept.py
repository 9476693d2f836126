"""What of a contract would outlive an operation: it keeps nothing but its state.

kept-iterator    a module or class holds what is used up by reading it: a generator, `map`, `itertools.count()`
mutable-default  a parameter's default that can be changed: it is one object for all calls
kept-state       a function changes a table, an attribute or a default of its module or of a class, or of a function around it

Tables may stand at module and class level, and code that runs on import may fill them. What an expression is a part of is
followed through names, items, attributes and loops, and not through calls of functions: `contract check` looks at the
modules themselves, before and after.
"""

import ast
from collections.abc import Callable, Iterator, Set

from ledger.contract.source_rules.names import MADE, Function, NameScope, NamesSeen, Owner, Program, Value, words
from ledger.contract.source_rules.source import Imported, SourceModule

TABLES = words("list dict set bytearray defaultdict deque Counter OrderedDict ChainMap")
"""What makes a new table when it is called."""
USED_UP = words("iter map filter zip enumerate reversed")
HOLDERS = words("partial field Field")
"""Functions that keep what they are given."""
CHANGES = words("""
    append extend insert pop popitem remove clear add discard update setdefault sort reverse appendleft extendleft popleft rotate
    subtract move_to_end difference_update intersection_update symmetric_difference_update
""")
"""Methods that change a table."""
CHANGES_FIRST = words("heapify heappush heappop heappushpop heapreplace insort insort_left insort_right next")
"""Functions that change their first argument."""
PARTS = words("get setdefault values items")
"""Methods whose result is a part of a table."""
OF_FRAMEWORK = words("operations collections refusals read_rules reads field_lists")
"""Tables that every contract's class has."""
Displays = ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp
Counts = Callable[[Value], bool]


def kept_breaches(program: Program) -> Iterator[tuple[SourceModule, ast.AST, str, str]]:
    """Each place with its source, the rule that it breaks, and the subject."""
    scopes = [scope for found in program.scopes.values() for scope in found]
    classes = [scope for scope in scopes if isinstance(scope.node, ast.ClassDef)]
    tables = {name for scope in classes for name, values in scope.bound.items() if any(map(_is_table, values))}
    for scope in scopes:
        yield from ((scope.source, *breach) for breach in _Judge(program, scope, OF_FRAMEWORK | tables).breaches())


class _Judge:
    """One scope with what it can reach."""

    def __init__(self, program: Program, scope: NameScope, class_tables: Set[str]) -> None:
        self.program = program
        self.scope = scope
        self.class_tables = class_tables
        """Names of tables of all classes."""

    def breaches(self) -> Iterator[tuple[ast.AST, str, str]]:
        for name, values in () if self.scope.is_function else self.scope.bound.items():
            for value in values:
                if isinstance(value, ast.AST) and self._is_used_up(value):  # check: source-kept-iterator
                    yield value, "kept-iterator", name
        for node in self.scope.nodes:
            defaults = [*node.args.defaults, *node.args.kw_defaults] if isinstance(node, Function) else []
            for default in defaults:
                if default is not None and self._is_mutable(default):  # check: source-mutable-default
                    yield default, "mutable-default", getattr(node, "name", "lambda")
            if self.scope.is_function and (changed := self._changed(node)):  # check: source-kept-state
                yield node, "kept-state", changed

    def _is_used_up(self, value: ast.AST) -> bool:
        match value:
            case ast.GeneratorExp():
                return True
            case ast.Tuple() | ast.List() | ast.Dict() | ast.Set() | ast.IfExp() | ast.BoolOp() | ast.NamedExpr():
                return any(map(self._is_used_up, ast.iter_child_nodes(value)))
            case ast.Call(func=function, args=arguments, keywords=keywords):
                if _called(function) in HOLDERS:
                    return any(map(self._is_used_up, (*arguments, *(keyword.value for keyword in keywords))))
                return self._makes_iterator(function)
        return False

    def _makes_iterator(self, function: ast.expr) -> bool:
        base = function.value if isinstance(function, ast.Attribute) else function
        if not isinstance(base, ast.Name):
            return False
        values = self.scope.values(base.id)
        if not values:
            return base.id in USED_UP
        return any(self._is_generator(value) or (isinstance(value, Imported) and value.module == "itertools") for value in values)

    def _is_generator(self, value: Value) -> bool:
        inside = self.program.inside[value].nodes if isinstance(value, ast.FunctionDef) else []
        return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in inside)

    def _is_mutable(self, value: ast.expr) -> bool:
        if isinstance(value, ast.Name):
            return any(map(_is_table, self._bound(value, self.scope)))
        return _is_table(value) or self._is_used_up(value)

    def _changed(self, node: ast.AST) -> str:
        """Name of the thing that this node changes and that stays, or ""."""
        match node:
            case ast.Attribute(
                value=(ast.Name(id="cls") | ast.Call(func=ast.Name(id="type"))) as value, ctx=ast.Store() | ast.Del()
            ):
                return ast.unparse(value)
            case ast.Attribute(value=value, ctx=ast.Store() | ast.Del()):
                return self._root(value, self.scope) or self._of_outer(value)
            case ast.Attribute(value=value, attr=method) if method in CHANGES and not self._is_called(node):
                return self._root(value, self.scope, _is_table)  # a call of this value changes the table
            case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()):
                return self._root(value, self.scope) or self._of_outer(value)
            case ast.AugAssign(target=ast.Name(id=name)) if self.scope.bound.get(name) and self._is_alias(name):
                return self._root(node.target, self.scope)
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=value, attr=method))) if method in CHANGES:
                return self._root(value, self.scope, _is_other_object)
            case ast.Call(func=ast.Attribute(value=value, attr=method), args=arguments):
                if method in CHANGES and not (isinstance(value, ast.Name) and value.id in TABLES):
                    return self._root(value, self.scope, _is_table) or self._of_outer(value)
                return self._root(arguments[0], self.scope) if method in CHANGES | CHANGES_FIRST and arguments else ""
            case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in CHANGES_FIRST:
                return self._root(first, self.scope)
        return ""

    def _is_called(self, node: ast.AST) -> bool:
        parent, part = self.program.parents[node]
        return isinstance(parent, ast.Call) and part == "func"

    def _root(self, value: Value, scope: NameScope, counts: Counts = lambda thing: True, seen: NamesSeen = frozenset()) -> str:
        """The thing of a module or class that this is, or is a part of, if what that is bound to `counts`; or ""."""
        match value:
            case ast.Name(id=name) if (owner := scope.owner(name)) is not None and (owner, name) not in seen:
                if not owner.is_function:
                    return name if any(map(counts, self._bound(value, scope))) else ""
                roots = [self._root(bound, owner, counts, seen | {(owner, name)}) for bound in owner.bound[name]]
                return roots[0] if all(roots) else ""
            case ast.Attribute(value=inner, attr=name):
                is_shared = name in self.class_tables and self._is_own(inner, scope) and not self._has_its_own(inner, name, scope)
                if is_shared or self._is_of_class(inner, name, scope):
                    return f"{ast.unparse(inner)}.{name}" if counts is not _is_other_object else ""
                if isinstance(inner, ast.Name) and any(isinstance(v, Imported) for v in scope.values(inner.id)):
                    things = self._bound(value, scope) if self.program.modules(inner.id, scope) else [None]
                    return f"{inner.id}.{name}" if any(map(counts, things)) else ""
                return self._root(inner, scope, counts, seen)
            case ast.Subscript(slice=ast.Slice()):
                return ""  # a copy; what stands in it is not
            case ast.Subscript(value=inner):
                while isinstance(inner, ast.Subscript) and isinstance(inner.slice, ast.Slice):
                    inner = inner.value
                return self._root(inner, scope, counts, seen)
            case ast.Call(func=ast.Attribute(value=inner, attr=method)) if method in PARTS:
                return self._root(inner, scope, counts, seen)
        return ""

    def _bound(self, name: ast.AST, scope: NameScope) -> list[Value]:
        return [value for value, _ in self.program.bindings(name, scope)]

    def _is_own(self, value: ast.AST, scope: NameScope) -> bool:
        """Whether this is the contract, its class, or the context, which holds the class's refusals."""
        match value:
            case ast.Name(id=name):
                return name in ("self", "cls", "context") or any(isinstance(v, ast.ClassDef) for v in self._bound(value, scope))
            case ast.Call(func=ast.Name(id="type" | "super")):
                return True
        return False

    def _has_its_own(self, value: ast.AST, name: str, scope: NameScope) -> bool:
        """Whether every object of the class around this has an attribute of that name of its own."""
        around = scope.enclosing_class()
        return around is not None and isinstance(value, ast.Name) and value.id == "self" and _sets_itself(around.node, name)

    def _is_of_class(self, value: ast.AST, name: str, scope: NameScope) -> bool:
        """Whether this is an object of an own plain class, and the attribute a table of that class, one for all objects."""
        if not isinstance(value, ast.Name):
            return False
        made = [call.func for call in scope.values(value.id) if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)]
        classes = [thing for called in made for thing in self._bound(called, scope) if isinstance(thing, ast.ClassDef)]
        return any(self._holds_table(one, name) and not _sets_itself(one, name) for one in classes)

    def _holds_table(self, node: ast.ClassDef, name: str) -> bool:
        """Whether a class without bases and decorators, or a named tuple, binds the name to a table."""
        is_plain = not node.decorator_list and all(_called(base) == "NamedTuple" for base in node.bases)
        return is_plain and any(map(_is_table, self.program.inside[node].bound.get(name, [])))

    def _of_outer(self, value: ast.AST) -> str:
        """A table of the function around this one, which hands this one on: so it outlives the call."""
        while isinstance(value, ast.Subscript | ast.Attribute):
            value = value.value
        if not isinstance(value, ast.Name):
            return ""
        owner = self.scope.owner(value.id)
        if owner is None or owner is self.scope or not owner.is_function or not any(map(_is_table, owner.bound[value.id])):
            return ""
        handed_on = [node.value for node in owner.nodes if isinstance(node, ast.Return)]
        if isinstance(owner.node, ast.Lambda):
            handed_on = [owner.node.body]
        name = getattr(self.scope.node, "name", "")
        inside = [part for whole in handed_on if whole is not None for part in ast.walk(whole)]
        is_handed_on = any(part is self.scope.node or (isinstance(part, ast.Name) and part.id == name) for part in inside)
        return value.id if is_handed_on else ""

    def _is_alias(self, name: str) -> bool:
        """Whether a local name stands for a table itself, not for an item of one."""
        values = self.scope.bound[name]
        return all(isinstance(value, ast.Name) and any(map(_is_table, self._bound(value, self.scope))) for value in values)


def _is_other_object(value: Value) -> bool:
    """Whether it is bound to an object that may be changed by a method, though it is no table that is known."""
    return isinstance(value, ast.expr) and not _is_table(value)


def _sets_itself(node: Owner, name: str) -> bool:
    """Whether the class gives each of its objects that attribute when it is made."""
    body = node.body if isinstance(node, ast.ClassDef) else []  # not of a class within this one
    made = [line for line in body if isinstance(line, ast.FunctionDef) and line.name in MADE]
    stored = [part for function in made for part in ast.walk(function) if isinstance(part, ast.Attribute)]
    return any(isinstance(part.ctx, ast.Store) and part.attr == name for part in stored)


def _is_table(value: Value) -> bool:
    return isinstance(value, Displays) or (isinstance(value, ast.Call) and _called(value.func) in TABLES)


def _called(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
