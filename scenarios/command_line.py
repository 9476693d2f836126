"""The program `tallystick`: the commands of the nodes, and those that play scenarios."""

from nodes.commands.application import application
from nodes.commands.command_group import Scenarios, add_commands

__all__ = ["application", "main"]

COMMANDS = {
    "demo": ("scenarios.commands:demo", "Play a scenario on four local nodes and write report.html."),
    "scenarios": (
        "scenarios.commands:scenarios",
        "List the scenarios, or write a small input of one to begin your own data with.",
    ),
    "shipping": ("scenarios.shipping.commands:application", "Shipping: messages in DCSA's shape onto the ledger."),
    "government": ("scenarios.government.commands:application", "Government services: who looked at whose data."),
    "lab": ("scenarios.workshop.commands:application", "Labs: see it, break it, prove it."),
    "anomalies": (
        "scenarios.workshop.anomalies.commands:anomalies",
        "Try nine attacks on a database, two kinds of chain and Tallystick, and show what each of them came to.",
    ),
}
"""As in `nodes/commands/application`."""

add_commands(application, COMMANDS)
Scenarios.begin_lab = "scenarios.workshop.network:begin_lab"
Scenarios.tell_simulated = "scenarios.commands:tell_simulated"


def main() -> None:
    """The console script."""
    application()


if __name__ == "__main__":
    main()
