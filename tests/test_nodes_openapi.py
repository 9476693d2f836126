"""The OpenAPI document: it is the one that is checked in, every route is described, and its examples are true.

`python -m tests.test_nodes_openapi` writes `nodes/app/openapi.json` again, after a deliberate change.
"""

import json
import re
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator, validator_for

from nodes.app.docs import DOCUMENT
from nodes.http.answers import error_codes, meanings
from tests.http_support import FakeNode
from tests.openapi_document import TOKEN_CODES, WORDS, operations_of, schemas
from tests.openapi_examples import CSV, document, examples, uncovered

EXAMPLES = examples()
ROUTES = dict(operations_of(FakeNode().app.web))
LINE_CHARACTERS, LINES = 120, ("parameters", "examples", "properties")


def text(value: Any, *place: str) -> str:
    """The document as its file holds it: a line for each parameter, example and property, and for what is short or flat."""
    line = json.dumps(value, ensure_ascii=False)
    parts = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    is_flat = not any(isinstance(part, list | dict) for part in parts)
    if is_flat or len(line) <= LINE_CHARACTERS or (len(place) > 1 and place[-2] in LINES):
        return line
    indent = "\n" + " " * len(place)
    if isinstance(value, list):
        return f"[{indent} {f',{indent} '.join(text(part, *place, '') for part in value)}{indent}]"
    members = [f"{json.dumps(name)}: {text(part, *place, name)}" for name, part in value.items()]
    return f"{{{indent} {f',{indent} '.join(members)}{indent}}}"


def test_every_word_is_of_a_route() -> None:
    """A route or parameter without words is a KeyError of `build_openapi`."""
    names = {str(route.name) for route in ROUTES.values()}
    assert WORDS["summary"].keys() == WORDS["description"].keys() == names
    told = {(shown["operationId"], parameter["name"]) for shown in SHOWN.values() for parameter in shown.get("parameters", ())}
    assert sorted(WORDS["parameter"].keys() - {word for pair in told for word in (pair[1], " ".join(pair))}) == []
    assert {tag for route in ROUTES.values() for tag in route.tags} == WORDS["tag"].keys() == WORDS["about"].keys()


def test_every_shape_is_of_a_route() -> None:
    """A shape that is named and not there is a KeyError of the validator."""
    told = re.findall(r'"#/components/schemas/(\w+)"', DOCUMENT.read_text(encoding="utf-8"))
    assert schemas().keys() - told == set()


def test_every_operation_has_an_example() -> None:
    assert uncovered(EXAMPLES) == [], "give each a request in tests/openapi_examples.py"


def test_codes_are_known_and_those_of_requests_are_told_by_some_operation() -> None:
    told = {code for shown in SHOWN.values() for response in shown["responses"].values() for code in response.get("x-codes", ())}
    assert sorted(told - meanings().keys()) == [], "these are in no line of error_codes.toml"
    assert sorted(error_codes()["request"].keys() - told - {*TOKEN_CODES}) == [], "no operation tells of these"


def test_the_document_is_the_one_that_is_checked_in() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == text(document()) + "\n", "python -m tests.test_nodes_openapi writes it anew"


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_examples_fit_their_schemas(name: str) -> None:
    for example in EXAMPLES[name]:
        response = SHOWN[name]["responses"][str(example.status)]
        for media, content in response["content"].items():
            if (media == CSV) != (example.media == CSV):
                continue
            for instance in _events(example.answer) if media == "text/event-stream" else [example.answer]:
                _validator(content["schema"]).validate(instance)
        if example.body is not None and example.status < 400:
            _validator(SHOWN[name]["requestBody"]["content"]["application/json"]["schema"]).validate(example.body)


def _events(text: str) -> list[dict[str, str]]:
    """The server-sent events of a stream, without its comments."""
    blocks = [block.splitlines() for block in text.split("\n\n") if block.startswith("id:")]
    assert blocks, "the stream begins with an event"
    return [dict(line.split(": ", 1) for line in lines) for lines in blocks]


def _validator(schema: Any) -> Draft202012Validator:
    validator = validator_for({**schema, "components": WRITTEN["components"]})
    assert isinstance(validator, Draft202012Validator)
    return validator


WRITTEN = json.loads(DOCUMENT.read_text(encoding="utf-8")) if DOCUMENT.exists() else {"paths": {}}
SHOWN: dict[str, Any] = {
    f"{method.upper()} {path}": shown for path, methods in WRITTEN["paths"].items() for method, shown in methods.items()
}

if __name__ == "__main__":
    DOCUMENT.write_text(text(document()) + "\n", encoding="utf-8")
