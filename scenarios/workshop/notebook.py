"""Four nodes in the process of a notebook, pictures of what they said, and trades that they play. It needs no Jupyter itself."""

import html
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.console import Console

from ledger.audit import AuditReport, audit_export
from ledger.contract import Contract
from ledger.genesis import parse_genesis
from nodes.client import Client
from nodes.network.in_process import InProcessNetwork
from nodes.network.specification import NetworkSpecification
from nodes.node.clock import wall_ms
from nodes.node.node_directory import load_installed
from nodes.picture.single_page import picture_page
from scenarios.catalogue import find_scenario
from scenarios.running.first_story import workshop_network
from scenarios.story.live_stage import LiveStage
from scenarios.story.play import play
from scenarios.story.story import Language, PlayedStory
from scenarios.story.tell import StoryTeller

COLUMNS = 120
PICTURE_HEIGHT = 760


class Framed:
    """A whole page that a notebook shows in a frame. The page travels within the output: nothing has to serve it."""

    def __init__(self, page: str) -> None:
        self.page = page

    def _repr_html_(self) -> str:
        """What Jupyter asks for."""
        return f'<iframe srcdoc="{html.escape(self.page)}" width="100%" height="{PICTURE_HEIGHT}" title="log"></iframe>'


class Nodes:
    """A network in a temporary folder: that of the workshop, or of a specification. It is gone when it is closed."""

    def __init__(self, specification: NetworkSpecification | None = None, language: Language = "en") -> None:
        self.language = language
        self._folder = tempfile.TemporaryDirectory(prefix="tallystick-")
        wanted = specification or workshop_network(wall_ms())
        self.network = InProcessNetwork.create(Path(self._folder.name) / "network", wanted)
        self.network.start()

    def client(self, member: str | None = None, node: str | None = None) -> Client:
        """Asks one node, the first unless another is named, and signs as that member if one is given."""
        return self.network.client(member, node, language=self.language)

    def picture(self, title: str) -> Framed:
        """Each message of the last moments, drawn from the nodes' own logs."""
        with LiveStage(self.network) as stage:
            records: list[Any] = list(stage.log())
        begun = records[0]["time"]
        return Framed(picture_page([{**record, "time": record["time"] - begun} for record in records], title))

    def close(self) -> None:
        """Stops the nodes and removes what they wrote."""
        self.network.stop()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class Trade(Nodes):
    """The network of a scenario, which plays its story."""

    def __init__(self, name: str, language: Language = "en") -> None:
        """Raises OperatorError `unknown-scenario`."""
        self.scenario = find_scenario(name)
        super().__init__(self.scenario.specification(), language)

    @property
    def contract(self) -> type[Contract]:
        """The rules of the trade: its operations and its collections."""
        return self.scenario.contract

    def play(self) -> PlayedStory:
        """Plays the story and tells each step: who did what, what was refused, and by which rule."""
        teller = StoryTeller(Console(file=sys.stdout, force_jupyter=False, width=COLUMNS), self.scenario, self.language)
        teller.begin()
        with LiveStage(self.network) as stage:
            played_story = play(self.scenario, stage, teller.tell)
        teller.end(self.scenario.findings(played_story), played_story)
        return played_story

    def audit(self, lines: list[bytes]) -> AuditReport:
        """What a verifier says of an export, without a node: from the genesis on, with the contract run again."""
        return audit_export(lines, self.network.ledger, load_installed(parse_genesis(self.network.genesis_bytes)))
