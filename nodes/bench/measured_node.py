"""A node that tells what it costs: `python -m nodes.bench.measured_node DIRECTORY [--with-parent] [--stages]`.

It is the node of `nodes.node.process` with one more path, `GET /bench/counters`: processor time, peak memory and number
of transactions that are final here. With `--stages` the functions of each stage are wrapped with clocks, which costs
some speed; without, nothing but that path is added.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

import nodes.app.intake
import nodes.storage.sqlite
from ledger.chain import chain
from ledger.keys import Ed25519Sha256, PrivateKey
from ledger.state.history_tree import HistoryTree
from ledger.state.tree import StateTree
from nodes.app.factory import create_app
from nodes.bench.reading import PATH, STAGES_ARGUMENT, Reading
from nodes.bench.stages import REST, StageClocks
from nodes.consensus.events import Action, Decided
from nodes.node import process as node_process
from nodes.node.node import Node
from nodes.storage.sqlite import SqliteStore

if sys.platform != "win32":
    import resource

BYTES_PER_KIB = 1024


class Counters:
    """What this process has cost and done so far."""

    def __init__(self) -> None:
        self.clocks: StageClocks | None = None
        self.final = 0
        """Transactions of blocks that are decided and durable here."""

    def read(self) -> Reading:
        """All of it."""
        stages_ns = {} if self.clocks is None else self.clocks.nanoseconds()
        return Reading(time.process_time_ns(), self.final, peak_memory_bytes(), stages_ns)


def main(arguments: list[str]) -> int:
    """Runs the node with counters; returns its exit code."""
    counters = Counters()
    _count_final(counters)
    _add_path(counters)
    if STAGES_ARGUMENT in arguments:
        counters.clocks = StageClocks()
        wrap_stages(counters.clocks)
    return node_process.main(arguments)


def wrap_stages(clocks: StageClocks) -> None:
    """Wraps what belongs to a stage; inside of an event loop's callback, what no other stage claims is the network's."""
    for owner, name, stage in (
        (asyncio.Handle, "_run", "network"),
        (Node, "handle", REST),
        (nodes.app.intake, "_take_piece", REST),
        (Ed25519Sha256, "verify_signature", "verify"),
        (PrivateKey, "sign", "verify"),
        (chain, "execute_block", "execute"),
        (StateTree, "update", "state"),
        (StateTree, "apply", "state"),
        (HistoryTree, "root", "state"),
        (HistoryTree, "append", "state"),
        (chain.Chain, "append", "store"),
        (SqliteStore, "get", "store"),
        (SqliteStore, "scan", "store"),
        (SqliteStore, "commit", "store"),
        (nodes.storage.sqlite, "write_rows", "store"),
    ):
        clocks.wrap(owner, name, stage)


def peak_memory_bytes() -> int | None:
    """The most memory that this process has held; None where the system does not tell."""
    try:
        # Not ru_maxrss where this is there: it counts what the parent held before the process became its own.
        line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * BYTES_PER_KIB
    except (OSError, StopIteration):
        pass
    if sys.platform == "win32":
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * BYTES_PER_KIB


def _count_final(counters: Counters) -> None:
    perform: Callable[[Node, Action], None] = Node._perform

    def counting(node: Node, action: Action) -> None:
        perform(node, action)
        if isinstance(action, Decided):
            counters.final += len(action.block.transactions)

    setattr(Node, "_perform", counting)  # noqa: B010


def _add_path(counters: Counters) -> None:
    def create(node: Node) -> ASGIApp:
        inner = create_app(node)

        async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["path"] != PATH:
                await inner(scope, receive, send)
                return
            body = json.dumps(asdict(counters.read())).encode()
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})

        return dispatch

    setattr(node_process, "create_app", create)  # noqa: B010


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
