"""What `network up` says of a network that serves: where it is, and for a lab what a room needs."""

from urllib.parse import urlsplit

import typer

from ledger.errors import JsonValue
from nodes.commands.outcome import show_json
from nodes.http.sockets import room_addresses
from nodes.network.directory import EVERYWHERE, read_node
from nodes.network.local import LocalNetwork

WITH_TLS = (
    "Its TLS certificates are for 127.0.0.1 and lead to the organizations' own roots, which no browser knows: a browser warns,"
    " and for the room plain HTTP is simpler."
)


def show_network(network: LocalNetwork, seconds: float, *, as_json: bool, foreground: bool) -> None:
    """After it was started, which took so long."""
    pages = {member: f"{url}/" for member, url in network.urls.items()}
    room = _room(network)
    token = network.lab_token if network.file.lab else None
    if as_json:
        told: dict[str, JsonValue] = {
            "ledger": network.ledger,
            "nodes": dict(network.urls),
            "milliseconds": round(seconds * 1000),
        }
        lab: dict[str, JsonValue] = {} if token is None else {"token": token, "room": list(room)}
        show_json({**told, "pages": dict(pages), **lab})
        return
    typer.echo(f"Ledger {network.ledger} in {network.directory}, ready after {seconds:.1f} s.")
    for member, page in pages.items():
        typer.echo(f"  {member:<24} {page}")
    typer.echo("Each serves its page there, and its documentation under /docs.")
    if token is not None:
        _show_room(network, next(iter(pages.values())), room, token)
    typer.echo("Ctrl-C stops it." if foreground else f"`tallystick network down --dir {network.directory}` stops it.")


def _show_room(network: LocalNetwork, page: str, room: list[str], token: str) -> None:
    typer.echo(f"To act there, give the lab's token, {token}, or open this link: {page}#token={token}")
    if read_node(network.directory, network.members[0]).host != EVERYWHERE:
        command = f"tallystick network up --dir {network.directory} --host {EVERYWHERE}"
        typer.echo(f"Other machines cannot reach it; stop it, and `{command}` opens it to them.")
    elif room:
        typer.echo(f"Others in the room reach it at {' or '.join(room)}")
    else:
        typer.echo("It is open to others, but this machine has no address beside its loopback: it is in no network.")
    if network.file.has_tls:
        typer.echo(WITH_TLS)


def _room(network: LocalNetwork) -> list[str]:
    """Pages of the first node as others reach it, the most likely address first; empty while it is closed to them."""
    if read_node(network.directory, network.members[0]).host != EVERYWHERE:
        return []
    address = urlsplit(next(iter(network.urls.values())))
    return [f"{address.scheme}://{own}:{address.port}/" for own in room_addresses()]
