"""What the workshop adds to the control of a lab: the story that its page plays, and the exercises."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from fastapi import APIRouter

from ledger.errors import JsonValue
from nodes.lab.lab import Extension, Lab
from nodes.network.specification import NetworkSpecification
from nodes.node.clock import wall_ms
from scenarios.catalogue import find_scenario
from scenarios.running.checkpoint_desk import CheckpointDesk
from scenarios.running.first_story import workshop_network
from scenarios.running.replay_desk import ReplayDesk
from scenarios.running.story_desk import StoryDesk
from scenarios.story.story import DAY_MS
from scenarios.workshop.anomalies.desk import AnomalyDesk
from scenarios.workshop.exercise_desk import ExerciseDesk
from scenarios.workshop.group_report.desk import ReportDesk
from scenarios.workshop.network import EXTENSION as EXTENSION
from scenarios.workshop.verify_desk import VerifyDesk


def begin_lab(scenario: str | None) -> tuple[NetworkSpecification, tuple[str, ...]]:
    """What a new lab begins with: a trade's network, or that of the workshop; and the extension with its words."""
    if scenario is None:
        return workshop_network(wall_ms() // DAY_MS * DAY_MS), (EXTENSION,)  # its mornings are mornings
    return find_scenario(scenario).specification(), (EXTENSION, scenario)


class Workshop(Extension):
    """All parts together."""

    def __init__(self, lab: Lab, scenario: str = "") -> None:
        story = StoryDesk(lab, scenario)
        self._parts: tuple[Extension, ...] = (
            story,
            CheckpointDesk(lab, story),
            ReportDesk(lab),
            ExerciseDesk(lab),
            VerifyDesk(lab),
            ReplayDesk(lab),
            AnomalyDesk(),
        )

    def router(self) -> APIRouter:
        """The paths of every part."""
        router = APIRouter()
        for part in self._parts:
            router.include_router(part.router())
        return router

    def status(self) -> dict[str, JsonValue]:
        """What the parts add to `GET /network`."""
        told: dict[str, JsonValue] = {}
        for part in self._parts:
            told |= part.status()
        return told

    @contextmanager
    def giving_way(self) -> Iterator[None]:
        """Every part gives way."""
        with ExitStack() as giving:
            for part in self._parts:
                giving.enter_context(part.giving_way())
            yield

    def restarted(self) -> None:
        """Tells every part."""
        for part in self._parts:
            part.restarted()

    def close(self) -> None:
        """Closes every part."""
        for part in self._parts:
            part.close()
