"""Lab 4. One node stops and nothing happens; two stop and everything waits, and nothing is lost.

Which nodes were down when, the log of all nodes tells: a node writes `start` when it runs again.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from nodes.simulator.chance import Chance
from scenarios.workshop.exercise import Answers, Sentence, sentence
from scenarios.workshop.labs.material import MEMBERS, ORGANIZATIONS, draw, draw_numbers
from scenarios.workshop.room import Room

SKIP_MISSING = 1
"""Of two nodes that run both say `skip` when their timer fires; it takes three."""
WORKING = ("build", "timeout")
"""Kinds of records that a node writes while it works on a height and has not decided it."""
OF_A_START = ("clock", "start")
"""What a node writes before it works; its clock is set by hand as well."""
Records = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a seed decides."""

    first: str
    second: str
    me: str
    one: str
    two: str
    earlier: tuple[str, ...]

    @property
    def staying(self) -> set[str]:
        """Nodes that are never stopped."""
        return {f"{name}.validator" for name in ORGANIZATIONS} - {self.first, self.second}


def plan(chance: Chance) -> Plan:
    """The first node serves the page, so it stays."""
    first, second = (f"{name}.validator" for name in draw(chance, ORGANIZATIONS[1:], 2))
    (me,) = draw(chance, MEMBERS, 1)
    one, two, *earlier = draw_numbers(chance, "BOX", 5)
    return Plan(first, second, me, one, two, tuple(earlier))


def begin(room: Room) -> Mapping[str, str]:
    """Some blocks, by four nodes."""
    made = plan(room.chance())
    room.issue(dict.fromkeys(made.earlier, made.me))
    return asdict(made)


def missing(room: Room, answers: Answers) -> Iterator[Sentence]:
    """Who was down when, by the log; what was committed, by the ledger."""
    made, records = plan(room.chance()), room.log()
    nodes = room.control.get("/network")["nodes"]
    found = outages(records, [node["member"] for node in nodes if node["running"]])
    committed = [one for one in room.standings() if one.is_committed and one.asks("asset.issue", made.me)]
    heights = {str(one.transaction.arguments["number"]): one.header.height for one in committed}
    if made.one not in heights:
        yield sentence("not-committed", number=made.one, me=made.me)
    else:
        down = down_while_committed(records, found, heights[made.one])
        if made.first not in down:
            yield sentence("not-down", number=made.one, first=made.first)
        elif len(down) > 1:
            yield sentence("not-alone", number=made.one, down=", ".join(sorted(down)), first=made.first)
    if made.two not in heights:
        yield sentence("not-committed", number=made.two, me=made.me)
    elif not {made.first, made.second} <= down_while_waiting(records, found, heights[made.two]):
        yield sentence("not-waited", number=made.two, first=made.first, second=made.second)
    stopped = [node["member"] for node in nodes if not node["running"]]
    if stopped:
        yield sentence("not-running", down=", ".join(stopped))
    elif len({node["height"] for node in nodes}) > 1:
        yield sentence("not-level")
    yield from answers.unanswered()
    yield from answers.judge_number("lacks", SKIP_MISSING, sentence("look"))
    named = {f"{name}.validator" for name in re.findall("|".join(ORGANIZATIONS), answers["stated"].lower())}
    yield from answers.judge("stated", named == made.staying, sentence("look"))
    if made.two in heights:
        yield from answers.judge_number("height", heights[made.two], sentence("look-up"))


@dataclass(frozen=True, slots=True)
class Outage:
    """A node was down between two records of the log, by index."""

    node: str
    after: int
    before: int | None
    """None: it is still down."""

    def covers(self, index: int) -> bool:
        """Whether the node was down when that record was written."""
        return self.after < index and (self.before is None or index < self.before)


def outages(records: Records, running: Sequence[str]) -> tuple[Outage, ...]:
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


def down_while_committed(records: Records, found: Sequence[Outage], height: int) -> set[str]:
    """Nodes that were down when the first of the others had decided that height."""
    index = _decided(records, height)
    return set() if index is None else {outage.node for outage in found if outage.covers(index)}


def down_while_waiting(records: Records, found: Sequence[Outage], height: int) -> set[str]:
    """The most nodes that were down at once while others worked on that height and could not decide it."""
    decided = _decided(records, height)
    tries = [record["index"] for record in records if record["kind"] in WORKING and record["height"] == height]
    down = [{outage.node for outage in found if outage.covers(index)} for index in tries if decided is None or index < decided]
    return max(down, key=len, default=set())


def _decided(records: Records, height: int) -> int | None:
    return next((record["index"] for record in records if record["kind"] == "commit" and record["height"] == height), None)
