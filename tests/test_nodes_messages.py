"""Messages: one spelling, read back as they were, and nothing else is read."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.certificate import DecisionRecord
from ledger.errors import MalformedError
from nodes.links.batches import decode_messages, encode_messages
from nodes.messages import (
    BlockMessage,
    CertificateMessage,
    DecidedMessage,
    FetchMessage,
    HighestAnswer,
    HighestRequest,
    Message,
    StatementMessage,
    StatusMessage,
    TransactionsMessage,
    WritesMessage,
    WritesRequest,
)
from tests.engine import A, B, certificate, said

RECORD = DecisionRecord(certificate("commit", 2), certificate("notar", 2), (certificate("skip", 1),))
EACH: list[Message] = [
    StatementMessage(said("propose", 1, view=2, w=1)),
    StatementMessage(said("skip", 3)),
    CertificateMessage(certificate("notar")),
    BlockMessage(b'{"header":1}', (b'{"a":1}', b'{"b":2}')),
    BlockMessage(b'{"header":1}', ()),
    DecidedMessage(b'{"header":1}', (b'{"a":1}',), RECORD),
    TransactionsMessage((b'{"a":1}', b'{"b":2}')),
    StatusMessage(3, 1),
    FetchMessage(3, (A, B), (1, 2)),
    HighestRequest("ab" * 16),
    HighestAnswer("ab" * 16, 7),
    WritesRequest(3),
    WritesMessage(3, (b"[]", b'[{"a":1}]')),
]


def test_messages_are_read_back_as_they_were() -> None:
    assert decode_messages(encode_messages(EACH)) == EACH
    assert decode_messages(b"") == []


@given(st.lists(st.sampled_from(EACH), max_size=8))
def test_any_sequence_is_read_back(messages: list[Message]) -> None:
    assert decode_messages(encode_messages(messages)) == messages


def test_announced_lines_must_come() -> None:
    data = encode_messages([TransactionsMessage((b'{"a":1}', b'{"b":2}'))])
    with pytest.raises(MalformedError, match="announced 2 lines, 1 came"):
        decode_messages(data.rpartition(b"\n")[0])


@pytest.mark.parametrize(
    "data",
    [
        b'{"type":"gossip"}',
        b'{"height":1,"type":"status"}',
        b'{"extra":1,"height":1,"type":"status","view":1}',
        b'{"height":-1,"type":"status","view":1}',
        b'{"height":1.5,"type":"status","view":1}',
        b'{"height":true,"type":"status","view":1}',
        b'{"type":"highest-request","nonce":"zz"}',
        b'{"nonce":"zz","type":"highest-request"}',
        b'{"blocks":["x"],"height":1,"type":"fetch","views":[]}',
        b'{"lines":-1,"type":"transactions"}',
        b"[]",
        b"{",
        b"\xff",
        b"\n",
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_messages(data)


@given(st.binary(max_size=200))
def test_random_bytes_never_raise_anything_else(data: bytes) -> None:
    with contextlib.suppress(MalformedError):
        decode_messages(data)


def test_a_fetch_is_bounded() -> None:
    with pytest.raises(MalformedError):
        decode_messages(encode_messages([FetchMessage(1, (), tuple(range(65)))]))
