"""The source of a contract: its module, and every module of its own distribution that it imports, outside of `ledger`.

Nothing is imported to find it. The packages around a module count, since importing it runs them.
The digest is over the sorted module names and their source with line endings normalised.
"""

import ast
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from ledger.encoding import digest, encode
from ledger.errors import OperatorError
from ledger.primitives import Digest


@dataclass(frozen=True, slots=True)
class Remark:
    """One place in a source, and what there is to say of it."""

    module: str
    file: str
    line: int
    """0 where it is the file as a whole."""
    text: str
    """The line itself."""
    rule: str
    """Key of its words: of a broken rule, the name after `source-` of its check."""
    subject: str
    """The name, module, number or code that it is about."""


@dataclass(frozen=True, slots=True)
class SourceModule:
    """One module as text."""

    module: str
    path: Path
    text: str
    tree: ast.Module

    def remark(self, line: int, rule: str, subject: str) -> Remark:
        """A remark on one of its lines."""
        lines = self.text.splitlines()
        return Remark(self.module, self.path.name, line, lines[line - 1].strip() if 0 < line <= len(lines) else "", rule, subject)


@dataclass(frozen=True, slots=True)
class Imported:
    """A name that a module binds by an import."""

    node: ast.Import | ast.ImportFrom
    bound: str
    """The name here."""
    module: str
    """The module that is imported, or imported from; relative ones resolved."""
    name: str
    """What is taken from it; empty for `import`."""
    target: str
    """The module that the name stands for, if it stands for one."""


def read_sources(module: str) -> Mapping[str, SourceModule]:
    """Every source by module name, sorted; raises OperatorError `contract-not-found` or `contract-faulty`."""
    found: dict[str, SourceModule] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        for part in _with_packages(name):
            if part not in found and not (part != module and _is_bare_folder(part)):
                found[part] = _read(part)
                waiting += own_imports(found[part])
    return dict(sorted(found.items()))


def sources_digest(sources: Mapping[str, SourceModule]) -> Digest:
    """What governance approves and every validator must have installed."""
    return digest("contract", encode([[source.module, source.text] for source in sources.values()]))


def own_imports(source: SourceModule) -> list[str]:
    """Modules of the same top-level package that a module imports; `from a import b` imports a, and a.b if it is a module."""
    top, names = source.module.partition(".")[0], list[str]()
    for one in (one for node in ast.walk(source.tree) for one in imports(source, node)):
        if one.module.partition(".")[0] == top:
            names += [one.module, *([one.target] if one.name and has_module(one.target) else [])]
    return names


def imports(source: SourceModule, node: ast.AST) -> list[Imported]:
    """The names that a statement imports."""
    match node:
        case ast.Import(names):
            tops = [(one, one.name.partition(".")[0]) for one in names]
            return [Imported(node, one.asname or top, one.name, "", one.name if one.asname else top) for one, top in tops]
        case ast.ImportFrom(module, names, level):
            parts = source.module.split(".")
            parts = parts[: len(parts) - level + (source.path.name == "__init__.py")] if level else []
            base = ".".join([*parts, module] if module else parts)
            return [Imported(node, one.asname or one.name, base, one.name, f"{base}.{one.name}") for one in names]
    return []


def has_module(module: str) -> bool:
    """Whether there is such a module or package; it is not imported."""
    return _find(module) is not None


def _with_packages(module: str) -> list[str]:
    """`a.b.c` → a, a.b, a.b.c."""
    parts = module.split(".")
    return [".".join(parts[: length + 1]) for length in range(len(parts))]


def _is_bare_folder(module: str) -> bool:
    """Whether the module is a folder without `__init__.py`: nothing of it runs."""
    spec = _find(module)
    return spec is not None and spec.origin is None and spec.submodule_search_locations is not None


def _read(module: str) -> SourceModule:
    spec = _find(module)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        raise OperatorError("contract-not-found", f"There is no Python source of module {module}.")
    path = Path(spec.origin)
    try:
        text = path.read_text(encoding="utf-8").replace("\r\n", "\n").replace("\r", "\n")
        return SourceModule(module, path, text, ast.parse(text))
    except (OSError, ValueError, SyntaxError) as error:
        raise OperatorError("contract-faulty", f"{path} cannot be read as Python: {error}") from error


def _find(module: str) -> ModuleSpec | None:
    """Where a module is, without importing the packages around it."""
    top, *rest = module.split(".")
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    name = top
    for part in rest:
        if spec is None or spec.submodule_search_locations is None:
            return None
        name = f"{name}.{part}"
        spec = PathFinder.find_spec(name, spec.submodule_search_locations)
    return spec
