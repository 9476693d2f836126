"""Which functions of a contract call themselves, directly or through others: how deep they get hangs on the caller's stack.

A function is taken to call each function of the contract's own modules that it names, whatever it does with it, since what is
given to `map` or `sorted` is called too. Methods are found on `self`, `cls`, `super()`, a class, and on what has a class by
its annotation, its making or its collection, as Python finds them for each of the most derived classes. What is called by no
name that stands there (a value of a table that is no literal, a method of an argument without a type) is not followed: what
then still uses up the stack is no receipt (`ledger.execution`).
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ledger.contract.source_rules.names import NameScope
from ledger.contract.source_rules.source import Source, imported_module

MADE = ("__init__", "__post_init__")
"""Methods that run when a class is called."""
SAME_TYPE = frozenset({"replace", "get", "model_copy"})
"""Methods that give the type that they are called on, or that their collection holds."""
CHAIN_MAX = 20


@dataclass(eq=False)
class _Code:
    """A function or a class of an own module."""

    source: Source
    scope: NameScope
    name: str
    bases: list["_Code"] = field(default_factory=list)
    derived: list["_Code"] = field(default_factory=list)
    methods: dict[str, "_Code"] = field(default_factory=dict)


def recursion_breaches(
    sources: Mapping[str, Source], scopes: Mapping[str, list[NameScope]]
) -> Iterator[tuple[Source, tuple[ast.AST, str, str, str]]]:
    """Each circle once, at its first function. `scopes` holds those of each source."""
    graph = _Graph(sources, scopes)
    calls = {code: graph.called_by(code) for code in graph.functions}
    told: set[_Code] = set()
    for code in graph.functions:
        way = [] if code in told else _way_back(code, calls)
        told.update(way)
        if way:  # check: source-recursion
            circle = " → ".join(step.name for step in (*way, code))
            yield code.source, (code.scope.node, "recursion", f"recursion: {circle}; write a loop", circle)


def _way_back(start: _Code, calls: Mapping[_Code, Sequence[_Code]]) -> list[_Code]:
    """The shortest circle through a function, itself first; empty if there is none."""
    ways = [[start]]
    seen: set[_Code] = set()
    for way in ways:
        for called in calls[way[-1]]:
            if called is start:
                return way
            if called not in seen:
                seen.add(called)
                ways.append([*way, called])
    return []


class _Graph:
    """The functions and classes of the own modules."""

    def __init__(self, sources: Mapping[str, Source], scopes: Mapping[str, list[NameScope]]) -> None:
        self.modules: dict[str, NameScope] = {}
        self.code: dict[ast.AST, _Code] = {}
        for source in sources.values():
            found = scopes[source.module]
            self.modules[source.module] = found[0]
            for scope in found[1:]:
                self.code[scope.node] = _Code(source, scope, getattr(scope.node, "name", "lambda"))
        self.sources = {scope: sources[module] for module, scope in self.modules.items()}
        self.functions = [code for code in self.code.values() if code.scope.is_function]
        classes = [code for code in self.code.values() if not code.scope.is_function]
        for code in classes:
            assert isinstance(code.scope.node, ast.ClassDef)
            assert code.scope.outer is not None
            named = (base for node in code.scope.node.bases for base in self._classes(node, code.scope.outer))
            code.bases = [base for base in named if code not in _line(base)]
            for base in code.bases:
                base.derived.append(code)
            for name, values in code.scope.bound.items():
                made = [self.code[value] for value in values if value is not None and value in self.code]
                code.methods.update((name, method) for method in made[-1:])

    def called_by(self, code: _Code) -> list[_Code]:
        """The functions that a function may call, in the order of its text."""
        found: list[_Code] = []
        bases = {id(node.value) for node in code.scope.nodes if isinstance(node, ast.Attribute)}
        for node in code.scope.nodes:
            match node:
                case ast.Lambda():
                    found.append(self.code[node])
                case ast.Name(ctx=ast.Load()) if id(node) not in bases:
                    found += self._run_by(self._things(node, code.scope))
                case ast.Attribute(ctx=ast.Load(), attr=name):
                    found += self._run_by(self._things(node, code.scope))
                    found += self._methods(node.value, name, code.scope)
                case ast.Call(func=function) if not isinstance(function, ast.Name | ast.Attribute):
                    found += self._of_table(function, code.scope)
        return list(dict.fromkeys(found))

    def _run_by(self, things: Iterable[_Code]) -> Iterator[_Code]:
        """What runs when these are called: a class runs its methods of MADE."""
        for thing in things:
            if thing.scope.is_function:
                yield thing
            else:
                yield from (method for name in MADE for method in self._found(thing, name))

    def _of_table(self, function: ast.expr, scope: NameScope) -> Iterator[_Code]:
        """Functions that a table holds from which one is called: `CHECKS[kind](…)`, `CHECKS.get(kind)(…)`."""
        for name in (node for node in ast.walk(function) if isinstance(node, ast.Name)):
            owner = scope.owner(name.id)
            for value in [] if owner is None else owner.bound[name.id]:
                for part in ast.walk(value) if isinstance(value, ast.Dict | ast.List | ast.Tuple) else ():
                    if isinstance(part, ast.Name):
                        yield from self._run_by(self._things(part, owner or scope))
                    elif isinstance(part, ast.Lambda):
                        yield self.code[part]

    # What an expression names

    def _things(self, node: ast.AST, scope: NameScope, depth: int = 0) -> list[_Code]:
        """The own functions and classes that an expression names."""
        if depth > CHAIN_MAX:
            return []
        match node:
            case ast.Name(id=name):
                owner = scope.owner(name)
                return [] if owner is None else self._bound(name, owner, depth)
            case ast.Attribute(value=ast.Name(id=alias), attr=name):
                modules = self._modules(alias, scope)
                return [thing for module in modules for thing in self._bound(name, module, depth)]
        return []

    def _bound(self, name: str, owner: NameScope, depth: int) -> list[_Code]:
        found: list[_Code] = []
        for value in owner.bound.get(name, []):
            if value in self.code:
                found.append(self.code[value])
            elif isinstance(value, ast.ImportFrom):
                module = self.modules.get(imported_module(self._source(owner), value))
                names = [alias.name for alias in value.names if (alias.asname or alias.name) == name]
                found += [thing for one in names if module is not None for thing in self._bound(one, module, depth + 1)]
            elif isinstance(value, ast.Name | ast.Attribute):
                found += self._things(value, owner, depth + 1)
            elif isinstance(value, ast.Call):  # partial(f, …): what it is given may run when it is called
                found += [
                    thing for part in value.args for thing in self._things(part, owner, depth + 1) if thing.scope.is_function
                ]
        return found

    def _modules(self, alias: str, scope: NameScope) -> list[NameScope]:
        """The own modules that a name may stand for."""
        owner = scope.owner(alias)
        names: list[str] = []
        for value in [] if owner is None else owner.bound[alias]:
            if isinstance(value, ast.Import):
                names += [one.name for one in value.names if alias in (one.asname, one.name)]
            elif isinstance(value, ast.ImportFrom) and owner is not None:
                base = imported_module(self._source(owner), value)
                names += [f"{base}.{one.name}" for one in value.names if (one.asname or one.name) == alias]
        return [self.modules[name] for name in names if name in self.modules]

    def _source(self, scope: NameScope) -> Source:
        return self.sources[self._top(scope)]

    def _top(self, scope: NameScope) -> NameScope:
        """The module's."""
        while scope.outer is not None:
            scope = scope.outer
        return scope

    # Methods

    def _methods(self, receiver: ast.expr, name: str, scope: NameScope) -> list[_Code]:
        """The methods that `receiver.name` may be."""
        inside = self._class_around(scope)
        if isinstance(receiver, ast.Call) and isinstance(receiver.func, ast.Name) and receiver.func.id == "super":
            return [] if inside is None else self._found(inside, name, behind=inside)
        return [method for code in self._types(receiver, scope) for method in self._found(code, name)]

    def _class_around(self, scope: NameScope) -> _Code | None:
        around = scope.enclosing_class()
        return None if around is None else self.code[around.node]

    def _found(self, code: _Code, name: str, behind: _Code | None = None) -> list[_Code]:
        """What Python finds under the name on each of the most derived classes of this one; `behind`: after that class."""
        found = []
        for leaf in _leaves(code):
            line = _line(leaf)
            line = line[line.index(behind) + 1 :] if behind is not None else line
            found += [one.methods[name] for one in line if name in one.methods][:1]
        return [method for method in dict.fromkeys(found) if method.scope.is_function]

    def _types(self, node: ast.AST | None, scope: NameScope, depth: int = 0) -> list[_Code]:
        """The own classes that an expression may be of, or may be."""
        if depth > CHAIN_MAX:
            return []
        match node:
            case ast.Name(id="self" | "cls") if (around := self._class_around(scope)) is not None:
                return [around]
            case ast.Name(id=name) if (owner := scope.owner(name)) is not None:
                found = [thing for thing in self._bound(name, owner, depth) if not thing.scope.is_function]
                if name in owner.types:
                    found += self._classes(owner.types[name], owner)
                for value in owner.bound[name]:
                    found += self._types(value, owner, depth + 1) if isinstance(value, ast.expr) else []
                return found
            case ast.Attribute(value=inner, attr=name):
                holders = [one for code in self._types(inner, scope, depth + 1) for one in _line(code)]
                return [code for holder in holders if name in holder.scope.types for code in self._field(holder, name)]
            case ast.Call(func=ast.Attribute(value=inner, attr=name)) if name in SAME_TYPE:
                return self._types(inner, scope, depth + 1) or self._held(inner, scope)
            case ast.Call(func=function):
                return [thing for thing in self._things(function, scope) if not thing.scope.is_function]
            case ast.Subscript(value=inner):
                return self._held(inner, scope) or self._types(inner, scope, depth + 1)
        return []

    def _field(self, holder: _Code, name: str) -> list[_Code]:
        return self._classes(holder.scope.types[name], holder.scope)

    def _held(self, collection: ast.AST, scope: NameScope) -> list[_Code]:
        """The record of `self.collection`, which its class makes as `Collection(Record)`."""
        if not isinstance(collection, ast.Attribute):
            return []
        found: list[_Code] = []
        for code in self._types(collection.value, scope):
            for one in _line(code):
                for value in one.scope.bound.get(collection.attr, []):
                    found += self._classes(value.args[0], one.scope) if isinstance(value, ast.Call) and value.args else []
        return found

    def _classes(self, annotation: ast.expr, scope: NameScope) -> list[_Code]:
        """The own classes that an annotation or a base names: `Box`, `Box | None`, `"Box"`, `Annotated[Box, …]`."""
        found: list[_Code] = []
        for part in ast.walk(annotation):
            if isinstance(part, ast.Name | ast.Attribute):
                found += self._things(part, scope)
            elif isinstance(part, ast.Constant) and isinstance(part.value, str):
                found += [thing for name in re.findall(r"\w+", part.value) for thing in self._bound(name, self._top(scope), 0)]
        return [thing for thing in found if not thing.scope.is_function]


def _leaves(code: _Code) -> list[_Code]:
    """The classes derived from this one from which none is derived; itself, if none is."""
    found: dict[_Code, None] = {}
    waiting = [code]
    for one in waiting:
        waiting += [derived for derived in one.derived if derived not in waiting]
        if not one.derived:
            found[one] = None
    return list(found)


def _line(code: _Code) -> list[_Code]:
    """The class and its bases in about the order in which Python looks through them: a base after all that derive from it."""
    waiting = [code]
    for base in code.bases:
        waiting += _line(base)
    last = {one: place for place, one in enumerate(waiting)}
    return sorted(last, key=lambda one: last[one])
