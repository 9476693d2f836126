"""A signed transaction, its receipt, and the block of several.

The envelope is `{"body": {ledger, contract, operation, arguments, signers, nonce, expires}, "signatures": […]}`. Signed are
the canonical bytes of the body; the id is their digest; the leaf of a block's `transactions_root` is the whole envelope.
The envelope carries exactly the listed signers' signatures, in order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from ledger.block import Header
from ledger.encoding import decode_object, digest, encode, encode_unchecked
from ledger.errors import JsonValue, MalformedError, TooLargeError
from ledger.keys import PrivateKey, Suite
from ledger.primitives import (
    HEX_32,
    HEX_128,
    NAME,
    SIGNERS_MAX,
    TRANSACTION_BYTES_MAX,
    Digest,
    PublicKey,
    Signature,
    is_digest,
    is_member_id,
)

TAG = "transaction"
BODY_FIELDS = frozenset({"ledger", "contract", "operation", "arguments", "signers", "nonce", "expires"})
_BODY_START = len(b'{"body":')
_BODY_END = b',"signatures":['


@dataclass(frozen=True, slots=True)
class Transaction:
    """A well-formed envelope; its signatures are verified separately (`verify_signatures`)."""

    raw: bytes
    """Canonical bytes of the whole envelope."""
    id: Digest
    ledger: Digest
    contract: str
    operation: str
    arguments: dict[str, JsonValue]
    signers: tuple[str, ...]
    nonce: str
    expires_ms: int
    """No block of this time or later may hold the transaction."""
    signatures: tuple[Signature, ...]

    @property
    def body(self) -> bytes:
        """Canonical bytes of the body: what the signatures cover. Not kept apart, since many transactions wait in memory."""
        return _body_of(self.raw)

    def __hash__(self) -> int:
        return hash(self.id)

    def to_json(self) -> JsonValue:
        """The envelope as a value."""
        return decode_object(self.raw)


@dataclass(frozen=True, slots=True)
class Event:
    """What a contract announced: part of the receipt."""

    contract: str
    name: str
    data: dict[str, JsonValue]

    def to_json(self) -> JsonValue:
        """All fields."""
        return {"contract": self.contract, "name": self.name, "data": self.data}


@dataclass(frozen=True)
class Receipt:
    """The result of a transaction. It holds codes, not sentences, and no sealed values."""

    transaction: Digest
    outcome: Literal["committed", "rejected"]
    code: str
    """`ok`, or the stable code of the refusal."""
    details: dict[str, JsonValue]
    writes: Digest
    """Digest of the canonical list of this transaction's writes; of the empty list if it was rejected or wrote nothing."""
    events: tuple[Event, ...]

    def to_json(self) -> dict[str, JsonValue]:
        """All fields."""
        return {
            "transaction": self.transaction,
            "outcome": self.outcome,
            "code": self.code,
            "details": self.details,
            "writes": self.writes,
            "events": [event.to_json() for event in self.events],
        }

    @cached_property
    def raw(self) -> bytes:
        """Canonical bytes: the leaf of `receipts_root`; raises MalformedError for details or events that no receipt can hold."""
        return encode(self.to_json())


@dataclass(frozen=True)
class Block:
    """A header with its envelopes."""

    header: Header
    transactions: tuple[Transaction, ...]

    @property
    def id(self) -> Digest:
        """The digest of the header."""
        return self.header.id

    @cached_property
    def transaction_ids(self) -> frozenset[Digest]:
        """Ids of its transactions."""
        return frozenset(transaction.id for transaction in self.transactions)


def parse_transaction(raw: bytes) -> Transaction:
    """Reads an envelope in its one spelling; raises MalformedError, or TooLargeError `transaction-too-large`."""
    if len(raw) > TRANSACTION_BYTES_MAX:  # check: transaction-bytes
        message = f"{len(raw)} bytes; no network allows more than {TRANSACTION_BYTES_MAX}."
        raise TooLargeError("transaction-too-large", message, bytes_max=TRANSACTION_BYTES_MAX)
    envelope = decode_object(raw)
    if envelope.keys() != {"body", "signatures"}:  # check: envelope-fields
        raise MalformedError("envelope-fields", f"An envelope has body and signatures, got {sorted(envelope)}.")
    body, signatures = envelope["body"], envelope["signatures"]
    if not isinstance(body, dict) or body.keys() != BODY_FIELDS:  # check: body-fields
        got = sorted(body) if isinstance(body, dict) else type(body).__name__
        raise MalformedError("body-fields", f"A body has exactly {sorted(BODY_FIELDS)}, got {got}.")
    _verify_body(body)
    _verify_signature_list(signatures, body["signers"])
    return Transaction(
        raw=raw,
        id=digest(TAG, _body_of(raw)),
        ledger=body["ledger"],  # type: ignore[arg-type]
        contract=body["contract"],  # type: ignore[arg-type]
        operation=body["operation"],  # type: ignore[arg-type]
        arguments=body["arguments"],  # type: ignore[arg-type]
        signers=tuple(body["signers"]),  # type: ignore[arg-type]
        nonce=body["nonce"],  # type: ignore[arg-type]
        expires_ms=body["expires"],  # type: ignore[arg-type]
        signatures=tuple(signatures),  # type: ignore[arg-type]
    )


def sign_transaction(
    *,
    ledger: Digest,
    contract: str,
    operation: str,
    arguments: Mapping[str, JsonValue],
    signers: Sequence[tuple[str, PrivateKey]],
    nonce: str,
    expires_ms: int,
) -> Transaction:
    """Builds and signs an envelope; `signers` are member ids with their keys, in signing order."""
    body: dict[str, JsonValue] = {
        "ledger": ledger,
        "contract": contract,
        "operation": operation,
        "arguments": dict(arguments),
        "signers": [member for member, _ in signers],
        "nonce": nonce,
        "expires": expires_ms,
    }
    body_bytes = encode(body)
    signatures: JsonValue = [key.sign(TAG, body_bytes) for _, key in signers]
    return parse_transaction(encode_unchecked({"body": body, "signatures": signatures}))


def verify_signatures(transaction: Transaction, public_keys: Sequence[PublicKey], suite: Suite) -> None:
    """Raises VerificationError `wrong-signature` unless each listed signer's signature holds."""
    for public_key, signature in zip(public_keys, transaction.signatures, strict=True):
        suite(public_key, TAG, transaction.body, signature)


def _body_of(raw: bytes) -> bytes:
    """Cut out of the envelope: canonical order puts `body` first and `signatures` last, and no signature contains that name."""
    return raw[_BODY_START : raw.rindex(_BODY_END)]


def _verify_body(body: dict[str, JsonValue]) -> None:
    if not is_digest(body["ledger"]):
        raise MalformedError("bad-ledger", "`ledger` is the genesis id, 64 hexadecimal digits.")
    for field in ("contract", "operation"):
        if not isinstance(body[field], str) or not NAME.fullmatch(body[field]):  # type: ignore[arg-type]
            raise MalformedError(f"bad-{field}", f"`{field}` is 1 to 64 letters, digits, - or _.")
    if not isinstance(body["arguments"], dict):
        raise MalformedError("bad-arguments", "`arguments` is an object.")
    signers = body["signers"]
    if not isinstance(signers, list) or not 1 <= len(signers) <= SIGNERS_MAX or not all(map(is_member_id, signers)):
        raise MalformedError("bad-signers", f"`signers` lists 1 to {SIGNERS_MAX} ids of the form organization.member.")
    if len(set(map(str, signers))) != len(signers):  # check: duplicate-signer
        raise MalformedError("duplicate-signer", "A signer is listed once.")
    if not isinstance(body["nonce"], str) or not HEX_32.fullmatch(body["nonce"]):
        raise MalformedError("bad-nonce", "`nonce` is 16 bytes in 32 lower-case hexadecimal digits.")
    expires = body["expires"]
    if type(expires) is not int or expires < 0:
        raise MalformedError("bad-expires", "`expires` is a block time in milliseconds since the epoch.")


def _verify_signature_list(signatures: JsonValue, signers: JsonValue) -> None:
    if not isinstance(signatures, list) or not all(isinstance(s, str) and HEX_128.fullmatch(s) for s in signatures):
        raise MalformedError("bad-signatures", "`signatures` lists signatures of 128 hexadecimal digits.")
    if not isinstance(signers, list) or len(signatures) != len(signers):  # check: signature-count
        raise MalformedError("signature-count", "The envelope carries exactly one signature a listed signer, in order.")
