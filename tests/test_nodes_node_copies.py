"""Backup, restore, state snapshot and pruning of one node: it comes back, and its key never says two things."""

import gzip
import json
import os
import re
import sqlite3
import threading
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ledger.chain import tables
from ledger.chain.view import ChainView
from ledger.contract.sealed import seal
from ledger.errors import JsonValue, PrunedError, StorageError, TallystickError, VerificationError
from ledger.genesis import Genesis
from ledger.primitives import Digest
from ledger.transaction import parse_transaction
from nodes.client import Client
from nodes.documents.document_store import DocumentStore, Entry, RecordPlace
from nodes.network.in_process import InProcessNetwork
from nodes.node import voting_mark
from nodes.node.copies import RestoredCopy, join, prune_node, restore_backup, write_backup, write_snapshot
from nodes.node.files import CLOCK_OFFSET, DATABASE, DOCUMENTS, NODE_FILE, read_node_settings
from nodes.node.voting_mark import has_voting_mark, write_voting_mark
from nodes.replica import voting_record
from nodes.sample_contract import Asset
from nodes.storage.sqlite import SCHEMA, SqliteStore
from nodes.storage.sqlite_copy import differing_tables, reading, verify_schema
from tests import commands
from tests.network_support import NODE, content, issue, logged, make_network, repacked, running_network, wait_until, with_database
from tests.support import BOB, EAST, NORTH, SOUTH, VALIDATORS, WEST, refusal

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


def evidence(network: InProcessNetwork) -> list[object]:
    """What any node has seen of two statements that no honest key signs both."""
    return [record for member in VALIDATORS for record in logged(network, member, "evidence")]


def test_a_node_comes_back_from_a_backup_under_load_and_signs_nothing_twice(network: InProcessNetwork, tmp_path: Path) -> None:
    with load(network) as done:
        wait_until(lambda: len(done) > 5, "load")
        copied = write_backup(place(network), WEST, tmp_path / "backup.zip")
        count = len(done)
        wait_until(lambda: len(done) > count + 5, "blocks after the backup")
        lose(network)
        genesis = read_node_settings(place(network)).genesis
        assert restore_backup(tmp_path / "backup.zip", place(network), genesis, WEST).height == copied > 0
        assert not has_voting_mark(place(network))
        network.restart(WEST)
        wait_until(lambda: has_voting_mark(place(network)), "the mark")
        count = len(done)
        wait_until(lambda: len(done) > count + 3, "blocks with its votes")
    network.kill(NORTH)  # from here on a quorum needs the restored node
    with network.client("south.member1", node=SOUTH) as client:
        issue(client, "A-1", to=BOB)
    with network.client(node=WEST) as client:
        wait_until(lambda: client.status(done[-1]) is not None, "the last transaction")
        assert client.get("/v1/transactions/" + done[0])["status"] == "committed"
    with reading(place(network) / DATABASE) as reader:
        assert not voting_mark.is_unmarked(reader)
    network.stop()
    assert evidence(network) == []


def test_a_backup_leaves_out_what_the_node_said_and_denies_any_mark(network: InProcessNetwork, tmp_path: Path) -> None:
    for member in (SOUTH, EAST):  # without them no block is decided, and what north said of the next one stays
        network.kill(member)
    with network.client("north.member1") as client:
        transaction = client.sign(Asset.bump, number="n")
        client.submit(transaction)
        directory = place(network, NORTH)
        wait_until(lambda: bool(said(directory / DATABASE)), "a statement")
    write_backup(directory, NORTH, tmp_path / "backup.zip")
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        assert archive.namelist() == ["backup.json", DATABASE, DOCUMENTS, CLOCK_OFFSET]
    assert json.loads(content(tmp_path / "backup.zip", "backup.json"))["member"] == NORTH
    copied = content(tmp_path / "backup.zip", DATABASE)
    if os.name != "nt":
        assert (tmp_path / "backup.zip").stat().st_mode & 0o777 == 0o600
    assert b'"kind":"propose"' not in copied
    assert b'"kind":"vote"' not in copied
    network.kill(NORTH)
    # Copied by hand over the old database, beside the mark: the mark does not count.
    for ending in ("-wal", "-shm"):
        (directory / (DATABASE + ending)).unlink(missing_ok=True)
    (directory / DATABASE).write_bytes(copied)
    assert has_voting_mark(directory)
    network.restart(NORTH)
    with network.client(node=NORTH) as client:
        consensus = client.get("/v1/consensus")
    assert (consensus["votes_here"], consensus["recovery"]["votes_from"]) == (False, None)


def said(database: Path) -> list[tuple[bytes, bytes]]:
    with reading(database) as reader:
        return reader.scan(voting_record.STATEMENTS, b"", b"\xff", 10)


def test_a_new_node_begins_with_a_state_snapshot_and_votes(network: InProcessNetwork, tmp_path: Path) -> None:
    with network.client("north.member1") as client:
        old = issue(client, "A-0")
        network.set_clock(int(client.node()["clock"]) + 11 * MINUTE_MS)
        issue(client, "A-1", "A-2")
        young = client.sign(Asset.transfer, number="A-1", to="south.member1")
        client.submit(young, wait_s=30)
    with load(network) as done:
        wait_until(lambda: len(done) > 3, "load")
        at = write_snapshot(place(network, NORTH), tmp_path / "state.gz")
        lose(network)
        header = join(tmp_path / "state.gz", place(network), read_node_settings(place(network)).genesis)
        assert header.height == at
        network.restart(WEST)
        wait_until(lambda: has_voting_mark(place(network)), "the mark")
    network.kill(NORTH)
    with network.client("south.member1", node=WEST) as client:
        client.call(Asset.transfer, number="A-1", to="north.member1")  # needs its vote
        status = client.get(f"/v1/transactions/{young.id}")
        assert (status["status"], status["complete_from"]) == ("committed", client.node()["complete_from"])
        assert client.get(f"/v1/transactions/{old.transaction}")["status"] == "unknown"
        assert status["complete_from"] > client.get("/v1/blocks/0")["time"]
        again = client.submit(parse_transaction(young.raw))
        assert again is not None
        for path in ("/v1/blocks/1", "/v1/export", "/v1/blocks?after=0", "/v1/events", "/v1/state/asset/assets/A-2/history"):
            assert refusal(PrunedError, client.get, path).code == "pruned"
        assert refusal(PrunedError, list, client.export(after=at - 1)).code == "pruned"
        above = [json.loads(line)["header"]["height"] for line in client.export(after=at)]
        assert above == [*range(at + 1, client.node()["height"] + 1)]
        fact = client.get("/v1/state/asset/assets/A-2", proof=True)["proof"]
        client.verify(fact)
    network.stop()
    assert evidence(network) == []


def test_others_serve_the_blocks_that_a_pruned_node_dropped(network: InProcessNetwork) -> None:
    with network.client("north.member1") as client:
        first = issue(client, "A-0")
        network.kill(WEST)
        client.call(Asset.transfer, number="A-0", to="north.member1")
        network.set_clock(int(client.node()["clock"]) + 11 * MINUTE_MS)
        last = issue(client, "A-1")
    for member in (NORTH, SOUTH):
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
        issue(client, "A-0")
        assert refusal(TallystickError, prune_node, place(network, NORTH), keep=1).code == "database-in-use"
        issue(client, "A-1")
    done = prune_node(place(network, NORTH), before=2)
    assert (done.upto, done.asked) == (0, 1)
    assert refusal(TallystickError, prune_node, tmp_path, keep=1).code == "missing-database"


@dataclass(frozen=True, slots=True)
class Copied:
    """The directory of a node, its backup, and the ledger that it belongs to."""

    node: Path
    backup: Path
    genesis: Genesis

    def restore(self, file: Path) -> RestoredCopy:
        return restore_backup(file, self.node, self.genesis, NORTH)

    def verify_refused(self, file: Path, code: str) -> None:
        """This file is no backup of the node, and leaves nothing of itself there."""
        before = sorted(self.node.iterdir())
        assert refusal(TallystickError, self.restore, file).code == code
        assert sorted(self.node.iterdir()) == before


@pytest.fixture
def lost(tmp_path: Path) -> Copied:
    """A node whose files are lost; a document is in its backup that two have seen."""
    make_network(tmp_path / "a")
    node, backup = tmp_path / "a" / NODE, tmp_path / "backup.zip"
    digest, opening = sealed("secret")
    with closing(DocumentStore(node / DOCUMENTS)) as store:
        store.put(digest, opening, [PLACE], "north.admin", 1)
        store.log(Entry("stored", "north.admin", digest, [""], "holder", 1), ["north.member1"])
    write_backup(node, NORTH, backup)
    for name in (DATABASE, DOCUMENTS):
        (node / name).unlink()
    return Copied(node, backup, read_node_settings(node).genesis)


def test_a_backup_is_restored_only_where_it_belongs(lost: Copied, tmp_path: Path) -> None:
    make_network(tmp_path / "b", seed=2)
    foreign = read_node_settings(tmp_path / "b" / NODE).genesis
    assert refusal(TallystickError, restore_backup, lost.backup, lost.node, foreign, NORTH).code == "other-ledger"
    lost.verify_refused(tmp_path / "nowhere", "missing-file")
    (tmp_path / "cut.zip").write_bytes(lost.backup.read_bytes()[:-100])
    lost.verify_refused(tmp_path / "cut.zip", "bad-backup")
    lost.verify_refused(repacked(lost.backup, **{"backup.json": b'{"format":"tallystick-backup-2"}'}), "bad-backup")
    assert has_voting_mark(lost.node)
    assert lost.restore(lost.backup).height == 0
    assert not [path.name for path in lost.node.iterdir() if ".new" in path.name]
    assert not has_voting_mark(lost.node)
    assert refusal(TallystickError, lost.restore, lost.backup).code == "already-a-node"
    assert refusal(TallystickError, write_backup, lost.node, NORTH, lost.backup).code == "file-exists"
    assert refusal(TallystickError, write_backup, tmp_path, NORTH, tmp_path / "c.zip").code == "missing-database"


def test_documents_that_are_there_outlive_a_restore(tmp_path: Path) -> None:
    """They are newer than the backup, and know what was purged since."""
    make_network(tmp_path / "a")
    node = tmp_path / "a" / NODE
    here = Copied(node, tmp_path / "backup.zip", read_node_settings(node).genesis)
    (kept, newer_opening), (purged, opening) = sealed("newer"), sealed("purged")
    with closing(DocumentStore(node / DOCUMENTS)) as store:
        store.put(purged, opening, [PLACE], "north.admin", 1)
        write_backup(node, NORTH, here.backup)
        store.put(kept, newer_opening, [PLACE], "north.admin", 2)
        in_log = (node / f"{DOCUMENTS}-wal").read_bytes()
        store.purge(purged, "north.admin", 3)
    (node / DATABASE).unlink()
    here.restore(here.backup)
    with closing(DocumentStore(node / DOCUMENTS)) as store:
        newer, gone = store.find(kept), store.find(purged)
    assert newer is not None
    assert newer.opening == newer_opening
    assert gone is not None
    assert (gone.opening, gone.purged_by) == (None, "north.admin")
    # Where there are none, those of the backup come, and nothing of what SQLite had not put into the lost file.
    for path in (node / DOCUMENTS, node / DATABASE):
        path.unlink()
    (node / f"{DOCUMENTS}-wal").write_bytes(in_log)
    here.restore(here.backup)
    with closing(DocumentStore(node / DOCUMENTS)) as store:
        assert (store.find(kept), store.find(purged) is not None) == (None, True)


def changed(backup: Path, name: str, *statements: str) -> Path:
    """The backup after SQL on one of its databases."""

    def change(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("PRAGMA writable_schema=ON")
            for statement in statements:
                connection.execute(statement)

    return with_database(backup, name, change)


SCHEMAS = (
    "CREATE TRIGGER t AFTER INSERT ON TABLE BEGIN DELETE FROM TABLE; END",
    "CREATE VIEW w AS SELECT * FROM TABLE",
    "CREATE TABLE more (a)",
    "CREATE INDEX i ON TABLE (COLUMN)",
    "UPDATE sqlite_master SET sql = sql || ' /* */' WHERE name = 'TABLE'",
)


@pytest.mark.parametrize("statement", SCHEMAS)
@pytest.mark.parametrize(("name", "table", "column"), [(DATABASE, "rows", "value"), (DOCUMENTS, "seen", "member")])
def test_a_backup_has_exactly_the_known_schema(lost: Copied, name: str, table: str, column: str, statement: str) -> None:
    """No trigger, for one, that takes away what says that the copy may not vote."""
    odd = changed(lost.backup, name, re.sub(r"\bTABLE\b(?! more)", table, statement).replace("COLUMN", column))
    lost.verify_refused(odd, "bad-backup")


def test_a_broken_page_of_a_backup_is_refused(lost: Copied) -> None:
    """An index that leads to another row than the table, say: what is read depends on the way then."""
    odd = changed(lost.backup, DATABASE, "UPDATE sqlite_master SET rootpage = 2 WHERE rootpage > 2")
    (lost.node / "broken").write_bytes(content(odd, DATABASE))
    assert refusal(StorageError, verify_schema, lost.node / "broken", SCHEMA).code == "database-damaged"
    lost.verify_refused(odd, "bad-backup")


MANIFESTS: dict[str, tuple[dict[str, JsonValue], str]] = {
    "another-member": ({"member": "south.validator"}, "other-member"),
    "another-height": ({"height": 7}, "bad-backup"),
    "another-ledger": ({"ledger": "0" * 64}, "other-ledger"),
    "another-field": ({"more": 1}, "bad-backup"),
}


@pytest.mark.parametrize("what", MANIFESTS)
def test_a_manifest_is_held_against_node_and_content(lost: Copied, what: str) -> None:
    manifest, code = MANIFESTS[what]
    whole = json.loads(content(lost.backup, "backup.json"))
    lost.verify_refused(repacked(lost.backup, **{"backup.json": json.dumps({**whole, **manifest}).encode()}), code)


def test_a_row_that_does_not_follow_is_left_out_and_told(lost: Copied, tmp_path: Path) -> None:
    odd = changed(lost.backup, DATABASE, "INSERT INTO rows VALUES (CAST('terms' || x'00' || 'x' AS BLOB), x'00')")
    assert "built again: terms" in commands.succeeds("node", "restore", lost.node, odd)
    (tmp_path / "other").mkdir()
    assert restore_backup(lost.backup, tmp_path / "other", lost.genesis, NORTH).left_out == ()
    assert (tmp_path / "other" / DATABASE).stat().st_size > 0
    assert differing_tables(tmp_path / "other" / DATABASE, lost.node / DATABASE) == []


OTHER_OPENING = json.dumps({"salt": "1" * 32, "value": "x"}, separators=(",", ":"))
DOCUMENT_CHANGES = {
    "another opening": f"UPDATE documents SET opening = CAST('{OTHER_OPENING}' AS BLOB)",
    "no opening": "UPDATE documents SET opening = NULL",
    "a purge that is half": "UPDATE documents SET purged_at_ms = 5",
    "another digest": "UPDATE documents SET digest = printf('%064d', 1)",
    "no place": "DELETE FROM places",
    "a place of another kind": "UPDATE places SET key = x'00'",
    "fields of another kind": "UPDATE reads SET fields = '7'",
}


@pytest.mark.parametrize("what", DOCUMENT_CHANGES)
def test_documents_of_a_backup_are_held_against_their_digests(lost: Copied, what: str) -> None:
    lost.verify_refused(changed(lost.backup, DOCUMENTS, DOCUMENT_CHANGES[what]), "bad-backup")


def test_a_reader_of_a_document_that_is_not_in_the_backup_is_left_out(lost: Copied) -> None:
    lost.restore(changed(lost.backup, DOCUMENTS, "INSERT INTO seen VALUES (printf('%064d', 1), 'east.admin')"))
    digest, opening = sealed("secret")
    with closing(DocumentStore(lost.node / DOCUMENTS)) as store:
        document = store.find(digest)
        assert document is not None
        assert (document.opening, document.places, store.has_seen(digest, "north.member1")) == (opening, (PLACE,), True)
        assert [entry["member"] for entry in store.reads(0, 9)] == ["north.admin"]
        assert not store.has_seen(Digest("1".zfill(64)), "east.admin")


def test_a_bomb_is_no_backup(lost: Copied) -> None:
    """Some kilobytes that would unpack to a thousand times as many."""
    lost.verify_refused(repacked(lost.backup, **{DATABASE: bytes(50_000_000)}), "snapshot-too-large")


def test_the_only_validator_takes_its_operators_word(tmp_path: Path) -> None:
    make_network(tmp_path / "four", 4)
    with running_network(tmp_path / "n") as network, network.client("north.member1") as client:
        node = place(network, NORTH)
        issue(client, "A-0")
        commands.succeeds("node", "backup", node, tmp_path / "b.zip")
        lose(network, NORTH)
        commands.succeeds("node", "restore", node, tmp_path / "b.zip")
        network.restart(NORTH)
        assert client.get("/v1/consensus")["votes_here"] is False
        assert "database-in-use" in commands.run("node", "mark", node).stderr
        network.kill(NORTH)
        commands.succeeds("node", "mark", node)
        network.restart(NORTH)
        client.call(Asset.transfer, number="A-0", to="north.admin")
    commands.fails(2, "not-sole-validator", "node", "mark", tmp_path / "four" / NODE)


def test_commands_copy_and_prune_a_node(tmp_path: Path) -> None:
    """A lab in which a second machine begins with the first one's state, and takes its backup in a directory of its own."""
    files, snapshot, backup = tmp_path / "n", tmp_path / "s.gz", tmp_path / "b.zip"
    with running_network(files) as network, network.client("north.member1") as client:
        issue(client, *(f"A-{number}" for number in range(3)))
        network.set_clock(int(client.node()["clock"]) + 11 * MINUTE_MS)
        last = issue(client, "A-3").height
        node = place(network, NORTH)
        assert f" {last}" in commands.succeeds("node", "snapshot", node, snapshot)
        assert f" {last}" in commands.succeeds("node", "backup", node, backup)
        commands.fails(2, "", "node", "snapshot", node, snapshot)
        assert "database-in-use" in commands.run("node", "prune", node, "--keep", "1").stderr
    if os.name != "nt":
        assert {path.stat().st_mode & 0o777 for path in (snapshot, backup)} == {0o600}
    options: tuple[str | Path, ...] = ("--member", NORTH, "--key", files / "keys" / f"{NORTH}.key")
    options = (*options, "--genesis", files / "genesis.json", "--network", files / "network.json")
    commands.succeeds("node", "init", tmp_path / "joined", *options, "--snapshot", snapshot)
    assert not has_voting_mark(tmp_path / "joined")
    assert read_node_settings(tmp_path / "joined").member == NORTH
    commands.fails(2, "", "node", "restore", tmp_path / "restored", backup)
    assert f"height {last}" in commands.succeeds("node", "restore", tmp_path / "restored", backup, *options)
    commands.fails(1, "broken-snapshot", "node", "init", tmp_path / "broken", *options, "--snapshot", files / "genesis.json")
    commands.fails(2, "", "node", "prune", node)
    pruned = commands.answer("node", "prune", node, "--before", str(last + 1), "--json")
    assert 3 <= pruned["pruned"] < pruned["asked"] == last
    with network:
        commands.fails(1, "pruned", "export", tmp_path / "x.jsonl", "--dir", files)


def test_a_damaged_file_is_no_snapshot_and_leaves_no_database(tmp_path: Path) -> None:
    whole_file, new = tmp_path / "state.gz", tmp_path / "new"
    with running_network(tmp_path / "n") as network, network.client("north.member1") as client:
        issue(client, "A-0")
        write_snapshot(place(network, NORTH), whole_file)
    whole, genesis = whole_file.read_bytes(), read_node_settings(tmp_path / "n" / NODE).genesis
    lines = gzip.decompress(whole)
    damaged = {
        "cut": whole[:-20],
        "not packed": lines,
        "a bit": whole[:-6] + bytes([whole[-6] ^ 1]) + whole[-5:],
        "a value": gzip.compress(lines.replace(b'"version":0', b'"version":1')),
        "empty": b"",
    }
    new.mkdir()
    for name, data in damaged.items():
        (tmp_path / name).write_bytes(data)
        assert refusal(VerificationError, join, tmp_path / name, new, genesis).code == "broken-snapshot", name
        assert list(new.iterdir()) == [], name
    assert refusal(TallystickError, join, tmp_path / "nowhere", new, genesis).code == "missing-file"
    assert refusal(TallystickError, join, whole_file, tmp_path / "n" / NODE, genesis).code == "already-a-node"
    write_voting_mark(new, genesis.ledger)
    join(whole_file, new, genesis)
    assert [path.name for path in new.iterdir()] == [DATABASE]
    with reading(new / DATABASE) as reader:
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
        issue(client, "A-0")
        write_snapshot(place(network, NORTH), tmp_path / "state.gz")
        write_backup(place(network, NORTH), NORTH, tmp_path / "backup.zip")
    monkeypatch.setattr("nodes.storage.sqlite.SqliteStore", FullAtTheEnd)
    genesis, new = read_node_settings(tmp_path / NODE).genesis, tmp_path / "new"
    new.mkdir()
    assert refusal(TallystickError, join, tmp_path / "state.gz", new, genesis).code == "disk-full"
    assert refusal(TallystickError, restore_backup, tmp_path / "backup.zip", new, genesis, NORTH).code == "disk-full"
    assert list(new.iterdir()) == []
