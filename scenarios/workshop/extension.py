"""What the workshop adds to the control of a lab: the story that its page plays, the exercises, and what stands beside them."""

from fastapi import APIRouter

from ledger.errors import JsonValue
from nodes.lab.lab import Lab
from scenarios.catalogue import find_scenario
from scenarios.running import replay_desk
from scenarios.running.first_story import FIRST_STORY
from scenarios.running.story_desk import StoryDesk
from scenarios.workshop import exercise_routes, group_report
from scenarios.workshop.anomalies import matrix


class Workshop(StoryDesk):
    """The story, which holds turns on the ledger, and beside it the paths of the other parts."""

    def __init__(self, lab: Lab, scenario: str = "") -> None:
        super().__init__(lab, find_scenario(scenario) if scenario else FIRST_STORY)

    def router(self) -> APIRouter:
        """The paths of every part."""
        router = super().router()
        for part in (exercise_routes.router, group_report.router, replay_desk.router, matrix.router):
            router.include_router(part)
        return router

    def status(self) -> dict[str, JsonValue]:
        """What story and exercises add to `GET /network`."""
        return {**super().status(), **exercise_routes.status(self.lab)}
