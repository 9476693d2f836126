"""Tampering: whatever is edited, re-hashed and re-signed, the audit names the rule; what it lets pass convicts its signers."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ledger.audit import audit_export
from ledger.audit.audit import RULES
from ledger.contract.contract import ContractSet
from ledger.encoding import decode_object, encode
from ledger.errors import ForbiddenError, InputError, JsonValue, MalformedError, NotFoundError
from ledger.genesis import parse_genesis
from ledger.keys import SUITES
from ledger.verify.conviction import verify_conviction_file
from ledger.verify.verdict import Pinned
from nodes.lab import tamper
from nodes.lab.control import LabControl
from nodes.lab.forging import Edit, Forger, differences, edited
from nodes.lab.tamper import Prefixes, forge, is_decided, line_id, rule_words
from nodes.network.in_process import InProcessNetwork
from scenarios.running.first_story import workshop_network
from tests.network_support import START_MS
from tests.support import ALICE, BOB, CONTRACTS, VALIDATORS, DecidedChain, refusal

TO = ("transactions", 0, "body", "arguments", "to")
SIGNATURES = ("transactions", 0, "signatures")
TIME = ("header", "time")
CONTROL = "/v1/lab/control"
PLACES = (
    TIME, TO, ("transactions",), ("transactions", 0), ("receipts",), ("writes", 0), ("record", "commit"), ("header",),
)  # fmt: skip
ELSEWHERE = (("header", "colour"), ("transactions", 9), ("transactions", "0"), ("header", "time", "x"))


@cache
def chain() -> DecidedChain:
    """Four blocks; the third is decided in its third view."""
    made = DecidedChain()
    made.decide(made.issue("a1"), made.issue("a2"))
    made.decide(made.transfer("a1"))
    made.decide(made.transfer("a2"), view=3)
    made.decide(made.sign(BOB, "asset", "transfer", number="a1", to="east.member1"))
    return made


@cache
def lines() -> tuple[bytes, ...]:
    return tuple(chain().view.export())


def block(height: int) -> Any:
    return json.loads(lines()[height])


Edited = tuple[tuple[str | int, ...], Any]


def forger(height: int, *edits: Edited, rehash: bool = False, keys: tuple[str, ...] = ()) -> Forger:
    """Who edits a block so, and may hash again and sign with these members' keys."""
    given = tuple(Edit(path=path, value=value) for path, value in edits)
    return Forger(height, given, rehash, {name: chain().keys[name] for name in keys})


def account(height: int, *edits: Edited, rehash: bool = False, keys: tuple[str, ...] = ()) -> Any:
    return forge(lines(), forger(height, *edits, rehash=rehash, keys=keys), CONTRACTS).to_json()


def broken(found: Any) -> tuple[str, int, str]:
    """Rule, height and cause of the first broken rule."""
    first = found["verdict"]["broken"]
    return first["rule"], first["height"], first["cause"]


def test_untouched_the_chain_holds_and_nobody_is_accused() -> None:
    found = account(2)
    assert found["verdict"]["broken"] is None
    assert (found["changed"], found["convicted"], found["certificate"]["is_new_id"]) == ([], None, False)
    assert all(row["link_holds"] and row["certificate_holds"] and row["contents_hold"] for row in found["chain"])


@pytest.mark.parametrize(
    ("height", "path", "value", "expected"),
    [
        (2, TO, ALICE, ("transactions", 2, "wrong-transactions-root")),
        (2, SIGNATURES, [], ("line", 2, "signature-count")),
        (2, (*SIGNATURES, 0), "00" * 64, ("transactions", 2, "wrong-transactions-root")),
        (2, TIME, 1, ("place", 2, "wrong-time")),
        (2, ("header", "height"), 7, ("place", 2, "wrong-height")),
        (2, ("header", "parent"), "ab" * 32, ("place", 2, "wrong-parent")),
        (2, ("header", "ledger"), "ab" * 32, ("place", 2, "wrong-ledger")),
        (2, ("header", "proposer"), "north.member1", ("validators", 2, "wrong-proposer")),
        (2, ("header", "validators"), "ab" * 32, ("validators", 2, "wrong-validators")),
        (2, ("header", "state_root"), "ab" * 32, ("record", 2, "wrong-record")),
        (2, ("receipts", 0, "code"), "odd", ("execution", 2, "wrong-receipt")),
        (2, ("writes", 0, 0, "value"), '{"holder":"x.y","version":1}', ("execution", 2, "wrong-writes")),
        (2, ("record", "commit", "view"), 2, ("record", 2, "wrong-record")),
        (2, ("record", "commit", "signatures", 0), "00" * 64, ("record", 2, "wrong-signature")),
        (3, ("record", "earlier"), [], ("record", 3, "wrong-record")),
        (2, ("header", "time"), "noon", ("line", 2, "bad-header")),
        (0, ("ledger",), "ab" * 32, ("genesis", 0, "bad-export")),
        (0, ("genesis", "time_ms"), 5, ("genesis", 0, "bad-export")),
    ],
)
def test_an_edit_breaks_a_rule_of_the_real_audit(height: int, path: Any, value: Any, expected: tuple[str, int, str]) -> None:
    found = account(height, (path, value))
    assert broken(found) == expected
    first = next(row for row in found["changed"] if row["why"] == "edit")
    assert first["path"][: len(path)] == list(path)


def test_the_account_is_that_of_the_verifier() -> None:
    forgery = forge(lines(), forger(2, (TO, ALICE)), CONTRACTS)
    told: Any = audit_export(forgery.lines, chain().chain.ledger, CONTRACTS).to_json()
    found: Any = forgery.to_json()
    assert found["verdict"]["broken"]["message"] == told["broken"]["message"]
    assert [c["held"] for c in found["verdict"]["checks"]] == [c["held"] for c in told["checks"]]


def test_every_rule_is_told_in_both_languages() -> None:
    assert {rule: rule_words(rule)["en"] for rule in RULES} == RULES
    for check in account(2)["verdict"]["checks"]:
        assert check["sentence"]["en"].endswith(".")
        assert check["sentence"]["zh"].endswith("。")
    first = account(2, (TO, ALICE))["verdict"]["broken"]
    assert (first["place"]["en"], "区块 2" in first["place"]["zh"]) == ("in block 2, line 3 of the export", True)
    assert all(first["cause_words"].values())


def test_an_edit_of_a_header_breaks_the_link_to_the_next_block() -> None:
    rows = account(2, (TIME, block(2)["header"]["time"] + 1))["chain"]
    assert [row["link_holds"] for row in rows] == [True, True, False, True]
    assert [row["certificate_holds"] for row in rows] == [True, False, True, True]


def test_an_edit_outside_the_header_leaves_the_id_and_breaks_the_roots() -> None:
    found = account(2, (TO, ALICE))
    assert [row["contents_hold"] for row in found["chain"]] == [True, False, True, True]
    assert "still the same" in found["certificate"]["sentence"]["en"]


def test_hashed_again_and_signed_by_a_quorum_contents_that_may_not_be_there_are_not_shown_as_good() -> None:
    found = account(2, (TO, ALICE), rehash=True, keys=VALIDATORS)
    assert broken(found)[0] == "admission"
    assert [row["contents_hold"] for row in found["chain"]] == [True, False, True, True]
    assert all(row["certificate_holds"] for row in found["chain"])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("record", "commit", "signatures", 0), "00" * 64),
        (("record", "commit", "view"), 2),
        (("record", "commit", "signers"), [0, 1]),
        (("record", "commit", "block"), "ab" * 32),
        (("record", "commit"), "nothing"),
        (("record", "earlier"), []),
    ],
)
@pytest.mark.parametrize(("rehash", "keys"), [(False, ()), (True, VALIDATORS)])
def test_an_edit_of_the_record_is_told_as_one_that_no_root_covers(
    path: Any, value: Any, rehash: bool, keys: tuple[str, ...]
) -> None:
    found = account(3, (path, value), rehash=rehash, keys=keys)
    words, first = found["certificate"]["sentence"], found["verdict"]["broken"]
    if first is None:
        assert "no rule breaks" in words["en"]
    else:
        assert first["rule"] in ("record", "line")
        assert f"rule `{first['rule']}` breaks" in words["en"]
        assert f"规则 `{first['rule']}`" in words["zh"]
    assert "no root covers it" in words["en"]
    assert "old certificate" not in words["en"]
    assert "原证书" not in words["zh"]


def test_what_is_no_block_any_more_is_told_as_that() -> None:
    found = account(2, (SIGNATURES, []))
    assert broken(found)[0] == "line"
    assert "rule `line` breaks" in found["certificate"]["sentence"]["en"]


def test_an_edit_of_record_and_contents_is_told_as_both() -> None:
    words = account(2, (TO, ALICE), (("record", "commit", "signatures", 0), "00" * 64))["certificate"]["sentence"]
    assert "old certificate" not in words["en"]
    assert "roots in the header give the rest away" in words["en"]
    assert "原证书" not in words["zh"]


def test_hashed_anew_every_link_holds_and_no_certificate_does() -> None:
    found = account(2, (TO, ALICE), rehash=True)
    assert broken(found) == ("record", 2, "wrong-signature")
    assert [row["link_holds"] for row in found["chain"]] == [True] * 4
    assert [row["certificate_holds"] for row in found["chain"]] == [True, False, False, False]
    changed = {(row["height"], ".".join(map(str, row["path"]))): row["why"] for row in found["changed"]}
    assert changed[2, "transactions.0.body.arguments.to"] == "edit"
    assert {changed[key] for key in ((2, "id"), (2, "header.state_root"), (3, "header.parent"), (4, "id"))} == {"computed"}
    assert changed[2, "record.commit.block"] == "signed"
    assert {height for height, _ in changed} == {2, 3, 4}


@pytest.mark.parametrize(("held", "missing"), [(0, 3), (1, 2), (2, 1)])
def test_fewer_keys_than_a_quorum_make_no_certificate(held: int, missing: int) -> None:
    found = account(2, (TO, ALICE), rehash=True, keys=(ALICE, *VALIDATORS[:held]))
    assert broken(found)[:2] == ("record", 2)
    certificate = found["certificate"]
    assert (certificate["needed"], certificate["of"], certificate["held"]) == (3, 4, list(VALIDATORS[:held]))
    assert certificate["missing"] == missing
    assert f"needs 3 of 4 Finals over the new id; you hold {held} key" in certificate["sentence"]["en"]
    assert f"还缺 {missing} 把" in certificate["sentence"]["zh"]
    assert found["convicted"] is None


def test_a_quorum_without_the_members_key_does_not_get_past_admission() -> None:
    found = account(2, (TO, ALICE), rehash=True, keys=VALIDATORS)
    assert broken(found) == ("admission", 2, "inadmissible")
    assert found["convicted"] is None
    said(found, "would be convicted by a forgery that is whole otherwise", "若伪造在其他方面都完整，他们就会被定罪")


def said(found: Any, en: str, zh: str) -> None:
    words = found["certificate"]["sentence"]
    assert en in words["en"]
    assert zh in words["zh"]
    assert ("are convicted" in words["en"]) == (found["convicted"] is not None)


@pytest.mark.parametrize("height", [1, 2, 3, 4])
@pytest.mark.parametrize("chosen", [(0, 1, 2), (0, 1, 3), (0, 2, 3), (1, 2, 3), (0, 1, 2, 3)])
def test_a_quorum_makes_a_chain_that_verifies_and_is_convicted(height: int, chosen: tuple[int, ...]) -> None:
    forgers = tuple(VALIDATORS[place] for place in chosen)
    found = account(height, (TIME, block(height)["header"]["time"] + 1), rehash=True, keys=forgers)
    assert found["verdict"]["broken"] is None
    assert all(row["certificate_holds"] for row in found["chain"])
    assert len(found["convicted"]) >= 2
    assert set(found["convicted"]) <= set(forgers)
    assert found["light_client"]["code"] == "wrong-claim"
    assert ", ".join(found["convicted"]) in found["conviction_words"]["en"]
    assert verify_conviction_file(found["conviction"].encode(), Pinned(ledger=chain().chain.ledger)).broken is None


def test_a_members_key_and_a_quorum_rewrite_what_that_member_did() -> None:
    forgery = forge(lines(), forger(2, (TO, ALICE), rehash=True, keys=(ALICE, *VALIDATORS[:3])), CONTRACTS)
    found: Any = forgery.to_json()
    assert found["convicted"] == list(VALIDATORS[:3])
    said(found, "have signed the real block too, and are convicted", "也签署过真实区块，因此被定罪")
    held = [json.loads(line)["receipts"][0]["code"] for line in forgery.lines[2:]]
    assert held == ["ok", "ok", "not-holder"], "executed again: in block 4 Bob passes on what he never got"


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        (("header", "state_root"), "ab" * 32, "state"),
        (("header", "history_root"), "ab" * 32, "history"),
        (("header", "next_validators"), "ab" * 32, "next-validators"),
        (("header", "receipts_root"), "ab" * 32, "receipts"),
        (("header", "transactions_root"), "ab" * 32, "transactions"),
        (("receipts", 0, "code"), "odd", "execution"),
        (("receipts", 0, "events"), [], "execution"),
        (("writes", 0, 0, "value"), "{}", "execution"),
        ((*SIGNATURES, 0), "00" * 64, "admission"),
        (("transactions", 0, "body", "expires"), 0, "admission"),
    ],
)
def test_what_is_edited_by_hand_outlasts_the_hashing_and_even_all_validators_do_not_carry_it(
    path: Any, value: Any, rule: str
) -> None:
    assert broken(account(1, (path, value), rehash=True, keys=(ALICE, *VALIDATORS)))[:2] == (rule, 1)


def test_where_the_contract_is_not_installed_its_writes_are_taken_as_they_are() -> None:
    strange = forger(2, (TO, ALICE), rehash=True, keys=(ALICE, *VALIDATORS[:3]))
    found: Any = forge(lines(), strange, ContractSet({})).to_json()
    assert found["verdict"]["broken"] is None, "nobody ran the contract, and the quorum certified what it wrote before"
    assert found["convicted"] == list(VALIDATORS[:3])


def test_two_transactions_swapped() -> None:
    first, second = block(1)["transactions"]
    swap = ((("transactions", 0), second), (("transactions", 1), first))
    assert broken(account(1, *swap))[0] == "transactions"
    assert broken(account(1, *swap, rehash=True))[0] == "record"
    assert account(1, *swap, rehash=True, keys=VALIDATORS[:3])["verdict"]["broken"] is None


def test_another_genesis_is_another_ledger() -> None:
    found = account(0, (("genesis", "time_ms"), 5), rehash=True, keys=VALIDATORS)
    assert broken(found) == ("ledger", 0, "wrong-ledger")
    assert "another ledger" in found["certificate"]["sentence"]["en"]
    assert [row["link_holds"] for row in found["chain"]] == [True] * 5


def test_certificates_are_judged_by_the_suite_that_the_genesis_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SUITES, "credulous", lambda public_key, tag, data, signature: None)
    whole, validators = decode_object(chain().network.genesis_bytes), chain().chain.validators
    own, later, credulous = (
        parse_genesis(encode({**whole, **changes})) for changes in ({}, {"time_ms": START_MS + 1}, {"suite": "credulous"})
    )
    assert is_decided(lines()[1], own, validators)
    assert not is_decided(lines()[1], later, validators)
    assert is_decided(lines()[1], credulous, validators)


def test_signed_without_hashing_the_next_block_still_names_the_old_id() -> None:
    found = account(2, (TIME, block(2)["header"]["time"] + 1), keys=VALIDATORS)
    assert broken(found) == ("place", 3, "wrong-parent")
    said(found, "would be convicted", "就会被定罪")
    assert [row["certificate_holds"] for row in found["chain"]] == [True] * 4


@pytest.mark.parametrize("value", [1.5, "\ud800", 2**53, {"é": 1}])
def test_what_no_ledger_can_hold_is_said_to_be_unverifiable(value: Any) -> None:
    found = account(2, (TIME, value), rehash=True)
    assert found["unverifiable"]
    assert (found["verdict"], found["changed"], found["chain"]) == (None, [], [])
    assert "nothing to sign" in found["certificate"]["sentence"]["en"]


@pytest.mark.parametrize("value", ["noon", None, -1, [], {}])
@pytest.mark.parametrize("path", PLACES)
def test_any_value_anywhere_gets_a_verdict(path: Any, value: Any) -> None:
    found = account(2, (path, value), rehash=True, keys=(ALICE, *VALIDATORS))
    assert found["verdict"]["broken"] is not None or path in (TIME, TO)


@pytest.mark.parametrize("path", ELSEWHERE)
def test_only_what_is_there_can_be_edited(path: Any) -> None:
    assert refusal(InputError, account, 2, (path, 1)).code == "bad-edit"


def test_only_blocks_that_are_there_can_be_edited() -> None:
    with pytest.raises(NotFoundError):
        account(5)


def test_what_was_audited_before_is_not_audited_again_and_says_the_same() -> None:
    prefixes = Prefixes()
    for height in (4, 2, 3, 3, 0, 4):
        path = ("genesis", "time_ms") if height == 0 else TIME
        late = forger(height, (path, 1_900_000_000_000), rehash=True, keys=VALIDATORS)
        found = forge(lines(), late, CONTRACTS, prefixes)
        assert found.to_json() == forge(lines(), late, CONTRACTS).to_json()
        told: Any = audit_export(found.lines, chain().chain.ledger, CONTRACTS).to_json()
        assert found.report is not None
        assert found.report.to_json() == told
    first, again = (prefixes.of(lines(), 4, chain().chain.ledger, CONTRACTS) for _ in range(2))
    assert first is again
    assert first.height == 3


def test_another_chain_is_not_taken_for_the_one_known() -> None:
    prefixes, other = Prefixes(), DecidedChain()
    for _ in range(2):
        other.decide()
    assert prefixes.of(lines(), 3, chain().chain.ledger, CONTRACTS).transactions
    assert not prefixes.of(tuple(other.view.export()), 3, other.chain.ledger, CONTRACTS).transactions


def test_only_so_many_blocks_behind_are_forged_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tamper, "AFTER_MAX", 1)
    found = account(1, (TIME, block(1)["header"]["time"] + 1), rehash=True, keys=VALIDATORS[:3])
    assert (found["head"], [row["height"] for row in found["chain"]]) == (2, [0, 1, 2])
    assert found["light_client"]["height"] == 2


def test_differences_are_told_leaf_by_leaf() -> None:
    found = list(differences({"a": [1, 2], "b": None, "c": 1}, {"a": [1, 3, 4], "c": True, "d": {}}))
    assert found == [
        (("a", 1), [2], [3]), (("a", 2), [], [4]), (("b",), [None], []), (("c",), [1], [True]), (("d",), [], [{}]),
    ]  # fmt: skip
    assert [type(value) for _, before, after in found for value in (*before, *after)][4:6] == [int, bool]


def test_the_tree_that_is_edited_stays_as_it_was() -> None:
    tree = {"a": [1, {"b": 2}]}
    assert edited(tree, [Edit(path=("a", 1, "b"), value=3)]) == {"a": [1, {"b": 3}]}
    assert tree == {"a": [1, {"b": 2}]}


def test_the_control_serves_it_and_the_running_ledger_stays_as_it_is(tmp_path: Path) -> None:
    network = InProcessNetwork.create(tmp_path / "lab", workshop_network(START_MS))
    with network, LabControl(network), network.client(member=ALICE) as client:
        headers = {"authorization": f"Bearer {network.lab_token}"}
        client.call_named("asset", "issue", {"number": "a1", "to": ALICE})
        before = list(client.export())
        # 1. A block is read as a tree.
        tree = client.get(f"{CONTROL}/tamper/1")
        assert (tree["id"], tree["validators"]) == (line_id(before[1].rstrip(b"\n")), list(VALIDATORS))
        with pytest.raises(NotFoundError):
            client.get(f"{CONTROL}/tamper/9")
        # 2. A forgery needs the token, and is judged.
        keys: JsonValue = [ALICE, *VALIDATORS[:3]]
        order = encode({"height": 1, "edits": [{"path": [*TO], "value": BOB}], "rehash": True, "keys": keys})
        with pytest.raises(ForbiddenError):
            client.request("POST", f"{CONTROL}/tamper", body=order)
        found = client.request("POST", f"{CONTROL}/tamper", body=order, headers=headers)
        assert (found["verdict"]["broken"], len(found["convicted"]) >= 2) == (None, True)
        forged = client.request("POST", f"{CONTROL}/tamper/export", body=order, headers=headers)["export"]
        assert audit_export(forged.encode().splitlines(), network.ledger).broken is None
        # 3. What is not canonical is told; what is no order is refused.
        floating = json.dumps({"height": 1, "edits": [{"path": [*TIME], "value": 1.5}]}).encode()
        assert "float" in client.request("POST", f"{CONTROL}/tamper", body=floating, headers=headers)["unverifiable"]
        nowhere = (b'{"height":1,"edits":[{"path":%s,"value":1}]}' % path for path in (b"[]", b'["transactions",true]'))
        orders = (b'{"height":1,"more":1}', *nowhere)
        for path, body in (("/tamper/export", floating), *(("/tamper", order) for order in orders)):
            with pytest.raises(MalformedError):
                client.request("POST", CONTROL + path, body=body, headers=headers)
        # 4. The ledger is as it was.
        assert list(client.export()) == before
