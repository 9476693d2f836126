"""Backup, restore, state snapshot and pruning of one node: it comes back, and its key never says two things."""

import gzip
import json
import os
import re
import sqlite3
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ledger.chain import tables
from ledger.chain.view import ChainView
from ledger.contract.sealed import seal
from ledger.errors import JsonValue, PrunedError, StorageError, TallystickError, VerificationError
from ledger.genesis import Genesis
from ledger.primitives import Digest
from ledger.transaction import parse_transaction
from nodes.client import Client
from nodes.commands import application
from nodes.documents.document_store import DocumentStore, Entry, RecordPlace
from nodes.network.in_process import InProcessNetwork
from nodes.node import voting_mark
from nodes.node.copies import join, prune_node, restore_backup, write_backup, write_snapshot
from nodes.node.files import CLOCK_OFFSET, DATABASE, DOCUMENTS, LOG, NODE_FILE, read_node_settings
from nodes.node.voting_mark import has_voting_mark, write_voting_mark
from nodes.replica import voting_record
from nodes.sample_contract import Asset
from nodes.storage.sqlite import SCHEMA, SqliteStore
from nodes.storage.sqlite_copy import differing_tables, reading, verify_schema
from tests.network_support import make_network, running_network, wait_until

MEMBERS = ("north.validator", "south.validator", "east.validator", "west.validator")
WEST = MEMBERS[3]
MINUTE_MS = 60_000
PLACE = RecordPlace("asset", "assets", "A-0")


def sealed(text: str) -> tuple[Digest, JsonValue]:
    """A document: the digest that the ledger would hold, and the opening."""
    field, opening = seal(text, "0" * 32)
    return Digest(field.sealed), opening.to_json()


@pytest.fixture
def network(tmp_path: Path) -> Iterator[InProcessNetwork]:
    with running_network(tmp_path / "n", 4) as running:
        yield running


@contextmanager
def load(network: InProcessNetwork) -> Iterator[list[str]]:
    """Transactions one after the other, through a node that stays, as long as it is entered; ids of those that are final."""
    ended, done = threading.Event(), list[str]()

    def send() -> None:
        with network.client("north.member1") as client:
            while not ended.is_set():
                done.append(client.call(Asset.bump, number="load").transaction)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield done
    finally:
        ended.set()
        thread.join()


def height(client: Client) -> int:
    return int(client.node()["height"])


def place(network: InProcessNetwork, member: str = WEST) -> Path:
    return network.directory / "nodes" / member


def lose(network: InProcessNetwork, member: str = WEST) -> None:
    """The disk of a node is gone but for its settings."""
    network.kill(member)
    for path in place(network, member).iterdir():
        if path.name not in (NODE_FILE, CLOCK_OFFSET):
            path.unlink()


def read_everything(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(DATABASE)


def code_of(action: Callable[[], object]) -> str:
    with pytest.raises(TallystickError) as caught:
        action()
    return caught.value.code


def evidence(network: InProcessNetwork) -> list[str]:
    """What any node has seen of two statements that no honest key signs both."""
    logs = [(place(network, member) / LOG).read_text() for member in MEMBERS]
    return [line for log in logs for line in log.splitlines() if '"kind":"evidence"' in line]


def restore(network: InProcessNetwork, file: Path) -> int:
    genesis = read_node_settings(place(network)).genesis
    return restore_backup(file, place(network), genesis, WEST).height


def test_a_node_comes_back_from_a_backup_under_load_and_signs_nothing_twice(network: InProcessNetwork, tmp_path: Path) -> None:
    with load(network) as done:
        wait_until(lambda: len(done) > 5, "load")
        copied = write_backup(place(network), WEST, tmp_path / "backup.zip")
        count = len(done)
        wait_until(lambda: len(done) > count + 5, "blocks after the backup")
        lose(network)
        assert restore(network, tmp_path / "backup.zip") == copied > 0
        assert not has_voting_mark(place(network))
        network.restart(WEST)
        wait_until(lambda: has_voting_mark(place(network)), "the mark")
        count = len(done)
        wait_until(lambda: len(done) > count + 3, "blocks with its votes")
    network.kill("north.validator")  # from here on a quorum needs the restored node
    with network.client("south.member1", node="south.validator") as client:
        client.call(Asset.issue, number="A-1", to="south.member1")
    with network.client(node=WEST) as client:
        wait_until(lambda: client.status(done[-1]) is not None, "the last transaction")
        assert client.get("/v1/transactions/" + done[0])["status"] == "committed"
    with reading(place(network) / DATABASE) as reader:
        assert not voting_mark.is_unmarked(reader)
    network.stop()
    assert evidence(network) == []


def test_a_backup_leaves_out_what_the_node_said_and_denies_any_mark(network: InProcessNetwork, tmp_path: Path) -> None:
    for member in MEMBERS[1:3]:  # without them no block is decided, and what north said of the next one stays
        network.kill(member)
    with network.client("north.member1") as client:
        transaction = client.sign(Asset.bump, number="n")
        client.submit(transaction)
        directory = place(network, MEMBERS[0])
        wait_until(lambda: bool(said(directory / DATABASE)), "a statement")
    write_backup(directory, MEMBERS[0], tmp_path / "backup.zip")
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        assert archive.namelist() == ["backup.json", DATABASE, "documents.sqlite3", CLOCK_OFFSET]
        assert json.loads(archive.read("backup.json"))["member"] == MEMBERS[0]
    if os.name != "nt":
        assert (tmp_path / "backup.zip").stat().st_mode & 0o777 == 0o600
    copied = read_everything(tmp_path / "backup.zip")
    assert b'"kind":"propose"' not in copied
    assert b'"kind":"vote"' not in copied
    network.kill(MEMBERS[0])
    # Copied by hand over the old database, beside the mark: the mark does not count.
    for ending in ("-wal", "-shm"):
        (directory / (DATABASE + ending)).unlink(missing_ok=True)
    (directory / DATABASE).write_bytes(copied)
    assert has_voting_mark(directory)
    network.restart(MEMBERS[0])
    with network.client(node=MEMBERS[0]) as client:
        consensus = client.get("/v1/consensus")
    assert (consensus["votes_here"], consensus["recovery"]["votes_from"]) == (False, None)


def said(database: Path) -> list[tuple[bytes, bytes]]:
    with reading(database) as reader:
        return reader.scan(voting_record.STATEMENTS, b"", b"\xff", 10)


def test_a_new_node_begins_with_a_state_snapshot_and_votes(network: InProcessNetwork, tmp_path: Path) -> None:
    with network.client("north.member1") as client:
        old = client.call(Asset.issue, number="A-0", to="north.member1")
        network.set_clock(int(client.node()["clock"]) + 11 * MINUTE_MS)
        client.call(Asset.issue, number="A-1", to="north.member1")
        client.call(Asset.issue, number="A-2", to="north.member1")
        young = client.sign(Asset.transfer, number="A-1", to="south.member1")
        client.submit(young, wait_s=30)
    with load(network) as done:
        wait_until(lambda: len(done) > 3, "load")
        at = write_snapshot(place(network, MEMBERS[0]), tmp_path / "state.gz")
        lose(network)
        header = join(tmp_path / "state.gz", place(network), read_node_settings(place(network)).genesis)
        assert header.height == at
        network.restart(WEST)
        wait_until(lambda: has_voting_mark(place(network)), "the mark")
    network.kill("north.validator")
    with network.client("south.member1", node=WEST) as client:
        client.call(Asset.transfer, number="A-1", to="north.member1")  # needs its vote
        status = client.get(f"/v1/transactions/{young.id}")
        assert (status["status"], status["complete_from"]) == ("committed", client.node()["complete_from"])
        assert client.get(f"/v1/transactions/{old.transaction}")["status"] == "unknown"
        assert status["complete_from"] > client.get("/v1/blocks/0")["time"]
        again = client.submit(parse_transaction(young.raw))
        assert again is not None
        for path in ("/v1/blocks/1", "/v1/export", "/v1/blocks?after=0", "/v1/events", "/v1/state/asset/assets/A-2/history"):
            with pytest.raises(PrunedError) as caught:
                client.get(path)
            assert caught.value.code == "pruned"
        fact = client.get("/v1/state/asset/assets/A-2", proof=True)["proof"]
        client.verify(fact)
    network.stop()
    assert evidence(network) == []


def test_others_serve_the_blocks_that_a_pruned_node_dropped(network: InProcessNetwork) -> None:
    with network.client("north.member1") as client:
        first = client.call(Asset.issue, number="A-0", to="north.member1")
        network.kill(WEST)
        client.call(Asset.transfer, number="A-0", to="north.member1")
        network.set_clock(int(client.node()["clock"]) + 11 * MINUTE_MS)
        last = client.call(Asset.issue, number="A-1", to="north.member1")
    for member in MEMBERS[:2]:
        network.kill(member)
        done = prune_node(place(network, member), keep=1)
        assert first.height < done.upto <= done.asked == last.height - 1
        network.restart(member)
    network.restart(WEST)
    with network.client("west.member1", node=WEST) as client:
        wait_until(lambda: height(client) >= last.height, "the newest block")
        assert client.get("/v1/blocks/1")["transactions"]
    with network.client("north.member1") as client:
        assert client.get(f"/v1/blocks/{first.height}", proof=True)["pruned"] is True
        status = client.get(f"/v1/transactions/{first.transaction}", proof=True)
        assert (status["status"], list(status["proof"])) == ("committed", ["receipt"])
        client.verify(status["proof"]["receipt"])
        client.call(Asset.transfer, number="A-1", to="north.member1")


def test_pruning_stops_at_what_may_not_have_expired(tmp_path: Path) -> None:
    with running_network(tmp_path) as network, network.client("north.member1") as client:
        client.call(Asset.issue, number="A-0", to="north.member1")
        assert code_of(lambda: prune_node(place(network, MEMBERS[0]), keep=1)) == "database-in-use"
        client.call(Asset.issue, number="A-1", to="north.member1")
    done = prune_node(place(network, MEMBERS[0]), before=2)
    assert (done.upto, done.asked) == (0, 1)
    assert code_of(lambda: prune_node(tmp_path, keep=1)) == "missing-database"


def test_a_backup_is_restored_only_where_it_belongs(tmp_path: Path) -> None:
    make_network(tmp_path / "a")
    make_network(tmp_path / "b", seed=2)
    north, other = (tmp_path / name / "nodes" / MEMBERS[0] for name in ("a", "b"))
    write_backup(north, MEMBERS[0], tmp_path / "backup.zip")
    genesis, foreign = (read_node_settings(place).genesis for place in (north, other))
    backup = tmp_path / "backup.zip"
    assert code_of(lambda: write_backup(north, MEMBERS[0], backup)) == "file-exists"
    assert code_of(lambda: write_backup(tmp_path, MEMBERS[0], tmp_path / "c.zip")) == "missing-database"
    assert code_of(lambda: restore_backup(backup, north, genesis, MEMBERS[0])) == "already-a-node"
    (north / DATABASE).rename(tmp_path / "lost")
    assert code_of(lambda: restore_backup(backup, north, foreign, MEMBERS[0])) == "other-ledger"
    assert code_of(lambda: restore_backup(tmp_path / "nowhere", north, genesis, MEMBERS[0])) == "missing-file"
    (tmp_path / "cut.zip").write_bytes(backup.read_bytes()[:-100])
    assert code_of(lambda: restore_backup(tmp_path / "cut.zip", north, genesis, MEMBERS[0])) == "bad-backup"
    with zipfile.ZipFile(tmp_path / "odd.zip", "w") as archive:
        archive.writestr("backup.json", b'{"format":"tallystick-backup-2"}')
        with zipfile.ZipFile(backup) as good:
            archive.writestr(DATABASE, good.read(DATABASE))
    assert code_of(lambda: restore_backup(tmp_path / "odd.zip", north, genesis, MEMBERS[0])) == "bad-backup"
    assert has_voting_mark(north)
    assert restore_backup(backup, north, genesis, MEMBERS[0]).height == 0
    assert not [path.name for path in north.iterdir() if ".new" in path.name]
    assert not has_voting_mark(north)


def test_documents_that_are_there_outlive_a_restore(tmp_path: Path) -> None:
    """They are newer than the backup, and know what was purged since."""
    make_network(tmp_path / "a")
    north = tmp_path / "a" / "nodes" / MEMBERS[0]
    (kept, newer_opening), (purged, opening) = sealed("newer"), sealed("purged")
    store = DocumentStore(north / DOCUMENTS)
    store.put(purged, opening, [PLACE], "north.admin", 1)
    write_backup(north, MEMBERS[0], tmp_path / "backup.zip")
    store.put(kept, newer_opening, [PLACE], "north.admin", 2)
    in_log = (north / f"{DOCUMENTS}-wal").read_bytes()
    store.purge(purged, "north.admin", 3)
    store.close()
    genesis = read_node_settings(north).genesis
    (north / DATABASE).unlink()
    restore_backup(tmp_path / "backup.zip", north, genesis, MEMBERS[0])
    store = DocumentStore(north / DOCUMENTS)
    newer, gone = store.find(kept), store.find(purged)
    store.close()
    assert newer is not None
    assert newer.opening == newer_opening
    assert gone is not None
    assert (gone.opening, gone.purged_by) == (None, "north.admin")
    # Where there are none, those of the backup come, and nothing of what SQLite had not put into the lost file.
    for path in (north / DOCUMENTS, north / DATABASE):
        path.unlink()
    (north / f"{DOCUMENTS}-wal").write_bytes(in_log)
    restore_backup(tmp_path / "backup.zip", north, genesis, MEMBERS[0])
    store = DocumentStore(north / DOCUMENTS)
    assert (store.find(kept), store.find(purged) is not None) == (None, True)
    store.close()


def copied(tmp_path: Path) -> tuple[Path, Path, Genesis]:
    """A lost node, its backup, its genesis; a document is in it that two have seen."""
    make_network(tmp_path / "a")
    north = tmp_path / "a" / "nodes" / MEMBERS[0]
    digest, opening = sealed("secret")
    store = DocumentStore(north / DOCUMENTS)
    store.put(digest, opening, [PLACE], "north.admin", 1)
    store.log(Entry("stored", "north.admin", digest, [""], "holder", 1), ["north.member1"])
    store.close()
    write_backup(north, MEMBERS[0], tmp_path / "backup.zip")
    genesis = read_node_settings(north).genesis
    for name in (DATABASE, DOCUMENTS):
        (north / name).unlink()
    return north, tmp_path / "backup.zip", genesis


def changed(backup: Path, name: str, *statements: str, manifest: dict[str, JsonValue] | None = None) -> Path:
    """The backup after SQL on one of its databases, or with other values in its manifest."""
    place, odd = backup.with_name("unpacked"), backup.with_name("odd.zip")
    with zipfile.ZipFile(backup) as old, zipfile.ZipFile(odd, "w", zipfile.ZIP_DEFLATED) as new:
        old.extract(name, place)
        with closing(sqlite3.connect(place / name)) as connection, connection:
            connection.execute("PRAGMA writable_schema=ON")
            for statement in statements:
                connection.execute(statement)
        for entry in old.namelist():
            new.writestr(entry, (place / name).read_bytes() if entry == name else old.read(entry) if entry != "backup.json"
                         else json.dumps({**json.loads(old.read(entry)), **(manifest or {})}).encode())  # fmt: skip
    return odd


SCHEMAS = (
    "CREATE TRIGGER t AFTER INSERT ON TABLE BEGIN DELETE FROM TABLE; END",
    "CREATE VIEW w AS SELECT * FROM TABLE",
    "CREATE TABLE more (a)",
    "CREATE INDEX i ON TABLE (COLUMN)",
    "UPDATE sqlite_master SET sql = sql || ' /* */' WHERE name = 'TABLE'",
)


@pytest.mark.parametrize("statement", SCHEMAS)
@pytest.mark.parametrize(("name", "table", "column"), [(DATABASE, "rows", "value"), (DOCUMENTS, "seen", "member")])
def test_a_backup_has_exactly_the_known_schema(tmp_path: Path, name: str, table: str, column: str, statement: str) -> None:
    """No trigger, for one, that takes away what says that the copy may not vote."""
    north, backup, genesis = copied(tmp_path)
    odd = changed(backup, name, re.sub(r"\bTABLE\b(?! more)", table, statement).replace("COLUMN", column))
    assert code_of(lambda: restore_backup(odd, north, genesis, MEMBERS[0])) == "bad-backup"
    assert not (north / DATABASE).exists()
    assert not [path for path in north.iterdir() if path.name.startswith(".tallystick")]


def test_a_broken_page_of_a_backup_is_refused(tmp_path: Path) -> None:
    """An index that leads to another row than the table, say: what is read depends on the way then."""
    north, backup, genesis = copied(tmp_path)
    odd = changed(backup, DATABASE, "UPDATE sqlite_master SET rootpage = 2 WHERE rootpage > 2")
    with pytest.raises(StorageError) as caught:
        verify_schema(tmp_path / "unpacked" / DATABASE, SCHEMA)
    assert caught.value.code == "database-damaged"
    assert code_of(lambda: restore_backup(odd, north, genesis, MEMBERS[0])) == "bad-backup"


@pytest.mark.parametrize(
    ("manifest", "code"),
    [
        ({"member": "south.validator"}, "other-member"),
        ({"height": 7}, "bad-backup"),
        ({"ledger": "0" * 64}, "other-ledger"),
        ({"more": 1}, "bad-backup"),
    ],
)
def test_a_manifest_is_held_against_node_and_content(tmp_path: Path, manifest: dict[str, JsonValue], code: str) -> None:
    north, backup, genesis = copied(tmp_path)
    assert code_of(lambda: restore_backup(changed(backup, DATABASE, manifest=manifest), north, genesis, MEMBERS[0])) == code


def test_a_row_that_does_not_follow_is_left_out_and_told(tmp_path: Path) -> None:
    north, backup, genesis = copied(tmp_path)
    odd = changed(backup, DATABASE, "INSERT INTO rows VALUES (CAST('terms' || x'00' || 'x' AS BLOB), x'00')")
    result = run("node", "restore", north, odd)
    assert (result.exit_code, "built again: terms" in result.output) == (0, True), result.output
    assert restore_backup(backup, make_directory(tmp_path / "other"), genesis, MEMBERS[0]).left_out == ()
    assert (tmp_path / "other" / DATABASE).stat().st_size > 0
    assert differing_tables(tmp_path / "other" / DATABASE, north / DATABASE) == []


def make_directory(path: Path) -> Path:
    path.mkdir()
    return path


OTHER_OPENING = json.dumps({"salt": "1" * 32, "value": "x"}, separators=(",", ":"))
DOCUMENT_CHANGES = {
    "another opening": (f"UPDATE documents SET opening = CAST('{OTHER_OPENING}' AS BLOB)", "bad-backup"),
    "no opening": ("UPDATE documents SET opening = NULL", "bad-backup"),
    "a purge that is half": ("UPDATE documents SET purged_at_ms = 5", "bad-backup"),
    "another digest": ("UPDATE documents SET digest = printf('%064d', 1)", "bad-backup"),
    "no place": ("DELETE FROM places", "bad-backup"),
    "a place of another kind": ("UPDATE places SET key = x'00'", "bad-backup"),
    "fields of another kind": ("UPDATE reads SET fields = '7'", "bad-backup"),
    "a reader of a document that is not here": ("INSERT INTO seen VALUES (printf('%064d', 1), 'east.admin')", ""),
}


@pytest.mark.parametrize("what", DOCUMENT_CHANGES)
def test_documents_of_a_backup_are_held_against_their_digests(tmp_path: Path, what: str) -> None:
    north, backup, genesis = copied(tmp_path)
    statement, code = DOCUMENT_CHANGES[what]
    odd = changed(backup, DOCUMENTS, statement)
    if code:
        assert code_of(lambda: restore_backup(odd, north, genesis, MEMBERS[0])) == code
        assert not (north / DATABASE).exists()
        return
    restore_backup(odd, north, genesis, MEMBERS[0])
    store = DocumentStore(north / DOCUMENTS)
    digest, opening = sealed("secret")
    document = store.find(digest)
    assert document is not None
    assert (document.opening, document.places, store.has_seen(digest, "north.member1")) == (opening, (PLACE,), True)
    assert [entry["member"] for entry in store.reads(0, 9)] == ["north.admin"]
    assert not store.has_seen(Digest("1".zfill(64)), "east.admin")
    store.close()


def test_a_bomb_is_no_backup(tmp_path: Path) -> None:
    """Some kilobytes that would unpack to a thousand times as many."""
    north, backup, genesis = copied(tmp_path)
    with zipfile.ZipFile(backup) as old, zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            new.writestr(entry, bytes(50_000_000) if entry == DATABASE else old.read(entry))
    assert code_of(lambda: restore_backup(tmp_path / "bomb.zip", north, genesis, MEMBERS[0])) == "snapshot-too-large"


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(application, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def test_the_only_validator_takes_its_operators_word(tmp_path: Path) -> None:
    make_network(tmp_path / "n")
    make_network(tmp_path / "four", 4)
    with InProcessNetwork(tmp_path / "n") as network, network.client("north.member1") as client:
        client.call(Asset.issue, number="A-0", to="north.member1")
        assert run("node", "backup", place(network, MEMBERS[0]), tmp_path / "b.zip").exit_code == 0
        lose(network, MEMBERS[0])
        restored = run("node", "restore", place(network, MEMBERS[0]), tmp_path / "b.zip")
        assert restored.exit_code == 0, restored.output
        network.restart(MEMBERS[0])
        assert client.get("/v1/consensus")["votes_here"] is False
        assert "database-in-use" in run("node", "mark", place(network, MEMBERS[0])).stderr
        network.kill(MEMBERS[0])
        assert run("node", "mark", place(network, MEMBERS[0])).exit_code == 0
        network.restart(MEMBERS[0])
        client.call(Asset.transfer, number="A-0", to="north.admin")
    refused = run("node", "mark", tmp_path / "four" / "nodes" / MEMBERS[0])
    assert (refused.exit_code, "not-sole-validator" in refused.stderr) == (2, True)


def test_commands_copy_and_prune_a_node(tmp_path: Path) -> None:
    """A lab in which a second machine begins with the first one's state, and takes its backup in a directory of its own."""
    make_network(tmp_path / "n")
    files = tmp_path / "n"
    options: tuple[str | Path, ...] = ("--member", MEMBERS[0], "--key", files / "keys" / f"{MEMBERS[0]}.key")
    options = (*options, "--genesis", files / "genesis.json", "--network", files / "network.json")
    with InProcessNetwork(files) as network, network.client("north.member1") as client:
        for number in range(3):
            client.call(Asset.issue, number=f"A-{number}", to="north.member1")
        network.set_clock(int(client.node()["clock"]) + 11 * MINUTE_MS)
        last = client.call(Asset.issue, number="A-3", to="north.member1").height
        node = place(network, MEMBERS[0])
        for name, what in (("s.gz", "snapshot"), ("b.zip", "backup")):
            done = run("node", what, node, tmp_path / name)
            assert (done.exit_code, f" {last}" in done.output) == (0, True), done.output
        assert run("node", "snapshot", node, tmp_path / "s.gz").exit_code == 2
        assert "database-in-use" in run("node", "prune", node, "--keep", "1").stderr
    if os.name != "nt":
        assert {(tmp_path / name).stat().st_mode & 0o777 for name in ("s.gz", "b.zip")} == {0o600}
    joined = run("node", "init", tmp_path / "joined", *options, "--snapshot", tmp_path / "s.gz")
    assert joined.exit_code == 0, joined.output
    assert not has_voting_mark(tmp_path / "joined")
    assert read_node_settings(tmp_path / "joined").member == MEMBERS[0]
    assert run("node", "restore", tmp_path / "restored", tmp_path / "b.zip").exit_code == 2
    restored = run("node", "restore", tmp_path / "restored", tmp_path / "b.zip", *options)
    assert (restored.exit_code, f"height {last}" in restored.output) == (0, True), restored.output
    broken = run("node", "init", tmp_path / "broken", *options, "--snapshot", files / "genesis.json")
    assert (broken.exit_code, "broken-snapshot" in broken.stderr) == (1, True)
    assert run("node", "prune", node).exit_code == 2
    pruned = json.loads(run("node", "prune", node, "--before", str(last + 1), "--json").stdout)
    assert 3 <= pruned["pruned"] < pruned["asked"] == last
    with network:
        export = run("export", tmp_path / "x.jsonl", "--dir", files)
        assert (export.exit_code, "pruned" in export.stderr) == (1, True)


def test_a_damaged_file_is_no_snapshot_and_leaves_no_database(network: InProcessNetwork, tmp_path: Path) -> None:
    with network.client("north.member1") as client:
        client.call(Asset.issue, number="A-0", to="north.member1")
    write_snapshot(place(network, MEMBERS[0]), tmp_path / "state.gz")
    whole = (tmp_path / "state.gz").read_bytes()
    lines = gzip.decompress(whole)
    genesis = read_node_settings(place(network)).genesis
    damaged = {
        "cut": whole[:-20],
        "not packed": lines,
        "a bit": whole[:-6] + bytes([whole[-6] ^ 1]) + whole[-5:],
        "a value": gzip.compress(lines.replace(b'"version":0', b'"version":1')),
        "empty": b"",
    }
    for name, data in damaged.items():
        (tmp_path / name).write_bytes(data)
        (tmp_path / "new").mkdir(exist_ok=True)
        with pytest.raises(VerificationError) as caught:
            join(tmp_path / name, tmp_path / "new", genesis)
        assert caught.value.code == "broken-snapshot", name
        assert list((tmp_path / "new").iterdir()) == [], name
    assert code_of(lambda: join(tmp_path / "nowhere", tmp_path / "new", genesis)) == "missing-file"
    assert code_of(lambda: join(tmp_path / "state.gz", place(network), genesis)) == "already-a-node"
    write_voting_mark(tmp_path / "new", genesis.ledger)
    join(tmp_path / "state.gz", tmp_path / "new", genesis)
    assert [path.name for path in (tmp_path / "new").iterdir()] == [DATABASE]
    with reading(tmp_path / "new" / DATABASE) as reader:
        assert voting_mark.is_unmarked(reader)
        assert ChainView(reader).header(ChainView(reader).height).ledger == Digest(genesis.ledger)
        assert reader.get(tables.META, tables.PRUNED) is not None


class FullAtTheEnd(SqliteStore):
    """The last batch finds no room: nothing that was read back before could tell."""

    def close(self) -> None:
        super().close()
        self._on_failure(StorageError("disk-full", "The disk is full."))


def test_a_disk_that_fills_up_leaves_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_network(tmp_path) as network, network.client("north.member1") as client:
        client.call(Asset.issue, number="A-0", to="north.member1")
        write_snapshot(place(network, MEMBERS[0]), tmp_path / "state.gz")
        write_backup(place(network, MEMBERS[0]), MEMBERS[0], tmp_path / "backup.zip")
    monkeypatch.setattr("nodes.storage.sqlite.SqliteStore", FullAtTheEnd)
    genesis = read_node_settings(tmp_path / "nodes" / MEMBERS[0]).genesis
    (tmp_path / "new").mkdir()
    assert code_of(lambda: join(tmp_path / "state.gz", tmp_path / "new", genesis)) == "disk-full"
    assert code_of(lambda: restore_backup(tmp_path / "backup.zip", tmp_path / "new", genesis, MEMBERS[0])) == "disk-full"
    assert list((tmp_path / "new").iterdir()) == []
