"""Where the project under test lies, copies of it, and what its modules import."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("ledger", "nodes", "scenarios")
CORE = "nodes.replica.replica"
"""What this loads is the core: all that decides."""
IMPORT_STRING = re.compile(rf"((?:{'|'.join(PACKAGES)})(?:\.\w+)+):\w+")
"""What names a contract, a command or a scenario: `module:name`."""
NAME_ONLY = 5
"""An `__init__.py` of so few lines says no more than what its package is, and is not counted."""


def copy_project(target: Path) -> None:
    """The packages, the tests and the files beside them, compiled files included: they save most of the time."""
    for name in (*PACKAGES, "tests"):
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("*.pyc.*"))
    for entry in ROOT.iterdir():
        if entry.is_file():
            shutil.copy2(entry, target / entry.name)


def printed(program: str, hash_seed: str) -> bytes:
    """What a program prints in a process of its own, in which hashes come in an order of their own."""
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    return subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True).stdout


@cache
def modules() -> dict[str, ast.Module]:
    """Every file of the packages by module name, parsed; a package goes by its own name."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = ast.parse(path.read_text(), str(path))
    return found


def matches(name: str, pattern: str) -> bool:
    """Whether a module is meant; `a.b.*` is the package a.b with all that is in it."""
    return fnmatchcase(name, pattern) or (pattern.endswith(".*") and name == pattern[:-2])


def imports_of(modules: Mapping[str, ast.Module]) -> dict[str, set[str]]:
    """What each module imports of the project's own modules."""
    return {name: set(_own_imports(name, tree, modules)) for name, tree in modules.items()}


@cache
def imports() -> dict[str, set[str]]:
    """What each module of the project imports of the others."""
    return imports_of(modules())


def _own_imports(name: str, tree: ast.Module, modules: Mapping[str, ast.Module]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] in PACKAGES)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in PACKAGES:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in modules else node.module


def import_strings_of(modules: Mapping[str, ast.Module]) -> dict[str, set[str]]:
    """What each module names of the project's own modules by an import string."""
    found: dict[str, set[str]] = {name: set() for name in modules}
    for name, tree in modules.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and (named := IMPORT_STRING.fullmatch(node.value)):
                found[name].add(named[1])
    return found


@cache
def core_files() -> tuple[Path, ...]:
    """The files that a fresh process loads with the core, by path."""
    program = f"import sys, {CORE}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = [ROOT.joinpath(*name.split(".")) for name in done.stdout.split() if name.split(".")[0] in PACKAGES]
    files = [path / "__init__.py" if path.is_dir() else path.with_suffix(".py") for path in loaded]
    return tuple(sorted(path for path in files if path.read_text(encoding="utf-8").count("\n") > NAME_ONLY))
