"""How far it goes: what a ledger of many transactions takes of disk, memory and time, at several lengths of one chain.

The chain of `long_chain` is grown twice: with a key of its own for each transaction, and with few keys. One validator decides:
the decision record of four is longer by some signatures, whatever the length of the chain. Copies, export, audit and pruning
are told in seconds of the processor, which other work on the machine makes no longer; start and proofs by the clock on the wall.
"""

import asyncio
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from statistics import median

import psutil

from ledger.chain.view import ChainView
from ledger.errors import OperatorError
from ledger.transaction import parse_transaction
from nodes.bench.amounts import BYTES_PER_MB, MS_PER_SECOND, Figures, Progress, Sizes
from nodes.bench.long_chain import STEP, VALIDATOR, LongChain, copied, one_validator_network, seconds_of, size_mb
from nodes.bench.measured_network import POLL_SECONDS, REQUEST_SECONDS_MAX, MeasuredNetwork, asset, peak_memory_bytes
from nodes.http_client import HttpClient
from nodes.node.copies import prune_node
from nodes.node.files import DATABASE, GENESIS_FILE
from nodes.sample_contract import Asset
from nodes.storage.sqlite_copy import reading

FAR_STEP_MS = 1_000
"""Between two blocks, as at a hundred transactions a second in blocks of a hundred. The chain runs ahead of the clock, so that a
node that is started on it adds no block of its own, as it does after a silence."""
COUNTERS = 1_000
"""Keys of the ledger that has few."""
PROOFS = 50
"""Requests of each kind; the median counts."""


def measure_far(directory: Path, sizes: Sizes, progress: Progress) -> Figures:
    """Disk, start, memory, proofs, copies, export and its audit at these numbers of transactions; pruning at the last."""
    kinds = {"many_keys": 0, "few_keys": COUNTERS}
    return {kind: _measure(directory / kind, sizes, counters, partial(_of, progress, kind)) for kind, counters in kinds.items()}


def _of(progress: Progress, kind: str, text: str) -> None:
    progress(f"{kind}, {text}")


def _measure(directory: Path, sizes: Sizes, counters: int, progress: Progress) -> Figures:
    size = sizes.far_block_transactions
    network = one_validator_network(directory / "network")
    found: Figures = {}
    with closing(LongChain(network, FAR_STEP_MS)) as chain:
        for count in sizes.far:
            progress(f"growing to {count} transactions")
            chain.grow(count, size, counters)
            with chain.at_rest():
                progress(f"looking at {count} transactions")
                found[f"at_{count}"] = {"blocks": chain.blocks, **_looked_at(network, directory / "aside", counters, progress)}
    progress("pruning")
    return found | {
        "prune_seconds": seconds_of(lambda: prune_node(network.only_node, keep=1), time.process_time),
        "pruned_database_mb": size_mb(network.only_node / DATABASE),
    }


def _looked_at(network: MeasuredNetwork, aside: Path, counters: int, progress: Progress) -> Figures:
    """The figures of a ledger as long as it is now."""
    progress("a node")
    started = time.monotonic()
    with network:
        start_seconds = time.monotonic() - started
        idle = network.pss_mb()
        proofs = _proofs(network, counters)
        figures: Figures = {"start_seconds": start_seconds, "idle_pss_mb": idle, "asked_pss_mb": network.pss_mb(), **proofs}
    progress("its copies")
    figures |= copied(network, aside, time.process_time)
    progress("its export")
    export = aside / "ledger.jsonl"
    figures |= {"export_seconds": seconds_of(lambda: _export(network, export), time.process_time), "export_mb": size_mb(export)}
    progress("the audit of the export")
    figures |= _verified(export, network.directory / GENESIS_FILE)
    shutil.rmtree(aside)
    return figures


def _proofs(network: MeasuredNetwork, counters: int) -> Figures:
    """Bytes and milliseconds of proofs from all over the chain, asked of its node one after the other."""
    with reading(network.only_node / DATABASE) as reader:
        view = ChainView(reader)
        heights = [1 + number * STEP % view.height for number in range(PROOFS)]
        ids = [parse_transaction(view.envelopes(height)[0]).id for height in heights]
        transactions = len(view.receipts(1)) * view.height
    keys = [asset(number * STEP % min(counters or transactions, transactions)) for number in range(PROOFS)]
    collection = Asset.counters if counters else Asset.assets
    asked = {
        "state_proof": [f"/v1/state/{collection.contract}/{collection.name}/{key}?proof=true" for key in keys],
        "transaction_proof": [f"/v1/transactions/{each}?proof=true" for each in ids],
    }
    figures: Figures = {}
    for name, paths in asked.items():
        taken = asyncio.run(_ask(network.urls[VALIDATOR], paths))
        figures[f"{name}_bytes"] = round(median(size for size, _ in taken))
        figures[f"{name}_ms"] = median(ms for _, ms in taken)
    return figures


async def _ask(url: str, paths: Sequence[str]) -> list[tuple[int, float]]:
    """Bytes and milliseconds of each answer."""
    taken = []
    async with HttpClient(REQUEST_SECONDS_MAX) as http:
        for path in paths:
            started = time.monotonic()
            answer = await http.ask("GET", url + path)
            taken.append((len(answer.body), (time.monotonic() - started) * MS_PER_SECOND))
            if answer.status != 200:
                raise OperatorError("bench-refused", f"A node refused {path}: {answer.body.decode()[:500]}")
    return taken


def _export(network: MeasuredNetwork, target: Path) -> None:
    """As a node writes it, without HTTP."""
    with reading(network.only_node / DATABASE) as reader, target.open("wb") as file:
        file.writelines(line + b"\n" for line in ChainView(reader).export())


def _verified(export: Path, genesis: Path) -> Figures:
    """What `tallystick verify --contracts` takes, in a process of its own."""
    command = [sys.executable, "-m", "scenarios.command_line", "verify", str(export), "--genesis", str(genesis), "--contracts"]
    seconds, peak = 0.0, 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:  # noqa: S603
        while process.poll() is None:
            used = psutil.Process(process.pid).cpu_times()
            seconds, peak = max(seconds, used.user + used.system), max(peak, peak_memory_bytes(process.pid))
            time.sleep(POLL_SECONDS)
    if process.returncode:
        raise OperatorError("bench-failed", f"`tallystick verify` ended with {process.returncode}.")
    return {"verify_seconds": seconds, "verify_peak_mb": peak / BYTES_PER_MB}
