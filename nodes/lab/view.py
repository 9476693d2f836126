"""The lab as a whole: each node by what it says of itself, what is under way, and one log of all. What a page polls."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ledger.encoding import encode_unchecked
from ledger.errors import JsonValue, TallystickError
from ledger.primitives import INTEGER_MAX
from nodes.app.answers import answer, language_of
from nodes.client import AsyncClient
from nodes.lab.lab import Lab, TellsStatus
from nodes.lab.orders import answer_list, lab_of
from nodes.lab.reach import Reach
from nodes.network.directory import asynchronous_client_of
from nodes.traitors.kinds import TRAITORS, called

router = APIRouter()
FRESH_SECONDS = 0.25
"""So long one look at the nodes serves everybody who asks."""
LOOK_SECONDS_MAX = 2
"""So long a node may take to answer; then it is silent."""
RECORDS_MAX = 2_000
RECORDS_DEFAULT = 500


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
        """By node what it said last; a height is known also of one that does not run."""
        self._rows: list[dict[str, JsonValue]] = []
        self._acting: tuple[int, int, int] = (-1, 0, 0)
        """Generation of the ledger, quorum, and how many may be faulty, as the node told last that was furthest on."""

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
        members = self._lab.network.members
        self._rows = await asyncio.gather(*map(self._look_at, members))
        self._taken = time.monotonic()
        known = [row["consensus"] for row in self._rows if isinstance(row["consensus"], dict)]
        if known:
            newest: dict[str, Any] = max(known, key=lambda told: int(str(told["height"])))
            self._acting = (generation, newest["quorum"], len(newest["validators"]) - newest["quorum"])

    async def _look_at(self, member: str) -> dict[str, JsonValue]:
        lab, network = self._lab, self._lab.network
        traitor = None if member in lab.feed.secret else lab.traitor(member)
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
            try:
                async with asyncio.timeout(LOOK_SECONDS_MAX):
                    told = await self._client(member).get("/v1/node")
                    row["consensus"] = await self._client(member).get("/v1/consensus")
                self._told[member] = told
            except TallystickError as error:
                row["silent"] = error.code
            except TimeoutError:
                row["silent"] = "unreachable"
        told = self._told.get(member, {})
        return {**row, "height": told.get("height"), "clock": told.get("clock")}

    def _client(self, member: str) -> AsyncClient:
        if member not in self._clients:
            self._clients[member] = asynchronous_client_of(self._lab.network.directory, member)
        return self._clients[member]

    async def close(self) -> None:
        """Ends the look that is under way, which would open connections again, and closes them; nobody looks any more."""
        self._is_closed = True
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        for client in self._clients.values():
            await client.close()


@router.get("/network")
async def get_network(request: Request) -> Response:
    """Every node, the newest job, what is wrong with the links, and whether the lab is frozen."""
    lab, looks = lab_of(request), request.app.state.looks
    newest = lab.jobs.newest()
    told: Mapping[str, JsonValue] = lab.extension.status() if isinstance(lab.extension, TellsStatus) else {}
    nodes = await looks.nodes()
    quorum, tolerated = looks.acting()
    reach = Reach(nodes, lab.links.groups, quorum, tolerated)
    return answer(
        {
            "scenario": "",
            "story": None,
            **told,
            "ledger": lab.network.ledger,
            "extension": list(lab.network.file.extension),
            "generation": lab.generation,
            "frozen": lab.is_frozen,
            "quorum": quorum,
            "tolerated": tolerated,
            "partition": lab.links.partition_json(),
            "job": None if newest is None else newest.to_json(),
            "nodes": encode_unchecked(list(nodes)),
            **reach.to_json(),
        }
    )


@router.get("/jobs/{number}")
async def get_job(request: Request, number: int) -> Response:
    """One piece of work; raises NotFoundError `unknown-job`."""
    return answer(lab_of(request).jobs.find(number).to_json())


@router.get("/log")
async def get_log(request: Request, after: int = 0, limit: int = RECORDS_DEFAULT) -> Response:
    """Records of all nodes in order of time, those with an index above `after`; `next` is the cursor to go on with.

    A negative `after` begins so many records before the end, for who looks at the newest alone.
    Another `generation` than before says that the ledger went back: the log begins anew with index 1.
    """
    feed = lab_of(request).feed
    if not feed.is_fresh:
        await run_in_threadpool(feed.read)
    page = feed.page(min(max(after, -INTEGER_MAX), INTEGER_MAX), min(max(limit, 1), RECORDS_MAX))
    return Response(page, media_type="application/json")


@router.get("/traitors")
async def get_traitors(request: Request, lang: str = "") -> Response:
    """The kinds of traitor, each with what it does in a sentence."""
    language = lang or language_of(request)
    rows: list[JsonValue] = [
        {"name": name, "called": called(name, language), "sentence": kind.zh if language == "zh" else kind.en}
        for name, kind in TRAITORS.items()
    ]
    return answer_list(rows)
