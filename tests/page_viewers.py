"""What a room of viewers costs one node: `python -m tests.page_viewers [--viewers 30] [--seconds 20] [--tabs]`.

A lab of four nodes, each a process, decides a transaction a second. Viewers ask one of its nodes as the page's view
Consensus does, the most curious one: once a second the network, and what is new in the log. With `--tabs` they are tabs of
a real browser, which needs more of this machine than the lab itself; without, they are connections.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil

from nodes.client import Client, LocalMember
from nodes.node.files import NETWORK_FILE, NetworkFile, read_file
from tests.browser import started_browser

CONTROL = "/v1/lab/control"
PERIOD_S = 1.0
MEBIBYTE = 1 << 20
TIMES = "performance.getEntriesByType('resource').filter((one) => one.name.includes('/control/')).map((one) => one.duration)"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process used between two looks."""

    cpu_s: float
    memory_mib: float


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewers", type=int, default=30)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--tabs", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_lab(Path(folder) / "lab") as (runner, network):
        node = node_process(runner, network)
        url = network.nodes[0].url
        before = [spent(process) for process in (node, runner)]
        began = time.monotonic()
        look = in_tabs if asked.tabs else by_connections
        took = look(url, asked.viewers, asked.seconds, Path(folder) / "lab")
        seconds = time.monotonic() - began
        kind = "tabs of Chromium" if asked.tabs else "connections"
        print(f"{asked.viewers} viewers ({kind}) on one node for {asked.seconds} s: {len(took) / asked.seconds:.1f} requests/s")
        centiles = statistics.quantiles(took, n=100)
        print(f"latency: median {centiles[49]:.0f} ms, p95 {centiles[94]:.0f} ms, longest {max(took):.0f} ms")
        for name, process, old in (("node", node, before[0]), ("runner and control", runner, before[1])):
            new = spent(process)
            share = 100 * (new.cpu_s - old.cpu_s) / seconds
            print(f"{name}: {share:.0f} % of a core, {new.memory_mib:.0f} MiB (before: {old.memory_mib:.0f} MiB)")


@contextmanager
def running_lab(directory: Path) -> Iterator[tuple[psutil.Process, NetworkFile]]:
    """A lab's runner, and its network."""
    command = [sys.executable, "-m", "scenarios.command_line", "network", "up", "--lab", "--dir", str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if "Ctrl-C" in line:
                    break
            yield psutil.Process(process.pid), read_file(directory / NETWORK_FILE, NetworkFile)
        finally:
            process.terminate()


def node_process(runner: psutil.Process, network: NetworkFile) -> psutil.Process:
    """The process of the first node."""
    (found,) = [child for child in runner.children(recursive=True) if network.nodes[0].member in " ".join(child.cmdline())]
    return found


def spent(process: psutil.Process) -> Cost:
    """Processor time and memory so far."""
    times = process.cpu_times()
    return Cost(times.user + times.system, process.memory_info().rss / MEBIBYTE)


def by_connections(url: str, viewers: int, seconds: int, directory: Path) -> list[float]:
    """Milliseconds of each answer."""
    return asyncio.run(_by_connections(url, viewers, seconds, directory))


async def _by_connections(url: str, viewers: int, seconds: int, directory: Path) -> list[float]:
    took: list[float] = []
    end = time.monotonic() + seconds
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        writing = asyncio.create_task(asyncio.to_thread(write, url, end, directory))
        await asyncio.gather(*(_view(session, url, i / viewers, end, took) for i in range(viewers)))
        await writing
    return took


async def _view(session: aiohttp.ClientSession, url: str, late: float, end: float, took: list[float]) -> None:
    after = 0
    await asyncio.sleep(late * PERIOD_S)
    while time.monotonic() < end:
        for path in (f"{CONTROL}/network", f"{CONTROL}/log?after={after}&limit=500"):
            began = time.monotonic()
            async with session.get(url + path) as response:
                told = json.loads(await response.read())
                assert response.status == 200, told
            took.append(1000 * (time.monotonic() - began))
            after = told.get("next", after)
        await asyncio.sleep(PERIOD_S)


def in_tabs(url: str, viewers: int, seconds: int, directory: Path) -> list[float]:
    """Milliseconds of each answer to the control, as the browser counts them."""
    took: list[float] = []
    with started_browser() as browser:
        pages = [browser.new_context().new_page() for _ in range(viewers)]
        for page in pages:
            page.goto(f"{url}/#view=consensus")
        for page in pages:
            page.evaluate("performance.clearResourceTimings(); performance.setResourceTimingBufferSize(9999)")
        write(url, time.monotonic() + seconds, directory)
        for page in pages:
            took += page.evaluate(TIMES)
    return took


def write(url: str, end: float, directory: Path) -> None:
    """A transaction a second."""
    member = LocalMember.load(directory / "keys" / "north.member1")
    with Client(url, member=member) as client:
        while time.monotonic() < end:
            client.submit(client.sign_named("asset", "bump", {"number": "viewed"}), 20)
            time.sleep(PERIOD_S)


if __name__ == "__main__":
    main()
