"""The lab as a whole: each node by what it says of itself, and what is under way. What a page polls."""

import threading
import time
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from ledger.errors import JsonValue, TallystickError
from nodes.app.answers import answer
from nodes.client import Client
from nodes.lab.lab import Lab

router = APIRouter()
FRESH_SECONDS = 0.25
"""So long one look at the nodes serves everybody who asks."""


class Looks:
    """The newest look at all nodes."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._clients: dict[str, Client] = {}
        self._lock = threading.Lock()
        self._taken = 0.0
        self._nodes: list[dict[str, JsonValue]] = []

    def nodes(self) -> list[dict[str, JsonValue]]:
        """A row for each node."""
        with self._lock:
            if time.monotonic() - self._taken > FRESH_SECONDS:
                self._nodes = [self._look_at(member) for member in self._lab.network.members]
                self._taken = time.monotonic()
            return self._nodes

    def _look_at(self, member: str) -> dict[str, JsonValue]:
        network = self._lab.network
        row: dict[str, JsonValue] = {"member": member, "url": network.urls[member], "running": network.is_running(member)}
        told: dict[str, Any] | None = None
        if row["running"]:
            if member not in self._clients:
                self._clients[member] = network.client(node=member)
            try:
                told = self._clients[member].get("/v1/consensus")
                row["clock"] = self._clients[member].get("/v1/node")["clock"]
            except TallystickError as error:
                row["silent"] = error.code
        row["consensus"] = told
        return row


@router.get("/network")
def get_network(request: Request) -> Response:
    """Every node, the newest job, and whether the lab is frozen."""
    lab: Lab = request.app.state.lab
    if not hasattr(request.app.state, "looks"):
        request.app.state.looks = Looks(lab)
    looks: Looks = request.app.state.looks
    newest = lab.jobs.newest()
    return answer(
        {
            "ledger": lab.network.ledger,
            "extension": list(lab.network.file.extension),
            "generation": lab.generation,
            "frozen": lab.is_frozen,
            "job": None if newest is None else newest.to_json(),
            "nodes": list(looks.nodes()),
        }
    )


@router.get("/jobs/{number}")
def get_job(request: Request, number: int) -> Response:
    """One piece of work; raises NotFoundError `unknown-job`."""
    lab: Lab = request.app.state.lab
    return answer(lab.jobs.find(number).to_json())
