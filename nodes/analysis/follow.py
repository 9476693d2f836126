"""`tallystick follow`: verifies each block that a node gives, and writes it into PostgreSQL.

The source is the export: the lines above the height that the database has, as one answer, and a wait at the node for the next
block once there is no more. Every line is audited like one of a file before anything of it is written. There is one request at
a time, and it holds nothing at the node while PostgreSQL is slow.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ledger.audit.audit import Auditor
from ledger.audit.exported import ExportedBlock
from ledger.block import Header
from ledger.errors import (
    BusyError,
    IndefiniteError,
    MalformedError,
    OperatorError,
    StorageError,
    TallystickError,
    VerificationError,
)
from ledger.genesis import Genesis
from ledger.verify.verdict import BrokenRuleError
from nodes.analysis.follow_database import FollowedDatabase, follow_database
from nodes.analysis.tables import TableRows, add_rows
from nodes.client import Client

TRANSACTIONS_A_WRITE = 2_000
WRITE_S = 1.0
"""While it catches up, so many transactions, or what came in this time, are written at once; near the head what came."""
WAIT_S = 10
"""How long the node waits for the next block before it answers that there is none."""
PAUSE_S, PAUSE_MAX_S = 0.5, 30.0
"""After the first failure, doubled after each further one; the longest."""
SECOND_TRIES = 7
"""So often a follower that lost its session asks for the lock, which the server may hold for the lost one, for a minute."""
LOOK_S = 1.0
"""Between two looks at how far the node is."""
MS_PER_S = 1_000


@dataclass(frozen=True, slots=True)
class FollowProgress:
    """How far a follower is."""

    height: int
    behind: int
    """Blocks that the node had more when it was last asked."""
    lag_ms: int
    """From the time of the last block, by the node's clock, until it was written."""
    transactions: int
    """Written in this run."""
    seconds: float
    """Of this run."""


@dataclass(slots=True)
class _Verified:
    """Blocks that hold and are not written yet."""

    rows: TableRows = field(default_factory=dict)
    first: int = 0
    head: Header | None = None
    transactions: int = 0
    since_s: float = field(default_factory=time.monotonic)

    def add(self, block: ExportedBlock) -> None:
        """The next one."""
        add_rows(self.rows, block)
        self.first, self.head = self.first or block.header.height, block.header
        self.transactions += len(block.transactions)

    @property
    def is_full(self) -> bool:
        """Whether it is time to write."""
        return self.transactions >= TRANSACTIONS_A_WRITE or time.monotonic() - self.since_s >= WRITE_S


class Follower:
    """Keeps a schema at the head of the ledger of one node."""

    def __init__(
        self,
        client: Client,
        genesis: Genesis,
        address: str,
        schema: str,
        *,
        once: bool,
        progress: Callable[[FollowProgress], None],
        note: Callable[[str], None],
    ) -> None:
        """`once`: it ends at the node's head. `progress` is called after each write, `note` with why it waits."""
        self._client, self._genesis, self._address, self._schema, self._once = client, genesis, address, schema, once
        self._progress, self._note = progress, note
        self._stopped = threading.Event()
        self._began_s = time.monotonic()
        self._has_begun = False
        """Whether node and database have answered: what is wrong before that is for the operator to mend."""
        self._failures = self._transactions = self._node_height = 0
        self._clock_ms = self._looked_s = 0.0
        """The node's clock less this machine's monotonic one, and when that was asked."""
        self._verified = _Verified()

    def stop(self) -> None:
        """Ends `run` after the write that is under way; for a handler of signals, or another thread."""
        self._stopped.set()
        self._client.interrupt()

    def run(self) -> None:
        """Returns when it was stopped, with `once` at the node's head; raises an error of the tree that waiting does not mend."""
        while not self._stopped.is_set():
            try:
                with follow_database(self._address, self._schema, self._genesis) as database:
                    self._follow(database)
                    return
            except StorageError as error:
                self._pause(error, is_lasting=error.code in ("database-damaged", "database-changed"))
            except OperatorError as error:
                self._pause(error, is_lasting=error.code != "second-follower" or self._failures >= SECOND_TRIES)

    def _follow(self, database: FollowedDatabase) -> None:
        auditor = database.auditor()
        while not self._stopped.is_set():
            try:
                self._compare(database)
                if database.views_are_old:
                    self._make_views(database)
                while self._take(database, auditor):
                    self._failures = 0
                database.verify_held()
                self._failures = 0
                if self._once:
                    return
            except (IndefiniteError, BusyError) as error:
                if not self._stopped.is_set():
                    self._pause(error, is_lasting=False)

    def _compare(self, database: FollowedDatabase) -> None:
        """Raises unless the node serves this ledger and has the blocks that are here, as far as it has come."""
        self._client.synchronize()  # refuses another ledger
        self._look()
        height = min(self._node_height, database.height)
        if self._client.get(f"/v1/blocks/{height}").get("id") != database.block_id(height):  # check: follow-fork
            raise self._forked(height)
        self._has_begun = True
        if self._node_height < database.height:
            message = f"{self._client.url} is at height {self._node_height}, schema {self._schema} at {database.height}"
            if self._once:
                raise IndefiniteError("node-behind", f"{message}.")
            self._note(f"{message}: waiting for the node.")

    def _take(self, database: FollowedDatabase, auditor: Auditor) -> bool:
        """Verifies and writes what one answer brings; False if that was nothing."""
        height, self._verified = database.height, _Verified()
        try:
            for line in self._client.export(height, 0 if self._once else WAIT_S):
                block = auditor.feed(line)
                assert block is not None
                self._verified.add(block)
                if self._verified.is_full:
                    self._write(database)
                if self._stopped.is_set():
                    break
        except (BrokenRuleError, IndefiniteError, BusyError) as error:
            self._write(database)
            if isinstance(error, BrokenRuleError) and error.details["cause"] == "wrong-parent":
                raise self._forked(database.height) from error
            raise
        self._write(database)
        return database.height > height

    def _write(self, database: FollowedDatabase) -> None:
        """Writes what holds, if anything, once: the node may give no answer right after it."""
        verified, self._verified = self._verified, _Verified()
        if verified.head is None:
            return
        database.write(verified.rows, verified.first, verified.head)
        self._transactions += verified.transactions
        lag_ms = self._clock_ms + time.monotonic() * MS_PER_S - verified.head.time
        if database.views_are_old:
            self._make_views(database)
        if time.monotonic() - self._looked_s > LOOK_S:
            self._look()
        behind, seconds = max(0, self._node_height - database.height), time.monotonic() - self._began_s
        self._progress(FollowProgress(database.height, behind, round(lag_ms), self._transactions, round(seconds, 3)))

    def _look(self) -> None:
        """How far the node is, and what its clock says."""
        node, self._looked_s = self._client.node(), time.monotonic()
        height, clock = node.get("height"), node.get("clock")
        if not isinstance(height, int) or not isinstance(clock, int):  # check: follow-node
            raise MalformedError("bad-answer", f"{self._client.url} does not say how far it is, or what time it is.")
        self._node_height, self._clock_ms = height, clock - self._looked_s * MS_PER_S

    def _make_views(self, database: FollowedDatabase) -> None:
        try:
            kept = database.make_views(self._client.get("/v1/contracts").get("contracts", ()))
        except MalformedError:  # it is the node's word, and no part of the ledger
            database.views_are_old = False
            self._note(f"{self._client.url} describes its contracts in a form that gives no views: they stay as they were.")
            return
        if kept:
            self._note(f"Views that others stand on stay as they were, with the columns of before: {', '.join(kept)}.")

    def _pause(self, error: TallystickError, *, is_lasting: bool) -> None:
        """Waits longer each time; raises the error where that mends nothing."""
        if is_lasting or self._once or not self._has_begun:
            raise error
        seconds = min(PAUSE_MAX_S, PAUSE_S * 2**self._failures)
        self._failures += 1
        self._note(f"{error.message} [{error.code}] Trying again in {seconds:g} s.")
        self._stopped.wait(seconds)

    def _forked(self, height: int) -> VerificationError:
        message = f"{self._client.url} has another block {height} than schema {self._schema}, or another one before it."
        how = "Nothing of it was written. Two exports show who signed both: `tallystick convict`."
        return VerificationError("other-history", f"{message} {how}", height=height)
