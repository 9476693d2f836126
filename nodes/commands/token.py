"""`tallystick token`: what a member shows to a node that answers only to members, and for private documents."""

import secrets
from typing import Annotated

import typer

from ledger.primitives import Digest
from nodes.access.tokens import LIFETIME_MAX_S, LIFETIME_S, audience_of, sign_token
from nodes.commands.connection import NETWORK, AsJson, Directory, NodeName, load_signers
from nodes.commands.outcome import show_json
from nodes.network.directory import client_of, read_network


def token(
    member: Annotated[str, typer.Option("--member", "-m", help="Member id that asks.")],
    seconds: Annotated[int, typer.Option(min=1, max=LIFETIME_MAX_S, help="How long it lives.")] = LIFETIME_S,
    directory: Directory = NETWORK,
    node: NodeName = None,
    as_json: AsJson = False,
) -> None:
    """Make a token: good for one request to one node, and for a minute at most by default.

    Example: curl -H "Authorization: Bearer $(tallystick token -m north.member1)" http://127.0.0.1:8101/v1/blocks
    """
    network = read_network(directory)
    (signer,) = load_signers(directory, [member])
    with client_of(directory, node) as client:
        told = client.node()
    # The audience is the node that was meant, and not who answers in its place.
    audience = audience_of(Digest(network.ledger), node or network.nodes[0].member)
    made = sign_token(signer.key, member, audience=audience, now_ms=told["clock"], number=secrets.token_hex(16), seconds=seconds)
    if as_json:
        show_json({"token": made, "member": member, "audience": audience, "expires": told["clock"] // 1000 + seconds})
    else:
        typer.echo(made)
