"""The control of a running lab, reached from the same machine by what it leaves in the network's directory."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from ledger.errors import IndefiniteError, JsonValue, OperatorError, TallystickError
from nodes.client.outcome import error_of
from nodes.http_client import RequestBody, ask_once
from nodes.node.files import CONTROL_FILE, LAB_TOKEN, read_control, read_secret

ANSWER_SECONDS_MAX = 120
JOB_SECONDS_MAX = 120
POLL_SECONDS = 0.05


class RemoteControl:
    """Asks and orders; every method raises OperatorError `lab-not-running` where no control listens."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def is_there(self) -> bool:
        """Whether a control of this lab answers now: the file that a killed control left does not count."""
        try:
            self.get("/jobs/0")
        except OperatorError:
            return False
        except TallystickError:
            return True
        return True

    def get(self, path: str, **query: str | int) -> Any:
        """The answer to a look, such as `get("/network")`; raises the error of a problem."""
        return self._ask("GET", path + (f"?{urlencode(query)}" if query else ""), None)

    def post(self, path: str, body: Mapping[str, JsonValue] | None = None) -> dict[str, Any]:
        """The answer to an order."""
        answer: dict[str, Any] = self._ask("POST", path, body or {})
        return answer

    def order(self, path: str, body: Mapping[str, JsonValue] | None = None, seconds: float = JOB_SECONDS_MAX) -> None:
        """Posts an order and waits until its job is done; raises OperatorError with the job's own code when it failed.

        Never to be called by the worker of the queue, for which the job would wait.
        """
        job = self.post(path, body)["job"]
        deadline = time.monotonic() + seconds
        while job["state"] not in ("done", "failed"):
            if time.monotonic() > deadline:
                raise IndefiniteError("not-final", f"The lab has not ended `{job['what']}` within {seconds:.0f} s.")
            time.sleep(POLL_SECONDS)
            job = self.get(f"/jobs/{job['number']}")
        if job["state"] == "failed":
            raise OperatorError(job["code"], job["message"])

    def _ask(self, method: str, path: str, body: RequestBody) -> Any:
        try:
            url = read_control(self._directory / CONTROL_FILE)["url"] + path
            headers = {"authorization": f"Bearer {read_secret(self._directory / LAB_TOKEN)}"}
            response = ask_once(method, url, body, headers=headers, seconds_max=ANSWER_SECONDS_MAX)
            answer = response.json()
            if response.status >= 400 and "code" not in answer:  # another program has the port by now
                raise ValueError("this is no control")
        except (IndefiniteError, ValueError, KeyError, TypeError) as error:
            raise OperatorError("lab-not-running", f"No control of the lab in {self._directory} answers.") from error
        if response.status >= 400:
            raise error_of(answer, response.headers.get("retry-after"))
        return answer
