"""What a contract may import: modules and names of `allowed.toml`, and modules of its own package."""

import ast
import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from typing import Any

from ledger.contract.source_rules.names import Program, words
from ledger.contract.source_rules.source import SourceModule, has_module, imports

ALLOWED: dict[str, Any] = tomllib.loads((files(__package__) / "allowed.toml").read_text(encoding="utf-8"))
MODULES: Mapping[str, frozenset[str]] = {module: words(names) for module, names in ALLOWED["modules"].items()}
LIBRARIES: Mapping[str, Mapping[str, Any]] = ALLOWED["libraries"]
DUNDERS = words("__init__ __post_init__ __name__ __doc__ __all__")
"""Names with two underscores that a contract may use."""
ModuleNames = Mapping[str, Mapping[str, str]]
"""By own module the names that it binds to modules, each with the module."""


def import_breaches(program: Program, source: SourceModule, modules: ModuleNames) -> Iterator[tuple[ast.AST, str, str]]:
    """Each import, and each use of an imported module, that is not allowed: the place, the rule and the subject."""
    for node in ast.walk(source.tree):
        imported = imports(source, node)
        for module in dict.fromkeys(one.module for one in imported):
            if not _is_importable(source, module):  # check: source-import
                yield node, "import", module
                continue
            for name in [one.name for one in imported if one.name not in ("", "*")]:
                if not _is_name_of(source, modules, module, name):  # check: source-import-name
                    yield node, "import-name", f"{module}.{name}"
    yield from _uses_of_modules(program, source, modules)


def module_names(source: SourceModule) -> dict[str, str]:
    """Names that imports of a source bind to modules, each with the module."""
    return {
        one.bound: one.target
        for node in ast.walk(source.tree)
        for one in imports(source, node)
        if not one.name or (one.name not in MODULES.get(one.module, ()) and has_module(one.target))
    }


def _uses_of_modules(program: Program, source: SourceModule, modules: ModuleNames) -> Iterator[tuple[ast.AST, str, str]]:
    """Where a module is used otherwise than to take one of its names; one that may not be imported is named already."""
    usable = {name: module for name, module in modules[source.module].items() if _is_importable(source, module)}
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Name) or node.id not in usable:
            continue
        module, place = usable[node.id], program.parents[node][0]
        name = place.attr if isinstance(place, ast.Attribute) else ""
        while isinstance(outer := program.parents[place][0], ast.Attribute) and _is_module_of(source, module, name):
            module, place, name = f"{module}.{name}", outer, outer.attr
        if not name:  # check: source-module-value
            yield node, "import-name", node.id
        if name and not _is_name_of(source, modules, module, name):  # check: source-module-name
            yield place, "import-name", f"{module}.{name}"


def _is_importable(source: SourceModule, module: str) -> bool:
    top = module.partition(".")[0]
    if top == source.module.partition(".")[0] or module in MODULES:
        return True
    if top not in LIBRARIES or any(f"{module}.".startswith(f"{name}.") for name in LIBRARIES[top]["not"]):
        return False
    try:
        numbers = [int(part) for part in version(LIBRARIES[top]["distribution"]).split(".") if part.isdigit()]
    except PackageNotFoundError:
        return False
    return bool(LIBRARIES[top]["from"] <= numbers < LIBRARIES[top]["below"])


def _is_name_of(source: SourceModule, modules: ModuleNames, module: str, name: str) -> bool:
    """Whether a contract may take this name from a module that it may import."""
    top = module.partition(".")[0]
    if top == source.module.partition(".")[0]:
        is_hidden = name in modules.get(module, {}) and not has_module(f"{module}.{name}")
        return not is_hidden and (not name.startswith("__") or name in DUNDERS)
    if name in MODULES.get(module, ()) or f"{module}.{name}" in MODULES:
        return True
    if has_module(f"{module}.{name}"):
        return top in LIBRARIES and _is_importable(source, f"{module}.{name}")
    return top in LIBRARIES and name in LIBRARIES[top]["names"].split()


def _is_module_of(source: SourceModule, module: str, name: str) -> bool:
    return has_module(f"{module}.{name}") and _is_importable(source, f"{module}.{name}")
