"""A PostgreSQL schema that follows a ledger: what it holds, what is refused, and what is waited for. The database is real."""

import asyncio
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Self, TypeVar

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.audit.exported import parse_exported_block
from ledger.chain.view import ChainView
from ledger.contract import Anyone, Collection, Context, Contract, Identifier, Record, operation
from ledger.contract.contract import ContractSet
from ledger.encoding import encode
from ledger.errors import (
    IndefiniteError,
    InputError,
    JsonValue,
    MalformedError,
    OperatorError,
    PrunedError,
    StorageError,
    VerificationError,
)
from ledger.primitives import TIMESTAMP_MAX
from ledger.state.store import Batch, big_endian
from ledger.transaction import parse_transaction
from nodes.analysis import follow_database
from nodes.analysis.follow import WAIT_S, Follower, FollowProgress
from nodes.analysis.follow_database import original, original_json, shown, shown_json, time_text
from nodes.analysis.tables import POSTGRESQL, TABLES, Row, TableRows, add_rows, quoted, rows_of
from nodes.client import Client
from nodes.network.specification import default_specification
from nodes.sample_contract import Asset
from tests.http_support import SECONDS_MAX, FakeNode, serving
from tests.network_support import wait_until
from tests.postgres import Postgres, running_postgres
from tests.support import ALICE, ELSEWHERE, VALIDATORS, WEST, DecidedChain, patience_s, refusal

T = TypeVar("T")
STRANGE = "zero \0, shown ␀, escape ␛, both ␛␀, \\u0000 in letters, tab\t\n\\. 中"
NEWEST = 1 + len(follow_database.MIGRATIONS)
NUMBERS = count(1)
EPOCH, MS = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodes.analysis.follow.PAUSE_S", 0.01)
    monkeypatch.setattr("nodes.analysis.follow_database.LOCK_WAIT_MS", 500)


class Slip(Record):
    """Any text."""

    text: str
    tags: tuple[str, ...] = ()


class Slips(Contract):
    """Slips of paper, which may be thrown away."""

    name = "slips"
    slips = Collection(Slip)
    refusals = {}

    @operation(signed_by=Anyone())
    def write(self, context: Context, number: Identifier, text: str) -> None:
        """Writes a slip, or over one."""
        self.slips[number] = Slip(text=text, tags=(text, "b"))
        context.emit("written", number=number, text=text)

    @operation(signed_by=Anyone())
    def drop(self, context: Context, number: Identifier) -> None:
        """Throws one away."""
        del self.slips[number]


class LaterSlip(Record):
    """The same with other fields."""

    text: str
    is_urgent: bool = False


class LaterSlips(Contract):
    """What a node describes once it has a later version."""

    name = "slips"
    slips = Collection(LaterSlip)
    refusals = {}


MODULES = (("asset", "nodes.sample_contract:Asset"), ("slips", "tests.test_nodes_analysis_follow:Slips"))


def decided() -> DecidedChain:
    """The same ledger each time, without a block."""
    specification = replace(default_specification(members_each=1), contracts=MODULES)
    return DecidedChain(specification, ContractSet({"asset": Asset, "slips": Slips}))


class Served:
    """A node without consensus that answers over HTTP, in an event loop of its own."""

    def __init__(self, chain: DecidedChain | None = None) -> None:
        self.node = FakeNode(chain or decided())
        self.genesis = self.node.decided.chain.genesis
        self.asked: list[str] = []
        self.is_broken = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._ended = asyncio.Event()

    def write(self, number: str, text: str = "x") -> None:
        """A block with a slip."""
        self.do(lambda: self.node.commit(ALICE, "slips", "write", number=number, text=text))

    def do(self, action: Callable[[], T]) -> T:
        """Something at the node, in its event loop."""

        async def act() -> T:
            return action()

        return asyncio.run_coroutine_threadsafe(act(), self._loop).result(SECONDS_MAX)

    def client(self) -> Client:
        return Client(self.url, genesis=self.genesis.encode())

    def __enter__(self) -> Self:
        async def noted(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                self.asked.append(f"{scope['path']}?{scope['query_string'].decode()}")
                assert not self.is_broken
            await self.node.app(scope, receive, send)

        async def serve() -> None:
            async with serving(noted) as port:
                self.url = f"http://127.0.0.1:{port}"
                is_up.set()
                await self._ended.wait()

        is_up = threading.Event()
        self._thread.start()
        self._serving = asyncio.run_coroutine_threadsafe(serve(), self._loop)
        assert is_up.wait(SECONDS_MAX)
        return self

    def __exit__(self, *_: object) -> None:
        self.do(self.node.published.close)
        self.do(self._ended.set)
        self._serving.result(SECONDS_MAX)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture
def url(server: Postgres) -> str:
    """Of an empty database."""
    return server.create_database(f"books{next(NUMBERS)}")


@pytest.fixture
def served() -> Iterator[Served]:
    with Served() as served:
        served.write("S-1", STRANGE)
        served.write("S-1", "again")
        served.write("S-2", STRANGE)
        served.do(lambda: served.node.issue("A-1", "A-1", "A-2"))
        served.do(lambda: served.node.commit(ALICE, "slips", "drop", number="S-1"))
        yield served


def follow(served: Served, url: str, schema: str = "tallystick") -> FollowProgress | None:
    """Follows to the head; the last progress."""
    told: list[FollowProgress] = []
    with served.client() as client:
        Follower(client, served.genesis, url, schema, once=True, progress=told.append, note=refuse_note).run()
    return told[-1] if told else None


def refuse_note(message: str) -> None:
    pytest.fail(message)


class Following:
    """A follower that goes on in another thread, until the end of the test or of itself."""

    def __init__(self, served: Served, url: str) -> None:
        self.notes: list[str] = []
        self.error: BaseException | None = None
        self._served, self._client = served, served.client()
        told: Any = {"progress": lambda _: None, "note": self.notes.append}
        self._follower = Follower(self._client, served.genesis, url, "tallystick", once=False, **told)
        self._thread = threading.Thread(target=self._run)

    def waits_above(self, height: int) -> None:
        """Returns once it waits at the node for a block above that height."""
        wait = f"/v1/export?after={height}&wait={WAIT_S}"
        wait_until(lambda: self._served.asked[-1:] == [wait] or not self._thread.is_alive(), f"a wait above {height}")
        assert self.error is None

    def end(self) -> BaseException | None:
        """Waits until it ends by itself; the error, which the test has taken note of."""
        self._thread.join(patience_s())
        assert not self._thread.is_alive()
        error, self.error = self.error, None
        return error

    def _run(self) -> None:
        try:
            self._follower.run()
        except BaseException as error:  # shown by the test
            self.error = error

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._follower.stop()
        self._thread.join(SECONDS_MAX)
        self._client.close()
        assert not self._thread.is_alive()
        assert self.error is None, self.notes


def query(url: str, statement: str, *parameters: object) -> list[Any]:
    with psycopg.connect(url, autocommit=True, options="-c search_path=tallystick") as connection:
        cursor = connection.execute(statement.encode(), parameters)
        return [] if cursor.description is None else cursor.fetchall()


def height_of(url: str) -> int:
    return int(query(url, "SELECT height FROM ledger")[0][0])


def content(url: str, schema: str = "tallystick") -> dict[str, list[Row]]:
    """Every table, as text, in the order of its key."""
    return {name: query(url, f"SELECT t::text FROM {schema}.{name} t ORDER BY {key_of(name)}") for name in TABLES}


def key_of(name: str) -> str:
    return ", ".join(map(quoted, TABLES[name].names[: TABLES[name].key]))


def expected(served: Served) -> TableRows:
    """The rows of every part of the export: what `state` holds at last, and all else one after another."""
    rows = rows_of(served.genesis)
    for line in list(served.node.decided.view.export())[1:]:
        add_rows(rows, parse_exported_block(line))
    state = {row[:3]: row for row in rows["state"]}
    return {**rows, "state": [state[key] for key in sorted(state) if state[key][-1] is not None]}


def neutral(url: str, name: str) -> list[Row]:
    """A table as PostgreSQL has it, cell by cell turned back into what it was made of."""
    table = TABLES[name]
    found = query(url, f"SELECT {', '.join(map(quoted, table.names))} FROM {name} ORDER BY {key_of(name)}")
    return [tuple(back(cell, column) for cell, column in zip(row, table.columns, strict=True)) for row in found]


def back(cell: Any, column: Any) -> Any:
    if cell is None or column.is_canonical:
        return cell
    if column.kind == "json":
        return encode(json.loads(original_json(json.dumps(cell, ensure_ascii=False)))).decode()
    if column.kind == "time":
        return (cell - EPOCH) // MS
    return original(cell) if column.kind == "text" else cell


def test_the_tables_are_those_of_the_export_cell_by_cell(served: Served, url: str) -> None:
    progress = follow(served, url)
    assert progress is not None
    assert (progress.height, progress.behind, progress.transactions) == (5, 0, 7)
    for name, rows in expected(served).items():
        assert rows, name
        assert neutral(url, name) == rows, name
    (head,) = query(url, "SELECT height, block, state_root, ledger FROM ledger")
    header = served.node.decided.view.header(5)
    assert head == (5, header.id, header.state_root, served.genesis.ledger)
    assert follow(served, url) is None, "nothing is left to do"


def test_a_zero_character_is_shown_and_the_ledgers_bytes_stay(served: Served, url: str) -> None:
    follow(served, url)
    text = "zero ␀, shown ␛␀, escape ␛␛, both ␛␛␛␀, \\u0000 in letters, tab\t\n\\. 中"
    assert query(url, "SELECT arguments ->> 'text' FROM transactions WHERE height = 1") == [(text,)]
    assert query(url, "SELECT data ->> 'text' FROM events WHERE height = 1") == [(text,)]
    assert query(url, "SELECT text, tags FROM slips_slips") == [(text, [text, "b"])]
    envelope = served.node.decided.view.envelopes(1)[0]
    assert b"\\u0000" in envelope
    assert query(url, "SELECT envelope FROM transactions WHERE height = 1") == [(envelope.decode(),)]
    assert query(url, "SELECT key, is_deleted FROM slips_slips_history WHERE height = 5") == [("S-1", True)]


@given(st.text(st.sampled_from('\0␀␛\\u0"a\n中')))
def test_what_is_shown_can_be_turned_back(text: str) -> None:
    assert "\0" not in shown(text)
    assert original(shown(text)) == text
    value: JsonValue = {"a": [text], "b": text}
    json_text = encode(value).decode()
    assert "\\u0000" not in shown_json(json_text).replace("\\\\", "")
    assert json.loads(shown_json(json_text)) == {"a": [shown(text)], "b": shown(text)}
    assert encode(json.loads(original_json(shown_json(json_text)))).decode() == json_text


def test_every_moment_of_the_ledger_is_one_of_postgresql(server: Postgres) -> None:
    for time_ms in (0, 1, 951_782_400_000, 253_402_300_799_999, 253_402_300_800_000, TIMESTAMP_MAX):
        found = server.execute(f"SELECT (extract(epoch FROM '{time_text(time_ms)}'::timestamptz) * 1000)::bigint")
        assert found == [(time_ms,)]


def test_new_blocks_come_at_once_and_a_node_without_news_is_asked_nothing(served: Served, url: str) -> None:
    with Following(served, url) as following:
        following.waits_above(5)
        for number in range(6, 16):
            served.write(f"S-{number}")
            following.waits_above(number)
            assert height_of(url) == number
        assert sum(path.startswith("/v1/export") for path in served.asked) == 12, "one for what there was, one for each block"
    assert following.notes == []
    assert neutral(url, "history") == expected(served)["history"]


def test_a_follower_goes_on_where_another_ended_also_over_a_change_of_validators(served: Served, url: str) -> None:
    for number in range(3, 10):
        follow(served, url)
        served.write(f"S-{number}")
        if number == 6:
            served.do(lambda: served.node.decided.govern("g-1", kind="remove-validator", member=WEST))
            served.do(lambda: served.node.published.set(served.node.decided.chain.height))
    follow(served, url)
    follow(served, url, "fresh")
    assert query(url, "SELECT count(DISTINCT validators) FROM blocks") == [(2,)]
    assert content(url) == content(url, "fresh")


def test_a_transaction_that_the_schema_holds_is_not_admitted_again_after_a_start(served: Served, url: str) -> None:
    follow(served, url)
    chain = served.node.decided
    again = parse_transaction(chain.view.envelopes(5)[0])
    chain.chain.is_known = lambda transaction: False  # type: ignore[method-assign]  # what a quorum of traitors would do
    served.do(lambda: chain.decide(again))
    refused = refusal(VerificationError, follow, served, url)
    assert (refused.details["rule"], refused.details["height"]) == ("admission", 6)


def test_a_cell_of_the_state_that_somebody_changed_is_noticed(served: Served, url: str) -> None:
    follow(served, url)
    query(url, "UPDATE state SET value = jsonb_set(value, '{text}', '\"forged\"') WHERE key = 'S-2'")
    assert refusal(StorageError, follow, served, url).code == "database-damaged"


def test_a_program_that_moves_the_height_is_noticed(served: Served, url: str) -> None:
    with Following(served, url) as following:
        following.waits_above(5)
        query(url, "UPDATE ledger SET height = 6")
        served.write("S-6")
        error = following.end()
    assert isinstance(error, StorageError)
    assert error.code == "database-changed"
    assert query(url, "SELECT max(height) FROM blocks") == [(5,)]


def test_a_block_that_does_not_hold_is_not_written_and_those_before_it_are(
    served: Served, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = ChainView.export_block

    def lie(view: ChainView, height: int) -> bytes:
        line = honest(view, height)
        return line.replace(b'"outcome":"rejected"', b'"outcome":"committed"') if height == 4 else line

    monkeypatch.setattr(ChainView, "export_block", lie)
    broken = refusal(VerificationError, follow, served, url)
    assert (broken.code, broken.details["rule"], broken.details["height"]) == ("broken-export", "receipts", 4)
    assert height_of(url) == 3
    assert query(url, "SELECT array_agg(height ORDER BY height) FROM transactions") == [([1, 2, 3],)]


@pytest.mark.parametrize("height", [1, 8])
def test_another_history_of_the_same_ledger_is_refused(served: Served, url: str, height: int) -> None:
    follow(served, url)
    before = content(url)
    with Served() as other:
        for number in range(height):
            other.write(f"O-{number}")
        assert refusal(VerificationError, follow, other, url).code == "other-history"
    assert content(url) == before


def test_a_block_above_that_stands_on_another_one_is_refused(served: Served, url: str) -> None:
    with Served() as other, Following(served, url) as following:
        for number in range(8):
            other.write(f"O-{number}")
        following.waits_above(5)
        served.node.decided = other.node.decided
        served.do(lambda: served.node.published.set(8))
        error = following.end()
    assert isinstance(error, VerificationError)
    assert error.code == "other-history"
    assert height_of(url) == 5


def test_a_node_behind_the_schema_is_waited_for(served: Served, url: str) -> None:
    follow(served, url)
    whole = served.node.decided
    shorter = decided()
    for height in range(1, 4):
        header = whole.view.header(height)
        transactions = [parse_transaction(raw) for raw in whole.view.envelopes(height)]
        candidate = shorter.chain.check(header, transactions, lambda _: False)
        shorter.append(candidate, whole.view.record(height))
    served.node.decided = shorter
    assert refusal(IndefiniteError, follow, served, url).code == "node-behind"
    with Following(served, url) as following:
        following.waits_above(5)
        assert [note for note in following.notes if "waiting for the node" in note]
        served.node.decided = whole
        served.write("S-6")
        following.waits_above(6)
    assert height_of(url) == 6


def test_a_pruned_node_cannot_begin_a_schema(served: Served, url: str) -> None:
    served.node.decided.store.commit(Batch({("meta", b"pruned"): big_endian(2)}))
    assert refusal(PrunedError, follow, served, url).code == "pruned"


def test_a_schema_of_another_genesis_and_a_node_of_another_ledger_are_refused(served: Served, url: str) -> None:
    follow(served, url)
    before = content(url)
    with Served(DecidedChain(ELSEWHERE)) as other:
        refused = refusal(OperatorError, follow, other, url)
        assert refused.code == "other-ledger"
        assert served.genesis.ledger in refused.message
        assert other.genesis.ledger in refused.message
        other.genesis = served.genesis
        assert refusal(InputError, follow, other, url).code == "wrong-ledger"
    assert content(url) == before


def test_a_second_follower_is_refused_and_one_of_another_schema_is_not(served: Served, url: str) -> None:
    with Following(served, url) as following:
        following.waits_above(5)
        refused = refusal(OperatorError, follow, served, url)
        assert refused.code == "second-follower"
        assert "server process" in refused.message
        follow(served, url, "another")
    follow(served, url)


def test_a_follower_that_lost_its_session_notices_and_gives_way(served: Served, url: str) -> None:
    with Following(served, url) as following, psycopg.connect(url, autocommit=True) as other:
        following.waits_above(5)
        lose_session(url)
        other.execute("SELECT pg_advisory_lock(hashtextextended('tallystick follow tallystick', 0))")
        served.write("S-6")
        error = following.end()
        assert height_of(url) == 5
    assert "[database-unreachable]" in following.notes[0]
    assert isinstance(error, OperatorError)
    assert error.code == "second-follower"


def lose_session(url: str) -> None:
    session = "application_name = 'tallystick follow' AND datname = current_database()"
    ended = query(url, f"SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE {session}")
    assert ended == [(True,)]


def test_a_lost_session_costs_nothing(served: Served, url: str) -> None:
    with Following(served, url) as following:
        for number in range(6, 9):
            following.waits_above(number - 1)
            lose_session(url)
            served.write(f"S-{number}")
        following.waits_above(8)
        assert len(following.notes) == 3
    follow(served, url, "fresh")
    assert content(url) == content(url, "fresh")


def test_a_node_that_gives_no_answer_is_asked_again(served: Served, url: str) -> None:
    with Following(served, url) as following:
        following.waits_above(5)
        served.is_broken = True
        served.write("S-6")
        wait_until(lambda: len(following.notes) >= 2, "two tries")
        served.is_broken = False
        following.waits_above(6)
    assert "[unreachable]" in following.notes[0]
    assert height_of(url) == 6


def test_a_node_that_ends_just_after_a_write_is_asked_again(served: Served, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodes.analysis.follow.TRANSACTIONS_A_WRITE", 1)
    monkeypatch.setattr("nodes.analysis.follow.LOOK_S", 0)
    looks, honest = count(1), Follower._look

    def look(follower: Follower) -> None:
        if next(looks) == 2:  # the first comes before the first write
            raise IndefiniteError("unreachable", "The node gives no answer.")
        honest(follower)

    monkeypatch.setattr(Follower, "_look", look)
    with Following(served, url) as following:
        following.waits_above(5)
    assert ["[unreachable]" in note for note in following.notes] == [True]


def test_a_slow_database_slows_nobody_but_the_follower(served: Served, url: str) -> None:
    follow(served, url)
    with Following(served, url) as following:
        following.waits_above(5)
        with psycopg.connect(url) as holder:
            holder.execute("LOCK TABLE tallystick.state IN SHARE MODE")
            for number in range(6, 12):
                served.write(f"S-{number}")
            asked = len(served.asked)
            with served.client() as reader:
                assert reader.node()["height"] == 11
            assert len(served.asked) == asked + 1, "the follower asks nothing meanwhile"
            assert height_of(url) == 5
        following.waits_above(11)
    assert neutral(url, "state") == expected(served)["state"]


# The schema.


def test_the_form_of_the_schema_is_that_of_its_version() -> None:
    """If this fails, the tables have changed: add a migration, and the digest of the newest form."""
    form = "\n".join((*map(POSTGRESQL.create_table, TABLES.values()), *follow_database.INDEXES, follow_database.FOLLOWER))
    assert (NEWEST, hashlib.sha256(form.encode()).hexdigest()[:16]) == (1, "1c0cfece15b93ff0")


def test_a_schema_is_migrated_step_by_step_and_one_of_a_newer_program_refused(
    served: Served, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(served, url)
    steps = (
        ("ALTER TABLE transactions ADD COLUMN bytes integer", "UPDATE transactions SET bytes = octet_length(envelope)"),
        ("CREATE INDEX by_bytes ON transactions (bytes)", "SELECT 1 / 0"),
    )
    monkeypatch.setattr(follow_database, "MIGRATIONS", (*follow_database.MIGRATIONS, *steps))
    assert refusal(StorageError, follow, served, url).code == "storage-failed"
    assert query(url, "SELECT version FROM follower") == [(NEWEST + 1,)], "the first step stays done"
    assert query(url, "SELECT to_regclass('by_bytes') IS NULL AND min(bytes) > 100 FROM transactions") == [(True,)]
    monkeypatch.setattr(follow_database, "MIGRATIONS", (*follow_database.MIGRATIONS[:-1], steps[1][:1]))
    follow(served, url)
    assert query(url, "SELECT version, to_regclass('by_bytes') IS NOT NULL FROM follower") == [(NEWEST + 2, True)]
    monkeypatch.undo()
    assert refusal(OperatorError, follow, served, url).code == "newer-database"


def test_views_are_made_again_when_the_ledger_lets_another_version_of_a_contract_act(served: Served, url: str) -> None:
    with Following(served, url) as following:
        following.waits_above(5)
        assert query(url, "SELECT key, text, tags ->> 1, height FROM slips_slips") == [("S-2", shown(STRANGE), "b", 3)]
        query(url, "CREATE VIEW mine AS SELECT tags FROM slips_slips_history")
        served.node.installed = ContractSet({**served.node.installed.contracts, "slips": LaterSlips})
        chain = served.node.decided
        version: Any = {"name": "slips", "module": "elsewhere:Slips", "digest": "b" * 64}
        served.do(lambda: chain.govern("P-1", kind="approve-contract", **version))
        report: Any = {"contract": "slips", "digest": "b" * 64}
        served.do(
            lambda: chain.decide(*(chain.sign(voter, "governance", "report_installed", **report) for voter in VALIDATORS[:3]))
        )
        served.do(lambda: served.node.published.set(7))
        following.waits_above(7)
        assert query(url, "SELECT key, text, is_urgent, height FROM slips_slips") == [("S-2", shown(STRANGE), None, 3)]
    assert ["slips_slips_history" in note for note in following.notes] == [True], "a view stands on it, and it stays"
    assert len(query(url, "SELECT * FROM mine")) == 4


@pytest.mark.parametrize(
    "collection",
    [
        {"record": 7},
        {"contract": "a\0b", "name": "records", "record": {}},
        {"contract": "a", "name": "records", "record": {"properties": {f"f{n}": {} for n in range(2_000)}}},
    ],
    ids=["no record", "a name that PostgreSQL does not take", "more fields than a view has columns"],
)
def test_a_node_that_describes_no_contract_as_it_should_is_followed_all_the_same(
    served: Served, url: str, monkeypatch: pytest.MonkeyPatch, collection: dict[str, object]
) -> None:
    monkeypatch.setattr("nodes.app.who._describe", lambda *_: {"collections": [collection]})
    with Following(served, url) as following:
        following.waits_above(5)
        served.write("S-6")
        following.waits_above(6)
    assert ["gives no views" in note for note in following.notes] == [True]
    assert (height_of(url), query(url, "SELECT count(*) FROM schemas")) == (6, [(0,)])


@pytest.mark.parametrize("node", [{}, {"height": "many", "clock": 1}, {"height": 1, "clock": []}], ids=str)
def test_a_node_that_does_not_say_where_it_is_is_named(
    served: Served, url: str, monkeypatch: pytest.MonkeyPatch, node: dict[str, object]
) -> None:
    monkeypatch.setattr(Client, "node", lambda self: node)
    refused = refusal(MalformedError, follow, served, url)
    assert (refused.code, served.url in refused.message) == ("bad-answer", True)


def test_what_is_already_in_a_schema_is_not_touched(served: Served, url: str) -> None:
    query(url, "CREATE SCHEMA tallystick")
    query(url, "CREATE TABLE tallystick.blocks (mine text)")
    refused = refusal(OperatorError, follow, served, url)
    assert refused.code == "foreign-database"
    assert query(url, "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'tallystick'") == [(1,)]


PASSWORD = "s3cret-1"
WRONG_ADDRESSES = {
    "no address": ("books", "bad-database-address"),
    "an @ in the password": (f"postgresql://ana:p@{PASSWORD}@127.0.0.1/books", "bad-database-address"),
    "a % in the password": (f"postgresql://ana:%z{PASSWORD}@127.0.0.1/books", "bad-database-address"),
    "a wrong password": (f"postgresql://ana:{PASSWORD}@127.0.0.1:PORT/postgres", "database-refused"),
    "no such database": (f"postgresql://owner:{PASSWORD}@127.0.0.1:PORT/nowhere", "database-refused"),
    "nobody there": (f"postgresql://ana:{PASSWORD}@127.0.0.1:1/books", "database-unreachable"),
    "no permission": (f"postgresql://reader:{PASSWORD}@127.0.0.1:PORT/postgres", "database-permission"),
}


@pytest.mark.parametrize(("address", "code"), WRONG_ADDRESSES.values(), ids=WRONG_ADDRESSES)
def test_what_is_wrong_with_the_database_is_said_without_the_password(
    served: Served, server: Postgres, address: str, code: str
) -> None:
    if code == "database-permission":
        server.execute(f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'")
    refused = refusal(OperatorError, follow, served, address.replace("PORT", str(server.port)))
    assert refused.code == code
    assert PASSWORD not in refused.message
    assert PASSWORD not in repr(refused.__cause__)


def test_an_analyst_reads_with_one_statement_of_the_administrator(served: Served, url: str, server: Postgres) -> None:
    follow(served, url)
    query(url, f"CREATE ROLE analyst LOGIN PASSWORD '{PASSWORD}' IN ROLE pg_read_all_data")
    theirs = server.url(url.rpartition("/")[2], "analyst", PASSWORD)
    assert query(theirs, "SELECT count(*) FROM slips_slips") == [(1,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        query(theirs, "DELETE FROM state")
