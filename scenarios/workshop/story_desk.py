"""Plays a scenario's story on a running lab, step by step, for the page of its nodes: the extension of the lab's control."""

from fastapi import APIRouter
from starlette.responses import Response

from ledger.errors import JsonValue
from nodes.app.answers import answer
from nodes.clock import wall_ms
from nodes.lab.lab import Lab
from nodes.network_specification import NetworkSpecification, default_specification
from scenarios.catalogue import find_scenario

EXTENSION = "scenarios.workshop.story_desk:StoryDesk"


def begin_lab(scenario: str | None) -> tuple[NetworkSpecification, tuple[str, ...]]:
    """What a new lab begins with: a trade's network, or four organizations with the sample contract."""
    if scenario is None:
        return default_specification(wall_ms()), (EXTENSION,)
    return find_scenario(scenario).specification(), (EXTENSION, scenario)


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
