"""Whether a proof shows what was asked: a true proof of something else proves nothing here.

`Trust` is what a client believes; it begins with the genesis and grows with each proof. For every answer of a node
that carries a proof there is a function here which verifies the proof and compares it with the question and with the
rest of the answer. Each returns what is proved: its `height` and `time_ms` say of which block, for a node can always
answer truly from an older state; a caller who has seen a later height does not take an earlier one for the present.

To ask for less, send `trust_from=` with `Trust.height`. Answers of a proof, by path:

    /v1/state/C/L/K            verify_state_answer         /v1/validators        verify_validators_answer
    /v1/state/C/L/K/history    verify_history_answer       /v1/contracts/N       verify_contract_answer
    /v1/state/C/L              verify_rows_answer          /v1/contracts         verify_contracts_answer
    /v1/transactions/T         verify_transaction_answer   /v1/members           verify_members_answer
    /v1/blocks/B               verify_block_answer         /v1/organizations     verify_organizations_answer
    /v1/proofs/consistency     verify_consistency_answer
"""

import json
from bisect import insort
from collections.abc import Mapping, Sequence
from typing import Any

from ledger import merkle
from ledger.block import Header, parse_header
from ledger.certificate import Domain, parse_record, verify_record
from ledger.encoding import encode
from ledger.errors import JsonValue, VerificationError
from ledger.genesis import Genesis
from ledger.identity.records import CONTRACTS, GOVERNANCE, MEMBERS, MEMBERSHIP, ORGANIZATIONS, parse_validators
from ledger.keys import SUITES
from ledger.transaction import parse_transaction
from ledger.verify.proof import TrustedPoint, parse_proof
from ledger.verify.trust import VerifiedFact, trust_genesis, verify_parsed

ProvedAnswer = Mapping[str, Any]
NOTHING_ASKED: Mapping[str, str | int | bool] = {}
QUERY_PARAMETERS = ("after", "at", "limit", "order", "proof", "trust_from")
"""What a list of records is asked with beside the fields that its rows are to have."""
LEVELS = 4
"""What an answer puts around a value at most."""


class Trust:
    """The validator sets that a client knows, from the genesis on. Not for several threads at once."""

    def __init__(self, start: Genesis | TrustedPoint) -> None:
        self._points = [trust_genesis(start) if isinstance(start, Genesis) else start]

    @property
    def newest(self) -> TrustedPoint:
        """The last validator change that is known."""
        return self._points[-1]

    @property
    def height(self) -> int:
        """Its height, to be sent as `trust_from`."""
        return self.newest.height

    def verify(self, proof: JsonValue) -> VerifiedFact:
        """The fact that a proof shows, old or new; raises VerificationError or MalformedError."""
        parsed = parse_proof(proof)
        end = parsed.decided.header.height if parsed.decided else 0
        below = [point for point in self._points if point.height < end]
        fact = verify_parsed(parsed, below[-1] if below else self._points[0])
        for point in fact.learned:
            insort(self._points, point, key=lambda known: known.height)
        return fact


def verify_state_claim(fact: VerifiedFact, place: Mapping[str, str], value: JsonValue) -> None:
    """Raises VerificationError unless the fact says that this key holds this value, or nothing for None."""
    verify_kind(fact, "absence" if value is None else "state")
    _verify_place(fact, place)
    if _bytes(fact.claim.get("value")) != _bytes(value):  # check: client-proof-value
        raise VerificationError("wrong-claim", "The proof holds another value than the answer.")


def verify_state_answer(trust: Trust, answer: ProvedAnswer, contract: str, collection: str, key: str) -> VerifiedFact:
    """A value, or the problem `not-found` that stands for its absence."""
    fact = trust.verify(answer.get("proof"))
    verify_state_claim(fact, {"contract": contract, "collection": collection, "key": key}, answer.get("value"))
    verify_same(fact.height, answer.get("height"), "height")
    return fact


def verify_history_answer(trust: Trust, answer: ProvedAnswer, contract: str, collection: str, key: str) -> VerifiedFact:
    """Heights, times and values, but for the time of the genesis. That no other write lies between them is not proved."""
    fact, proof = trust.verify(answer.get("proof")), answer["proof"]
    verify_kind(fact, "history")
    _verify_place(fact, {"contract": contract, "collection": collection, "key": key})
    rows = _objects(answer, "history")
    times = [entry["header"]["time"] if "header" in entry else None for entry in proof["entries"]]
    entries: Any = fact.claim["entries"]
    proved: JsonValue = [{**entry, "time": time} for entry, time in zip(entries, times, strict=True)]
    verify_same(proved, [{**row, "time": row.get("time") if row.get("height") else None} for row in rows], "history")
    return fact


def verify_rows_answer(
    trust: Trust, answer: ProvedAnswer, contract: str, collection: str, asked: Mapping[str, str | int | bool] = NOTHING_ASKED
) -> VerifiedFact:
    """A page of records that have the values of `asked`. Their order, what is asked with an operator or a dot, and that
    none is left out are not judged."""
    rows = _objects(answer, "items")
    fact = _verify_rows(trust, answer, (contract, collection), rows)
    for name, value in asked.items():
        is_condition = "." not in name and name not in QUERY_PARAMETERS
        if is_condition and any(_spelled(row["value"].get(name)) != _spelled(value) for row in rows):  # check: client-asked
            raise VerificationError("wrong-claim", f"The page holds a record that was not asked for: its {name} is another.")
    return fact


def verify_members_answer(trust: Trust, answer: ProvedAnswer) -> VerifiedFact:
    """A page of members."""
    rows = [{"key": member.get("member"), "value": member} for member in _objects(answer, MEMBERS)]
    return _verify_rows(trust, answer, (MEMBERSHIP, MEMBERS), rows)


def verify_organizations_answer(trust: Trust, answer: ProvedAnswer) -> VerifiedFact:
    """A page of organizations."""
    rows = [{"key": organization.get("name"), "value": organization} for organization in _objects(answer, ORGANIZATIONS)]
    return _verify_rows(trust, answer, (MEMBERSHIP, ORGANIZATIONS), rows)


def verify_contract_answer(trust: Trust, answer: ProvedAnswer, name: str) -> VerifiedFact:
    """Module and digest of a contract on the ledger; both are null for a system contract, which is absent there."""
    fact = trust.verify(answer.get("proof"))
    value = _contract_row(answer, name)["value"]
    verify_state_claim(fact, {"contract": GOVERNANCE, "collection": CONTRACTS, "key": name}, value)
    return fact


def verify_contracts_answer(trust: Trust, answer: ProvedAnswer) -> VerifiedFact:
    """Module and digest of each contract that the ledger approved. Those without are not on it, which is not proved."""
    rows = [_contract_row(contract, contract.get("name")) for contract in _objects(answer, CONTRACTS)]
    return _verify_rows(trust, answer, (GOVERNANCE, CONTRACTS), [row for row in rows if row["value"] is not None])


def verify_transaction_answer(trust: Trust, answer: ProvedAnswer, transaction: str) -> tuple[VerifiedFact | None, VerifiedFact]:
    """Envelope and receipt of one transaction, and its place in its block as both proofs tell it.

    A node that pruned the block proves only the receipt, which names the transaction by its id: then the first is None.
    """
    proofs = answer.get("proof")
    if not isinstance(proofs, Mapping):  # check: client-transaction-proofs
        raise VerificationError("wrong-claim", "A transaction is proved by two proofs: of its envelope and of its receipt.")
    receipt = trust.verify(proofs.get("receipt"))
    verify_kind(receipt, "receipt")
    result: Any = receipt.claim["value"]
    if result["transaction"] != transaction:  # check: client-receipt
        raise VerificationError("wrong-claim", f"The receipt is that of {result['transaction']}, requested {transaction}.")
    verify_same([result, transaction], [answer.get("receipt"), answer.get("transaction")], "receipt")
    verify_same(result["outcome"], answer.get("status"), "status")
    place = {"height": receipt.height, "position": receipt.claim["index"], "block": receipt.block}
    verify_same(place, answer.get("place"), "place")
    sent = _verify_envelope(trust, proofs["transaction"], transaction, receipt) if "transaction" in proofs else None
    return sent, receipt


def _verify_envelope(trust: Trust, proof: JsonValue, transaction: str, receipt: VerifiedFact) -> VerifiedFact:
    """The envelope stands in the place of its receipt."""
    sent = trust.verify(proof)
    verify_kind(sent, "transaction")
    identity = parse_transaction(_bytes(sent.claim["value"])).id
    if identity != transaction:  # check: client-transaction
        raise VerificationError("wrong-claim", f"The envelope is that of {identity}, requested {transaction}.")
    places = [(fact.block, fact.claim["index"], fact.claim["size"]) for fact in (sent, receipt)]
    if places[0] != places[1]:  # check: client-transaction-place
        raise VerificationError("wrong-claim", "Envelope and receipt stand in different places.")
    return sent


def verify_block_answer(trust: Trust, answer: ProvedAnswer, block: int | str) -> VerifiedFact:
    """A block that was asked for by height, id or as `latest`: header, receipts, decision record and, unless pruned, envelopes.

    Its lists are whole: only this proves how many transactions a block has, and in what order.
    """
    fact = trust.verify(answer.get("proof"))
    verify_kind(fact, "block")
    if block not in (fact.height, str(fact.height), fact.block, "latest"):  # check: client-block
        raise VerificationError("wrong-claim", f"The proof is of block {fact.height}, requested {block}.")
    header = parse_header(_bytes(answer.get("header")))
    stated = [answer.get(name) for name in ("height", "id", "time")]
    verify_same([header.id, fact.height, fact.block, header.time], [fact.block, *stated], "block")
    record, voters, suite = parse_record(answer.get("record")), fact.trusted.validators, SUITES[fact.trusted.suite]
    verify_record(Domain(header.ledger, voters.digest), voters, header.height, header.id, record, suite)  # check: client-record
    verify_same(_root(answer, "receipts"), header.receipts_root, "receipts")
    if answer.get("pruned") is not True or "transactions" in answer:
        verify_same(_root(answer, "transactions"), header.transactions_root, "transactions")
    return fact


def verify_validators_answer(trust: Trust, answer: ProvedAnswer, height: int | None = None) -> VerifiedFact:
    """Who votes on a height; without one, on the height above the block that the proof leads to."""
    fact = trust.verify(answer.get("proof"))
    verify_kind(fact, "validators")
    asked = answer.get("height") if height is None else height
    verify_same({"height": asked, "validators": answer.get("validators")}, fact.claim, "validators")
    voters = parse_validators(fact.claim["validators"])
    stated = [answer.get(name) for name in ("n", "f", "q", "digest")]
    verify_same([voters.n, voters.f, voters.q, voters.digest], stated, "validators")
    return fact


def verify_consistency_answer(trust: Trust, answer: ProvedAnswer, first: Header | int, second: Header | int) -> Header:
    """The earlier header, which belongs to the history of the later one: each is given as a header that the caller holds,
    or as the height asked for. A header that the caller held before and that is not in the history is a fork."""
    fact = trust.verify(answer.get("proof"))
    verify_kind(fact, "consistency")
    earlier = parse_header(_bytes(fact.claim["first"]))
    found = (earlier.height, earlier.id), (fact.height, fact.block)
    for asked, (height, identity) in zip((first, second), found, strict=True):
        if (asked.id if isinstance(asked, Header) else asked) not in (height, identity):  # check: client-consistency
            raise VerificationError(
                "wrong-claim", f"The proof joins blocks {found[0][0]} and {found[1][0]}, not those asked for."
            )
    return earlier


def verify_kind(fact: VerifiedFact, kind: str) -> None:
    """Raises VerificationError unless the fact is of this kind."""
    if fact.kind != kind:  # check: client-proof-kind
        raise VerificationError("wrong-claim", f"Expected a proof of {kind}, got one of {fact.kind}.")


def verify_same(proved: JsonValue, stated: JsonValue, what: str) -> None:
    """Raises VerificationError unless the answer says what was proved."""
    if _bytes(proved) != _bytes(stated):  # check: client-same
        raise VerificationError("wrong-claim", f"The proof shows another {what} than the answer.")


def _verify_place(fact: VerifiedFact, place: Mapping[str, str]) -> None:
    claimed = {name: fact.claim.get(name) for name in place}
    if claimed != place:  # check: client-proof-place
        raise VerificationError("wrong-claim", f"The proof speaks of {claimed}, requested {dict(place)}.")


def _verify_rows(trust: Trust, answer: ProvedAnswer, place: tuple[str, str], rows: Sequence[ProvedAnswer]) -> VerifiedFact:
    fact = trust.verify(answer.get("proof"))
    verify_kind(fact, "rows")
    _verify_place(fact, {"contract": place[0], "collection": place[1]})
    stated: JsonValue = [dict(row) for row in sorted(rows, key=lambda row: str(row.get("key")))]
    verify_same(fact.claim["rows"], stated, "page")
    verify_same(fact.height, answer.get("height", fact.height), "height")  # the list of contracts has none
    return fact


def _objects(answer: ProvedAnswer, name: str) -> Sequence[ProvedAnswer]:
    """The rows of a list; whatever else stands there is none of it."""
    rows = answer.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):  # check: client-rows
        raise VerificationError("wrong-claim", f"The answer holds no list of objects as {name}.")
    return rows


def _root(answer: ProvedAnswer, name: str) -> str:
    """Root over a whole list of a block."""
    return merkle.root([_bytes(dict(item)) for item in _objects(answer, name)]).hex()


def _contract_row(answer: ProvedAnswer, name: Any) -> dict[str, Any]:
    """The state row that an answer about a contract speaks of; its value is None where the ledger holds none."""
    lists = {name: answer[name] for name in ("reads", "fields") if name in answer}
    stated = {"name": answer.get("name"), "module": answer.get("module"), "digest": answer.get("digest"), **lists}
    is_absent = answer.get("module") is None and answer.get("digest") is None and not lists
    return {"key": name, "value": None if is_absent else stated}


def _spelled(value: JsonValue) -> str:
    """As a query writes it."""
    return value if isinstance(value, str) else json.dumps(value)


def _bytes(value: JsonValue) -> bytes:
    return encode(value, wrapped=LEVELS)
