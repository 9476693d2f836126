"""Starts a node of a running lab again, through the lab's control: whoever installs a contract is another process."""

import json
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ledger.encoding import encode
from ledger.errors import IndefiniteError, JsonValue, OperatorError
from nodes.client.outcome import error_of
from nodes.node_files import CONTROL_FILE, LAB_TOKEN, read_secret

SECONDS_MAX = 60
POLL_SECONDS = 0.05


def has_control(directory: Path) -> bool:
    """Whether a control says where it listens."""
    return (directory / CONTROL_FILE).exists()


def look(directory: Path) -> dict[str, Any]:
    """Every node of the lab, and whether it runs."""
    return _ask(directory, "GET", "/network", None)


def restart(directory: Path, member: str) -> None:
    """Stops a node and starts it again; raises OperatorError with what kept it from that."""
    for order in ("stop", "start"):
        job = _ask(directory, "POST", f"/nodes/{member}", {"do": order})["job"]
        deadline = time.monotonic() + SECONDS_MAX
        while job["state"] not in ("done", "failed"):
            if time.monotonic() > deadline:
                raise IndefiniteError("not-final", f"{member} did not {order} within {SECONDS_MAX} s.")
            time.sleep(POLL_SECONDS)
            job = _ask(directory, "GET", f"/jobs/{job['number']}", None)
        if job["state"] == "failed":
            raise OperatorError(job["code"], job["message"])


def _ask(directory: Path, method: str, path: str, body: Mapping[str, JsonValue] | None) -> dict[str, Any]:
    try:
        address = urlsplit(json.loads((directory / CONTROL_FILE).read_bytes())["url"])
        connection = HTTPConnection(address.hostname or "", address.port, timeout=SECONDS_MAX)
        try:
            headers = {"Authorization": f"Bearer {read_secret(directory / LAB_TOKEN)}"}
            connection.request(method, path, None if body is None else encode(dict(body)), headers)
            response = connection.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
        finally:
            connection.close()
    except (OSError, HTTPException, ValueError, KeyError) as error:
        raise OperatorError("no-control", f"The control of the lab in {directory} does not answer: {error}.") from error
    if response.status >= 400:
        raise error_of(answer, response.headers.get("retry-after"))
    return answer
