"""The network that a workshop runs on: four organizations, each with a validator, an admin and four members.

Every exercise works on it, so that a group keeps one network for the whole day.
"""

from dataclasses import replace

from ledger.identity.records import Parameters
from nodes.network.specification import NetworkSpecification, default_specification

CONTRACTS = (("asset", "nodes.sample_contract:Asset"), ("tender", "scenarios.workshop.tender:Tendering"))
EXTENSION = "scenarios.workshop.extension:Workshop"
"""What a workshop adds to the control of its lab, as `network.json` names it."""
LIFETIME_MS = 8 * 3_600_000
"""An envelope stays good for this long, or half of it if a client signs it: what an exercise lays out may be used at its end,
and what waits for a quorum waits on while people talk.
"""


def workshop_network(start_time_ms: int) -> NetworkSpecification:
    """The organizations are `north`, `south`, `east` and `west`; members `north.member1` to `north.member4` and so on."""
    parameters = Parameters(transaction_lifetime_max_ms=LIFETIME_MS)
    return replace(default_specification(start_time_ms, parameters=parameters), contracts=CONTRACTS)
