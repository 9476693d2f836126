"""A lab in one file: taken at one moment while it runs, and back with history, clocks and votes."""

import sqlite3
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.certificate import Statement, parse_certificate, sign_statement
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
from tests.network_support import make_network, running_network, wait_until
from tests.support import DecidedChain
from tests.test_nodes_node_copies import MEMBERS, evidence, load

NODE = Path("nodes/north.validator")
HOUR_MS = 3_600_000


def code_of(action: object, *arguments: object) -> str:
    assert callable(action)
    with pytest.raises(OperatorError) as caught:
        action(*arguments)
    return caught.value.code


def test_a_lab_comes_back_with_its_history_its_clock_and_its_marks(tmp_path: Path) -> None:
    make_network(tmp_path / "n", 4)
    network = InProcessNetwork(tmp_path / "n")
    with network, network.client("north.member1") as client:
        network.set_clock(int(client.node()["clock"]) + HOUR_MS)
        client.call(Asset.issue, number="A-0", to="north.member1")
        then = int(client.node()["clock"])
        snapshot_network(tmp_path / "n", tmp_path / "s.zip")
        fraud = client.call(Asset.transfer, number="A-0", to="south.member1")
        network.set_clock(then + 10 * HOUR_MS)
        records = (tmp_path / "n" / NODE / LOG).stat().st_size
    restore_network(tmp_path / "n", tmp_path / "s.zip")
    for member in MEMBERS:
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

    def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        time.sleep(0.02 if statement == "BEGIN" else 0)
        return self._connection.execute(statement, *values)  # type: ignore[arg-type]

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
        assert contradictions([tmp_path / str(number) / "nodes" / member / DATABASE for member in MEMBERS]) == []


def contradictions(databases: list[Path]) -> list[str]:
    found, heights, said, heard = [], [], [], []
    for path in databases:
        with reading(path) as reader:
            view = ChainView(reader)
            heights.append(view.height)
            said.append({row[0] for row in reader.scan(voting_record.STATEMENTS, b"", b"\xff", 99)})
            rows = reader.scan(voting_record.CERTIFICATES, b"", b"\xff", 99)
            decided = [view.record(view.height).commit] if view.height else []
            heard.append([*(parse_certificate(decode(row)) for _, row in rows), *decided])
    order = ("north.validator", "south.validator", "east.validator", "west.validator")
    assert order == MEMBERS
    for certificates in heard:
        for certificate in certificates:
            for statement in certificate.statements():
                key = statement.height.to_bytes(8, "big") + statement.view.to_bytes(8, "big") + statement.kind.encode()
                if heights[statement.signer] < statement.height and key not in said[statement.signer]:
                    found.append(f"{MEMBERS[statement.signer]} does not know its {statement}")
    return found


def test_a_snapshot_of_a_demo_network_is_taken_in_a_second(tmp_path: Path) -> None:
    """So that a presenter may do it between two sentences; ten times as long would still pass here."""
    with running_network(tmp_path / "n", 4) as network, network.client("north.member1") as client:
        for number in range(30):
            client.call(Asset.issue, number=f"A-{number}", to="north.member1")
        started = time.monotonic()
        snapshot_network(tmp_path / "n", tmp_path / "s.zip")
        assert time.monotonic() - started < 10


def test_a_snapshot_is_never_replaced(tmp_path: Path) -> None:
    make_network(tmp_path / "n")
    snapshot_network(tmp_path / "n", tmp_path / "s.zip")
    assert code_of(snapshot_network, tmp_path / "n", tmp_path / "s.zip") == "file-exists"


def test_a_snapshot_of_another_ledger_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    make_network(tmp_path / "a")
    make_network(tmp_path / "b", seed=2)
    snapshot_network(tmp_path / "b", tmp_path / "s.zip")
    before = (tmp_path / "a" / NODE / DATABASE).read_bytes()
    with pytest.raises(OperatorError, match=r"s\.zip is a snapshot of another ledger") as caught:
        restore_network(tmp_path / "a", tmp_path / "s.zip")
    assert caught.value.code == "other-ledger"
    assert (tmp_path / "a" / NODE / DATABASE).read_bytes() == before


def test_a_damaged_snapshot_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    make_network(tmp_path / "n")
    snapshot_network(tmp_path / "n", tmp_path / "s.zip")
    whole = (tmp_path / "s.zip").read_bytes()
    before = (tmp_path / "n" / NODE / DATABASE).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "bit.zip").write_bytes(whole[:2_000] + bytes([whole[2_000] ^ 1]) + whole[2_001:])
    with zipfile.ZipFile(tmp_path / "odd.zip", "w") as archive:
        archive.writestr(MANIFEST, b"{}")
    for name in ("cut.zip", "bit.zip", "odd.zip"):
        assert code_of(restore_network, tmp_path / "n", tmp_path / name) == "bad-backup"
    assert code_of(restore_network, tmp_path / "n", tmp_path / "nothing") == "missing-file"
    assert (tmp_path / "n" / NODE / DATABASE).read_bytes() == before
    assert has_voting_mark(tmp_path / "n" / NODE)


@pytest.mark.parametrize("ended_after", [1, 2])
def test_a_restore_that_was_killed_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ended_after: int) -> None:
    """Between its renames and after them; the next one first puts back what it finds, even if it then restores nothing."""
    make_network(tmp_path / "n")
    snapshot_network(tmp_path / "n", tmp_path / "s.zip")
    mark, rename, calls = tmp_path / "n" / NODE / "of-before", Path.rename, list[Path]()
    mark.touch()

    def end(self: Path, target: Path) -> Path:
        if len(calls) == ended_after:
            raise KeyboardInterrupt
        calls.append(self)
        return rename(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", end)
        patched.setattr("nodes.network.lab_snapshot.shutil.rmtree", lambda *_, **__: end(tmp_path, tmp_path) if calls else None)
        with pytest.raises(KeyboardInterrupt):
            restore_network(tmp_path / "n", tmp_path / "s.zip")
    assert (tmp_path / "n" / "nodes").exists() == (ended_after == 2)
    assert code_of(restore_network, tmp_path / "n", tmp_path / "nothing") == "missing-file"
    assert mark.exists() == (ended_after == 1)
    assert has_voting_mark(tmp_path / "n" / NODE)
    restore_network(tmp_path / "n", tmp_path / "s.zip")
    assert has_voting_mark(tmp_path / "n" / NODE)
    assert not mark.exists()
    assert not (tmp_path / "n" / "nodes.old").exists()


def test_a_restore_that_cannot_rename_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_network(tmp_path / "n")
    snapshot_network(tmp_path / "n", tmp_path / "s.zip")
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.name.startswith("nodes") and self.name != "nodes" and target.name == "nodes" and self.name != "nodes.old":
            raise PermissionError(13, "Somebody looks at it")
        return rename(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", refuse)
        assert code_of(restore_network, tmp_path / "n", tmp_path / "s.zip") == "cannot-write"
    assert has_voting_mark(tmp_path / "n" / NODE)
    restore_network(tmp_path / "n", tmp_path / "s.zip")


@pytest.mark.parametrize("name", [f"{NODE.as_posix()}/{DATABASE}", f"{NODE.as_posix()}/{LOG}"])
@pytest.mark.parametrize("room", [Room(4_000_000, 9_000_000), Room(9_000_000, 4_000_000)])
def test_a_snapshot_that_unpacks_to_too_much_is_refused_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: Room, name: str
) -> None:
    make_network(tmp_path / "n")
    snapshot_network(tmp_path / "n", tmp_path / "s.zip")
    before = sorted(tmp_path.rglob("*"))
    with zipfile.ZipFile(tmp_path / "s.zip") as old, zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            new.writestr(entry, old.read(entry) + b" " * (5_000_000 if entry == name else 0))
        if name not in old.namelist():
            new.writestr(name, b" " * 5_000_000)
    monkeypatch.setattr("nodes.network.lab_snapshot.ROOM", room)
    assert code_of(restore_network, tmp_path / "n", tmp_path / "bomb.zip") == "snapshot-too-large"
    (tmp_path / "bomb.zip").unlink()
    assert sorted(tmp_path.rglob("*")) == before


def test_a_snapshot_says_nothing_of_other_places(tmp_path: Path) -> None:
    make_network(tmp_path / "n")
    snapshot_network(tmp_path / "n", tmp_path / "s.zip")
    with zipfile.ZipFile(tmp_path / "s.zip") as old, zipfile.ZipFile(tmp_path / "odd.zip", "w") as new:
        for entry in old.namelist():
            data = old.read(entry)
            new.writestr(entry, data.replace(b'"clocks_ms": {', b'"clocks_ms": {"../..": 5,') if entry == MANIFEST else data)
    restore_network(tmp_path / "n", tmp_path / "odd.zip")
    assert not list(tmp_path.glob(CLOCK_OFFSET)) + list((tmp_path / "n").glob(CLOCK_OFFSET))


def with_damage(tmp_path: Path, change: Callable[[Path], None]) -> Path:
    """A snapshot of a new lab in which the database of north was changed."""
    make_network(tmp_path / "n")
    snapshot_network(tmp_path / "n", tmp_path / "s.zip")
    name = f"{NODE.as_posix()}/{DATABASE}"
    with zipfile.ZipFile(tmp_path / "s.zip") as old, zipfile.ZipFile(tmp_path / "odd.zip", "w") as new:
        old.extract(name, tmp_path)
        change(tmp_path / name)
        for entry in old.namelist():
            new.writestr(entry, (tmp_path / name).read_bytes() if entry == name else old.read(entry))
    return tmp_path / "odd.zip"


def test_a_lab_is_restored_of_what_holds(tmp_path: Path) -> None:
    """A row that does not follow from the genesis is not there afterwards, a genesis of others is refused."""

    def add(path: Path) -> None:
        store = SqliteStore(path)
        store.commit(Batch({("state", b"asset\x00assets\x00A-1"): big_endian(0) + b'{"holder":"north.admin","version":0}'}))
        store.close()

    restore_network(tmp_path / "n", with_damage(tmp_path, add))
    with reading(tmp_path / "n" / NODE / DATABASE) as reader:
        assert ChainView(reader).state.get("asset", "assets", "A-1") is None


def test_a_lab_with_a_trigger_is_refused(tmp_path: Path) -> None:
    def plant(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TRIGGER t AFTER INSERT ON rows BEGIN DELETE FROM rows WHERE key = x'00'; END")

    odd = with_damage(tmp_path, plant)
    before = (tmp_path / "n" / NODE / DATABASE).read_bytes()
    assert code_of(restore_network, tmp_path / "n", odd) == "bad-backup"
    assert (tmp_path / "n" / NODE / DATABASE).read_bytes() == before


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


def test_a_running_node_is_not_replaced_and_only_labs_go_back(tmp_path: Path) -> None:
    make_network(tmp_path / "n")
    snapshot_network(tmp_path / "n", tmp_path / "s.zip")
    store = SqliteStore(tmp_path / "n" / NODE / DATABASE)
    assert code_of(restore_network, tmp_path / "n", tmp_path / "s.zip") == "database-in-use"
    store.close()
    make_network(tmp_path / "o", is_lab=False)
    assert code_of(snapshot_network, tmp_path / "o", tmp_path / "t.zip") == "not-a-lab"
    assert code_of(restore_network, tmp_path / "o", tmp_path / "s.zip") == "not-a-lab"
