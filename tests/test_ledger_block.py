"""Headers, receipts and writes: their bytes, and what a header may not look like."""

from collections.abc import Callable
from typing import Any

import pytest

from ledger.block import HEADER_DIGESTS, Header, Write, parse_header, writes_digest, writes_to_json
from ledger.encoding import decode_object, digest, encode
from ledger.errors import MalformedError
from ledger.primitives import Digest
from ledger.transaction import Event, Receipt
from tests.support import refusal

HEADER = Header(
    height=7,
    time=1_700_000_000_000,
    proposer="north.validator",
    **{name: Digest(f"{number:02x}" * 32) for number, name in enumerate(HEADER_DIGESTS)},
)
WRITES = (Write("asset", "assets", "A-1", b'{"holder":"bank.chen"}'), Write("asset", "assets", "A-2", None))


def test_the_golden_header() -> None:
    """Written by hand: members in order, digests by their place in HEADER_DIGESTS."""
    assert HEADER.raw.decode() == (
        f'{{"height":7,"history_root":"{"05" * 32}","ledger":"{"00" * 32}","next_validators":"{"07" * 32}",'
        f'"parent":"{"01" * 32}","proposer":"north.validator","receipts_root":"{"03" * 32}","state_root":"{"04" * 32}",'
        f'"time":1700000000000,"transactions_root":"{"02" * 32}","validators":"{"06" * 32}"}}'
    )
    assert HEADER.id == digest("header", HEADER.raw)


def test_a_header_is_read_back() -> None:
    assert parse_header(HEADER.raw) == HEADER


MALFORMED: dict[str, Callable[[Any], object]] = {
    "an unknown field": lambda h: h.update(difficulty=1),
    "a missing field": lambda h: h.pop("history_root"),
    "a digest in capitals": lambda h: h.update(parent="AA" * 32),
    "height 0": lambda h: h.update(height=0),
    "a height that is true": lambda h: h.update(height=True),
    "a time before the epoch": lambda h: h.update(time=-1),
    "a proposer that is no member id": lambda h: h.update(proposer="north"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_another_shape_of_header_is_refused(name: str) -> None:
    fields = decode_object(HEADER.raw)
    MALFORMED[name](fields)
    assert refusal(MalformedError, parse_header, encode(fields)).code == "bad-header"


def test_the_golden_receipt() -> None:
    receipt = Receipt(
        Digest("aa" * 32), "rejected", "not-holder", {"holder": "bank.chen"}, writes_digest(()), (Event("asset", "seen", {}),)
    )
    assert receipt.raw.decode() == (
        '{"code":"not-holder","details":{"holder":"bank.chen"},"events":[{"contract":"asset","data":{},"name":"seen"}],'
        f'"outcome":"rejected","transaction":"{"aa" * 32}","writes":"{digest("writes", b"[]")}"}}'
    )


def test_writes_carry_their_values_as_text_and_a_deletion_as_null() -> None:
    assert writes_to_json(WRITES) == [
        {"contract": "asset", "collection": "assets", "key": "A-1", "value": '{"holder":"bank.chen"}'},
        {"contract": "asset", "collection": "assets", "key": "A-2", "value": None},
    ]
    assert writes_digest(WRITES) == digest("writes", encode(writes_to_json(WRITES)))
