"""Making a node's directory: the database with its genesis, the settings, and last the voting mark."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

from ledger.chain.chain import Chain
from ledger.contract.contract import ContractSet
from ledger.contract.source_rules.loader import load_contract
from ledger.errors import OperatorError
from ledger.genesis import Genesis
from nodes.node.files import CLOCK_OFFSET, DATABASE, DOCUMENTS, LOG, NODE_FILE, OUTPUT, NodeFile, write_file
from nodes.node.voting_mark import VOTING_MARK, write_voting_mark
from nodes.storage.lock import FileLock, is_held
from nodes.storage.sqlite import open_store

KEPT_OPEN = ("-wal", "-shm")
"""What SQLite keeps beside a database."""


def load_installed(genesis: Genesis, more: tuple[str, ...] = (), folder: Path | None = None) -> ContractSet:
    """The contracts of the genesis and those that governance added later, as they are installed here or lie in the folder.

    Another source than the ledger names is no error here: blocks that need it cannot be judged, and the node says so.
    """
    if more and folder is not None and str(folder) not in sys.path:
        sys.path.append(str(folder))
    importlib.invalidate_caches()  # a module may have come since the folder was last looked at
    loaded = [load_contract(module) for module in (*(entry.module for entry in genesis.contracts), *more)]
    return ContractSet(
        {one.contract.name: one.contract for one in loaded},
        {one.contract.name: one.digest for one in loaded},
        {one.digest: one.contract for one in loaded},
    )


def create_node(
    directory: Path,
    file: NodeFile,
    genesis: Genesis,
    contracts: ContractSet,
    *,
    with_mark: bool = True,
    begin: Callable[[Path], object] | None = None,
) -> None:
    """Fills a new directory; raises OperatorError `already-a-node` where there is one.

    The mark says that this key has not signed anything elsewhere. Without it a validator first asks the others. `begin`
    makes another database in the directory than one that holds only the genesis.
    """
    if (directory / NODE_FILE).exists() or (directory / DATABASE).exists():  # check: node-directory-new
        raise OperatorError("already-a-node", f"{directory} holds a node already; it is not begun again.")
    if with_mark and (directory / VOTING_MARK).exists():  # check: mark-new
        message = f"{directory / VOTING_MARK} is there: the key voted, and what it said is lost. Restore it, or give --restored."
        raise OperatorError("already-a-node", message)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / VOTING_MARK).unlink(missing_ok=True)
    if begin is None:
        create_database(directory, genesis, contracts)
    else:
        begin(directory)
    write_file(directory / NODE_FILE, file)
    if with_mark:
        write_voting_mark(directory, genesis.ledger)


def create_database(directory: Path, genesis: Genesis, contracts: ContractSet) -> None:
    """A database that holds only the genesis."""
    with open_store(directory / DATABASE) as store:
        Chain.create(store, genesis.encode(), contracts)


def clear_node(directory: Path) -> None:
    """Removes all that a stopped node wrote since it was made, its mark too; the settings stay."""
    verify_stopped(directory)
    databases = tuple(name + ending for name in (DATABASE, DOCUMENTS) for ending in ("", *KEPT_OPEN))
    for name in (VOTING_MARK, *databases, CLOCK_OFFSET, LOG):
        (directory / name).unlink(missing_ok=True)
    if (directory / OUTPUT).exists():
        (directory / OUTPUT).write_bytes(b"")  # not removed: the process of a node that rests writes into it still


def verify_stopped(directory: Path) -> None:
    """Raises StorageError `database-in-use` while the node runs."""
    FileLock(directory / (DATABASE + ".lock")).release()


def is_running(directory: Path) -> bool:
    """Whether a process has the node's database open."""
    return is_held(directory / (DATABASE + ".lock"))
