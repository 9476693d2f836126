"""A node's TLS certificate and key on disk, issued anew before they end."""

from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ledger.identity.tls import issue_tls, tls_ends_ms
from ledger.keys import PrivateKey
from nodes.key_files import PRIVATE_MODE, random_key, write_durable
from nodes.node.clock import wall_ms

DAY_MS = 86_400_000
LIFETIME_MS = 397 * DAY_MS
"""What browsers take at most."""
RENEWED_MS = 30 * DAY_MS
"""A certificate that ends sooner than this is issued anew."""


def write_tls(directory: Path, member: str, root_pem: str, root_key: PrivateKey, address: str) -> None:
    """Writes `MEMBER.pem` and `MEMBER.key`, unless they are there and good for a while yet."""
    directory.mkdir(parents=True, exist_ok=True)
    certificate, key_file = directory / f"{member}.pem", directory / f"{member}.key"
    now_ms = wall_ms()
    if certificate.exists() and key_file.exists() and tls_ends_ms(certificate.read_text()) > now_ms + RENEWED_MS:
        return
    key = random_key()  # not the node's own: what signs for it on the ledger signs no handshake
    pem = issue_tls(root_pem, root_key, member, key.public_key, address, now_ms - DAY_MS, now_ms + LIFETIME_MS)
    write_durable(key_file, key.handle.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), PRIVATE_MODE)
    write_durable(certificate, pem.encode())
