"""Limits of a node, with their defaults; units last: those of its replica and those of what is around it.

Past a limit the caller gets 413, 422, 429 or 503 with `Retry-After`.
"""

from dataclasses import dataclass

from nodes.settings import ReplicaLimits

COST_A_TURN = 500
"""Rows that a query looks at before other work of the node gets its turn."""
BLOCK_COST_ROWS = 20
"""Reading a block costs about as much as this many rows of the index, or transactions that are looked at."""


@dataclass(frozen=True, slots=True)
class Limits(ReplicaLimits):
    """What one node accepts and keeps."""

    request_bytes_max: int = 8_000_000
    """Body of one HTTP request."""
    request_transactions_max: int = 1_000
    """Transactions in one POST."""
    connections_max: int = 256
    """HTTP connections of readers."""
    connections_per_address_max: int = 200
    """Of these, from one address."""
    connections_reserved: int = 32
    """Connections beyond them, on which only other nodes are answered."""
    handshakes_max: int = 64
    """TLS handshakes under way; beyond it the oldest of the address with most of them gives way."""
    handshake_timeout_s: int = 10
    """From a connection to the end of its TLS handshake."""
    header_bytes_max: int = 32_000
    """URL and header fields of a request."""
    headers_max: int = 100
    """Header fields."""
    header_timeout_s: int = 10
    """From a connection, or the first byte of a request, to the end of its header."""
    body_timeout_s: int = 60
    """From there to the end of the body."""
    write_timeout_s: int = 30
    """In which a reader takes in 64 kB of its answer, or the rest of it."""
    idle_timeout_s: int = 75
    """A connection without a request."""
    slow_readers_max: int = 32
    """Connections whose answer waits in memory; the one that waits longest gives way."""
    bodies_bytes_max: int = 64_000_000
    """Bodies of all requests of readers that are read or answered now; beyond it the largest upload ends."""
    streams_max: int = 64
    """Server-sent event streams."""
    stream_keep_alive_ms: int = 15_000
    """A stream on which nothing happens sends a comment this often, so that nothing in between ends it."""
    batch_bytes_max: int = 16_000_000
    """One node-to-node batch."""
    batch_messages_max: int = 5_000
    """Messages in one node-to-node batch."""
    batch_lines_max: int = 20_000
    """Their lines: twice as many as the longest message of an honest node has, a block of 10,000 transactions."""
    page_max: int = 500
    """Rows of a page."""
    page_default: int = 50
    """Rows of a page when `limit` is left out."""
    query_rows_max: int = 20_000
    """Rows of the state that one page may look at; an earlier version of a key counts as several (`VERSION_COST_ROWS`)."""
    wait_max_s: int = 60
    """Longest `?wait=`."""
    log_entries_max: int = 20_000
    """Entries of the node's log that are kept in memory; a lab keeps all of them in a file."""
    document_bytes_max: int = 1_000_000
    """One private document: its opening as canonical JSON."""
    documents_per_member_bytes_max: int = 50_000_000
    """Documents that one member, or another organization's node, has stored here."""
    documents_bytes_max: int = 1_000_000_000
    """All private documents of the node."""
