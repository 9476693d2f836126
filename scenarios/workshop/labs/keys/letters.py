"""Three envelopes, each of which claims to be a member's; one of them is."""

from dataclasses import dataclass

from ledger.encoding import encode_unchecked
from ledger.errors import JsonValue
from ledger.primitives import Digest
from ledger.transaction import Transaction, parse_transaction, sign_transaction
from nodes.client import LocalMember

GENUINE, OTHER_KEY, ALTERED = "genuine", "other-key", "altered"
KINDS = (GENUINE, OTHER_KEY, ALTERED)


@dataclass(frozen=True, slots=True)
class Letter:
    """What an envelope says, and how it came about."""

    number: str
    signer: str
    """Whose it claims to be; this member holds the asset."""
    to: str
    nonce: str
    kind: str
    """`genuine`; `other-key`: the thief signed it in the signer's name; `altered`: the signer signed something else."""


def write_letter(letter: Letter, signer: LocalMember, thief: LocalMember, ledger: Digest, expires_ms: int) -> Transaction:
    """The envelope; well-formed in any case."""
    arguments: dict[str, JsonValue] = {"number": letter.number, "to": thief.id if letter.kind == ALTERED else letter.to}
    key = thief.key if letter.kind == OTHER_KEY else signer.key
    honest: dict[str, JsonValue] = {**arguments, "to": letter.to}
    signed = sign_transaction(
        ledger=ledger,
        contract="asset",
        operation="transfer",
        arguments=honest,
        signers=[(letter.signer, key)],
        nonce=letter.nonce,
        expires_ms=expires_ms,
    )
    envelope = signed.to_json()
    assert isinstance(envelope, dict)
    body = envelope["body"]
    assert isinstance(body, dict)
    return parse_transaction(encode_unchecked({**envelope, "body": {**body, "arguments": arguments}}))
