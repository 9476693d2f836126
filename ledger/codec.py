"""Frozen dataclasses as canonical JSON: read strictly, spelled in one way, refused with one kind of error.

`ledger.encoding` judges the bytes first (one spelling, no floats, bounded depth); what they say is then read by pydantic,
without conversions. A form has exactly its members. Its lists are `Many` and its members are counted before pydantic reads it:
else a sender could make pydantic gather a million faults, of which one is needed.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from typing import Annotated, Any, Generic, TypeAlias, TypeVar, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, FailFast, Field, TypeAdapter, ValidationError

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
Many: TypeAlias = Annotated[tuple[T, ...], FailFast()]
"""A list that is refused at its first fault."""
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
        self._form = form
        listed = get_args(get_args(form)[0])[:1] if get_origin(form) is Annotated else ()
        self._is_list = bool(listed)
        shape = listed[0] if listed else form
        own = {field.name: field.type for field in fields(shape)} if is_dataclass(shape) else {}
        self._names = own.keys()
        self._parts = [
            (name, part, part._form in get_args(own[name]))
            for name, part in codes.items()
            if isinstance(part, Codec) and get_origin(own[name]) is not dict
        ]
        """Forms within this one, each with whether its member is one of them or a list."""
        self.part = AfterValidator(self._verified)

    def decode(self, data: bytes) -> T:
        """Reads canonical bytes; raises MalformedError."""
        return self.read(decode(data), data)

    def parse(self, value: JsonValue) -> T:
        """Reads a value that came from canonical bytes; raises MalformedError.

        Lists become tuples and objects dataclasses; a number of a form is strict by itself, and text never becomes anything
        but text. What does not fit is refused as its bytes are.
        """
        self._verify_names(value)
        try:
            found = self._adapter.validate_python(value, extra="forbid")
        except ValidationError:
            return self.read(value, encode_unchecked(value))
        return self._verified(found)

    def to_json(self, value: T) -> dict[str, JsonValue]:
        """All members."""
        return self._adapter.dump_python(value, mode="json")  # type: ignore[no-any-return]

    def encode(self, value: T) -> bytes:
        """Canonical bytes."""
        return encode_unchecked(self.to_json(value))

    def read(self, value: JsonValue, data: bytes) -> T:
        """Reads a value with the bytes that it was decoded from; raises MalformedError."""
        self._verify_names(value)
        try:
            read = self._adapter.validate_json(data, strict=True, extra="forbid")
        except ValidationError as error:
            raise self._refused(error) from error
        return self._verified(read)

    def _verify_names(self, value: JsonValue) -> None:
        """Of the form, or of each in a list of them, and of those within it; what is no object is left to pydantic."""
        if self._is_list and isinstance(value, list):
            for item in value:
                self._verify_members(item)
        else:
            self._verify_members(value)

    def _verify_members(self, value: JsonValue) -> None:
        if not self._names or not isinstance(value, dict):
            return
        if value.keys() != self._names:  # check: form-members
            raise MalformedError(self.code, f"Expected an object with exactly {sorted(self._names)}.")
        for name, part, is_one in self._parts:
            within = value[name]
            for item in [within] if is_one else within if isinstance(within, list) else []:
                part._verify_names(item)

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
        is_shape = fault in ("missing", "unexpected_keyword_argument", "tuple_type")
        code = self.code if not place or (len(place) == 1 and is_shape) else self._codes.get(str(place[0]), self.code)
        if isinstance(code, str):
            return code
        rest = place[2:] if len(place) > 1 and isinstance(place[1], int) else place[1:]
        return code._code_of(rest, fault) if len(place) > 1 or fault == "dataclass_type" else self.code
