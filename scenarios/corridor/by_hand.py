"""A proof that crossed a border as anybody can check it: whole, from its ledger's genesis on, and step by step at a terminal.

All that is hashed begins with what it is hashed for and a zero byte, such as `tallystick/state-leaf`; then come the bytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from shlex import quote
from typing import Any

from ledger.audit.exported import parse_export_head
from ledger.encoding import digest, encode
from nodes.lab.forging import decode_line
from scenarios.corridor.stage import Crossing

KEY_PREFIX = "302a300506032b6570032100"
"""Of an Ed25519 key in DER (RFC 8410): the key follows."""


@dataclass(frozen=True, slots=True)
class ByHand:
    """One command and what it must print."""

    why: str
    """A key of the words `by-hand`."""
    command: str
    result: str
    about: str = ""
    """Of whom or what."""


@dataclass(frozen=True, slots=True)
class WholeProof:
    """A crossing's proof with header, certificate and who signed."""

    proof: dict[str, Any]
    """As a node gives it (`tallystick-proof-1`)."""
    block: str
    signers: tuple[tuple[str, str, str], ...]
    """Member, key and signature."""
    validators: int
    record: str
    """Its bytes, as they are hashed."""
    path: tuple[str, ...]
    """The hash of the record's leaf, then of each branch up to the state root."""
    steps: tuple[ByHand, ...]


def whole_proof(crossing: Crossing, export: Sequence[bytes]) -> WholeProof:
    """The proof of a record or of its absence, read from the export of the ledger that it comes from."""
    block: Any = decode_line(export[crossing.height])
    header, certificate, value = block["header"], block["record"]["commit"], crossing.proof["value"]
    members: Any = parse_export_head(export[0]).validator_set.to_json()
    assert header["validators"] == digest("validators", encode(members)), "no story changes validators"
    contract, _, collection = crossing.place.partition(".")
    proof: dict[str, Any] = {
        "format": "tallystick-proof-1", "kind": "absence" if value is None else "state",
        "ledger": header["ledger"], "trust": [], "header": header, "certificate": certificate,
        "contract": contract, "collection": collection, "key": crossing.key, "path": crossing.proof["path"],
    }  # fmt: skip
    if value is not None:
        proof["value"] = value
    signers = tuple(
        (members[index]["member"], members[index]["public_key"], signature)
        for index, signature in zip(certificate["signers"], certificate["signatures"], strict=True)
    )
    record = encode(value).decode()
    steps = (*_up_the_path(proof, record), *_decided(proof, signers))
    hashes = tuple(step.result for step in steps if step.why in ("leaf", "branch"))
    return WholeProof(proof, certificate["block"], signers, len(members), record, hashes, steps)


def _up_the_path(proof: dict[str, Any], record: str) -> Iterator[ByHand]:
    """From the record to the state root."""
    place = (proof["contract"], proof["collection"], proof["key"])
    key = digest("state-key", "\0".join(place).encode())
    leaf, steps = proof["path"]["leaf"], proof["path"]["steps"]
    if "value" in proof:
        yield _text("value", "state-value", (record,), digest("state-value", record.encode()))
    yield _text("key", "state-key", place, key)
    node = ""
    if leaf is not None:
        node = digest("state-leaf", bytes.fromhex(leaf["key"] + leaf["value"]))
        yield _bytes("leaf", "state-leaf", leaf["key"] + " " + leaf["value"], node)
    for depth in reversed(range(len(steps))):
        children = steps[depth] | ({key[depth]: node} if node else {})
        present = f"{sum(1 << int(digit, 16) for digit in children):04x}"
        data = " ".join((present, *(children[digit] for digit in sorted(children))))
        node = digest("state-branch", bytes.fromhex(data))
        yield _bytes("branch", "state-branch", data, node, about=str(depth))


def _decided(proof: dict[str, Any], signers: Sequence[tuple[str, str, str]]) -> Iterator[ByHand]:
    """From the header to who signed it."""
    header, certificate = proof["header"], proof["certificate"]
    yield _text("header", "header", (encode(header).decode(),), certificate["block"])
    said = {
        "ledger": proof["ledger"], "validators": header["validators"], "kind": "final", "height": certificate["height"],
        "view": certificate["view"], "block": certificate["block"], "notarized_view": 0,
    }  # fmt: skip
    yield ByHand("statement", f"printf 'tallystick/statement\\0%s' {quote(encode(said).decode())} > statement", "")
    for member, key, signature in signers:
        yield ByHand(
            "signature",
            f"printf {KEY_PREFIX}{key} | xxd -r -p > key; printf {signature} | xxd -r -p > signature\n"
            "openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in statement -sigfile signature",
            "Signature Verified Successfully",
            member,
        )


def _text(why: str, tag: str, parts: Sequence[str], result: str) -> ByHand:
    form = "\\0%s" * len(parts)
    return ByHand(why, f"printf 'tallystick/{tag}{form}' {' '.join(map(quote, parts))} | sha256sum", result)


def _bytes(why: str, tag: str, data: str, result: str, about: str = "") -> ByHand:
    return ByHand(why, f"(printf 'tallystick/{tag}\\0'; printf '{data}' | xxd -r -p) | sha256sum", result, about)
