"""The network of a lab on this machine: made and started in the background where it is not there or does not run."""

from pathlib import Path

from ledger.contract.calendar import DAY_MS
from ledger.errors import OperatorError
from nodes.network.directory import FIRST_PORT, is_network_running, leave_taken_ports, read_network
from nodes.network.in_process import MODULE, InProcessNetwork
from nodes.network.runner import start_in_background
from nodes.network.specification import NetworkSpecification
from nodes.node.clock import wall_ms
from nodes.node.files import NETWORK_FILE
from scenarios.catalogue import find_scenario
from scenarios.running.first_story import workshop_network

EXTENSION = "scenarios.workshop.extension:Workshop"
"""What a workshop adds to the control of its lab, as `network.json` names it."""
LABS = Path("tallystick-lab")
"""Where a lab is made by default."""


def begin_lab(scenario: str | None) -> tuple[NetworkSpecification, tuple[str, ...]]:
    """What a new lab begins with: a trade's network, or that of the workshop; and the extension with its words."""
    if scenario is None:
        return workshop_network(wall_ms() // DAY_MS * DAY_MS), (EXTENSION,)  # its mornings are mornings
    return find_scenario(scenario).specification(), (EXTENSION, scenario)


def ensure_lab(directory: Path, port: int = FIRST_PORT) -> bool:
    """Makes and starts what is missing; whether the network had to be started.

    Raises OperatorError `not-a-workshop` for a directory whose network exercises cannot run on.
    """
    if not (directory / NETWORK_FILE).exists():
        InProcessNetwork.create(directory, workshop_network(wall_ms()), first_port=port, extension=(EXTENSION,))
    verify_lab(directory)
    if is_network_running(directory):
        return False
    leave_taken_ports(directory)
    start_in_background(directory, MODULE)
    return True


def verify_lab(directory: Path) -> None:
    """Raises OperatorError `no-network` or `not-a-workshop`."""
    file = read_network(directory)
    if not file.lab or file.extension != (EXTENSION,):  # check: workshop-network
        message = f"The network in {directory} is not that of the labs; another --dir gets one."
        raise OperatorError("not-a-workshop", message)
