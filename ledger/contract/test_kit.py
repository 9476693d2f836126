"""Property tests that follow from a contract's schema, for its author:

    def test_boxes() -> None:
        check_contract(Boxes)

Random members call random operations with random arguments, and after every step:

    1. An operation ends, or refuses with RefusedError; any other exception is a fault of the contract.
    2. The code of a refusal is declared, and its details fill its sentences.
    3. What it wrote is canonical, and is read back as the same record.
    4. On the same state it does the same again.
    5. The author's own invariant holds, if one is given.

Needs hypothesis (the extra `test`). A failing sequence is printed as short as it can be.
"""

from collections.abc import Callable, Sequence

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from ledger.contract.calendar import DAY_MS
from ledger.contract.contract import Contract
from ledger.contract.played_steps import (
    START_MS,
    BrokenPropertyError,
    C,
    Step,
    StepOutcome,
    beside,
    members_for,
    run_step,
    state_with,
)
from ledger.contract.schema_values import anything, mostly, values_of
from ledger.identity.records import Member
from ledger.state.overlay import Overlay

__all__ = [
    "START_MS",
    "BrokenPropertyError",
    "Step",
    "StepOutcome",
    "beside",
    "check_contract",
    "members_for",
    "run_step",
    "state_with",
]

NAMES = ("A", "B", "W-1")
"""Names that random operations like to use."""


def check_contract(
    contract: type[C],
    *,
    members: Sequence[Member] = (),
    prepare: Callable[[Overlay], None] = lambda state: None,
    invariant: Callable[[C], None] = lambda contract: None,
    steps_max: int = 20,
    examples: int = 50,
    profile: settings | None = None,
    trail: list[tuple[Step, str]] | None = None,
    plays: list[tuple[Step, ...]] | None = None,
) -> None:
    """Runs the properties above; raises AssertionError with the steps that break one.

    `members` defaults to one of each role that a policy names, and one without a business role.
    `prepare` fills the state before the first step; `beside` puts another contract there, whose records this one reads. `trail`
    comes to hold the steps that were played last, each with the code that it ended with, or "" where it broke a property, and
    `plays` every sequence that broke none; `profile` is hypothesis's own settings.
    """
    staff = tuple(members) or members_for(contract)
    steps = _steps(contract, staff)
    played: list[tuple[Step, str]] = [] if trail is None else trail

    @settings(profile, max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])  # any laptop
    @given(st.lists(steps, max_size=steps_max // 2), st.lists(steps, max_size=steps_max // 2))
    def run(first: list[Step], second: list[Step]) -> None:
        state = state_with(staff)
        prepare(state)
        time_ms = START_MS
        played.clear()
        # Two lists, since hypothesis prefers short ones.
        for height, step in enumerate(first + second, 1):
            time_ms += step.time_ms
            note(str(step))
            played.append((step, ""))
            outcome = run_step(contract, state, step, time_ms, height)
            invariant(contract(state))
            played[-1] = (step, outcome.code)
        if plays is not None:
            plays.append(tuple(step for step, _ in played))

    run()


def _steps(contract: type[Contract], members: Sequence[Member]) -> st.SearchStrategy[Step]:
    names = (*NAMES, *(member.member for member in members))
    signers = st.lists(st.sampled_from(members), min_size=1, max_size=3, unique_by=lambda member: member.member).map(tuple)
    waits = st.sampled_from([1, 1_000, DAY_MS, 30 * DAY_MS])
    calls = [
        st.tuples(st.just(name), values_of(operation.arguments.model_json_schema(), names))
        for name, operation in contract.operations.items()
    ]
    names_of_operations = st.sampled_from([*contract.operations, "no_such_operation"])
    wrong = st.tuples(names_of_operations, st.dictionaries(st.just("number"), anything()))
    return st.builds(lambda by, call, wait: Step(by, call[0], call[1], wait), signers, mostly(st.one_of(calls), wrong), waits)
