"""Two chains with one server each: entries linked by digests; and the same with every entry signed by its author.

The server keeps order, logs people in, and links. Backups are copies; there is no replica.
"""

import hashlib
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

from ledger.encoding import decode_object, encode
from ledger.errors import VerificationError
from ledger.keys import DEFAULT_SUITE, SUITES, PrivateKey
from scenarios.workshop.anomalies.system import ALICE, BOB, CAROL, MALLORY, Fork, NotNowError, System, Transfer, TurnedAwayError

Entry = dict[str, Any]
FIRST = "0" * 64
TAG = "anomalies"
GONE = -1


class HashChain(System):
    """Entries `{"giver", "to", "before"}`; the digest of one stands in the next."""

    name = "hash-chain"

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._saved: list[Entry] = []
        self._is_down = False

    def submit(self, transfer: Transfer, at: int = 0) -> bytes:
        """A request within the giver's session."""
        wire = encode({"session": transfer.giver, **self._made(transfer)})
        self._take(wire, at)
        return wire

    def holder(self, at: int = 0) -> str:
        """The receiver of the last entry."""
        self._serve(at)
        return _holder(self._entries)

    def verify(self) -> str:
        """Every entry names the digest of the one before, and was made by the holder."""
        return self._verify(self._entries)

    def mark(self) -> str:
        """The digest of the last entry."""
        return _digest(self._entries[-1]) if self._entries else FIRST

    def misses(self, mark: str) -> str:
        """A digest that was there stays there."""
        return "" if mark in map(_digest, self._entries) else f"digest {mark[:12]}… is no longer in the chain"

    def restart(self) -> None:
        """The file is as it was."""
        self._is_down = False

    def rewrite(self, to: str) -> None:
        """Changes the first entry and links all others again."""
        self._entries[0]["to"] = to
        self._entries = _linked(self._entries)

    def replay(self, wire: bytes) -> None:
        """The same bytes once more."""
        self._take(wire, 0)

    def pretend(self, transfer: Transfer) -> None:
        """Within a session of one's own: without the password there is none of that name."""
        self._take(encode({"session": MALLORY, **self._made(transfer, own_key=False)}), 0)

    def insert(self, transfer: Transfer) -> None:
        """The server appends what it likes."""
        self._entries = _linked([*self._entries, self._made(transfer, own_key=False)])

    def equivocate(self, count: int) -> Fork:
        """Alice and the server are in league: her two transfers go into two chains, one for each reader."""
        chains = [_linked([*self._entries, self._made(Transfer(ALICE, to))]) for to in (BOB, CAROL)]
        told = _holder(chains[0]), _holder(chains[1])
        digests = [_digest(chain[-1])[:12] for chain in chains]
        compared = (
            f"entry {len(chains[0])} is {digests[0]}… here and {digests[1]}… there; no signature of the server stands on either"
        )
        return Fork(told, ("two chains",), (self._verify(chains[0]), self._verify(chains[1])), compared, ())

    def part(self) -> Sequence[int]:
        """The server is on one side."""
        return (0, GONE)

    def heal(self) -> None:
        """Nothing has to be brought together."""

    def crash_leader(self) -> int:
        """The server is gone, and there is no other."""
        self._is_down = True
        return GONE

    def backup(self) -> None:
        """A copy of the file."""
        self._saved = [dict(entry) for entry in self._entries]

    def lose_disk(self) -> None:
        """The backup takes its place."""
        self._entries = self._saved

    def _made(self, transfer: Transfer, *, own_key: bool = True) -> Entry:
        return {"giver": transfer.giver, "to": transfer.to}

    def _admit(self, entry: Entry) -> None:
        if entry["giver"] != _holder(self._entries):
            raise TurnedAwayError(f"the item does not belong to {entry['giver']}")

    def _take(self, wire: bytes, at: int) -> None:
        self._serve(at)
        asked: Entry = decode_object(wire)
        session = asked.pop("session")
        if session != asked["giver"]:
            raise TurnedAwayError(f"{session} may not act for {asked['giver']}")
        self._admit(asked)
        self._entries = _linked([*self._entries, asked])

    def _serve(self, at: int) -> None:
        if at == GONE or self._is_down:
            raise NotNowError("no server answers")

    def _verify(self, entries: Sequence[Entry]) -> str:
        before, holder = FIRST, ALICE
        for number, entry in enumerate(entries, 1):
            if entry["before"] != before:
                return f"entry {number} does not name the digest of the one before"
            if entry["giver"] != holder:
                return f"entry {number} was not made by the holder"
            before, holder = _digest(entry), entry["to"]
        return ""


class SignedChain(HashChain):
    """Each entry carries a number of its author's own and the author's signature, which the server checks."""

    name = "signed-chain"

    def __init__(self) -> None:
        super().__init__()
        self._keys = {name: PrivateKey(hashlib.sha256(name.encode()).digest()) for name in (ALICE, BOB, CAROL, MALLORY)}
        self._numbers = count(1)

    def pretend(self, transfer: Transfer) -> None:
        """Signed with a key of one's own."""
        self._take(encode({"session": transfer.giver, **self._made(transfer, own_key=False)}), 0)

    def _made(self, transfer: Transfer, *, own_key: bool = True) -> Entry:
        entry: Entry = {"giver": transfer.giver, "to": transfer.to, "number": next(self._numbers)}
        key = self._keys[transfer.giver if own_key else MALLORY]
        return {**entry, "signature": key.sign(TAG, encode(entry))}

    def _admit(self, entry: Entry) -> None:
        complaint = self._unsigned(entry)
        if complaint:
            raise TurnedAwayError(complaint)
        if entry["number"] in [other["number"] for other in self._entries]:
            raise TurnedAwayError(f"number {entry['number']} of {entry['giver']} was used before")
        super()._admit(entry)

    def _verify(self, entries: Sequence[Entry]) -> str:
        for place, entry in enumerate(entries, 1):
            complaint = self._unsigned(entry)
            if complaint:
                return f"entry {place}: {complaint}"
        numbers = [entry["number"] for entry in entries]
        return super()._verify(entries) if len(set(numbers)) == len(numbers) else "a number was used twice"

    def _unsigned(self, entry: Entry) -> str:
        """Why the signature is not the giver's; empty if it is."""
        signed = {name: entry[name] for name in ("giver", "to", "number")}
        try:
            key = self._keys[entry["giver"]].public_key
            SUITES[DEFAULT_SUITE](key, TAG, encode(signed), entry["signature"])
        except VerificationError:
            return f"the signature is not that of {entry['giver']}"
        return ""


def _linked(entries: Iterable[Entry]) -> list[Entry]:
    before, linked = FIRST, []
    for entry in entries:
        linked.append({**entry, "before": before})
        before = _digest(linked[-1])
    return linked


def _digest(entry: Entry) -> str:
    return hashlib.sha256(encode(entry)).hexdigest()


def _holder(entries: Sequence[Entry]) -> str:
    return str(entries[-1]["to"]) if entries else ALICE
