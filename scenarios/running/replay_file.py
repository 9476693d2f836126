"""A replay file: seed, inputs, clock, and the block after each input, from which a simulated ledger is made again.

Nothing of the ledger is in it, unlike in a checkpoint of a running lab. To restore is to play again, and the ids must come out
the same; to step back is to play fewer inputs; a branch is other inputs after the n-th. The file, JSON, in which every name is as
below and no other is taken:

    {"format": "tallystick-replay-1",
     "scenario": "first-steps", "seed": 42,
     "contracts": {"asset": SOURCE DIGEST, …},
     "branches": [
        {"name": "main", "origin": "", "after": 0, "clock_ms": …,
         "inputs": [{"step": 1, "late_ms": 0}, {"submit": {"signers": […], "contract": …, "operation": …, "arguments": {…}}}, …],
         "blocks": [{"height": 1, "id": "…"}, …]},
        {"name": "late", "origin": "main", "after": 6, …}]}

A branch has the inputs of its origin up to `after`, and then its own; `blocks` goes with its own inputs. A block of another
id than the file's means that the code is another one: an older or newer contract, or other nodes.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError

from ledger.codec import StrictModel, first_fault
from ledger.errors import InputError, OperatorError, VerificationError
from nodes.key_files import write_durable
from nodes.network.specification import load_contracts
from scenarios.running.replay import INPUTS_MAX, SEED_MAX, Input, Row, find_story, replay, spoken, whole_story
from scenarios.story.story import Scenario

BYTES_MAX = 2_000_000
BRANCHES_MAX = 50
MAIN = "main"
WITHIN = r"\n( {5,}|    (?=\}))"
"""The end of a line within an input or a block."""
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


class Place(StrictModel):
    """The newest block after an input; id empty before the first."""

    height: Annotated[int, Field(ge=0)]
    id: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]


class Branch(StrictModel):
    """One course of events."""

    name: Name
    origin: str = ""
    """Name of the branch that it comes from; empty: from the genesis."""
    after: Annotated[int, Field(ge=0, le=INPUTS_MAX)] = 0
    """Inputs that it shares with its origin."""
    clock_ms: Annotated[int, Field(ge=0)]
    """What the clocks show at its end."""
    inputs: Annotated[tuple[Input, ...], Field(max_length=INPUTS_MAX)]
    blocks: Annotated[tuple[Place, ...], Field(max_length=INPUTS_MAX)]


@dataclass(frozen=True, slots=True)
class Course:
    """A branch, played."""

    name: str
    inputs: tuple[Input, ...]
    """From the genesis on."""
    rows: tuple[Row, ...]

    def up_to(self, step: int | None) -> "Course":
        """Its first inputs; None: all."""
        return Course(self.name, self.inputs[:step], self.rows[:step])


class ReplayFile(StrictModel):
    """The whole file."""

    format: Literal["tallystick-replay-1"] = "tallystick-replay-1"
    scenario: str
    seed: Annotated[int, Field(ge=0, le=SEED_MAX)]
    contracts: dict[str, str]
    """Source digest by name."""
    branches: Annotated[tuple[Branch, ...], Field(min_length=1, max_length=BRANCHES_MAX)]

    @classmethod
    def begin(cls, scenario: Scenario, seed: int, upto: int | None = None) -> Self:
        """The story, to a step or to its end."""
        inputs = whole_story(scenario)[:upto]
        branch = _branch(MAIN, "", 0, inputs, replay(scenario, seed, inputs))
        return cls(scenario=scenario.name, seed=seed, contracts=contract_digests(scenario), branches=(branch,))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Reads a file; raises OperatorError `missing-file`, InputError `bad-checkpoint`."""
        try:
            data = path.read_bytes()
        except OSError as error:
            raise OperatorError("missing-file", f"{path} cannot be read: {error.strerror}.") from error
        return cls.parse(data, path.name)

    @classmethod
    def parse(cls, data: bytes, name: str) -> Self:
        """Raises InputError `bad-checkpoint` with the place and what is wrong there."""
        if len(data) > BYTES_MAX:  # check: checkpoint-size
            raise InputError("bad-checkpoint", f"{name} has {len(data)} bytes; {BYTES_MAX} are allowed.")
        try:
            json.loads(data, object_pairs_hook=_no_name_twice)
            file = cls.model_validate_json(data)
        except (_TwiceError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
            raise InputError("bad-checkpoint", f"{name} is no replay file: {error}.") from error
        except ValidationError as error:
            raise InputError("bad-checkpoint", f"{name} is no replay file: {first_fault(error, 'the file')}") from error
        _verify_branches(file.branches, name)
        return file

    def write(self, path: Path) -> None:
        """Writes it whole or not at all; raises OperatorError `cannot-write`."""
        write_durable(path, self.encode())

    def encode(self) -> bytes:
        """As it stands on disk: for people to read, a line for each input and each block."""
        text = json.dumps(self.model_dump(mode="json"), indent=1, ensure_ascii=False)
        return (re.sub(WITHIN, "", re.sub(f",{WITHIN}", ", ", text)) + "\n").encode()

    def course(self, name: str) -> Course:
        """Plays a branch again; raises VerificationError `replay-differs` unless all comes out as the file says."""
        scenario = find_story(self.scenario)
        inputs, places = self._whole(name)
        rows = replay(scenario, self.seed, inputs)
        for row, place in zip(rows, places, strict=True):
            if (row.height, row.block) != (place.height, place.id):  # check: replay-same
                raise VerificationError("replay-differs", self._why(scenario, name, row, place))
        end = self._find(name).clock_ms
        if rows and rows[-1].clock_ms != end:  # check: replay-clock
            raise VerificationError(
                "replay-differs", f"The clock shows {rows[-1].clock_ms} at the end of {name}; the file says {end}."
            )
        others = self._other_contracts(scenario)
        if others:  # check: replay-contracts
            said = f"Every block of {name} is the one of the file, and yet the file names another source of contract"
            raise VerificationError("replay-differs", f"{said} {', '.join(others)}: it was changed.")
        return Course(name, inputs, rows)

    def with_branch(self, name: str, *, origin: str, after: int, inputs: Sequence[Input]) -> Self:
        """With one more course of events, which shares `after` inputs with another; raises InputError `bad-replay`."""
        if any(branch.name == name for branch in self.branches):  # check: branch-new
            raise InputError(
                "bad-replay", f"There is a branch {name!r} already; branches are kept, so give the new one its own name."
            )
        before = self.course(origin).inputs
        if not 0 <= after <= len(before):  # check: branch-after
            raise InputError(
                "bad-replay", f"{origin} has {len(before)} inputs: a branch begins after 0 to {len(before)}, not {after}."
            )
        rows = replay(find_story(self.scenario), self.seed, (*before[:after], *inputs))
        branch = _branch(name, origin, after, inputs, rows)
        return self.model_copy(update={"branches": (*self.branches, branch)})

    def cut(self, name: str, upto: int) -> Self:
        """Only one course, up to an input."""
        played = self.course(name).up_to(upto)
        return self.model_copy(update={"branches": (_branch(name, "", 0, played.inputs, played.rows),)})

    def _whole(self, name: str) -> tuple[tuple[Input, ...], tuple[Place, ...]]:
        """Inputs and blocks of a branch from the genesis on."""
        branch = self._find(name)
        if not branch.origin:
            return branch.inputs, branch.blocks
        before, places = self._whole(branch.origin)
        return (*before[: branch.after], *branch.inputs), (*places[: branch.after], *branch.blocks)

    def _find(self, name: str) -> Branch:
        found = next((branch for branch in self.branches if branch.name == name), None)
        if found is None:  # check: branch-known
            names = ", ".join(branch.name for branch in self.branches)
            raise InputError("bad-replay", f"There is no branch {name[:80]!r}; there are {names}.")
        return found

    def _why(self, scenario: Scenario, name: str, row: Row, place: Place) -> str:
        """Where it differs, and what may be the reason."""
        others = self._other_contracts(scenario)
        said = f"Input {row.place} of {name} comes to block {spoken(row.block)} here; the file says {spoken(place.id)}."
        if others:
            made = f"The file was made with another version of contract {', '.join(others)}"
            return f"{said} {made}: it cannot be restored with this one."
        return f"{said} The contracts are the same: the file was changed, or made with another version of the nodes."

    def _other_contracts(self, scenario: Scenario) -> list[str]:
        """Contracts whose source is another one here than the file says."""
        here, there = contract_digests(scenario), self.contracts
        return [contract for contract in sorted({*here, *there}) if here.get(contract) != there.get(contract)]


def contract_digests(scenario: Scenario) -> dict[str, str]:
    """Source digests of the contracts that this code would run."""
    return dict(sorted(load_contracts(scenario.specification()).digests.items()))


class _TwiceError(ValueError):
    """A name stands twice in one object."""


def _no_name_twice(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):  # check: checkpoint-names
        raise _TwiceError(f"the name {max(names, key=names.count)!r} stands twice in one object")
    return dict(pairs)


def _branch(name: str, origin: str, after: int, inputs: Sequence[Input], rows: Sequence[Row]) -> Branch:
    places = tuple(Place(height=row.height, id=row.block) for row in rows[len(rows) - len(inputs) :])
    clock_ms = rows[-1].clock_ms if rows else 0
    try:
        return Branch(name=name, origin=origin, after=after, clock_ms=clock_ms, inputs=tuple(inputs), blocks=places)
    except ValidationError as error:
        raise InputError("bad-replay", f"{name[:80]!r} is no name for a branch: small letters, digits, - and _.") from error


def _verify_branches(branches: Sequence[Branch], name: str) -> None:
    """Each branch has as many blocks as inputs, a name of its own, and an origin that stands before it."""
    known: dict[str, int] = {}
    for branch in branches:
        if branch.name in known or len(branch.blocks) != len(branch.inputs):  # check: checkpoint-branch
            raise InputError(
                "bad-checkpoint", f"{name}: branch {branch.name} is there twice, or its blocks do not fit its inputs."
            )
        if branch.after > (known.get(branch.origin, -1) if branch.origin else 0):  # check: checkpoint-origin
            raise InputError("bad-checkpoint", f"{name}: branch {branch.name} begins after more than {branch.origin!r} has.")
        known[branch.name] = branch.after + len(branch.inputs)
