"""SQLite against a plain dictionary, then what a real disk does: kill -9, full, damaged, foreign, held by a running node."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import StorageError
from ledger.state.store import Batch, big_endian
from nodes.storage.lock import FileLock, is_held
from nodes.storage.sqlite import IDLE_MAX, VALUE_BYTES_MAX, SqliteStore
from nodes.storage.sqlite_copy import reading, verify_rows
from tests.project import ROOT
from tests.support import refusal
from tests.test_ledger_state_memory_store import KEYS, WRITES, Rows, assert_reads


class Disk:
    """A store whose durable tickets and failures can be waited for."""

    def __init__(self, path: Path, file_bytes_max: int | None = None) -> None:
        self.path = path
        self.durable: list[int] = []
        self.failures: list[StorageError] = []
        self.changed = threading.Condition()
        self.store = SqliteStore(path, self.on_durable, self.on_failure, file_bytes_max)

    def on_durable(self, ticket: int) -> None:
        with self.changed:
            self.durable.append(ticket)
            self.changed.notify_all()

    def on_failure(self, error: StorageError) -> None:
        with self.changed:
            self.failures.append(error)
            self.changed.notify_all()

    def write(self, **rows: bytes | None) -> int:
        """Commits rows of table t and waits until they are durable or the store has failed."""
        ticket = self.store.commit(Batch({("t", name.encode()): value for name, value in rows.items()}))
        with self.changed:
            assert self.changed.wait_for(lambda: self.failures or ticket in self.durable, timeout=60)
        return ticket


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    made = Disk(tmp_path / "ledger.sqlite3")
    yield made
    made.store.close()


def refused(path: Path) -> StorageError:
    """The error of opening the file."""
    return refusal(StorageError, SqliteStore, path)


def code(call: Callable[..., object], *arguments: object) -> str:
    """Why a store refuses."""
    return refusal(StorageError, call, *arguments).code


@contextmanager
def opened(path: Path) -> Iterator[SqliteStore]:
    """The database of a file, which is closed at the end."""
    store = SqliteStore(path)
    try:
        yield store
    finally:
        store.close()


def alter(path: Path, *statements: str) -> None:
    """Statements of SQL behind the store's back."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


@settings(max_examples=25)
@given(batches=st.lists(WRITES, max_size=6))
def test_reads_show_pending_and_durable_batches_alike(tmp_path_factory: pytest.TempPathFactory, batches: list[Rows]) -> None:
    path = tmp_path_factory.mktemp("store") / "ledger.sqlite3"
    rows = Rows()
    with opened(path) as store:
        for number, writes in enumerate(batches, 1):
            assert store.commit(Batch(dict(writes))) == number
            rows |= writes
            assert_reads(store, rows)
    with opened(path) as store, store.snapshot() as snapshot:
        assert_reads(store, rows)
        assert_reads(snapshot, rows)


def test_batches_become_durable_in_order(disk: Disk) -> None:
    tickets = [disk.store.commit(Batch({("t", b"k"): big_endian(n)})) for n in range(50)]
    disk.write(last=b"1")
    assert disk.durable == [*tickets, tickets[-1] + 1]
    assert disk.store.get("t", b"k") == big_endian(49)


def test_an_older_durable_batch_does_not_uncover_a_newer_pending_one(tmp_path: Path) -> None:
    gate = threading.Event()

    def wait(ticket: int) -> None:
        gate.wait(60)

    store = SqliteStore(tmp_path / "ledger.sqlite3", wait)
    for value in (b"1", b"2", b"3"):
        store.commit(Batch({("t", b"k"): value}))
        assert store.get("t", b"k") == value
    gate.set()
    store.close()


def test_a_snapshot_stays_at_its_moment_and_shows_what_is_durable(disk: Disk) -> None:
    disk.write(a=b"1")
    with disk.store.snapshot() as early:
        assert early.get("t", b"a") == b"1"
        disk.write(a=b"2", b=b"2")
        assert (early.get("t", b"a"), early.get("t", b"b")) == (b"1", None)
        with disk.store.snapshot() as late:
            assert late.scan("t", b"", b"z", 9) == [(b"a", b"2"), (b"b", b"2")]
    assert disk.store.get("t", b"a") == b"2"


def test_steady_reads_see_what_is_committed_before_and_after_it_is_durable(disk: Disk) -> None:
    def read(*names: bytes) -> list[bytes | None]:
        return [disk.store.get("t", name) for name in names]

    disk.write(a=b"1", b=b"1")
    with disk.store.steady():
        assert read(b"a", b"b") == [b"1", b"1"]
        disk.write(a=b"2", b=None)
        assert read(b"a", b"b") == [b"2", None]
        disk.write(c=b"3")  # what came before is durable, and only in the file from here on
        assert read(b"a", b"b", b"c") == [b"2", None, b"3"]
        with disk.store.steady():
            assert read(b"c") == [b"3"]
        disk.write(a=b"4")
        disk.write(d=b"4")
        assert read(b"a") == [b"4"]


def test_steady_reads_hold_the_log_until_a_commit_or_the_end(disk: Disk) -> None:
    def is_held() -> bool:
        with closing(sqlite3.connect(disk.path, timeout=0)) as other:
            busy, _, _ = other.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
        return bool(busy)

    disk.write(a=b"1")
    with disk.store.steady():
        disk.write(b=b"1")
        disk.store.get("t", b"a")
        assert is_held()
        disk.write(b=b"2")
        assert not is_held()
        disk.store.get("t", b"a")
    assert not is_held()
    disk.store.get("t", b"a")
    assert not is_held()


def test_steady_reads_while_something_is_written_let_the_log_be_emptied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A node under load reads all the time; the log is emptied right after a batch was written, or grows."""
    monkeypatch.setattr("nodes.storage.sqlite.CHECKPOINT_PAGES", 20)
    with closing(SqliteStore(tmp_path / "ledger.sqlite3")) as store, store.steady():
        for number in range(200):
            ticket = store.commit(Batch({("t", big_endian(number)): bytes(2_000)}))
            store.get("t", b"")
            while store._durable_ticket < ticket:
                time.sleep(0.0005)
        assert (tmp_path / "ledger.sqlite3-wal").stat().st_size < 300_000


def test_more_snapshots_at_once_than_are_kept(disk: Disk) -> None:
    disk.write(a=b"1")
    taken = [disk.store.snapshot() for _ in range(IDLE_MAX + 2)]
    assert [manager.__enter__().get("t", b"a") for manager in taken] == [b"1"] * len(taken)
    for manager in taken:
        manager.__exit__(None, None, None)


def test_a_snapshot_writes_nothing(disk: Disk) -> None:
    with disk.store.snapshot() as snapshot, pytest.raises(sqlite3.OperationalError, match="readonly"):
        snapshot.connection.execute("DELETE FROM rows")


@pytest.mark.parametrize("length", [0, 1, VALUE_BYTES_MAX, VALUE_BYTES_MAX + 1])
def test_values_of_every_length(disk: Disk, length: int) -> None:
    value = bytes([1, 0]) * (length // 2) + b"\x00" * (length % 2)
    disk.write(a=b"1", big=value, z=b"2")
    with disk.store.snapshot() as snapshot:
        assert [snapshot.get("t", key) for key in (b"a", b"big", b"z")] == [b"1", value, b"2"]


def test_a_key_as_long_as_state_keys_get(disk: Disk) -> None:
    key = "x" * 256 + "仓" * 256
    disk.write(**{key: b"1"})
    with disk.store.snapshot() as snapshot:
        assert snapshot.get("t", key.encode()) == b"1"


def test_close_waits_for_every_batch(tmp_path: Path) -> None:
    first = Disk(tmp_path / "ledger.sqlite3")
    for n in range(20):
        first.store.commit(Batch({("t", big_endian(n)): bytes(10_000)}))
    first.store.close()
    assert first.durable == list(range(1, 21))
    with opened(first.path) as second:
        assert len(second.scan("t", b"", b"\xff", 100)) == 20


WRITER = """
import os, sys
from pathlib import Path
from ledger.state.store import Batch, big_endian
from nodes.storage.sqlite import SqliteStore

def told(ticket):
    os.write(1, b"%d\\n" % ticket)

store = SqliteStore(Path(sys.argv[1]), told)
for n in range(3, 100_000):
    store.commit(Batch({("t", b"last"): big_endian(n), ("t", big_endian(n)): bytes(200), ("t", big_endian(n - 3)): None}))
store.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a process that is started there gets no copy of a file")
def test_a_lock_that_is_let_go_is_free_though_another_process_has_a_copy_of_its_file(tmp_path: Path) -> None:
    """As a process has that was forked a moment ago, until it runs its program."""
    path = tmp_path / "lock"
    lock = FileLock(path)
    copied = os.dup(lock._file.fileno())
    assert is_held(path)
    lock.release()
    assert not is_held(path)
    os.close(copied)


def test_kill_9_keeps_whole_batches_and_leaves_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        told = [int(process.stdout.readline()) for _ in range(30)]
        assert refused(path).code == "database-in-use"
        process.send_signal(signal.SIGKILL)
        told += [int(line) for line in process.stdout.read().split(b"\n")[:-1]]
    with opened(path) as store:
        last = int.from_bytes(store.get("t", b"last") or b"", "big")
        rows = [key for key, _ in store.scan("t", b"", b"\xff", 10)]
    assert told == list(range(1, len(told) + 1))
    assert last >= told[-1] + 2
    assert rows == [*(big_endian(n) for n in range(last - 2, last + 1)), b"last"]


def test_a_held_database_is_refused_and_free_after_close(disk: Disk) -> None:
    assert refused(disk.path).code == "database-in-use"
    disk.write(a=b"1")
    disk.store.close()
    disk.store = SqliteStore(disk.path)
    assert disk.store.get("t", b"a") == b"1"


def full(tmp_path: Path) -> Disk:
    """A store whose last write did not fit."""
    disk = Disk(tmp_path / "ledger.sqlite3", file_bytes_max=200_000)
    disk.write(a=b"1")
    disk.write(a=b"2", b=bytes(300_000))
    return disk


def test_a_full_disk_is_reported_and_the_file_stays_whole(tmp_path: Path) -> None:
    disk = full(tmp_path)
    assert [error.code for error in disk.failures] == ["disk-full"]
    assert disk.durable == [1]
    disk.store.close()
    with opened(disk.path) as store:
        assert (store.get("t", b"a"), store.get("t", b"b")) == (b"1", None)


def test_after_a_failed_write_the_store_refuses_everything(tmp_path: Path) -> None:
    store = full(tmp_path).store
    assert code(store.get, "t", b"a") == "disk-full"
    assert code(store.scan, "t", b"", b"z", 1) == "disk-full"
    assert code(store.commit, Batch()) == "disk-full"
    assert code(store.snapshot().__enter__) == "disk-full"
    store.close()


def test_a_failing_listener_stops_the_store_too(tmp_path: Path) -> None:
    def fail(ticket: int) -> None:
        raise RuntimeError("the event loop is closed")

    errors: list[StorageError] = []
    store = SqliteStore(tmp_path / "ledger.sqlite3", fail, errors.append)
    store.commit(Batch({("t", b"a"): b"1"}))
    store.close()
    assert [error.code for error in errors] == ["storage-failed"]
    assert "event loop" in errors[0].message


def written(tmp_path: Path) -> Path:
    """A closed database of some pages."""
    path = tmp_path / "ledger.sqlite3"
    with opened(path) as store:
        store.commit(Batch({("t", key + big_endian(n)): bytes(3_000) for key in KEYS for n in range(20)}))
    return path


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "not-a-database": lambda data: b"these are notes, not a ledger\n" * 200,
    "cut-off": lambda data: data[: len(data) // 2],
    "header": lambda data: b"\x00" * 20 + data[20:],
    "first-page": lambda data: data[:100] + b"\xff" * 3_996 + data[4_096:],
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_refused_when_it_is_opened(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = written(tmp_path)
    spoiled = damage(path.read_bytes())
    path.write_bytes(spoiled)
    error = refused(path)
    assert error.code == "database-damaged"
    assert str(path) in error.message
    assert path.read_bytes() == spoiled


def test_a_page_damaged_further_on_is_refused_when_it_is_read(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_bytes(path.read_bytes()[:4_096] + b"\xff" * (path.stat().st_size - 4_096))
    with opened(path) as store, store.snapshot() as snapshot:
        assert code(store.get, "t", b"a" + big_endian(3)) == "database-damaged"
        assert code(snapshot.scan, "t", b"", b"z", 9) == "database-damaged"


ROW = "key = CAST('t' || x'00' || 'a' AS BLOB)"
CHANGES = {
    "a bit": "UPDATE rows SET value = CAST(x'30' || substr(value, 2) AS BLOB)",
    "cut": "UPDATE rows SET value = substr(value, 1, length(value) - 1)",
    "empty": "UPDATE rows SET value = x''",
    "a number": "UPDATE rows SET value = 5",
    "that of another row": "UPDATE rows SET value = (SELECT value FROM rows AS other WHERE NOT other.key = rows.key)",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_row_that_is_not_what_was_written_is_refused(tmp_path: Path, change: str) -> None:
    path = tmp_path / "ledger.sqlite3"
    with opened(path) as store:
        store.commit(Batch({("t", b"a"): b"1", ("t", b"b"): b"2"}))
    alter(path, f"{change} WHERE {ROW}")
    assert code(verify_rows, path) == "database-damaged"
    with opened(path) as store, store.snapshot() as snapshot:
        for error in (
            refusal(StorageError, store.get, "t", b"a"),
            refusal(StorageError, store.scan, "t", b"", b"z", 9),
            refusal(StorageError, snapshot.get, "t", b"a"),
        ):
            assert error.code == "database-damaged"
            assert "a row of t" in error.message
        assert snapshot.get("t", b"b") == b"2"


def test_a_database_from_before_checksums_is_brought_up_to_date(tmp_path: Path) -> None:
    path = written(tmp_path)
    alter(path, "UPDATE rows SET value = substr(value, 1, length(value) - 4)", "PRAGMA user_version=0")
    assert code(reading(path).__enter__) == "old-database"
    for _ in range(2):
        with opened(path) as store:
            assert store.get("t", KEYS[0] + big_endian(3)) == bytes(3_000)
    verify_rows(path)


def test_a_database_of_a_later_version_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    alter(path, "PRAGMA user_version=2")
    assert refused(path).code == "foreign-database"


FULL = """
import resource, sys
from pathlib import Path
from ledger.errors import StorageError
from ledger.state.store import Batch
from nodes.storage.sqlite import SqliteStore

resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
codes = []
try:
    store = SqliteStore(Path(sys.argv[1]), on_failure=lambda error: codes.append(error.code))
    store.commit(Batch({("t", b"a"): bytes(300_000)}))
    store.close()
except StorageError as error:
    codes.append(error.code)
print(codes)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit")
@pytest.mark.parametrize("bytes_max", [3_000, 20_000, 200_000])
def test_no_room_is_a_full_disk_whatever_sqlite_calls_it(tmp_path: Path, bytes_max: int) -> None:
    """It says `disk I/O error` where the index beside the log finds no room, or a quota or a file's limit is reached."""
    command = [sys.executable, "-c", FULL, str(tmp_path / "ledger.sqlite3"), str(bytes_max)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == "['disk-full']\n", done.stdout + done.stderr
    assert not list(tmp_path.glob("*.probe"))


def test_a_file_emptied_beside_its_log_is_refused(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "ledger.sqlite3")
    disk.write(a=b"1")
    wal = disk.path.with_name(disk.path.name + "-wal")
    log = wal.read_bytes()
    disk.store.close()
    disk.path.write_bytes(b"")
    wal.write_bytes(log)
    assert refused(disk.path).code == "database-damaged"


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    for statement in ("CREATE TABLE recipes (name TEXT)", "PRAGMA application_id=7"):
        alter(path, statement)
        before = path.read_bytes()
        assert refused(path).code == "foreign-database"
        assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_a_failure_and_no_full_disk(tmp_path: Path) -> None:
    assert refused(tmp_path / "absent" / "ledger.sqlite3").code == "storage-failed"
