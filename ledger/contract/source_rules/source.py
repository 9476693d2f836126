"""The source of a contract: its module, and every module of its own distribution that it imports, outside of `ledger`.

Nothing is imported to find it. The packages around a module count, since importing it runs them.
The digest is over the sorted module names and their source with line endings normalised.
"""

import ast
import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from ledger.encoding import digest, encode
from ledger.errors import OperatorError
from ledger.primitives import Digest


@dataclass(frozen=True, slots=True)
class Source:
    """One module as text."""

    module: str
    path: Path
    text: str
    tree: ast.Module


def read_sources(module: str) -> Mapping[str, Source]:
    """Every source by module name, sorted; raises OperatorError `contract-not-found` or `contract-faulty`."""
    found: dict[str, Source] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        for part in _with_packages(name):
            if part not in found and not (part != module and _is_bare_folder(part)):
                found[part] = _read(part)
                waiting += own_imports(found[part])
    return dict(sorted(found.items()))


def sources_digest(sources: Mapping[str, Source]) -> Digest:
    """What governance approves and every validator must have installed."""
    return digest("contract", encode([[source.module, source.text] for source in sources.values()]))


def imports(source: Source) -> Iterator[tuple[ast.stmt, str]]:
    """Each import statement of a module with each full name that it may load: `from a import b` loads a, and a.b if it is one."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node, imported_module(source, node)


def own_imports(source: Source) -> list[str]:
    """Modules of the same top-level package that a module imports."""
    top = source.module.partition(".")[0]
    names: list[str] = []
    for node, name in imports(source):
        if name.partition(".")[0] == top:
            names.append(name)
            if isinstance(node, ast.ImportFrom):
                names += [child for alias in node.names if _find(child := f"{name}.{alias.name}") is not None]
    return names


def imported_module(source: Source, node: ast.ImportFrom) -> str:
    """The module that a `from` import names, relative ones resolved."""
    if not node.level:
        return node.module or ""
    parts = source.module.split(".")
    parts = parts[: len(parts) - node.level + (source.path.name == "__init__.py")]
    return ".".join([*parts, node.module] if node.module else parts)


def has_module(module: str) -> bool:
    """Whether there is such a module or package, told without importing it."""
    return _find(module) is not None


def _with_packages(module: str) -> list[str]:
    """`a.b.c` → a, a.b, a.b.c."""
    parts = module.split(".")
    return [".".join(parts[: length + 1]) for length in range(len(parts))]


def _is_bare_folder(module: str) -> bool:
    """Whether the module is a folder without `__init__.py`: nothing of it runs."""
    spec = _find(module)
    return spec is not None and spec.origin is None and spec.submodule_search_locations is not None


def _read(module: str) -> Source:
    spec = _find(module)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        raise OperatorError("contract-not-found", f"There is no Python source of module {module}.")
    path = Path(spec.origin)
    try:
        text = path.read_text(encoding="utf-8").replace("\r\n", "\n").replace("\r", "\n")
        return Source(module, path, text, ast.parse(text))
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
