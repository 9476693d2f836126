"""A rehearsal of a room: browsers in groups join, do lab 1 on their pages, lose the teacher's machine in the middle, and go on.

Each browser is a context of one Chromium, with storage of its own; they press and type one after another, while the pages of all
ask on. The answers come from the walk of the lab, so no browser edits a copy in its Tamper view; it only looks at it.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import psutil
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from nodes.network.directory import free_ports
from nodes.words import Language, Words
from scenarios.workshop.labs.catalogue import find_exercise
from scenarios.workshop.progress import Row, read_begun, read_progress
from scenarios.workshop.room import Room
from tests.browser import PATIENCE_MS
from tests.lab_walks import finish, walk_chain
from tests.workshop_lab import Group

CHAIN = 1
FIRST, NEXT = "block", "id"
"""Questions: one is answered before the machine goes, in the field of the other somebody is when it goes."""
LANGUAGES: tuple[Language, ...] = ("en", "zh")
WORDS = {**Words.of("scenarios.workshop.serve")["teacher"], **Words.of("nodes.page")["exercises"]}
KEEP_TIMES = "performance.setResourceTimingBufferSize(20000)"
TIMES = "performance.getEntriesByType('resource').map((one) => one.duration)"


class ServedRoom:
    """`tallystick lab serve` as a process, with what it prints."""

    def __init__(self, directory: Path, groups: int) -> None:
        self.directory = directory
        self._command = [str(Path(sys.executable).with_name("tallystick")), "lab", "serve", "--json", "--host", "127.0.0.1"]
        self._command += ["--groups", str(groups), "--port", str(free_ports(1)[0]), "--dir", str(directory)]
        self.said: dict[str, Any] = {}

    def start(self) -> None:
        """Returns when it serves."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self.said = json.loads(self._process.stdout.readline())

    @property
    def processes(self) -> list[psutil.Process]:
        """The program, and all that it started."""
        own = psutil.Process(self._process.pid)
        return [own, *own.children(recursive=True)]

    def kill(self, *, is_power_cut: bool) -> None:
        """The program at once; in a power cut all that it started as well, which otherwise sees it gone and ends."""
        for process in self.processes if is_power_cut else self.processes[:1]:
            process.kill()
        self._process.communicate()

    def stop(self) -> None:
        """As Ctrl-C does; nothing where it does not run."""
        self._process.terminate()
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


@dataclass(slots=True)
class Figures:
    """What a rehearsal took."""

    browsers: int
    groups: int
    seconds: dict[str, float] = field(default_factory=dict)
    memory_mb: dict[str, int] = field(default_factory=dict)
    processor_seconds: dict[str, float] = field(default_factory=dict)
    answers_ms: list[float] = field(default_factory=list)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Counts the seconds of a part."""
        begun = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - begun

    def count(self, room: list[psutil.Process], browsers: list[psutil.Process]) -> None:
        """Memory now, the largest counts, and what processors did since these processes began; shared memory counts once."""
        for name, processes in (("the room", room), ("the browsers", browsers)):
            size = round(sum(process.memory_full_info().pss for process in processes) / 1e6)
            spent = sum(sum(process.cpu_times()[:2]) for process in processes)
            self.memory_mb[name] = max(size, self.memory_mb.get(name, 0))
            self.processor_seconds[name] = spent + self.processor_seconds.get(name, 0) * (name == "the room")

    def __str__(self) -> str:
        ordered = sorted(self.answers_ms)
        parts = [f"{self.browsers} browsers, {self.groups} groups"]
        parts += [f"{name} {seconds:.1f} s" for name, seconds in self.seconds.items()]
        parts += [
            f"{name}: {size} MB, {self.processor_seconds[name]:.0f} s of processors" for name, size in self.memory_mb.items()
        ]
        middle, late = (ordered[int(len(ordered) * part)] for part in (0.5, 0.99))
        parts.append(f"{len(ordered)} answers: half within {middle:.0f} ms, 99 % within {late:.0f}, slowest {ordered[-1]:.0f}")
        return "\n".join(parts)


@dataclass(frozen=True, slots=True)
class Participant:
    """One browser of a group."""

    group: int
    language: Language
    context: BrowserContext
    page: Page

    def say(self, key: str, **values: object) -> str:
        return WORDS[key].text(self.language, **values)

    def press(self, key: str) -> None:
        self.page.get_by_role("button", name=self.say(key), exact=True).click()

    def turn_to_the_questions(self) -> None:
        """Once the lab is begun; the last step of the handout shows all of them."""
        expect(self.page.get_by_role("button", name=self.say("check"), exact=True)).to_be_visible()
        self.page.locator(".marks button").last.click()

    def type(self, answers: dict[str, str]) -> None:
        for name, answer in answers.items():
            self.page.locator(f'input[name="{name}"]').fill(answer)

    def look_around(self, *views: str) -> None:
        """Turns to views, and waits until each is there."""
        for view in views:
            self.page.evaluate("(view) => { location.hash = location.hash.replace(/view=[a-z]+/, `view=${view}`) }", view)
            expect(self.page.locator(f"section.{view}").first).to_be_visible()


def rehearse(room: ServedRoom, browser: Browser, sizes: Sequence[int], *, is_power_cut: bool) -> Figures:
    """Plays it with groups of these sizes; raises where a browser does not come to the end of lab 1 with what it had before.

    The first of each group, who reads English, loads the page again while nobody answers; the last of all joins only afterwards.
    The others go on in the page that they have, and one of them in the field that it was in.
    """
    groups = range(1, len(sizes) + 1)
    *places, latecomer = [(group, LANGUAGES[place % 2]) for group in groups for place in range(sizes[group - 1])]
    figures = Figures(sum(sizes), len(groups))
    with figures.timed("start"):
        room.start()
    with figures.timed("join and start the lab"):
        people = [_joined(room, browser, *place) for place in places]
        drivers = [next(one for one in people if one.group == group) for group in groups]
        _start_labs(drivers, people)
    before = {group: _state(room, group) for group in groups}
    with figures.timed("look and type"):
        for one in people:
            one.look_around("ledger", "tamper", "exercises")
            one.type({FIRST: before[one.group].answers[FIRST]})
            one.press("check")
            expect(one.page.locator(".found li").first).to_be_visible()
    figures.count(room.processes, _browser_processes())
    tries = {group: _row(room, group).tries for group in before}
    figures.answers_ms += _times(people)

    writing = people[-1].page.locator(f'input[name="{NEXT}"]')
    writing.focus()
    room.kill(is_power_cut=is_power_cut)
    open_now = {one: one.page.url for one in drivers}
    for one in drivers:
        with suppress(Error):  # nobody is there to answer
            one.page.reload()
    said = room.said
    with figures.timed("start again"):
        room.start()
    assert {**said, "milliseconds": 0} == {**room.said, "milliseconds": 0}, "same code, token and ports"
    for one, address in open_now.items():
        one.page.goto("about:blank")  # the page of an error takes no order to reload, and half a page none to go where it is
        one.page.goto(address)

    with figures.timed("finish the lab"):
        late = _joined(room, browser, *latecomer)
        late.turn_to_the_questions()
        late.type({FIRST: before[late.group].answers[FIRST]})
        for one in (*people, late):
            answers = before[one.group].answers
            expect(one.page.locator(f'input[name="{FIRST}"]')).to_have_value(answers[FIRST])
            expect(one.page.locator("#banners .bad")).to_have_count(0)
            if one is people[-1]:
                expect(writing).to_be_focused()
            one.type({name: answer for name, answer in answers.items() if name != FIRST})
            one.press("check")
            expect(one.page.locator(".found")).to_contain_text(one.say("all-done"))
    figures.answers_ms += _times([*people, late])
    figures.count(room.processes, _browser_processes())
    for group, state in before.items():
        row = _row(room, group)
        assert row.done_ms is not None
        assert row.tries > tries[group] > 0
        assert _head_at(room, group, state.height) == state.head, "the ledger has the block that was its newest"
    for one in (*people, late):
        one.context.close()
    return figures


@dataclass(frozen=True, slots=True)
class State:
    """Of a group before the machine goes."""

    answers: dict[str, str]
    height: int
    head: str


def _joined(room: ServedRoom, browser: Browser, group: int, language: Language) -> Participant:
    context = browser.new_context()
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(KEEP_TIMES)
    one = Participant(group, language, context, context.new_page())
    one.page.goto(f"{room.said['room'][0]}#language={language}")
    one.page.locator("#code").fill(room.said["code"])
    one.page.get_by_role("button", name=one.say("go", number=group), exact=True).click()
    port = room.said["groups"][group - 1]["ports"][0]
    one.page.wait_for_url(f"http://127.0.0.1:{port}/**")
    return one


def _start_labs(drivers: list[Participant], people: list[Participant]) -> None:
    for one in drivers:
        one.page.locator("section.exercises nav a").nth(CHAIN - 1).click()
        one.press("start")
        one.press("yes")
    for one in people:
        one.turn_to_the_questions()


def _room(room: ServedRoom, group: int) -> Room:
    directory = Path(room.said["groups"][group - 1]["directory"])
    begun = read_begun(directory)
    assert begun is not None
    return Room(directory, begun.seed)


def _state(served: ServedRoom, group: int) -> State:
    room = _room(served, group)
    answers = finish(walk_chain(Group(room.directory, find_exercise(CHAIN)), room))
    with room.client() as client:
        height = client.node()["height"]
    return State(answers, height, _head_at(served, group, height))


def _head_at(served: ServedRoom, group: int, height: int) -> str:
    with _room(served, group).client() as client:
        return str(client.get(f"/v1/blocks/{height}")["id"])


def _row(served: ServedRoom, group: int) -> Row:
    return read_progress(_room(served, group).directory)[CHAIN]


def _times(people: list[Participant]) -> list[float]:
    """Milliseconds of all that the pages were answered."""
    return [duration for one in people for duration in one.page.evaluate(TIMES)]


def _browser_processes() -> list[psutil.Process]:
    return [one for one in psutil.Process().children(recursive=True) if "chrom" in one.name()]
