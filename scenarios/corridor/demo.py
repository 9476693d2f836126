"""`tallystick demo corridor`: four networks of four nodes each, one process a network, and the story through HTTP."""

import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path

from nodes.network import in_process
from nodes.network.directory import FIRST_PORT
from nodes.network.fork_server import ForkServers
from nodes.network.local import LocalNetwork, ProcessNode
from nodes.network.runner import start_in_background, stop_network
from nodes.node.files import OUTPUT
from nodes.words import Words
from scenarios.corridor.cast import LEDGERS, specification
from scenarios.corridor.report import Kept, render
from scenarios.corridor.stage import CorridorStage, PlayedCorridor
from scenarios.demo import Settings, Teller, perform
from scenarios.report import Origin
from scenarios.story.live_stage import LiveStage
from scenarios.story.play import verify_findings
from scenarios.story.story import Finding, PlayedStory, Scenario

TEXTS = Words.of("scenarios")["demo"]
PORTS_APART = 10
"""With `--keep`: first ports of the networks."""


def play_live(scenario: Scenario, settings: Settings, keep_in: Path | None) -> tuple[tuple[LocalNetwork, ...], Teller]:
    """Starts four lab networks, plays, writes the ledgers and the report, stops; with `keep_in` the nodes go on."""
    with live_stage(settings, keep_in) as (networks, stage):
        going_on = networks.items() if keep_in else ()
        kept = {name: Kept(next(iter(network.urls.values())), str(network.directory)) for name, network in going_on}
        teller, _ = perform(scenario, settings, stage, partial(conclude, scenario, settings, kept), stage.played)
    return tuple(networks.values()), teller


@contextmanager
def live_stage(settings: Settings, keep_in: Path | None) -> Iterator[tuple[Mapping[str, LocalNetwork], CorridorStage]]:
    """The four networks while something is played on them; with `keep_in` they go on there, unless that fails."""
    settings.console.print(TEXTS["starting-four"].text(settings.language), style="dim")
    with ExitStack() as ends:
        directory = keep_in or Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="tallystick-")))
        networks: dict[str, LocalNetwork] = {}
        on_failure = ends.enter_context(ExitStack())
        started: list[ProcessNode] = []
        servers = None if keep_in else ends.enter_context(_prepared(directory / OUTPUT))
        for place, name in enumerate(LEDGERS):
            first = FIRST_PORT + PORTS_APART * place if keep_in else None  # demos side by side do not reach for the same ports
            network = networks[name] = LocalNetwork.create(directory / name, specification(name), first_port=first)
            if keep_in:
                start_in_background(network.directory, in_process.MODULE)
                on_failure.callback(stop_network, network.directory)
            else:
                command = [in_process.MODULE, str(network.directory)]
                runner = ProcessNode(command, network.directory / OUTPUT, servers=servers)
                ends.callback(_end, runner)
                started.append(runner)
        for runner in started:
            runner.wait_ready()
        stages = {name: ends.enter_context(LiveStage(network)) for name, network in networks.items()}
        yield networks, CorridorStage(stages, secrets.token_bytes)
        on_failure.pop_all()


def _prepared(output: Path) -> closing[ForkServers]:
    """Servers that import a network while its files are written."""
    servers = ForkServers(len(LEDGERS))
    with output.open("ab") as errors:
        servers.prepare(in_process.MODULE, errors)
    return closing(servers)


def _end(runner: ProcessNode) -> None:
    runner.order("stop")
    if not runner.wait():
        runner.kill()


def conclude(
    scenario: Scenario,
    settings: Settings,
    kept: Mapping[str, Kept],
    played_story: PlayedStory,
    findings: tuple[Finding, ...],
) -> None:
    """Writes the report, which shows a broken invariant too, and each ledger beside it; then raises VerificationError."""
    assert isinstance(played_story, PlayedCorridor)
    origin = Origin(TEXTS["live-four"])
    settings.report.parent.mkdir(parents=True, exist_ok=True)
    text = render(scenario, played_story, findings, settings.language, origin, settings.report.stem, kept)
    settings.report.write_text(text, encoding="utf-8")
    for name, ledger in played_story.ledgers.items():
        path = settings.report.with_name(f"{settings.report.stem}-{name}.jsonl")
        path.write_bytes(b"".join(line + b"\n" for line in ledger.export))
    verify_findings(findings)
