"""The shortest way to break a contract that hypothesis finds, as data: what was done, what should have come, what came.

`check_contract` of the test kit raises it as an error for a programmer's eye; this keeps it for whoever says it in words.
Every run finds the same one.
"""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import TypeVar

from hypothesis import HealthCheck, settings

from ledger.contract.contract import Contract, Operation
from ledger.contract.test_kit import BrokenPropertyError, Step, check_contract

C = TypeVar("C", bound=Contract)
REPEATABLE = settings(
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=False,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
EXAMPLES = 200
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


def find_counterexample(
    contract: type[C],
    *,
    invariant: Callable[[C], None] = lambda contract: None,
    examples: int = EXAMPLES,
    plays: list[tuple[Step, ...]] | None = None,
) -> Counterexample | None:
    """None where none was found. An `invariant` raises AssertionError with what does not hold; `plays` holds what was tried."""
    trail: list[tuple[Step, str]] = []
    try:
        check_contract(contract, invariant=invariant, examples=examples, profile=REPEATABLE, trail=trail, plays=plays)
    except BrokenPropertyError as error:
        return _described(trail, error.broken, error.subject, error.__cause__, str(error).removeprefix(f"{error.step}: "))
    except AssertionError as error:
        if not trail:
            raise
        return _described(trail, "invariant", "", None, str(error).partition("\n")[0])
    except Exception as error:  # hypothesis's own: the contract came out another way when it was played again
        if not trail:
            raise
        return _described(trail, "unsure", "", None, str(error).partition("\n")[0])
    return None


def _described(
    trail: list[tuple[Step, str]], broken: str, subject: str, cause: BaseException | None, message: str
) -> Counterexample:
    *before, (step, _) = trail
    came = message if cause is None else f"{type(cause).__name__}: {str(cause).partition(chr(10))[0]}"
    file, line = ("", 0) if cause is None else _place(cause.__traceback__)
    return Counterexample(tuple(before), step, broken, subject, came, file, line)


def _place(trace: TracebackType | None) -> tuple[str, int]:
    """The line of the contract that was running: the last one that is neither the framework's nor a library's."""
    frames = traceback.extract_tb(trace)
    started = max((n for n, frame in enumerate(frames) if frame.name == "run" and frame.filename == FRAMEWORK), default=None)
    if started is None or started + 1 >= len(frames):
        return "", 0
    own = frames[started + 1].filename
    last = [frame for frame in frames[started + 1 :] if frame.filename == own][-1]
    return own, last.lineno or 0
