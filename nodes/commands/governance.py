"""`tallystick governance …`: what a majority of the organizations' admins decides on the ledger."""

from typing import Annotated

import typer

from ledger.governance import Governance
from nodes.commands.connection import NETWORK, AsJson, Directory, NodeName, SignersOption, parse_json, submit_and_show
from nodes.commands.outcome import command_group

application = command_group("Propose and approve changes of the network.")
Number = Annotated[str, typer.Argument(help="Number of the proposal.")]


@application.command()
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


@application.command()
def approve(
    number: Number, signers: SignersOption, directory: Directory = NETWORK, node: NodeName = None, as_json: AsJson = False
) -> None:
    """Approve a proposal. Example: tallystick governance approve P-1 --as south.admin"""
    operation = Governance.approve
    submit_and_show(directory, node, signers, operation.contract, operation.name, {"number": number}, as_json=as_json)
