"""Who is a traitor in secret, kept in a file of the network: whoever starts the lab again tells no more than before."""

import json
from pathlib import Path

from ledger.encoding import encode
from ledger.errors import JsonValue
from nodes.key_files import PRIVATE_MODE, write_durable

SECRECY_FILE = "secret-traitors.json"


class Secrecy:
    """A set of members; whether they are traitors still, their own files say."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._members = frozenset(self._read())

    def __contains__(self, member: object) -> bool:
        """Whether nobody is to be told what this member is."""
        return member in self._members

    def set(self, member: str, *, is_secret: bool) -> None:
        """From now on."""
        changed = self._members | {member} if is_secret else self._members - {member}
        if changed != self._members:
            rows: list[JsonValue] = [*sorted(changed)]
            write_durable(self._path, encode(rows), PRIVATE_MODE)
            self._members = changed

    def _read(self) -> list[str]:
        try:
            found = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return []
        return list(map(str, found)) if isinstance(found, list) else []
