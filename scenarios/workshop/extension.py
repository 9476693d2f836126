"""What the workshop adds to the control of a lab: the story that its page plays, the exercises, and what stands beside them."""

from contextlib import AbstractContextManager

from fastapi import APIRouter

from ledger.errors import JsonValue
from nodes.lab.lab import Extension, Lab
from nodes.network.specification import NetworkSpecification
from nodes.node.clock import wall_ms
from scenarios.catalogue import find_scenario
from scenarios.running import replay_desk
from scenarios.running.first_story import FIRST_STORY, workshop_network
from scenarios.running.story_desk import StoryDesk
from scenarios.story.story import DAY_MS
from scenarios.workshop import exercise_routes, group_report
from scenarios.workshop.anomalies import matrix
from scenarios.workshop.network import EXTENSION


def begin_lab(scenario: str | None) -> tuple[NetworkSpecification, tuple[str, ...]]:
    """What a new lab begins with: a trade's network, or that of the workshop; and the extension with its words."""
    if scenario is None:
        return workshop_network(wall_ms() // DAY_MS * DAY_MS), (EXTENSION,)  # its mornings are mornings
    return find_scenario(scenario).specification(), (EXTENSION, scenario)


class Workshop(Extension):
    """The story, which holds turns on the ledger, and the paths of all parts."""

    def __init__(self, lab: Lab, scenario: str = "") -> None:
        self._lab = lab
        self._story = StoryDesk(lab, find_scenario(scenario) if scenario else FIRST_STORY)

    def router(self) -> APIRouter:
        """The paths of every part."""
        router = APIRouter()
        for part in (self._story.router(), exercise_routes.router, group_report.router, replay_desk.router, matrix.router):
            router.include_router(part)
        return router

    def status(self) -> dict[str, JsonValue]:
        """What story and exercises add to `GET /network`."""
        return {**self._story.status(), **exercise_routes.status(self._lab)}

    def giving_way(self) -> AbstractContextManager[None]:
        """The way of the story ends."""
        return self._story.giving_way()

    def restarted(self) -> None:
        """The ledger went back, and so does the story."""
        self._story.restarted()

    def close(self) -> None:
        """Ends after the step that is played now."""
        self._story.close()
