"""A planned network runs: every node from its own folder by what its unit says, upgraded in turn while transactions go on."""

import json
import shlex
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import requests

from ledger.identity.records import Parameters
from nodes.network.directory import client_of, free_ports
from nodes.network.specification import NAMES
from nodes.sample_contract import Asset
from tests.commands import answer, succeeds
from tests.host_network import lay_out

HOSTS = {"west": "localhost"}
"""The others have addresses."""
NODES = [f"{name}.validator" for name in NAMES]
PAUSE_SECONDS = 0.05
"""Between two transactions, so that the machine has time for what is tested."""
STOP_SECONDS_MAX, START_SECONDS_MAX = 30, "60"


@contextmanager
def running(unit: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The process that a unit describes; on exit it is stopped, as systemd does it, and must end well."""
    lines = dict(line.split("=", 1) for line in unit.read_text().splitlines() if "=" in line and not line.startswith("#"))
    name, _, value = lines["Environment"].partition("=")
    with (unit.parent / "output.txt").open("ab") as output:
        process = subprocess.Popen(
            ["/usr/bin/env", f"{name}={value}", *shlex.split(lines["ExecStart"])], stdout=output, stderr=output
        )
    try:
        yield process
    except BaseException:
        process.kill()
        process.wait()
        raise
    process.send_signal(signal.SIGTERM)
    assert process.wait(STOP_SECONDS_MAX) == 0


class Traffic(threading.Thread):
    """Issues one asset after the other through whichever node answers, until it is told to stop."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.directory, self.ended = directory, threading.Event()
        self.acknowledged: list[str] = []
        self.failure: BaseException | None = None

    def run(self) -> None:
        """Ends at the first transaction that is lost."""
        try:
            with client_of(self.directory, *NODES, member="north.member1") as client:
                while not self.ended.wait(PAUSE_SECONDS):
                    number = f"A-{len(self.acknowledged)}"
                    client.call(Asset.issue, number=number, to="north.member1")
                    self.acknowledged.append(number)
        except BaseException as error:
            self.failure = error


def verify_scraped(directory: Path) -> None:
    """Every target gives its figures to who verifies its certificate for the host's address, as Prometheus does."""
    targets = json.loads((directory / "monitoring/targets.json").read_text())
    assert len(targets) == len(NAMES)
    for target in targets:
        url = f"{target['labels']['__scheme__']}://{target['targets'][0]}/metrics"
        assert "tallystick_" in requests.get(url, verify=str(directory / "tls/roots.pem"), timeout=STOP_SECONDS_MAX).text


def test_nodes_that_were_planned_are_upgraded_in_turn(tmp_path: Path, no_process_left: str) -> None:
    addresses = [f"{HOSTS.get(name, '127.0.0.1')}:{port}" for name, port in zip(NAMES, free_ports(len(NAMES)), strict=True)]
    lay_out(tmp_path, addresses, Parameters().delay_ms)
    units = {name: tmp_path / f"{name}/nodes/{name}.validator/tallystick-{name}.validator.service" for name in NAMES}
    with ExitStack() as stack:
        nodes = {name: stack.enter_context(ExitStack()) for name in NAMES}
        for name, unit in units.items():
            nodes[name].enter_context(running(unit))
        succeeds("network", "status", "--dir", tmp_path / "south", "--wait", START_SECONDS_MAX)
        verify_scraped(tmp_path / "south")
        traffic = Traffic(tmp_path / "north")
        traffic.start()
        try:
            for name, unit in units.items():
                nodes[name].close()
                nodes[name].enter_context(running(unit))
                rows = answer("network", "status", "--dir", tmp_path / name, "--wait", START_SECONDS_MAX, "--json")["nodes"]
                assert rows[0]["member"] == f"{name}.validator"
        finally:
            traffic.ended.set()
            traffic.join()
        if traffic.failure is not None:
            raise traffic.failure
        assert len(traffic.acknowledged) > len(NAMES)
        for name in NAMES:
            with client_of(tmp_path / name) as client:
                assert {number for number, _ in client.records(Asset.assets)} == {*traffic.acknowledged}
