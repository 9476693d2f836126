"""Audits of the real chain up to a block, kept: a forger tries the same block again and again, and all before it holds."""

from collections import OrderedDict
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

from ledger.audit import Auditor
from ledger.contract.contract import ContractSet
from ledger.errors import JsonValue
from ledger.primitives import Digest

KEPT_MAX = 4


@dataclass(frozen=True, slots=True)
class Prefix:
    """What the audit knows after so many lines. It is copied, and never itself moved on."""

    lines: int
    last: bytes
    """The last of them, by which the chain is known again."""
    auditor: Auditor
    changes: tuple[JsonValue, ...]
    """The validator changes so far, as steps of trust."""

    def copy(self) -> Auditor:
        """An audit to go on with."""
        return deepcopy(self.auditor)

    def continued(self, lines: Sequence[bytes]) -> "Prefix":
        """After these lines more; raises AuditError."""
        auditor, changes = self.copy(), [*self.changes]
        for line in lines:
            block = auditor.feed(line)
            if block is not None and block.header.validators != block.header.next_validators:
                after, certificate = auditor.validators.to_json(), block.record.commit.to_json()
                changes.append({"header": block.header.to_json(), "certificate": certificate, "validators": after})
        last = lines[-1] if lines else self.last
        return Prefix(self.lines + len(lines), last, auditor, tuple(changes))


class Prefixes:
    """The newest few. Whoever asks gets one that nobody changes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, bytes], Prefix] = OrderedDict()

    def of(self, lines: Sequence[bytes], count: int, ledger: Digest, contracts: ContractSet) -> Prefix:
        """The audit of the first `count` lines, from the longest beginning of them that is known."""
        found = Prefix(0, b"", Auditor(ledger, contracts), ())
        for prefix in tuple(self._kept.values()):
            if found.lines < prefix.lines <= count and lines[prefix.lines - 1] == prefix.last:
                found = prefix
        if found.lines < count:
            found = found.continued(lines[found.lines : count])
        if count:
            self._kept[count, found.last] = found
            while len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
        return found
