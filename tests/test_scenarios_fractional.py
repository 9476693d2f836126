"""Splitting and sharing keep every unit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.fractional import PARTS_MAX, draw, fault_of_lots_split, fault_of_split, share

BIG = 10**13  # domains: an amount of 100 billion yuan in cents, where a uint32 breaks
amounts = st.integers(1, BIG)


@pytest.mark.parametrize(
    ("total", "parts", "fault"),
    [
        (100, [], "no-parts"),
        (100, [60, 41], "wrong-sum"),
        (10_000, [6_000, 3_999], "wrong-sum"),
        (100, [100, 0], "part-too-small"),
        (100, [101, -1], "part-too-small"),
        (PARTS_MAX + 1, [1] * (PARTS_MAX + 1), "too-many-parts"),
        (100, [60, 40], None),
        (100, [100], None),
        (BIG, [BIG - 1, 1], None),
    ],
)
def test_fault_of_split(total: int, parts: list[int], fault: str | None) -> None:
    assert fault_of_split(total, parts) == fault


@pytest.mark.parametrize(
    ("lots", "parts", "fault"),
    [
        ([5, 7], [[5, 0], [0, 7]], None),
        ([5, 7], [[5, 7]], None),
        ([5, 7], [[5], [0, 7]], "wrong-lots"),
        ([5, 7], [[6, -1], [-1, 8]], "part-too-small"),
        ([5, 7], [[5, 7], [0, 0]], "part-too-small"),
        ([5, 7], [[5, 6], [0, 0, 1]], "wrong-lots"),
        ([5, 7], [[4, 0], [1, 8]], "wrong-sum"),
        ([5, 7], [[4, 0], [2, 6]], "wrong-sum"),
        ([5, 7], [], "no-parts"),
    ],
)
def test_fault_of_lots_split(lots: list[int], parts: list[list[int]], fault: str | None) -> None:
    assert fault_of_lots_split(lots, parts) == fault


def test_parts_that_do_not_name_every_lot() -> None:
    assert fault_of_lots_split([5, 7], [[5], [7]]) == "wrong-lots"


def test_a_negative_piece_is_none_even_where_the_part_is_positive() -> None:
    assert fault_of_lots_split([5, 7], [[6, -1], [-1, 8]]) == "part-too-small"


def test_every_lot_adds_up_and_not_the_whole_alone() -> None:
    assert fault_of_lots_split([5, 7], [[4, 2], [2, 4]]) == "wrong-sum"


def test_empty_split_has_no_parts() -> None:
    assert fault_of_split(0, []) == "no-parts"


def test_too_many_parts() -> None:
    assert fault_of_split(PARTS_MAX + 1, [1] * (PARTS_MAX + 1)) == "too-many-parts"


def test_part_below_one_unit() -> None:
    assert fault_of_split(100, [101, -1]) == "part-too-small"


def test_sum_is_exact() -> None:
    assert fault_of_split(100, [60, 41]) == "wrong-sum"


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
