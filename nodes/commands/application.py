"""All commands of the nodes in one group, for `scenarios/command_line` to add to."""

from nodes.commands import authoring, ledger, measure, members, network, one_node, simulate, verify
from nodes.commands.command_parts import command_group

application = command_group("A small permissioned ledger in pure Python that runs as several local nodes.")
application.add_typer(network.application, name="network")
application.add_typer(one_node.application, name="node")
application.add_typer(members.application, name="member")
application.add_typer(members.governance, name="governance")
application.add_typer(authoring.application, name="contract")
for command in (
    ledger.submit,
    ledger.show,
    ledger.query,
    ledger.export,
    verify.verify,
    verify.convict,
    members.token,
    simulate.simulate,
    measure.bench,
):
    application.command()(command)
