"""The network that a workshop runs on: four organizations, each with a validator, an admin and four members.

Every exercise works on it, so that a group keeps one network for the whole day.
"""

from dataclasses import replace

from nodes.network_specification import NetworkSpecification, default_specification

CONTRACTS = (("asset", "nodes.sample_contract:Asset"), ("tender", "scenarios.workshop.tender:Tendering"))


def workshop_network(start_time_ms: int) -> NetworkSpecification:
    """The organizations are `north`, `south`, `east` and `west`; members `north.member1` to `north.member4` and so on."""
    return replace(default_specification(start_time_ms), contracts=CONTRACTS)
