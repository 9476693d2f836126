"""The process of one node: `python -m nodes.node.process DIRECTORY [--with-parent]`.

It joins a node with its documents, HTTP application and server. One line of JSON says when it serves, or what keeps it from
serving. A line `rest` on standard input lets it close its node and say so in another line; `begin` lets it read its settings and
serve again, in less time than a new process takes.
Exit codes: 0 stopped as asked, 2 files, port, disk or settings are wrong.
"""

import asyncio
import gc
import json
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from ledger.errors import OperatorError
from ledger.keys import SUITES
from nodes.app import documents, pages
from nodes.app.application import NodeApp
from nodes.documents.desk import Desk
from nodes.documents.document_store import DocumentStore
from nodes.documents.exchange import PATH, Exchange
from nodes.event_lines import start_lines
from nodes.http.connections import Door
from nodes.http.server import HttpServer, server_config
from nodes.links.node_tls import NodeTls
from nodes.node.files import DOCUMENTS, NodeSettings, read_node_settings
from nodes.node.node import Node
from nodes.replica.replica import Replica
from nodes.shutdown import WITH_PARENT, stop_on_signals, stop_with_parent
from nodes.traitors.kinds import find_traitor

COLLECT_AFTER_OBJECTS = 20_000
"""Blocks make many objects that die young; collecting them as often as Python does by default costs time for nothing."""


def main(arguments: list[str]) -> int:
    """Runs the node until a signal or order stops it; returns the exit code."""
    try:
        asyncio.run(_run(Path(arguments[0]), WITH_PARENT in arguments[1:]))
    except OperatorError as error:
        _say(error=error.code, message=error.message)
        print(f"tallystick: {error.message}", file=sys.stderr)
        return 2
    return 0


async def _run(directory: Path, with_parent: bool) -> None:
    loop = asyncio.get_running_loop()
    settings = read_node_settings(directory)
    start_lines(settings.file.log_form, settings.file.log_level)
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER_OBJECTS)
    process = _Process(open_node(settings))

    def hear(order: str) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(process.hear, order)

    stop_on_signals(lambda: hear("stop"))
    if with_parent:
        stop_with_parent(lambda: hear("stop"), hear)
    await process.run()


def open_node(settings: NodeSettings) -> Node:
    """The node of these settings, a traitor where they say so; raises OperatorError."""
    return Node(settings, kind=Replica if settings.file.traitor is None else find_traitor(settings.file.traitor))


def open_exchange(node: Node, tls: NodeTls | None) -> Exchange:
    """The documents of a node; raises StorageError."""
    settings = node.settings
    desk = Desk(node, DocumentStore(settings.directory / DOCUMENTS))
    suite = SUITES[settings.genesis.suite]
    return Exchange(desk, key=settings.key, suite=suite, addresses=settings.addresses, tls=tls)


def create_app(node: Node, exchange: Exchange) -> NodeApp:
    """The HTTP application of a node, with documents and the page."""
    app = NodeApp(node, (documents.router, pages.router), {PATH: (exchange.bytes_max, exchange.answer)})
    app.web.state.documents = exchange
    return app


async def serve(node: Node, announce: Callable[[], None]) -> None:
    """Starts a node with its application, calls `announce`, works until `request_stop`, and closes; raises a node's failure."""
    async with AsyncExitStack() as opened:
        opened.push_async_callback(node.close)
        files = node.settings.tls
        tls = None if files is None else NodeTls(files, node.roots, node.root_of)
        exchange = open_exchange(node, tls)
        opened.push_async_callback(exchange.close)
        door = Door(node.limits, node.watch.closed, node.settings.hosts)
        node.watch.gauge("connections", "HTTP connections by what they are.", door.counts(), "kind")
        app = create_app(node, exchange)
        door.take_batch = app.answer_batch
        server = HttpServer(server_config(app, None if tls is None else tls.server, door))
        serving = asyncio.create_task(server.serve([node.listener]))
        try:
            await server.is_up.wait()
            await node.start(None if tls is None else tls.to)
            announce()
            await node.stopping.wait()
        finally:
            node.request_stop()
            server.should_exit = True
            if node.lab is not None:
                await node.lab.control.close()
            await asyncio.gather(serving, return_exceptions=True)
    if node.failure is not None:
        raise node.failure


class _Process:
    """One node after another, of the same directory."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._orders: asyncio.Queue[str] = asyncio.Queue()
        self._is_stopping = False

    def hear(self, order: str) -> None:
        """`stop`, `rest` or `begin`."""
        self._is_stopping = self._is_stopping or order == "stop"
        self._orders.put_nowait(order)
        if order in ("stop", "rest"):
            self._node.request_stop()

    async def run(self) -> None:
        """Serves and rests until an order stops it; raises a node's failure."""
        while True:
            await serve(self._node, partial(_say, serving=self._node.member))
            if self._orders.empty() or self._is_stopping:
                return
            _say(resting=self._node.member)
            while (order := await self._orders.get()) != "begin":
                if order == "stop":
                    return
            gc.collect()
            self._node = open_node(read_node_settings(self._node.settings.directory))


def _say(**words: str) -> None:
    print(json.dumps(words), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
