"""What it takes to copy a node of a long chain, to begin a new one with its state, and what pruning gives back.

The chain is that of some hours at ten transactions a second: a block each ten seconds, each transaction on a key of its
own. Records of one form pack well: the unpacked length of the snapshot says more of other ledgers. One validator decides in
this process, as in `growth`, so that decision records are shorter than those of four. Times are of the wall clock, to the
last byte on the disk.
"""

import gzip
import time
from collections.abc import Callable
from pathlib import Path

from ledger.chain.lookup import Lookup
from nodes.bench.figures import Figures, Progress
from nodes.bench.growth import BYTES_PER_MB, LongChain, one_validator
from nodes.bench.sizes import Sizes
from nodes.network.local import LocalNetwork
from nodes.node.copies import join, prune_node, restore_backup, write_backup, write_snapshot
from nodes.node.files import DATABASE, read_node_settings
from nodes.storage.sqlite_copy import reading

STEP_MS = 10_000


def measure_copies(directory: Path, sizes: Sizes, progress: Progress) -> Figures:
    """Seconds and megabytes of each way to copy a node, and of pruning it to its youngest blocks."""
    network = LocalNetwork.create(directory, one_validator(), is_lab=False, first_port=None)
    (node,) = network.file.nodes
    place = network.directory / node.directory
    genesis = read_node_settings(place).genesis
    progress(f"growing to {sizes.copied_transactions} transactions")
    with LongChain(network, STEP_MS) as chain:
        chain.grow(sizes.copied_transactions, sizes.copied_block_transactions)
        transactions = chain.transactions
    backup, snapshot, restored, joined = (directory / name for name in ("backup.zip", "state.gz", "restored", "joined"))
    restored.mkdir()
    joined.mkdir()
    progress("copying")
    seconds = {
        "backup": _seconds(lambda: write_backup(place, node.member, backup)),
        "restore": _seconds(lambda: restore_backup(backup, restored, genesis, node.member)),
        "snapshot": _seconds(lambda: write_snapshot(place, snapshot)),
        "join": _seconds(lambda: join(snapshot, joined, genesis)),
    }
    size = _mb(place / DATABASE)
    with reading(joined / DATABASE) as reader:
        view = Lookup(reader)
        blocks = view.height
        receipts = sum(len(view.receipts(height)) for height in range(view.first, view.height + 1))
    progress("pruning")
    started = time.monotonic()
    pruned = prune_node(place, keep=1)
    return {
        "transactions": transactions,
        "blocks": blocks,
        "database_mb": size,
        "backup_seconds": seconds["backup"],
        "backup_mb": _mb(backup),
        "restore_seconds": seconds["restore"],
        "snapshot_seconds": seconds["snapshot"],
        "snapshot_mb": _mb(snapshot),
        "snapshot_unpacked_mb": _unpacked_mb(snapshot),
        "join_seconds": seconds["join"],
        "joined_database_mb": _mb(joined / DATABASE),
        "receipts_kept": receipts,
        "prune_seconds": time.monotonic() - started,
        "pruned_blocks": pruned.upto,
        "pruned_database_mb": _mb(place / DATABASE),
    }


def _seconds(action: Callable[[], object]) -> float:
    started = time.monotonic()
    action()
    return time.monotonic() - started


def _unpacked_mb(path: Path) -> float:
    with gzip.open(path) as file:
        return sum(map(len, file)) / BYTES_PER_MB


def _mb(path: Path) -> float:
    return path.stat().st_size / BYTES_PER_MB
