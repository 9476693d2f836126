"""A file that shows a crossing: what it needs, and that each part of it which is changed breaks the rule that speaks of it."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest

from ledger.audit.crossing import RULES, crossing_arguments, encode_crossing_file, verify_crossing_file
from ledger.encoding import decode_object, encode
from ledger.primitives import Digest
from ledger.transaction import parse_transaction
from ledger.verify.proof import FILE_WRAPPED
from ledger.verify.verdict import Verdict
from tests.support import ALICE, OTHER, WEST
from tests.test_ledger_foreign import HARBOUR, Forked, Json, Pair

LOCK = ["safe", "crossing_locks", "D-1"]


def crossing(pair: Pair, transaction: Digest, known: int, place: list[str] = LOCK) -> Json:
    """The fields of a file about a transaction of the bank, which relied on this height of the harbour or one before it."""
    bank, harbour = pair.bank.view, pair.harbour.view
    found = bank.place(transaction)
    assert found is not None

    def last(contract: str, collection: str, key: str) -> tuple[int, Json]:
        """The height at which the bank wrote a record last before the transaction, and the record."""
        return next(
            (at, decode_object(value))
            for at, value in bank.versions(contract, collection, key)
            if at <= found[0] and value is not None
        )

    admitted, admission = last("governance", "ledgers", HARBOUR)
    heads = f"{HARBOUR}:{admission['admitted_height']}"
    return {
        "format": "tallystick-crossing-1",
        "geneses": [one.chain.genesis.model_dump(mode="json") for one in (pair.harbour, pair.bank)],
        "name": HARBOUR,
        "argument": "proof",
        "place": place,
        "proofs": {
            "header": harbour.prove_block(known),
            "transaction": bank.prove_transaction(transaction),
            "receipt": bank.prove_receipt(transaction),
            "admission": bank.prove_history("governance", "ledgers", HARBOUR, [admitted]),
            "known": bank.prove_history("foreign", "heads", heads, [last("foreign", "heads", heads)[0]]),
        },
    }


def judged(fields: Json, *ledgers: Any, **more: Any) -> Verdict:
    return verify_crossing_file(encode(fields, wrapped=FILE_WRAPPED) + b"\n", ledgers, **more)


def broken(fields: Json, *ledgers: Any, **more: Any) -> str | None:
    """The rule that the file breaks."""
    verdict = judged(fields, *ledgers, **more)
    assert verdict.broken is None or verdict.facts == ()
    return None if verdict.broken is None else str(verdict.broken.details["rule"])


def noted(pair: Pair, proof: Json, code: str = "ok") -> Digest:
    """The transaction with which the bank notes what the harbour has under D-1."""
    transaction = pair.bank.sign(ALICE, "desk", "note", deal="D-1", proof=proof)
    pair.bank.decide(transaction)
    assert pair.bank.receipts()[0]["code"] == code
    return transaction.id


def relied() -> tuple[Pair, Json]:
    """A lock at the harbour, on which the bank relied by the newest header that it knew."""
    pair = Pair()
    pair.lock("D-1")
    pair.advance(1)
    transaction = noted(pair, {name: part for name, part in pair.crossing("D-1").items() if name != "header"})
    return pair, crossing(pair, transaction, 1)


def test_a_record_that_crossed_is_verified_from_both_geneses() -> None:
    pair, fields = relied()
    ledgers = [one.chain.ledger for one in (pair.harbour, pair.bank)]
    verdict = judged(fields, *ledgers)
    assert verdict.broken is None
    assert [check.name for check in verdict.checks if check.held == 0] == ["block"]
    fact: Any = verdict.facts[0]
    source, target = fact["from"], fact["to"]
    assert (source["ledger"], target["ledger"]) == tuple(ledgers)
    assert (source["name"], source["height"], fact["known_height"]) == (HARBOUR, 1, 1)
    assert (fact["operation"], fact["argument"], fact["place"]) == ("desk.note", "proof", LOCK)
    assert fact["value"] == {"thing": "B-1", "price_cents": 5}
    assert broken(fields, block=target["block"]) is None
    assert broken(fields, block=OTHER) == "block"


def test_absence_crosses_as_well() -> None:
    pair = Pair()
    pair.lock("D-2")
    pair.advance(1)
    fields = crossing(pair, noted(pair, pair.crossing("D-1")), 1)
    fact: Any = judged(fields).facts[0]
    assert fact["value"] is None
    assert broken(fields | {"place": [*LOCK[:2], "D-2"]}) == "crossing"


def test_a_path_to_an_absence_that_fits_other_keys_fits_none_that_may_not_cross() -> None:
    """What the documentation warns of: such a path ends where no key with its first bits is, and others have those bits."""
    pair = Pair()
    pair.lock("D-2")
    pair.advance(1)
    fields = crossing(pair, noted(pair, pair.crossing("D-1")), 1)
    fits = {}
    for name in ("crossing_", "kept_"):
        rules = [broken(fields | {"place": ["safe", f"{name}{number}", "D-1"]}) for number in range(100)]
        fits[name] = None in rules
    assert fits == {"crossing_": True, "kept_": False}


def test_a_record_of_an_older_block_leads_to_the_header_that_was_known() -> None:
    pair = Pair()
    pair.lock("D-1")
    old = pair.crossing("D-1")
    pair.lock("D-2")
    pair.lock("D-3")
    pair.advance(3)
    inclusion = pair.harbour.view.consistency(1, 3)["inclusion"]
    fields = crossing(pair, noted(pair, {**old, "inclusion": inclusion}), 3)
    fact: Any = judged(fields).facts[0]
    assert (fact["from"]["height"], fact["known_height"]) == (1, 3)
    fields["proofs"]["header"] = pair.harbour.view.prove_block(2)
    assert broken(fields) == "known"


def test_what_the_validators_of_another_set_decided_is_followed_to_the_genesis() -> None:
    pair = Pair()
    pair.harbour.govern("P-1", kind="remove-validator", member=WEST)
    change = [pair.brought(1, validators=pair.set_now())]
    pair.lock("D-1")
    pair.ask("foreign", "advance", ledger=HARBOUR, blocks=[*change, pair.brought(2)])
    fields = crossing(pair, noted(pair, pair.crossing("D-1")), 2)
    assert broken(fields) is None
    del fields["proofs"]["header"]["trust"][0]
    assert broken(fields) == "certificate"


def test_a_fork_that_the_other_ledger_never_knew_is_none() -> None:
    """The harbour's validators decided another block 2 as well: a true certificate, which nobody brought to the bank."""
    pair = Forked()
    pair.advance(2)
    fields = crossing(pair, noted(pair, pair.crossing("D-1")), 2)
    assert broken(fields) is None
    fields["proofs"]["header"] |= pair.other
    assert broken(fields) == "known"


def test_what_was_refused_was_not_relied_on() -> None:
    pair = Pair()
    pair.lock("D-1")
    proof = pair.crossing("D-1")
    transaction = noted(pair, proof, "unknown-ledger")
    pair.advance(1)
    fields = crossing(pair, noted(pair, proof), 1)
    for part in ("prove_transaction", "prove_receipt"):
        fields["proofs"][part.removeprefix("prove_")] = getattr(pair.bank.view, part)(transaction)
    assert broken(fields) == "transaction"


def test_neither_admission_nor_header_may_come_later_than_the_transaction() -> None:
    pair, fields = relied()
    pair.lock("D-2")
    pair.advance(2)
    heads = f"{HARBOUR}:1"
    later, view = deepcopy(fields), pair.bank.view
    later["proofs"]["header"] = pair.harbour.view.prove_block(2)
    later["proofs"]["known"] = view.prove_history("foreign", "heads", heads, [view.height])
    assert broken(later) == "known"
    pair.admit()
    later = deepcopy(fields)
    later["proofs"]["admission"] = pair.bank.view.prove_history("governance", "ledgers", HARBOUR, [pair.bank.view.height])
    assert broken(later) == "admission"


def change_of(*place: str, to: Any) -> Callable[[Json], None]:
    def change(fields: Json) -> None:
        for name in place[:-1]:
            fields = fields[name]
        fields[place[-1]] = to(fields[place[-1]]) if callable(to) else to

    return change


def swapped(signatures: list[str]) -> list[str]:
    return signatures[::-1]


CHANGES: dict[str, tuple[str, Callable[[Json], None]]] = {
    "another format": ("file", change_of("format", to="tallystick-crossing-2")),
    "no name": ("file", lambda fields: fields.pop("name")),
    "one more field": ("file", lambda fields: fields.update(note=1)),
    "one genesis": ("file", change_of("geneses", to=lambda both: both[:1])),
    "one proof less": ("file", lambda fields: fields["proofs"].pop("known")),
    "a place without key": ("file", change_of("place", to=LOCK[:2])),
    "a genesis that is none": ("genesis", change_of("geneses", to=lambda both: [both[0], {}])),
    "the geneses swapped": ("ledger", change_of("geneses", to=lambda both: both[::-1])),
    "a genesis of another time": (
        "ledger",
        change_of("geneses", to=lambda both: [{**both[0], "time_ms": both[0]["time_ms"] + 1}, both[1]]),
    ),
    "a proof of another kind": ("proof", lambda fields: fields["proofs"].update(receipt=fields["proofs"]["transaction"])),
    "signatures of the harbour swapped": ("certificate", change_of("proofs", "header", "certificate", "signatures", to=swapped)),
    "signatures of the bank swapped": ("certificate", change_of("proofs", "receipt", "certificate", "signatures", to=swapped)),
    "another time of the block": ("certificate", change_of("proofs", "header", "header", "time", to=lambda time: time + 1)),
    "another receipt": ("path", change_of("proofs", "receipt", "value", "code", to="fine")),
    "another argument": ("path", change_of("proofs", "transaction", "value", "body", "arguments", "deal", to="D-7")),
    "another admission": ("path", lambda fields: fields["proofs"]["admission"]["entries"][0].update(index=1)),
    "another name": ("admission", change_of("name", to="haven")),
    "the history of another record": ("admission", lambda f: f["proofs"].update(admission=f["proofs"]["known"])),
    "no admission at all": ("admission", change_of("proofs", "admission", "entries", to=[])),
    "no header was known": ("known", change_of("proofs", "known", "entries", to=[])),
    "the history of the admission": ("known", lambda fields: fields["proofs"].update(known=fields["proofs"]["admission"])),
    "another key": ("crossing", change_of("place", to=[*LOCK[:2], "D-2"])),
    "what does not cross": ("crossing", change_of("place", to=["safe", "kept", "D-1"])),
    "an argument that is no proof": ("crossing", change_of("argument", to="deal")),
    "an argument that is not there": ("crossing", change_of("argument", to="lock")),
}
RELIED = relied()


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_changed_breaks_the_rule_that_speaks_of_it(name: str) -> None:
    rule, change = CHANGES[name]
    fields = deepcopy(RELIED[1])
    change(fields)
    assert broken(fields) == rule


def test_no_part_of_the_file_can_be_another_value() -> None:
    fields = RELIED[1]
    for place in parts_of({name: part for name, part in fields.items() if name != "geneses"}):
        changed: Any = deepcopy(fields)
        within = changed
        for name in place[:-1]:
            within = within[name]
        within[place[-1]] = -1
        assert broken(changed) is not None, place


def parts_of(value: Any, *place: Any) -> Iterator[tuple[Any, ...]]:
    """Where each part of a value stands, but the whole."""
    for name, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*place, name)
        yield from parts_of(part, *place, name)


def test_every_rule_can_be_broken() -> None:
    assert {rule for rule, _ in CHANGES.values()} | {"block", "trust", "transaction"} == {*RULES}, (
        "those are broken in tests of their own"
    )


def test_changes_of_validators_that_do_not_rise_break_the_rule_trust() -> None:
    _, fields = RELIED
    step = {name: fields["proofs"]["header"][name] for name in ("header", "certificate")}
    changed = deepcopy(fields)
    changed["proofs"]["header"]["trust"] = [{**step, "validators": RELIED[0].set_now()}]
    assert broken(changed) == "trust"


def test_a_file_of_other_ledgers_than_those_that_are_known_is_refused() -> None:
    pair, fields = RELIED
    for known in (pair.harbour.chain.ledger, pair.bank.chain.ledger):
        assert broken(fields, known) is None
        assert broken(fields, known, OTHER) == "ledger"


def test_arguments_that_are_proofs_are_found_by_their_form() -> None:
    pair, fields = RELIED
    envelope = fields["proofs"]["transaction"]["value"]
    assert [*crossing_arguments(parse_transaction(encode(envelope)))] == ["proof"]
    source, target = pair.harbour.chain.genesis, pair.bank.chain.genesis
    more = {name: part for name, part in fields.items() if name not in ("format", "geneses")}
    assert verify_crossing_file(encode_crossing_file(source, target, more)).broken is None
