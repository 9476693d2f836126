"""Plays a scenario's story on a running lab, step by step, for the page of its nodes: a part of the lab's extension.

    GET  /story            every step in a row, told or not, and how far it is
    GET  /story/steps/N    one step in full: what was signed, what changed, who may see it, where it stands
    POST /story            {"to": N}, {"do": "next"}, {"do": "play", "pace_ms"?} or {"do": "pause"}; a job

A story goes forward on the ledger. Back is another branch: the ledger returns to its genesis, or to the nearest checkpoint
before, and is played on from there; the nodes then sign heights a second time that they have signed before.
"""

from contextlib import AbstractContextManager

from fastapi import APIRouter, Request
from starlette.responses import Response

from ledger.encoding import encode_unchecked
from ledger.errors import JsonValue
from ledger.genesis import parse_genesis
from nodes.app.lab_routes import VIA
from nodes.http.answers import answer, language_of, meanings, parse_body, read_body
from nodes.lab.lab import Extension, Lab
from scenarios.catalogue import find_scenario
from scenarios.running.first_story import FIRST_STORY
from scenarios.running.story_answers import StoryAnswers
from scenarios.running.story_run import StoryRun
from scenarios.running.story_way import StoryOrder, StoryWay
from scenarios.story.story import Language, Scenario, Words

BODY_BYTES_MAX = 1_000
ACCEPTED = 202
AFTER_MS = 500
"""So long after a step, unless the next one begins, other nodes may still say and write what belongs to it."""
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
WAITS = Words(
    "Step {step} waits: {meaning} Start or heal the nodes: the story goes on by itself, with the same envelopes.",
    "第 {step} 步正在等待：{meaning}请启动或修复节点：故事会自行继续，重发同一信封。",
)
OTHERWISE = Words(
    "Step {step} ended otherwise than the story tells: somebody else acted on this ledger meanwhile, or moved its clock. "
    "The story can go on, or begin again.",
    "第 {step} 步的结果与故事所述不同：期间有人在此账本上操作过，或调整过时钟。故事可以继续，也可以重新开始。",
)


class StoryDesk(Extension):
    """The story of the lab."""

    def __init__(self, lab: Lab, scenario: str = "") -> None:
        self._lab = lab
        self.scenario: Scenario = find_scenario(scenario) if scenario else FIRST_STORY
        self.run = StoryRun(lab, self.scenario)
        self.answers = StoryAnswers(self.run, parse_genesis(lab.network.genesis_bytes).time_ms)
        self._way = StoryWay(lab, self.run)
        self.checkpoints = self._way.checkpoints

    def status(self) -> dict[str, JsonValue]:
        """For `GET /network`."""
        story: JsonValue = {"at": len(self.run.kept), "of": len(self.run.steps), "playing": self._way.is_busy}
        return {"scenario": self.scenario.name, "story": story}

    def router(self) -> APIRouter:
        """Its paths."""
        router = APIRouter()

        @router.get("/story")
        def get_story(request: Request, role: str = "") -> Response:
            language = spoken(request)
            more: dict[str, JsonValue] = {
                "playing": self._way.is_busy,
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
            job = self._way.order(wanted, is_from_room=VIA in request.headers)
            return answer({"job": job.to_json(), "branch": self._lab.generation}, ACCEPTED)

        return router

    def giving_way(self) -> AbstractContextManager[None]:
        """The way of the story ends."""
        return self._way.giving_way()

    def restarted(self) -> None:
        """The story begins again, or goes on where its files say."""
        self._way.restarted()
        self.answers.forget()

    def restore(self, name: str) -> None:
        """Takes the lab back to a checkpoint, where the story goes on; for the worker of the network."""
        self._way.restore(name)

    def close(self) -> None:
        """Ends after the step that is played now."""
        self._way.close()

    def branch_note(self, language: Language) -> str:
        """What a branch means; empty on the first."""
        return BRANCH.said(language).format(n=self._lab.generation + 1) if self._lab.generation else ""

    def _failure_in(self, language: Language) -> JsonValue:
        if self._way.failure is None:
            return None
        step, code = self._way.failure
        words = OTHERWISE if code == "not-as-told" else WAITS if self._way.is_playing else FAILED
        meaning = meanings().get(code, {}).get(language, code)
        return {"step": step, "code": code, "sentence": words.said(language).format(step=step, meaning=meaning)}

    def _log_of(self, number: int) -> JsonValue:
        """Where the step stands in the lab's log; None while it is not told, or not written down yet."""
        kept = self.run.kept
        if number > len(kept):
            return None
        self._lab.feed.read()
        until_ms = kept[number - 1].ended_ms + AFTER_MS
        if number < len(kept):
            until_ms = max(min(until_ms, kept[number].begun_ms - 1), kept[number - 1].ended_ms)
        span = self._lab.feed.span(kept[number - 1].begun_ms, until_ms)
        return None if span is None else {"from": span[0], "to": span[1]}


def spoken(request: Request) -> Language:
    """`?lang=`, else what the caller's browser prefers."""
    asked = request.query_params.get("lang") or language_of(request)
    return "zh" if asked.startswith("zh") else "en"
