"""`tallystick lab serve` and `tallystick lab doctor`: a room of groups on one machine, and whether the machine is fit for it."""

import asyncio
import secrets
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, TypeAlias

import typer
from rich.console import Console
from rich.table import Table

from ledger.errors import JsonValue
from nodes.commands.command_group import SAID_NO
from nodes.commands.command_parts import AsJson, Lang, show_json
from nodes.http.addresses import bind, room_addresses
from nodes.http.connections import Door
from nodes.http.server import HttpServer, server_config
from nodes.key_files import PRIVATE_MODE, write_durable
from nodes.limits import Limits
from nodes.network.directory import EVERYWHERE
from nodes.node.files import read_secret
from nodes.shutdown import stop_on_signals
from nodes.words import Language, Words
from scenarios.workshop.doctor import examine
from scenarios.workshop.serve.groups import GROUPS_MAX, Group, hold_room, make_groups, running
from scenarios.workshop.serve.teacher import Teacher, new_code

ROOM = Path("tallystick-room")
HERE = "127.0.0.1"
TOKEN_FILE = "teacher.token"  # noqa: S105
CODE_FILE = "room.code"
PORT = 8100
Groups: TypeAlias = Annotated[int, typer.Option(min=1, max=GROUPS_MAX, help="How many groups.")]
RoomDirectory: TypeAlias = Annotated[Path, typer.Option("--dir", help="Directory of the room, a folder for each group in it.")]
SIGNS = {"good": "[green]✓[/]", "warning": "[yellow]![/]", "bad": "[red]✗[/]"}
WORDS = Words.of("scenarios.workshop")["serve"]


def serve(
    groups: Groups = 1,
    directory: RoomDirectory = ROOM,
    port: Annotated[int, typer.Option(help="Of the teacher's page; groups follow, ten ports each.")] = PORT,
    host: Annotated[
        str | None, typer.Option(help="Where to listen: by default this machine only for one group, the whole room for several.")
    ] = None,
    allowed_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="A name of this machine by which the room may ask it, beside its addresses. May be repeated."
        ),
    ] = None,
    scenario: Annotated[
        str | None, typer.Option(help="Each group gets the lab of a scenario instead of the workshop's own.")
    ] = None,
    language: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Run the labs in the browser until Ctrl-C: for one group, or for a room with a teacher's page. Goes on where it stopped.

    Example: tallystick lab serve, or tallystick lab serve --groups 10 --lang zh
    """
    started = time.monotonic()
    host = host or (HERE if groups == 1 else EVERYWHERE)
    is_alone = groups == 1 and host == HERE
    with hold_room(directory):
        made = make_groups(directory, groups, port, host, scenario, allowed_host or ())
        urls = [f"http://{address}:{port}/" for address in (room_addresses() if host == EVERYWHERE else [host])]
        token = kept_secret(directory / TOKEN_FILE, secrets.token_hex(16))
        teacher = Teacher(made, token, urls, kept_secret(directory / CODE_FILE, new_code()))
        is_told = not (as_json or is_alone)
        if is_told:
            _say("starts", language, count=len(made))
        with bind(host, port) as listener, running(made, lambda group: _tell_group(group, language, is_told)):
            own = f"http://{HERE if host == EVERYWHERE else host}:{port}/#token={teacher.token}"
            seconds = time.monotonic() - started
            if as_json:
                show_json(_json(teacher, made, own, urls, seconds))
            elif is_alone:
                own = f"http://{HERE}:{made[0].ports[0]}/#view=exercises&language={language}&token={made[0].token}"
                _say("alone", language, url=own, directory=made[0].directory)
            else:
                _say("ready", language, count=len(made), seconds=f"{seconds:.1f}")
                _say("teacher", language, url=own)
                for url in urls:
                    _say("room", language, url=url, code=teacher.code)
                if not urls:
                    _say("nobody", language)
                _say("end", language, room=directory)
            asyncio.run(_serve(teacher, listener, (host, *(allowed_host or ()))))


async def _serve(teacher: Teacher, listener: socket.socket, hosts: Sequence[str]) -> None:
    server = HttpServer(server_config(teacher.application, None, Door(Limits(), hosts=hosts)))
    loop = asyncio.get_running_loop()

    def stop() -> None:
        loop.call_soon_threadsafe(setattr, server, "should_exit", True)

    stop_on_signals(stop)
    await server.serve([listener])


def kept_secret(path: Path, fresh: str) -> str:
    """A secret of the room: whoever joined, and what stands on the board, is good after the next start as well.

    An emptied file is none: an empty token would be that of everybody who brings no token.
    """
    if not path.exists() or not read_secret(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_durable(path, fresh.encode() + b"\n", PRIVATE_MODE)
    return read_secret(path)


def _tell_group(group: Group, language: Language, is_told: bool) -> None:
    if is_told:
        _say("serves", language, number=group.number, port=group.ports[0])


def _say(key: str, language: Language, **values: object) -> None:
    typer.echo(WORDS[key].text(language, **values))


def _json(teacher: Teacher, groups: tuple[Group, ...], own: str, urls: list[str], seconds: float) -> dict[str, JsonValue]:
    rows: list[JsonValue] = [{"number": g.number, "ports": list(g.ports), "directory": str(g.directory)} for g in groups]
    return {"teacher": own, "room": list(urls), "code": teacher.code, "groups": rows, "milliseconds": round(seconds * 1000)}


def doctor(
    groups: Groups = 1,
    directory: RoomDirectory = ROOM,
    port: Annotated[int, typer.Option(help="First port of the room.")] = PORT,
    language: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Say whether this machine is fit for a workshop, and what to do; exit code 1 if it is not.

    Example: tallystick lab doctor --groups 10
    """
    found = [(one.level, one.said(language)) for one in examine(groups, port, directory)]
    if as_json:
        show_json([{"check": name, "level": level, "found": seen, "advice": advice} for level, (name, seen, advice) in found])
    else:
        table = Table(box=None, show_header=False, pad_edge=False)
        for _ in range(4):
            table.add_column(overflow="fold")  # Chinese has no spaces to break lines at
        for level, texts in found:
            table.add_row(SIGNS[level], *texts)
        Console(highlight=False).print(table)
    if any(level == "bad" for level, _ in found):
        raise typer.Exit(SAID_NO)
