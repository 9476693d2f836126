"""Which names a server answers to. After DNS rebinding a foreign web page asks under its own name, and is refused here.

A request names whom it is for in `Host`, and in its target where that is in absolute form. Answered are the loopback, the
addresses of this machine, and the names that the server was given. Ports are not compared: forwarding changes them, and
rebinding keeps them. An address is no danger, since no DNS points it elsewhere; one that is not this machine's is a mistake.
"""

import re
from collections.abc import Iterable, Sequence
from ipaddress import ip_address

from ledger.errors import MalformedError, MisdirectedError, OperatorError
from nodes.http.sockets import is_own_address

AUTHORITY = re.compile(rb"(\[[0-9a-f:.]{2,45}\]|[a-z0-9_.-]{1,253})(?::[0-9]{0,5})?", re.IGNORECASE)
ABSOLUTE = re.compile(rb"[a-z][a-z0-9+.-]*://([^/?#]*)", re.IGNORECASE)
LOOPBACK = "localhost"


class Hosts:
    """The names of one server beside the loopback and the addresses of this machine."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        """Raises OperatorError `bad-host` for what is neither a name nor an address."""
        self._names = frozenset((LOOPBACK, *map(parse_host, names)))

    def verify(self, target: bytes, fields: Sequence[tuple[bytes, bytes]]) -> None:
        """Raises MisdirectedError `misdirected-host` for a request to another server, MalformedError `bad-host` where that is
        not told.
        """
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
