"""What each client of a story keeps for itself and never puts on the ledger: openings of sealed values, and a secret.

Without a directory the files live in memory, as in the simulator. With one, `openings/MEMBER.json` holds what that
member was given and `openings/MEMBER.secret` its secret, readable only by their owner; `load` reads them again.
"""

import hmac
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from ledger.contract.sealed import seal
from ledger.errors import JsonValue, OperatorError, TallystickError
from ledger.sealed import Opening, parse_opening, sealed_digest

Entropy = Callable[[int], bytes]
"""Gives that many random bytes: the machine's in live play, the seed's in the simulator."""


class ClientFiles:
    """The private files of all clients of one played story, each reached by its owner's member id."""

    def __init__(self, entropy: Entropy, directory: Path | None = None) -> None:
        self._entropy = entropy
        self._directory = directory
        self._openings: dict[str, dict[str, Opening]] = {}
        self._secrets: dict[str, bytes] = {}
        self._by_digest: dict[str, Opening] = {}

    def load(self) -> None:
        """Takes what the directory holds instead of what was kept so far; raises OperatorError `bad-openings`."""
        self._openings, self._secrets, self._by_digest = {}, {}, {}
        for path in sorted(self._directory.glob("*")) if self._directory is not None else ():
            try:
                if path.suffix == ".json":
                    found = json.loads(path.read_text(encoding="utf-8")).items()
                    for label, opening in found:
                        self._remember(path.stem, label, parse_opening(opening))
                elif path.suffix == ".secret":
                    self._secrets[path.stem] = bytes.fromhex(path.read_text(encoding="utf-8"))
            except (OSError, ValueError, AttributeError, TallystickError) as error:
                raise OperatorError("bad-openings", f"{path} cannot be read: {error}.") from error

    def seal(self, owner: str, label: str, value: JsonValue) -> JsonValue:
        """Seals a value with a fresh salt, keeps its opening, and gives the sealed form for the ledger."""
        sealed, opening = seal(value, self._entropy(16).hex())
        self.keep(owner, label, opening)
        return {"sealed": sealed.sealed}

    def keep(self, owner: str, label: str, opening: Opening) -> None:
        """Stores an opening in the owner's file."""
        self._remember(owner, label, opening)
        openings = {name: one.to_json() for name, one in self._openings[owner].items()}
        self._write(f"{owner}.json", json.dumps(openings, ensure_ascii=False, indent=2) + "\n")

    def opening_of(self, digest: str) -> Opening | None:
        """The opening of a sealed digest, of any holder."""
        return self._by_digest.get(digest)

    def holds(self, owner: str, digest: str) -> bool:
        """Whether it stands in that owner's file."""
        opening = self._by_digest.get(digest)
        return opening is not None and opening in list(self._openings.get(owner, {}).values())

    def opening(self, owner: str, label: str) -> Opening:
        """An opening that the owner holds; OperatorError `no-opening` for one that it was not given."""
        opening = self._openings.get(owner, {}).get(label)
        if opening is None:  # check: client-without-opening
            raise OperatorError("no-opening", f"{owner} holds no opening of {label}.")
        return opening

    def hand_over(self, owner: str, receiver: str, label: str) -> None:
        """Passes an opening on, outside the ledger."""
        self.keep(receiver, label, self.opening(owner, label))

    def keyed_fingerprint(self, owner: str, *parts: str) -> str:
        """HMAC-SHA-256 of the parts under the owner's secret: without the secret the parts cannot be found by trying."""
        if owner not in self._secrets:
            self._secrets[owner] = self._entropy(32)
            self._write(f"{owner}.secret", self._secrets[owner].hex())
        return hmac.new(self._secrets[owner], "\x00".join(parts).encode(), sha256).hexdigest()

    def _remember(self, owner: str, label: str, opening: Opening) -> None:
        self._openings.setdefault(owner, {})[label] = opening
        self._by_digest[sealed_digest(opening)] = opening

    def _write(self, name: str, text: str) -> None:
        if self._directory is None:
            return
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._directory / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
