"""Plays a scenario's story on a running lab, step by step, for the page of its nodes: a part of the lab's extension."""

from fastapi import APIRouter
from starlette.responses import Response

from ledger.errors import JsonValue
from nodes.app.answers import answer
from nodes.lab.lab import Lab


class StoryDesk:
    """Implements `nodes.lab.lab.Extension`."""

    def __init__(self, lab: Lab, scenario: str = "") -> None:
        self._lab = lab
        self._scenario = scenario

    def router(self) -> APIRouter:
        """`GET /story`."""
        router = APIRouter()

        @router.get("/story")
        def get_story() -> Response:
            told: dict[str, JsonValue] = {"scenario": self._scenario}
            return answer(told)

        return router

    def restarted(self) -> None:
        """The story begins again."""

    def close(self) -> None:
        """Nothing is held."""
