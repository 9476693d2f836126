"""What the control of a lab leaves for its nodes and for programs beside it: where it listens, and whether the lab is frozen.

A runner that was killed leaves the file behind, and another program may have the port by now: nobody is to send it the
lab's token. So the file counts only while some program runs the network, which a lock tells that ends with its holder.
"""

import json
from pathlib import Path
from typing import Any

from ledger.errors import StorageError
from nodes.storage.lock import FileLock

NETWORK_LOCK = "network.lock"
"""Held by whoever runs the network of the directory."""


def read_control(path: Path) -> dict[str, Any]:
    """What the file says; empty, and the file is removed, where no program runs the network."""
    try:
        said = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) and not _is_left_behind(path) else {}


def _is_left_behind(path: Path) -> bool:
    try:
        lock = FileLock(path.with_name(NETWORK_LOCK))
    except StorageError as error:
        return error.code != "database-in-use"
    try:
        path.unlink(missing_ok=True)  # while nobody can begin to run the network
    finally:
        lock.release()
    return True
