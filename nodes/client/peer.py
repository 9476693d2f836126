"""One node as a client knows it, and what counts as its answer."""

import json
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import aiohttp

from ledger.errors import IndefiniteError, InputError

Urls: TypeAlias = str | Sequence[str] | Mapping[str, str]
"""One address, several, or addresses by member id of their nodes (`urls()` of network.json): the surest, since a token then
goes to nobody else than the node that it is made for."""
Tls: TypeAlias = ssl.SSLContext | Mapping[str, ssl.SSLContext] | None
"""For all addresses, or by address: `nodes.links.tls.reader_context(root certificate, member id)`."""

LOOPBACK = ("127.0.0.1", "::1", "localhost")
TOLD = {"member": str, "ledger": str, "height": int, "clock": int, "transaction_lifetime_max_ms": int}
"""What a client needs to know of a node."""
PROBLEM = {"status", "code", "detail"}
"""What a client needs of a problem."""


@dataclass(slots=True)
class Peer:
    """One node as the client knows it."""

    url: str
    tls: ssl.SSLContext | None
    member: str
    """Empty until the node has said it, unless the caller named it."""
    asks_token: bool = False
    clock: tuple[int, int] | None = None
    """Its clock minus this machine's monotonic one, and the longest lifetime, in milliseconds; None until looked at."""


def peers_of(urls: Urls, tls: Tls) -> list[Peer]:
    """The nodes that a caller names; raises InputError `no-node`."""
    if isinstance(urls, str):
        urls = [urls]
    found = urls.items() if isinstance(urls, Mapping) else [("", url) for url in urls]
    if not found:
        raise InputError("no-node", "Give the client the address of a node.")
    return [Peer(url.rstrip("/"), tls.get(url) if isinstance(tls, Mapping) else tls, member) for member, url in found]


async def read_answer(peer: Peer, response: aiohttp.ClientResponse) -> dict[str, Any]:
    """Its JSON object, a problem as well; raises IndefiniteError `unreachable` for anything else."""
    try:
        answer = json.loads(await response.read())
        if not isinstance(answer, dict) or (response.status >= 400 and not answer.keys() >= PROBLEM):  # check: client-answer
            raise ValueError("neither a JSON object nor a problem")
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, RecursionError) as error:
        raise unreachable(peer.url, error) from error
    return answer


def unreachable(url: str, error: Exception) -> IndefiniteError:
    """No answer came; where not even a connection was made nothing was sent."""
    was_sent = not isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
    reason = error or type(error).__name__ if was_sent else "no connection can be made"
    if isinstance(error, aiohttp.ClientSSLError):
        reason = f"no TLS connection can be made (`tls` of the client says what is trusted): {error}"
    return IndefiniteError("unreachable", f"{url} gave no answer: {reason}.", was_sent=was_sent)


def is_private(url: str) -> bool:
    """Whether nobody listens on the way to an address: over https, or within this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in LOOPBACK
