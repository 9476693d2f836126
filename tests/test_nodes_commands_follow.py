"""`tallystick follow` as a process: killed in the midst of a write, its server killed, its node killed; and how it ends."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any, Self

import psycopg
import pytest

from ledger.audit.audit import Auditor
from ledger.genesis import parse_genesis
from nodes.analysis import follow
from nodes.analysis.follow import Follower, FollowProgress
from nodes.analysis.follow_database import FollowedDatabase
from nodes.bench.long_chain import LongChain, one_validator_network
from nodes.bench.measured_network import Signers, measured_network
from nodes.client import Client
from nodes.commands.follow import _Teller
from nodes.network.local import LocalNetwork
from tests.commands import answer, fails, run
from tests.network_support import issue, wait_until
from tests.postgres import Postgres, running_postgres
from tests.test_nodes_analysis_follow import NUMBERS, content, height_of, query

MEMBER, NODE = "north.member1", "north.validator"
BLOCKS, SIZE = 60, 5
MANY, LOADED = 100_000, 2_000
"""Transactions of the long form."""
SMALL_WRITES = (
    "from nodes.analysis import follow; from nodes.commands.application import application; "
    "follow.TRANSACTIONS_A_WRITE = 15; application()"
)
"""The command, with a write each three blocks."""
FIVE_WRITES = (
    "import signal; from itertools import count; from nodes.analysis.follow_database import FollowedDatabase as database; "
    "write, begun = database.write, count(1); "
    f"database.write = lambda *given: signal.pause() if next(begun) > 5 else write(*given); {SMALL_WRITES}"
)
"""The same, which waits to be killed before its sixth write: however late that is, it does not come to the head."""


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalNetwork]:
    """One node, with a chain of some length."""
    network = one_validator_network(tmp_path_factory.mktemp("follow") / "network")
    with closing(LongChain(network)) as chain:
        chain.grow(BLOCKS * SIZE, SIZE)
    with network:
        yield network


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """It keeps what it has flushed, since a test kills it."""
    with running_postgres(settings=("-c", "recovery_init_sync_method=syncfs")) as server:
        yield server


@pytest.fixture
def url(server: Postgres) -> str:
    return server.create_database(f"books{next(NUMBERS)}")


class Command:
    """The command in a process of its own; what it said."""

    def __init__(self, network: LocalNetwork, url: str, folder: Path, *options: str, program: str = SMALL_WRITES) -> None:
        self._error = folder / "error"
        with self._error.open("ab") as error:
            self.process = subprocess.Popen(
                [sys.executable, "-c", program, "follow", url, "--dir", network.directory, *options],
                stdout=subprocess.PIPE,
                stderr=error,
                text=True,
            )

    @property
    def said(self) -> str:
        return self._error.read_text()

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        self.process.communicate(timeout=60)
        return self.process.returncode

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.end(signal.SIGKILL)


def has(url: str, height: int) -> bool:
    """Whether the schema is there and has come so far."""
    return query(url, "SELECT to_regclass('follower') IS NOT NULL") == [(True,)] and height_of(url) >= height


def same_as_fresh(network: LocalNetwork, url: str) -> None:
    """What the schema holds is what one that is followed without an interruption holds, and each row is there once."""
    done = answer("follow", url, "--dir", network.directory, "--schema", "fresh", "--once", "--json")
    assert done["height"] == height_of(url)
    assert content(url) == content(url, "fresh")
    counted = query(
        url, "SELECT sum(transactions), (SELECT count(*) FROM transactions), (SELECT max(height) FROM blocks) FROM blocks"
    )
    assert counted == [(done["transactions"], done["transactions"], done["height"])]


def test_a_follower_killed_while_it_catches_up_goes_on(
    network: LocalNetwork, url: str, tmp_path: Path, no_process_left: str
) -> None:
    del no_process_left
    heights = [0]
    for _ in range(3):
        with Command(network, url, tmp_path, program=FIVE_WRITES) as killed:
            wait_until(lambda: has(url, heights[-1] + 1), "some blocks more")
            killed.end(signal.SIGKILL)
        heights.append(height_of(url))
    assert heights == sorted(set(heights))
    assert heights[-1] < BLOCKS, "killed before it was at the head"
    assert answer("follow", url, "--dir", network.directory, "--once", "--json")["height"] >= BLOCKS
    same_as_fresh(network, url)


def test_a_follower_killed_in_the_midst_of_a_transaction_leaves_nothing_of_it(
    network: LocalNetwork, url: str, tmp_path: Path, no_process_left: str
) -> None:
    del no_process_left
    with Command(network, url, tmp_path) as killed:
        wait_until(lambda: has(url, 3), "the first blocks")
        with psycopg.connect(url) as holder:
            holder.execute("LOCK TABLE tallystick.history IN SHARE MODE")
            waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ '^COPY .*history'"
            wait_until(lambda: query(url, waits) == [(1,)], "a write that has moved the height and copied four tables")
            at = height_of(url)
            killed.end(signal.SIGKILL)
            for table in ("blocks", "transactions", "receipts"):
                assert query(url, f"SELECT max(height) FROM {table}") == [(at,)]
    answer("follow", url, "--dir", network.directory, "--once", "--json")
    same_as_fresh(network, url)


def test_a_server_killed_while_it_is_written_to_is_waited_for(
    network: LocalNetwork, url: str, server: Postgres, tmp_path: Path, no_process_left: str
) -> None:
    del no_process_left
    with Command(network, url, tmp_path) as following:
        wait_until(lambda: has(url, 3), "the first blocks")
        server.kill()
        wait_until(lambda: "database-" in following.said, "a word of it")
        server.start()
        wait_until(lambda: has(url, BLOCKS), "the head")
        server.kill()
        server.start()
        with network.client(MEMBER) as client:
            height = issue(client, "B-1").height
        wait_until(lambda: has(url, height), "the next block")
        assert following.end(signal.SIGTERM) == 0
    assert "Trying again in" in following.said
    same_as_fresh(network, url)


def test_a_node_killed_while_it_is_followed_is_waited_for(network: LocalNetwork, url: str, tmp_path: Path) -> None:
    with Command(network, url, tmp_path) as following:
        wait_until(lambda: has(url, 3), "the first blocks")
        network.kill(NODE)
        wait_until(lambda: "[unreachable] Trying again in" in following.said, "a word of it")
        network.restart(NODE)
        wait_until(lambda: has(url, BLOCKS), "the head")
        with network.client(MEMBER) as client:
            height = issue(client, "C-1").height
        wait_until(lambda: has(url, height), "the next block")
        assert following.end(signal.SIGINT) == 0
    assert f"height {height}, 0 blocks behind" in following.said
    same_as_fresh(network, url)


def test_what_is_not_there_is_said(network: LocalNetwork, url: str, tmp_path: Path) -> None:
    fails(2, "database-unreachable", "follow", "postgresql://a:secret@127.0.0.1:1/b", "--dir", network.directory)
    fails(2, "no-network", "follow", url, "--dir", tmp_path / "nothing")
    fails(2, "unknown-node", "follow", url, "--dir", network.directory, "--node", "west.validator")
    fails(2, "wrong-use", "follow", url, "--dir", network.directory, "--schema", "pg_mine")
    first: Any = answer("follow", url, "--dir", network.directory, "--once", "--json", "--schema", 'Odd "name')
    assert first["behind"] == 0
    assert content(url, '"Odd ""name"')["blocks"]
    again = run("follow", url, "--dir", network.directory, "--once", "--schema", 'Odd "name')
    assert "nothing was written" in again.output


def test_what_others_say_moves_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    _Teller().note("PostgreSQL says: \x1b[2J.")
    assert capsys.readouterr().err == "PostgreSQL says: \\x1b[2J.\n"


@pytest.mark.long
def test_how_fast_a_schema_catches_up_and_how_far_behind_it_is(
    tmp_path: Path, server: Postgres, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prints the figures of nodes/README.md: run it alone, with `-s`."""
    spent = Counter[str]()
    for owner, name in ((Auditor, "feed"), (follow, "add_rows"), (FollowedDatabase, "write"), (FollowedDatabase, "auditor")):
        monkeypatch.setattr(owner, name, timed(getattr(owner, name), name, spent))
    network = one_validator_network(tmp_path / "long")
    with closing(LongChain(network)) as chain:
        chain.grow(MANY, 100)
    told: list[FollowProgress] = []
    backend = Counter[int]()

    def progress(now: FollowProgress) -> None:
        told.append(now)
        for (process,) in server.execute("SELECT pid FROM pg_stat_activity WHERE application_name = 'tallystick follow'"):
            backend[process] = cpu_ticks(process)

    def run(of: LocalNetwork, *, once: bool = True) -> tuple[Follower, Client]:
        client = of.client()
        genesis = parse_genesis(of.genesis_bytes)
        schema = f"of{of.ledger[:8]}"
        return Follower(client, genesis, url, schema, once=once, progress=progress, note=pytest.fail), client

    with network:
        for what in ("catching up", "starting again"):
            spent.clear()
            follower, client = run(network)
            with client:
                began, cpu = time.monotonic(), time.process_time()
                follower.run()
                cpu = time.process_time() - cpu
            print(f"\n{what}: {time.monotonic() - began:.1f} s, {cpu:.1f} s of CPU, of it {dict(spent)}")
    assert query(url, f"SELECT count(*) FROM of{network.ledger[:8]}.transactions") == [(MANY,)]
    sizes = query(url, "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace = "
                       f"'of{network.ledger[:8]}'::regnamespace ORDER BY 2 DESC LIMIT 5")  # fmt: skip
    ticks = sum(backend.values()) / os.sysconf("SC_CLK_TCK")
    print(f"{ticks:.1f} s of CPU of its server process; bytes: {sizes}, all {sum(size for _, size in sizes)}")
    with measured_network(tmp_path / "measured") as measured:
        follower, client = run(measured, once=False)
        signers, thread = Signers.of(measured), threading.Thread(target=follower.run)
        with client, measured.client() as sender:
            told.clear()
            thread.start()
            for first in range(0, LOADED, 20):
                sender.submit_many(signers.issue(range(first, first + 20)), wait_s=30)
            wait_until(lambda: told and told[-1].transactions == LOADED, "all of them")
            follower.stop()
            thread.join()
    lags = sorted(now.lag_ms for now in told)
    worst = lags[len(lags) * 99 // 100]
    print(f"{LOADED} in {told[-1].seconds} s: lag in ms, p50 {median(lags)}, p99 {worst}, of {len(lags)} writes")


def timed(called: Any, name: str, spent: Counter[str]) -> Any:
    def measured(*arguments: Any) -> Any:
        began = time.thread_time()
        try:
            return called(*arguments)
        finally:
            spent[name] += round((time.thread_time() - began) * 1e6)  # microseconds

    return measured


def cpu_ticks(process: int) -> int:
    """Of a process, of itself and the system for it."""
    return sum(map(int, Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]))
