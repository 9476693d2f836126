"""Envelopes: one spelling, one shape, exactly the listed signers' signatures; and a golden envelope."""

from collections.abc import Callable
from typing import Any

import pytest

from ledger.encoding import decode_object, encode
from ledger.errors import MalformedError, TooLargeError, VerificationError
from ledger.keys import DEFAULT_SUITE, SUITES, PrivateKey
from ledger.primitives import SIGNERS_MAX, TRANSACTION_BYTES_MAX, Digest, PublicKey
from ledger.transaction import parse_transaction, sign_transaction, verify_signatures
from tests.support import refusal

WU, CHEN = PrivateKey(b"\1" * 32), PrivateKey(b"\2" * 32)
SUITE = SUITES[DEFAULT_SUITE]
SIGNED = sign_transaction(
    ledger=Digest("11" * 32),
    contract="asset",
    operation="transfer",
    arguments={"number": "仓单-1", "to": "bank.chen"},
    signers=(("trader.wu", WU), ("bank.chen", CHEN)),
    nonce="ab" * 16,
    expires_ms=1_700_000_000_000,
)
GOLDEN_BODY = (
    '{"arguments":{"number":"仓单-1","to":"bank.chen"},"contract":"asset","expires":1700000000000,'
    f'"ledger":"{"11" * 32}","nonce":"{"ab" * 16}","operation":"transfer","signers":["trader.wu","bank.chen"]}}'
)
"""Written by hand: the canonical form of the body above."""


def changed(change: Callable[[Any], object]) -> bytes:
    """The signed envelope after a change of its JSON, spelled canonically."""
    envelope = decode_object(SIGNED.raw)
    change(envelope)
    return encode(envelope)


def test_the_golden_envelope() -> None:
    assert SIGNED.body.decode() == GOLDEN_BODY
    signatures = ",".join(f'"{key.sign("transaction", GOLDEN_BODY.encode())}"' for key in (WU, CHEN))
    assert SIGNED.raw.decode() == f'{{"body":{GOLDEN_BODY},"signatures":[{signatures}]}}'


def test_reading_what_was_signed_gives_it_back() -> None:
    assert parse_transaction(SIGNED.raw) == SIGNED
    assert SIGNED.to_json() == decode_object(SIGNED.raw)
    assert hash(parse_transaction(SIGNED.raw)) == hash(SIGNED)


def test_the_id_covers_the_body_alone() -> None:
    other = parse_transaction(changed(lambda e: e.update(signatures=["00" * 64, "00" * 64])))
    assert other.id == SIGNED.id
    assert other != SIGNED


def test_an_envelope_over_any_limit_is_not_even_read() -> None:
    assert refusal(TooLargeError, parse_transaction, b"[" * (TRANSACTION_BYTES_MAX + 1)).code == "transaction-too-large"


MALFORMED: dict[str, tuple[str, Callable[[Any], object]]] = {
    "a member beside body and signatures": ("envelope-fields", lambda e: e.update(note="")),
    "no signatures": ("envelope-fields", lambda e: e.pop("signatures")),
    "an unknown field of the body": ("body-fields", lambda e: e["body"].update(fee=1)),
    "a missing field of the body": ("body-fields", lambda e: e["body"].pop("nonce")),
    "a body that is no object": ("body-fields", lambda e: e.update(body=[])),
    "a ledger that is no digest": ("bad-ledger", lambda e: e["body"].update(ledger="11")),
    "a contract that is no name": ("bad-contract", lambda e: e["body"].update(contract="a b")),
    "an operation that is no string": ("bad-operation", lambda e: e["body"].update(operation=1)),
    "arguments that are a list": ("bad-arguments", lambda e: e["body"].update(arguments=[])),
    "no signer": ("bad-signers", lambda e: e["body"].update(signers=[])),
    "too many signers": ("bad-signers", lambda e: e["body"].update(signers=[f"a.b{i}" for i in range(SIGNERS_MAX + 1)])),
    "a signer without an organization": ("bad-signers", lambda e: e["body"].update(signers=["wu", "bank.chen"])),
    "a signer twice": ("duplicate-signer", lambda e: e["body"].update(signers=["trader.wu", "trader.wu"])),
    "a nonce in capitals": ("bad-nonce", lambda e: e["body"].update(nonce="AB" * 16)),
    "a negative time": ("bad-expires", lambda e: e["body"].update(expires=-1)),
    "a time that is true": ("bad-expires", lambda e: e["body"].update(expires=True)),
    "a short signature": ("bad-signatures", lambda e: e.update(signatures=["00", "00"])),
    "a signature stripped": ("signature-count", lambda e: e["signatures"].pop()),
    "a signature too many": ("signature-count", lambda e: e["signatures"].append("00" * 64)),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_another_shape_is_refused(name: str) -> None:
    code, change = MALFORMED[name]
    assert refusal(MalformedError, parse_transaction, changed(change)).code == code


@pytest.mark.parametrize(
    "raw", [SIGNED.raw + b"\n", SIGNED.raw.replace(b":", b": ", 1), SIGNED.raw.replace("仓".encode(), b"\\u4ed3")]
)
def test_another_spelling_is_refused(raw: bytes) -> None:
    assert refusal(MalformedError, parse_transaction, raw).code == "not-canonical"


def test_signatures_hold_in_the_order_of_the_signers() -> None:
    verify_signatures(SIGNED, (WU.public_key, CHEN.public_key), SUITE)


@pytest.mark.parametrize(
    ("envelope", "keys"),
    [
        (SIGNED.raw, (CHEN.public_key, WU.public_key)),
        (changed(lambda e: e["signatures"].reverse()), (WU.public_key, CHEN.public_key)),
        (changed(lambda e: e["body"].update(expires=1)), (WU.public_key, CHEN.public_key)),
    ],
    ids=["keys of others", "signatures reordered", "body changed after signing"],
)
def test_wrong_signatures_do_not_hold(envelope: bytes, keys: tuple[PublicKey, ...]) -> None:
    assert refusal(VerificationError, verify_signatures, parse_transaction(envelope), keys, SUITE).code == "wrong-signature"
