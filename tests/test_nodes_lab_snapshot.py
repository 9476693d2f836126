"""A lab in one file: taken at one moment while it runs, and back with history, clocks and votes."""

import sqlite3
import time
import zipfile
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from ledger.certificate import Certificate, Statement, parse_certificate, sign_statement
from ledger.chain.view import ChainView
from ledger.encoding import decode, encode
from ledger.errors import OperatorError, VerificationError
from ledger.state.memory_store import MemoryStore
from ledger.state.store import Batch, big_endian
from nodes.network.in_process import InProcessNetwork
from nodes.network.lab_snapshot import MANIFEST, _own_rows, restore_network, snapshot_network
from nodes.node.clock import Clock
from nodes.node.copy_archive import Room
from nodes.node.files import CLOCK_OFFSET, DATABASE, LOG
from nodes.node.voting_mark import has_voting_mark
from nodes.replica import voting_record
from nodes.sample_contract import Asset
from nodes.storage import sqlite_copy
from nodes.storage.sqlite import SqliteStore
from nodes.storage.sqlite_copy import reading
from tests.network_support import NODE, content, issue, make_network, repacked, running_network, wait_until, with_database, zipped
from tests.support import VALIDATORS, DecidedChain, refusal
from tests.test_nodes_node_copies import evidence, load

HOUR_MS = 3_600_000
DATABASE_ENTRY = f"{NODE.as_posix()}/{DATABASE}"


@dataclass(frozen=True, slots=True)
class Taken:
    """A lab of one node that does not run, and a snapshot of it."""

    lab: Path
    snapshot: Path

    @property
    def database(self) -> Path:
        return self.lab / NODE / DATABASE

    def restore(self) -> None:
        restore_network(self.lab, self.snapshot)

    def verify_refused(self, file: Path, code: str) -> None:
        """This file is no snapshot of the lab, which stays as it is."""
        before = self.database.read_bytes()
        assert refusal(OperatorError, restore_network, self.lab, file).code == code
        assert self.database.read_bytes() == before
        assert has_voting_mark(self.lab / NODE)


@pytest.fixture
def taken(tmp_path: Path) -> Taken:
    made = Taken(tmp_path / "n", tmp_path / "s.zip")
    make_network(made.lab)
    snapshot_network(made.lab, made.snapshot)
    return made


def test_a_lab_comes_back_with_its_history_its_clock_and_its_marks(tmp_path: Path) -> None:
    make_network(tmp_path / "n", 4)
    network = InProcessNetwork(tmp_path / "n")
    with network, network.client("north.member1") as client:
        network.set_clock(int(client.node()["clock"]) + HOUR_MS)
        issue(client, "A-0")
        then = int(client.node()["clock"])
        snapshot_network(tmp_path / "n", tmp_path / "s.zip")
        fraud = client.call(Asset.transfer, number="A-0", to="south.member1")
        network.set_clock(then + 10 * HOUR_MS)
        records = (tmp_path / "n" / NODE / LOG).stat().st_size
    restore_network(tmp_path / "n", tmp_path / "s.zip")
    for member in VALIDATORS:
        directory = tmp_path / "n" / "nodes" / member
        assert has_voting_mark(directory)
        assert abs(Clock(directory / CLOCK_OFFSET).now_ms() - then) < HOUR_MS
    with network, network.client("north.member1") as client:
        assert client.get("/v1/state/asset/assets/A-0")["value"]["holder"] == "north.member1"
        assert client.get(f"/v1/transactions/{fraud.transaction}")["status"] == "unknown"
        assert 0 < (tmp_path / "n" / NODE / LOG).stat().st_size < records
        client.call(Asset.transfer, number="A-0", to="north.admin")
    assert evidence(network) == []


class Slow:
    """A connection that takes its time to begin."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        time.sleep(0.02 if statement == "BEGIN" else 0)
        return self._connection.execute(statement, *values)

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)


def test_what_one_node_heard_the_other_has_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken under load, many times: a certificate's signers hold their part of it, or decided its height already."""
    make_network(tmp_path / "n", 4)
    begin = sqlite_copy._open
    monkeypatch.setattr(sqlite_copy, "_open", lambda path, **how: Slow(begin(path, **how)))
    with InProcessNetwork(tmp_path / "n") as network, load(network) as done:
        for number in range(8):
            count = len(done)
            wait_until(lambda count=count: len(done) > count, "load")  # type: ignore[misc]
            snapshot_network(tmp_path / "n", tmp_path / f"{number}.zip")
    for number in range(8):
        with zipfile.ZipFile(tmp_path / f"{number}.zip") as archive:
            archive.extractall(tmp_path / str(number))
        assert contradictions([tmp_path / str(number) / "nodes" / member / DATABASE for member in VALIDATORS]) == []


def contradictions(databases: list[Path]) -> list[str]:
    """Parts of certificates that their signers, at that height or before it, do not know to have said."""
    heights, said, heard = list[int](), list[set[bytes]](), list[Certificate]()
    for path in databases:
        with reading(path) as reader:
            view = ChainView(reader)
            heights.append(view.height)
            said.append({key for key, _ in reader.scan(voting_record.STATEMENTS, b"", b"\xff", 99)})
            heard += [parse_certificate(decode(row)) for _, row in reader.scan(voting_record.CERTIFICATES, b"", b"\xff", 99)]
            heard += [view.record(view.height).commit] if view.height else []
    return [
        f"{VALIDATORS[statement.signer]} does not know its {statement}"
        for certificate in heard
        for statement in certificate.statements()
        if heights[statement.signer] < statement.height and key_of(statement) not in said[statement.signer]
    ]


def key_of(statement: Statement) -> bytes:
    """Of the row in which a node keeps its statement."""
    return big_endian(statement.height) + big_endian(statement.view) + statement.kind.encode()


def test_a_snapshot_of_a_demo_network_is_taken_in_a_second(tmp_path: Path) -> None:
    """So that a presenter may do it between two sentences; here the fastest of three may take ten times as long."""
    with running_network(tmp_path / "n", 4) as network, network.client("north.member1") as client:
        issue(client, *(f"A-{number}" for number in range(30)))
        taken = []
        for number in range(3):
            started = time.monotonic()
            snapshot_network(tmp_path / "n", tmp_path / f"{number}.zip")
            taken.append(time.monotonic() - started)
        assert min(taken) < 10


def test_a_snapshot_is_never_replaced(taken: Taken) -> None:
    assert refusal(OperatorError, snapshot_network, taken.lab, taken.snapshot).code == "file-exists"


def test_a_snapshot_of_another_ledger_is_refused_and_changes_nothing(taken: Taken, tmp_path: Path) -> None:
    make_network(tmp_path / "b", seed=2)
    snapshot_network(tmp_path / "b", tmp_path / "other.zip")
    taken.verify_refused(tmp_path / "other.zip", "other-ledger")
    with pytest.raises(OperatorError, match=r"other\.zip is a snapshot of another ledger"):
        restore_network(taken.lab, tmp_path / "other.zip")


def test_a_damaged_snapshot_is_refused_and_changes_nothing(taken: Taken, tmp_path: Path) -> None:
    whole = taken.snapshot.read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "bit.zip").write_bytes(whole[:2_000] + bytes([whole[2_000] ^ 1]) + whole[2_001:])
    zipped(tmp_path / "odd.zip", [(MANIFEST, b"{}")])
    for name in ("cut.zip", "bit.zip", "odd.zip"):
        taken.verify_refused(tmp_path / name, "bad-backup")
    taken.verify_refused(tmp_path / "nothing", "missing-file")


@pytest.mark.parametrize("ended_after", [1, 2])
def test_a_restore_that_was_killed_loses_nothing(taken: Taken, monkeypatch: pytest.MonkeyPatch, ended_after: int) -> None:
    """Between its renames and after them; the next one first puts back what it finds, even if it then restores nothing."""
    mark, rename, calls = taken.lab / NODE / "of-before", Path.rename, list[Path]()
    mark.touch()

    def end(self: Path, target: Path) -> Path:
        if len(calls) == ended_after:
            raise KeyboardInterrupt
        calls.append(self)
        return rename(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", end)
        patched.setattr("nodes.network.lab_snapshot.shutil.rmtree", lambda *_, **__: end(mark, mark) if calls else None)
        refusal(KeyboardInterrupt, taken.restore)
    assert (taken.lab / "nodes").exists() == (ended_after == 2)
    assert refusal(OperatorError, restore_network, taken.lab, taken.lab / "nothing").code == "missing-file"
    assert mark.exists() == (ended_after == 1)
    assert has_voting_mark(taken.lab / NODE)
    taken.restore()
    assert has_voting_mark(taken.lab / NODE)
    assert not mark.exists()
    assert not (taken.lab / "nodes.old").exists()


def test_a_restore_that_cannot_rename_changes_nothing(taken: Taken, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.name.startswith("nodes") and self.name not in ("nodes", "nodes.old") and target.name == "nodes":
            raise PermissionError(13, "Somebody looks at it")
        return rename(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", refuse)
        taken.verify_refused(taken.snapshot, "cannot-write")
    taken.restore()


@pytest.mark.parametrize("name", [DATABASE_ENTRY, f"{NODE.as_posix()}/{LOG}"])
@pytest.mark.parametrize("room", [Room(4_000_000, 9_000_000), Room(9_000_000, 4_000_000)])
def test_a_snapshot_that_unpacks_to_too_much_is_refused_and_changes_nothing(
    taken: Taken, monkeypatch: pytest.MonkeyPatch, room: Room, name: str
) -> None:
    bomb, before = repacked(taken.snapshot, **{name: bytes(5_000_000)}), sorted(taken.lab.rglob("*"))
    monkeypatch.setattr("nodes.network.lab_snapshot.ROOM", room)
    taken.verify_refused(bomb, "snapshot-too-large")
    assert sorted(taken.lab.rglob("*")) == before


def test_a_snapshot_says_nothing_of_other_places(taken: Taken, tmp_path: Path) -> None:
    manifest = content(taken.snapshot, MANIFEST).replace(b'"clocks_ms": {', b'"clocks_ms": {"../..": 5,')
    restore_network(taken.lab, repacked(taken.snapshot, **{MANIFEST: manifest}))
    assert not list(tmp_path.glob(CLOCK_OFFSET)) + list(taken.lab.glob(CLOCK_OFFSET))


def test_a_lab_is_restored_of_what_holds(taken: Taken) -> None:
    """A row that does not follow from the genesis is not there afterwards, a genesis of others is refused."""

    def add(path: Path) -> None:
        with closing(SqliteStore(path)) as store:
            row = big_endian(0) + b'{"holder":"north.admin","version":0}'
            store.commit(Batch({("state", b"asset\x00assets\x00A-1"): row}))

    restore_network(taken.lab, with_database(taken.snapshot, DATABASE_ENTRY, add))
    with reading(taken.database) as reader:
        assert ChainView(reader).state.get("asset", "assets", "A-1") is None


def test_a_lab_with_a_trigger_is_refused(taken: Taken) -> None:
    def plant(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TRIGGER t AFTER INSERT ON rows BEGIN DELETE FROM rows WHERE key = x'00'; END")

    taken.verify_refused(with_database(taken.snapshot, DATABASE_ENTRY, plant), "bad-backup")


def said(**changes: object) -> tuple[DecidedChain, MemoryStore]:
    """A chain of one block, and a copy in which north has said something of the next, with changes in its own statement."""
    chain = DecidedChain()
    chain.decide()
    copy, batch = MemoryStore(deepcopy(chain.store._tables)), Batch()
    block, domain = chain.build(chain.sign("north.member1", "asset", "bump", number="n")).block, chain.chain.domain
    statement = replace(Statement("vote", 2, 1, block.id, 0, 0), **changes)  # type: ignore[arg-type]
    key = chain.keys[chain.chain.validators.validators[statement.signer].member]
    voting_record.write_statement(batch, replace(sign_statement(domain, statement, key), height=2))
    voting_record.write_certificates(batch, [chain.certificate("skip", 2, 1)])
    voting_record.write_candidate(batch, block)
    copy.commit(batch)
    return chain, copy


def own_rows(chain: DecidedChain, copy: MemoryStore) -> Batch:
    return _own_rows("north.validator", chain.chain.suite, ChainView(copy), chain.view)


def test_what_a_node_of_a_lab_had_said_comes_back() -> None:
    chain, copy = said()
    kept = own_rows(chain, copy).writes
    assert {place for place, row in kept.items()} == {
        (table, key)
        for table in (voting_record.STATEMENTS, voting_record.CERTIFICATES, voting_record.CANDIDATES, "bodies")
        for key in copy._tables[table].keys() - chain.store._tables.get(table, {}).keys()
    }
    assert all(copy.get(table, key) == row for (table, key), row in kept.items())


def test_a_statement_of_another_is_not_taken_for_its_own() -> None:
    with pytest.raises(VerificationError, match=r"not one of north\.validator"):
        own_rows(*said(signer=1))


def test_a_certificate_of_another_height_is_refused() -> None:
    chain, copy = said()
    row = encode(chain.certificate("skip", 9, 1).to_json())
    copy.commit(Batch({(voting_record.CERTIFICATES, next(iter(copy._tables[voting_record.CERTIFICATES]))): row}))
    with pytest.raises(VerificationError, match="not of height 2"):
        own_rows(chain, copy)


def test_a_candidate_with_another_body_is_refused() -> None:
    chain, copy = said()
    key = next(iter(copy._tables[voting_record.CANDIDATES]))
    copy.commit(Batch({("bodies", key[8:]): b""}))
    with pytest.raises(VerificationError, match="another body"):
        own_rows(chain, copy)


def test_a_running_node_is_not_replaced_and_only_labs_go_back(taken: Taken, tmp_path: Path) -> None:
    with closing(SqliteStore(taken.database)):
        taken.verify_refused(taken.snapshot, "database-in-use")
    make_network(tmp_path / "o", is_lab=False)
    assert refusal(OperatorError, snapshot_network, tmp_path / "o", tmp_path / "t.zip").code == "not-a-lab"
    assert refusal(OperatorError, restore_network, tmp_path / "o", taken.snapshot).code == "not-a-lab"
