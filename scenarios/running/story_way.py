"""The way of a story on a running lab: to a step, by itself, or back; what a step waits for, and what ends the way.

The worker of the ledger plays, and each step takes a turn: nodes and links can fail, and be mended, amid a step. Taking
the ledger back ends the way. A step that plays by itself is tried until there is a quorum again.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ledger.errors import BusyError, ConflictError, IndefiniteError, TallystickError
from nodes.lab.jobs import Work
from nodes.lab.lab import Lab
from nodes.lab.routes import LabOrder
from scenarios.running.checkpoints import Checkpoints
from scenarios.running.story_run import StoryRun

PACE_MS = 1_500
"""Between two steps that play by themselves, unless an order says otherwise: time to read one."""
RETRY_MS = 500
"""At least this long after a step that did not end."""
HELD_SECONDS = 0.2
"""How often a story that is held back looks whether it may go on."""


class StoryOrder(LabOrder):
    """What the story is to do."""

    to: Annotated[int, Field(ge=0)] | None = None
    do: Literal["next", "play", "pause"] | None = None
    pace_ms: Annotated[int, Field(ge=0, le=60_000)] = PACE_MS

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.to is None) == (self.do is None):
            raise ValueError("either `to` or `do`")
        return self


@dataclass(frozen=True, slots=True, eq=False)
class _Way:
    """What was ordered: each order is one of its own."""

    pace_ms: int
    is_from_room: bool
    """By a node's page, so that the teacher can hold it back."""


class StoryWay:
    """Of one lab. Its newest order counts; what was ordered before ends between two steps."""

    def __init__(self, lab: Lab, run: StoryRun) -> None:
        self._lab = lab
        self._run = run
        self.checkpoints = Checkpoints(lab, run)
        chapters = [chapter for chapter, _ in run.steps]
        self._first_of_chapter = {chapters.index(chapter) + 1: chapter for chapter in {*chapters}}
        """By number of the step."""
        self.is_playing = False
        """By itself, until it is paused."""
        self._is_going = False
        """To the step that was ordered."""
        self._way: _Way | None = None
        self._is_own = False
        """Whether the ledger goes back because the story does."""
        self._timer: threading.Timer | None = None
        self.failure: tuple[int, str] | None = None
        """Of the step that is next: its number, and the code of what kept it from its end."""
        self._restored: str | None = None
        """The checkpoint with which the files of the story went back."""

    @property
    def is_busy(self) -> bool:
        """Whether steps are played one after another."""
        return self.is_playing or self._is_going

    def restarted(self) -> None:
        """The story begins again, or goes on where its files say."""
        self._rest()
        self.failure = None
        self._run.restarted(goes_on=self._restored is not None)
        self.checkpoints.went_back(self._restored)

    def close(self) -> None:
        """Ends after the step that is played now."""
        self._pause()
        self._run.close()

    def order(self, wanted: StoryOrder, *, is_from_room: bool) -> Work:
        """Raises ConflictError `story-ended`, BusyError `too-many-jobs`."""
        if wanted.do == "pause":
            self._pause()
            return self._lab.jobs.start("pause", lambda: None, "ledger")  # done when no step is played any more
        way = _Way(wanted.pace_ms, is_from_room)
        if wanted.do == "play":
            self._pause()
            self._way, self.is_playing = way, True
            return self._begin(lambda: self._play_on(way))
        at = len(self._run.kept)
        to = at + 1 if wanted.to is None else wanted.to
        if to > len(self._run.steps):  # check: story-to
            raise ConflictError("story-ended", f"The story has {len(self._run.steps)} steps; {to} is beyond its end.")
        self._pause()
        self._way = way
        waiting = ExitStack()
        if to < at:  # a step that waits for a quorum is of no use any more
            waiting.enter_context(self._run.interrupted())
        try:
            return self._begin(lambda: self._go_to(to, way, waiting))
        except BusyError:
            waiting.close()
            raise

    def _begin(self, call: Callable[[], None]) -> Work:
        return self._lab.jobs.start("story", call, "ledger")

    def restore(self, name: str) -> None:
        """Takes the lab back to a checkpoint, where the story goes on; for the worker of the network."""
        self._restored = name
        try:
            self._lab.go_back(lambda: self.checkpoints.put_back(name))
        finally:
            self._restored = None

    def _go_back(self, to: int, way: _Way) -> None:
        """To the nearest place from which the story plays on to that step; for the worker of the network."""
        if way is not self._way:
            return
        self._is_own = True
        try:
            name = self.checkpoints.nearest(to)
            if name is None:
                self._lab.reset()
            else:
                self.restore(name)
        finally:
            self._is_own = False

    @contextmanager
    def giving_way(self) -> Iterator[None]:
        """The ledger goes back, or the lab ends: so does the way of the story, unless it wished that itself."""
        if not self._is_own:
            self._pause()
        with self._run.interrupted():
            yield

    # What follows is for the worker of the ledger.

    def _go_to(self, to: int, way: _Way, waiting: ExitStack) -> None:
        waiting.close()
        self._is_going = True
        try:
            if way is self._way and to < len(self._run.kept):
                self._lab.jobs.do("story", lambda: self._go_back(to, way))
            while way is self._way and len(self._run.kept) < to:
                if self._is_held(way):
                    time.sleep(HELD_SECONDS)
                else:
                    self._step(way)
        finally:
            self._is_going = False

    def _play_on(self, way: _Way) -> None:
        """One step; the next one by a clock. A step for which there is no quorum is tried again until there is one."""
        pace_ms = way.pace_ms
        if self._is_held(way):
            pace_ms = max(pace_ms, RETRY_MS)
        else:
            try:
                self._step(way)
            except (IndefiniteError, BusyError):
                pace_ms = max(pace_ms, RETRY_MS)
        if way is not self._way:
            return
        if len(self._run.kept) == len(self._run.steps):
            self.is_playing = False
        if self.is_playing:
            self._timer = threading.Timer(pace_ms / 1000, lambda: self._begin(lambda: self._play_on(way)))
            self._timer.daemon = True
            self._timer.start()

    def _is_held(self, way: _Way) -> bool:
        """Whether it waits because the teacher has frozen what is acted from the room."""
        return way.is_from_room and self._lab.is_frozen

    def _step(self, way: _Way) -> None:
        with self._lab.turns:
            if way is not self._way:
                return
            number = len(self._run.kept) + 1
            try:
                self._save_before(number)
                self._run.play()
            except TallystickError as error:
                if way is not self._way:  # it was broken off
                    return
                self.is_playing = self.is_playing and isinstance(error, IndefiniteError | BusyError)
                self.failure = (number, error.code)
                raise
            self.failure = None

    def _save_before(self, number: int) -> None:
        chapter = self._first_of_chapter.get(number)
        is_tried_again = self.failure is not None and self.failure[0] == number
        if chapter is None or is_tried_again:
            return
        if chapter or self._run.ledger.newest_height():  # before the first step, the genesis does
            self.checkpoints.save_before_chapter(chapter)

    # For any thread.

    def _pause(self) -> None:
        self._way = None
        self._rest()

    def _rest(self) -> None:
        self.is_playing = False
        if self._timer is not None:
            self._timer.cancel()
