"""The addresses under which others in the room reach this machine, found without sending anything."""

import socket
from contextlib import suppress

ELSEWHERE = ("192.0.2.1", 9)
"""An address of RFC 5737 that nobody has: choosing the way to it tells the own address of that way."""


def is_own_address(address: str) -> bool:
    """Whether an IP address in its usual spelling is one of this machine's: a way to itself begins there."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, ELSEWHERE[1]))  # of a datagram socket: nothing is sent
            return str(probe.getsockname()[0]) == address
    except OSError:
        return False


def room_addresses() -> list[str]:
    """IPv4 addresses of this machine beside its loopback, the most likely first; empty without a network."""
    found: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect(ELSEWHERE)  # of a datagram socket: nothing is sent
        found.append(probe.getsockname()[0])
    with suppress(OSError):
        found += [str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    return [address for address in dict.fromkeys(found) if not address.startswith(("127.", "0."))]
