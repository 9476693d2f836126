"""The checks of the code, found in its source, and code in which each of them can be switched off while it runs.

A check is an `if` whose line ends with the comment `# check: NAME`, or a call that refuses by raising, marked in the same
way. Where a code is told by name no comment is needed: in a `require(…, "code")`, of a contract's context or a function of that
name, and in what a function with `fault` in its name returns or yields. Such a check goes by its file, function and code, as
in `sample_contract.transfer.not-holder`.

Code that was loaded through `load_switched` obeys a check only while its name is not in `disabled_checks`, which stands among
the builtins: the condition of an `if` is still evaluated, a call is not made. The files themselves stay as they are, so that
whatever reads a source, the loader of contracts for one, sees the real one.
"""

import ast
import builtins
import io
import os
import re
import sys
import tokenize
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType

from tests.project import PACKAGES

MARKER = re.compile(r"# check: ([a-z0-9]+(?:-[a-z0-9]+)*)$")
CODE = re.compile(r"[a-z]+(?:-[a-z]+)+")
DISABLED = "disabled_checks"


@dataclass(frozen=True)
class Check:
    """One place that refuses."""

    name: str
    statement: ast.stmt

    def switch(self) -> None:
        """Makes the statement look at the names of the disabled checks."""
        enabled = ast.parse(f"{self.name!r} not in {DISABLED}", mode="eval").body
        match self.statement:
            case ast.If():
                self.statement.test = ast.BoolOp(ast.And(), [self.statement.test, enabled])
            case ast.Expr():
                self.statement.value = ast.BoolOp(ast.And(), [enabled, self.statement.value])
            case ast.Return(ast.expr() as value):
                self.statement.value = ast.IfExp(enabled, value, ast.Constant(""))


def sources(root: Path) -> list[Path]:
    """Every file of the packages, in order."""
    return sorted(path for package in PACKAGES for path in (root / package).rglob("*.py"))


def find_checks(root: Path) -> list[Check]:
    """Every check under the packages, in order of path and place; a marker beside no check is an error."""
    return [check for path in sources(root) for check in checks_in(path.read_bytes(), path.relative_to(root))[1]]


def checks_in(source: bytes, path: Path) -> tuple[ast.Module, list[Check]]:
    """The tree of one file, by its path from the root, and its checks in order of place."""
    tree = ast.parse(source)
    lines = {line: node for node in ast.walk(tree) if isinstance(node, ast.stmt) for line in lines_of_check(node)}
    named: dict[ast.stmt, str] = {}
    for line, name in markers(source).items():
        if line not in lines:
            raise ValueError(f"{path}:{line}: no check beside this marker")
        named[lines[line]] = name
    found = sorted({**_unmarked(tree, path, named), **named}.items(), key=lambda item: item[0].lineno)
    return tree, [Check(name, node) for node, name in found]


def switched(source: bytes, path: Path) -> ast.Module:
    """The tree of one file, by its path from the root, in which each check can be switched off."""
    tree, checks = checks_in(source, path)
    for check in checks:
        check.switch()
    return ast.fix_missing_locations(tree)


def load_switched(root: Path, word: str = "") -> None:
    """From here on files under `root` that hold the word are imported with checks that can be switched off."""
    setattr(builtins, DISABLED, set())
    sys.meta_path.insert(0, _Finder(root, word.encode()))


def disable(name: str) -> None:
    """Switches a check off, here and in the processes that this one starts."""
    getattr(builtins, DISABLED).add(name)
    os.environ[DISABLED] = name


def follow_parent(root: Path) -> None:
    """What a process does at its start, so that the check is off that its parent switched off."""
    if name := os.environ.get(DISABLED):
        load_switched(root, name.rpartition(".")[2].partition("#")[0])
        disable(name)


def markers(source: bytes) -> dict[int, str]:
    """Name of the check marked on a line."""
    if b"# check:" not in source:
        return {}
    comments = (token for token in tokenize.tokenize(io.BytesIO(source).readline) if token.type == tokenize.COMMENT)
    return {token.start[0]: found[1] for token in comments if (found := MARKER.search(token.string))}


def lines_of_check(node: ast.stmt) -> range:
    """Lines on which a marker belongs to this node: the head of an `if`, or a call made for its refusal."""
    if isinstance(node, ast.If):
        return range(node.lineno, max(node.body[0].lineno, node.lineno + 1))
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return range(node.lineno, (node.end_lineno or node.lineno) + 1)
    return range(0)


def _unmarked(tree: ast.Module, path: Path, marked: Container[ast.stmt]) -> dict[ast.stmt, str]:
    """What needs no comment, each with its name; a second one of the same code in one function ends in `#2`."""
    named: dict[ast.stmt, str] = {}
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            stem = ".".join((*path.with_suffix("").parts[1:], function.name.strip("_")))
            for statement, code in _told(function, marked):
                name = f"{stem}.{code}"
                earlier = sum(other == name or other.startswith(f"{name}#") for other in named.values())
                named[statement] = f"{name}#{earlier + 1}" if earlier else name
    return named


def _told(function: ast.FunctionDef, marked: Container[ast.stmt]) -> Iterator[tuple[ast.stmt, str]]:
    """Where a function tells a code: the `if` around a statement that tells it, or the statement itself."""
    around = {node.body[0]: node for node in ast.walk(function) if isinstance(node, ast.If) and len(node.body) == 1}
    for statement in ast.walk(function):
        match statement:
            case ast.Expr(ast.Call(ast.Attribute(attr="require") | ast.Name("require"), [_, ast.Constant(str(code)), *_])):
                yield statement, code
            case ast.Return() | ast.Expr(ast.Yield() | ast.YieldFrom()) if "fault" in function.name:
                place = around.get(statement, statement)
                codes = [
                    str(node.value) for node in ast.walk(statement) if isinstance(node, ast.Constant) and _is_code(node.value)
                ]
                if codes and place not in marked:
                    (code,) = codes
                    yield place, code


def _is_code(value: object) -> bool:
    return isinstance(value, str) and CODE.fullmatch(value) is not None


class _Finder(MetaPathFinder):
    """Finds the files of the packages under one root."""

    def __init__(self, root: Path, word: bytes) -> None:
        self._root, self._word = root, word

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Like the finder of the path, whose loader it exchanges."""
        if fullname.partition(".")[0] not in PACKAGES:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            path_found = Path(spec.loader.path)
            if path_found.is_relative_to(self._root) and self._word in path_found.read_bytes():
                spec.loader = _Loader(fullname, spec.loader.path, self._root)
        return spec


class _Loader(SourceFileLoader):
    """Compiles a file with its checks switched; reads and keeps no compiled file."""

    def __init__(self, name: str, path: str, root: Path) -> None:
        super().__init__(name, path)
        self._path_in_root = Path(path).relative_to(root)

    def path_stats(self, path: str) -> dict[str, float]:
        raise OSError("no compiled file belongs to this source")

    def source_to_code(self, data: bytes, path: str, *, _optimize: int = -1) -> object:  # type: ignore[override]
        return compile(switched(data, self._path_in_root), path, "exec", dont_inherit=True, optimize=_optimize)
