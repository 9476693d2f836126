"""Who may hold a connection to a node, and who gives way when there are too many. Pure: connections tell what they do.

Readers have so many places, each address a share of them. What comes beyond is let into a small reserve, where requests
between nodes alone are answered, so that readers cannot shut other nodes out; there the oldest gives way to the newest.
A connection over which a signed batch came, or at whose other end TLS shows a node, is a link: it takes no place of
readers and is never ended for the sake of others.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Protocol

from ledger.errors import BusyError, TallystickError
from nodes.http.hosts import Hosts
from nodes.settings import Limits

BETWEEN_NODES = b"/node/"
LINKS_MAX = 256
"""Links that take no place; one node needs one."""


class Guest(Protocol):
    """One connection."""

    @property
    def is_uploading(self) -> bool:
        """Whether the body of its request is still on its way."""

    def refuse(self, error: TallystickError) -> None:
        """Answers with the error where that is still possible, and ends."""


class Door:
    """All connections of one node's server."""

    def __init__(self, limits: Limits, on_refusal: Callable[[str], None] = lambda code: None, hosts: Iterable[str] = ()) -> None:
        self.limits = limits
        self.on_refusal = on_refusal
        """Told the code of each refusal."""
        self.hosts = Hosts(hosts)
        self._readers: dict[Guest, str] = {}
        self._by_address: Counter[str] = Counter()
        self._reserve: dict[Guest, None] = {}
        self._links: set[Guest] = set()
        self._stalled: dict[Guest, None] = {}
        self._held: dict[Guest, int] = {}
        self._held_bytes = 0

    def counts(self) -> dict[str, Callable[[], float]]:
        """Connections by what they are."""
        return {
            "readers": lambda: len(self._readers),
            "reserve": lambda: len(self._reserve),
            "links": lambda: len(self._links),
            "stalled": lambda: len(self._stalled),
        }

    def enter(self, guest: Guest, address: str) -> None:
        """A connection was made: gives it a place of readers, or one of the reserve."""
        limits = self.limits
        if len(self._readers) < limits.connections_max and self._by_address[address] < limits.connections_per_address_max:
            self._readers[guest] = address
            self._by_address[address] += 1
            return
        if len(self._reserve) >= limits.connections_reserved:  # check: reserve-places
            oldest = next(iter(self._reserve))
            del self._reserve[oldest]
            oldest.refuse(self._full())
        self._reserve[guest] = None

    def leave(self, guest: Guest) -> None:
        """It is gone."""
        self._leave_pools(guest)
        self._links.discard(guest)
        self.flows(guest)
        self.release(guest)

    def prove(self, guest: Guest) -> None:
        """Its other end is a node of the ledger."""
        if guest not in self._links and len(self._links) < LINKS_MAX:
            self._leave_pools(guest)
            self._links.add(guest)

    def is_link(self, guest: Guest) -> bool:
        """Whether that is so."""
        return guest in self._links

    def verify_may_ask(self, guest: Guest, url: bytes) -> None:
        """Raises BusyError `too-many-connections` for a reader in the reserve."""
        if guest in self._reserve and not url.startswith(BETWEEN_NODES):  # check: connection-count
            raise self._full()

    def hold(self, guest: Guest, size: int) -> None:
        """So many more bytes of its request's body are kept; beyond the limit of all, the largest upload ends."""
        if guest in self._links:
            return
        self._held[guest] = self._held.get(guest, 0) + size
        self._held_bytes += size
        if self._held_bytes > self.limits.bodies_bytes_max:  # check: bodies-bytes
            uploading = [other for other in self._held if other.is_uploading] or [guest]
            largest = max(uploading, key=lambda other: self._held[other])
            self.release(largest)
            largest.refuse(BusyError("too-many-bytes", "This node takes in too much at once. Try again.", status=503))

    def release(self, guest: Guest) -> None:
        """Its request is answered."""
        self._held_bytes -= self._held.pop(guest, 0)

    def stalls(self, guest: Guest) -> None:
        """It does not take its answer in; the one that has not for longest gives way where too many do not."""
        self._stalled[guest] = None
        if len(self._stalled) > self.limits.slow_readers_max:  # check: slow-readers
            slowest = next(iter(self._stalled))
            del self._stalled[slowest]
            slowest.refuse(too_slow())

    def flows(self, guest: Guest) -> None:
        """It takes its answer in again."""
        self._stalled.pop(guest, None)

    def _leave_pools(self, guest: Guest) -> None:
        self._reserve.pop(guest, None)
        address = self._readers.pop(guest, None)
        if address is not None:
            self._by_address[address] -= 1
            if not self._by_address[address]:
                del self._by_address[address]

    def _full(self) -> BusyError:
        places = self.limits.connections_max
        share = self.limits.connections_per_address_max
        sentence = f"This node holds {places} connections, {share} of one address."
        return BusyError("too-many-connections", sentence, status=503)


def too_slow() -> BusyError:
    """For one that does not take its answer in."""
    return BusyError("slow-reader", "The answer was not taken in.", status=503)
