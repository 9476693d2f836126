"""The benchmark: every measure works and gives its figures. How fast, no test can say."""

import io
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from ledger.errors import OperatorError
from ledger.state.memory_store import MemoryStore
from ledger.state.store import Batch
from nodes.bench import benchmark
from nodes.bench.amounts import Figures, Sizes, percentile
from nodes.bench.benchmark import MEASURES, MODES, RUNS_MAX, machine, run_benchmark, versions
from nodes.bench.crowd import READS, missing
from nodes.bench.long_chain import JoiningStore
from nodes.bench.measured_network import Request, measured_network
from nodes.bench.measures_table import facts_table, measures_table
from nodes.bench.yardstick import ratios, verifications_per_second
from tests.commands import PROGRAM, fails

TINY = Sizes(
    transfers=24,
    list_transactions=5,
    connections=2,
    single_connections=3,
    single_transactions=4,
    starts=1,
    queries=20,
    growth=(10, 30),
    growth_block_transactions=4,
    growth_blocks=2,
    growth_transactions=5,
    copied_transactions=140,
    copied_block_transactions=2,
    far=(60, 140),
    far_block_transactions=2,
    crowd_readers=40,
    crowd_writers=10,
    crowd_seconds=2,
)
FIGURES = {
    "throughput": {
        "transactions_per_second", "transactions", "seconds", "cpu_per_transaction_and_node_us", "cores_busy",
        "hot_key_transactions_per_second", "hot_key_relative", "idle_pss_mb", "loaded_pss_mb", "peak_memory_mb",
    },
    "requests": {"transactions_per_second", "transactions", "seconds", "cpu_per_transaction_and_node_us", "cores_busy"},
    "stages": {"total_us", "verify_us", "execute_us", "state_us", "store_us", "rest_us"},
    "latency": {"transactions", "p50_ms", "p99_ms", "worst_ms"},
    "first-transaction": {"starts", "ready_seconds", "first_final_seconds"},
    "queries": {"queries_per_second", "queries_with_proof_per_second", "connections"},
    "growth": {"at_10_us", "at_30_us", "last_relative", "start_transactions", "start_blocks", "start_seconds", "database_mb"},
    "copies": {
        "transactions", "blocks", "database_mb", "backup_seconds", "backup_mb", "restore_seconds", "snapshot_seconds",
        "snapshot_mb", "snapshot_unpacked_mb", "join_seconds", "joined_database_mb", "receipts_kept", "prune_seconds",
        "pruned_blocks", "pruned_database_mb",
    },
    "far": {"many_keys", "few_keys"},
    "load": {
        "readers", "writers", "seconds", "answers", "answers_per_second", "acknowledged", "acknowledged_per_second", "blocks",
        "peak_memory_mb", "lost", "internal_errors", "unanswered", "refused", "latency",
    },
}  # fmt: skip
FAR_FIGURES = {
    "blocks", "start_seconds", "idle_pss_mb", "asked_pss_mb", "state_proof_bytes", "state_proof_ms", "transaction_proof_bytes",
    "transaction_proof_ms", "database_mb", "backup_seconds", "backup_mb", "restore_seconds", "snapshot_seconds", "snapshot_mb",
    "snapshot_unpacked_mb", "join_seconds", "joined_database_mb", "export_seconds", "export_mb", "verify_seconds",
    "verify_peak_mb",
}  # fmt: skip
OF_ALL = {"verifications_per_second", "ratio"}
NOTHING_WRONG = {"lost", "internal_errors", "unanswered", "refused"}
DIFFERENCES = {"rest_us"}
"""Of two figures, each with its noise."""
TOLD_BY_LINUX = set() if Path("/proc/self/smaps_rollup").exists() else {"idle_pss_mb", "loaded_pss_mb"}


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.usefixtures("no_process_left")
def test_each_measure_gives_its_figures(name: str, tmp_path: Path) -> None:
    """A crowd, which is `load`, loses nothing and meets no 500."""
    told: list[str] = []
    figures = run_benchmark([name], TINY, told.append, tmp_path).measures[name]
    assert figures.keys() == FIGURES[name] | OF_ALL
    assert [n for n in figures.keys() & NOTHING_WRONG if figures[n]] == []
    assert [
        n
        for n, value in figures.items()
        if isinstance(value, int | float) and value <= 0 and n not in NOTHING_WRONG | DIFFERENCES
    ] == []
    assert [n for n, value in figures.items() if value is None or isinstance(value, str)] == sorted(
        TOLD_BY_LINUX & figures.keys()
    )
    assert told
    assert all(text.startswith(f"{name}: ") for text in told)
    assert list(tmp_path.iterdir()) == []
    if name == "far":
        for found in figures.values():
            if isinstance(found, dict) and "prune_seconds" in found:
                assert found.keys() == {"at_60", "at_140", "prune_seconds", "pruned_database_mb"}
                first, last = found["at_60"], found["at_140"]
                assert isinstance(first, dict)
                assert isinstance(last, dict)
                assert first.keys() == last.keys() == FAR_FIGURES
                assert (first["blocks"], last["blocks"]) == (30, 70)
                assert all(isinstance(value, int | float) and value > 0 for value in last.values())
    if name == "load":
        latency = figures["latency"]
        assert (figures["readers"], figures["writers"]) == (40, 10)
        assert isinstance(latency, dict)
        assert latency.keys() == {kind for kind, _ in READS} | {"write_final", "write_list_taken"}


def test_figures_and_mode_are_named_for_every_measure() -> None:
    assert FIGURES.keys() == MEASURES.keys() == MODES.keys()


def test_a_run_is_repeated_while_the_machine_is_unsteady(monkeypatch: pytest.MonkeyPatch) -> None:
    rates, told = iter([10_000.0, 8_000.0, 10_000.0, 10_500.0]), list[str]()
    monkeypatch.setattr(benchmark, "verifications_per_second", lambda: next(rates))
    monkeypatch.setitem(MEASURES, "latency", lambda directory, sizes, progress: {"queries_per_second": 5_125.0})
    figures = run_benchmark(["latency"], TINY, told.append).measures["latency"]
    assert told == ["latency: unsteady: 10,000 verifications a second before the run, 8,000 after it"]
    assert figures["verifications_per_second"] == {"before": 10_000, "after": 10_500, "steady": "yes"}
    assert figures["ratio"] == {"queries": 0.5}
    rates = iter([10_000.0, 8_000.0] * RUNS_MAX)
    figures = run_benchmark(["latency"], TINY, told.append).measures["latency"]
    assert figures["verifications_per_second"] == {"before": 10_000, "after": 8_000, "steady": "no"}


def test_ratios_are_parts_of_the_yardstick_and_numbers_of_verifications() -> None:
    assert ratios({"queries_per_second": 400, "cpu_us": 250, "p50_ms": 3}, 10_000) == {"queries": 0.04, "cpu": 2.5}


def test_how_far_it_goes_is_asked_by_the_reader(tmp_path: Path) -> None:
    fails(2, "`--sizes` takes numbers of transactions", "bench", "far", "--sizes", "1000,many")
    fails(2, "`--sizes` takes numbers of transactions", "bench", "far", "--sizes", "2000,1000")


def test_an_unknown_measure_is_refused_before_any_work() -> None:
    with pytest.raises(OperatorError, match="There is no measure speed"):
        run_benchmark(["latency", "speed"], TINY, pytest.fail)


@pytest.mark.usefixtures("no_process_left")
def test_a_refused_request_and_what_a_node_lost_end_the_benchmark(tmp_path: Path) -> None:
    with measured_network(tmp_path / "network") as network:
        url = network.urls[network.members[0]]
        with pytest.raises(OperatorError, match="not-canonical"):
            network.send([Request("POST", "/v1/transactions", b"[]")], [url], 1)
        assert missing(url, {"0" * 64}, seconds=1) == {"0" * 64}


@pytest.mark.usefixtures("no_process_left")
def test_interrupted_it_leaves_nothing(tmp_path: Path) -> None:
    command = [*PROGRAM, "bench", "throughput", "--dir", str(tmp_path)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert process.stderr.readline().startswith("throughput: ")
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60)[1].endswith("tallystick: stopped.\n")
    assert process.returncode == 1
    assert list(tmp_path.iterdir()) == []


def test_the_command_prints_json_for_scripts(tmp_path: Path) -> None:
    program = (
        "from nodes.bench.benchmark import MEASURES\n"
        "MEASURES['latency'] = lambda directory, sizes, progress: progress('one at a time') or {'p50_ms': 1.5}\n"
        "from nodes.commands.application import application\n"
        "application()"
    )
    command = [sys.executable, "-c", program, "bench", "latency", "--short", "--json", "--dir", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    latency = found["measures"]["latency"]
    assert (latency["p50_ms"], latency["ratio"], latency["verifications_per_second"].keys()) == (
        1.5,
        {},
        {"before", "after", "steady"},
    )
    assert found["modes"]["latency"].startswith("one request at a time")
    assert found["machine"].keys() == {"cpu", "cores", "memory_mb", "system"}
    assert found["versions"].keys() == {"python", "cryptography", "signatures", "sqlite"}
    assert done.stderr == "latency: one at a time\n"


def test_the_tables_name_unit_and_aim() -> None:
    figures: dict[str, Figures] = {
        "throughput": {"transactions_per_second": 1_234.5, "ratio": {"transactions": 0.25}, "peak_memory_mb": None},
        "latency": {"p50_ms": 60.0},
    }
    text = _printed(facts_table(machine(), versions())) + _printed(measures_table(figures))
    rows = [line.replace("│", " ").split() for line in text.splitlines()]
    assert ["throughput", "transactions", "1,234", "1/s"] in rows
    assert ["ratio", "transactions", "0.250", "≥", "0.24", "met"] in rows
    assert ["peak", "memory", "unknown", "MB"] in rows
    assert ["latency", "p50", "60.0", "ms", "≤", "18", "NOT", "MET"] in rows
    assert versions()["cryptography"] in text


def test_signature_checks_are_counted() -> None:
    assert verifications_per_second(seconds=0) > 100


@pytest.mark.parametrize(("percent", "value"), [(50, 2), (99, 4), (75, 3), (1, 1)])
def test_percentiles(percent: int, value: float) -> None:
    assert percentile([4, 1, 3, 2], percent) == value


def test_joined_batches_are_seen_at_once_and_written_together() -> None:
    below = MemoryStore()
    store = JoiningStore(below)
    store.batches_max = 2
    assert store.commit(_batch(a=b"1", b=b"2")) == 1
    assert (store.get("t", b"a"), below.get("t", b"a")) == (b"1", None)
    store.commit(_batch(a=None))
    assert (store.get("t", b"a"), below.get("t", b"a"), below.get("t", b"b")) == (None, None, b"2")
    store.commit(_batch(c=b"3"))
    assert store.scan("t", b"a", b"z", 10) == [(b"b", b"2"), (b"c", b"3")]
    assert below.get("t", b"c") == b"3"


def _batch(**rows: bytes | None) -> Batch:
    return Batch({("t", name.encode()): value for name, value in rows.items()})


def _printed(table: object) -> str:
    output = io.StringIO()
    Console(file=output, width=120).print(table)
    return output.getvalue()
