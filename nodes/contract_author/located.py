"""Which contract is meant by `receipt.py`, `receipt.py:Receipt`, `mine/contract.py` or `package.module:Class`, and its copy.

A network's folder `contracts` holds its files under a name with a part of their digest. So a second version lies beside the
first, whose blocks can still be judged, and what a program has imported is never another version than the file. What its files
import from each other is renamed with them.
"""

import ast
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ledger.contract.source_rules.loader import LoadedContract, load_contract
from ledger.contract.source_rules.source import SourceModule, read_sources, sources_digest
from ledger.errors import OperatorError
from nodes.key_files import write_durable
from nodes.node.files import CONTRACTS

OURS = ("ledger", "nodes", "scenarios", "tests")
DIGITS = 8
"""Of the digest in the name of a copy: enough to tell versions of one contract apart."""


@dataclass(frozen=True, slots=True)
class Located:
    """A module with its contract's class."""

    module: str
    class_name: str
    """Empty until it is known: `named` finds it."""
    root: Path | None
    """Folder from which the module is imported, where that is no installed package."""

    @property
    def top(self) -> str:
        """The module, or the package that it is in."""
        return self.module.partition(".")[0]

    def named(self, tree: ast.Module) -> "Located":
        """The same with its class: the one that is a contract with a name; raises OperatorError `contract-not-found`."""
        if self.class_name:
            return self
        found = [node.name for node in tree.body if isinstance(node, ast.ClassDef) and _is_contract(node)]
        if len(found) != 1:  # check: contract-one-class
            there = f"these are: {', '.join(found)}; add :CLASS" if found else "none is: it has a base and a line `name = …`"
            raise OperatorError("contract-not-found", f"One class of {self.module} should be a contract with a name; {there}.")
        return Located(self.module, found[0], self.root)

    @property
    def import_string(self) -> str:
        """As nodes name it."""
        return f"{self.module}:{self.class_name}"


def locate(text: str) -> Located:
    """Finds the module, without importing it; raises OperatorError `contract-not-found` or `bad-contract-name`."""
    place, colon, name = text.rpartition(":")
    if not colon or not name.isidentifier():
        place, name = text, ""
    path = Path(place)
    if path.suffix != ".py" and path.with_suffix(".py").is_file():
        path = path.with_suffix(".py")
    if path.suffix != ".py":
        if not all(part.isidentifier() for part in place.split(".")):
            raise OperatorError("contract-not-found", f"{place:.200} is neither a file NAME.py nor a module.")
        return Located(place, name, None)
    if not path.is_file():  # check: contract-file
        raise OperatorError("contract-not-found", f"There is no file {place:.200}.")
    path = path.resolve()
    parts, root = [path.stem], path.parent
    while (root / "__init__.py").is_file():
        parts, root = [root.name, *parts], root.parent
    if parts[0] in sys.stdlib_module_names or (parts[0] in OURS and root != Path(__file__).resolve().parent.parent.parent):
        raise OperatorError("bad-contract-name", f"{parts[0]} is the name of another module already; name the file otherwise.")
    if not all(part.isidentifier() for part in parts):
        raise OperatorError("bad-contract-name", f"{path.name} cannot be imported: a name has only letters, digits and _.")
    return Located(".".join(parts), name, root)


@contextmanager
def importable(located: Located) -> Iterator[None]:
    """While it lasts the module is read from its folder, afresh and without leaving bytecode behind."""
    if located.root is None:
        yield
        return
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    folder = str(located.root)
    sys.path.insert(0, folder)
    _forget(located.top)
    try:
        yield
    finally:
        _forget(located.top)
        sys.path.remove(folder)
        sys.dont_write_bytecode = writes


def place(located: Located, directory: Path) -> LoadedContract:
    """Copies a contract from its folder; one of an installed package stays where it is. Raises OperatorError."""
    if located.root is None:
        return load_contract(located.import_string)
    with importable(located):
        sources = read_sources(located.module)
    top = placed_top(located, sources_digest(sources))
    folder = (directory / CONTRACTS).resolve()
    for source in sources.values():
        _write(folder / _path(source, top), _renamed(source, located.top, top).encode())
    module = located.module.replace(located.top, top, 1)
    with importable(Located(module, located.class_name, folder)):
        return load_contract(f"{module}:{located.class_name}")


def placed_top(located: Located, digest: str) -> str:
    """What a contract from a folder is called in a network; `digest` is that of its source under its own name."""
    return f"{located.top}_{digest[:DIGITS]}"


def _forget(top: str) -> None:
    """Lets the author's module be imported again: its file may have changed, or another folder may have one of that name."""
    for name in [name for name in sys.modules if name.partition(".")[0] == top and top not in OURS]:
        del sys.modules[name]
    importlib.invalidate_caches()


def _is_contract(node: ast.ClassDef) -> bool:
    return bool(node.bases) and any(
        isinstance(line, ast.Assign) and any(isinstance(target, ast.Name) and target.id == "name" for target in line.targets)
        for line in node.body
    )


def _path(source: SourceModule, top: str) -> Path:
    _, *rest = source.module.split(".")
    if source.path.name == "__init__.py":
        return Path(top, *rest, "__init__.py")
    return Path(top, *rest).with_suffix(".py")


def _write(path: Path, data: bytes) -> None:
    """Raises OperatorError `contract-changed` where a copy was changed by hand: nodes may have it loaded."""
    if path.exists() and path.read_bytes() != data:  # check: contract-copy
        raise OperatorError("contract-changed", f"{path} was changed by hand. Change your own file, and remove this one.")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_durable(path, data)


def _renamed(source: SourceModule, old: str, new: str) -> str:
    """The text, in which `from old.x import y` and `import old.x` name the new package."""
    lines = source.text.splitlines(keepends=True)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").partition(".")[0] == old:
            lines[node.lineno - 1] = lines[node.lineno - 1].replace(f"from {old}", f"from {new}", 1)
        elif isinstance(node, ast.Import) and any(alias.name.partition(".")[0] == old for alias in node.names):
            message = (
                f"{source.path.name}, line {node.lineno}: write `from {old} import …`; the package is renamed when installed."
            )
            raise OperatorError("contract-faulty", message)
    return "".join(lines)
