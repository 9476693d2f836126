"""Which functions of a contract call themselves, directly or through others: how deep they get hangs on the caller's stack.

A function is taken to call each function of the contract's own modules that it names, whatever it does with it, since what is
given to `map` or `sorted` is called too. Methods are found on `self`, `cls`, `super()`, a class, and on what has a class by
its annotation, its making or its collection, as Python finds them for each of the most derived classes. What is called by no
name that stands there (a value of a table that is no literal, a method of an argument without a type) is not followed: what
then still uses up the stack is no receipt (`ledger.execution`).
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from ledger.contract.source_rules.names import MADE, NameScope, NamesSeen, Program, Value
from ledger.contract.source_rules.source import SourceModule

SAME_TYPE = frozenset({"replace", "get", "model_copy"})
"""Methods that give the type that they are called on, or that their collection holds."""


def recursion_breaches(program: Program) -> Iterator[tuple[SourceModule, ast.AST, str, str]]:
    """Each circle once, at its first function: its source, the place, the rule and the circle."""
    graph = _Graph(program)
    calls = {code: graph.called_by(code) for code in graph.functions}
    named: set[NameScope] = set()
    for code in graph.functions:
        way = [] if code in named else _way_back(code, calls)
        named.update(way)
        if way:  # check: source-recursion
            yield code.source, code.node, "recursion", " → ".join(step.name for step in (*way, code))


def _way_back(start: NameScope, calls: Mapping[NameScope, Sequence[NameScope]]) -> list[NameScope]:
    """The shortest circle through a function, itself first; empty if there is none."""
    ways = [[start]]
    seen: set[NameScope] = set()
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
        self.functions = [scope for scope in scopes if scope.is_function]
        self.bases: dict[NameScope, list[NameScope]] = {}
        self.derived: dict[NameScope, list[NameScope]] = defaultdict(list)
        for scope in scopes:
            if isinstance(scope.node, ast.ClassDef) and scope.outer is not None:
                named = [base for node in scope.node.bases for base in self._classes(node, scope.outer)]
                self.bases[scope] = [base for base in named if scope not in self._line(base)]
                for base in self.bases[scope]:
                    self.derived[base].append(scope)

    def called_by(self, code: NameScope) -> list[NameScope]:
        """The functions that a function may call, in the order of its text."""
        found: list[NameScope] = []
        bases = {id(node.value) for node in code.nodes if isinstance(node, ast.Attribute)}
        for node in code.nodes:
            match node:
                case ast.Lambda():
                    found.append(self.program.inside[node])
                case ast.Name(ctx=ast.Load()) if id(node) not in bases:
                    found += self._run_by(self._things(node, code))
                case ast.Attribute(ctx=ast.Load(), attr=name):
                    found += self._run_by(self._things(node, code))
                    found += self._methods(node.value, name, code)
                case ast.Call(func=function) if not isinstance(function, ast.Name | ast.Attribute):
                    found += self._of_table(function, code)
        return list(dict.fromkeys(found))

    def _run_by(self, things: Iterable[NameScope]) -> Iterator[NameScope]:
        """What runs when these are called: a class runs its methods of MADE."""
        for thing in things:
            if thing.is_function:
                yield thing
            else:
                yield from (method for name in MADE for method in self._found(thing, name))

    def _of_table(self, function: ast.expr, scope: NameScope) -> Iterator[NameScope]:
        """Functions that a table holds from which one is called: `CHECKS[kind](…)`, `CHECKS.get(kind)(…)`."""
        names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
        for value, owner in (binding for name in names for binding in self.program.bindings(name, scope)):
            for part in ast.walk(value) if isinstance(value, ast.Dict | ast.List | ast.Tuple) else ():
                if isinstance(part, ast.Name):
                    yield from self._run_by(self._things(part, owner))
                elif isinstance(part, ast.Lambda):
                    yield self.program.inside[part]

    # What an expression names

    def _things(self, node: ast.AST, scope: NameScope) -> list[NameScope]:
        """The own functions and classes for which a name stands, or a name of a module."""
        found: dict[NameScope, None] = {}
        seen: set[tuple[Value, bool]] = set()
        waiting: list[tuple[Value, NameScope, bool]] = [(node, scope, False)]
        for value, where, is_given in waiting:
            if (value, is_given) in seen:
                continue
            seen.add((value, is_given))
            inner = self.program.inside.get(value)
            if inner is not None and (inner.is_function or not is_given):
                found[inner] = None
            elif isinstance(value, ast.Call) and value is not node:  # partial(f, …): what it is given may run when it is called
                waiting += [(part, where, True) for part in value.args if isinstance(part, ast.Name | ast.Attribute)]
            waiting += [(bound, owner, is_given) for bound, owner in self.program.bindings(value, where)]
        return list(found)

    # Methods

    def _methods(self, receiver: ast.expr, name: str, scope: NameScope) -> list[NameScope]:
        """The methods that `receiver.name` may be."""
        inside = scope.enclosing_class()
        if isinstance(receiver, ast.Call) and isinstance(receiver.func, ast.Name) and receiver.func.id == "super":
            return [] if inside is None else self._found(inside, name, behind=inside)
        return [method for code in self._types(receiver, scope) for method in self._found(code, name)]

    def _found(self, code: NameScope, name: str, behind: NameScope | None = None) -> list[NameScope]:
        """What Python finds under the name on each of the most derived classes of this one; `behind`: after that class."""
        found = []
        for leaf in self._leaves(code):
            line = self._line(leaf)
            line = line[line.index(behind) + 1 :] if behind is not None else line
            made = (value for one in line for value in reversed(one.bound.get(name, [])) if value in self.program.inside)
            found += [self.program.inside[value] for value in islice(made, 1)]
        return [method for method in dict.fromkeys(found) if method.is_function]

    def _leaves(self, code: NameScope) -> list[NameScope]:
        """The classes derived from this one from which none is derived; itself, if none is."""
        waiting = [code]
        for one in waiting:
            waiting += [derived for derived in self.derived[one] if derived not in waiting]
        return [one for one in waiting if not self.derived[one]]

    def _line(self, code: NameScope) -> list[NameScope]:
        """The class and its bases in about the order in which Python looks through them: a base after all that derive from it."""
        waiting = [code]
        for base in self.bases.get(code, ()):
            waiting += self._line(base)
        last = {one: place for place, one in enumerate(waiting)}
        return sorted(last, key=lambda one: last[one])

    def _types(self, node: ast.AST | None, scope: NameScope, seen: NamesSeen = frozenset()) -> list[NameScope]:
        """The own classes that an expression may be of, or may be; `seen` are the names that led to it."""
        match node:
            case ast.Name(id="self" | "cls") if (around := scope.enclosing_class()) is not None:
                return [around]
            case ast.Name(id=name) if (owner := scope.owner(name)) is not None and (owner, name) not in seen:
                found = [thing for thing in self._things(node, scope) if not thing.is_function]
                found += self._classes(owner.types[name], owner) if name in owner.types else []
                values = [value for value in owner.bound[name] if isinstance(value, ast.expr)]
                return found + [code for value in values for code in self._types(value, owner, seen | {(owner, name)})]
            case ast.Attribute(value=inner, attr=name):
                holders = [one for code in self._types(inner, scope, seen) for one in self._line(code) if name in one.types]
                return [code for holder in holders for code in self._classes(holder.types[name], holder)]
            case ast.Call(func=ast.Attribute(value=inner, attr=name)) if name in SAME_TYPE:
                return self._types(inner, scope, seen) or self._held(inner, scope, seen)
            case ast.Call(func=function):
                return [thing for thing in self._things(function, scope) if not thing.is_function]
            case ast.Subscript(value=inner):
                return self._held(inner, scope, seen) or self._types(inner, scope, seen)
        return []

    def _held(self, collection: ast.AST, scope: NameScope, seen: NamesSeen) -> list[NameScope]:
        """The record of `self.collection`, which its class makes as `Collection(Record)`."""
        if not isinstance(collection, ast.Attribute):
            return []
        holders = [one for code in self._types(collection.value, scope, seen) for one in self._line(code)]
        made = [(value, one) for one in holders for value in one.bound.get(collection.attr, [])]
        calls = [(value.args[0], owner) for value, owner in made if isinstance(value, ast.Call) and value.args]
        return [code for record, owner in calls for code in self._classes(record, owner)]

    def _classes(self, annotation: ast.expr, scope: NameScope) -> list[NameScope]:
        """The own classes that an annotation or a base names: `Box`, `Box | None`, `"Box"`, `Annotated[Box, …]`."""
        found: list[NameScope] = []
        for part in ast.walk(annotation):
            if isinstance(part, ast.Name | ast.Attribute):
                found += self._things(part, scope)
            elif isinstance(part, ast.Constant) and isinstance(part.value, str):
                names = [ast.Name(name, ast.Load()) for name in re.findall(r"\w+", part.value)]
                found += [thing for name in names for thing in self._things(name, self.program.top(scope))]
        return [thing for thing in found if not thing.is_function]
