"""What an exercise reads and acts through: the ledger, the log and the control of one running lab, and a folder of files.

It knows the lab only by its directory, so it is the same inside the process that runs the lab and outside of it.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ledger.audit.exported import parse_exported_block
from ledger.block import Header
from ledger.encoding import decode_object
from ledger.errors import BusyError, IndefiniteError, JsonValue
from ledger.transaction import Transaction
from nodes.client import Client, LocalMember
from nodes.lab.feed import HELD_BACK_MS
from nodes.lab.lab import FILES
from nodes.lab.remote import RemoteControl
from nodes.network.directory import client_of, load_member
from nodes.sample_contract import Asset
from nodes.simulator.chance import Chance

RECORDS_MAX = 1_000
LOG_SECONDS = 1.5 * HELD_BACK_MS / 1000


@dataclass(frozen=True, slots=True)
class Standing:
    """A transaction as it stands on the ledger."""

    transaction: Transaction
    receipt: Mapping[str, Any]
    """As in the export: `outcome`, `code`, `details`, `events`."""
    header: Header
    """Of its block."""
    position: int

    @property
    def is_committed(self) -> bool:
        """Whether it took effect."""
        return bool(self.receipt["outcome"] == "committed")

    def asks(self, operation: str, *signers: str, **arguments: JsonValue) -> bool:
        """Whether it is this call, such as `asset.issue`, with at least these arguments; by these signers, if any are named."""
        own = self.transaction
        is_operation = f"{own.contract}.{own.operation}" == operation and (not signers or own.signers == signers)
        return is_operation and arguments.items() <= own.arguments.items()


@dataclass(frozen=True)
class Room:
    """The lab of one group while it does an exercise. A new one is made for each start and each check."""

    directory: Path
    """Of the network."""
    seed: int
    """Of this start: what differs between groups follows from it."""

    @cached_property
    def control(self) -> RemoteControl:
        """Acts on nodes as the page does."""
        return RemoteControl(self.directory)

    @property
    def files(self) -> Path:
        """The participant's files."""
        folder = self.directory / FILES
        folder.mkdir(exist_ok=True)
        return folder

    def chance(self) -> Chance:
        """Draws by the seed, from its beginning."""
        return Chance(self.seed)

    def client(self, member: str | None = None, node: str | None = None) -> Client:
        """A client of the nodes that run, or of the one named; signs as a member if one is given. The caller closes it.

        Raises BusyError `no-node-runs` where none runs.
        """
        return client_of(self.directory, *([node] if node is not None else self.asked()), member=member)

    def asked(self) -> list[str]:
        """Members whose nodes run now; raises BusyError `no-node-runs`."""
        running = [node["member"] for node in self.control.get("/network")["nodes"] if node["running"]]
        if not running:  # check: room-without-node
            raise BusyError("no-node-runs", "No node of this lab runs: start one.", status=503)
        return running

    def member(self, name: str) -> LocalMember:
        """A member with its key: a lab holds all of them."""
        return load_member(self.directory, name)

    def issue(self, holders: Mapping[str, str]) -> None:
        """Assets for their holders, by number: each holder signs its own, which has a block of its own."""
        with self.client() as client:
            for number, holder in holders.items():
                client.call(Asset.issue, signers=[self.member(holder)], number=number, to=holder)

    def export(self) -> list[bytes]:
        """The ledger's lines as a node that runs hands them out."""
        *others, last = self.asked()
        for name in others:
            try:
                return self._export(name)
            except IndefiniteError:  # it was stopped a moment ago
                continue
        return self._export(last)

    def _export(self, node: str) -> list[bytes]:
        with self.client(node=node) as client:
            return [line.rstrip(b"\n") for line in client.export()]

    def standings(self) -> list[Standing]:
        """Every transaction on the ledger, in its order."""
        blocks = map(parse_exported_block, self.export()[1:])
        return [
            Standing(transaction, decode_object(receipt.raw), block.header, position)
            for block in blocks
            for position, (transaction, receipt) in enumerate(zip(block.transactions, block.receipts, strict=True))
        ]

    def log(self) -> list[dict[str, Any]]:
        """What all nodes wrote down since the lab was last taken back, in order of time; see `GET /log` of the control."""
        time.sleep(LOG_SECONDS)  # the control holds back the newest for a moment: what is written by now shall be in it
        return self.written()

    def written(self) -> list[dict[str, Any]]:
        """The same without the newest."""
        records: list[dict[str, Any]] = []
        after = 0
        while True:
            page = self.control.get("/log", after=after, limit=RECORDS_MAX)
            records += page["records"]
            if not page["records"] or page["next"] == after:
                return records
            after = page["next"]
