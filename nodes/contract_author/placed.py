"""Puts a contract's files into a network's folder `contracts`, under a name that holds a part of their digest.

So a second version lies beside the first, whose blocks can still be judged, and what a program has imported is never
another version than the file. What its files import from each other is renamed with them.
"""

import ast
from pathlib import Path

from ledger.contract.contract import LoadedContract
from ledger.contract.source_rules.loader import load_contract
from ledger.contract.source_rules.source import SourceModule, read_sources, sources_digest
from ledger.errors import OperatorError
from nodes.contract_author.located import Located, importable
from nodes.key_files import write_durable
from nodes.node.files import CONTRACTS

DIGITS = 8
"""Of the digest in the name: enough to tell versions of one contract apart."""


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
