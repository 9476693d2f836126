"""The addresses of this machine, found without sending anything, ports that are taken at once, and the names a server answers to.

A request names whom it is for in `Host`, and in its target where that is in absolute form. Answered are the loopback, the
addresses of this machine, and the names that the server was given: after DNS rebinding a foreign web page asks under its own
name, and is refused. Ports are not compared: forwarding changes them, and rebinding keeps them. An address is no danger, since
no DNS points it elsewhere; one that is not this machine's is a mistake.
"""

import errno
import re
import socket
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import lru_cache
from ipaddress import ip_address

from ledger.errors import MalformedError, MisdirectedError, OperatorError

BACKLOG = 256
"""Connections that wait to be taken; asyncio takes all of them in one pass of the event loop, before any can be turned away."""
ELSEWHERE = ("192.0.2.1", 9)
"""An address of RFC 5737 that no machine has: choosing the way to it shows the own address of that way."""
AUTHORITY = re.compile(rb"(\[[0-9a-f:.]{2,45}\]|[a-z0-9_.-]{1,253})(?::[0-9]{0,5})?", re.IGNORECASE)
ABSOLUTE = re.compile(rb"[a-z][a-z0-9+.-]*://([^/?#]*)", re.IGNORECASE)
LOOPBACK = "localhost"


class Hosts:
    """The names of one server beside the loopback and the addresses of this machine."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        """Raises OperatorError `bad-host` for what is neither a name nor an address."""
        self._names = frozenset((LOOPBACK, *map(parse_host, names)))

    def verify(self, target: bytes, fields: Sequence[tuple[bytes, bytes]]) -> None:
        """Raises MisdirectedError `misdirected-host` for a request to another server, MalformedError `bad-host` without one."""
        named = [value for name, value in fields if name == b"host"]
        if len(named) != 1:  # check: host-once
            raise MalformedError("bad-host", f"A request has one field `Host`, got {len(named)}.")
        absolute = ABSOLUTE.match(target)
        for authority in named if absolute is None else (*named, absolute[1]):
            host = _host_of(authority)
            if not self._is_own(host):  # check: host-own
                sentence = f"This server does not answer as {host}: by its address it does, or with `--allowed-host {host}`."
                raise MisdirectedError("misdirected-host", sentence)

    def _is_own(self, host: str) -> bool:
        if host in self._names:
            return True
        try:
            address = ip_address(host)
        except ValueError:
            return False
        return address.is_loopback or is_own_address(host)


def parse_host(text: str) -> str:
    """A name or address without a port, in one spelling; raises OperatorError `bad-host`."""
    try:
        host = _host_of(f"[{text}]".encode() if ":" in text and "[" not in text else text.encode())
    except MalformedError as error:
        raise OperatorError("bad-host", f"Expected the name or address of a host, got {text:.80}.") from error
    return host


@lru_cache(64)
def _host_of(authority: bytes) -> str:
    """Lower case, without a port or a final dot; an IPv4 address that is written as IPv6 is IPv4."""
    found = AUTHORITY.fullmatch(authority)
    host = "" if found is None else found[1].decode("ascii").lower().removesuffix(".")
    try:
        address = ip_address(host.strip("[]"))
    except ValueError as error:
        if not host or host.startswith("["):  # check: host-form
            raise MalformedError("bad-host", "`Host` is a name or an address, and perhaps a port.") from error
        return host
    return str(getattr(address, "ipv4_mapped", None) or address)


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
