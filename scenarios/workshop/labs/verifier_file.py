"""The verifier that needs Python alone, laid into the folder of an exercise as an archive of an export carries it."""

from importlib.resources import files
from pathlib import Path

NAME = "verify.py"


def lay_out_verifier(work: Path) -> None:
    """The same file as `ledger/audit/standalone.py`."""
    (work / NAME).write_bytes((files("ledger.audit") / "standalone.py").read_bytes())
