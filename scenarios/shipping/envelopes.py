"""What platforms do with envelopes outside the ledger: sign the entry, hand it over, check the signature.

An entry is a JWS (RFC 7515) with Ed25519 (`EdDSA`), as DCSA has it; its checksum is the SHA-256 of the whole compact
string, that of its payload the SHA-256 of what was signed. Platforms know each other's public keys.
"""

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Literal, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt import PyJWS
from jwt.exceptions import InvalidTokenError

from ledger.encoding import decode_object, encode
from ledger.errors import JsonValue
from scenarios.client_files import ClientFiles
from scenarios.shipping.papers import Paper

KEY, OLD_KEY = "envelope-key-2026", "envelope-key-2024"
"""Names of a platform's keys: the one in force, and one that has expired."""
_JWS = PyJWS()


@dataclass(frozen=True, slots=True)
class Letter:
    """A signed entry with its document, as one platform sends it to another."""

    envelope: str
    paper: Paper
    sender: str
    receiver: str
    actor: str
    recipient: str
    previous: "Letter | None" = None
    key: str = KEY
    attempt: int = 1
    """Signing again gives another entry over the same contents."""

    def again(self) -> Self:
        """Signed once more."""
        return replace(self, attempt=self.attempt + 1)

    def payload(self, files: ClientFiles) -> bytes:
        """What is signed."""
        transaction: JsonValue = {"actionCode": "TRANSFER", "actor": self.actor, "recipient": self.recipient}
        entry: JsonValue = {
            "eblPlatform": self.sender,
            "transportDocumentReference": self.paper.reference,
            "transportDocumentChecksum": self.paper.checksum(files),
            "previousEnvelopeTransferChainEntrySignedContentChecksum": self.previous_entry(files),
            "transactions": [transaction],
        }
        return encode(entry)

    def entry(self, files: ClientFiles) -> str:
        """The compact JWS."""
        header = {"kid": f"{self.sender}/{self.key}", "n": self.attempt, "typ": ""}
        return _JWS.encode(self.payload(files), _key(files, self.sender, self.key), algorithm="EdDSA", headers=header)

    def previous_entry(self, files: ClientFiles) -> str:
        """Checksum of the entry of the transfer before; empty for the first."""
        return checksum(self.previous.entry(files).encode()) if self.previous else ""


@dataclass(frozen=True, slots=True)
class Part:
    """An argument: what the sending platform states of its letter when it exports."""

    letter: Letter
    name: Literal["entry", "payload", "previous_entry"]

    def prepare(self, files: ClientFiles, actor: str) -> JsonValue:
        """The checksum asked for."""
        if self.name == "previous_entry":
            return self.letter.previous_entry(files)
        return checksum(self.letter.entry(files).encode() if self.name == "entry" else self.letter.payload(files))


@dataclass(frozen=True, slots=True)
class Received:
    """An argument: what the receiving platform finds in a letter. `paper` is the document that came with it."""

    letter: Letter
    paper: Paper | None = None

    def prepare(self, files: ClientFiles, actor: str) -> JsonValue:
        """Checks the signature with the sender's key in force, and works out every checksum anew."""
        entry = self.letter.entry(files)
        contents = _JWS.decode_complete(entry, options={"verify_signature": False})["payload"]
        said = decode_object(contents)
        return {
            "envelope": self.letter.envelope,
            "document": said["transportDocumentReference"],
            "document_checksum": (self.paper or self.letter.paper).checksum(files),
            "recipient": self.letter.recipient,
            "previous_entry": said["previousEnvelopeTransferChainEntrySignedContentChecksum"],
            "entry": checksum(entry.encode()),
            "payload": checksum(contents),
            "is_signature_good": is_signed(files, self.letter.sender, entry),
        }


def is_signed(files: ClientFiles, platform: str, entry: str) -> bool:
    """Whether an entry carries a platform's signature by the key that is in force."""
    try:
        _JWS.decode(entry, _key(files, platform, KEY).public_key(), algorithms=["EdDSA"])
    except InvalidTokenError:
        return False
    return True


def checksum(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return sha256(data).hexdigest()


def _key(files: ClientFiles, platform: str, name: str) -> Ed25519PrivateKey:
    """A platform's own key, drawn from the secret in its file."""
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(files.keyed_fingerprint(platform, name)))
