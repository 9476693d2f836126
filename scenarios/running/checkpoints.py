"""Checkpoints of a running lab: the whole network in one file, with the place of the story and what its clients keep.

    NETWORK/checkpoints/NAME.zip    as nodes/network/lab_snapshot.py writes it, and beside its files
        lab/checkpoint.json         name, step, height, clock, when and on which branch
        lab/story.jsonl             what was played
        lab/openings/…              openings of sealed values, and secrets

Saving takes some tens of milliseconds while the nodes run; a restore lets them rest. What is played from a checkpoint is a
branch: with the same keys as on the other one, which is equivocation, and only a lab may do it.
"""

import os
import re
import shutil
import time
import zipfile
import zlib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ledger.errors import ConflictError, InputError, NotFoundError, OperatorError
from nodes.lab.lab import Lab
from nodes.network.lab_snapshot import restore_network, snapshot_network
from nodes.node.clock import wall_ms
from scenarios.running.story_run import StoryRun

FOLDER = "checkpoints"
NAME = re.compile(r"[a-z0-9\u4e00-\u9fff][a-z0-9\u4e00-\u9fff_-]{0,39}")
"""Only small letters: some file systems take a large one for the same."""
RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d|auto-.*")
"""Names that some systems keep for devices, and those of the checkpoints that are made by themselves."""
AUTOMATIC = "auto-chapter-{}"
COUNT_MAX = 20
"""Checkpoints with a name of somebody's own."""
BYTES_MAX = 500_000_000
"""All together."""
SLOW_SECONDS = 0.5
"""When one took longer, no more are made by themselves until the story begins again: they were not asked for."""
LAB, ABOUT, STORY, OPENINGS = "lab/", "lab/checkpoint.json", "lab/story.jsonl", "lab/openings/"


class Checkpoint(BaseModel):
    """What a list shows of one."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    name: str
    automatic: bool
    step: Annotated[int, Field(ge=0)]
    """Of the story, the last one played."""
    height: int
    clock: int
    generation: int
    created: int
    """By the host's clock."""


class Checkpoints:
    """Those of one lab; saved and put back by the worker of its queue."""

    def __init__(self, lab: Lab, run: StoryRun) -> None:
        self._lab = lab
        self._run = run
        self._folder = lab.network.directory / FOLDER
        self._known: dict[tuple[str, int, int], Checkpoint] = {}
        """By name, time and size of the file: what was read of it."""
        self._on_branch: dict[str, int] = {}
        """Steps of those from which the ledger as it is now was played on."""
        self._is_slow = False

    def all(self) -> list[tuple[Checkpoint, int]]:
        """Each with its size in bytes, the oldest first; files that cannot be read are left out."""
        found = []
        for path in self._folder.glob("*.zip") if self._folder.exists() else ():
            one = None if path.name.startswith(".") else self._about(path)
            if one is not None:
                found.append((one, path.stat().st_size))
        return sorted(found, key=lambda item: item[0].created)

    def verify_name(self, name: str) -> None:
        """Raises InputError `bad-name`, or ConflictError `too-many-checkpoints` where there is no room."""
        if not NAME.fullmatch(name) or RESERVED.fullmatch(name):  # check: checkpoint-name
            raise InputError("bad-name", "A checkpoint's name has 1 to 40 small letters, digits, Chinese characters, - and _.")
        rows = self.all()
        others = [one.name for one, _ in rows if not one.automatic and one.name != name]
        if len(others) >= COUNT_MAX or sum(size for _, size in rows) > BYTES_MAX:  # check: checkpoint-count
            raise ConflictError(
                "too-many-checkpoints", f"There are {len(others)}: save over one of them, or remove files in {FOLDER}."
            )

    def verify_there(self, name: str) -> None:
        """Raises NotFoundError `unknown-checkpoint`."""
        if not any(one.name == name for one, _ in self.all()):  # check: checkpoint-there
            raise NotFoundError("unknown-checkpoint", f"There is no checkpoint {name[:100]!r}.")

    def is_on_branch(self, name: str) -> bool:
        """Whether the ledger as it is now goes on from it."""
        return name in self._on_branch

    def save(self, name: str, *, automatic: bool = False) -> None:
        """Writes one, in place of an older one of that name."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        partial = self._folder / f".{name}.zip"
        partial.unlink(missing_ok=True)
        about = Checkpoint(
            name=name,
            automatic=automatic,
            step=len(self._run.kept),
            height=self._run.ledger.newest_height(),
            clock=self._lab.now_ms(),
            generation=self._lab.generation,
            created=wall_ms(),
        )
        try:
            snapshot_network(self._lab.network.directory, partial)
            with zipfile.ZipFile(partial, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                archive.writestr(ABOUT, about.model_dump_json())
                if self._run.file.exists():
                    archive.write(self._run.file, STORY)
                for path in sorted(self._run.openings.glob("*")) if self._run.openings.exists() else ():
                    archive.write(path, OPENINGS + path.name)
            os.replace(partial, self._path(name))
        except OSError as error:
            raise OperatorError("cannot-write", f"{self._folder} cannot be written: {error.strerror}.") from error
        finally:
            partial.unlink(missing_ok=True)
        self._on_branch[name] = about.step

    def save_before_chapter(self, chapter: int) -> None:
        """One that makes itself, so that a step back need not begin with the genesis."""
        if self._is_slow or sum(size for _, size in self.all()) > BYTES_MAX:
            return
        begun = time.monotonic()
        self.save(AUTOMATIC.format(chapter + 1), automatic=True)
        self._is_slow = time.monotonic() - begun > SLOW_SECONDS

    def nearest(self, step: int) -> str | None:
        """The latest checkpoint at or before that step on the way that the ledger has come; None: begin with the genesis."""
        there = {one.name for one, _ in self.all()}
        found = [(at, name) for name, at in self._on_branch.items() if at <= step and name in there]
        return max(found)[1] if found else None

    def put_back(self, name: str) -> None:
        """Replaces the files of the nodes, which rest, of the story and of its clients."""
        path = self._path(name)
        restore_network(self._lab.network.directory, path)
        self._run.file.unlink(missing_ok=True)
        shutil.rmtree(self._run.openings, ignore_errors=True)
        try:
            with zipfile.ZipFile(path) as archive:
                for entry in archive.namelist():
                    if entry == STORY:
                        self._write(self._run.file, archive.read(entry))
                    elif entry.startswith(OPENINGS) and "/" not in (own := entry.removeprefix(OPENINGS)) and "\\" not in own:
                        self._run.openings.mkdir(mode=0o700, exist_ok=True)
                        self._write(self._run.openings / own, archive.read(entry))
        except (OSError, zipfile.BadZipFile, zlib.error) as error:
            raise OperatorError("bad-backup", f"{path} is damaged: {error}.") from error

    def went_back(self, name: str | None) -> None:
        """The ledger is that of the checkpoint, None: of the genesis, or of an unknown place."""
        self._is_slow = self._is_slow and name is not None  # who begins again may have a quieter machine
        step = self._on_branch.get(name or "", -1)
        self._on_branch = {other: at for other, at in self._on_branch.items() if at <= step}
        for one, _ in self.all():
            if one.automatic and one.name not in self._on_branch and one.name != name:
                self._path(one.name).unlink(missing_ok=True)
        if name is not None and name not in self._on_branch:
            self._on_branch[name] = next(one.step for one, _ in self.all() if one.name == name)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.zip"

    def _write(self, path: Path, data: bytes) -> None:
        path.touch(mode=0o600)
        path.write_bytes(data)

    def _about(self, path: Path) -> Checkpoint | None:
        try:
            status = path.stat()
            key = (path.name, status.st_mtime_ns, status.st_size)
            if key not in self._known:
                with zipfile.ZipFile(path) as archive:
                    about = Checkpoint.model_validate_json(archive.read(ABOUT))
                if about.name != path.stem:
                    return None
                self._known = {other: one for other, one in self._known.items() if other[0] != path.name} | {key: about}
            return self._known[key]
        except (OSError, zipfile.BadZipFile, zlib.error, KeyError, ValidationError):
            return None
