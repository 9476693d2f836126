"""The process of one node: `python -m nodes.node_process DIRECTORY [--with-parent]`.

It prints one line of JSON when it serves, or what keeps it from serving. Exit codes: 0 stopped as asked,
2 files, port, disk or settings are wrong.
"""

import asyncio
import gc
import json
import sys
from pathlib import Path

from ledger.errors import OperatorError
from nodes.event_lines import start_lines
from nodes.node import Node
from nodes.node_files import read_node_settings
from nodes.shutdown import WITH_PARENT, stop_on_signals, stop_with_parent

COLLECT_AFTER_OBJECTS = 20_000
"""Blocks make many objects that die young; collecting them as often as Python does by default costs time for nothing."""


def main(arguments: list[str]) -> int:
    """Runs the node until it is told to stop; returns the exit code."""
    try:
        asyncio.run(_run(Path(arguments[0]), WITH_PARENT in arguments[1:]))
    except OperatorError as error:
        print(json.dumps({"error": error.code, "message": error.message}), flush=True)
        print(f"tallystick: {error.message}", file=sys.stderr)
        return 2
    return 0


async def _run(directory: Path, with_parent: bool) -> None:
    loop = asyncio.get_running_loop()
    settings = read_node_settings(directory)
    start_lines(settings.log_form, settings.log_level)
    node = Node(settings)

    def stop() -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(node.request_stop)

    stop_on_signals(stop)
    if with_parent:
        stop_with_parent(stop)
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER_OBJECTS)
    await node.run(lambda: print(json.dumps({"serving": node.member}), flush=True))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
