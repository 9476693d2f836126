"""What the control says of each node of a lab, as it asked them last."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from nodes.lab.lab import Lab
from nodes.lab.looks import Looks


class Node:
    """A client of a node that is at height 7."""

    def __init__(self, busy: list[float]) -> None:
        self._busy = busy

    async def get(self, path: str) -> dict[str, Any]:
        await asyncio.sleep(self._busy.pop() if self._busy else 0)
        return {"height": 7, "clock": 5, "quorum": 3, "validators": ["n", "s", "e", "w"]}


class LooksAtOne(Looks):
    """Its lab is what a look reads of a lab."""

    def __init__(self) -> None:
        self.busy: list[float] = []
        """Seconds that the next answers take."""
        network = SimpleNamespace(members=("n",), urls={"n": ""}, is_running=lambda member: self.lab.runs)
        self.lab: Any = SimpleNamespace(
            runs=True, generation=0, jobs=SimpleNamespace(ended=0), network=network, secret=(), traitor=lambda member: None,
            links=SimpleNamespace(faults_of=lambda member: ()),
        )  # fmt: skip
        super().__init__(cast(Lab, self.lab))

    def _client(self, member: str) -> Any:
        return Node(self.busy)

    async def place(self) -> tuple[object, object]:
        """Height and clock, looked at once more."""
        self.lab.jobs.ended += 1
        (row,) = await self.nodes()
        return row["height"], row["clock"]


async def test_what_a_node_said_is_known_while_it_does_not_run_until_the_ledger_goes_back() -> None:
    looks = LooksAtOne()
    assert await looks.place() == (7, 5)
    looks.lab.runs = False
    assert await looks.place() == (7, 5)
    looks.lab.generation += 1
    assert await looks.place() == (None, None)
    looks.lab.runs = True
    assert await looks.place() == (7, 5)


async def test_who_does_not_answer_is_asked_once_more_and_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodes.lab.looks.LOOKS_SECONDS", (0.01, 60))
    looks = LooksAtOne()
    looks.busy = [60]
    assert await looks.place() == (7, 5)
    monkeypatch.setattr("nodes.lab.looks.LOOKS_SECONDS", (0.01, 0.01))
    looks.busy = [60, 60]
    looks.lab.jobs.ended += 1
    (row,) = await looks.nodes()
    assert (row["silent"], row["height"]) == ("unreachable", 7)
