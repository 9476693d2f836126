"""Types of plain values (digests, keys, signatures), the forms of names and times, and limits that no network can change."""

import re
from datetime import UTC, datetime
from typing import NewType

Digest = NewType("Digest", str)
"""SHA-256 in 64 lower-case hexadecimal digits."""
PublicKey = NewType("PublicKey", str)
"""Raw Ed25519 public key in 64 lower-case hexadecimal digits."""
Signature = NewType("Signature", str)
"""Ed25519 signature in 128 lower-case hexadecimal digits."""

INTEGER_MAX = 2**53 - 1
"""Largest magnitude of an integer in canonical JSON (RFC 8785 keeps to what a double holds exactly)."""
TRANSACTION_BYTES_MAX = 1_000_000
"""Largest envelope that any network can allow: longer ones are refused unread."""
DEPTH_MAX = 16
"""Deepest nesting of arrays and objects in canonical JSON."""
NO_DIGEST = Digest("")
"""Block id of a statement that names no block."""

HEX_64 = re.compile(r"[0-9a-f]{64}")
HEX_128 = re.compile(r"[0-9a-f]{128}")
HEX_32 = re.compile(r"[0-9a-f]{32}")
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
MEMBER_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{1,64}")
SIGNERS_MAX = 16
"""Most signers of one transaction."""
TIMESTAMP_MAX = 253_402_300_799_999
"""Last millisecond of the year 9999."""


def is_digest(value: object) -> bool:
    """Whether the value is written as a SHA-256 digest."""
    return isinstance(value, str) and HEX_64.fullmatch(value) is not None


def is_member_id(value: object) -> bool:
    """Whether the value is written as `organization.member`."""
    return isinstance(value, str) and MEMBER_ID.fullmatch(value) is not None


def moment(time_ms: int) -> str:
    """`2026-04-03 09:00:12 UTC`; what no calendar holds stays a number."""
    if not 0 <= time_ms <= TIMESTAMP_MAX:
        return f"{time_ms:,} ms"
    return datetime.fromtimestamp(time_ms // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
