"""The matrix for the page of a lab: `GET /anomalies`, run once in this process, when somebody first asks."""

from functools import cache

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter
from starlette.responses import Response

from ledger.errors import JsonValue
from nodes.http.answers import answer
from nodes.lab.lab import Extension
from scenarios.workshop.anomalies.account import matrix_json
from scenarios.workshop.anomalies.matrix import run_matrix


class AnomalyDesk(Extension):
    """Runs in a ledger of its own; the lab's has no part in it."""

    def __init__(self) -> None:
        self._turn: CapacityLimiter | None = None

    def router(self) -> APIRouter:
        """`GET /anomalies`."""
        router = APIRouter()

        @router.get("/anomalies")
        async def get_anomalies() -> Response:
            self._turn = self._turn or CapacityLimiter(1)
            return answer(await to_thread.run_sync(matrix_of_process, limiter=self._turn))

        return router


@cache
def matrix_of_process() -> dict[str, JsonValue]:
    """The same for every lab of this process."""
    return matrix_json(run_matrix())
