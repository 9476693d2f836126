"""How a route describes itself for the OpenAPI document: its parameters, the shape of its answer, the codes of its problems.

Answers are canonical bytes of the ledger's own values. Their shapes stand in `nodes.app.shapes`, the words in `words.toml`, and
`tests.openapi_document` joins all of it; a node only serves the document. What a parameter's schema says here is not checked by
FastAPI either: the routes judge it, with codes of their own.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Header, Path, Query

from ledger.primitives import INTEGER_MAX

JSON_CODES = "not-json not-an-object not-canonical float integer-out-of-range too-deep"
"""Of a body that is no canonical JSON object."""


def described(answer: str, *lines: str, body: str = "") -> dict[str, Any]:
    """Arguments of a route: the shapes of answer and body, and lines `STATUS CODE CODE …`; `304` of a route that has an ETag.

    Codes that follow from a parameter or from who may call are added by `tests.openapi_document`.
    """
    responses = {int(status): {"x-codes": codes} for status, *codes in map(str.split, lines)}
    content = {"application/json": {"schema": {"x-body": body}}}
    bodies = {"requestBody": {"required": True, "content": content}} if body else {}
    return {"responses": responses, "openapi_extra": {"x-answer": answer, **bodies}}


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
