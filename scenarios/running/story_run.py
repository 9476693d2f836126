"""The performance of a story on a running lab: one step after another, kept on disk, going on where it was.

A step that did not end because nodes were silent does not count as played: tried again, it sends the very same envelopes. One
that ended otherwise than the story says, because somebody else acted meanwhile, is kept as it ended, and the error says so.
"""

import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from shutil import rmtree
from threading import Lock, RLock
from typing import Any

from ledger.errors import ConflictError, OperatorError, TallystickError, VerificationError
from ledger.transaction import Transaction, parse_transaction
from nodes.client import Client
from nodes.lab.lab import Lab
from nodes.network.directory import client_of
from nodes.node.clock import wall_ms
from scenarios.client_files import ClientFiles
from scenarios.report.book import Book
from scenarios.running.lab_book import LabBook
from scenarios.story.live_stage import OPENINGS, LiveStage
from scenarios.story.play import Player, steps_of
from scenarios.story.story import Act, Outcome, PlayedStep, Scenario

STORY_FILE = "story.jsonl"
"""A line a step: what came back for each call, and the envelope of one that comes once more."""
FINAL_S = 15
"""A step that has not ended by then waits for a quorum, and somebody must heal the network first."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A step as it was played, and its envelope if it has a label."""

    played: PlayedStep
    envelope: Transaction | None
    begun_ms: int = 0
    ended_ms: int = 0
    """By the host's clock, as in the lab's log."""


class StoryRun:
    """One for each lab; the worker of its queue plays, anybody reads."""

    def __init__(self, lab: Lab, scenario: Scenario) -> None:
        self._lab = lab
        self.scenario = scenario
        self.steps = steps_of(scenario)
        self.ledger = LabBook(scenario, tuple(lab.network.directory / node.directory for node in lab.network.file.nodes))
        self._playing: tuple[LiveStage, Player] | None = None
        self._client: Client | None = None
        """Of the stage."""
        self._interruptions = 0
        self._interrupting = Lock()
        self._lock = RLock()
        self._files: ClientFiles | None = None
        self._kept: list[Kept] | None = None
        """What was played; None before the first look."""

    @property
    def kept(self) -> Sequence[Kept]:
        """What was played so far; it only grows, until the ledger goes back."""
        if self._kept is None:
            with self._lock:
                self._kept = list(self._read())
        return self._kept

    @property
    def file(self) -> Path:
        """With what was played."""
        return self._lab.network.directory / STORY_FILE

    @property
    def openings(self) -> Path:
        """What the clients keep."""
        return self._lab.network.directory / OPENINGS

    @property
    def files(self) -> ClientFiles:
        """What the clients keep, for the readers of a step."""
        if self._playing is not None:
            return self._playing[0].files
        if self._files is None:
            self._files = ClientFiles(secrets.token_bytes, self.openings)
            self._files.load()
        return self._files

    def book(self) -> Book:
        """The ledger up to what was played."""
        return self.ledger.up_to(max((outcome.height for kept in self.kept for outcome in kept.played.outcomes), default=0))

    def play(self) -> None:
        """Plays the next step; raises ConflictError `story-ended`, VerificationError `not-as-told`, or why it did not end."""
        with self._lock:
            stage, player = self._begun()
            place = len(player.played)
            if place == len(self.steps):  # check: story-ended
                raise ConflictError(
                    "story-ended", f"The story has ended: all its {place} steps are told. Go back to tell it again."
                )
            chapter, step = self.steps[place]
            begun_ms = wall_ms()
            try:
                player.play(chapter, step)
            except VerificationError:
                if len(player.played) == place:
                    player.played.append(PlayedStep(chapter, place + 1, step, stage.head().time_ms))
                raise
            finally:
                if len(player.played) > place:
                    self._keep(stage, player.played[-1], begun_ms)

    @contextmanager
    def interrupted(self) -> Iterator[None]:
        """Inside, the step that is played in another thread ends soon, and no other one is played."""
        with self._interrupting:
            self._interruptions += 1
            if self._client is not None:
                self._client.interrupt()
        try:
            yield
        finally:
            with self._interrupting:
                self._interruptions -= 1
                if self._client is not None and not self._interruptions:
                    self._client.resume()

    def restarted(self, *, goes_on: bool) -> None:
        """The ledger went back: the story goes on with what its file says, or begins again."""
        with self._lock:
            self.close()
            self.ledger.forget()
            if not goes_on:
                self.file.unlink(missing_ok=True)
                rmtree(self.openings, ignore_errors=True)
            self._kept = self._files = None

    def close(self) -> None:
        """Ends the connections, after the step that is played."""
        with self._lock:
            if self._playing is not None:
                self._playing[0].close()
            with self._interrupting:
                self._playing = self._client = None

    def _begun(self) -> tuple[LiveStage, Player]:
        with self._lock:
            if self._playing is None:
                stage = self._stage()
                player = Player(self.scenario, stage)
                for kept in self.kept:
                    player.played.append(kept.played)
                    if isinstance(kept.played.step, Act) and kept.played.step.label and kept.played.outcomes:
                        player.envelopes[kept.played.step.label] = kept.played.outcomes[0]
                    if kept.envelope is not None:
                        stage.sent[kept.envelope.id] = kept.envelope
                self._playing = (stage, player)
            return self._playing

    def _stage(self) -> LiveStage:
        client = client_of(self._lab.network.directory, *self._lab.network.members)  # where one falls silent, the next one
        try:
            stage = LiveStage(self._lab.network, client, FINAL_S)
            if self.kept:
                stage.files.load()
        except TallystickError:
            client.close()
            raise
        with self._interrupting:
            self._client = client
            if self._interruptions:
                client.interrupt()
        return stage

    def _read(self) -> Sequence[Kept]:
        """What the file says, if this ledger holds it: it may have been reset while no control ran."""
        with suppress(OperatorError):
            kept = read_lines(self.scenario, self.file)
            if self.ledger.holds({one.transaction: one.height for each in kept for one in each.played.outcomes if one.height}):
                return kept
        return ()

    def _keep(self, stage: LiveStage, played: PlayedStep, begun_ms: int) -> None:
        labelled = isinstance(played.step, Act) and played.step.label and played.outcomes
        envelope = stage.sent.get(played.outcomes[0].transaction) if labelled else None
        kept = Kept(played, envelope, begun_ms, wall_ms())
        if played.number == 1:
            self.file.unlink(missing_ok=True)
        append_line(self.file, kept)
        assert self._kept is not None, "what was played is known before a step is played"
        self._kept.append(kept)
        self.book()  # reads on, so that no reader waits for the whole ledger to be read


def append_line(path: Path, kept: Kept) -> None:
    """Adds a step to the file."""
    played = kept.played
    row = {
        "number": played.number,
        "time": played.time_ms,
        "span": [kept.begun_ms, kept.ended_ms],
        "arguments": [dict(arguments) for arguments in played.arguments],
        "outcomes": [asdict(outcome) for outcome in played.outcomes],
        "envelope": None if kept.envelope is None else kept.envelope.raw.decode(),
    }
    with path.open("ab") as file:
        file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def read_lines(scenario: Scenario, path: Path) -> tuple[Kept, ...]:
    """Every step of the file that was written to its end; nothing without a file. Raises OperatorError `bad-story-file`."""
    if not path.exists():
        return ()
    steps, lines = steps_of(scenario), path.read_bytes().split(b"\n")[:-1]
    try:
        return tuple(_kept(steps, place, json.loads(line)) for place, line in enumerate(lines))
    except (ValueError, KeyError, IndexError, TypeError, TallystickError) as error:
        raise OperatorError("bad-story-file", f"{path} does not hold the steps of the story {scenario.name}.") from error


def _kept(steps: Sequence[tuple[int, Any]], place: int, row: dict[str, Any]) -> Kept:
    chapter, step = steps[place]
    if row["number"] != place + 1:
        raise ValueError("a step is missing")
    outcomes = tuple(Outcome(**{**one, "events": tuple(map(tuple, one["events"]))}) for one in row["outcomes"])
    arguments = tuple(row["arguments"])
    if isinstance(step, Act) and outcomes and not len(outcomes) == len(arguments) == len(step.calls):
        raise ValueError("not the calls of the story")
    envelope = None if row["envelope"] is None else parse_transaction(row["envelope"].encode())
    begun_ms, ended_ms = row["span"]
    return Kept(PlayedStep(chapter, place + 1, step, row["time"], outcomes, arguments), envelope, begun_ms, ended_ms)
