"""A running lab for tests, with its control, as a page at one of its nodes and as its own machine see it."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from ledger.errors import JsonValue
from nodes.lab.control import LabControl
from nodes.lab.remote import RemoteControl
from nodes.network.directory import read_network
from nodes.network.in_process import InProcessNetwork
from nodes.network.local import LocalNetwork
from nodes.node.files import NETWORK_FILE, write_file
from tests.http_support import asked
from tests.network_support import make_network, wait_until
from tests.support import NORTH


class PageAt:
    """What a page at one node asks the control for, through that node."""

    def __init__(self, network: LocalNetwork, node: str = NORTH) -> None:
        self.network = network
        self.url = network.urls[node]
        self.token: str | None = network.lab_token

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """Status and JSON of the answer."""
        token = {} if self.token is None else {"authorization": f"Bearer {self.token}"}
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        answer = asked(f"{self.url}/v1/lab/control{path}", method, sent, token | headers)
        return answer.status, json.loads(answer.body)

    def get(self, path: str) -> Any:
        """The answer to a look."""
        status, answer = self.ask("GET", path)
        assert status == 200, answer
        return answer

    def node(self, member: str) -> dict[str, Any]:
        """What the control says of one node."""
        return next(node for node in self.get("/network")["nodes"] if node["member"] == member)

    def wait_for_height(self, member: str, height: int) -> None:
        """Waits until that node has this block."""
        wait_until(lambda: (self.node(member)["height"] or 0) >= height, f"{member} does not reach height {height}")

    def refused(self, path: str, body: object) -> tuple[int, str]:
        """Status and code of the problem that an order meets."""
        status, answer = self.ask("POST", path, body)
        return status, answer["code"]

    def submit(self, number: str, operation: str = "issue", signer: str = "north.member1", **headers: str) -> Any:
        """What became of an asset for its signer."""
        arguments = {"number": number, "to": signer}
        body = {"signers": [signer], "contract": "asset", "operation": operation, "arguments": arguments}
        return self.ask("POST", "/submit", body, **headers)[1]


class Running(NamedTuple):
    """A lab that runs: its nodes, a page at the first of them, and its control as its own machine asks it."""

    network: LocalNetwork
    page: PageAt
    control: RemoteControl

    def order(self, member: str, deed: str, **more: JsonValue) -> None:
        """The control does this with one node."""
        self.control.order(f"/nodes/{member}", {"do": deed, **more})

    @property
    def nodes(self) -> list[dict[str, Any]]:
        """What the control says of each node."""
        rows: list[dict[str, Any]] = self.page.get("/network")["nodes"]
        return rows

    def log(self) -> list[dict[str, Any]]:
        """The records of all nodes."""
        records: list[dict[str, Any]] = self.page.get("/log?limit=2000")["records"]
        return records


@contextmanager
def running_lab(directory: Path, kind: type[LocalNetwork] = InProcessNetwork, extension: Sequence[str] = ()) -> Iterator[Running]:
    """Four nodes and their control; the page is at the first node."""
    make_network(directory, 4)
    write_file(directory / NETWORK_FILE, read_network(directory).model_copy(update={"extension": tuple(extension)}))
    with kind(directory) as network, LabControl(network):
        yield Running(network, PageAt(network), RemoteControl(directory))
