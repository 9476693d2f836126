"""`tallystick relay`: carries what one ledger decided to another that follows it."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server

from ledger.errors import OperatorError
from nodes.client.asynchronous import AsyncClient
from nodes.commands.command_group import SAID_NO, WRONG_USE
from nodes.commands.command_parts import Lang
from nodes.foreign.relaying import REST, Relay, RelayStep, run_once, run_relay
from nodes.key_files import LocalMember, read_key
from nodes.network.directory import HOST, client_access, read_network
from nodes.shutdown import stop_on_signals
from nodes.words import Language, Words

UNREACHABLE = ("no-source", "no-target")


@dataclass(frozen=True, slots=True)
class _Ends:
    """A pair, by the names that sentences and figures give its ledgers."""

    source: str
    target: str


class RelayFigures:
    """What a relayer counts, for Prometheus."""

    def __init__(self) -> None:
        labels, self.registry = ("source", "target"), CollectorRegistry()
        self._height = Gauge("tallystick_relay_known_height", "Newest block that was known.", labels, registry=self.registry)
        self._waits = Gauge("tallystick_relay_waits", "Why it waits: 1.", (*labels, "reason"), registry=self.registry)
        self._steps = Counter(
            "tallystick_relay_rounds", "Rounds by what they came to.", (*labels, "step"), registry=self.registry
        )

    def note(self, ends: _Ends, step: RelayStep) -> None:
        """One round."""
        names = (ends.source, ends.target)
        self._steps.labels(*names, step.code).inc()
        for reason in REST:
            self._waits.labels(*names, reason).set(step.code == reason)
        if step.code in ("advance", "newest", "idle"):
            self._height.labels(*names).set(float(str(step.values["height"])))


def relay(
    ledgers: Annotated[
        list[str], typer.Argument(help="FROM TO, and more such pairs: directories of networks, or addresses with commas between.")
    ],
    member: Annotated[str, typer.Option("--as", help="Member id that signs on each TO: any member may.")],
    key: Annotated[Path | None, typer.Option(help="File with its key, where TO is an address.")] = None,
    name: Annotated[
        str | None, typer.Option(help="Name of FROM on TO, of a single pair; by default it is found by FROM's genesis.")
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Bring what there is and end; exit code 0 if TO knows the newest.")
    ] = False,
    every_s: Annotated[float, typer.Option("--every", min=0.1, help="Seconds between two looks.")] = 2.0,
    metrics_port: Annotated[int | None, typer.Option(help="Port of this machine for Prometheus.")] = None,
    language: Lang = "en",
) -> None:
    """Carry a ledger's new blocks and forks to one that follows it.

    Nobody has to believe a relayer: TO checks each signature. It keeps nothing and may be stopped, begun anew or run twice.
    It says why it waits whenever that changes. Blocks that hold nothing but headers of other ledgers wait for the next one that
    holds more; --once brings these too.

    Example: tallystick relay shipping finance --as xinshi.relay

    Both ways, by addresses, once: tallystick relay http://127.0.0.1:8101,http://127.0.0.1:8102 finance finance
    http://127.0.0.1:8101 --as xinshi.relay --key relay.key --once
    """
    if len(ledgers) % 2:
        raise OperatorError("wrong-use", f"Ledgers come in pairs, FROM TO; got {len(ledgers)}.")
    pairs = list(zip(ledgers[::2], ledgers[1::2], strict=True))
    if name is not None and len(pairs) > 1:
        raise OperatorError("wrong-use", "`--name` goes with one pair: each pair has a name of its own.")
    figures = RelayFigures()
    with _served(figures, metrics_port), suppress(asyncio.CancelledError):
        last = asyncio.run(_relay_all(pairs, (member, key), name, None if once else every_s, figures, language))
        if any(step.code != "newest" for step in last):
            raise typer.Exit(WRONG_USE if any(step.code in UNREACHABLE for step in last) else SAID_NO)
        return
    typer.echo("stopped", err=True)


@contextmanager
def _served(figures: RelayFigures, port: int | None) -> Iterator[None]:
    """While the figures can be read on this machine."""
    if port is None:
        yield
        return
    try:
        server, thread = start_http_server(port, HOST, figures.registry)
    except OSError as error:
        raise OperatorError("cannot-open", f"Port {port} cannot be used: {error.strerror}.") from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def _relay_all(
    pairs: Sequence[tuple[str, str]],
    signer: tuple[str, Path | None],
    name: str | None,
    every_s: float | None,
    figures: RelayFigures,
    language: Language,
) -> Sequence[RelayStep]:
    """All pairs at once, until stopped; without a pause between looks only once, and their last steps."""
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()

    def stop() -> None:
        loop.call_soon_threadsafe(task.cancel)

    stop_on_signals(stop)
    async with AsyncExitStack() as opened:
        runs = []
        for source, target in pairs:
            nodes = [await opened.enter_async_context(AsyncClient(**one)) for one in _nodes(source)]
            there = await opened.enter_async_context(AsyncClient(**_signing(target, *signer)))
            ends, carrying = _Ends(_short(source), _short(target)), Relay(nodes, there, name)
            tell = _Teller(ends, figures, language)
            runs.append(run_once(carrying, tell) if every_s is None else run_relay(carrying, tell, every_s))
        return [step for step in await asyncio.gather(*runs) if step is not None]


class _Teller:
    """Prints what a round came to, where that is not what the round before came to."""

    def __init__(self, ends: _Ends, figures: RelayFigures, language: Language) -> None:
        self._ends, self._figures, self._language, self._said = ends, figures, language, ""

    def __call__(self, step: RelayStep) -> None:
        self._figures.note(self._ends, step)
        names = {"source": self._ends.source, "target": self._ends.target}
        said = Words.of("nodes.foreign", "relaying.toml").text("relay", step.code, self._language, **names, **step.values)
        if said != self._said:
            typer.echo(said)
        self._said = said


def _nodes(where: str) -> list[dict[str, Any]]:
    """Arguments of a client for each node of the source."""
    if _is_address(where):
        return [{"urls": url} for url in where.split(",")]
    directory = Path(where)
    return [client_access(directory, node.member) for node in read_network(directory).nodes]


def _signing(where: str, member: str, key: Path | None) -> dict[str, Any]:
    """Arguments of the client of the target's nodes, which goes to another one where one does not answer."""
    if not _is_address(where):
        directory = Path(where)
        return client_access(directory, *(node.member for node in read_network(directory).nodes), member=member)
    if key is None:
        raise OperatorError("wrong-use", f"`--key` names the file with the key of {member} on {where}.")
    return {"urls": where.split(","), "member": LocalMember(member, read_key(key))}


def _is_address(where: str) -> bool:
    return where.startswith(("http://", "https://"))


def _short(where: str) -> str:
    """A name for sentences: that of the directory, or the first address."""
    return where.partition(",")[0] if _is_address(where) else Path(where).resolve().name
