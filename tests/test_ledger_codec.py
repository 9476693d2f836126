"""One dataclass between values and canonical bytes: nothing is converted, nothing unknown is taken, each refusal has its code."""

from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from ledger.codec import Codec, Count, HexDigest
from ledger.encoding import encode
from ledger.errors import JsonValue, MalformedError
from ledger.primitives import Digest

A = Digest("a" * 64)


@dataclass(frozen=True, slots=True)
class Point:
    at: Count
    block: HexDigest


POINT = Codec(Point, "bad-point", at="bad-number")


@dataclass(frozen=True, slots=True)
class Line:
    begin: Annotated[Point, POINT.part]
    others: tuple[Annotated[Point, POINT.part], ...]


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
    assert refusal(POINT, wrong) == code
    assert refusal(LINE, {"begin": wrong, "others": []}) == code
    assert refusal(LINE, {"begin": RIGHT, "others": [RIGHT, wrong]}) == code


@pytest.mark.parametrize("value", [None, 1, [], "x", {}, {"at": 1}, [1, A]])
def test_another_shape_is_refused(value: JsonValue) -> None:
    assert refusal(POINT, value) == refusal(LINE, {"begin": value, "others": []}) == "bad-point"


@pytest.mark.parametrize("value", [None, 1, "x", {}])
def test_the_outer_form_has_its_own_code(value: JsonValue) -> None:
    assert (
        refusal(LINE, {"begin": RIGHT, "others": value}) == refusal(LINE, {"begin": RIGHT}) == refusal(LINE, value) == "bad-line"
    )


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
    with pytest.raises(MalformedError) as error:
        POINT.decode(data)
    assert error.value.code == code


def refusal(codec: Codec[Any], value: JsonValue) -> str:
    with pytest.raises(MalformedError) as error:
        codec.parse(value)
    return error.value.code


def test_what_the_members_do_not_say_one_by_one_is_verified() -> None:
    def verify(point: Point) -> None:
        raise MalformedError("far-point", "A point lies near.")

    far = Codec(Point, "bad-point", verify)

    @dataclass(frozen=True, slots=True)
    class Pair:
        first: Annotated[Point, far.part]

    assert refusal(far, RIGHT) == refusal(Codec(Pair, "bad-pair"), {"first": RIGHT}) == "far-point"
