"""Load from separate processes, each with its own plan of requests to one node."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from ledger.errors import OperatorError
from nodes.bench.generator import Request


class Load:
    """Processes that are ready to send."""

    def __init__(self, processes: Sequence["subprocess.Popen[bytes]"]) -> None:
        self._processes = processes

    def go(self) -> float:
        """Lets all of them send; returns the moment, on the monotonic clock."""
        started = time.monotonic()
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write(b"go\n")
            process.stdin.flush()
        return started

    def results(self) -> list[dict[str, Any]]:
        """What each tells at its end; raises OperatorError `bench-refused` if a node refused a request."""
        found = [_read_line(process) for process in self._processes]
        for result in found:
            if result["refused"]:
                raise OperatorError("bench-refused", f"A node refused what the benchmark sent: {result['refused'][0][:500]}")
        return found


@contextmanager
def prepared_load(directory: Path, urls: Sequence[str], connections: int, requests: Sequence[Request]) -> Iterator[Load]:
    """One process a URL; the requests are dealt out in turn. Every process has ended when the block ends."""
    with ExitStack() as running:
        processes = []
        for number, url in enumerate(urls):
            plan = directory / f"plan{number}.json"
            share = requests[number :: len(urls)]
            plan.write_text(json.dumps({"url": url, "connections": connections, "requests": share}))
            processes.append(running.enter_context(_process(plan)))
        for process in processes:
            _read_line(process)
        yield Load(processes)


@contextmanager
def _process(plan: Path) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "nodes.bench.generator", str(plan)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _read_line(process: "subprocess.Popen[bytes]") -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise OperatorError("bench-failed", "A process that sends ended before its time; see what it printed.")
    found: dict[str, Any] = json.loads(line)
    return found
