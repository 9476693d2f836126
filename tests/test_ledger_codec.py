"""One dataclass between values and canonical bytes: nothing is converted, nothing unknown is taken, each refusal has its code."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from pydantic import ValidationError

from ledger import block, certificate
from ledger.codec import Codec, Count, HexDigest, Many
from ledger.encoding import encode, encode_unchecked
from ledger.errors import JsonValue, MalformedError
from ledger.primitives import Digest
from nodes.documents import exchange
from nodes.links import batches
from tests.support import refusal

A = Digest("a" * 64)
FAULTS = 1_000


@dataclass(frozen=True, slots=True)
class Point:
    at: Count
    block: HexDigest


POINT = Codec(Point, "bad-point", at="bad-number")


@dataclass(frozen=True, slots=True)
class Line:
    begin: Annotated[Point, POINT.part]
    others: Many[Annotated[Point, POINT.part]]


LINE = Codec(Line, "bad-line", begin=POINT, others=POINT)
RIGHT: dict[str, JsonValue] = {"at": 1, "block": A}


def test_what_is_spelled_is_read_back() -> None:
    line = Line(Point(1, A), (Point(2, A), Point(3, A)))
    assert LINE.decode(LINE.encode(line)) == line == LINE.parse(LINE.to_json(line))
    assert POINT.encode(Point(1, A)) == encode(RIGHT)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"at": "1"}, "bad-number"),
        ({"at": True}, "bad-number"),
        ({"at": None}, "bad-number"),
        ({"at": -1}, "bad-number"),
        ({"at": 2**53}, "bad-number"),
        ({"block": "A" * 64}, "bad-point"),
        ({"block": "a" * 64 + "\n"}, "bad-point"),
        ({"block": "a" * 63}, "bad-point"),
        ({"block": ["a"]}, "bad-point"),
        ({"extra": 1}, "bad-point"),
    ],
)
def test_a_wrong_member_is_refused(change: dict[str, JsonValue], code: str) -> None:
    wrong: JsonValue = {**RIGHT, **change}
    assert code_of(POINT, wrong) == code
    assert code_of(LINE, {"begin": wrong, "others": []}) == code
    assert code_of(LINE, {"begin": RIGHT, "others": [RIGHT, wrong]}) == code


@pytest.mark.parametrize("value", [None, 1, [], "x", {}, {"at": 1}, [1, A]])
def test_another_shape_is_refused(value: JsonValue) -> None:
    assert code_of(POINT, value) == code_of(LINE, {"begin": value, "others": []}) == "bad-point"


@pytest.mark.parametrize("value", [None, 1, "x", {}])
def test_the_outer_form_has_its_own_code(value: JsonValue) -> None:
    assert code_of(LINE, value) == "bad-line"
    assert code_of(LINE, {"begin": RIGHT}) == "bad-line"
    assert code_of(LINE, {"begin": RIGHT, "others": value}) == "bad-line"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"at":1, "block":"' + b"a" * 64 + b'"}', "not-canonical"),
        (b'{"at":1,"at":1,"block":"' + b"a" * 64 + b'"}', "not-canonical"),
        (b'{"at":1.0,"block":"' + b"a" * 64 + b'"}', "float"),
        (b'{"at":01}', "not-json"),
        (b"[" * 99 + b"]" * 99, "too-deep"),
    ],
)
def test_the_bytes_are_judged_first(data: bytes, code: str) -> None:
    assert refusal(MalformedError, POINT.decode, data).code == code


def code_of(codec: Codec[Any], value: JsonValue) -> str:
    return refusal(MalformedError, codec.parse, value).code


def test_what_the_members_do_not_say_one_by_one_is_verified() -> None:
    def verify(point: Point) -> None:
        raise MalformedError("far-point", "A point lies near.")

    far = Codec(Point, "bad-point", verify)

    @dataclass(frozen=True, slots=True)
    class Pair:
        first: Annotated[Point, far.part]

    assert code_of(far, RIGHT) == code_of(Codec(Pair, "bad-pair"), {"first": RIGHT}) == "far-point"


def test_no_number_is_converted() -> None:
    """A value is read without pydantic's strictness, so that its lists may be tuples: each number says itself that it is one."""
    places = (vars(certificate), vars(block), vars(batches), vars(exchange), batches.PLAIN)
    forms = [codec._adapter.core_schema for place in places for codec in place.values() if isinstance(codec, Codec)]
    assert len(forms) > 12
    numbers = [schema for form in forms for schema in _schemas(form) if schema["type"] in ("int", "bool")]
    assert [schema for schema in numbers if not schema.get("strict")] == []


@pytest.mark.parametrize("codec", [POINT, LINE])
@pytest.mark.parametrize("other", [True, "1", 1, 0, -1, None, [], {}, "", A, [A], {"at": 1}, 2**53])
def test_a_value_is_read_as_its_bytes_are(codec: Codec[Any], other: JsonValue) -> None:
    changed: list[JsonValue] = [{"at": other, "block": A}, {"at": 1, "block": other}, other, [other, other]]
    lines: list[JsonValue] = [{"begin": one, "others": two} for one in (RIGHT, *changed) for two in ([RIGHT, *changed], *changed)]
    for value in (*changed, *lines):
        assert outcome(codec.parse, value) == outcome(lambda wrong: codec.read(wrong, encode_unchecked(wrong)), value)


def test_a_lone_surrogate_is_refused() -> None:
    assert code_of(POINT, {"at": 1, "block": "\ud800"}) == "not-canonical"


def outcome(read: Callable[[JsonValue], object], value: JsonValue) -> object:
    try:
        return read(value)
    except MalformedError as error:
        return error.code, error.message


def _schemas(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if isinstance(schema.get("type"), str):
            yield schema
        schema = list(schema.values())
    if isinstance(schema, list | tuple):
        for part in schema:
            yield from _schemas(part)


def test_members_are_counted_before_anything_else_is_judged() -> None:
    assert code_of(POINT, {"at": "1"}) == code_of(POINT, {**RIGHT, "at": "1", "extra": 1}) == "bad-point"


@pytest.mark.parametrize(
    "value",
    [
        {f"m{n}": 0 for n in range(FAULTS)},
        {"begin": {f"m{n}": 0 for n in range(FAULTS)}, "others": []},
        {"begin": RIGHT, "others": [{f"m{n}": 0 for n in range(FAULTS)}]},
        {"begin": RIGHT, "others": [0] * FAULTS},
    ],
)
def test_a_sender_cannot_make_a_refusal_dear(value: JsonValue) -> None:
    """Pydantic tells of each fault that it finds; one is enough to refuse."""
    cause = refusal(MalformedError, LINE.parse, value).__cause__
    assert cause is None or (isinstance(cause, ValidationError) and cause.error_count() == 1)


def test_a_sender_cannot_make_an_item_of_a_list_dear() -> None:
    error = refusal(MalformedError, Codec(Many[Point], "bad-points").parse, [RIGHT, {f"m{n}": 0 for n in range(FAULTS)}])
    assert error.code == "bad-points"
    assert error.__cause__ is None
