"""A scenario's story on a running lab over HTTP, for the page of its nodes: a part of the lab's extension.

    GET  /story              every step in a row, played or not, and how far it is
    GET  /story/steps/N      one step in full: what was signed, what changed, who may see it, where it stands
    POST /story              {"to": N}, {"do": "next"}, {"do": "play", "pace_ms"?} or {"do": "pause"}; a job
    GET  /checkpoints        all of them, and on which branch the ledger is
    POST /checkpoints        {"name"}: saves one; a job
    POST /checkpoints/NAME   restores it: the ledger, the clocks, the story and the openings; a job

A story goes forward on the ledger. Back is another branch: the ledger returns to its genesis, or to the nearest checkpoint
before, and is played on from there; the nodes then sign heights a second time that they have signed before.
"""

from contextlib import AbstractContextManager
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from ledger.encoding import encode_unchecked
from ledger.errors import JsonValue
from ledger.genesis import parse_genesis
from nodes.app.lab_routes import VIA
from nodes.http.answers import answer, meanings
from nodes.lab.lab import Extension, Lab
from nodes.lab.routes import ACCEPTED, LabOrder, ThisLanguage
from nodes.words import Language, Words
from scenarios.running.checkpoints import COUNT_MAX
from scenarios.running.story_answers import StoryAnswers
from scenarios.running.story_run import StoryRun
from scenarios.running.story_way import StoryOrder, StoryWay
from scenarios.story.story import Scenario

AFTER_MS = 500
"""How long after a step, unless the next one begins, other nodes may still say and write what belongs to it."""
WORDS = Words.of("scenarios.running")["story"]


class SaveOrder(LabOrder):
    """How a new checkpoint is called."""

    name: str


class StoryDesk(Extension):
    """The story of one lab, and its checkpoints."""

    def __init__(self, lab: Lab, scenario: Scenario) -> None:
        self.lab = lab
        self.scenario = scenario
        self.run = StoryRun(lab, scenario)
        self.answers = StoryAnswers(self.run, parse_genesis(lab.network.genesis_bytes).time_ms)
        self._way = StoryWay(lab, self.run)
        self._checkpoints = self._way.checkpoints

    def router(self) -> APIRouter:
        """Its paths."""
        router = APIRouter()
        router.get("/story")(self.get_story)
        router.get("/story/steps/{number}")(self.get_step)
        router.post("/story")(self.order)
        router.get("/checkpoints")(self.get_checkpoints)
        router.post("/checkpoints")(self.save)
        router.post("/checkpoints/{name}")(self.restore)
        return router

    def called(self, member: str) -> JsonValue:
        """As in the story."""
        words = self.scenario.cast.get(member)
        return None if words is None else {**words.both()}

    def get_story(self, language: ThisLanguage, role: str = "") -> Response:
        """All steps, and how far it is."""
        more: dict[str, JsonValue] = {
            "playing": self._way.is_busy,
            "branch": self.lab.generation,
            "branch_note": self._branch_note(language),
            "failure": self._failure_in(language),
        }
        return Response(self.answers.overview(language, role, more), media_type="application/json")

    def get_step(self, language: ThisLanguage, number: int, role: str = "") -> Response:
        """One step in full."""
        body = self.answers.step(number, language, role)
        log = encode_unchecked(self._log_of(number))
        return Response(body[:-1] + b',"log":' + log + b"}", media_type="application/json")

    async def order(self, request: Request, order: Annotated[StoryOrder, Depends(StoryOrder.read)]) -> Response:
        """On, back, or a halt."""
        job = self._way.order(order, is_from_room=VIA in request.headers)
        return answer({"job": job.to_json(), "branch": self.lab.generation}, ACCEPTED)

    def get_checkpoints(self, language: ThisLanguage) -> Response:
        """All of them."""
        rows: list[JsonValue] = [
            {**one.model_dump(), "bytes": size, "on_branch": self._checkpoints.is_on_branch(one.name)}
            for one, size in self._checkpoints.all()
        ]
        note = self._branch_note(language)
        return answer({"checkpoints": rows, "branch": self.lab.generation, "branch_note": note, "count_max": COUNT_MAX})

    async def save(self, order: Annotated[SaveOrder, Depends(SaveOrder.read)]) -> Response:
        """Saves one, perhaps after a step that waits."""
        self._checkpoints.verify_name(order.name)
        job = self.lab.jobs.beside("checkpoint", lambda: self._save(order.name))
        return answer({"job": job.to_json()}, ACCEPTED)

    async def restore(self, name: str) -> Response:
        """Goes back to one, where the story goes on."""
        self._checkpoints.verify_there(name)
        job = self.lab.jobs.start("restore", lambda: self._way.restore(name))
        return answer({"job": job.to_json()}, ACCEPTED)

    def status(self) -> dict[str, JsonValue]:
        """For `GET /network`."""
        story: JsonValue = {"at": len(self.run.kept), "of": len(self.run.steps), "playing": self._way.is_busy}
        return {"scenario": self.scenario.name, "story": story}

    def giving_way(self) -> AbstractContextManager[None]:
        """The way of the story ends."""
        return self._way.giving_way()

    def restarted(self) -> None:
        """The story begins again, or goes on where its files say."""
        self._way.restarted()
        self.answers.forget()

    def close(self) -> None:
        """Ends after the step that is played now."""
        self._way.close()

    def _save(self, name: str) -> None:
        with self.lab.turns:
            self._checkpoints.save(name)

    def _branch_note(self, language: Language) -> str:
        """What a branch means; empty on the first."""
        return WORDS["branch"].text(language, n=self.lab.generation + 1) if self.lab.generation else ""

    def _failure_in(self, language: Language) -> JsonValue:
        if self._way.failure is None:
            return None
        step, code = self._way.failure
        words = WORDS["otherwise" if code == "not-as-told" else "waits" if self._way.is_playing else "failed"]
        meaning = meanings().get(code, {}).get(language, code)
        return {"step": step, "code": code, "sentence": words.text(language, step=step, meaning=meaning)}

    def _log_of(self, number: int) -> JsonValue:
        """Where the step stands in the lab's log; None while it is not played, or not written down yet."""
        kept = self.run.kept
        if number > len(kept):
            return None
        self.lab.feed.read()
        until_ms = kept[number - 1].ended_ms + AFTER_MS
        if number < len(kept):
            until_ms = max(min(until_ms, kept[number].begun_ms - 1), kept[number - 1].ended_ms)
        span = self.lab.feed.span(kept[number - 1].begun_ms, until_ms)
        return None if span is None else {"from": span[0], "to": span[1]}
