"""The process that runs a network in the background: `python -m nodes.network_process DIRECTORY [--with-parent]`.

Whoever runs a network leaves its process id in `network.pid`, so that `tallystick network down` finds it, and in which
way it runs, so that it can be started again; whether that is still true is told by a lock that the runner holds until
it is gone.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path

from ledger.errors import OperatorError, StorageError
from nodes.key_files import write_durable
from nodes.lab.control import LabControl
from nodes.local_network import LocalNetwork, ProcessNode
from nodes.network_directory import is_network_running, read_network
from nodes.node_files import OUTPUT
from nodes.shutdown import WITH_PARENT, stop_on_signals, stop_with_parent
from nodes.storage.lock import FileLock

MODULE = "nodes.network_process"
PROCESS_ID = "network.pid"
RUNNER_LOCK = "network.pid.lock"
STOP_SECONDS_MAX = 30
POLL_SECONDS = 0.05


def serve_network(network: LocalNetwork, announce: Callable[[], None], ended: threading.Event, *, module: str = "") -> None:
    """Starts the network, calls `announce`, and stops it when `ended` is set.

    `module` is the module to run for doing the same again in the background, empty if it runs in the foreground.
    """
    try:
        network.start()
        FileLock(network.directory / RUNNER_LOCK).keep_until_exit()
        runner = {"process": os.getpid(), "module": module}
        write_durable(network.directory / PROCESS_ID, json.dumps(runner).encode())
        with LabControl(network) if network.file.lab else nullcontext():
            announce()
            while not ended.wait(0.5):  # in pieces, because a wait without end cannot be interrupted on Windows
                pass
    finally:
        network.stop()


def stop_network(directory: Path) -> str | None:
    """Stops a network that another process runs and returns its module; None if none runs.

    Raises OperatorError `no-network` or `cannot-stop`.
    """
    read_network(directory)
    if not is_network_running(directory):
        return None
    if _is_free(directory / RUNNER_LOCK):
        raise OperatorError("cannot-stop", f"The network in {directory} is run by another program; stop it there.")
    try:
        runner = json.loads((directory / PROCESS_ID).read_text())
        os.kill(int(runner["process"]), signal.SIGTERM)
    except (OSError, ValueError, KeyError) as error:
        raise OperatorError("cannot-stop", f"The process that runs {directory} cannot be told to stop: {error}.") from error
    deadline = time.monotonic() + STOP_SECONDS_MAX
    while not _is_free(directory / RUNNER_LOCK):
        if time.monotonic() > deadline:
            raise OperatorError("cannot-stop", f"The network in {directory} did not stop within {STOP_SECONDS_MAX} s.")
        time.sleep(POLL_SECONDS)
    return str(runner["module"])


def _is_free(lock: Path) -> bool:
    try:
        FileLock(lock).release()
    except StorageError:
        return False
    return True


def start_in_background(directory: Path, module: str) -> None:
    """Starts the network in a process that outlives this one, and waits until it serves."""
    runner = ProcessNode([module, str(directory)], directory / OUTPUT, with_parent=False)
    try:
        runner.wait_ready()
    except BaseException:
        runner.kill()
        raise
    runner.leave()


def main(arguments: list[str], module: str = MODULE, kind: type[LocalNetwork] = LocalNetwork) -> int:
    """Runs the network of a directory; prints one line of JSON when it serves or when it cannot."""
    with_parent = WITH_PARENT in arguments[1:]
    ended = threading.Event()
    stop_on_signals(ended.set)
    if with_parent:
        stop_with_parent(ended.set)
    try:
        network = kind(Path(arguments[0]))
        announce = partial(_print, {"serving": "network"})
        serve_network(network, announce, ended, module="" if with_parent else module)
    except OperatorError as error:
        _print({"error": error.code, "message": error.message})
        print(f"tallystick: {error.message}", file=sys.stderr)
        return 2
    return 0


def _print(content: dict[str, str]) -> None:
    print(json.dumps(content), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
