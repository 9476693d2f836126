"""What the nodes of a lab report, asked once for all readers: each page polls it."""

import asyncio
import time
from contextlib import suppress
from typing import Any

from ledger.errors import JsonValue, TallystickError
from nodes.client import AsyncClient
from nodes.lab.lab import Lab
from nodes.network.directory import client_access
from nodes.traitors.kinds import called

FRESH_SECONDS = 0.25
"""How long one look at the nodes is reused."""
LOOKS_SECONDS = 2, 5
"""How long a node may take to answer, and when it is asked once more, before it is silent: all may be on one busy machine."""


class Looks:
    """The newest look at all nodes. It lives in the event loop of the control."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._clients: dict[str, AsyncClient] = {}
        self._is_closed = False
        self._taken = 0.0
        self._jobs = 0
        """How many had ended when it began."""
        self._looking: asyncio.Task[None] | None = None
        self._told: dict[str, dict[str, Any]] = {}
        """By node what it said last; a height is known also of one that does not run, until the ledger goes back."""
        self._generation = lab.generation
        self._rows: list[dict[str, JsonValue]] = []
        self._acting: tuple[int, int, int] = (-1, 0, 0)
        """Generation of the ledger, quorum, and how many may be faulty, as the node that was furthest on said last."""

    async def nodes(self) -> list[dict[str, JsonValue]]:
        """A row for each node; a job that has ended shows in it."""
        for _ in range(2):  # twice where a look had begun before a job ended
            is_fresh = time.monotonic() - self._taken < FRESH_SECONDS and self._jobs == self._lab.jobs.ended
            if is_fresh or self._is_closed:
                break
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look())
            await asyncio.shield(self._looking)
        return self._rows

    def acting(self) -> tuple[int, int]:
        """Quorum of the validators that act now, and how many of them may be faulty: votes of the ledger change them."""
        generation, *acting = self._acting
        genesis = self._lab.validators
        return (acting[0], acting[1]) if generation == self._lab.generation else (genesis.q, genesis.f)

    async def _look(self) -> None:
        self._jobs = self._lab.jobs.ended
        generation = self._lab.generation
        if generation != self._generation:
            self._generation, self._told = generation, {}
        self._rows = await asyncio.gather(*map(self._look_at, self._lab.network.members))
        self._taken = time.monotonic()
        known = [row["consensus"] for row in self._rows if isinstance(row["consensus"], dict)]
        if known:
            newest: dict[str, Any] = max(known, key=lambda told: int(str(told["height"])))
            self._acting = (generation, newest["quorum"], len(newest["validators"]) - newest["quorum"])

    async def _look_at(self, member: str) -> dict[str, JsonValue]:
        lab, network = self._lab, self._lab.network
        traitor = None if member in lab.secret else lab.traitor(member)
        row: dict[str, JsonValue] = {
            "member": member,
            "url": network.urls[member],
            "running": network.is_running(member),
            "traitor": traitor,
            "traitor_called": None if traitor is None else {"en": called(traitor, "en"), "zh": called(traitor, "zh")},
            "faults": [fault.model_dump(mode="json") for fault in lab.links.faults_of(member)],
            "consensus": None,
        }
        if row["running"]:
            row |= await self._asked(member)
        told = self._told.get(member, {})
        return {**row, "height": told.get("height"), "clock": told.get("clock")}

    async def _asked(self, member: str) -> dict[str, JsonValue]:
        """`consensus` as the node sees it, or why it is `silent`."""
        for seconds in LOOKS_SECONDS:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    return await self._ask(member)
        return {"silent": "unreachable"}

    async def _ask(self, member: str) -> dict[str, JsonValue]:
        client = self._client(member)
        try:
            told, consensus = await client.get("/v1/node"), await client.get("/v1/consensus")
        except TallystickError as error:
            return {"silent": error.code}
        self._told[member] = told
        return {"consensus": consensus}

    def _client(self, member: str) -> AsyncClient:
        if member not in self._clients:
            self._clients[member] = AsyncClient(**client_access(self._lab.network.directory, member))
        return self._clients[member]

    async def close(self) -> None:
        """Ends the look that is under way, which would open connections again, and closes them; no look follows."""
        self._is_closed = True
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        for client in self._clients.values():
            await client.close()
