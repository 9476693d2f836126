"""Reads every byte that nodes send and holds the invariants of consensus against it. It shares no code with the engine.

One NotarCert block per view; one CommitCert block per height; never SkipCert and CommitCert in one view; an honest key
never signs two Proposes of different blocks, two Votes, two Finals, or Skip and Final in one view. JSON, signing bytes and
signatures are judged here again: a certificate counts only if its quorum of signatures holds.
"""

import json
from collections.abc import Callable
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from nodes.simulator.checker import InvariantError
from nodes.simulator.weather import FaultCounts

Keys = list[str]
"""Public keys of the validators of a height, in order; a quorum is their number less (n-1)//3."""
PARTS = {"notar": "vote", "skip": "skip", "commit": "final"}
SPEAKING = (b'{"statement"', b'{"certificate"', b'{"lines"')
"""How the lines begin that carry statements and certificates; canonical JSON sorts its members."""
ONCE = ("propose", "vote", "final")
"""Kinds of which an honest key signs one block in a view."""


class Witness:
    """Listens to all that is sent in a simulation."""

    def __init__(
        self,
        ledger: str,
        validators_of: Callable[[int], tuple[str, Keys] | None],
        traitors: frozenset[str],
        counts: FaultCounts,
        *,
        is_fork_possible: bool,
    ) -> None:
        """`validators_of` gives digest and keys of a height's validators, None while unknown; `traitors` are public keys.

        Where two quorums may have only traitors in common, only honest keys are held to account.
        """
        self.ledger = ledger
        self.validators_of = validators_of
        self.traitors = traitors
        self.counts = counts
        self._seen: set[bytes] = set()
        self._said: dict[tuple[int, int, str, str], str] = {}
        """(height, view, key, kind) -> block, of honest keys."""
        self._certified: dict[tuple[int, int], dict[str, str]] = {}
        """(height, view) -> block by kind of certificate."""
        self._committed: dict[int, str] = {}
        """Block by height, of every CommitCert of whatever view: a light client asks for no more."""
        self._held: dict[tuple[int, int], set[str]] = {}
        self._both: set[tuple[int, int]] = set()
        self.is_fork_possible = is_fork_possible
        self.convicted: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
        """By key of a traitor: two statements of it that no honest key signs both, the first such pair that was sent."""
        self._suspect: dict[tuple[str, int, int], list[dict[str, Any]]] = {}
        """(key, height, view) -> what a traitor's key said there."""
        self._valid: set[tuple[str, str, str]] = set()
        """(key, signature, what was signed) of signatures that hold."""

    def sent(self, data: bytes) -> None:
        """Takes a batch; raises InvariantError."""
        for line in data.split(b"\n"):
            if line in self._seen or not line.startswith(SPEAKING):
                continue
            self._seen.add(line)
            message = json.loads(line)
            match message["type"]:
                case "statement":
                    self._statement(message["statement"])
                case "certificate":
                    self._certificate(message["certificate"])
                case "decided":
                    record = message["record"]
                    for certificate in (record["commit"], record["notar"], *record["earlier"]):
                        self._certificate(certificate)

    def held(self, kind: str, height: int, view: int) -> None:
        """Some honest node came to hold a certificate: counts the views of which both a NotarCert and a SkipCert were held."""
        kinds = self._held.setdefault((height, view), set())
        kinds.add(kind)
        if kind != "commit" and {"notar", "skip"} <= kinds and (height, view) not in self._both:
            self._both.add((height, view))
            self.counts.both_certificates += 1

    def _statement(self, statement: dict[str, Any]) -> bool:
        """Whether the signature holds; remembers what honest keys said."""
        known = self.validators_of(statement["height"])
        if known is None or not 0 <= statement["signer"] < len(known[1]):
            return False
        digest, keys = known
        key = keys[statement["signer"]]
        text = self._signed_text(digest, statement)
        if (key, statement["signature"], text) not in self._valid:
            if not _holds(key, text, statement["signature"]):
                return False
            self._valid.add((key, statement["signature"], text))
        if key not in self.traitors:
            self._honest(key, statement)
        elif key not in self.convicted:
            self._traitor(key, statement)
        return True

    def _signed_text(self, validators: str, statement: dict[str, Any]) -> str:
        fields = {name: statement[name] for name in ("kind", "height", "view", "block", "notarized_view")}
        return json.dumps({**fields, "ledger": self.ledger, "validators": validators}, sort_keys=True, separators=(",", ":"))

    def _honest(self, key: str, statement: dict[str, Any]) -> None:
        height, view, kind, block = (statement[name] for name in ("height", "view", "kind", "block"))
        before = self._said.setdefault((height, view, key, kind), block)
        if kind in ONCE and before != block:
            raise InvariantError(f"Honest key {key[:8]} signed two {kind}s in view {view} of height {height}.")
        other = {"skip": "final", "final": "skip"}.get(kind)
        if other is not None and (height, view, key, other) in self._said:
            raise InvariantError(f"Honest key {key[:8]} signed Skip and Final in view {view} of height {height}.")

    def _traitor(self, key: str, statement: dict[str, Any]) -> None:
        said = self._suspect.setdefault((key, statement["height"], statement["view"]), [])
        for before in said:
            kinds = {before["kind"], statement["kind"]}
            if kinds == {"skip", "final"} or (len(kinds) == 1 and before["block"] != statement["block"]):
                self.convicted[key] = (before, statement)
        if statement not in said:
            said.append(statement)

    def _certificate(self, certificate: dict[str, Any]) -> None:
        kind, height, view, block = (certificate[name] for name in ("kind", "height", "view", "block"))
        known = self.validators_of(height)
        if known is None:
            return
        quorum = len(known[1]) - (len(known[1]) - 1) // 3
        part = {"kind": PARTS[kind], "height": height, "view": view, "block": block, "notarized_view": 0}
        signed = zip(certificate["signers"], certificate["signatures"], strict=True)
        valid = {signer for signer, signature in signed if self._statement({**part, "signer": signer, "signature": signature})}
        if len(valid) < quorum or self.is_fork_possible:
            return
        if kind == "commit" and self._committed.setdefault(height, block) != block:
            raise InvariantError(f"CommitCerts of two blocks at height {height}.")
        held = self._certified.setdefault((height, view), {})
        if held.setdefault(kind, block) != block:
            raise InvariantError(f"Two {kind} certificates of different blocks in view {view} of height {height}.")
        if {"skip", "commit"} <= held.keys():
            raise InvariantError(f"SkipCert and CommitCert in view {view} of height {height}.")


def may_fork(validators: int, traitors: int) -> bool:
    """Whether two quorums of that many validators, or of one more, may have only these traitors in common."""
    return any(traitors >= n - 2 * ((n - 1) // 3) for n in (validators, validators + 1))


def _holds(key: str, text: str, signature: str) -> bool:
    try:
        public_key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        public_key.verify(bytes.fromhex(signature), b"tallystick/statement\x00" + text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
