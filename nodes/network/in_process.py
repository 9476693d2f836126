"""All nodes of a network in one process, on ports of their own: for tests and for many groups on one machine.

One event loop in a thread of its own runs them. A kill is then no more than a stop: a real crash needs processes.
`python -m nodes.network.in_process DIRECTORY [--with-parent]` is such a process.
"""

import asyncio
import os
import sys
import threading
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path

from ledger.errors import OperatorError
from nodes.event_lines import start_lines
from nodes.network import runner
from nodes.network.local import STOP_SECONDS_MAX, LocalNetwork, RunningNode
from nodes.node.files import read_node_settings
from nodes.node.node import Node
from nodes.node.process import open_node, serve

MODULE = "nodes.network.in_process"


class InProcessNetwork(LocalNetwork):
    """Like LocalNetwork, with its nodes in this process."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Starts the event loop and the nodes in it."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="nodes", daemon=True)
            self._thread.start()
        super().start()

    def stop(self) -> None:
        """Stops the nodes, then the event loop."""
        super().stop()
        loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    def _launch(self, directory: Path) -> RunningNode:
        assert self._loop is not None, "the network was started"
        return _LoopNode(directory, self._loop)


class _LoopNode:
    """A node as a task of an event loop."""

    def __init__(self, directory: Path, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._node: Node | None = None
        self._serving: Future[None] = Future()
        self._task: asyncio.Task[None] | None = None
        self._running = asyncio.run_coroutine_threadsafe(self._run(directory), loop)

    @property
    def process_id(self) -> int:
        """This process."""
        return os.getpid()

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        if not self._running.done():
            return None
        return 2 if self._running.cancelled() or self._running.exception() is not None else 0

    def wait_ready(self, seconds: float) -> None:
        """Returns when it serves; raises what kept it from that."""
        wait((self._serving, self._running), seconds, FIRST_COMPLETED)
        if self._running.done():
            self._running.result()
        if not self._serving.done():
            raise OperatorError("node-failed", f"A node did not start within {seconds} s.")

    def order(self, word: str) -> None:
        """To stop. To rest is the same: there is no process that could stay and begin again."""
        self._loop.call_soon_threadsafe(self._stop)

    def wait_resting(self, seconds: float) -> bool:
        """Whether it ended within that time."""
        return self.wait(seconds)

    def wait(self, seconds: float = STOP_SECONDS_MAX) -> bool:
        """Whether it ended within that time."""
        return self._running in wait((self._running,), seconds).done

    def kill(self) -> None:
        """Stops it and waits for that; breaks it off where it does not come to its end."""
        self.order("stop")
        if not self.wait(STOP_SECONDS_MAX) and self._task is not None:
            self._loop.call_soon_threadsafe(self._task.cancel)
            self.wait(STOP_SECONDS_MAX)

    async def _run(self, directory: Path) -> None:
        self._task = asyncio.current_task()
        self._node = open_node(read_node_settings(directory))
        await serve(self._node, lambda: self._serving.set_result(None))

    def _stop(self) -> None:
        if self._node is not None:
            self._node.request_stop()


def main(arguments: list[str]) -> int:
    """As that of `runner`, with the nodes in this process."""
    start_lines("json", "info")
    return runner.main(arguments, InProcessNetwork)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
