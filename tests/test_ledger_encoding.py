"""Canonical JSON: the vectors of RFC 8785 as far as our subset goes, refusals by name, and a dumb second encoder."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import encoding
from ledger.encoding import FAST_MAX, decode, decode_object, digest, digest_bytes, encode, encode_unchecked, tagged
from ledger.errors import JsonValue, MalformedError
from ledger.primitives import DEPTH_MAX, INTEGER_MAX
from tests.support import refusal

NAMES = st.text(st.characters(max_codepoint=127), max_size=8)
STRINGS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-INTEGER_MAX, INTEGER_MAX) | STRINGS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=20
)


def spelled(value: JsonValue) -> str:
    """The rules of RFC 8785, 3.2.2 and 3.2.3, written down once more without a JSON library."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        short = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
        return '"' + "".join(short.get(c, f"\\u{ord(c):04x}" if c < " " else c) for c in value) + '"'
    if isinstance(value, list):
        return "[" + ",".join(map(spelled, value)) + "]"
    return "{" + ",".join(f"{spelled(name)}:{spelled(value[name])}" for name in sorted(value)) + "}"


def code_of(data: bytes) -> str:
    """The code with which these bytes are refused."""
    return refusal(MalformedError, decode, data).code


@given(VALUES)
def test_one_value_has_one_byte_string(value: JsonValue) -> None:
    data = encode(value)
    assert data == spelled(value).encode() == encode_unchecked(value)
    assert decode(data) == value


@given(VALUES, st.sampled_from([" ", "\n", "\t"]))
def test_every_spelling_of_another_encoder_that_differs_is_refused(value: JsonValue, space: str) -> None:
    for other in (json.dumps(value), json.dumps(value, indent=space), json.dumps(value, ensure_ascii=False) + space):
        if other.encode() != encode(value):
            assert code_of(other.encode()) == "not-canonical"


@given(st.binary(max_size=64) | st.text(alphabet='{}[]",:\\u0123456789.eE+-truefalsn ', max_size=40).map(str.encode))
def test_arbitrary_bytes_are_read_as_canonical_or_refused(data: bytes) -> None:
    try:
        value = decode(data)
    except MalformedError:
        return
    assert encode(value) == data


OTHER_NUMBERS = st.floats() | st.integers(-(2**66), 2**66)
ANY_VALUES = st.recursive(
    SCALARS | OTHER_NUMBERS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)


def outcome(call: Callable[[], JsonValue]) -> str:
    """The value with its types, or the refusal in full."""
    try:
        return repr(call())
    except MalformedError as error:
        return f"{error.code}: {error}"


@given(
    ANY_VALUES, st.integers(0, 60), st.sampled_from(["", '"', "\\", "0", ".0", "e9", " ", "\x7f", "\ud800", "é", ",", "[", "}"])
)
def test_the_fast_decoder_judges_as_pythons(value: JsonValue, at: int, put: str) -> None:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    data = (text[:at] + put + text[at:]).encode(errors="surrogatepass")
    assert outcome(lambda: decode(data)) == outcome(lambda: encoding._decode_slowly(data, 0))


OUT_OF_MEMORY = """
import resource, sys
from ledger.block import Write, writes_digest
from ledger.encoding import FAST_MAX, decode, encode
text = "a" * 60 * FAST_MAX
empty = [""] * 20 * FAST_MAX
writes = [Write("asset", "assets", str(n), b'["' + b'\\"' * 32_000 + b'"]') for n in range(200)]
work = {
    "encode": lambda: encode([text]),
    "encode-empty": lambda: encode(empty),
    "writes": lambda: writes_digest(writes),
    "decode": lambda: decode(b'"' + text.encode() + b'"'),
}[sys.argv[1]]
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + int(sys.argv[2]) * FAST_MAX,) * 2)
try:
    work()
except MemoryError:
    print("MemoryError")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="what a process has in use is read from /proc")
@pytest.mark.parametrize(
    ("work", "room"),
    [("encode", 20), ("encode", 80), ("encode-empty", 40), ("writes", 15), ("decode", 80), ("decode", 150), ("decode", 220)],
)
def test_a_long_value_for_which_there_is_no_memory_is_a_memory_error_and_no_end_of_the_process(work: str, room: int) -> None:
    done = subprocess.run([sys.executable, "-c", OUT_OF_MEMORY, work, str(room)], capture_output=True, text=True, check=True)
    assert done.stdout == "MemoryError\n"


@pytest.mark.parametrize("value", [{"a": [1, "\u4e2d", None, True, {"b": -1}]}, ["x" * FAST_MAX, 1]])
def test_long_values_have_the_same_bytes_by_the_other_encoder(value: JsonValue) -> None:
    data = encode(value)
    assert data == encode_unchecked(value) == encoding._encode_slowly(value)
    assert decode(data) == value


def test_rfc_8785_sample_of_section_3_2_2_without_its_floats() -> None:
    # The RFC's input, its member "numbers" left out; the expected bytes are those of section 3.2.4 without it.
    value = json.loads(r'{"string": "\u20ac$\u000F\u000aA' "'" r'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}')
    expected = (
        "7b 22 6c 69 74 65 72 61 6c 73 22 3a 5b 6e 75 6c 6c 2c 74 72 75 65 2c 66 61 6c 73 65 5d 2c"
        "22 73 74 72 69 6e 67 22 3a 22 e2 82 ac 24 5c 75 30 30 30 66 5c 6e 41 27 42 5c 22 5c 5c 5c 5c 5c 22 2f 22 7d"
    )
    assert encode(value) == bytes.fromhex(expected)


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (9007199254740991, "9007199254740991"), (-9007199254740991, "-9007199254740991")]
)
def test_rfc_8785_integers_of_appendix_b(number: int, text: str) -> None:
    assert encode(number) == text.encode()
    assert decode(text.encode()) == number


def test_names_are_sorted_as_rfc_8785_section_3_2_3_sorts_its_ascii_names() -> None:
    assert encode({"1": "One", "\r": "Carriage Return", "</script>": "Browser Challenge"}) == (
        b'{"\\r":"Carriage Return","1":"One","</script>":"Browser Challenge"}'
    )


def test_characters_beyond_the_escapes_stand_as_they_are() -> None:
    assert encode("\x7f\u2028仓单😀") == b'"\x7f' + "\u2028仓单😀".encode() + b'"'


@pytest.mark.parametrize(
    "data",
    [
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a": 1}',
        b"[1]\n",
        b'"\\u0041"',
        b'"\\/"',
        b'"\\u000A"',
        b"-0",
        b'"\\ud800"',
        b'"\\ud83d\\ude00"',
    ],
    ids=["order", "duplicate-name", "space", "line-end", "escape", "slash", "upper-case", "minus-zero", "lone-surrogate", "pair"],
)
def test_another_spelling_is_refused(data: bytes) -> None:
    assert code_of(data) == "not-canonical"


@pytest.mark.parametrize(
    "data", [b"", b"{", b"nul", b"\xff", b"01", b"+1", b"[1,]", b"\xef\xbb\xbf1", b"9" * 5000, b"[" * 100_000]
)
def test_what_is_not_json_is_refused(data: bytes) -> None:
    assert code_of(data) == "not-json"


@pytest.mark.parametrize("data", [b"1.0", b"1e3", b"NaN", b"Infinity", b"-Infinity", b'{"a":[0.5]}'])
def test_floats_are_refused(data: bytes) -> None:
    assert code_of(data) == "float"


@pytest.mark.parametrize("number", [INTEGER_MAX + 1, -INTEGER_MAX - 1, 10**400])
def test_integer_beyond_the_limit_is_refused(number: int) -> None:
    assert code_of(str(number).encode()) == "integer-out-of-range"
    with pytest.raises(MalformedError, match="Integers lie within"):
        encode([number])


def test_nesting_beyond_the_limit_is_refused() -> None:
    deepest = b"[" * DEPTH_MAX + b"]" * DEPTH_MAX
    assert encode(decode(deepest)) == deepest
    assert code_of(b"[" + deepest + b"]") == "too-deep"


def test_name_outside_ascii_is_refused() -> None:
    assert code_of('{"é":1}'.encode()) == "not-canonical"
    with pytest.raises(MalformedError, match="ASCII"):
        encode({"仓": 1})


@pytest.mark.parametrize("value", [1.5, (1,), {1: 2}, b"x", {"a": {1, 2}}], ids=["float", "tuple", "int-name", "bytes", "set"])
def test_values_that_canonical_json_has_not_are_refused(value: object) -> None:
    with pytest.raises(MalformedError):
        encode(value)  # type: ignore[arg-type]


def test_lone_surrogate_cannot_be_encoded() -> None:
    with pytest.raises(MalformedError, match="surrogate"):
        encode("\ud800")


def test_an_object_is_asked_for() -> None:
    assert decode_object(b'{"a":1}') == {"a": 1}
    with pytest.raises(MalformedError, match="got list"):
        decode_object(b"[]")


def test_digest_is_sha256_over_tag_zero_byte_and_parts() -> None:
    expected = hashlib.sha256(b"tallystick/body\x00abc").hexdigest()
    assert digest("body", b"a", b"bc") == expected == digest_bytes("body", b"abc").hex()
    assert tagged("body", b"abc") == b"tallystick/body\x00abc"
    assert digest("body", b"") != digest("header", b"")


def test_a_stack_that_is_used_up_makes_no_bytes_malformed() -> None:
    """Else a contract that reads canonical JSON would have another receipt where its caller stands deeper."""
    data, deep = b'{"a":[[[[{"b":"[[["}]]]]}', b"[" * 100_000

    def called(frames: int) -> object:
        return called(frames - 1) if frames else decode(data)

    left = next(frames for frames in range(sys.getrecursionlimit()) if _ends(called, frames) is RecursionError)
    assert {_ends(called, frames) for frames in range(left - 12, left + 3)} == {None, RecursionError}
    refusal(MalformedError, decode, deep)


def _ends(call: Callable[[int], object], frames: int) -> type[BaseException] | None:
    try:
        call(frames)
    except (RecursionError, MalformedError) as error:
        return type(error)
    return None
