"""The program `tallystick`: the commands of the nodes, and those that play scenarios."""

from nodes.commands.application import COMMANDS as NODES
from nodes.commands.application import SUMMARY
from nodes.commands.command_group import Scenarios, add_commands, command_group

__all__ = ["COMMANDS", "application", "main"]

COMMANDS = {
    "Start here": {
        "demo": ("scenarios.commands:demo", "Play a scenario on four local nodes and write report.html."),
        "scenarios": ("scenarios.commands:scenarios", "List the scenarios, or write a small input of one to edit."),
        **NODES["Start here"],
    },
    "Use": {
        **NODES["Use"],
        "shipping": ("scenarios.shipping.commands:application", "Shipping: messages in DCSA's shape onto the ledger."),
        "government": ("scenarios.government.commands:application", "Government services: who looked at whose data."),
    },
    "Verify": NODES["Verify"],
    "Teach": {
        "lab": ("scenarios.workshop.commands:application", "Labs: see it, break it, prove it."),
        **NODES["Teach"],
        "anomalies": (
            "scenarios.workshop.anomalies.commands:anomalies",
            "Try nine attacks on a database, two chains and Tallystick.",
        ),
    },
    "Operate": NODES["Operate"],
}
"""As in `nodes/commands/application`, whose commands are in it."""

application = command_group(SUMMARY)
add_commands(application, COMMANDS)
Scenarios.begin_lab = "scenarios.workshop.network:begin_lab"
Scenarios.tell_simulated = "scenarios.commands:tell_simulated"
Scenarios.campaigns = {"corridor": "scenarios.corridor.campaign.command:play"}


def main() -> None:
    """The console script."""
    application()


if __name__ == "__main__":
    main()
