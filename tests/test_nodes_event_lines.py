"""Lines on standard error: one JSON object an event, bounded, with the request's id, and without a secret in any of them."""

import io
import json
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from ledger.errors import JsonValue
from nodes.event_lines import LINES_A_SECOND_MAX, LOGGER, Form, start_lines
from nodes.node.files import OUTPUT
from tests.http_support import asked
from tests.network_support import NODE, issue, running_processes, wait_until

SECRET = "5ecre7" * 6


def tell(level: int, event: str, fields: dict[str, JsonValue], error: BaseException | None = None) -> None:
    LOGGER.log(level, event, extra={"fields": fields}, exc_info=error)


def told(lines: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.splitlines()]


@contextmanager
def lines(form: Form = "json") -> Iterator[io.StringIO]:
    """What is told meanwhile; the logging of the tests is as before afterwards."""
    root, output = logging.getLogger(), io.StringIO()
    before = (root.handlers[:], root.level, LOGGER.level, logging.getLogger("uvicorn.error").level)
    root.handlers.clear()  # else they would be closed
    try:
        start_lines(form, "info", output)
        yield output
    finally:
        root.handlers[:] = before[0]
        root.setLevel(before[1])
        LOGGER.setLevel(before[2])
        logging.getLogger("uvicorn.error").setLevel(before[3])


def test_a_line_is_an_object_with_time_level_event_and_fields() -> None:
    with lines() as output:
        tell(logging.INFO, "link-up", {"node": "north.validator", "peer": "south.validator"})
        tell(logging.DEBUG, "commit", {"height": 1})
    (line,) = told(output.getvalue())
    assert line.pop("time").endswith("Z")
    assert line == {"level": "info", "event": "link-up", "node": "north.validator", "peer": "south.validator"}


def test_text_for_a_terminal() -> None:
    with lines("text") as output:
        tell(logging.WARNING, "link-down", {"peer": "south.validator"})
    assert output.getvalue()[12:] == " warning link-down peer=south.validator\n"


def test_an_unforeseen_exception_tells_its_place_and_not_its_message() -> None:
    with lines() as output:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            tell(logging.ERROR, "failed", {}, error)
            logging.getLogger("uvicorn.error").error("Exception in ASGI application\n%s", SECRET, exc_info=error)
            logging.getLogger("asyncio").error(f"Task exception was never retrieved\nfuture: <Task {error!r}>")
    assert SECRET not in output.getvalue()
    own, *foreign = told(output.getvalue())
    assert (own["event"], own["error"]) == ("failed", "ValueError")
    assert own["at"][0].endswith(" test_an_unforeseen_exception_tells_its_place_and_not_its_message")
    assert [line["message"] for line in foreign] == ["Exception in ASGI application", "Task exception was never retrieved"]


def test_lines_of_a_second_are_bounded_and_the_rest_is_counted() -> None:
    with lines() as output:
        for second, count in ((100.0, LINES_A_SECOND_MAX + 7), (101.0, 2)):
            for _ in range(count):
                record = LOGGER.makeRecord(LOGGER.name, logging.INFO, "", 0, "request", (), None)
                record.created = second
                LOGGER.handle(record)
    assert [line.get("lines_left_out") for line in told(output.getvalue())] == [None] * LINES_A_SECOND_MAX + [7, None]


@pytest.mark.usefixtures("no_process_left")
def test_a_link_that_is_down_is_told_with_the_kind_of_error(tmp_path: Path) -> None:
    with running_processes(tmp_path, 2) as network:
        network.kill("south.validator")
        output = tmp_path / NODE / OUTPUT
        wait_until(lambda: '"event":"link-down"' in output.read_text(), "link-down")
    down = [line for line in told(output.read_text()) if line["event"] == "link-down"]
    assert {(line["level"], line["peer"]) for line in down} == {("warning", "south.validator")}
    assert all(line["error"].endswith("Error") for line in down)


@pytest.mark.usefixtures("no_process_left")
def test_a_caller_that_goes_away_in_the_middle_is_no_error_of_the_node(tmp_path: Path) -> None:
    output = tmp_path / NODE / OUTPUT
    with running_processes(tmp_path, log_level="debug") as network:
        address = urlsplit(network.urls["north.validator"])
        with socket.create_connection((address.hostname, address.port)) as caller:
            caller.sendall(b"POST /v1/transactions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 100\r\n\r\n{")
        wait_until(lambda: '"event":"request"' in output.read_text(), "request")
    assert [line for line in told(output.read_text()) if line["level"] in ("warning", "error")] == []


@pytest.mark.usefixtures("no_process_left")
def test_a_node_tells_what_happens_and_no_secret(tmp_path: Path) -> None:
    with running_processes(tmp_path, log_level="debug") as network:
        with network.client("north.member1") as client:
            issue(client, "A-1")
        token = {"Authorization": f"Bearer {SECRET}", "X-Request-Id": "mine-1"}
        opening = json.dumps({"opening": {"salt": SECRET, "value": SECRET}}).encode()
        for method, path, body in [
            ("GET", f"/v1/node?token={SECRET}", b""),
            ("GET", f"/{SECRET}", b""),
            ("POST", "/v1/transactions", opening),
            ("PUT", "/v1/documents/" + "a" * 64, opening),
            ("POST", "/v1/lab/clock", opening),
            ("POST", "/node/session", opening),
        ]:
            assert asked(network.urls["north.validator"] + path, method, body, token).headers["x-request-id"] == "mine-1"
        secrets = [SECRET, network.lab_token, *(path.read_text().strip() for path in (tmp_path / "keys").glob("*.key"))]
    text = (tmp_path / NODE / OUTPUT).read_text()
    assert {"serving", "request", "commit", "stopped"} <= {line["event"] for line in told(text)}
    assert {line["node"] for line in told(text)} == {"north.validator"}
    assert next(line for line in told(text) if line["event"] == "serving")["signatures"].startswith("PyNaCl ")
    mine = [line for line in told(text) if line.get("request") == "mine-1"]
    assert [line["method"] for line in mine] == ["GET", "GET", "POST", "PUT", "POST", "POST"]
    assert all(400 <= line["status"] < 500 for line in mine)
    assert [secret for secret in secrets if secret in text] == []
