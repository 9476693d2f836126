"""Small networks for tests of nodes: few members, so that they are made and started fast."""

import time
from collections.abc import Sequence
from pathlib import Path

from nodes.network.directory import create_network, free_ports
from nodes.network.specification import MemberSpec, NetworkSpecification, OrganizationSpec, seeded_keys
from nodes.node.files import NetworkFile

NAMES = ("north", "south", "east", "west")
START_MS = time.time_ns() // 1_000_000 - 1_000


def specification(validators: int = 1) -> NetworkSpecification:
    """Organizations with a validator, an admin and one member each."""
    members = (MemberSpec("validator", ("validator",)), MemberSpec("admin", ("admin",)), MemberSpec("member1"))
    return NetworkSpecification(
        organizations=tuple(OrganizationSpec(name, members) for name in NAMES[:validators]),
        validators=tuple(f"{name}.validator" for name in NAMES[:validators]),
        contracts=(("asset", "nodes.sample_contract:Asset"),),
        start_time_ms=START_MS,
    )


def make_network(
    directory: Path,
    validators: int = 1,
    *,
    is_lab: bool = True,
    seed: int = 1,
    ports: Sequence[int] = (),
    has_tls: bool = False,
) -> NetworkFile:
    """The directory of a network that nobody has started."""
    chosen = ports or free_ports(validators)
    keys = seeded_keys(seed)
    return create_network(directory, specification(validators), keys, is_lab=is_lab, ports=chosen, has_tls=has_tls)
