"""What a campaign plays: a seed alone decides how many validators stand in it and what kind of traitors is among them."""

import time
from dataclasses import dataclass

from ledger.errors import OperatorError
from nodes.simulator.run import Run, RunVerdict, Treason
from nodes.traitors.kinds import TRAITORS

ALL = "all"
"""Stands for every kind of traitor in turn, and none."""
VALIDATORS_MIN = 4
VALIDATORS_MAX = 100


@dataclass(frozen=True, slots=True)
class Settings:
    """What the seeds of a campaign are played with.

    Kinds of traitors take turns from seed to seed; once each had its turn, the next number of validators follows. Of FIRST
    to LAST, n comes (LAST / n)² times a round, since small ones cost less. After `len(treasons) * len(numbers)` seeds each
    pair of n and kind has come as often as that, whichever the first seed was.
    """

    heights: int
    validators: tuple[int, int]
    """Least and most."""
    traitor: str | None
    """KIND, KIND:COUNT or `all`."""

    @classmethod
    def parse(cls, heights: int, validators: str, traitor: str | None) -> "Settings":
        """Reads N or FIRST..LAST and the traitors; raises OperatorError."""
        first, dots, last = validators.partition("..")
        if not first.isdecimal() or (dots and not last.isdecimal()):
            raise OperatorError("bad-validators", f"Expected a number of validators or a range, 4 or 4..13, got {validators!r}.")
        settings = cls(heights, (int(first), int(last or first)), traitor)
        if not VALIDATORS_MIN <= settings.validators[0] <= settings.validators[1] <= VALIDATORS_MAX:
            limits = f"{VALIDATORS_MIN} to {VALIDATORS_MAX}"
            raise OperatorError("bad-validators", f"Expected {limits} validators, the least number first, got {validators!r}.")
        for treason in filter(None, settings.treasons):
            for n in settings.numbers:
                treason.number(n)
        return settings

    @property
    def one(self) -> int:
        """The number of validators where a range has no sense; raises OperatorError."""
        if self.validators[0] != self.validators[1]:
            raise OperatorError("bad-validators", "Only a campaign takes a range of validators.")
        return self.validators[0]

    @property
    def treasons(self) -> "tuple[Treason | None, ...]":
        """The traitors that take turns; raises OperatorError for an unknown kind."""
        if self.traitor == ALL:
            return (None, *map(Treason, TRAITORS))
        return (None if self.traitor is None else Treason.parse(self.traitor),)

    @property
    def numbers(self) -> tuple[int, ...]:
        """One round of numbers of validators, the often ones spread over it."""
        first, last = self.validators
        times = {n: round((last / n) ** 2) for n in range(first, last + 1)}
        return tuple(n for _, n in sorted(((2 * k + 1) / times[n], n) for n in times for k in range(times[n])))

    def of(self, seed: int) -> tuple[int, Treason | None]:
        """The validators and the traitors of a seed."""
        treasons, numbers = self.treasons, self.numbers
        return numbers[seed // len(treasons) % len(numbers)], treasons[seed % len(treasons)]

    def run(self, seed: int, *, keep_log: bool = False) -> Run:
        """The run of a seed, to be played."""
        validators, treason = self.of(seed)
        return Run(seed, self.heights, keep_log=keep_log, validators=validators, treason=treason)

    def judge(self, seed: int) -> tuple[RunVerdict, int]:
        """What a seed shows, and milliseconds of processor time; an error of the simulated code is a failure of that seed."""
        began_ns = time.thread_time_ns()
        try:
            verdict = self.run(seed).play()
        except Exception as error:  # whatever it is, the other seeds are played
            verdict = self.lost(seed, f"The run ended in {type(error).__name__}: {error}")
        return verdict, (time.thread_time_ns() - began_ns) // 1_000_000

    def lost(self, seed: int, why: str) -> RunVerdict:
        """The verdict on a seed that was not played to its end."""
        validators, treason = self.of(seed)
        return RunVerdict(seed, validators, None if treason is None else str(treason), why)

    def again(self, seed: int) -> str:
        """The command that replays a seed."""
        validators, treason = self.of(seed)
        traitor = f" --traitor {treason}" if treason else ""
        return f"tallystick simulate --seed {seed} --heights {self.heights} --nodes {validators}{traitor}"
