"""Frozen dataclasses as canonical JSON: read strictly, spelled in one way, refused with one kind of error.

`ledger.encoding` judges the bytes first (one spelling, no floats, bounded depth); what they say is then read by pydantic,
without conversions and without unknown members. A field with a default may be left out: a format whose members are all
required is a dataclass without defaults.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from ledger.encoding import decode, encode_unchecked
from ledger.errors import JsonValue, MalformedError
from ledger.primitives import HEX_32, HEX_64, HEX_128, INTEGER_MAX, MEMBER_ID, Digest, PublicKey, Signature

T = TypeVar("T")
PLACE_CHARACTERS_MAX = 200
"""How much of a place an error shows: the sender chooses the name of an unknown member."""

HexDigest = Annotated[Digest, Field(pattern=f"^{HEX_64.pattern}$")]
"""SHA-256 in 64 lower-case hexadecimal digits."""
HexKey = Annotated[PublicKey, Field(pattern=f"^{HEX_64.pattern}$")]
HexSignature = Annotated[Signature, Field(pattern=f"^{HEX_128.pattern}$")]
HexNonce = Annotated[str, Field(pattern=f"^{HEX_32.pattern}$")]
MemberName = Annotated[str, Field(pattern=f"^{MEMBER_ID.pattern}$")]
"""`organization.member`."""
Count = Annotated[int, Field(strict=True, ge=0, le=INTEGER_MAX)]
PositiveCount = Annotated[int, Field(strict=True, ge=1, le=INTEGER_MAX)]


class StrictModel(BaseModel):
    """Base of what is read from outside: strict, frozen, unknown members refused."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


def first_fault(error: ValidationError, whole: str = "") -> str:
    """`PLACE: REASON.` for the first fault that pydantic found; `whole` is the place of a fault that concerns the whole value."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"]))[:PLACE_CHARACTERS_MAX] or whole
    return f"{place}: {first['msg']}." if place else f"{first['msg']}."


class Codec(Generic[T]):
    """One dataclass between its values and its canonical bytes.

    Every refusal has the error code `code`, except for members that `codes` names with a code of their own. `verify` checks what
    concerns several members at once, and raises MalformedError. A member in the form of another codec is declared as
    `Annotated[Form, CODEC.part]` and named in `codes` with that codec, whose codes then apply to faults inside it.
    """

    def __init__(self, form: type[T], code: str, verify: Callable[[T], None] | None = None, **codes: "str | Codec[Any]") -> None:
        self.code = code
        self._verify = verify
        self._codes = codes
        self._adapter = TypeAdapter(form)
        self.part = AfterValidator(self._verified)

    def decode(self, data: bytes) -> T:
        """Reads canonical bytes; raises MalformedError."""
        decode(data)
        return self.read(data)

    def parse(self, value: JsonValue) -> T:
        """Reads a value that came from canonical bytes; raises MalformedError.

        Lists become tuples and objects dataclasses; a number of a form is strict by itself, and text never becomes anything
        but text. What does not fit is refused as its bytes are.
        """
        try:
            found = self._adapter.validate_python(value, extra="forbid")
        except ValidationError:
            return self.read(encode_unchecked(value))
        return self._verified(found)

    def to_json(self, value: T) -> dict[str, JsonValue]:
        """All members."""
        return self._adapter.dump_python(value, mode="json")  # type: ignore[no-any-return]

    def encode(self, value: T) -> bytes:
        """Canonical bytes."""
        return encode_unchecked(self.to_json(value))

    def read(self, data: bytes) -> T:
        """Reads bytes that were judged before; raises MalformedError."""
        try:
            value = self._adapter.validate_json(data, strict=True, extra="forbid")
        except ValidationError as error:
            raise self._refused(error) from error
        return self._verified(value)

    def _verified(self, value: T) -> T:
        if self._verify is not None:
            self._verify(value)
        return value

    def _refused(self, error: ValidationError) -> MalformedError:
        """The refusal for the first fault."""
        first = error.errors(include_url=False, include_input=False)[0]
        return MalformedError(self._code_of(first["loc"], first["type"]), first_fault(error))

    def _code_of(self, place: Sequence[str | int], fault: str) -> str:
        """The error code of a fault at this place in the form; a number in the place is an index in a list."""
        is_absent = fault in ("missing", "unexpected_keyword_argument")
        code = self.code if not place or (len(place) == 1 and is_absent) else self._codes.get(str(place[0]), self.code)
        if isinstance(code, str):
            return code
        rest = place[2:] if len(place) > 1 and isinstance(place[1], int) else place[1:]
        return code._code_of(rest, fault) if len(place) > 1 or fault == "dataclass_type" else self.code
