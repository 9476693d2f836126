"""`tallystick member …`: new members with certificates of their organization, enrolled and revoked on the ledger.

`tallystick governance …`: what a majority of the organizations' admins decides. `tallystick token`: what a member shows to
a node that answers only to members, and for private documents.
"""

import secrets
from typing import Annotated

import typer

from ledger.errors import JsonValue, OperatorError
from ledger.governance import Governance
from ledger.identity.issuing import issue_member
from ledger.membership import Membership
from ledger.primitives import Digest, is_member_id
from nodes.access.tokens import LIFETIME_MAX_S, LIFETIME_S, audience_of, sign_token
from nodes.commands.command_group import command_group
from nodes.commands.command_parts import (
    NETWORK,
    AsJson,
    Directory,
    NodeName,
    SignersOption,
    load_signers,
    parse_json,
    show_json,
    submit_and_show,
)
from nodes.key_files import random_key, read_key, write_key
from nodes.network.directory import client_of, read_network
from nodes.node.files import CERTIFICATES, GENESIS_FILE, KEYS, read_genesis

application = command_group("Make, enrol and revoke members.")
governance = command_group("Propose and approve changes of the network.")
SERIAL_BITS = 63
MemberArgument = Annotated[str, typer.Argument(help="Member id, ORGANIZATION.NAME.")]
Number = Annotated[str, typer.Argument(help="Number of the proposal.")]


@application.command()
def new(member: MemberArgument, directory: Directory = NETWORK) -> None:
    """Make a key and a certificate, issued by the organization's root. Example: tallystick member new north.zhou"""
    if not is_member_id(member):
        raise OperatorError("bad-member", f"{member} is no member id: write ORGANIZATION.NAME.")
    genesis = read_genesis(directory / GENESIS_FILE, read_network(directory).ledger)
    organization = member.partition(".")[0]
    issuer = next((m for m in genesis.members if m.organization == organization), None)
    root = directory / CERTIFICATES / f"{organization}.pem"
    if issuer is None or not root.exists():
        raise OperatorError("unknown-organization", f"This network's directory holds no root certificate of {organization}.")
    key = random_key()
    certificate = issue_member(
        root.read_text(),
        read_key(directory / KEYS / f"{organization}.key"),
        member,
        key.public_key,
        issuer.not_before_ms,
        issuer.not_after_ms,
        secrets.randbits(SERIAL_BITS) + 1,
    )
    write_key(directory / KEYS / f"{member}.key", key)
    path = directory / CERTIFICATES / f"{member}.pem"
    path.write_text(certificate)
    typer.echo(f"{path}\ntallystick member enrol {member} --as {organization}.admin")


@application.command()
def enrol(
    member: MemberArgument,
    signers: SignersOption,
    roles: Annotated[str, typer.Option(help="Roles, with commas between them.")] = "member",
    directory: Directory = NETWORK,
    node: NodeName = None,
    as_json: AsJson = False,
) -> None:
    """Enrol a member by its certificate. Example: tallystick member enrol north.zhou --as north.admin"""
    path = directory / CERTIFICATES / f"{member}.pem"
    if not path.exists():
        raise OperatorError("missing-file", f"{path} does not exist; `tallystick member new {member}` makes it.")
    operation = Membership.enrol
    arguments: dict[str, JsonValue] = {"certificate": path.read_text(), "roles": list(roles.split(","))}
    submit_and_show(directory, node, signers, operation.contract, operation.name, arguments, as_json=as_json)


@application.command()
def revoke(
    member: MemberArgument, signers: SignersOption, directory: Directory = NETWORK, node: NodeName = None, as_json: AsJson = False
) -> None:
    """Revoke a member. Example: tallystick member revoke north.zhou --as north.admin"""
    operation = Membership.revoke
    submit_and_show(directory, node, signers, operation.contract, operation.name, {"member": member}, as_json=as_json)


@governance.command()
def propose(
    number: Number,
    action: Annotated[str, typer.Argument(help='JSON, such as {"kind":"set-parameter","name":"delay_ms","value":50}.')],
    signers: SignersOption,
    directory: Directory = NETWORK,
    node: NodeName = None,
    as_json: AsJson = False,
) -> None:
    """Propose a change; that is your organization's approval too.

    Kinds: add-organization, grant-roles, add-validator, remove-validator, approve-contract, set-parameter.
    Example: tallystick governance propose P-1 '{"kind":"add-validator","member":"north.second"}' --as north.admin
    """
    operation = Governance.propose
    arguments = {"number": number, "action": parse_json(action, "The action")}
    submit_and_show(directory, node, signers, operation.contract, operation.name, arguments, as_json=as_json)


@governance.command()
def approve(
    number: Number, signers: SignersOption, directory: Directory = NETWORK, node: NodeName = None, as_json: AsJson = False
) -> None:
    """Approve a proposal. Example: tallystick governance approve P-1 --as south.admin"""
    operation = Governance.approve
    submit_and_show(directory, node, signers, operation.contract, operation.name, {"number": number}, as_json=as_json)


def token(
    member: Annotated[str, typer.Option("--member", "-m", help="Member id that asks.")],
    seconds: Annotated[int, typer.Option(min=1, max=LIFETIME_MAX_S, help="How long it lives.")] = LIFETIME_S,
    directory: Directory = NETWORK,
    node: NodeName = None,
    as_json: AsJson = False,
) -> None:
    """Make a token: it opens one node for one request. It lives for a minute, if --seconds says nothing else.

    Example: curl -H "Authorization: Bearer $(tallystick token -m north.member1)" http://127.0.0.1:8101/v1/blocks
    """
    network = read_network(directory)
    (signer,) = load_signers(directory, [member])
    with client_of(directory, node) as client:
        clock_ms = client.node()["clock"]
    # The audience is the node that was meant, and not who answers in its place.
    audience = audience_of(Digest(network.ledger), node or network.nodes[0].member)
    made = sign_token(signer.key, member, audience=audience, now_ms=clock_ms, number=secrets.token_hex(16), seconds=seconds)
    if as_json:
        show_json({"token": made, "member": member, "audience": audience, "expires": clock_ms // 1000 + seconds})
    else:
        typer.echo(made)
