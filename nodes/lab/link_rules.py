"""What a hand has done to the links between the nodes of a lab: isolated nodes, a partition, and pairs that lose or delay.

All three live side by side, and each node gets the sum of them as its list of faults. Values, no I/O.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ledger.errors import InputError, JsonValue
from nodes.links.faults import EVERYBODY, PERMILLE, Fault


@dataclass(frozen=True, slots=True)
class LinkPair:
    """What happens to the batches that go from one node, or from `*`, to another, or to `*`."""

    sender: str
    receiver: str
    drop_permille: int = 0
    delay_ms: int = 0


@dataclass(frozen=True, slots=True)
class LinkRules:
    """All that is wrong with the links now."""

    isolated: frozenset[str] = frozenset()
    """Nodes that neither hear nor are heard."""
    groups: tuple[tuple[str, ...], ...] = ()
    """Groups that hear nothing of each other; every node is in one of them, or there are none."""
    pairs: tuple[LinkPair, ...] = ()

    def isolate(self, member: str) -> "LinkRules":
        """That node neither hears nor is heard."""
        return replace(self, isolated=self.isolated | {member})

    def heal(self, member: str) -> "LinkRules":
        """No longer isolated, and in no pair; a partition stays."""
        pairs = tuple(pair for pair in self.pairs if member not in (pair.sender, pair.receiver))
        return replace(self, isolated=self.isolated - {member}, pairs=pairs)

    def with_pair(self, pair: LinkPair) -> "LinkRules":
        """In the place of what was said of the same two; nothing lost and nothing late is no rule."""
        if pair.sender == pair.receiver != EVERYBODY:  # check: lab-pair
            raise InputError("bad-pair", "A fault of links is between two different nodes, or `*`.")
        others = tuple(p for p in self.pairs if (p.sender, p.receiver) != (pair.sender, pair.receiver))
        return replace(self, pairs=(*others, pair) if pair.drop_permille or pair.delay_ms else others)

    def split(self, groups: Sequence[Sequence[str]], members: Sequence[str]) -> "LinkRules":
        """A partition; nodes that no group names are a group of their own. Raises InputError `bad-groups`."""
        named = [member for group in groups for member in group]
        if len(set(named)) < len(named):  # check: lab-groups
            raise InputError("bad-groups", "A node is in one group of a partition, not in two.")
        rest = tuple(member for member in members if member not in named)
        return replace(self, groups=tuple(tuple(group) for group in (*groups, rest) if group))

    def faults_of(self, member: str) -> tuple[Fault, ...]:
        """What that node is told."""
        return tuple(self._faults_of(member))

    def _faults_of(self, member: str) -> Iterator[Fault]:
        if member in self.isolated:
            yield Fault(peer=EVERYBODY, drop_permille=PERMILLE)
        for group in self.groups:
            if member not in group:
                for peer in group:
                    yield Fault(peer=peer, drop_permille=PERMILLE)
        for pair in self.pairs:
            if pair.sender in (member, EVERYBODY) and pair.receiver != member:
                yield Fault(peer=pair.receiver, direction="to", drop_permille=pair.drop_permille, delay_ms=pair.delay_ms)

    def partition_json(self) -> JsonValue:
        """The groups, or None."""
        return [list(group) for group in self.groups] or None
