"""Whether two machines play the same: a digest of the code that decides what a seed shows, and the Python it runs on."""

import hashlib
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = ("ledger", "nodes")
SUFFIXES = (".py", ".toml")


@cache
def source_digest() -> str:
    """SHA-256 of every file of ledger/ and nodes/ with its path, as this process first saw them."""
    whole = hashlib.sha256()
    for path in sorted(path for part in PARTS for path in (ROOT / part).rglob("*") if path.suffix in SUFFIXES):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        whole.update(f"{path.relative_to(ROOT).as_posix()} {content}\n".encode())
    return whole.hexdigest()


def description() -> tuple[str, str]:
    """Source digest, and Python as major.minor: what must be alike."""
    return source_digest(), f"{sys.version_info.major}.{sys.version_info.minor}"
