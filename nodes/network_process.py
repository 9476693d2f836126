"""The process that runs a network in the background: `python -m nodes.network_process DIRECTORY [--with-parent]`.

Whoever runs a network leaves the process id in `network.pid`, so that `tallystick network down` finds it; whether
that is still true is told by the lock that the runner holds.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ledger.errors import OperatorError
from nodes.key_files import write_durable
from nodes.local_network import LocalNetwork
from nodes.network_directory import is_network_running
from nodes.shutdown import WITH_PARENT, stop_on_signals, stop_with_parent

PROCESS_ID = "network.pid"
STOP_SECONDS_MAX = 30
POLL_SECONDS = 0.05


def serve_network(network: LocalNetwork, announce: Callable[[], None], *, with_parent: bool = False) -> None:
    """Starts the network, calls `announce`, and stops it when this process is told to end."""
    ended = threading.Event()
    stop_on_signals(ended.set)
    if with_parent:
        stop_with_parent(ended.set)
    try:
        network.start()
        write_durable(network.directory / PROCESS_ID, str(os.getpid()).encode())
        announce()
        while not ended.wait(0.5):  # in pieces, because a wait without end cannot be interrupted on Windows
            pass
    finally:
        network.stop()


def stop_network(directory: Path) -> bool:
    """Stops a network that another process runs; False if none does. Raises OperatorError `cannot-stop`."""
    if not is_network_running(directory):
        return False
    try:
        os.kill(int((directory / PROCESS_ID).read_text()), signal.SIGTERM)
    except (OSError, ValueError) as error:
        raise OperatorError("cannot-stop", f"The process that runs {directory} cannot be told to stop: {error}.") from error
    deadline = time.monotonic() + STOP_SECONDS_MAX
    while is_network_running(directory):
        if time.monotonic() > deadline:
            raise OperatorError("cannot-stop", f"The network in {directory} did not stop within {STOP_SECONDS_MAX} s.")
        time.sleep(POLL_SECONDS)
    return True


def main(arguments: list[str], kind: type[LocalNetwork] = LocalNetwork) -> int:
    """Runs the network of a directory; prints one line of JSON when it serves or when it cannot."""
    try:
        network = kind(Path(arguments[0]))
        serve_network(network, lambda: _print({"serving": "network"}), with_parent=WITH_PARENT in arguments[1:])
    except OperatorError as error:
        _print({"error": error.code, "message": error.message})
        print(f"tallystick: {error.message}", file=sys.stderr)
        return 2
    return 0


def _print(content: dict[str, str]) -> None:
    print(json.dumps(content), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
