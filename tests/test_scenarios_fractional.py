"""Splitting and sharing keep every unit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.fractional import PARTS_MAX, draw, fault_of_lots_split, fault_of_split, share

BIG = 10**13  # domains: an amount of 100 billion yuan in cents, where a uint32 breaks
amounts = st.integers(1, BIG)


SPLITS: dict[str, tuple[int, list[int], str | None]] = {
    "no parts": (0, [], "no-parts"),
    "no parts of something": (100, [], "no-parts"),
    "a unit too much": (100, [60, 41], "wrong-sum"),
    "a unit too little": (10_000, [6_000, 3_999], "wrong-sum"),
    "a part of nothing": (100, [100, 0], "part-too-small"),
    "a negative part": (100, [101, -1], "part-too-small"),
    "too many parts": (PARTS_MAX + 1, [1] * (PARTS_MAX + 1), "too-many-parts"),
    "two parts": (100, [60, 40], None),
    "the whole": (100, [100], None),
    "more than 32 bits hold": (BIG, [BIG - 1, 1], None),
}
LOTS: dict[str, tuple[list[list[int]], str | None]] = {
    "a lot each": ([[5, 0], [0, 7]], None),
    "the whole": ([[5, 7]], None),
    "one part without a lot": ([[5], [0, 7]], "wrong-lots"),
    "every part without a lot": ([[5], [7]], "wrong-lots"),
    "a lot too many": ([[5, 6], [0, 0, 1]], "wrong-lots"),
    "a negative piece": ([[6, -1], [-1, 8]], "part-too-small"),
    "a part of nothing": ([[5, 7], [0, 0]], "part-too-small"),
    "a unit too much of a lot": ([[4, 0], [1, 8]], "wrong-sum"),
    "lots exchanged": ([[4, 0], [2, 6]], "wrong-sum"),
    "each part right in all": ([[4, 2], [2, 4]], "wrong-sum"),
    "no parts": ([], "no-parts"),
}


@pytest.mark.parametrize("name", SPLITS)
def test_a_split_and_its_fault(name: str) -> None:
    total, parts, fault = SPLITS[name]
    assert fault_of_split(total, parts) == fault


@pytest.mark.parametrize("name", LOTS)
def test_a_split_of_five_and_seven_and_its_fault(name: str) -> None:
    parts, fault = LOTS[name]
    assert fault_of_lots_split([5, 7], parts) == fault


def test_draw_beyond_residuals() -> None:
    assert draw(11, [4, 6]) is None


@given(st.lists(amounts, min_size=1, max_size=PARTS_MAX))
def test_a_good_split_is_good_and_one_unit_off_is_not(parts: list[int]) -> None:
    assert fault_of_split(sum(parts), parts) is None
    assert fault_of_split(sum(parts) + 1, parts) == "wrong-sum"
    assert fault_of_split(sum(parts) - 1, parts) == "wrong-sum"


@given(st.lists(amounts, min_size=1, max_size=20), st.data())
def test_shares_sum_to_the_amount_and_pay_nobody_too_much(weights: list[int], data: st.DataObject) -> None:
    amount = data.draw(st.integers(0, sum(weights)))
    shares = share(amount, weights)
    assert sum(shares) == amount
    assert all(0 <= part <= weight for part, weight in zip(shares, weights, strict=True))
    exact = [amount * weight / sum(weights) for weight in weights]
    assert all(abs(part - ideal) < 1.01 + ideal * 1e-9 for part, ideal in zip(shares, exact, strict=True))


def test_share_gives_the_odd_unit_to_the_largest_remainder_then_to_the_earlier() -> None:
    assert share(100, [1, 1, 1]) == (34, 33, 33)
    assert share(10, [6, 3, 2]) == (5, 3, 2)
    assert share(0, [5, 5]) == (0, 0)


@given(st.lists(st.integers(0, BIG), min_size=1, max_size=10), st.data())
def test_draw_takes_in_order(residuals: list[int], data: st.DataObject) -> None:
    amount = data.draw(st.integers(0, sum(residuals) + 1))
    taken = draw(amount, residuals)
    if amount > sum(residuals):
        assert taken is None
        return
    assert taken is not None
    assert sum(taken) == amount
    assert all(part <= residual for part, residual in zip(taken, residuals, strict=True))
    partly = [place for place, part in enumerate(taken) if part < residuals[place]]
    assert all(part == 0 for part in taken[partly[0] + 1 :]) if partly else True
