"""What an exercise reads and acts through: the ledger, the log and the control of one running lab, and a folder of work.

It knows the lab by its directory alone, so it is the same inside the process that runs the lab and outside of it.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from ledger.block import Header
from ledger.chain.exported import parse_exported_block
from ledger.encoding import decode_object, encode
from ledger.errors import BusyError, IndefiniteError, JsonValue, OperatorError
from ledger.transaction import Transaction
from nodes.client import Client, LocalMember
from nodes.client.outcome import error_of
from nodes.key_files import read_key
from nodes.network_directory import read_network, reader_tls
from nodes.node_files import CONTROL_FILE, GENESIS_FILE, KEYS, LAB_TOKEN, read_secret
from nodes.simulator.chance import Chance

WORK = "work"
"""Folder of a network's directory that belongs to whoever does the exercise."""
ANSWER_SECONDS_MAX = 120
JOB_SECONDS_MAX = 120
POLL_SECONDS = 0.05
RECORDS_MAX = 1_000


class Control:
    """The control of a running lab, reached by what it leaves in the network's directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def get(self, path: str, **query: str | int) -> Any:
        """The answer to a look, such as `get("/network")`; raises the error that a problem tells of."""
        return self._ask("GET", path + (f"?{urlencode(query)}" if query else ""), None)

    def post(self, path: str, body: Mapping[str, JsonValue] | None = None) -> dict[str, Any]:
        """The answer to an order."""
        answer: dict[str, Any] = self._ask("POST", path, encode(dict(body or {})))
        return answer

    def order(self, path: str, body: Mapping[str, JsonValue] | None = None, seconds: float = JOB_SECONDS_MAX) -> None:
        """Posts an order and waits until its job is done; raises OperatorError with the job's own code when it failed.

        Never to be called by the worker of the queue, for which the job would wait.
        """
        job = self.post(path, body)["job"]
        deadline = time.monotonic() + seconds
        while job["state"] not in ("done", "failed"):
            if time.monotonic() > deadline:
                raise IndefiniteError("not-final", f"The lab has not ended `{job['what']}` within {seconds:.0f} s.")
            time.sleep(POLL_SECONDS)
            job = self.get(f"/jobs/{job['number']}")
        if job["state"] == "failed":
            raise OperatorError(job["code"], job["message"])

    def _ask(self, method: str, path: str, body: bytes | None) -> Any:
        """Raises OperatorError `lab-not-running` where nobody listens."""
        try:
            address = urlsplit(json.loads((self._directory / CONTROL_FILE).read_bytes())["url"])
            connection = HTTPConnection(address.hostname or "", address.port, timeout=ANSWER_SECONDS_MAX)
            try:
                headers = {"Authorization": f"Bearer {read_secret(self._directory / LAB_TOKEN)}"}
                connection.request(method, path, body, headers)
                response = connection.getresponse()
                answer = json.loads(response.read())
            finally:
                connection.close()
        except (OSError, HTTPException, ValueError, KeyError) as error:
            message = f"The lab in {self._directory} does not run; `tallystick lab start 1 --dir {self._directory}` starts it."
            raise OperatorError("lab-not-running", message) from error
        if response.status >= 400:
            raise error_of(answer, response.headers.get("retry-after"))
        return answer


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


@dataclass(frozen=True)
class Room:
    """The lab of one group while it does an exercise. A new one is made for each start and each check."""

    directory: Path
    """Of the network."""
    seed: int
    """Of this start: what differs between groups follows from it."""

    @cached_property
    def control(self) -> Control:
        """Acts on nodes as the page does."""
        return Control(self.directory)

    @property
    def work(self) -> Path:
        """The participant's files."""
        folder = self.directory / WORK
        folder.mkdir(exist_ok=True)
        return folder

    def chance(self) -> Chance:
        """Draws by the seed, from its beginning."""
        return Chance(self.seed)

    def running(self) -> list[str]:
        """Members whose nodes run now."""
        return [node["member"] for node in self.control.get("/network")["nodes"] if node["running"]]

    def client(self, member: str | None = None, node: str | None = None) -> Client:
        """A client of the nodes that run, or of the one named; signs as a member if one is given. Whoever asks closes it.

        Raises BusyError `no-node-runs` where none runs.
        """
        urls = read_network(self.directory).urls()
        asked = [node] if node is not None else self.running()
        if not asked:
            raise BusyError("no-node-runs", "No node of this lab runs: start one.", status=503)
        signer = None if member is None else self.member(member)
        contexts = {urls[name]: reader_tls(self.directory, name) for name in asked}
        return Client(
            {name: urls[name] for name in asked},
            member=signer,
            reader=signer or self.member(asked[0]),
            genesis=(self.directory / GENESIS_FILE).read_bytes(),
            tls={url: context for url, context in contexts.items() if context is not None} or None,
        )

    def member(self, name: str) -> LocalMember:
        """A member with its key: a lab holds all of them."""
        return LocalMember(name, read_key(self.directory / KEYS / f"{name}.key"))

    def export(self, node: str | None = None) -> list[bytes]:
        """The ledger's lines as a node that runs, or the one named, hands them out."""
        with self.client(node=node) as client:
            return [line.rstrip(b"\n") for line in client.export()]

    def standings(self, node: str | None = None) -> list[Standing]:
        """Every transaction on the ledger, in its order."""
        blocks = map(parse_exported_block, self.export(node)[1:])
        return [
            Standing(transaction, decode_object(receipt.raw), block.header, position)
            for block in blocks
            for position, (transaction, receipt) in enumerate(zip(block.transactions, block.receipts, strict=True))
        ]

    def log(self) -> list[dict[str, Any]]:
        """What all nodes wrote down since the lab was last taken back, in order of time; see `GET /log` of the control."""
        records: list[dict[str, Any]] = []
        after = 0
        while True:
            page = self.control.get("/log", after=after, limit=RECORDS_MAX)
            records += page["records"]
            if not page["records"] or page["next"] == after:
                return records
            after = page["next"]
