"""A real Dask scheduler with real workers on the loopback: kill -9, another source, a worker that comes late, nobody there."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any

import pytest
from distributed import Client

from ledger.errors import OperatorError
from nodes.cluster.dask_workers import DaskWorkers, verify_alike
from nodes.cluster.results import VERDICTS
from nodes.cluster.source import description
from nodes.commands.workers import workers
from tests.commands import PROGRAM, fails, succeeds
from tests.conftest import processes_with_mark
from tests.network_support import wait_until
from tests.project import ROOT
from tests.support import refusal
from tests.test_nodes_campaign import CAMPAIGN, SEEDS, deadly, doubled, kept, played, verdict_lines


class Cluster:
    """A scheduler on the loopback, and workers that are started one by one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output: IO[bytes] = (folder / "output").open("wb")
        self.processes: list[subprocess.Popen[bytes]] = []
        self._scheduler_file = folder / "scheduler.json"
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(self._scheduler_file))
        wait_until(lambda: self._scheduler_file.exists() and self._scheduler_file.stat().st_size > 0, "the scheduler")
        self.address: str = json.loads(self._scheduler_file.read_text())["address"]

    def workers(self, count: int, source: Path = ROOT) -> list[subprocess.Popen[bytes]]:
        """Starts workers on that source, which nobody starts again; waits until the scheduler has them."""
        with Client(self.address) as client:  # type: ignore[no-untyped-call]
            before = len(client.nthreads())
            arguments = ("--nthreads", "1", "--no-nanny", "--local-directory", str(self.folder))
            started = [self._start("worker", self.address, *arguments, source=source) for _ in range(count)]
            client.wait_for_workers(before + count)
        return started

    def close(self) -> None:
        """Ends all of it, at once: a worker whose scheduler is going may wait for it for minutes."""
        for process in self.processes:
            process.kill()
            process.wait()
        self.output.close()

    def _start(self, *arguments: str, source: Path = ROOT) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", *arguments, "--dashboard-address", "127.0.0.1:0", "--no-dashboard"]
        process = subprocess.Popen(command, cwd=source, stdout=self.output, stderr=self.output)
        self.processes.append(process)
        return process


@contextmanager
def cluster_in(folder: Path, mark: str) -> Iterator[Cluster]:
    """A scheduler without workers; waits until all that it started, and what that started, is gone."""
    folder.mkdir()
    with closing(Cluster(folder)) as cluster:
        yield cluster
    wait_until(lambda: not processes_with_mark(mark), "the end of all")


@pytest.fixture
def cluster(tmp_path: Path, no_process_left: str) -> Iterator[Cluster]:
    """A scheduler without workers."""
    with cluster_in(tmp_path / "dask", no_process_left) as cluster:
        yield cluster


def test_a_campaign_outlives_a_worker_and_says_that_its_scheduler_is_gone(cluster: Cluster, tmp_path: Path) -> None:
    victim, _ = cluster.workers(2)
    arguments = [*PROGRAM, *CAMPAIGN, "--results", str(tmp_path / "cluster"), "--scheduler", cluster.address]
    command = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wait_until(lambda: verdict_lines(tmp_path / "cluster" / VERDICTS) > 0 or command.poll() is not None, "a verdict")
    victim.kill()
    said, _ = command.communicate()
    assert command.returncode == 0, said
    assert victim.wait() == -9
    assert f"{len(SEEDS)} seeds, 0 failed" in said
    succeeds(*CAMPAIGN, "--results", tmp_path / "pool", "--jobs", "2")
    assert kept(tmp_path / "cluster") == kept(tmp_path / "pool")
    exploration = ("simulate", "--exhaustive", "--views", "1")
    assert succeeds(*exploration, "--scheduler", cluster.address) == succeeds(*exploration, "--jobs", "2")
    with closing(workers(1, cluster.address)) as here:
        shown = here.each(doubled, range(1_000))
        next(shown)
        cluster.processes[0].kill()
        assert refusal(OperatorError, list, shown).code == "no-scheduler"


def test_who_kills_workers_is_named_and_another_source_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, no_process_left: str
) -> None:
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")
    with cluster_in(tmp_path / "dask", no_process_left) as cluster:
        assert refusal(OperatorError, DaskWorkers, cluster.address, print).code == "no-workers"
        cluster.workers(3)
        with closing(workers(1, cluster.address)) as here:
            shown = played(here.each(partial(deadly, tmp_path, frozenset({4})), range(8), batch=2))
            assert shown == {number: None if number == 4 else 2 * number for number in range(8)}
            for part in ("ledger", "nodes", "scenarios", "tests"):
                shutil.copytree(ROOT / part, tmp_path / "other" / part, ignore=shutil.ignore_patterns("__pycache__", "*.html"))
            rules = tmp_path / "other" / "nodes" / "consensus" / "rules.py"
            rules.write_text(rules.read_text() + "\n")
            cluster.workers(1, tmp_path / "other")
            with pytest.raises(OperatorError, match=r"The worker tcp.* runs source .*, this command source") as refused:
                list(here.each(doubled, range(1_000)))
            assert refused.value.code == "worker-differs"
        fails(2, "[worker-differs]", *CAMPAIGN, "--results", tmp_path / "results", "--scheduler", cluster.address)
        assert not (tmp_path / "results").exists(), "nothing is begun"


@pytest.mark.parametrize(
    ("described", "words"),
    [
        (("0" * 64, description()[1]), "runs source 000000000000 on Python"),
        ((description()[0], "2.7"), "on Python 2.7, this command source"),
        (ModuleNotFoundError("No module named 'nodes.cluster'"), "cannot run this command's source: No module named"),
    ],
    ids=["another source", "another Python", "an older source"],
)
def test_a_worker_of_another_source_or_python_is_refused(described: object, words: str) -> None:
    refused = refusal(OperatorError, verify_alike, "tcp://10.0.0.7:4321", described)
    assert refused.code == "worker-differs"
    assert words in refused.message
    assert "tcp://10.0.0.7:4321" in refused.message
    verify_alike("tcp://10.0.0.7:4321", description())


def test_nobody_at_the_address_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodes.cluster.dask_workers.CONNECT_SECONDS_MAX", 0.3)
    fails(2, "[no-scheduler]", *CAMPAIGN, "--scheduler", "tcp://127.0.0.1:1")
    fails(2, "[no-scheduler]", *CAMPAIGN, "--scheduler", "nonsense")


class ClusterWhereOneLacksTheSource:
    """Stands for a client: a worker that joins later, without this source, fails to read its task."""

    status = "running"

    def nthreads(self) -> dict[str, int]:
        return {"tcp://late": 1}

    def submit(self, *_: object, **__: object) -> Future[Any]:
        read = Future[Any]()
        read.set_exception(ModuleNotFoundError("No module named 'nodes'"))
        return read

    def cancel(self, _: object) -> None:
        pass


def test_a_worker_that_joins_later_without_the_source_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DaskWorkers, "_verify_workers", lambda self: None)
    monkeypatch.setattr(DaskWorkers, "_done", lambda self, running: list(running))
    monkeypatch.setattr("nodes.cluster.dask_workers.Client", lambda *_, **__: ClusterWhereOneLacksTheSource())
    error = refusal(OperatorError, list, DaskWorkers("tcp://here", print).each(doubled, range(3)))
    assert error.code == "worker-differs"
    assert "No module named" in error.message
