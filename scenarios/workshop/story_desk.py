"""Plays a scenario's story on a running lab, step by step, for the page of its nodes: a part of the lab's extension.

    GET  /story            every step in a row, told or not, and how far it is
    GET  /story/steps/N    one step in full: what was signed, what changed, who may see it, where it stands
    POST /story            {"to": N}, {"do": "next"}, {"do": "play", "pace_ms"?} or {"do": "pause"}; a job

A story goes forward on the ledger. Back is another branch: the ledger returns to its genesis, or to the nearest checkpoint
before, and is played on from there; the nodes then sign heights a second time that they have signed before.
"""

import threading
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.responses import Response

from ledger.chain.genesis import parse_genesis
from ledger.encoding import encode_unchecked
from ledger.errors import ConflictError, JsonValue, TallystickError
from nodes.app.answers import answer, language_of, parse_body, read_body
from nodes.app.error_codes import meanings
from nodes.lab.jobs import Job
from nodes.lab.lab import Lab
from scenarios.catalogue import find_scenario
from scenarios.story import Language, Scenario, Words
from scenarios.workshop.checkpoints import Checkpoints
from scenarios.workshop.first_story import FIRST_STORY
from scenarios.workshop.story_answers import StoryAnswers
from scenarios.workshop.story_run import StoryRun

BODY_BYTES_MAX = 1_000
ACCEPTED = 202
PACE_MS = 1_500
"""Between two steps that play by themselves, unless told otherwise: time to read one."""
BRANCH = Words(
    "This is branch {n}: nodes have signed other blocks at these heights before. On two branches the same keys equivocate, and "
    "the records of both would convict their validators; a lab may, nobody else.",
    "这是第 {n} 条分支：节点在这些高度上签署过别的区块。同一密钥出现在两条分支上即为双签，两边的记录足以指证其验证节点；"
    "只有实验室可以这样做。",
)
FAILED = Words(
    "Step {step} did not end: {meaning} Start or heal the nodes, then go on: the same envelopes are sent again. "
    "Or begin the story again.",
    "第 {step} 步没有结束：{meaning}请启动或修复节点后继续，系统会重发同一信封；也可以重新开始故事。",
)
OTHERWISE = Words(
    "Step {step} ended otherwise than the story tells: somebody else acted on this ledger meanwhile, or moved its clock. "
    "The story can go on, or begin again.",
    "第 {step} 步的结果与故事所述不同：期间有人在此账本上操作过，或调整过时钟。故事可以继续，也可以重新开始。",
)


class StoryOrder(BaseModel):
    """What the story is to do."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    to: Annotated[int, Field(ge=0)] | None = None
    do: Literal["next", "play", "pause"] | None = None
    pace_ms: Annotated[int, Field(ge=0, le=60_000)] = PACE_MS

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.to is None) == (self.do is None):
            raise ValueError("either `to` or `do`")
        return self


class StoryDesk:
    """Implements `nodes.lab.lab.Extension`."""

    def __init__(self, lab: Lab, scenario: str = "") -> None:
        self._lab = lab
        self.scenario: Scenario = find_scenario(scenario) if scenario else FIRST_STORY
        self.run = StoryRun(lab, self.scenario)
        self.answers = StoryAnswers(self.run, parse_genesis(lab.network.genesis_bytes).time_ms)
        chapters = [chapter for chapter, _ in self.run.steps]
        self._first_of_chapter = {chapters.index(chapter) + 1: chapter for chapter in {*chapters}}
        """By number of the step."""
        self._is_playing = False
        self._wish = 0
        """Number of the newest order: what was wished before ends between two steps."""
        self._timer: threading.Timer | None = None
        self._failure: tuple[int, str] | None = None
        """Step and code."""
        self.checkpoints = Checkpoints(lab, self.run)
        self._restored: str | None = None
        """The checkpoint with which the files of the story went back."""

    def status(self) -> dict[str, JsonValue]:
        """For `GET /network`."""
        story: JsonValue = {"at": len(self.run.kept), "of": len(self.run.steps), "playing": self._is_playing}
        return {"scenario": self.scenario.name, "story": story}

    def router(self) -> APIRouter:
        """Its paths."""
        router = APIRouter()

        @router.get("/story")
        def get_story(request: Request, role: str = "") -> Response:
            language = spoken(request)
            more: dict[str, JsonValue] = {
                "playing": self._is_playing,
                "branch": self._lab.generation,
                "branch_note": self.branch_note(language),
                "failure": self._failure_in(language),
            }
            return Response(self.answers.overview(language, role, more), media_type="application/json")

        @router.get("/story/steps/{number}")
        def get_step(request: Request, number: int, role: str = "") -> Response:
            body = self.answers.step(number, spoken(request), role)
            log = encode_unchecked(self._log_of(number))
            return Response(body[:-1] + b',"log":' + log + b"}", media_type="application/json")

        @router.post("/story")
        async def order(request: Request) -> Response:
            wanted = parse_body(StoryOrder, await read_body(request, BODY_BYTES_MAX), "bad-order")
            return answer({"job": self._order(wanted).to_json(), "branch": self._lab.generation}, ACCEPTED)

        return router

    def restarted(self) -> None:
        """The story begins again, or goes on where its files say."""
        self._rest()
        self._failure = None
        self.run.restarted(goes_on=self._restored is not None)
        self.checkpoints.went_back(self._restored)
        self.answers.forget()

    def close(self) -> None:
        """Ends after the step that is played now."""
        self._pause()
        self.run.close()

    def branch_note(self, language: Language) -> str:
        """What a branch means; empty on the first."""
        return BRANCH.said(language).format(n=self._lab.generation + 1) if self._lab.generation else ""

    def _order(self, wanted: StoryOrder) -> Job:
        if wanted.do == "pause":
            self._pause()
            return self._lab.start("pause", lambda: None)
        if wanted.do == "play":
            self._pause()
            self._is_playing = True
            wish = self._wish
            return self._lab.start("story", lambda: self._play_on(wanted.pace_ms, wish))
        at = len(self.run.kept)
        to = at + 1 if wanted.to is None else wanted.to
        if to > len(self.run.steps):  # check: story-to
            raise ConflictError("story-ended", f"The story has {len(self.run.steps)} steps; {to} is beyond its end.")
        self._pause()
        wish = self._wish
        return self._lab.start("story", lambda: self._go_to(to, wish))

    def _go_to(self, to: int, wish: int) -> None:
        if to < len(self.run.kept):
            self._go_back(to)
        while len(self.run.kept) < to and wish == self._wish and not self._lab.jobs.is_closing:
            self._step()

    def restore(self, name: str) -> None:
        """Takes the lab back to a checkpoint, where the story goes on; for the worker of the queue."""
        self._restored = name
        try:
            self._lab.go_back(lambda: self.checkpoints.put_back(name))
        finally:
            self._restored = None

    def _go_back(self, to: int) -> None:
        """To the nearest place from which the story plays on to that step."""
        name = self.checkpoints.nearest(to)
        if name is None:
            self._lab.reset()
        else:
            self.restore(name)

    def _play_on(self, pace_ms: int, wish: int) -> None:
        if wish != self._wish:
            return
        if not self._lab.is_frozen:
            self._step()
        if len(self.run.kept) == len(self.run.steps):
            self._is_playing = False
        if self._is_playing:
            self._timer = threading.Timer(pace_ms / 1000, lambda: self._lab.start("story", lambda: self._play_on(pace_ms, wish)))
            self._timer.daemon = True
            self._timer.start()

    def _step(self) -> None:
        number = len(self.run.kept) + 1
        try:
            chapter = self._first_of_chapter.get(number)
            if chapter or (chapter == 0 and self.run.ledger.newest_height()):  # before the first step, the genesis does
                self.checkpoints.save_before_chapter(chapter)
            self.run.play()
        except TallystickError as error:
            self._is_playing = False
            self._failure = (number, error.code)
            raise
        self._failure = None

    def _pause(self) -> None:
        self._wish += 1
        self._rest()

    def _rest(self) -> None:
        self._is_playing = False
        if self._timer is not None:
            self._timer.cancel()

    def _failure_in(self, language: Language) -> JsonValue:
        if self._failure is None:
            return None
        step, code = self._failure
        words = OTHERWISE if code == "not-as-told" else FAILED
        meaning = meanings().get(code, {}).get(language, code)
        return {"step": step, "code": code, "sentence": words.said(language).format(step=step, meaning=meaning)}

    def _log_of(self, number: int) -> JsonValue:
        """Where the step stands in the lab's log; None while it is not told, or not written down yet."""
        kept = self.run.kept
        if number > len(kept):
            return None
        self._lab.feed.read()
        span = self._lab.feed.span(kept[number - 1].begun_ms, kept[number - 1].ended_ms)
        return None if span is None else {"from": span[0], "to": span[1]}


def spoken(request: Request) -> Language:
    """`?lang=`, else what the caller's browser prefers."""
    asked = request.query_params.get("lang") or language_of(request)
    return "zh" if asked.startswith("zh") else "en"
