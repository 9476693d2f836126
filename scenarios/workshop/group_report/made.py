"""Makes the report of a group from a lab that runs, reached by its directory."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from ledger.errors import BusyError
from nodes.client import Client
from nodes.lab.remote import RemoteControl
from nodes.network.local import LocalNetwork
from nodes.node.clock import wall_ms
from scenarios.story.story import Language
from scenarios.workshop.group_report.answers import CONTROL, collect
from scenarios.workshop.group_report.page import BYTES_MAX, frame_bytes, report_page
from scenarios.workshop.room import Room


class LabAsked:
    """The control of a lab and one of its nodes, asked alike."""

    def __init__(self, control: RemoteControl, clients: Mapping[Language, Client]) -> None:
        self._control = control
        self._clients = clients

    def get(self, path: str, language: Language = "en") -> Any:
        """The answer of whichever it is for."""
        if path.startswith(CONTROL):
            return self._control.get(path.removeprefix(CONTROL))
        place, _, query = path.partition("?")
        return self._clients[language].get(place, **dict(parse_qsl(query)))


def make_report(directory: Path) -> tuple[str, Mapping[str, int]]:
    """The file, and what it leaves out; raises OperatorError `lab-not-running`."""
    room = Room(directory, 0)
    network, node = LocalNetwork(directory), next(iter(room.running()), None)
    if node is None:  # check: report-without-node
        raise BusyError("no-node-runs", "No node of this lab runs: start one.", status=503)
    with network.client(node=node) as english, network.client(node=node, language="zh") as chinese:
        asked = LabAsked(room.control, {"en": english, "zh": chinese})
        kept = collect(asked, BYTES_MAX - frame_bytes(), wall_ms())
    return report_page(kept, f"Tallystick · {directory.resolve().name}"), kept.left_out
