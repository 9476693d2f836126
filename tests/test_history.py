"""The judge of client histories notices each kind of lie."""

from dataclasses import replace

import pytest

from tests.history import Entry, Observation, Operation, Read, gone_back, wrong


def bump(name: str, sent: int, acknowledged: int | None, height: int, position: int = 0) -> Operation:
    return Operation(name, "bump", "C-1", "a", "", sent, acknowledged, (height, position), "ok")


A, B, C = bump("A", 1, 4, 1), bump("B", 2, 6, 1, 1), bump("C", 5, 8, 2)
LEDGER = [Entry((1, 0), "A", "ok"), Entry((1, 1), "B", "ok"), Entry((2, 0), "C", "ok")]
SEEN = Observation("n", 5, 7, 1)


def test_an_honest_history_holds() -> None:
    unanswered = bump("D", 1, None, 0)
    assert wrong([A, B, C, unanswered], LEDGER, [Read(SEEN, "C-1", 2), Read(SEEN, "C-2", 0)]) == []
    late = [*LEDGER, Entry((9, 0), "D", "ok")]
    assert wrong([A, B, C, unanswered], late, []) == [], "what was not answered may happen at any time, or never"


@pytest.mark.parametrize(
    ("operations", "entries", "words"),
    [
        ([A, B, C], LEDGER[:2], "acknowledged as"),
        ([A, B, C], [*LEDGER, LEDGER[0]], "2 times"),
        ([A, B], LEDGER, "by nobody"),
        ([A, B, replace(C, place=(3, 0))], LEDGER, "acknowledged as"),
        ([A, B, replace(C, code="not-holder")], LEDGER, "acknowledged as"),
        ([replace(A, acknowledged_ns=4, place=(3, 0)), B, C], [*LEDGER[1:], Entry((3, 0), "A", "ok")], "stands behind it"),
        ([A, B, C], [*LEDGER[:2], Entry((2, 0), "C", "not-holder")], "expected ok"),
    ],
)
def test_a_lie_is_noticed(operations: list[Operation], entries: list[Entry], words: str) -> None:
    assert any(words in sentence for sentence in wrong(operations, entries, []))


def test_outcomes_follow_the_model() -> None:
    steps = [
        ("issue", "a", "b", "ok"),
        ("issue", "a", "a", "already-issued"),
        ("transfer", "a", "a", "not-holder"),
        ("transfer", "b", "a", "ok"),
        ("transfer", "a", "b", "ok"),
    ]
    operations = [Operation(str(i), name, "A-1", signer, to, i) for i, (name, signer, to, _) in enumerate(steps)]
    entries = [Entry((1, i), str(i), code) for i, (*_, code) in enumerate(steps)]
    assert wrong(operations, entries, []) == []
    absent = Operation("x", "transfer", "A-2", "a", "b", 9)
    assert wrong([absent], [Entry((1, 0), "x", "not-found")], []) == []
    assert wrong([absent], [Entry((1, 0), "x", "ok")], []) != []


@pytest.mark.parametrize(("count", "height"), [(1, 1), (3, 1), (2, 2), (2, 0)])
def test_a_read_of_another_state_is_noticed(count: int, height: int) -> None:
    assert wrong([A, B, C], LEDGER, [Read(replace(SEEN, height=height), "C-1", count)]) != []


def test_a_node_that_goes_back_is_noticed() -> None:
    first, beside, later = Observation("n", 1, 3, 7), Observation("n", 2, 4, 5), Observation("n", 6, 7, 6)
    assert gone_back([first, beside]) == [], "answers under way at one time may overtake each other"
    assert gone_back([first, beside, Observation("m", 6, 7, 6)]) == [], "another node may be behind"
    assert gone_back([later, first, beside]) == ["n showed height 6 after 7"]
