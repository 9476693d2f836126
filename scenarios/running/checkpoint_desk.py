"""Checkpoints over HTTP, a part of the lab's extension.

GET  /checkpoints         all of them, and on which branch the ledger is
POST /checkpoints         {"name"}: saves one; a job
POST /checkpoints/NAME    restores it: the ledger, the clocks, the story and the openings; a job
"""

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from ledger.errors import JsonValue
from nodes.http.answers import answer, parse_body, read_body
from nodes.lab.lab import Extension, Lab
from scenarios.running.checkpoints import COUNT_MAX
from scenarios.running.story_desk import StoryDesk, spoken

BODY_BYTES_MAX = 1_000
ACCEPTED = 202


class SaveOrder(BaseModel):
    """How the new one is called."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    name: str


class CheckpointDesk(Extension):
    """Checkpoints of the lab; those of the story itself, the story's desk keeps."""

    def __init__(self, lab: Lab, story: StoryDesk) -> None:
        self._lab = lab
        self._story = story
        self._checkpoints = story.checkpoints

    def router(self) -> APIRouter:
        """Its paths."""
        router = APIRouter()

        @router.get("/checkpoints")
        def get_checkpoints(request: Request) -> Response:
            rows: list[JsonValue] = [
                {**one.model_dump(), "bytes": size, "on_branch": self._checkpoints.is_on_branch(one.name)}
                for one, size in self._checkpoints.all()
            ]
            note = self._story.branch_note(spoken(request))
            return answer({"checkpoints": rows, "branch": self._lab.generation, "branch_note": note, "count_max": COUNT_MAX})

        @router.post("/checkpoints")
        async def save(request: Request) -> Response:
            name = parse_body(SaveOrder, await read_body(request, BODY_BYTES_MAX), "bad-order").name
            self._checkpoints.verify_name(name)
            job = self._lab.jobs.beside("checkpoint", lambda: self._save(name))  # perhaps after a step that waits
            return answer({"job": job.to_json()}, ACCEPTED)

        @router.post("/checkpoints/{name}")
        async def restore(name: str) -> Response:
            self._checkpoints.verify_there(name)
            job = self._lab.jobs.start("restore", lambda: self._story.restore(name))
            return answer({"job": job.to_json()}, ACCEPTED)

        return router

    def _save(self, name: str) -> None:
        with self._lab.turns:
            self._checkpoints.save(name)
