"""Where the project under test lies, and copies of it."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("ledger", "nodes", "scenarios")


def copy_project(target: Path) -> None:
    """The packages, the tests and the files beside them, compiled files included: they save most of the time."""
    for name in (*PACKAGES, "tests"):
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("*.pyc.*"))
    for entry in ROOT.iterdir():
        if entry.is_file():
            shutil.copy2(entry, target / entry.name)
