"""The sockets of this machine: a port that is taken at once, and own addresses, found without sending anything."""

import errno
import socket
from contextlib import suppress

from ledger.errors import OperatorError

BACKLOG = 256
"""Connections that wait to be taken; asyncio takes all of them in one pass of the event loop, before any can be turned away."""
ELSEWHERE = ("192.0.2.1", 9)
"""An address of RFC 5737 that no machine has: choosing the way to it shows the own address of that way."""


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


def bind(host: str, port: int) -> socket.socket:
    """Takes the port; raises OperatorError `port-in-use` or `cannot-listen`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, so that asyncio sets TCP_NODELAY on connections: else each answer waits 40 ms for an acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise OperatorError("port-in-use", f"Port {port} of {host} is in use by another program.") from error
        raise OperatorError("cannot-listen", f"Cannot listen on port {port} of {host}: {error.strerror}.") from error
    return listener
