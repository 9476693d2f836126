"""How a process learns that it should end: Ctrl-C, a polite kill, or the end of the process that started it."""

import os
import signal
import threading
from collections.abc import Callable

WITH_PARENT = "--with-parent"
"""Argument of every process that ends with the one that started it."""


def stop_on_signals(stop: Callable[[], None]) -> None:
    """Calls `stop` on SIGINT and SIGTERM instead of raising. Only from the main thread."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop())


def stop_with_parent(stop: Callable[[], None], told: Callable[[str], object] = str) -> None:
    """Calls `stop`, in another thread, when standard input closes: the system closes it when the parent ends.

    Lines that the parent writes before that go to `told`.
    """

    def watch() -> None:
        rest = b""
        while data := os.read(0, 1024):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                told(line.decode())
        stop()

    threading.Thread(target=watch, name="parent", daemon=True).start()
