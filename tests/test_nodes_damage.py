"""Rows of a node's database are damaged one at a time: at the start, in commands and while it runs it says so, with its code."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from shutil import copyfile

import pytest

from ledger.chain.tables import GENESIS, HEAD, META
from ledger.errors import StorageError
from ledger.identity.records import Parameters
from nodes.app import transactions
from nodes.network.in_process import InProcessNetwork
from nodes.network.local import LocalNetwork
from nodes.network.specification import seeded_keys
from nodes.node.files import DATABASE, OUTPUT
from nodes.sample_contract import Asset
from nodes.storage.sqlite import row_key
from tests.commands import fails
from tests.http_support import Answer, asked
from tests.network_support import NODE, issue, specification

ROWS_A_TABLE = 4
DAMAGED = "database-damaged"
CHANGES = (
    "UPDATE rows SET value = CAST(x'01' || substr(value, 2) AS BLOB) WHERE key = ? AND substr(value, 1, 1) <> x'01'",
    "UPDATE rows SET value = substr(value, 1, length(value) / 2) WHERE key = ?",
)
"""A byte of another value, and what is left of a row that was cut."""


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A network of one node that stands still, with some blocks."""
    directory = tmp_path_factory.mktemp("damage") / "n"
    still = replace(specification(), parameters=Parameters(heartbeat_interval_ms=0))  # no further block, however long it takes
    network = InProcessNetwork.create(directory, still, keys=seeded_keys(1))
    with network, network.client("north.member1") as client:
        issue(client, *(f"A-{number}" for number in range(3)))
        client.call(Asset.transfer, number="A-1", to="north.admin")
    copyfile(directory / NODE / DATABASE, directory / "whole")
    yield directory
    copyfile(directory / "whole", directory / NODE / DATABASE)


def rows(directory: Path) -> list[bytes]:
    """Some rows of each table, all of the small ones."""
    with closing(sqlite3.connect(directory / "whole")) as connection:
        keys = [key for (key,) in connection.execute("SELECT key FROM rows WHERE length(value) > 4 ORDER BY key")]
    chosen: dict[bytes, list[bytes]] = {}
    for key in keys:
        chosen.setdefault(key.partition(b"\x00")[0], []).append(key)
    return [key for found in chosen.values() for key in (found if len(found) <= 6 else found[:: len(found) // ROWS_A_TABLE])]


@contextmanager
def damaged(directory: Path, row: bytes, change: str) -> Iterator[Path]:
    """The node's directory while one row of its database is another."""
    database = directory / NODE / DATABASE
    copyfile(directory / "whole", database)
    with closing(sqlite3.connect(database)) as connection, connection:
        assert connection.execute(change, (row,)).rowcount == 1
    try:
        yield directory / NODE
    finally:
        copyfile(directory / "whole", database)


def paths(network: LocalNetwork) -> list[str]:
    """What a reader may ask for."""
    with network.client("north.member1") as client:
        transactions = [row["transaction"] for row in client.get("/v1/transactions")["transactions"]]
        blocks = [row["id"] for row in client.get("/v1/blocks")["blocks"]]
    return [
        "/v1/blocks?after=0", "/v1/export", "/v1/transactions", "/v1/events", "/v1/members", "/v1/organizations",
        "/v1/validators?proof=true", "/v1/contracts", "/v1/proofs/consistency?from=1&to=3", "/v1/proofs/consistency?from=2&to=4",
        "/v1/state/asset/assets", "/v1/blocks/0",
        *(f"/v1/blocks/{block}?proof=true" for block in [1, 2, 3, 4, *blocks]),
        *(f"/v1/transactions/{name}?proof=true" for name in transactions),
        *(f"/v1/state/asset/assets/A-{number}{end}?proof=true" for number in range(4) for end in ("", "/history")),
    ]  # fmt: skip


def ask(network: LocalNetwork, path: str) -> Answer:
    """What the first node answers, without the headers that differ from answer to answer."""
    answer = asked(network.file.nodes[0].url + path)
    return replace(answer, headers={"content-type": answer.headers["content-type"]})


def start_code(network: InProcessNetwork) -> str | None:
    """Why the node does not start."""
    try:
        network.start()
    except StorageError as error:
        return error.code
    return None


def test_damage_is_told_at_the_start_or_when_it_is_met(ledger: Path, pytestconfig: pytest.Config) -> None:
    """Every answer is the one of the undamaged node, or the problem; after a problem the node is not ready, and says why.

    The rows are damaged in one way and the other by turns, with --long each in both.
    """
    network = InProcessNetwork(ledger)
    with network:
        asked = paths(network)
        honest = {path: ask(network, path) for path in asked}
    met, refused = set(), set()
    for number, row in enumerate(rows(ledger)):
        table = row.partition(b"\x00")[0].decode()
        for change in CHANGES if pytestconfig.getoption("--long") else CHANGES[number % 2 :][:1]:
            with damaged(ledger, row, change):
                if (code := start_code(network)) is not None:
                    assert code == DAMAGED, row
                    refused.add(table)
                    continue
                answers = {path: ask(network, path) for path in asked}
                wrong = {
                    path: answer
                    for path, answer in answers.items()
                    if (answer.status, answer.body) != (honest[path].status, honest[path].body)
                }
                for path, answer in wrong.items():
                    assert (answer.status, answer.code) == (503, DAMAGED), (row, path)
                if wrong:
                    met.add(table)
                    ready = ask(network, "/readyz")
                    assert ready.status == 503, row
                    assert "damaged" in ready.json["detail"], row
                network.stop()
    assert {"meta", "blocks", "state", "tree"} <= refused
    assert {"bodies", "receipts", "records", "writes", "transactions", "block_heights", "history_tree"} <= met


def test_what_was_taken_is_not_denied(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A 503 tells a client that nothing was done. Alone and in a list, what cannot be looked up is pending."""

    def fail(*_: object) -> None:
        raise StorageError(DAMAGED, "A row is damaged.")

    monkeypatch.setattr(transactions, "_status", fail)
    with InProcessNetwork(ledger) as network, network.client("north.member1") as client:
        url = network.file.nodes[0].url + "/v1/transactions?wait=1"
        alone, listed = (client.sign(Asset.bump, number="n").raw for _ in range(2))
        for body in (alone, b"[%b]" % listed):
            answer = asked(url, "POST", body)
            assert answer.status == 202
            assert b'"status":"pending"' in answer.body


@pytest.mark.parametrize("name", [HEAD, GENESIS])
def test_commands_name_the_damage(ledger: Path, tmp_path: Path, name: bytes) -> None:
    for number, change in enumerate(CHANGES):
        with damaged(ledger, row_key(META, name), change) as place:
            for command in (
                ("node", "backup", place, tmp_path / f"{number}.zip"),
                ("node", "snapshot", place, tmp_path / f"{number}.gz"),
                ("node", "prune", place, "--keep", "1"),
                ("node", "mark", place),
                ("network", "snapshot", tmp_path / f"{number}.lab", "--dir", ledger),
            ):
                fails(2, DAMAGED, *command)


def test_a_node_and_a_network_do_not_start_and_say_why(ledger: Path, no_process_left: None) -> None:
    with damaged(ledger, row_key(META, HEAD), CHANGES[1]) as place:
        for command in (("node", "run", place), ("network", "up", "--dir", ledger)):
            fails(2, DAMAGED, *command)
        assert "Traceback" not in (place / OUTPUT).read_text()


def test_no_backup_is_made_of_a_damaged_database(ledger: Path, tmp_path: Path) -> None:
    """Wherever it is damaged, since a backup is for the day on which it is needed."""
    for row in rows(ledger):
        with damaged(ledger, row, CHANGES[1]) as place:
            errors = fails(2, DAMAGED, "node", "backup", place, tmp_path / "b.zip").stderr
            assert ".tallystick-" not in errors  # what is named is the node's file, not a copy that is gone again
            assert not (tmp_path / "b.zip").exists()
