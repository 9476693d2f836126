"""The process that runs a network in the background: `python -m nodes.network.runner DIRECTORY [--with-parent]`.

The program that runs a network leaves its process id in `network.pid`, so that `tallystick network down` finds it; whether that
is still true is shown by a lock that the runner holds until it is gone. The file `network.again` asks the runner to start the
nodes that have ended; the runner takes the file away when it has tried. In a lab its control is asked for that instead.
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
from itertools import product
from pathlib import Path
from pkgutil import resolve_name

from ledger.errors import OperatorError
from nodes.key_files import write_durable
from nodes.lab.remote import RemoteControl
from nodes.network.directory import ended_nodes, is_network_running, read_network
from nodes.network.local import LocalNetwork, ProcessNode
from nodes.node.files import NODES, OUTPUT
from nodes.shutdown import WITH_PARENT, stop_on_signals, stop_with_parent
from nodes.storage.lock import FileLock, is_held

MODULE = "nodes.network.runner"
LAB_CONTROL = "nodes.lab.control:LabControl"
"""Imported for a lab only: it is a web application."""
PROCESS_ID = "network.pid"
RUNNER_LOCK = "network.pid.lock"
START_AGAIN = "network.again"
START_SECONDS_MAX = 120
STOP_SECONDS_MAX = 30
POLL_SECONDS = 0.05


def serve_network(network: LocalNetwork, announce: Callable[[], None], ended: threading.Event) -> None:
    """Starts the network, calls `announce`, and stops it when `ended` is set."""
    asked = network.directory / START_AGAIN
    try:
        network.start()
        asked.unlink(missing_ok=True)  # of one who no longer waits
        FileLock(network.directory / RUNNER_LOCK).keep_until_exit()
        write_durable(network.directory / PROCESS_ID, json.dumps({"process": os.getpid()}).encode())
        with resolve_name(LAB_CONTROL)(network) if network.file.lab else nullcontext():
            announce()
            while not ended.wait(0.5):  # in pieces, because a wait without end cannot be interrupted on Windows
                if asked.exists():
                    _start_ended(network)
                    asked.unlink(missing_ok=True)
    finally:
        network.stop()


def _start_ended(network: LocalNetwork) -> None:
    for member in ended_nodes(network.directory):
        try:
            network.restart(member)
        except OperatorError as error:
            print(f"tallystick: {member}: {error.message}", file=sys.stderr)


def start_again(directory: Path) -> tuple[str, ...]:
    """Lets the program that runs the network start those of its nodes that have ended, in the way it runs; names them.

    Raises OperatorError `network-running` where none has ended or another program runs it, or `node-failed`.
    """
    network = read_network(directory)
    if not is_held(directory / RUNNER_LOCK):
        message = f"The network in {directory} is starting, or another program runs it; stop it there."
        raise OperatorError("network-running", message)
    if not (ended := ended_nodes(directory)):
        message = f"The network in {directory} runs with all its nodes. `tallystick network down --dir {directory}` stops it."
        raise OperatorError("network-running", message)
    if network.lab:
        for member, do in product(ended, ("stop", "start")):  # one that failed may be on its way out still
            RemoteControl(directory).order(f"/nodes/{member}", {"do": do})
    else:
        _ask_runner(directory / START_AGAIN)
    if left := ended_nodes(directory):
        output = directory / NODES / left[0] / OUTPUT
        raise OperatorError("node-failed", f"{', '.join(left)} did not start again; {output} says why.")
    return ended


def _ask_runner(asked: Path) -> None:
    """Returns when the runner has tried, or will not any more."""
    deadline = time.monotonic() + START_SECONDS_MAX
    asked.touch()
    while asked.exists() and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    asked.unlink(missing_ok=True)


def stop_network(directory: Path) -> bool:
    """Stops a network that another process runs; False if none runs.

    Raises OperatorError `no-network` or `cannot-stop`.
    """
    read_network(directory)
    if not is_network_running(directory):
        return False
    if not is_held(directory / RUNNER_LOCK):
        raise OperatorError("cannot-stop", f"The network in {directory} is run by another program; stop it there.")
    try:
        os.kill(int(json.loads((directory / PROCESS_ID).read_text())["process"]), signal.SIGTERM)
    except (OSError, ValueError, KeyError) as error:
        raise OperatorError("cannot-stop", f"The process that runs {directory} cannot be stopped: {error}.") from error
    deadline = time.monotonic() + STOP_SECONDS_MAX
    while is_held(directory / RUNNER_LOCK):
        if time.monotonic() > deadline:
            raise OperatorError("cannot-stop", f"The network in {directory} did not stop within {STOP_SECONDS_MAX} s.")
        time.sleep(POLL_SECONDS)
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


def main(arguments: list[str], kind: type[LocalNetwork] = LocalNetwork) -> int:
    """Runs the network of a directory; prints one line of JSON when it serves or when it cannot."""
    ended = threading.Event()
    stop_on_signals(ended.set)
    if WITH_PARENT in arguments[1:]:
        stop_with_parent(ended.set)
    try:
        serve_network(kind(Path(arguments[0])), partial(_print, {"serving": "network"}), ended)
    except OperatorError as error:
        _print({"error": error.code, "message": error.message})
        print(f"tallystick: {error.message}", file=sys.stderr)
        return 2
    return 0


def _print(content: dict[str, str]) -> None:
    print(json.dumps(content), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
