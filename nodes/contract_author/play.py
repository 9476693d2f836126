"""Plays a contract with random transactions, and keeps the shortest way to break it as data, to be put into words.

It needs hypothesis, which a node does not have. Every run finds the same.
"""

import inspect
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TypeVar

from hypothesis import HealthCheck, settings
from pydantic import ValidationError

from ledger.contract.contract import Contract, Operation
from ledger.contract.played_steps import BrokenPropertyError, Step
from ledger.contract.test_kit import check_contract
from ledger.identity.records import Member
from nodes.contract_author.interpreters import other_receipts
from nodes.contract_author.located import Located

C = TypeVar("C", bound=Contract)
REPEATABLE = settings(
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=False,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
MEMBER = "a Member; write .member behind it"
FRAMEWORK = Operation.run.__code__.co_filename


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Steps after which a property no longer holds."""

    before: tuple[tuple[Step, str], ...]
    """What was done first, each with the code that it ended with."""
    step: Step
    """What then broke the property."""
    broken: str
    """A property of the test kit, `invariant` for the author's own, `unsure` where a second run came out another way, or
    `interpreters` where another interpreter leaves another receipt."""
    subject: str
    came: str
    """What came instead, in the words of Python or of the invariant."""
    file: str = ""
    line: int = 0
    """Where in the contract it came about, 0 if nowhere in particular."""
    is_member_for_name: bool = False
    """Whether it handed over a whole Member where a name belongs."""


def find_counterexample(
    contract: type[C], invariant: Callable[[C], None], examples: int, plays: list[tuple[Step, ...]]
) -> Counterexample | None:
    """None where none was found. An `invariant` raises AssertionError with what does not hold; `plays` comes to hold what was
    tried."""
    trail: list[tuple[Step, str]] = []
    try:
        check_contract(contract, invariant=invariant, examples=examples, profile=REPEATABLE, trail=trail, plays=plays)
    except BrokenPropertyError as error:
        message, cause = str(error).removeprefix(f"{error.step}: "), error.__cause__
        steps = (tuple(trail[:-1]), trail[-1][0], error.broken, error.subject)
        if cause is None:
            return Counterexample(*steps, message)
        file, line = _place(cause.__traceback__)
        is_member = any(isinstance(value, Member) for value in _handed_over(cause, file))
        return Counterexample(*steps, _came(cause, is_member=is_member), file, line, is_member)
    except Exception as error:  # of the invariant; or hypothesis's own: the contract came out another way when played again
        if not trail:
            raise
        broken = "invariant" if isinstance(error, AssertionError) else "unsure"
        return Counterexample(tuple(trail[:-1]), trail[-1][0], broken, "", _first_line(error))
    return None


def find_difference(located: Located, plays: Sequence[Sequence[Step]]) -> Counterexample | None:
    """The first sequence whose receipts differ between two interpreters, without the steps that it does not need; or None."""
    difference = other_receipts(located, plays)
    if difference is None:
        return None
    steps, codes, came = difference
    return Counterexample(tuple(zip(steps[:-1], codes, strict=True)), steps[-1], "interpreters", "", came)


def _came(cause: BaseException, *, is_member: bool) -> str:
    """An exception in words: of a value that does not fit its record, the first field and what stood there."""
    if isinstance(cause, ValidationError):
        problem = cause.errors(include_url=False, include_context=False)[0]
        place = ".".join((cause.title, *map(str, problem["loc"])))
        got = MEMBER if is_member else f"{problem['input']!r:.60}"
        return f"{place}: {problem['msg']}, got {got}"
    words = f"a name belongs here, got {MEMBER}" if is_member else _first_line(cause)
    return f"{type(cause).__name__}: {words}"


def _handed_over(cause: BaseException, file: str) -> Iterator[object]:
    """What an exception is about: the value of a record's first wrong field, or the arguments of the contract's last call."""
    if isinstance(cause, ValidationError):
        yield cause.errors(include_url=False, include_context=False)[0]["input"]
        return
    frames = [frame for frame, _ in traceback.walk_tb(cause.__traceback__)]
    called = max((n for n, frame in enumerate(frames, 1) if frame.f_code.co_filename == file), default=len(frames))
    for frame in frames[called : called + 1]:
        given = inspect.getargvalues(frame)
        yield from (given.locals[name] for name in given.args)


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]


def _place(trace: TracebackType | None) -> tuple[str, int]:
    """The line of the contract that was running: the last one that is neither the framework's nor a library's."""
    frames = traceback.extract_tb(trace)
    started = max((n for n, frame in enumerate(frames, 1) if (frame.name, frame.filename) == ("run", FRAMEWORK)), default=0)
    own = [frame for frame in frames[started:] if frame.filename == frames[started].filename] if started else []
    return (own[-1].filename, own[-1].lineno or 0) if own else ("", 0)
