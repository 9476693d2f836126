"""All commands of the nodes in one group, for `scenarios/command_line` to add to."""

from nodes.commands import contract, governance, ledger, measure, member, network, node, simulate, token, verify
from nodes.commands.outcome import command_group

application = command_group("A small permissioned ledger in pure Python that runs as several local nodes.")
application.add_typer(network.application, name="network")
application.add_typer(node.application, name="node")
application.add_typer(member.application, name="member")
application.add_typer(governance.application, name="governance")
application.add_typer(contract.application, name="contract")
for command in (
    ledger.submit,
    ledger.show,
    ledger.query,
    ledger.export,
    verify.verify,
    verify.convict,
    token.token,
    simulate.simulate,
    measure.bench,
):
    application.command()(command)
