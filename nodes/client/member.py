"""A member whose key is at hand, to sign transactions with."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ledger.errors import OperatorError
from ledger.keys import PrivateKey
from ledger.primitives import is_member_id
from nodes.key_files import read_key

SUFFIX = ".key"


@dataclass(frozen=True)
class LocalMember:
    """Member id and private key."""

    id: str
    key: PrivateKey

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Reads `…/ORGANIZATION.NAME.key`, with or without the ending; raises OperatorError."""
        member = Path(path).name.removesuffix(SUFFIX)
        if not is_member_id(member):
            raise OperatorError("bad-key-file", f"{path}: the file of a member's key is called ORGANIZATION.NAME{SUFFIX}.")
        return cls(member, read_key(Path(path).with_name(member + SUFFIX)))
