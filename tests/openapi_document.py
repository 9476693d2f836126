"""Derives the OpenAPI document from the routes, the shapes of answers, `words.toml`, the registry of codes, and examples.

`nodes/app/openapi.json` holds what comes out, and is what a node serves; `python -m tests.test_nodes_openapi` writes it again.
Members that begin with `x-` carry the Chinese words and the registry for `/docs`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import RouteContext, iter_route_contexts
from pydantic.json_schema import models_json_schema

from nodes.app import shapes
from nodes.app.csv_page import MEDIA_TYPE as TABLE
from nodes.app.dependencies import Kind, kind_of, refuse_unknown_parameters
from nodes.app.documents import DocumentBody
from nodes.http.answers import MEDIA_TYPE, meanings
from nodes.links.faults import FaultList
from nodes.words import Words

WORDS = Words.of("nodes.app")
REFERENCE = "#/components/schemas/{model}"
BY_PARAMETER = {"limit": (422, "bad-limit"), "wait": (422, "bad-wait")}
"""Codes that come with a parameter of this name."""
TOKEN_CODES = (
    "token-missing", "token-malformed", "token-algorithm", "token-claims", "token-signature", "token-inactive", "token-audience",
    "token-lifetime", "token-not-yet-valid", "token-expired", "token-before-start", "token-used",
)  # fmt: skip
NEEDS_TOKEN = ("reader", "member")
SECURITY: Mapping[Kind, list[dict[str, list[str]]]] = {
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
JsonSchema = dict[str, Any]


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
    media: str = ""
    """Of the answer, where it is the operation's other media type."""


def operations_of(web: FastAPI) -> Iterator[tuple[str, RouteContext]]:
    """`METHOD path` and route of everything that the document shows."""
    for route in iter_route_contexts(web.routes):
        if route.include_in_schema:
            for method in sorted(route.methods or ()):
                yield f"{method} {route.path_format}", route


def build_openapi(web: FastAPI, examples: Mapping[str, Sequence[Example]]) -> JsonSchema:
    """The document; raises KeyError for a route or parameter without words."""
    document = get_openapi(title=web.title, version=web.version, description=web.description, routes=web.routes)
    for name, route in operations_of(web):
        method, path = name.split(" ")
        _describe(name, document["paths"][path][method.lower()], route, examples.get(name, ()))
    document["tags"] = [
        {"name": name, "description": WORDS["about"][name].en, "x-zh-name": phrase.zh, "x-zh": WORDS["about"][name].zh}
        for name, phrase in WORDS["tag"].items()
    ]
    document["components"] = {
        "schemas": schemas(),
        "responses": {"Unauthorized": _problem(401, TOKEN_CODES, ())},
        "securitySchemes": SECURITY_SCHEMES,
    }
    document["x-error-codes"] = {code: dict(words) for code, words in sorted(meanings().items())}
    return {**_plain(document), "info": document["info"]}


def codes_of(name: str, route: RouteContext, parameters: Sequence[JsonSchema]) -> dict[int, tuple[str, ...]]:
    """Every code that the operation can answer with, by status: the declared ones and those that follow from its parameters."""
    declared = {status: response["x-codes"] for status, response in route.responses.items() if response["x-codes"]}
    found: dict[int, dict[str, None]] = {int(status): dict.fromkeys(codes) for status, codes in declared.items()}

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
    method, path = name.split(" ")
    kind = kind_of(method, path)
    if kind in NEEDS_TOKEN:
        add(429, "too-many-tokens")
    if kind == "lab":
        add(403, "wrong-token")
        add(404, "not-a-lab")
        if method == "POST":
            add(409, "lab-frozen")
    return {status: tuple(found[status]) for status in sorted(found)}


def schemas() -> JsonSchema:
    """Of every shape, and of the models that a node itself reads bodies with."""
    strict, loose = shapes.AnswerModel, shapes.LooseAnswer
    answers = [found for found in vars(shapes).values() if isinstance(found, type) and issubclass(found, (strict, loose))]
    models = [DocumentBody, FaultList, *(model for model in answers if model not in (strict, loose))]
    found = models_json_schema([(model, "validation") for model in models], ref_template=REFERENCE)[1]["$defs"]
    return dict(sorted((name.removesuffix("Answer"), schema) for name, schema in found.items()))


def _reference(text: str) -> JsonSchema:
    """The schema of `SHAPE`, `SHAPE | SHAPE` or `SHAPE | list[SHAPE]`."""
    options: list[JsonSchema] = []
    for name in text.split(" | "):
        one = {"$ref": REFERENCE.format(model=name.removeprefix("list[").removesuffix("]"))}
        options.append({"type": "array", "minItems": 1, "items": one} if name.startswith("list[") else one)
    return options[0] if len(options) == 1 else {"anyOf": options}


def _depends_on(route: RouteContext, call: Callable[..., Any]) -> bool:
    return any(dependency.call is call for dependency in route.dependant.dependencies)


def _describe(name: str, shown: JsonSchema, route: RouteContext, examples: Sequence[Example]) -> None:
    """Completes what FastAPI says of an operation."""
    operation, kind = str(route.name), kind_of(*name.split(" "))
    summary, description = WORDS["summary"][operation], WORDS["description"][operation]
    shape, also = shown.pop("x-answer", ""), shown.pop("x-also", "")
    for content in shown.get("requestBody", {}).get("content", {}).values():
        content["schema"] = _reference(content["schema"]["x-body"])
        content["examples"] = {example.name: {"value": example.body} for example in examples if example.body is not None}
    shown |= {"operationId": operation, "summary": summary.en, "description": description.en}
    shown["x-zh"] = {"summary": summary.zh, "description": description.zh}
    answers = {status: response for status, response in sorted(shown["responses"].items()) if int(status) < 400}
    ((media, content),) = (found for response in answers.values() for found in response.get("content", {}).items())
    contents = {media: _reference(shape) if shape else content["schema"]}
    parameters = shown.get("parameters", [])
    if "304" in answers:
        parameters.append({"name": "if-none-match", "in": "header", "required": False, "schema": {"type": "string"}})
    if parameters:
        shown["parameters"] = parameters
    values = {key: value for example in reversed(examples) for key, value in example.values.items()}
    for parameter in parameters:
        _describe_parameter(operation, parameter, values)
    codes = codes_of(name, route, parameters)
    shown["responses"] = {
        **{status: _answer(int(status), contents, examples, has_tag="304" in answers) for status in answers},
        **{str(status): _problem(status, found, examples) for status, found in codes.items()},
    }
    if also:
        is_table = also == TABLE
        schema = {"type": "string"} if is_table else {}
        shown["responses"]["200"]["content"][also] = {"schema": schema, **_examples(200, examples, also)}
        if is_table:
            shown["responses"]["200"].setdefault("headers", {})["Link"] = _header("Link", is_required=False)
    if kind in SECURITY:
        shown["security"] = SECURITY[kind]
    if kind in NEEDS_TOKEN:
        shown["responses"]["401"] = {"$ref": "#/components/responses/Unauthorized"}


def _describe_parameter(operation: str, parameter: JsonSchema, values: JsonSchema) -> None:
    name, schema = parameter["name"], parameter["schema"]
    phrase = WORDS["parameter"].get(f"{operation} {name}") or WORDS["parameter"][name]
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]  # Left out, never null.
    parameter["schema"] = {key: value for key, value in {**(kinds or [{}])[0], **schema}.items() if key not in DROPPED}
    parameter |= {"description": phrase.en, "x-zh": phrase.zh}
    if name in values:
        parameter["example"] = values[name]


def _answer(status: int, contents: Mapping[str, JsonSchema], examples: Sequence[Example], *, has_tag: bool) -> JsonSchema:
    phrase = WORDS["status"][str(status)]
    shown: JsonSchema = {"description": phrase.en, "x-zh": phrase.zh}
    if has_tag:
        shown["headers"] = {"ETag": _header("ETag", is_required=status == 304)}  # What may yet change has none.
    if status != 304:
        shown["content"] = {media: {"schema": schema, **_examples(status, examples)} for media, schema in contents.items()}
    return shown


def _problem(status: int, codes: Sequence[str], examples: Sequence[Example]) -> JsonSchema:
    """The codes are part of the schema, so that an answer with another one does not conform."""
    schema = {"allOf": [{"$ref": REFERENCE.format(model="Problem")}, {"properties": {"code": {"enum": [*codes]}}}]}
    response: JsonSchema = {
        "description": " ".join(f"`{code}`" for code in codes),
        "content": {MEDIA_TYPE: {"schema": schema, **_examples(status, examples)}},
        "x-codes": [*codes],
    }
    header = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}.get(status)
    if header is not None:
        response["headers"] = {header: _header(header)}
    return response


def _header(name: str, *, is_required: bool = True) -> JsonSchema:
    phrase = WORDS["header"][name]
    return {"description": phrase.en, "x-zh": phrase.zh, "required": is_required, "schema": {"type": "string"}}


def _examples(status: int, examples: Sequence[Example], media: str = "") -> JsonSchema:
    chosen = (example for example in examples if (example.status, example.media) == (status, media))
    shown = {example.name: {"value": example.answer} for example in chosen}
    return {"examples": shown} if shown else {}


def _plain(schema: Any) -> Any:
    """Without titles, which only repeat a name, and with the public names of models; examples stay as they are."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {
        key: value if key in ("examples", "example") else _plain(value)
        for key, value in schema.items()
        if key != "title" or not isinstance(value, str)
    }
    return found | {"$ref": found["$ref"].removesuffix("Answer")} if "$ref" in found else found
