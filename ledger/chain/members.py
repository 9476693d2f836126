"""Members by id, remembered between blocks: admission asks for the signers of every transaction."""

from collections.abc import Sequence

from ledger.block import Write
from ledger.identity.reads import read_member
from ledger.identity.records import MEMBERSHIP, Member
from ledger.state.overlay import StateReads

REMEMBERED_MAX = 4_096


class Members:
    """Reads through to the state after the last block."""

    def __init__(self, state: StateReads) -> None:
        self._state = state
        self._found: dict[str, Member] = {}

    def get(self, member: str) -> Member | None:
        """The member, None if nobody of that id is enrolled. Absence is not remembered: anybody may invent ids."""
        found = self._found.get(member) or read_member(self._state, member)
        if found is not None:
            if len(self._found) >= REMEMBERED_MAX:
                self._found.clear()
            self._found[member] = found
        return found

    def forget(self, writes: Sequence[Write]) -> None:
        """Drops what a new block has changed."""
        for write in writes:
            if write.contract == MEMBERSHIP:
                self._found.pop(write.key, None)
