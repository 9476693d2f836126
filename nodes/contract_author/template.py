"""Begins a contract: one file with about thirty lines that work, and one with its tests."""

import importlib.util
import keyword
import re
import sys
from pathlib import Path

from ledger.errors import ConflictError, OperatorError
from ledger.identity.records import GOVERNANCE, MEMBERSHIP

TEMPLATES = Path(__file__).parent / "templates"
NAME = re.compile(r"[a-z][a-z0-9_]{0,47}")


def begin_contract(name: str, directory: Path) -> tuple[Path, Path]:
    """Writes NAME.py and test_NAME.py; raises OperatorError `bad-contract-name`, ConflictError `file-exists`."""
    verify_name(name, directory)
    words = {"MODULE": name, "CLASS": "".join(part.capitalize() for part in name.split("_")), "CONTRACT": name.replace("_", "-")}
    targets = {directory / f"{name}.py": "contract.txt", directory / f"test_{name}.py": "test.txt"}
    there = [path.name for path in targets if path.exists()]
    if there:  # check: contract-file-new
        raise ConflictError("file-exists", f"{there[0]} is there already; nothing is written over it.")
    directory.mkdir(parents=True, exist_ok=True)
    for path, template in targets.items():
        text = (TEMPLATES / template).read_text(encoding="utf-8")
        for word, value in words.items():
            text = re.sub(rf"(?<![A-Z]){word}(?![A-Z])", value, text)
        path.write_text(text, encoding="utf-8", newline="\n")
    contract, tests = targets
    return contract, tests


def verify_name(name: str, directory: Path) -> None:
    """Raises OperatorError `bad-contract-name` for what is no module name, or the name of another module."""
    if not NAME.fullmatch(name) or keyword.iskeyword(name) or name.endswith("_"):  # check: contract-name-form
        said = f"{name[:80]!r} is no name for a module: small letters, digits and _, such as warehouse_receipt."
        raise OperatorError("bad-contract-name", said)
    if name in sys.stdlib_module_names or name in (GOVERNANCE, MEMBERSHIP) or _is_installed(name, directory):
        raise OperatorError("bad-contract-name", f"{name} is the name of another module already; choose another.")


def _is_installed(name: str, directory: Path) -> bool:
    """Whether Python finds such a module elsewhere than in that folder."""
    spec = importlib.util.find_spec(name)
    return spec is not None and (spec.origin is None or Path(spec.origin).resolve().parent != directory.resolve())
