"""What the page shows of a story: all steps in a row, played or not, and one step in full, from the ledger.

A row never changes once its step is played, so each is written once for a language and a role, however many readers there are.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from threading import Lock
from typing import Any

from ledger.contract.calendar import DAY_MS
from ledger.contract.quantities import day
from ledger.encoding import encode_unchecked
from ledger.errors import JsonValue, NotFoundError
from nodes.http.answers import Answer, json_object, raw_list
from scenarios.identifiers import organization_of
from scenarios.report.lanes import others
from scenarios.report.steps import KINDS, lines_of
from scenarios.running.lab_book import SealedView
from scenarios.running.moves import Moves
from scenarios.running.story_run import StoryRun
from scenarios.story.play import MORNING_MS
from scenarios.story.story import Act, Again, Clock, HandOver, Inspect, Language, PlayedStep, Scenario, Step
from scenarios.story.tell import date_of, first_reason, is_refused

LANES_MAX = 16
"""Beyond this many members, those that act least share the last lane, whose member is empty."""
VIEWS_MAX = 64
"""Pairs of language and role whose rows are kept at hand."""
Key = tuple[Language, str]


class StoryAnswers:
    """Of one run."""

    def __init__(self, run: StoryRun, start_ms: int) -> None:
        """`start_ms` is the time of the genesis."""
        self._run = run
        self._start_ms = start_ms
        self._scenario = run.scenario
        self._lanes, self._lane_of = _lanes(self._scenario, run.steps)
        self._rows: dict[Key, list[bytes]] = {}
        self._steps: dict[tuple[Language, str, int], bytes] = {}
        self._frames: dict[Language, Answer] = {}
        self._untold: dict[Language, list[bytes]] = {}
        self._moves = Moves(self._scenario)
        self._lock = Lock()

    def forget(self) -> None:
        """The story begins again, or goes on elsewhere."""
        with self._lock:
            self._rows, self._steps, self._moves = {}, {}, Moves(self._scenario)

    def overview(self, language: Language, role: str, more: Mapping[str, JsonValue]) -> bytes:
        """The answer of `GET /story`; `more` is what changes without a step. Raises NotFoundError `unknown-role`."""
        self._verify_role(role)
        with self._lock:
            rows = self._rows_of((language, role))
            frame = self._frame(language)
            members: Answer = {**frame, **more, "at": len(self._run.kept), "steps": raw_list(rows)}
            return json_object(members)

    def step(self, number: int, language: Language, role: str) -> bytes:
        """The answer of `GET /story/steps/N` without its place in the log; raises NotFoundError `unknown-step`."""
        self._verify_role(role)
        if not 1 <= number <= len(self._run.steps):  # check: story-step
            raise NotFoundError("unknown-step", f"The story has the steps 1 to {len(self._run.steps)}, not {number}.")
        kept = self._run.kept
        with self._lock:
            self._follow()
            name, held = self._moves.held(number)
            rows: list[JsonValue] = [{"number": begun, "lane": self._lane_at(holder)} for begun, holder in held]
            end = b',"thing":' + encode_unchecked({"name": name, "held": rows}) + b"}"
            if number > len(kept):
                return self._ahead(language)[number - 1][:-1] + end
            key = (language, role, number)
            if key not in self._steps:
                _make_room(self._steps)
                self._steps[key] = encode_unchecked(self._in_full(kept[number - 1].played, language, role))
            return self._steps[key][:-1] + end

    def _verify_role(self, role: str) -> None:
        if role and role not in self._scenario.cast:  # check: story-role
            raise NotFoundError("unknown-role", f"Nobody in this story is called {role[:200]!r}.")

    def _frame(self, language: Language) -> Answer:
        """What no step changes."""
        if language not in self._frames:
            scenario = self._scenario
            self._frames[language] = {
                "scenario": scenario.name,
                "title": scenario.title.said(language),
                "summary": scenario.summary.said(language),
                "of": len(self._run.steps),
                "chapters": [{"title": chapter.title.said(language)} for chapter in scenario.story().chapters],
                "lanes": [{"member": member, "name": self._lane_name(member, language)} for member in self._lanes],
            }
        return self._frames[language]

    def _rows_of(self, key: Key) -> list[bytes]:
        language, role = key
        if key not in self._rows:
            _make_room(self._rows)
            self._rows[key] = []
        rows, kept = self._rows[key], self._run.kept
        self._follow()
        for one in kept[len(rows) :]:
            rows.append(encode_unchecked(self._row(one.played, language, role)))
        return [*rows, *self._ahead(language)[len(rows) :]]

    def _row(self, played: PlayedStep, language: Language, role: str) -> JsonValue:
        heights = [outcome.height for outcome in played.outcomes if outcome.height]
        row: dict[str, JsonValue] = {
            **self._plain(played.number, played.chapter, played.step, language),
            "date": date_of(played),
            "told": True,
            "refused": is_refused(played),
            "height": max(heights, default=None),
            "moves": self._moved(played.number),
        }
        if role:
            row["level"] = self._view(role).level(played, self._run.book())
        return row

    def _follow(self) -> None:
        """Sees what the newest steps moved."""
        for one in self._run.kept[len(self._moves.steps) :]:
            self._moves.add(one.played, self._run.book())

    def _moved(self, number: int) -> list[JsonValue]:
        """From which lane to which a step moved things: the name of the first, and how many; null where a member has no lane."""
        ways: dict[tuple[str | None, str | None, bool], list[str]] = {}
        for move in self._moves.steps[number - 1]:
            way = (self._lane_at(move.giver), self._lane_at(move.receiver), move.refused)
            ways.setdefault(way, []).append(move.name)
        return [
            {"name": names[0], "count": len(names), "from": giver, "to": receiver, "refused": refused}
            for (giver, receiver, refused), names in ways.items()
        ]

    def _lane_at(self, holder: str) -> str | None:
        """Of a member, or of an organization's first one that acts."""
        lanes = (lane for member, lane in self._lane_of.items() if holder in (member, organization_of(member)))
        return next(lanes, None)

    def _in_full(self, played: PlayedStep, language: Language, role: str) -> JsonValue:
        book = self._run.book()
        seen, seen_book = self._view(role).opened(played, book) if role else (played, book)
        line = lines_of(self._scenario, [seen], seen_book, language)[0]
        rest = self._plain(played.number, played.chapter, played.step, language)
        level = self._view(role).level(played, book) if role else ""
        why = "" if isinstance(played.step, Again) else first_reason(self._scenario, played, language)
        return {**rest, **asdict(line), "told": True, "level": level, "moves": self._moved(played.number), "why": why}

    def _ahead(self, language: Language) -> list[bytes]:
        """Rows of all steps as they are before they are played."""
        if language not in self._untold:
            nothing: dict[str, JsonValue] = {"told": False, "refused": False, "height": None, "moves": []}
            self._untold[language] = [
                encode_unchecked({**self._plain(place + 1, chapter, step, language), **nothing, "date": self._date(step)})
                for place, (chapter, step) in enumerate(self._run.steps)
            ]
        return self._untold[language]

    def _plain(self, number: int, chapter: int, step: Step, language: Language) -> dict[str, JsonValue]:
        """What the story says of a step, whatever comes of it."""
        members = _members(self._scenario, step)
        return {
            "number": number,
            "chapter": chapter,
            "kind": KINDS[type(step)],
            "who": " + ".join(self._scenario.called(member, language) for member in members),
            "actors": list(dict.fromkeys(self._lane_of[member] for member in members)),
            "words": step.words.said(language),
        }

    def _date(self, step: Step) -> str:
        return day(self._start_ms + step.day * DAY_MS + MORNING_MS) if isinstance(step, Clock) else ""

    def _view(self, role: str) -> SealedView:
        return SealedView(role, self._run.files, self._run.ledger)

    def _lane_name(self, member: str, language: Language) -> str:
        if member:
            return self._scenario.called(member, language)
        return others(sum(lane == "" for lane in self._lane_of.values()), language)


def _lanes(scenario: Scenario, steps: Sequence[tuple[int, Step]]) -> tuple[list[str], Mapping[str, str]]:
    """The lanes in the order in which their members first act, and the lane of each member."""
    acting = [member for _, step in steps for member in _members(scenario, step)]
    count = Counter(acting)
    own = {member for member, _ in count.most_common(LANES_MAX if len(count) <= LANES_MAX else LANES_MAX - 1)}
    lane_of = {member: member if member in own else "" for member in count}
    lanes = [member for member in dict.fromkeys(acting) if member in own]
    return (lanes if len(own) == len(count) else [*lanes, ""]), lane_of


def _members(scenario: Scenario, step: Step) -> tuple[str, ...]:
    """Who takes part in a step, as the story calls them."""
    if isinstance(step, HandOver):
        return (step.actor, step.receiver)
    if isinstance(step, Inspect):
        return (step.actor,)
    if isinstance(step, Again):
        steps = (one for chapter in scenario.story().chapters for one in chapter.steps)
        return next((one.actors for one in steps if isinstance(one, Act) and one.label == step.label), ())
    return step.actors if isinstance(step, Act) else ()


def _make_room(kept: dict[Any, Any]) -> None:
    """Lets go of what was made first."""
    while len(kept) >= VIEWS_MAX:
        del kept[next(iter(kept))]
