"""Builds the OpenAPI document from the routes, the table of operations, the answer models, the registry of codes, and examples.

`nodes/app/openapi.json` holds what comes out, and is what a node serves; `python -m tests.test_nodes_openapi` writes it
anew. Members that begin with `x-` carry the Chinese words and the registry for `/docs`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import RouteContext, iter_route_contexts
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from nodes.app import schemas
from nodes.app.access_control import Kind as Access
from nodes.app.access_control import kind_of
from nodes.app.answers import refuse_unknown_parameters
from nodes.app.error_codes import meanings
from nodes.app.operations import JSON, OPERATIONS, TAGS, Kind, Operation
from nodes.app.parameters import ANSWER_HEADERS, HEADERS, PARAMETERS, Parameter
from nodes.app.problems import MEDIA_TYPE

REFERENCE = "#/components/schemas/{model}"
BY_PARAMETER = {"limit": (422, "bad-limit"), "wait": (422, "bad-wait")}
"""Codes that come with a parameter of this name."""
STATUS_WORDS = {
    200: ("Done.", "完成。"), 202: ("Taken; not final yet.", "已接收；尚未定局。"), 304: ("Nothing changed.", "没有变化。"),
}  # fmt: skip
TOKEN_CODES = (
    "token-missing", "token-malformed", "token-algorithm", "token-claims", "token-signature", "token-inactive", "token-audience",
    "token-lifetime", "token-not-yet-valid", "token-expired", "token-before-start", "token-used",
)  # fmt: skip
NEEDS_TOKEN = ("reader", "member")
SECURITY: Mapping[Access, list[dict[str, list[str]]]] = {
    "reader": [{}, {"memberToken": []}],
    "member": [{"memberToken": []}],
    "lab": [{"labToken": []}],
}
"""By kind of a path which tokens open it; `{}` is none."""
SECURITY_SCHEMES = {
    "memberToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A short-lived token signed by a member's key (EdDSA), good for one request to one node; "
        "`tallystick token` makes one.",
    },
    "labToken": {"type": "http", "scheme": "bearer", "description": "The secret in `lab.token` of a lab network's directory."},
}
DROPPED = ("anyOf", "title", "description")
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Example:
    """One request that was really made, and the answer that came."""

    name: str
    """In a few words; starts an identifier of the document."""
    values: Mapping[str, Any]
    """Parameters and headers by name."""
    body: Any
    status: int
    answer: Any
    """JSON, or the text of another media type; None for no body."""


def operations_of(web: FastAPI) -> Iterator[tuple[str, RouteContext]]:
    """`METHOD path` and route of everything that the document shows."""
    for route in iter_route_contexts(web.routes):
        if route.include_in_schema:
            for method in sorted(route.methods or ()):
                yield f"{method} {route.path_format}", route


def build_openapi(web: FastAPI, examples: Mapping[str, Sequence[Example]]) -> Json:
    """The document; raises KeyError for a route without a row in the table of operations."""
    document = get_openapi(title=web.title, version=web.version, description=web.description, routes=web.routes)
    for name, route in operations_of(web):
        method, path = name.split(" ")
        shown = document["paths"][path][method.lower()]
        _describe(name, shown, OPERATIONS[name], route, examples.get(name, ()))
    document["tags"] = [
        {"name": name, "description": en, "x-zh-name": zh_name, "x-zh": zh} for name, (en, zh_name, zh) in TAGS.items()
    ]
    document["components"] = {
        "schemas": _schemas(),
        "responses": {"Unauthorized": _problem(401, TOKEN_CODES, ())},
        "securitySchemes": SECURITY_SCHEMES,
    }
    document["x-error-codes"] = {code: dict(words) for code, words in sorted(meanings().items())}
    return document


def codes_of(name: str, route: RouteContext, parameters: Sequence[Json]) -> dict[int, tuple[str, ...]]:
    """Every code that the operation can answer with, by status: the declared ones and those that follow from its parameters."""
    found: dict[int, dict[str, None]] = {status: dict.fromkeys(codes) for status, codes in OPERATIONS[name].codes().items()}

    def add(status: int, code: str) -> None:
        found.setdefault(status, {})[code] = None

    query = [parameter for parameter in parameters if parameter["in"] == "query"]
    for parameter in query:
        if parameter["name"] in BY_PARAMETER:
            add(*BY_PARAMETER[parameter["name"]])
    if any(parameter["required"] or parameter["schema"].get("type") != "string" for parameter in query):
        add(422, "bad-parameter")
    if _depends_on(route, refuse_unknown_parameters):
        add(422, "unknown-parameter")
    if any(parameter["in"] == "path" for parameter in parameters):
        add(404, "no-such-path")
    if name.split(" ")[1].startswith("/v1/") and "/v1/lab/" not in name:
        add(503, "database-damaged")
    if kind_of(*name.split(" ")) in NEEDS_TOKEN:
        add(429, "too-many-tokens")
    return {status: tuple(found[status]) for status in sorted(found)}


def _depends_on(route: RouteContext, call: Callable[..., Any]) -> bool:
    return any(dependency.call is call for dependency in route.dependant.dependencies)


def _describe(name: str, shown: Json, operation: Operation, route: RouteContext, examples: Sequence[Example]) -> None:
    parameters = shown.get("parameters", [])
    codes = codes_of(name, route, parameters)
    shown["operationId"] = route.name
    shown["summary"] = operation.en
    shown["x-zh"] = {"summary": operation.zh, "description": operation.zh_text}
    values = {key: value for example in reversed(examples) for key, value in example.values.items()}
    for parameter in parameters:
        words = PARAMETERS.get(f"{name} {parameter['name']}") or PARAMETERS[parameter["name"]]
        _describe_parameter(parameter, words, values)
    headers = [{"name": header, "in": "header", "required": False, "schema": {"type": "string"}} for header in operation.headers]
    for parameter in headers:
        _describe_parameter(parameter, HEADERS[str(parameter["name"])], values)
    if parameters or headers:
        shown["parameters"] = [*parameters, *headers]
    if operation.body:
        shown["requestBody"] = _body(operation, examples)
    shown["responses"] = {
        **{str(status): _answer(status, operation, examples) for status in operation.answers},
        **{str(status): _problem(status, found, examples) for status, found in codes.items()},
    }
    kind = kind_of(*name.split(" "))
    if kind in SECURITY:
        shown["security"] = SECURITY[kind]
    if kind in NEEDS_TOKEN:
        shown["responses"]["401"] = {"$ref": "#/components/responses/Unauthorized"}


def _describe_parameter(parameter: Json, words: Parameter, values: Json) -> None:
    schema = parameter["schema"]
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]  # Left out, never null.
    told = {key: value for key, value in {**schema, **(kinds[0] if kinds else {})}.items() if key not in DROPPED}
    parameter["schema"] = {**told, **words.schema}
    parameter["description"] = words.en
    parameter["x-zh"] = words.zh
    if parameter["name"] in values:
        parameter["example"] = values[parameter["name"]]


def _body(operation: Operation, examples: Sequence[Example]) -> Json:
    kinds = [_reference(model) for model in operation.body]
    lists = [{"type": "array", "minItems": 1, "items": kinds[0]}] if operation.is_list else []
    shown = {example.name: {"value": example.body} for example in examples if example.body is not None}
    return {"required": True, "content": {JSON: {"schema": _any_of([*kinds, *lists]), "examples": shown}}}


def _answer(status: int, operation: Operation, examples: Sequence[Example]) -> Json:
    en, zh = STATUS_WORDS[status]
    response: Json = {"description": en, "x-zh": zh}
    if "if-none-match" in operation.headers:
        response["headers"] = {"ETag": _header("ETag", is_required=status == 304)}  # What may yet change has none.
    kinds = operation.answers[status]
    if kinds:
        schema = _any_of([_reference(kind) for kind in kinds])
        response["content"] = {operation.media: {"schema": schema, **_examples(status, examples)}}
    return response


def _problem(status: int, codes: Sequence[str], examples: Sequence[Example]) -> Json:
    """The codes are part of the schema, so that an answer with another one does not conform."""
    schema = {"allOf": [{"$ref": REFERENCE.format(model="Problem")}, {"properties": {"code": {"enum": [*codes]}}}]}
    response: Json = {
        "description": " ".join(f"`{code}`" for code in codes),
        "content": {MEDIA_TYPE: {"schema": schema, **_examples(status, examples)}},
        "x-codes": [*codes],
    }
    header = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}.get(status)
    if header is not None:
        response["headers"] = {header: _header(header)}
    return response


def _header(name: str, *, is_required: bool = True) -> Json:
    words = ANSWER_HEADERS[name]
    return {"description": words.en, "x-zh": words.zh, "required": is_required, "schema": {"type": "string"}}


def _examples(status: int, examples: Sequence[Example]) -> Json:
    shown = {example.name: {"value": example.answer} for example in examples if example.status == status}
    return {"examples": shown} if shown else {}


def _any_of(kinds: Sequence[Json]) -> Json:
    return kinds[0] if len(kinds) == 1 else {"anyOf": [*kinds]}


def _reference(kind: Kind) -> Json:
    return {"$ref": REFERENCE.format(model=kind.__name__)} if issubclass(kind, BaseModel) else {"type": "string"}


def _schemas() -> Json:
    """Every model that an operation names, and what these are made of."""
    kinds = {kind for operation in OPERATIONS.values() for kinds in operation.answers.values() for kind in kinds}
    kinds |= {schemas.Problem, *(model for operation in OPERATIONS.values() for model in operation.body)}
    named = sorted((kind for kind in kinds if issubclass(kind, BaseModel)), key=lambda kind: kind.__name__)
    _, definitions = models_json_schema([(model, "validation") for model in named], ref_template=REFERENCE)
    return dict(sorted((name, _plain(schema)) for name, schema in definitions["$defs"].items()))


def _plain(schema: Any) -> Any:
    """Without the titles that only repeat a name."""
    if isinstance(schema, dict):
        return {key: _plain(value) for key, value in schema.items() if key != "title" or not isinstance(value, str)}
    return [_plain(item) for item in schema] if isinstance(schema, list) else schema
