"""Messages: one spelling, read back as they were, and nothing else is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.certificate import DecisionRecord
from ledger.errors import MalformedError
from nodes import messages
from nodes.links.batches import decode_messages, encode_messages
from tests.engine import A, B, certificate, said
from tests.support import refusal

RECORD = DecisionRecord(certificate("commit", 2), certificate("notar", 2), (certificate("skip", 1),))
EACH: list[messages.Message] = [
    messages.StatementMessage(said("propose", 1, view=2, w=1)),
    messages.StatementMessage(said("skip", 3)),
    messages.CertificateMessage(certificate("notar")),
    messages.BlockMessage(b'{"header":1}', (b'{"a":1}', b'{"b":2}')),
    messages.BlockMessage(b'{"header":1}', ()),
    messages.DecidedMessage(b'{"header":1}', (b'{"a":1}',), RECORD),
    messages.TransactionsMessage((b'{"a":1}', b'{"b":2}')),
    messages.StatusMessage(3, 1),
    messages.FetchMessage(3, (A, B), (1, 2)),
    messages.HighestRequest("ab" * 16),
    messages.HighestAnswer("ab" * 16, 7),
    messages.WritesRequest(3),
    messages.WritesMessage(3, (b"[]", b'[{"a":1}]')),
]


def test_messages_are_read_back_as_they_were() -> None:
    assert decode_messages(encode_messages(EACH)) == EACH
    assert decode_messages(b"") == []


@given(st.lists(st.sampled_from(EACH), max_size=8))
def test_any_sequence_is_read_back(sequence: list[messages.Message]) -> None:
    assert decode_messages(encode_messages(sequence)) == sequence


def test_announced_lines_must_come() -> None:
    data = encode_messages([messages.TransactionsMessage((b'{"a":1}', b'{"b":2}'))])
    with pytest.raises(MalformedError, match="announced 2 lines, 1 came"):
        decode_messages(data.rpartition(b"\n")[0])


NO_MESSAGES = {
    "unknown-type": b'{"type":"gossip"}',
    "missing-field": b'{"height":1,"type":"status"}',
    "unknown-field": b'{"extra":1,"height":1,"type":"status","view":1}',
    "negative-height": b'{"height":-1,"type":"status","view":1}',
    "part-of-a-height": b'{"height":1.5,"type":"status","view":1}',
    "height-that-is-true": b'{"height":true,"type":"status","view":1}',
    "another-order": b'{"type":"highest-request","nonce":"zz"}',
    "bad-nonce": b'{"nonce":"zz","type":"highest-request"}',
    "bad-digest": b'{"blocks":["x"],"height":1,"type":"fetch","views":[]}',
    "negative-lines": b'{"lines":-1,"type":"transactions"}',
    "list": b"[]",
    "half": b"{",
    "no-text": b"\xff",
    "empty-line": b"\n",
    "too-many-views": encode_messages([messages.FetchMessage(1, (), tuple(range(65)))]),
}


@pytest.mark.parametrize("what", NO_MESSAGES)
def test_anything_else_is_refused(what: str) -> None:
    refusal(MalformedError, decode_messages, NO_MESSAGES[what])
