"""Which scope of a source binds a name, and to what: what the rules ask that look beyond a single node.

Approximate, and enough for that: comprehensions share their function's scope, and what is bound several times has several
values.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Owner = ast.Module | ast.ClassDef | Function


@dataclass(eq=False, slots=True)
class NameScope:
    """A module, a class or a function, with the nodes that run in it and not in a scope inside of it."""

    node: Owner
    outer: "NameScope | None"
    nodes: list[ast.AST] = field(default_factory=list)
    bound: dict[str, list[ast.AST | None]] = field(default_factory=dict)
    """By name the values that it is bound to: a definition, an import, an expression; a part of one as a Subscript; None for
    what only a caller knows."""
    types: dict[str, ast.expr] = field(default_factory=dict)
    """By name its annotation."""

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

    def values(self, name: str) -> list[ast.AST | None]:
        """What the name may be bound to; nothing for a built-in."""
        owner = self.owner(name)
        return [] if owner is None else owner.bound[name]

    def enclosing_class(self) -> "NameScope | None":
        """The class that this is a method of, or a function inside of one of its methods."""
        scope: NameScope | None = self
        while scope is not None and not isinstance(scope.node, ast.ClassDef):
            scope = scope.outer
        return scope


def scopes_of(tree: ast.Module) -> list[NameScope]:
    """The module first, then every class and function in the order of the text."""
    found = [NameScope(tree, None)]
    for scope in found:
        for child in _inner(scope.node):
            found += _enter(scope, child)
    return found


def _inner(owner: Owner) -> Iterator[ast.AST]:
    return iter([owner.body] if isinstance(owner, ast.Lambda) else owner.body)


def _enter(scope: NameScope, top: ast.AST) -> list[NameScope]:
    """Takes a node and what is below it into the scope; the scopes inside of it are returned, to be entered later."""
    inside: list[NameScope] = []
    waiting: list[ast.AST] = [top]
    while waiting:
        node = waiting.pop(0)
        scope.nodes.append(node)
        _bind(scope, node)
        if isinstance(node, ast.ClassDef):
            inside.append(NameScope(node, scope))
            waiting = [*node.decorator_list, *node.bases, *node.keywords, *waiting]
        elif isinstance(node, Function):
            inside.append(_function(node, scope))
            decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
            waiting = [*decorators, node.args, *waiting]
        else:
            waiting = [*ast.iter_child_nodes(node), *waiting]
    return inside


def _function(node: Function, outer: NameScope) -> NameScope:
    scope, arguments = NameScope(node, outer), node.args
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
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            for alias in names:
                _add(scope, alias.asname or alias.name.partition(".")[0], node)
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


def _add(scope: NameScope, name: str, value: ast.AST | None) -> None:
    scope.bound.setdefault(name, []).append(value)


def _part(value: ast.expr | None) -> ast.expr | None:
    return None if value is None else ast.Subscript(value=value, slice=ast.Constant(value=0), ctx=ast.Load())
