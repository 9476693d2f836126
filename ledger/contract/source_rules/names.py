"""What the names of a contract's sources stand for: the ground of all rules that look beyond a single node.

Approximate, and enough for that: comprehensions share their function's scope, and what is bound several times has several
values.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from ledger.contract.source_rules.source import Imported, SourceModule, imports

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Owner = ast.Module | ast.ClassDef | Function
Value: TypeAlias = ast.AST | Imported | None
"""What a name is bound to: a definition, an import, an expression; a part of one as a Subscript; None for what only a caller
knows."""
MADE = ("__init__", "__post_init__")
"""Methods that run when a class is called."""
FOLLOWED_MAX = 20
"""Imports that are followed from one own module to the next."""


def words(text: str) -> frozenset[str]:
    """Names as a set."""
    return frozenset(text.split())


@dataclass(eq=False, slots=True)
class NameScope:
    """A module, a class or a function, with the nodes that run in it and not in a scope inside of it."""

    source: SourceModule
    node: Owner
    outer: "NameScope | None"
    nodes: list[ast.AST] = field(default_factory=list)
    bound: dict[str, list[Value]] = field(default_factory=dict)
    """By name the values that it is bound to."""
    types: dict[str, ast.expr] = field(default_factory=dict)
    """By name its annotation."""

    @property
    def name(self) -> str:
        """Of a class or a function."""
        return getattr(self.node, "name", "lambda")

    @property
    def is_function(self) -> bool:
        """Whether it runs when it is called, and not when the module is imported."""
        return isinstance(self.node, Function)

    def owner(self, name: str) -> "NameScope | None":
        """The scope that binds the name as it is seen from here; None for a built-in."""
        scope: NameScope | None = self
        while scope is not None:
            if name in scope.bound and (scope is self or not isinstance(scope.node, ast.ClassDef)):
                return scope
            scope = scope.outer
        return None

    def values(self, name: str) -> list[Value]:
        """What the name may be bound to; nothing for a built-in."""
        owner = self.owner(name)
        return [] if owner is None else owner.bound[name]

    def enclosing_class(self) -> "NameScope | None":
        """The class that this is a method of, or a function inside of one of its methods."""
        scope: NameScope | None = self
        while scope is not None and not isinstance(scope.node, ast.ClassDef):
            scope = scope.outer
        return scope


NamesSeen = frozenset[tuple[NameScope, str]]
"""Names that were followed already, each with the scope that binds it: one may lead back to itself."""


class Program:
    """All sources of a contract: their scopes, and what a name of one stands for in another."""

    def __init__(self, sources: Mapping[str, SourceModule]) -> None:
        self.sources = sources
        self.scopes = {module: _scopes_of(source) for module, source in sources.items()}
        """By module, its own first, then those of its classes and functions in the order of the text."""
        self.inside: dict[Value, NameScope] = {scope.node: scope for scopes in self.scopes.values() for scope in scopes}
        """Of each module, class and function its scope."""
        self.parents = {
            child: (parent, name)
            for source in sources.values()
            for parent in ast.walk(source.tree)
            for name, value in ast.iter_fields(parent)
            for child in (value if isinstance(value, list) else [value])
            if isinstance(child, ast.AST)
        }
        """Of each node the one that it is a part of, and as which part."""

    def top(self, scope: NameScope) -> NameScope:
        """The scope of its module."""
        return self.scopes[scope.source.module][0]

    def bindings(self, node: Value, scope: NameScope) -> Iterator[tuple[Value, NameScope]]:
        """What a name, or a name of an own module, may be bound to, each with the scope that binds it; imports are followed."""
        match node:
            case ast.Name(id=name) if (owner := scope.owner(name)) is not None:
                yield from self.members(owner, name)
            case ast.Attribute(value=ast.Name(id=alias), attr=name):
                for module in self.modules(alias, scope):
                    yield from self.members(module, name)

    def members(self, owner: NameScope, name: str, depth: int = 0) -> Iterator[tuple[Value, NameScope]]:
        """The same of a name that a scope binds itself; own modules may import from each other in a circle."""
        for value in owner.bound.get(name, []):
            origin = self.scopes.get(value.module) if isinstance(value, Imported) and depth <= FOLLOWED_MAX else None
            if isinstance(value, Imported) and origin is not None and value.name in origin[0].bound:
                yield from self.members(origin[0], value.name, depth + 1)
            else:
                yield value, owner

    def modules(self, alias: str, scope: NameScope) -> list[NameScope]:
        """The own modules that a name may stand for."""
        targets = [value.target for value in scope.values(alias) if isinstance(value, Imported)]
        return [self.scopes[module][0] for module in targets if module in self.scopes]


def _scopes_of(source: SourceModule) -> list[NameScope]:
    scopes = [NameScope(source, source.tree, None)]
    for scope in scopes:
        for child in _body(scope.node):
            scopes += _enter(scope, child)
    return scopes


def _body(owner: Owner) -> list[ast.stmt] | list[ast.expr]:
    return [owner.body] if isinstance(owner, ast.Lambda) else owner.body


def _enter(scope: NameScope, top: ast.AST) -> list[NameScope]:
    """Takes a node and what is below it into the scope; the scopes inside of it are returned, to be entered later."""
    inside: list[NameScope] = []
    waiting: list[ast.AST] = [top]
    while waiting:
        node = waiting.pop(0)
        scope.nodes.append(node)
        _bind(scope, node)
        if isinstance(node, ast.ClassDef | Function):
            inside.append(_function(node, scope) if isinstance(node, Function) else NameScope(scope.source, node, scope))
            waiting = [part for part in ast.iter_child_nodes(node) if part not in _body(node)] + waiting
        else:
            waiting = [*ast.iter_child_nodes(node), *waiting]
    return inside


def _function(node: Function, outer: NameScope) -> NameScope:
    scope, arguments = NameScope(outer.source, node, outer), node.args
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [*[None] * (len(plain) - len(arguments.defaults)), *arguments.defaults]
    starred = [argument for argument in (arguments.vararg, arguments.kwarg) if argument is not None]
    pairs = [*zip(plain, defaults, strict=True), *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    for argument, default in [*pairs, *((argument, None) for argument in starred)]:
        scope.bound[argument.arg] = [default]
        if argument.annotation is not None:
            scope.types[argument.arg] = argument.annotation
    return scope


def _bind(scope: NameScope, node: ast.AST) -> None:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            _add(scope, name, node)
        case ast.Import() | ast.ImportFrom():
            for one in imports(scope.source, node):
                _add(scope, one.bound, one)
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                _bind_target(scope, target, value)
        case ast.AnnAssign(target=target, value=value, annotation=annotation):
            _bind_target(scope, target, value)
            if isinstance(target, ast.Name):
                scope.types[target.id] = annotation
        case ast.NamedExpr(target=target, value=value):
            _bind_target(scope, target, value)
        case ast.For(target=target, iter=several) | ast.comprehension(target=target, iter=several):
            _bind_target(scope, target, _part(several))
        case ast.withitem(optional_vars=ast.expr() as target):
            _bind_target(scope, target, None)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            _add(scope, name, None)


def _bind_target(scope: NameScope, target: ast.expr, value: ast.expr | None) -> None:
    match target:
        case ast.Name(id=name):
            _add(scope, name, value)
        case ast.Starred(value=inner):
            _bind_target(scope, inner, None if value is None else ast.List(elts=[value], ctx=ast.Load()))  # a list of its own
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                _bind_target(scope, part, _part(value))


def _add(scope: NameScope, name: str, value: Value) -> None:
    scope.bound.setdefault(name, []).append(value)


def _part(value: ast.expr | None) -> ast.expr | None:
    return None if value is None else ast.Subscript(value=value, slice=ast.Constant(value=0), ctx=ast.Load())
