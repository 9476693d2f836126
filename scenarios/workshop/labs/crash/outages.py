"""Which nodes were down when, as the log of all nodes tells: a node writes `start` when it runs again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WORKING = ("build", "timeout")
"""Kinds of records that a node writes while it works on a height and has not decided it."""

OF_A_START = ("clock", "start")
"""What a node writes before it works; its clock is set by hand as well."""


@dataclass(frozen=True, slots=True)
class Outage:
    """A node was down between two records of the log, by index."""

    node: str
    after: int
    before: int | None
    """None: it is down still."""

    def covers(self, index: int) -> bool:
        """Whether the node was down when that record was written."""
        return self.after < index and (self.before is None or index < self.before)


def outages(records: Sequence[Mapping[str, Any]], running: Sequence[str]) -> tuple[Outage, ...]:
    """Every outage in the log, from a node's last word to its next `start`."""
    last: dict[str, int] = {}
    found = []
    for record in records:
        node, index = record["node"], record["index"]
        if record["kind"] == "start" and node in last:
            found.append(Outage(node, last[node], index))
        if record["kind"] not in OF_A_START:
            last[node] = index
    found += [Outage(node, index, None) for node, index in last.items() if node not in running]
    return tuple(found)


def down_while_committed(records: Sequence[Mapping[str, Any]], found: Sequence[Outage], height: int) -> set[str]:
    """Nodes that were down when the first of the others had decided that height."""
    index = next((r["index"] for r in records if r["kind"] == "commit" and r["height"] == height), None)
    return set() if index is None else {outage.node for outage in found if outage.covers(index)}


def down_while_waiting(records: Sequence[Mapping[str, Any]], found: Sequence[Outage], height: int) -> set[str]:
    """The most nodes that were down at once while others worked on that height and could not decide it."""
    decided = next((r["index"] for r in records if r["kind"] == "commit" and r["height"] == height), None)
    tries = [r["index"] for r in records if r["kind"] in WORKING and r["height"] == height]
    down = [{o.node for o in found if o.covers(index)} for index in tries if decided is None or index < decided]
    return max(down, key=len, default=set())
