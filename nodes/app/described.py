"""How a route describes itself for the OpenAPI document: models of answers, parameters, and the exact codes of its problems.

Answers are written as canonical bytes from the ledger's own values, so nothing runs through the models; a test compares the
answers of a network with them. A member with `ABSENT` may be left out; one that may be null is always there. What a
parameter's schema says here is not checked by FastAPI either: the routes judge it, with codes of their own. The words stand
in `words.toml`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import Header, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from ledger.codec import HexDigest
from ledger.primitives import INTEGER_MAX

REFERENCE = "#/components/schemas/{model}"
JSON_CODES = "not-json not-an-object not-canonical float integer-out-of-range too-deep"
"""Of a body that is no canonical JSON object."""
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {}}
"""For a route that answers with an ETag."""


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


ABSENT: Any = Field(default=None, json_schema_extra=_without_default)
Natural = Annotated[int, Field(ge=0)]
Milliseconds = Natural
JsonMembers = dict[str, Any]


class AnswerModel(BaseModel):
    """Base of all: no undocumented members. The document leaves `Answer` at the end of a model's name out."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class LooseAnswer(BaseModel):
    """Base of those that hold more, depending on their kind."""

    model_config = ConfigDict(extra="allow", use_attribute_docstrings=True)


class Problem(AnswerModel):
    """RFC 9457 problem details. `code` is stable and meant for programs, `detail` is a sentence for people."""

    type: str
    """`urn:tallystick:problem:CODE`."""
    title: str
    status: int
    """The status of the answer once more."""
    detail: str
    code: str
    """One of the codes listed beside the status; the registry of all codes tells their meaning."""
    details: JsonMembers
    """Typed facts, by code."""
    proof: JsonMembers = ABSENT
    """With `not-found`, if asked for: the proof of absence."""


class ProofAnswer(LooseAnswer):
    """A proof: `tallystick verify` and the client check it against the genesis."""

    format: Literal["tallystick-proof-1"]
    kind: str
    """What is proved; the other members depend on it."""
    ledger: HexDigest
    header: JsonMembers | None
    """The header that everything leads to; null for the state at height 0."""
    certificate: JsonMembers | None
    """The validators' certificate for the header."""
    trust: list[JsonMembers]
    """Header, certificate and new validators at each change of validators."""


def problems(*lines: str) -> dict[int | str, dict[str, Any]]:
    """The problems of a route, each line `STATUS CODE CODE …`, as FastAPI's `responses`.

    Codes that follow from a parameter or from who may call are added by `tests.openapi_document`.
    """
    return {int(status): {"x-codes": codes} for status, *codes in map(str.split, lines)}


def body_of(model: type[BaseModel], *, or_list: bool = False) -> dict[str, Any]:
    """A body that the route reads raw, as FastAPI's `openapi_extra`: a model, or a list of it as well."""
    schema = model.model_json_schema(ref_template=REFERENCE) | {"x-or-list": or_list}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def in_query(name: str | None = None, **schema: Any) -> Any:
    """A parameter of the query whose schema says this besides its type."""
    return Query(alias=name, json_schema_extra=schema)


HEIGHT: Mapping[str, Any] = {"minimum": 0, "maximum": 10**15 - 1}
HEIGHT_TEXT: Mapping[str, Any] = {"pattern": "^[0-9]{1,15}$"}
DigestInPath = Annotated[str, Path(json_schema_extra={"pattern": "^[0-9a-f]{64}$"})]
KeyInPath = Annotated[str, Path(json_schema_extra={"minLength": 1, "maxLength": 256})]
Height = Annotated[int | None, in_query(**HEIGHT)]
FromZero = Annotated[int | None, in_query(minimum=0)]
HeightText = Annotated[str, in_query(**HEIGHT_TEXT)]
Limit = Annotated[int | None, in_query(minimum=1, maximum=500)]
Wait = Annotated[int | None, in_query(minimum=0, maximum=60)]
WithProof = Annotated[bool, Query(alias="proof")]
TrustFrom = Annotated[int, Query(ge=0, le=INTEGER_MAX)]
EventCursor = Annotated[str, in_query(pattern=r"^([0-9]{1,15}\.[0-9]{1,15}\.[0-9]{1,15})?$")]
LastEventId = Annotated[str | None, Header()]
