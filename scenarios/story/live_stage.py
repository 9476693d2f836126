"""A stage of live nodes: everything goes over HTTP to the first node, and every clock of the lab is set."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic, monotonic_ns, sleep
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from ledger.contract import Collection
from ledger.errors import ConflictError, IndefiniteError, InputError, JsonValue, NotFoundError
from ledger.keys import PrivateKey
from ledger.transaction import Transaction
from nodes.client import Client, LocalMember
from nodes.client import Outcome as Final
from nodes.client.outcome import parse_outcome
from nodes.network.local import LocalNetwork
from nodes.node.clock import Clock
from nodes.node.files import CLOCK_OFFSET, NODES
from scenarios.client_files import ClientFiles
from scenarios.story.play import Prepared
from scenarios.story.story import Head, Outcome

WAIT_S = 30
"""The longest wait that a node takes."""
FINAL_S = 120
POLL_S = 0.05
LOG_PAGE = 500
OPENINGS = "openings"
"""Folder of the clients' openings, beside the network's keys."""


class LiveStage:
    """Plays on a network that runs and is a lab."""

    def __init__(self, network: LocalNetwork, client: Client | None = None, final_s: int = FINAL_S) -> None:
        """A client of several nodes goes on with another one where a node falls silent.

        What is not final after `final_s` seconds raises IndefiniteError.
        """
        self._final_s = final_s
        self._network = network
        self._client: Client = client or network.client()
        self._nodes: dict[str, Client] = {}
        """A client for the clock of each node."""
        self._signers: dict[str, LocalMember] = {}
        self.sent: dict[str, Transaction] = {}
        """What was signed, by transaction id."""
        self._open: tuple[Sequence[Prepared], list[Transaction]] = ((), [])
        """Calls whose end is not known, and their envelopes: tried again they are the same, so nothing happens twice."""
        self._clock_ms = 0
        self._begun_ms = self._offset_ms(network.members[0])
        self._offsets: dict[tuple[str, int], int] = {}
        """By node and time that its clock was set to: how far it is ahead of the host's from then on."""
        self.start_ms = int(self._client.get("/v1/blocks/0")["time"])
        self.files = ClientFiles(secrets.token_bytes, Path(network.directory) / OPENINGS)

    def submit(self, signers: tuple[str, ...], calls: Sequence[Prepared]) -> tuple[Outcome, ...]:
        """One POST with all calls."""
        if self._open[0] != calls:
            self._open = (calls, [self._sign(signers, call) for call in calls])
        transactions = self._open[1]
        self.sent.update((transaction.id, transaction) for transaction in transactions)
        begun_ns = monotonic_ns()
        outcomes = self._submit_all(transactions)
        final_ms = (monotonic_ns() - begun_ns) // 1_000_000
        self._open = ((), [])
        return tuple(replace(outcome, final_ms=final_ms) for outcome in outcomes)

    def submit_again(self, transaction: str) -> Outcome:
        """The same bytes once more."""
        return self._submit_one(self.sent[transaction])

    def set_clock(self, time_ms: int) -> None:
        """Sets the clock of every node that answers; one that is down learns the time when the clock is next set.

        Of several stories on one ledger the first one sets the day; the clock has moved on since, as it has where a person
        moved it in a lab.
        """
        if time_ms <= self._clock_ms:
            return
        silent = [member for member in self._network.urls if not self._set_clock_of(member, time_ms)]
        for member in silent:  # one that was just starting took its time from the others before these were set
            self._set_clock_of(member, time_ms)
        self._client.synchronize()  # raises if no node answers
        self._clock_ms = time_ms

    def _set_clock_of(self, member: str, time_ms: int) -> bool:
        """Whether the node answered."""
        if member not in self._nodes:
            self._nodes[member] = self._network.client(node=member)
        try:
            self._nodes[member].set_clock(time_ms, self._network.lab_token)
            self._offsets[member, time_ms] = self._offset_ms(member)
        except IndefiniteError:
            return False
        except ConflictError as error:
            if error.code != "clock-backward":
                raise
        return True

    def records(self, collection: Collection[Any]) -> Mapping[str, JsonValue]:
        """Every record, page by page."""
        return {key: record.model_dump(mode="json") for key, record in self._client.records(collection)}

    def head(self) -> Head:
        """The newest block of the first node."""
        block = self._client.get("/v1/blocks/latest")
        header = block.get("header")
        if header is None:
            return Head(0, "", self.start_ms, "")
        return Head(header["height"], block["id"], header["time"], header["state_root"])

    def export(self) -> Iterable[bytes]:
        """The first node's ledger."""
        return self._client.export()

    def wait_until(self, time_ms: int) -> None:
        """Returns when the newest block is not older than this time; a heartbeat brings one where nothing else does."""
        deadline = monotonic() + self._final_s
        while self.head().time_ms < time_ms:
            if monotonic() > deadline:
                raise IndefiniteError("not-final", f"No block came within {self._final_s} s.")
            sleep(POLL_S)

    def prove(self, contract: str, collection: str, key: str, trust_from: int) -> Mapping[str, Any]:
        """The proof of a record, or of its absence, at the newest block, with the validator changes above a height."""
        path = f"/v1/state/{contract}/{collection}/{quote(key, safe='')}"
        try:
            answer = self._client.get(path, proof=True, trust_from=trust_from)
        except NotFoundError as absence:
            answer = absence.details
        proof: Mapping[str, Any] = answer["proof"]
        return proof

    def inclusion(self, first: int, second: int) -> Sequence[str]:
        """The path of an earlier block into the history of a later one."""
        proof = self._client.get("/v1/proofs/consistency", **{"from": first, "to": second})["proof"]
        path: Sequence[str] = proof["inclusion"]
        return path

    def key_of(self, member: str) -> PrivateKey:
        """A member's key, which a lab keeps beside its nodes."""
        return self._signer(member).key

    @property
    def genesis_bytes(self) -> bytes:
        """What every proof leads to."""
        return self._network.genesis_bytes

    def log(self) -> Sequence[Mapping[str, JsonValue]]:
        """The logs of all nodes that answer: each is complete, as they run in a lab. Times are by the host's clock."""
        records: list[Mapping[str, JsonValue]] = []
        for member in self._network.urls:
            with self._network.client(node=member) as client:
                try:
                    records += self._aligned(member, _log_of(client))
                except IndefiniteError:
                    continue
        return sorted(records, key=lambda record: int(str(record["time"])))

    def _aligned(self, member: str, records: Iterable[Mapping[str, JsonValue]]) -> Iterator[Mapping[str, JsonValue]]:
        """Clocks are set one after the other: less what each is ahead of the host's clock, their times are comparable."""
        offset_ms = self._begun_ms
        for record in records:
            if record["kind"] == "clock":
                offset_ms = self._offsets.get((member, int(str(record["set_to"]))), offset_ms)
            yield {**record, "node": member, "time": int(str(record["time"])) - offset_ms}

    def _offset_ms(self, member: str) -> int:
        return Clock(self._network.directory / NODES / member / CLOCK_OFFSET).offset_ms

    def close(self) -> None:
        """Closes the connections."""
        for client in (self._client, *self._nodes.values()):
            client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _sign(self, signers: tuple[str, ...], call: Prepared) -> Transaction:
        who = list(map(self._signer, call.signers or signers))
        if call.forger:
            who = [LocalMember(member.id, self._signer(call.forger).key) for member in who]
        return self._client.sign_named(call.operation.contract, call.operation.name, call.arguments, who)

    def _submit_all(self, transactions: Sequence[Transaction]) -> Sequence[Outcome]:
        if len(transactions) == 1:
            return (self._submit_one(transactions[0]),)
        statuses = self._client.submit_many(transactions, min(self._final_s, WAIT_S))
        return [self._outcome_of(transaction, status) for transaction, status in zip(transactions, statuses, strict=True)]

    def _submit_one(self, transaction: Transaction) -> Outcome:
        try:
            return _told(self._client.deliver(transaction, self._final_s))
        except InputError as error:
            return Outcome("problem", error.code, error.details)

    def _outcome_of(self, transaction: Transaction, status: Mapping[str, Any]) -> Outcome:
        if "problem" in status:
            problem = status["problem"]
            return Outcome("problem", problem["code"], problem.get("details", {}))
        final = parse_outcome(status)
        return _told(final) if final else self._submit_one(transaction)

    def _signer(self, member: str) -> LocalMember:
        if member not in self._signers:
            self._signers[member] = LocalMember.load(self._network.key_path(member))
        return self._signers[member]


def _log_of(client: Client) -> Iterator[Mapping[str, JsonValue]]:
    after = "0"
    while page := client.get("/v1/log", after=after, limit=LOG_PAGE)["log"]:
        yield from page
        after = str(page[-1]["sequence"])


def _told(final: Final) -> Outcome:
    if final.status not in ("committed", "rejected"):
        raise IndefiniteError("not-final", f"{final.transaction} is {final.status}.")
    events = tuple((str(event["name"]), event["data"]) for event in final.events)
    outcome = "committed" if final.is_committed else "rejected"
    return Outcome(outcome, final.code, final.details, final.transaction, events, final.height)  # type: ignore[arg-type]
