"""Answers saved with their proofs, of every path that takes `?proof=true`: they hold as they came, and with no change."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from ledger.contract.sealed import seal
from ledger.disclosure import disclose
from ledger.encoding import encode, encode_unchecked
from ledger.errors import OperatorError
from ledger.genesis import Genesis, GenesisWrite
from ledger.verify.verdict import Pinned, Verdict
from nodes.client.saved_answer import KINDS, verify_saved_answer
from tests.mutation import changes
from tests.support import ALICE, OTHER, DecidedChain
from tests.test_nodes_client_proofs import ASSETS, answers_of, bumped, questions
from tests.test_nodes_openapi import WRITTEN

ROWS = ("items", "members", "organizations", "contracts")
"""Lists whose order is not proved: a page stands in any order that was asked for."""


@cache
def saved() -> tuple[Genesis, dict[str, bytes]]:
    """What a node answers, byte for byte, by path and number."""
    chain, bump = bumped()
    refused = chain.sign(ALICE, "asset", "issue", number="A", to=ALICE)
    chain.decide(refused)
    asked = [question[:2] for question in questions(bump.id, 6)]
    asked += [(f"{ASSETS}/Z", {"proof": True}), (f"/v1/transactions/{refused.id}", {"proof": True})]
    asked += [("/v1/state/membership/organizations/north/history", {"proof": True})]
    found = zip(asked, answers_of(chain, asked), strict=True)
    return chain.chain.genesis, {f"{path} {n}": answer.body for n, ((path, _), answer) in enumerate(found)}


@cache
def documents() -> tuple[Genesis, dict[str, bytes]]:
    """The two answers of /v1/documents, put together as the route does."""
    terms, opening = seal({"price_cents": 1_250, "grade": "A"}, "0a" * 16)
    record: Any = {"terms": {"sealed": terms.sealed}}
    view = DecidedChain(writes=[GenesisWrite(contract="deal", collection="deals", key="D", value=record)]).view
    place: Any = {"contract": "deal", "collection": "deals", "key": "D", "digest": terms.sealed, "rule": "holder"}
    place["proof"] = view.prove_state("deal", "deals", "D")
    whole, part = {**place, "opening": opening.to_json()}, {**place, "disclosure": disclose(opening, ["grade"]).to_json()}
    return view.genesis, {"opening": encode(whole, wrapped=5), "disclosure": encode(part, wrapped=5)}


def answers() -> dict[str, tuple[Genesis, bytes]]:
    return {name: (genesis, data) for genesis, named in (saved(), documents()) for name, data in named.items()}


def verdict(genesis: Genesis, data: bytes) -> Verdict:
    return verify_saved_answer(data, Pinned(genesis=genesis))


def broken(found: Verdict) -> tuple[str, str]:
    """The rule that is broken, and in which words."""
    assert found.broken is not None
    return str(found.broken.details["rule"]), found.broken.message


def saved_at(path: str) -> bytes:
    """What the first path that begins in this way is answered."""
    return next(data for name, data in saved()[1].items() if name.startswith(path))


@pytest.mark.parametrize("name", answers())
def test_an_answer_holds_as_it_came(name: str) -> None:
    genesis, data = answers()[name]
    for form in (data, data + b"\n"):
        found = verdict(genesis, form)
        assert found.broken is None, found.broken
        assert found.facts


def test_every_path_that_takes_a_proof_is_here() -> None:
    taking = {
        path
        for path, methods in WRITTEN["paths"].items()
        if any(parameter.get("name") == "proof" for parameter in methods.get("get", {}).get("parameters", ()))
    }
    asked = {*saved()[1], *(f"/v1/documents/{name} 0" for name in documents()[1])}
    reached = {path for path in taking if any(_fits(path, name.split()[0]) for name in asked)}
    assert len(taking) > 9
    assert taking - reached == set()
    answered = [json.loads(data).keys() - {"proof"} for _, data in answers().values()]
    unused = [kind.compared for kind in KINDS if not any(kind.has(members) for members in answered)]
    assert unused == [(*BLOCK, "pruned")], "a node that pruned the block is in a test of its own"


BLOCK = ("height", "id", "time", "header", "receipts", "record")


def _fits(path: str, asked: str) -> bool:
    return len(path.split("/")) == len(asked.split("/")) and all(
        part.startswith("{") or part == said for part, said in zip(path.split("/"), asked.split("/"), strict=True)
    )


def compared(answer: Any) -> Any:
    """The members that its proof covers."""
    kind = next(kind for kind in KINDS if kind.has(answer.keys() - {"proof"}))
    members = {name: answer[name] for name in kind.compared}
    if "contracts" in members:
        return {"contracts": [{n: c[n] for n in ("name", "module", "digest")} for c in answer["contracts"] if c["module"]]}
    return members


def is_as_true(before: Any, after: Any) -> bool:
    """Whether what is left is true as well: nothing but the proof, rows in another order, a field less disclosed."""
    if not after or (isinstance(disclosure := after.get("disclosure"), dict) and disclosure.get("disclosed") == {}):
        return True
    rows = [name for name in ROWS if name in before and isinstance(after.get(name), list)]
    return any(sorted(map(encode, after[name])) == sorted(map(encode, before[name])) for name in rows)


@pytest.mark.parametrize("name", answers())
def test_whatever_is_changed_beside_a_true_proof_is_refused(name: str) -> None:
    genesis, data = answers()[name]
    answer = json.loads(data)
    shown = compared(answer)
    tried = 0
    for place, what, changed_members in changes(shown):
        is_unproved = place[:1] == ("contracts",) and what == "one more member"  # a contract's row tells more than its proof does
        if not isinstance(changed_members, dict) or is_unproved or is_as_true(shown, changed_members):
            continue
        rest = {name: value for name, value in answer.items() if name not in shown}
        found = verdict(genesis, encode_unchecked({**rest, **changed_members}))
        assert found.broken is not None, changed_members
        assert found.broken.details["rule"] in ("answer", "file"), found.broken
        tried += 1
    assert tried or not shown, "something was changed"


@pytest.mark.parametrize("name", answers())
def test_what_no_proof_covers_is_named_and_nothing_else_may_stand_there(name: str) -> None:
    genesis, data = answers()[name]
    answer = json.loads(data)
    kind = next(kind for kind in KINDS if kind.has(answer.keys() - {"proof"}))
    told = sorted({*kind.unproved} & answer.keys())
    assert [fact["members"] for fact in verdict(genesis, data).facts if fact["kind"] == "not-proved"] == ([told] if told else [])
    rule, words = broken(verdict(genesis, encode_unchecked({**answer, "verified": True})))
    assert (rule, "exactly these members" in words) == ("file", True)


def of_another_document(answer: Any) -> None:
    """An opening that gives its digest, which stands in no record."""
    sealed, opening = seal({"price_cents": 1, "grade": "A"}, "0b" * 16)
    answer |= {"digest": sealed.sealed, "opening": opening.to_json()}


REFUSED: dict[str, tuple[str, Callable[[Any], object], str]] = {
    "another value in the proof": (f"{ASSETS}/A ", lambda a: a["proof"]["value"].update(holder="south.member1"), "path"),
    "signatures in another order": (f"{ASSETS}/A ", lambda a: a["proof"]["certificate"]["signatures"].reverse(), "certificate"),
    "no kind of proof": (f"{ASSETS}/A ", lambda a: a["proof"].update(kind="other"), "proof"),
    "another kind of proof": (f"{ASSETS}/A ", lambda a: a.update(proof=proof_of("/v1/members")), "answer"),
    "no proof": (f"{ASSETS}/A ", lambda a: a.update(proof=7), "file"),
    "another ledger": (f"{ASSETS}/A ", lambda a: a["proof"].update(ledger="ab" * 32), "ledger"),
    "a member that no answer has": (f"{ASSETS}/A ", lambda a: a.update(verified=True), "file"),
    "a member that no version has": (f"{ASSETS}/A/history", lambda a: a["history"][0].update(by="nobody"), "answer"),
    "a member that no row has": (f"{ASSETS} ", lambda a: a["items"][0].update(note="sold"), "answer"),
    "a third proof": ("/v1/transactions/", lambda a: a["proof"].update(other=a["proof"]["receipt"]), "answer"),
    "no proof of the receipt": ("/v1/transactions/", lambda a: a["proof"].pop("receipt"), "file"),
    "pruned and there": ("/v1/blocks/6", lambda a: a.update(pruned=True), "file"),
    "a document of no record": ("opening", of_another_document, "answer"),
    "another digest": ("opening", lambda a: a.update(digest="ab" * 32), "answer"),
    "another opening": ("opening", lambda a: a["opening"].update(salt="0b" * 16), "answer"),
    "another field disclosed": ("disclosure", lambda a: a["disclosure"]["disclosed"]["grade"].update(value="B"), "answer"),
}


def proof_of(path: str) -> Any:
    return json.loads(saved_at(path))["proof"]


@pytest.mark.parametrize("name", REFUSED)
def test_the_rule_that_is_broken_is_named(name: str) -> None:
    path, change, rule = REFUSED[name]
    genesis, data = next(found for asked, found in answers().items() if asked.startswith(path))
    answer = json.loads(data)
    change(answer)
    assert broken(verdict(genesis, encode_unchecked(answer)))[0] == rule


def test_a_pruned_block_holds_and_hides_no_envelopes() -> None:
    genesis, answer = saved()[0], json.loads(saved_at("/v1/blocks/6"))
    del answer["transactions"]
    assert verdict(genesis, encode_unchecked({**answer, "pruned": True})).broken is None
    assert verdict(genesis, encode_unchecked({**answer, "pruned": False})).broken is not None


def test_the_details_of_an_absence_are_its_place_and_height_alone() -> None:
    genesis, answer = saved()[0], json.loads(saved_at(f"{ASSETS}/Z"))
    answer["details"]["reason"] = "it was sold"
    assert "are contract, collection, key and height" in broken(verdict(genesis, encode_unchecked(answer)))[1]


def test_the_block_that_was_asked_for_is_compared() -> None:
    genesis, named = saved()
    data = next(iter(named.values()))
    block = verdict(genesis, data).facts[0]["block"]
    assert verify_saved_answer(data, Pinned(genesis=genesis, block=block)).broken is None  # type: ignore[arg-type]
    assert broken(verify_saved_answer(data, Pinned(genesis=genesis, block=OTHER)))[0] == "block"


def test_an_answer_needs_the_genesis() -> None:
    with pytest.raises(OperatorError, match="--genesis"):
        verify_saved_answer(next(iter(saved()[1].values())), Pinned())
