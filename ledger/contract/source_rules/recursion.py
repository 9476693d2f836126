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

from ledger.contract.source_rules.names import MADE, NameScope, NamesSeen, Program
from ledger.contract.source_rules.source import SourceModule

SAME_TYPE = frozenset({"replace", "get", "model_copy"})
"""Methods that give the type that they are called on, or that their collection holds."""


@dataclass(eq=False)
class _Code:
    """A function or a class of an own module."""

    scope: NameScope
    name: str
    bases: list["_Code"] = field(default_factory=list)
    derived: list["_Code"] = field(default_factory=list)
    methods: dict[str, "_Code"] = field(default_factory=dict)


def recursion_breaches(program: Program) -> Iterator[tuple[SourceModule, ast.AST, str, str]]:
    """Each circle once, at its first function: its source, the place, the rule and the circle."""
    graph = _Graph(program)
    calls = {code: graph.called_by(code) for code in graph.functions}
    named: set[_Code] = set()
    for code in graph.functions:
        way = [] if code in named else _way_back(code, calls)
        named.update(way)
        if way:  # check: source-recursion
            yield code.scope.source, code.scope.node, "recursion", " → ".join(step.name for step in (*way, code))


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

    def __init__(self, program: Program) -> None:
        self.program = program
        scopes = [scope for found in program.scopes.values() for scope in found[1:]]
        self.code = {scope.node: _Code(scope, getattr(scope.node, "name", "lambda")) for scope in scopes}
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
        names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
        for value, owner in (binding for name in names for binding in self.program.bindings(name, scope)):
            for part in ast.walk(value) if isinstance(value, ast.Dict | ast.List | ast.Tuple) else ():
                if isinstance(part, ast.Name):
                    yield from self._run_by(self._things(part, owner))
                elif isinstance(part, ast.Lambda):
                    yield self.code[part]

    # What an expression names

    def _things(self, node: ast.AST, scope: NameScope) -> list[_Code]:
        """The own functions and classes for which a name stands, or a name of a module."""
        found: dict[_Code, None] = {}
        seen: set[tuple[ast.AST | None, bool]] = set()
        waiting: list[tuple[ast.AST | None, NameScope, bool]] = [(node, scope, False)]
        for value, where, is_given in waiting:
            if (value, is_given) in seen:
                continue
            seen.add((value, is_given))
            if value in self.code and (self.code[value].scope.is_function or not is_given):
                found[self.code[value]] = None
            elif isinstance(value, ast.Call) and value is not node:  # partial(f, …): what it is given may run when it is called
                waiting += [(part, where, True) for part in value.args if isinstance(part, ast.Name | ast.Attribute)]
            waiting += [(bound, owner, is_given) for bound, owner in self.program.bindings(value, where)]
        return list(found)

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

    def _types(self, node: ast.AST | None, scope: NameScope, seen: NamesSeen = frozenset()) -> list[_Code]:
        """The own classes that an expression may be of, or may be; `seen` are the names that led to it."""
        match node:
            case ast.Name(id="self" | "cls") if (around := self._class_around(scope)) is not None:
                return [around]
            case ast.Name(id=name) if (owner := scope.owner(name)) is not None and (owner, name) not in seen:
                found = [thing for thing in self._things(node, scope) if not thing.scope.is_function]
                found += self._classes(owner.types[name], owner) if name in owner.types else []
                values = [value for value in owner.bound[name] if isinstance(value, ast.expr)]
                return found + [code for value in values for code in self._types(value, owner, seen | {(owner, name)})]
            case ast.Attribute(value=inner, attr=name):
                holders = [one for code in self._types(inner, scope, seen) for one in _line(code) if name in one.scope.types]
                return [code for holder in holders for code in self._classes(holder.scope.types[name], holder.scope)]
            case ast.Call(func=ast.Attribute(value=inner, attr=name)) if name in SAME_TYPE:
                return self._types(inner, scope, seen) or self._held(inner, scope, seen)
            case ast.Call(func=function):
                return [thing for thing in self._things(function, scope) if not thing.scope.is_function]
            case ast.Subscript(value=inner):
                return self._held(inner, scope, seen) or self._types(inner, scope, seen)
        return []

    def _held(self, collection: ast.AST, scope: NameScope, seen: NamesSeen) -> list[_Code]:
        """The record of `self.collection`, which its class makes as `Collection(Record)`."""
        if not isinstance(collection, ast.Attribute):
            return []
        holders = [one for code in self._types(collection.value, scope, seen) for one in _line(code)]
        made = [(value, one.scope) for one in holders for value in one.scope.bound.get(collection.attr, [])]
        calls = [(value.args[0], owner) for value, owner in made if isinstance(value, ast.Call) and value.args]
        return [code for record, owner in calls for code in self._classes(record, owner)]

    def _classes(self, annotation: ast.expr, scope: NameScope) -> list[_Code]:
        """The own classes that an annotation or a base names: `Box`, `Box | None`, `"Box"`, `Annotated[Box, …]`."""
        found: list[_Code] = []
        for part in ast.walk(annotation):
            if isinstance(part, ast.Name | ast.Attribute):
                found += self._things(part, scope)
            elif isinstance(part, ast.Constant) and isinstance(part.value, str):
                names = [ast.Name(name, ast.Load()) for name in re.findall(r"\w+", part.value)]
                found += [thing for name in names for thing in self._things(name, self.program.top(scope))]
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
