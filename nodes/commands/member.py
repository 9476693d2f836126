"""`tallystick member …`: new members with certificates of their organization, enrolled and revoked on the ledger."""

import secrets
from typing import Annotated

import typer

from ledger.errors import JsonValue, OperatorError
from ledger.identity.issuing import issue_member
from ledger.membership import Membership
from ledger.primitives import is_member_id
from nodes.commands.connection import NETWORK, AsJson, Directory, NodeName, SignersOption, submit_and_show
from nodes.commands.outcome import command_group
from nodes.key_files import random_key, read_key, write_key
from nodes.network.directory import read_network
from nodes.node.files import CERTIFICATES, GENESIS_FILE, KEYS, read_genesis

application = command_group("Make, enrol and revoke members.")
SERIAL_BITS = 63
MemberArgument = Annotated[str, typer.Argument(help="Member id, ORGANIZATION.NAME.")]


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
