"""What each client of a story keeps for itself and never puts on the ledger: openings of sealed values, and a secret.

Without a directory the files live in memory, as in the simulator. With one, `openings/MEMBER.json` holds what that
member was given, readable by its owner alone.
"""

import hmac
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from ledger.contract.sealed import Opening, seal
from ledger.errors import JsonValue, OperatorError

Entropy = Callable[[int], bytes]
"""Gives that many random bytes: the machine's in live play, the seed's in the simulator."""


class ClientFiles:
    """The private files of all clients of one performance, each reached by its owner's member id."""

    def __init__(self, entropy: Entropy, directory: Path | None = None) -> None:
        self._entropy = entropy
        self._directory = directory
        self._openings: dict[str, dict[str, Opening]] = {}
        self._secrets: dict[str, bytes] = {}

    def seal(self, owner: str, label: str, value: JsonValue) -> JsonValue:
        """Seals a value with a fresh salt, keeps its opening, and gives the sealed form for the ledger."""
        sealed, opening = seal(value, self._entropy(16).hex())
        self.keep(owner, label, opening)
        return {"sealed": sealed.sealed}

    def keep(self, owner: str, label: str, opening: Opening) -> None:
        """Stores an opening in the owner's file."""
        self._openings.setdefault(owner, {})[label] = opening
        self._write(owner)

    def opening(self, owner: str, label: str) -> Opening:
        """An opening that the owner holds; OperatorError `no-opening` for one that nobody gave to it."""
        opening = self._openings.get(owner, {}).get(label)
        if opening is None:  # check: client-without-opening
            raise OperatorError("no-opening", f"{owner} holds no opening of {label}.")
        return opening

    def hand_over(self, owner: str, receiver: str, label: str) -> None:
        """Passes an opening on, outside the ledger."""
        self.keep(receiver, label, self.opening(owner, label))

    def keyed_fingerprint(self, owner: str, *parts: str) -> str:
        """HMAC-SHA-256 of the parts under the owner's secret: without the secret nobody finds the parts by trying."""
        if owner not in self._secrets:
            self._secrets[owner] = self._entropy(32)
        return hmac.new(self._secrets[owner], "\x00".join(parts).encode(), sha256).hexdigest()

    def _write(self, owner: str) -> None:
        if self._directory is None:
            return
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._directory / f"{owner}.json"
        path.touch(mode=0o600)
        openings = {label: opening.to_json() for label, opening in self._openings[owner].items()}
        path.write_text(json.dumps(openings, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
