"""The test kit passes sound contracts and finds what is planted in faulty ones."""

from collections import Counter as Tally
from collections.abc import Callable
from enum import Enum
from typing import Any, Literal

import pytest
from hypothesis import given

from ledger.contract import (
    AllOf,
    AnyOf,
    Anyone,
    Collection,
    Context,
    Contract,
    Identifier,
    MemberIs,
    NonNegative,
    OrganizationIs,
    OutOf,
    Record,
    Refusal,
    Role,
    Sealed,
    Timestamp,
    operation,
)
from ledger.contract.schema_values import values_of
from ledger.contract.test_kit import START_MS, BrokenPropertyError, Step, check_contract, members_for, run_step, state_with
from ledger.encoding import encode
from ledger.errors import JsonValue, RefusedError
from nodes.sample_contract import Asset
from tests.test_ledger_contract import WarehouseReceipt


def test_sample_contract_is_sound() -> None:
    check_contract(Asset)


def test_warehouse_receipt_is_sound() -> None:
    check_contract(WarehouseReceipt)


def test_random_steps_reach_every_outcome() -> None:
    reached: Tally[str] = Tally()

    class Watched(WarehouseReceipt):
        """Counts how its operations end."""

        name = "watched"

        @classmethod
        def run(cls, context: Context, operation: str, arguments: Any) -> None:
            """Runs the operation."""
            try:
                super().run(context, operation, arguments)
                reached[operation] += 1
            except RefusedError as error:
                reached[error.code] += 1
                raise

    check_contract(Watched)
    expected = {"issue", "transfer", "not-found", "not-holder", "already-issued", "bad-arguments", "policy-not-satisfied"}
    assert expected <= reached.keys()


class Box(Record):
    """What the faulty contracts store."""

    size: NonNegative


def faulty(function: Callable[..., None]) -> type[Contract]:
    body = {
        "name": "faulty",
        "boxes": Collection(Box),
        "refusals": {"too-big": Refusal(en="{size} is too big.", zh="{size} 太大。")},
        "go": operation(signed_by=Anyone())(function),
    }
    return type("Faulty", (Contract,), body)


def divide(self: Any, context: Context, number: Identifier, size: NonNegative) -> None:
    self.boxes[number] = Box(size=100 // size)


def underflow(self: Any, context: Context, number: Identifier, size: NonNegative) -> None:
    self.boxes[number] = Box(size=size - 5)


def undeclared(self: Any, context: Context, number: Identifier) -> None:
    raise RefusedError("odd", "Odd.")


def incomplete(self: Any, context: Context, number: Identifier) -> None:
    context.refuse("too-big")


def endless(self: Any, context: Context, number: Identifier) -> None:
    endless(self, context, number)


_calls = iter(range(10**9))


def changing(self: Any, context: Context, number: Identifier) -> None:
    self.boxes[number] = Box(size=next(_calls))


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (divide, "ZeroDivisionError instead of a refusal"),
        (underflow, "ValidationError instead of a refusal"),
        (undeclared, "'odd' is not declared"),
        (incomplete, r"lacks \['size'\]"),
        (changing, "the second run differs"),
    ],
)
@pytest.mark.usefixtures("unshrunk")
def test_planted_fault_is_found(function: Callable[..., None], words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        check_contract(faulty(function))


def test_stack_that_was_used_up_is_a_fault() -> None:
    staff = members_for(faulty(endless))
    with pytest.raises(BrokenPropertyError, match="RecursionError instead of a refusal"):
        run_step(faulty(endless), state_with(staff), Step(staff[:1], "go", {"number": "1"}, 1), START_MS, 1)


@pytest.mark.usefixtures("unshrunk")
def test_broken_invariant_is_found() -> None:
    def never_more_than_one(asset: Asset) -> None:
        assert len(list(asset.assets.items())) <= 1

    with pytest.raises(AssertionError):
        check_contract(Asset, invariant=never_more_than_one)


def test_members_cover_what_policies_name() -> None:
    class Guarded(Contract):
        """Policies of every kind."""

        name = "guarded"

        @operation(signed_by=AnyOf(AllOf(Role("bank"), MemberIs("west.wu")), OutOf(1, OrganizationIs("south"))))
        def go(self, context: Context) -> None:
            """Nothing."""

    assert [(m.member, m.roles) for m in members_for(Guarded)] == [
        ("east.bank", ("bank",)),
        ("east.member", ("member",)),
        ("south.bank", ("bank",)),
        ("south.member", ("member",)),
        ("west.wu", ("member",)),
    ]


class Colour(Enum):
    """A choice."""

    RED = "red"


class Everything(Record):
    """A field of every form."""

    number: Identifier
    at: Timestamp
    colour: Colour
    side: Literal["left", "right"]
    price: Sealed[int] | None
    pairs: tuple[tuple[str, int], ...]
    table: dict[str, bool]
    boxes: tuple[Box, ...] = ()


@given(values_of(Everything.model_json_schema(), ["W-1"]))
def test_values_fit_the_schema_that_they_come_from(value: JsonValue) -> None:
    Everything.model_validate_json(encode(value))
