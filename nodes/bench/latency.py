"""How long one transaction takes: on a network that does nothing else, and on one that does not run yet."""

import shutil
import statistics
import subprocess
import sysconfig
import time
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path

from ledger.errors import OperatorError
from nodes.bench.figures import Figures, Progress, percentile
from nodes.bench.measured_network import measured_network
from nodes.bench.sizes import Sizes
from nodes.bench.workload import Signers
from nodes.client import LocalMember
from nodes.network.local import LocalNetwork
from nodes.sample_contract import Asset

MS_PER_SECOND = 1_000
PROGRAM = "tallystick"
STOP_SECONDS_MAX = 20
MEMBER = "north.member1"


def measure_latency(directory: Path, sizes: Sizes, progress: Progress) -> Figures:
    """Single transactions one after the other, to each node in turn, from sending until the receipt is there."""
    with ExitStack() as opened:
        network = opened.enter_context(measured_network(directory))
        clients = [opened.enter_context(network.client(node=node)) for node in network.members]
        transactions = Signers.of(network).issue(range(sizes.single_transactions + len(clients)))
        progress(f"{sizes.single_transactions} transactions, one at a time")
        taken_ms = []
        for client, transaction in zip(cycle(clients), transactions, strict=False):
            started = time.monotonic()
            client.deliver(transaction)
            taken_ms.append((time.monotonic() - started) * MS_PER_SECOND)
    timed = taken_ms[len(clients) :]  # the first of each client opens its connection
    return {
        "transactions": len(timed),
        "p50_ms": statistics.median(timed),
        "p99_ms": percentile(timed, 99),
        "worst_ms": max(timed),
    }


def measure_first_transaction(directory: Path, sizes: Sizes, progress: Progress) -> Figures:
    """From the command `tallystick network up` on no directory at all until a first transaction is final."""
    program = shutil.which(PROGRAM, path=sysconfig.get_path("scripts"))
    if program is None:
        raise OperatorError("not-installed", f"There is no command {PROGRAM} beside this Python: install the project first.")
    ready_s, final_s = [], []
    for number in range(sizes.starts):
        progress(f"network up, {number + 1} of {sizes.starts}")
        ready, final = _start_once(program, directory / f"start{number}")
        ready_s.append(ready)
        final_s.append(final)
    return {
        "starts": sizes.starts,
        "ready_seconds": statistics.median(ready_s),
        "first_final_seconds": statistics.median(final_s),
    }


def _start_once(program: str, directory: Path) -> tuple[float, float]:
    """Seconds until the network serves, and until the transaction is final."""
    started = time.monotonic()
    process = subprocess.Popen(  # noqa: S603
        [program, "network", "up", "--dir", str(directory), "--json"], stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        if not process.stdout.readline():
            raise OperatorError("bench-failed", "`tallystick network up` ended before it served.")
        ready = time.monotonic()
        network = LocalNetwork(directory)
        member = LocalMember.load(network.key_path(MEMBER))
        with network.client(member.id) as client:
            client.call(Asset.issue, number="first", to=member.id)
        return ready - started, time.monotonic() - started
    finally:
        process.terminate()
        try:
            process.communicate(timeout=STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
