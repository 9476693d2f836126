"""Damage to an export, byte by byte and line by line: both verifiers notice all of it, or say how far a cut ledger reaches.

Every byte of `scenarios/sample.jsonl` is changed in turn and every cut of it tried; lines are removed, doubled and swapped;
of a ledger of 300 blocks bytes are drawn, to be changed, inserted or removed. `--long` changes each byte in nine ways and
draws 10,000 times. No ledger id is given, so nothing is noticed by that alone. What was tried and noticed:

    python -m tests.test_ledger_damage [--long]
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from functools import cache
from itertools import chain
from typing import Protocol

import pytest

from ledger.audit import Auditor, audit_export, standalone
from ledger.transaction import Transaction
from ledger.verify.verdict import BrokenRuleError
from nodes.simulator.chance import Chance
from scenarios.sample import sample_path
from tests import test_ledger_audit
from tests.support import DecidedChain

BLOCKS = 300
SEED = 7
ALONE_EVERY = 8
"""The verifier in one file takes longer, so it is shown every so many changes of the sample; all of them with `--long`."""
DRAWS, DRAWS_LONG = 1_000, 10_000


class Verifier(Protocol):
    """Follows an export line by line; raises where it does not hold."""

    @property
    def height(self) -> int:
        """Last block that holds."""

    def feed(self, line: bytes, /) -> object:
        """The next line."""


class Walk:
    """Goes along an export and tries, from where it stands, what else might follow."""

    def __init__(self, start: Callable[[], Verifier], lines: Sequence[bytes]) -> None:
        self.start = start
        self.lines = lines
        self.place = 0
        self.verifier = start()

    def step(self) -> None:
        """Takes the line that is really next."""
        self.verifier.feed(self.lines[self.place])
        self.place += 1

    def reached(self, following: Iterator[bytes]) -> int | None:
        """Height up to which all holds if these lines follow, None if something is noticed."""
        trial = copy(self.verifier) if self.place else self.start()
        before = trial.height
        try:
            for line in following:
                trial.feed(line)
        except (BrokenRuleError, standalone.BrokenError):
            return None
        finally:
            if trial.height != before:  # a copy shares the state, which has moved on
                self.verifier = self.start()
                for line in self.lines[: self.place]:
                    self.verifier.feed(line)
        return trial.height

    def is_noticed(self, *pieces: bytes, skip: int) -> bool:
        """Whether it is noticed that the next `skip` lines are replaced."""
        return self.reached(chain(pieces, self.lines[self.place + skip :])) is None


class Tally:
    """How often each kind of damage was tried and noticed."""

    def __init__(self) -> None:
        self.tried = Counter[str]()
        self.noticed = Counter[str]()
        self.missed: list[tuple[str, int]] = []

    def add(self, kind: str, place: int, noticed: bool) -> None:
        """One trial, at a byte or line."""
        self.tried[kind] += 1
        self.noticed[kind] += noticed
        if not noticed:
            self.missed.append((kind, place))

    def __str__(self) -> str:
        return "\n".join(f"{kind:<44} tried {self.tried[kind]:>7,}  noticed {self.noticed[kind]:>7,}" for kind in self.tried)


VERIFIERS: dict[str, Callable[[], Verifier]] = {"ledger": Auditor, "one file": standalone.Export}


def changes_of(byte: int, chance: Chance, *, is_long: bool) -> list[int]:
    """Other bytes for this one: one that would pass for it if there is any, or a flipped bit; all eight bits in the long form."""
    likely = next(
        (kind for kind in (b"0123456789abcdef", b"ghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ") if byte in kind), b""
    )
    alike = [other for other in likely if other != byte]
    flipped = [byte ^ 1 << bit for bit in range(8)]
    if is_long:
        return [*flipped, chance.pick(alike)] if alike else flipped
    return [chance.pick(alike) if alike and chance.below(2) else chance.pick(flipped)]


def change_bytes(lines: Sequence[bytes], *, is_long: bool) -> Tally:
    """Every byte changed in turn, line ends too."""
    tally = Tally()
    for name, start in VERIFIERS.items():
        walk, chance, count = Walk(start, lines), Chance(SEED), 0
        for number, line in enumerate(lines):
            following = b"\n".join(lines[number + 1 : number + 2])
            for at, byte in enumerate(line + b"\n"):
                for other in changes_of(byte, chance, is_long=is_long):
                    count += 1
                    if name == "ledger" or is_long or count % ALONE_EVERY == 0:
                        damaged = (line + b"\n")[:at] + bytes([other]) + (line + b"\n")[at + 1 :]
                        pieces = (damaged + following).removesuffix(b"\n").split(b"\n")
                        tally.add(f"{name}: byte changed", at, walk.is_noticed(*pieces, skip=2))
            walk.step()
    return tally


def cut(lines: Sequence[bytes]) -> tuple[Tally, list[int]]:
    """The export cut at every byte; cuts at a line's end are valid, and these are the heights that they reach."""
    tally, heights = Tally(), list[int]()
    for name, start in VERIFIERS.items():
        walk = Walk(start, lines)
        for line in lines:
            for at in range(1, len(line), 1 if name == "ledger" else ALONE_EVERY):
                tally.add(f"{name}: cut within a line", at, walk.reached(iter([line[:at]])) is None)
            reached = walk.reached(iter([line]))
            assert reached is not None
            heights.append(reached)
            walk.step()
    return tally, heights


def move_lines(lines: Sequence[bytes], swaps: int) -> Tally:
    """Each line but the last removed, each doubled, and lines swapped."""
    tally = Tally()
    for name, start in VERIFIERS.items():
        walk, chance, last = Walk(start, lines), Chance(SEED), len(lines) - 1
        for place, line in enumerate(lines):
            if place < last:
                tally.add(f"{name}: line removed", place, walk.is_noticed(skip=1))
            for other in {min(place + 1 + chance.below(last), last) for _ in range(swaps)} - {place}:
                between = lines[place + 1 : other]
                noticed = walk.is_noticed(lines[other], *between, line, skip=other - place + 1)
                tally.add(f"{name}: lines swapped", place, noticed)
            walk.step()
            tally.add(f"{name}: line doubled", place, walk.is_noticed(line, skip=0))
    return tally


def draw_bytes(lines: Sequence[bytes], draws: int) -> Tally:
    """Bytes drawn from all of a large export: changed, inserted, or removed."""
    tally, chance = Tally(), Chance(SEED)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    places = sorted(chance.below(starts[-1] - 1) for _ in range(draws))
    for name, start in VERIFIERS.items():
        walk, chance = Walk(start, lines), Chance(SEED + 1)
        for place in places:
            while starts[walk.place + 1] <= place:
                walk.step()
            data, at = b"\n".join(lines[walk.place : walk.place + 2]), place - starts[walk.place]
            other = bytes([chance.pick(changes_of(data[at], chance, is_long=False))])
            kind, damaged = chance.pick(
                (
                    ("byte changed", data[:at] + other + data[at + 1 :]),
                    ("byte changed", data[:at] + other + data[at + 1 :]),
                    ("byte inserted", data[:at] + other + data[at:]),
                    ("byte removed", data[:at] + data[at + 1 :]),
                )
            )
            tally.add(f"{name}: {kind} (large)", place, damaged != data and walk.is_noticed(*damaged.split(b"\n"), skip=2))
    return tally


@cache
def sample() -> tuple[bytes, ...]:
    """Lines of the sample."""
    return tuple(sample_path().read_bytes().removesuffix(b"\n").split(b"\n"))


@cache
def large() -> tuple[bytes, ...]:
    """300 blocks: assets issued, passed on and refused, empty blocks, later views, validators that go and come, a revocation."""
    made, chance = test_ledger_audit.honest(), Chance(SEED)
    voter = "west.validator"
    while made.chain.height < BLOCKS:
        height = made.chain.height
        if height % 50 == 0:
            made.govern(f"P-{height}", kind="add-validator" if height % 100 == 50 else "remove-validator", member=voter)
            continue
        calls = [one_call(made, chance, height) for _ in range(chance.below(4))]
        made.decide(*calls, view=1 + (chance.below(10) == 0) * chance.below(3))
    return tuple(made.view.export())


def one_call(made: DecidedChain, chance: Chance, height: int) -> Transaction:
    """An asset issued, passed on, or counted."""
    number = f"A-{chance.below(height)}"
    if chance.below(3) == 0:
        return made.bump(number)
    return made.issue(number) if chance.below(2) else made.transfer(number)


def all_noticed(tally: Tally) -> None:
    print(tally)
    assert tally.missed == []


@pytest.mark.timeout(3_600)  # the long form
def test_every_byte_counts(pytestconfig: pytest.Config) -> None:
    tally = change_bytes(sample(), is_long=pytestconfig.getoption("--long"))
    all_noticed(tally)
    assert tally.tried["ledger: byte changed"] >= len(sample_path().read_bytes())


def test_a_cut_is_noticed_or_told_by_its_height() -> None:
    tally, heights = cut(sample())
    all_noticed(tally)
    assert heights == [*range(len(sample()))] * 2


@pytest.mark.parametrize(("lines", "swaps"), [(sample, 3), (large, 1)])
def test_lines_have_one_order(lines: Callable[[], tuple[bytes, ...]], swaps: int) -> None:
    all_noticed(move_lines(lines(), swaps))


def test_the_large_export_holds() -> None:
    report = audit_export(large())
    assert (report.broken, report.height) == (None, BLOCKS)
    export = standalone.Export()
    for line in large():
        export.feed(line)
    assert (export.height, export.head) == (BLOCKS, report.block)


def test_drawn_bytes_of_a_large_export_count(pytestconfig: pytest.Config) -> None:
    all_noticed(draw_bytes(large(), DRAWS_LONG if pytestconfig.getoption("--long") else DRAWS))


if __name__ == "__main__":
    long_form = "--long" in sys.argv
    print(change_bytes(sample(), is_long=long_form))
    print(cut(sample())[0])
    for which, count in ((sample(), 3), (large(), 1)):
        print(f"{sum(map(len, which)) + len(which):,} bytes in {len(which)} lines:\n{move_lines(which, count)}")
    print(draw_bytes(large(), DRAWS_LONG if long_form else DRAWS))
