"""A network that has played supply-chain finance, and what a stranger who reads the OpenAPI document sends to it."""

import json
import re
import secrets
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ledger.encoding import encode_unchecked
from ledger.errors import MalformedError
from ledger.sealed import parse_opening, sealed_digest, sealed_in
from ledger.transaction import sign_transaction
from nodes.access.tokens import sign_token
from nodes.app.dependencies import kind_of
from nodes.app.docs import DOCUMENT
from nodes.client import LocalMember
from nodes.network.in_process import InProcessNetwork
from scenarios.story.live_stage import OPENINGS, LiveStage
from scenarios.story.play import Player
from scenarios.supply_chain_finance.scenario import SCENARIO

MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
"""Not among them: what has the right form may still name nothing, or be refused by the ledger; a token is good for one request,
so that none can be sent again to see what happens; and another method is asked once an operation."""
NOT_NOW = 503
"""No fault where the document tells of it: nobody controls this lab."""
MORE = {"POST /v1/transactions": 5, "GET /v1/state/{contract}/{collection}": 5, "PUT /v1/documents/{digest}": 2}
"""Times as many cases of operations that have many ways."""
LONG_WAITS = {*map(str, range(2, 61))}
"""What is unknown stays so, and nobody has the time."""
ANSWER_S = 30
STREAM_S = 0.1
"""Streams never end; so long one is listened to."""


@schemathesis.serializer("application/json")
def canonical(_: schemathesis.SerializationContext, value: Any) -> bytes:
    """Bodies are canonical JSON, as far as what was drawn can be written so: else they are plain JSON, or bytes as drawn."""
    if isinstance(value, bytes):
        return value
    try:
        return encode_unchecked(value)
    except (MalformedError, TypeError, ValueError):
        return json.dumps(value).encode("utf-8", "surrogatepass")


@dataclass
class Attempt:
    """What was asked, and what was not as documented."""

    cases: Counter[str] = field(default_factory=Counter)
    """Number of cases by operation."""
    statuses: Counter[int] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)
    """By operation and mode: what went wrong."""

    def by_status(self) -> dict[int, int]:
        """Number of answers."""
        return dict(sorted(self.statuses.items()))


class ApiNetwork:
    """One node of a played network, as the document's operations see it."""

    def __init__(self, network: InProcessNetwork) -> None:
        self.network = network
        self.node = network.members[0]
        self.url = network.urls[self.node]
        self.session = requests.Session()
        genesis = json.loads(network.genesis_bytes)
        self.members = [LocalMember.load(network.key_path(member["member"])) for member in genesis["members"]]
        self.synchronize()
        self._learn()

    def get(self, path: str, **query: Any) -> Any:
        """The JSON answer to a member."""
        answer = self.session.get(self.url + path, params=query, headers=self.token("GET", path, 0))
        assert answer.ok, answer.text
        return answer.json()

    def synchronize(self) -> None:
        """Looks at the node's clock."""
        node = self.session.get(self.url + "/v1/node").json()
        self.ledger = node["ledger"]
        self._offset_ms = int(node["clock"]) - time.monotonic_ns() // 1_000_000

    def now_ms(self) -> int:
        """The node's clock."""
        return self._offset_ms + time.monotonic_ns() // 1_000_000

    def token(self, method: str, path: str, choice: int) -> dict[str, str]:
        """The header that opens a path, from the member that the number chooses."""
        kind = kind_of(method, path)
        if kind == "lab":
            return {"authorization": f"Bearer {self.network.lab_token}"}
        if kind not in ("reader", "member"):
            return {}
        member = self.members[choice % len(self.members)]
        audience, number = f"{self.ledger}/{self.node}", secrets.token_hex(16)
        signed = sign_token(member.key, member.id, audience=audience, now_ms=self.now_ms(), number=number)
        return {"authorization": f"Bearer {signed}"}

    def envelope(self, choice: int) -> dict[str, Any]:
        """A transaction that the ledger holds, or the same call signed anew: well, too late, or wrongly."""
        held: dict[str, Any] = self.envelopes[choice % len(self.envelopes)]
        variant = ("fresh", "held", "fresh", "late", "wrong")[choice // 7 % 5]
        if variant == "held":
            return held
        body, keys = held["body"], {member.id: member.key for member in self.members}
        transaction = sign_transaction(
            ledger=self.ledger,
            contract=body["contract"],
            operation=body["operation"],
            arguments=body["arguments"],
            signers=[(signer, keys[signer]) for signer in body["signers"]],
            nonce=secrets.token_hex(16),
            expires_ms=self.now_ms() + (-1 if variant == "late" else 60_000),
        )
        made: dict[str, Any] = json.loads(transaction.raw)
        return {**made, "signatures": held["signatures"]} if variant == "wrong" else made

    def _learn(self) -> None:
        """Reads what the story left: ids, keys, cursors and sealed digests, for the parameters of requests."""
        blocks = [self.get(f"/v1/blocks/{height}") for height in range(1, self.get("/v1/node")["height"] + 1, 5)]
        self.envelopes = [envelope for block in blocks for envelope in block["transactions"]]
        contracts = {c["name"]: c for c in self.get("/v1/contracts")["contracts"]}
        places = [(c["contract"], c["name"]) for c in contracts["supply-chain-finance"]["collections"]]
        pages = {place: self.get("/v1/state/" + "/".join(place), limit=100) for place in places}
        records = [{"contract": c, "collection": n, "key": row["key"]} for (c, n), page in pages.items() for row in page["items"]]
        self.documents = list(self._documents(pages))
        assert self.documents, "the beginning that is played holds no sealed field yet: play more steps"
        cursors = {
            "GET /v1/transactions": self.get("/v1/transactions", limit=3)["next"],
            "GET /v1/events": self.get("/v1/events", limit=3)["next"],
            "GET /v1/events/stream": self.get("/v1/events", limit=3)["next"],
            "GET /v1/members": "yanshan.liu",
        }
        self._real: dict[str, list[dict[str, Any]]] = {
            "transaction": [{"transaction": r["transaction"]} for block in blocks for r in block["receipts"]],
            "block": [{"block": name} for block in blocks for name in (block["id"], str(block["height"]))]
            + [{"block": "latest"}],
            "key": records,
            "collection": [{"contract": c, "collection": n} for c, n in places],
            "name": [{"name": name} for name in contracts],
            "digest": [{"digest": document["digest"]} for document in self.documents],
            "from": [{"from": "1", "to": "9"}, {"from": "9", "to": "9"}, {"from": "0", "to": "1"}],
            "height": [{"height": height} for height in (0, 1, len(blocks))],
            "order": [{"order": order} for order in ("state", "-amount_cents", "holder")],
            **{f"{operation} after": [{"after": cursor}] for operation, cursor in cursors.items()},
        }

    def _documents(self, pages: Mapping[tuple[str, str], Any]) -> Iterator[dict[str, Any]]:
        """Openings that the story's clients hold, with the record that seals each."""
        sealed = {
            digest: {"contract": contract, "collection": name, "key": row["key"]}
            for (contract, name), page in pages.items()
            for row in page["items"]
            for digest in sealed_in(row["value"])
        }
        for path in sorted((Path(self.network.directory) / OPENINGS).glob("*.json")):
            for told in json.loads(path.read_text(encoding="utf-8")).values():
                digest = sealed_digest(parse_opening(told))
                if digest in sealed:
                    yield {"digest": digest, **sealed[digest], "opening": told}

    def fill(self, name: str, case: Case[Any], choice: int) -> None:
        """Puts values in that the network knows, in place of those that were drawn."""
        path = name.split(" ")[1]
        for wanted in (
            *(part[1:-1] for part in path.split("/") if part.startswith("{")),
            "from",
            "height",
            "order",
            f"{name} after",
        ):
            for values in self._real.get(wanted, [])[choice % 97 :: 97] or self._real.get(wanted, [])[:1]:
                for key, value in values.items():
                    if f"{{{key}}}" in path:
                        case.path_parameters[key] = value
                    elif key in case.query or wanted.endswith("after"):
                        case.query[key] = value
                break
        if "if-none-match" in case.operation.headers and choice % 2 == 0:
            case.headers["if-none-match"] = "*"
        if name == "POST /v1/transactions":
            case.body = [self.envelope(choice), self.envelope(choice + 1)] if choice % 3 == 0 else self.envelope(choice)
        if name == "PUT /v1/documents/{digest}":
            document = self.documents[choice % len(self.documents)]
            case.path_parameters["digest"] = document["digest"]
            case.body = {key: document[key] for key in ("contract", "collection", "key", "opening")}


@contextmanager
def played_network(directory: Path, steps_max: int) -> Iterator[InProcessNetwork]:
    """A lab network that has played the story, or its beginning."""
    network = InProcessNetwork.create(directory, SCENARIO.specification())
    with network:
        with LiveStage(network) as stage:
            for _ in islice(Player(SCENARIO, stage).steps(), steps_max):
                pass
        yield network


def attempt(api: ApiNetwork, cases_each: int) -> Attempt:
    """Sends cases of every operation, right ones and wrong ones, and holds each answer against the document."""
    found = Attempt()
    api.synchronize()
    schema = schemathesis.openapi.from_dict(json.loads(DOCUMENT.read_text(encoding="utf-8")))
    operations = sorted(map(_loaded, schema.get_all_operations()), key=_lab_last)
    for operation in operations:
        for mode in MODES:
            cases = cases_each * MORE.get(f"{operation.method.upper()} {operation.path}", 1)
            _attempt_operation(api, operation, mode, cases, found)
        _attempt_other_method(api, operation, found)
    return found


def _loaded(result: Any) -> Any:
    """The operation; raises what is wrong with its schema."""
    return result.ok()


def _lab_last(operation: Any) -> tuple[bool, bool]:
    """What purges or moves the clock comes after all that needs the rest as it is."""
    return operation.path.startswith("/v1/lab"), operation.method == "delete"


def _attempt_operation(api: ApiNetwork, operation: Any, mode: GenerationMode, cases: int, found: Attempt) -> None:
    name = f"{operation.method.upper()} {operation.path}"
    try:
        strategy = operation.as_strategy(generation_mode=mode)
    except Unsatisfiable:
        return

    @settings(
        max_examples=cases, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip
    @given(case=strategy, choice=st.sampled_from(range(10_000)))
    def send(case: Case[Any], choice: int) -> None:
        if mode is GenerationMode.POSITIVE and choice % 4:
            api.fill(name, case, choice)
        if mode is GenerationMode.NEGATIVE:
            case.headers.pop("last-event-id", None)  # It goes before the cursor that is wrong.
        if str(case.query.get("wait")) in LONG_WAITS:
            case.query["wait"] = 1
        if operation.path == "/v1/lab/clock" and isinstance(case.body, dict) and isinstance(case.body.get("time"), int):
            case.body["time"] = api.now_ms() + choice % 5_000 - 1_000
        path = case.formatted_path
        response = _call(api, case, path, choice)
        found.cases[name] += 1
        found.statuses[response.status_code] += 1
        case.validate_response(response, checks=CHECKS[1:] if response.status_code == NOT_NOW else CHECKS)

    try:
        send()
    except (Failure, FailureGroup) as error:
        found.failures[f"{name} {mode.name}"] = _told(error)
    except Unsatisfiable:
        pass


def _call(api: ApiNetwork, case: Case[Any], path: str, choice: int) -> Any:
    """The answer; a stream that has not even begun in its short time is given more."""
    for timeout_s in (STREAM_S, ANSWER_S) if case.path.endswith("/stream") else (ANSWER_S,):
        try:
            headers = api.token(case.method.upper(), path, choice)
            return case.call(base_url=api.url, session=api.session, headers=headers, timeout=timeout_s)
        except requests.ReadTimeout:
            if timeout_s == ANSWER_S:
                raise
    raise AssertionError


def _attempt_other_method(api: ApiNetwork, operation: Any, found: Attempt) -> None:
    """A method that the path does not have."""
    path = re.sub(r"\{\w+\}", "x", operation.path)
    answer = api.session.request("TRACE", api.url + path, headers=api.token("TRACE", path, 0))
    found.cases[f"{operation.method.upper()} {operation.path}"] += 1
    if answer.status_code != 405 or answer.json()["code"] != "method-not-allowed":
        found.failures[f"TRACE {operation.path}"] = answer.text


def _told(error: Failure | FailureGroup) -> str:
    parts = error.exceptions if isinstance(error, FailureGroup) else (error,)
    return "\n".join(str(part) for part in parts)
