"""Every answer that can carry a proof, verified from the genesis: over HTTP across validator changes, and lied to."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from typing import Any

import pytest

from ledger.block import parse_header
from ledger.encoding import encode
from ledger.errors import MalformedError, NotFoundError, VerificationError
from ledger.genesis import Genesis, parse_genesis
from ledger.transaction import Transaction
from nodes.client import Client
from nodes.client import proofs as p
from nodes.client.proofs import Trust
from nodes.commands.command_parts import load_signers
from nodes.network.in_process import InProcessNetwork
from nodes.sample_contract import Asset
from tests.http_support import Answer, FakeNode
from tests.network_support import issue, running_network
from tests.support import ADMINS, ALICE, DecidedChain, refusal
from tests.test_ledger_light_client import CHANGED, changed
from tests.test_ledger_reads import lent

ASSETS = "/v1/state/asset/assets"
CONSISTENCY = "/v1/proofs/consistency"
Question = tuple[str, dict[str, Any], Callable[..., object], tuple[Any, ...]]
"""Path, query, judge, and what the judge is told was asked."""


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcessNetwork]:
    """Four validators, one of whom leaves and comes back; an asset is issued before and passed on after."""
    directory = tmp_path_factory.mktemp("proofs") / "network"
    with running_network(directory, 4) as network, network.client("north.member1") as client:
        issue(client, "A")
        for number, kind in enumerate(("remove-validator", "add-validator")):
            arguments: Any = {"number": f"P-{number}", "action": {"kind": kind, "member": "west.validator"}}
            proposal = client.sign_named("governance", "propose", arguments, load_signers(directory, ADMINS))
            assert client.deliver(proposal).is_committed
            client.call(Asset.bump, number=f"C-{number}")
        client.call(Asset.transfer, number="A", to="south.member1")
        yield network


@pytest.fixture
def genesis(network: InProcessNetwork) -> Genesis:
    return parse_genesis(network.genesis_bytes)


def questions(transaction: str, height: int) -> list[Question]:
    """Of every kind, about a transaction of that height and the world around it."""
    with_proof = {"proof": True}
    return [
        (f"{ASSETS}/A", with_proof, p.verify_state_answer, ("asset", "assets", "A")),
        (f"{ASSETS}/A/history", with_proof, p.verify_history_answer, ("asset", "assets", "A")),
        ("/v1/state/governance/validators/current/history", with_proof, p.verify_history_answer,
         ("governance", "validators", "current")),
        (ASSETS, with_proof, p.verify_rows_answer, ("asset", "assets")),
        ("/v1/state/asset/counters", {"limit": 1, "order": "-count", **with_proof}, p.verify_rows_answer, ("asset", "counters")),
        (f"/v1/transactions/{transaction}", with_proof, p.verify_transaction_answer, (transaction,)),
        (f"/v1/blocks/{height}", with_proof, p.verify_block_answer, (height,)),
        ("/v1/blocks/latest", with_proof, p.verify_block_answer, ("latest",)),
        ("/v1/members", with_proof, p.verify_members_answer, ()),
        ("/v1/organizations", with_proof, p.verify_organizations_answer, ()),
        ("/v1/contracts", with_proof, p.verify_contracts_answer, ()),
        ("/v1/contracts/asset", with_proof, p.verify_contract_answer, ("asset",)),
        ("/v1/contracts/membership", with_proof, p.verify_contract_answer, ("membership",)),
        ("/v1/validators", with_proof, p.verify_validators_answer, ()),
        *(("/v1/validators", {"height": h, **with_proof}, p.verify_validators_answer, (h,)) for h in (1, height, height + 1)),
        (CONSISTENCY, {"from": 1, "to": height}, p.verify_consistency_answer, (1, height)),
        (CONSISTENCY, {"from": height, "to": height}, p.verify_consistency_answer, (height, height)),
    ]  # fmt: skip


def transactions(client: Client) -> list[tuple[str, int]]:
    """Id and height of every one, newest first: the first proof teaches the validator changes, the others are older."""
    rows = client.get("/v1/transactions", limit=100)["transactions"]
    return [(row["transaction"], row["height"]) for row in reversed(rows)]


def test_every_answer_of_every_node_is_proved_across_validator_changes(network: InProcessNetwork, genesis: Genesis) -> None:
    trust = Trust(genesis)
    for name in network.urls:
        with network.client(node=name) as client:
            asked = transactions(client)
            assert len(asked) == 6
            for transaction, height in asked:
                for path, query, judge, words in questions(transaction, height):
                    answer = client.get(path, **query)
                    judge(trust, answer, *words)
                    judge(Trust(genesis), answer, *words)
    assert trust.newest.validators.n == 4
    assert trust.height > 2


def test_absence_is_proved(network: InProcessNetwork, genesis: Genesis) -> None:
    with network.client() as client:
        answer = refusal(NotFoundError, client.get, f"{ASSETS}/Z", proof=True).details
    assert p.verify_state_answer(Trust(genesis), answer, "asset", "assets", "Z").kind == "absence"


def test_a_client_asks_only_for_the_changes_it_does_not_hold(network: InProcessNetwork, genesis: Genesis) -> None:
    with network.client() as client:
        trust = Trust(genesis)
        trust.verify(client.get("/v1/blocks/latest", proof=True)["proof"])
        for transaction, height in transactions(client):
            for path, query, judge, words in questions(transaction, height):
                answer = client.get(path, **query, trust_from=trust.height)
                proofs = [answer["proof"]] if "format" in answer["proof"] else answer["proof"].values()
                assert [proof["trust"] for proof in proofs] == [[] for _ in proofs]
                judge(trust, answer, *words)


def test_a_header_that_is_held_is_of_the_history_of_a_later_one(network: InProcessNetwork, genesis: Genesis) -> None:
    with network.client() as client:
        last = client.get("/v1/blocks/latest")["height"]
        first, later = (parse_header(encode(client.get(f"/v1/blocks/{height}")["header"])) for height in (2, last))
        answer = client.get(CONSISTENCY, **{"from": 2, "to": last})
    trust = Trust(genesis)
    assert p.verify_consistency_answer(trust, answer, first, later) == first
    for one, other in ((1, later), (first, first), (2, last - 1)):
        assert refusal(VerificationError, p.verify_consistency_answer, trust, answer, one, other).code == "wrong-claim"


def bumped() -> tuple[DecidedChain, Transaction]:
    """A chain of six blocks, in whose last two counters are bumped, and the second of these transactions."""
    chain = changed()
    bump = chain.bump("D")
    chain.decide(chain.bump("C"), bump)
    return chain, bump


def answers_of(chain: DecidedChain, asked: Sequence[tuple[Any, ...]]) -> list[Answer]:
    """What a node with this chain answers to each of these, which begin with path and query."""
    http = FakeNode(chain).http

    async def ask() -> list[Answer]:
        return [await http.get(path, **as_texts(query)) for path, query, *_ in asked]

    return asyncio.run(ask())


def as_texts(query: dict[str, Any]) -> dict[str, Any]:
    """As a URL spells it."""
    return {name if name != "from" else "from_": value if value is not True else "true" for name, value in query.items()}


class Told:
    """A chain of six blocks, and true answers of a node about it, each with its question."""

    def __init__(self) -> None:
        chain, bump = bumped()
        asked = questions(bump.id, 6)
        self.genesis = chain.chain.genesis
        self.answers = [(answer.json, question) for answer, question in zip(answers_of(chain, asked), asked, strict=True)]

    def about(self, path: str) -> tuple[Any, Question]:
        """The first answer to a path that begins in this way, to be changed at will."""
        return next((deepcopy(answer), question) for answer, question in self.answers if question[0].startswith(path))

    def lie(self, path: str, change: Callable[[Any], object], *words: Any) -> str:
        """The code of the refusal of the answer after a change, or of the true one to another question."""
        answer, (_, _, judge, asked) = self.about(path)
        judge(Trust(self.genesis), answer, *asked)
        change(answer)
        with pytest.raises((VerificationError, MalformedError)) as caught:
            judge(Trust(self.genesis), answer, *(words or asked))
        return caught.value.code


@pytest.fixture(scope="module")
def told() -> Told:
    return Told()


def nothing(answer: Any) -> None:
    """The answer is true; the question is another."""


@pytest.mark.parametrize(
    ("path", "change"),
    [
        (f"{ASSETS}/A", lambda a: a["value"].update(holder="south.member1")),
        (f"{ASSETS}/A", lambda a: a.pop("value")),
        (f"{ASSETS}/A", lambda a: a.update(height=9)),
        (f"{ASSETS}/A/history", lambda a: a["history"][0]["value"].update(version=9)),
        (f"{ASSETS}/A/history", lambda a: a["history"].clear()),
        (f"{ASSETS}/A/history", lambda a: a.pop("history")),
        (f"{ASSETS}/A/history", lambda a: a["history"][0].update(time=9)),
        ("/v1/state/asset/counters", lambda a: a["items"][0].update(key="Z")),
        ("/v1/state/asset/counters", lambda a: a["items"].pop()),
        ("/v1/state/asset/counters", lambda a: a.update(items=[7])),
        ("/v1/state/asset/counters", lambda a: a.update(height=9)),
        ("/v1/members", lambda a: a["members"][0].update(roles=["auditor"])),
        ("/v1/members", lambda a: a.update(height=9)),
        ("/v1/organizations", lambda a: a["organizations"].append(a["organizations"][0])),
        ("/v1/contracts", lambda a: next(c for c in a["contracts"] if c["name"] == "asset").update(digest="f" * 64)),
        ("/v1/contracts/asset", lambda a: a.update(module="another:Asset")),
        ("/v1/contracts/asset", lambda a: a.update(module=None, digest=None)),
        ("/v1/contracts/membership", lambda a: a.update(module="another:Membership", digest="f" * 64)),
        ("/v1/validators", lambda a: a["validators"].reverse()),
        ("/v1/validators", lambda a: a.update(height=3)),
        ("/v1/validators", lambda a: a.update(q=1)),
        ("/v1/validators", lambda a: a.update(digest="f" * 64)),
        ("/v1/blocks/6", lambda a: a.update(id="f" * 64)),
        ("/v1/blocks/6", lambda a: a.update(height=5)),
        ("/v1/blocks/6", lambda a: a["header"].update(time=7)),
        ("/v1/blocks/6", lambda a: a.update(time=7)),
        ("/v1/blocks/6", lambda a: a["transactions"].reverse()),
        ("/v1/blocks/6", lambda a: a["receipts"].pop()),
        ("/v1/blocks/6", lambda a: a.pop("transactions")),
        ("/v1/transactions", lambda a: a["receipt"].update(code="other")),
        ("/v1/transactions", lambda a: a.update(status="rejected")),
        ("/v1/transactions", lambda a: a.update(transaction="f" * 64)),
        ("/v1/transactions", lambda a: a["place"].update(position=0)),
        ("/v1/transactions", lambda a: a.update(proof=[])),
        ("/v1/transactions", lambda a: a["proof"].update(transaction=a["proof"]["receipt"])),
    ],
)
def test_an_answer_that_says_something_else_than_its_proof_is_refused(
    told: Told, path: str, change: Callable[[Any], object]
) -> None:
    assert told.lie(path, change) == "wrong-claim"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (f"{ASSETS}/A", ("asset", "assets", "B")),
        (f"{ASSETS}/A/history", ("asset", "assets", "B")),
        ("/v1/state/asset/counters", ("asset", "assets")),
        ("/v1/state/asset/counters", ("asset", "counters", {"count": 9})),
        ("/v1/contracts/asset", ("other",)),
        ("/v1/validators", (3,)),
        ("/v1/blocks/6", (5,)),
        ("/v1/blocks/6", ("f" * 64,)),
        ("/v1/transactions", ("f" * 64,)),
        (CONSISTENCY, (2, 6)),
        (CONSISTENCY, (1, 5)),
    ],
)
def test_a_true_proof_of_something_else_answers_nothing(told: Told, path: str, words: tuple[Any, ...]) -> None:
    assert told.lie(path, nothing, *words) == "wrong-claim"


def test_rows_have_what_was_asked_for(told: Told) -> None:
    answer, _ = told.about("/v1/state/asset/counters")
    count = answer["items"][0]["value"]["count"]
    for asked in ({"count": count}, {"count": str(count)}, {"count.ge": 0}, {"order": "-count", "count": count}):
        p.verify_rows_answer(Trust(told.genesis), answer, "asset", "counters", asked)
    for wrong in ({"count": count + 1}, {"count": "x"}, {"holder": "north.member1"}):
        with pytest.raises(VerificationError, match="was not asked for"):
            p.verify_rows_answer(Trust(told.genesis), answer, "asset", "counters", wrong)


def test_envelope_and_receipt_stand_in_one_place(told: Told) -> None:
    """A header does not count its leaves: leaf 2 of 3 has the path of leaf 1 of 2. So the two proofs must at least agree."""

    def grow(answer: Any) -> None:
        answer["proof"]["transaction"].update(index=2, size=3)

    def move(answer: Any) -> None:
        answer["proof"]["receipt"].update(index=0, size=2)

    assert told.lie("/v1/transactions", grow) == "wrong-claim"
    assert told.lie("/v1/transactions", move) == "wrong-inclusion"


def test_an_envelope_is_that_of_its_receipt(told: Told) -> None:
    chain = changed()
    other = chain.bump("C")
    chain.decide(other, chain.bump("D"))
    answer, (*_, asked) = told.about("/v1/transactions")
    answer["proof"]["transaction"] = chain.view.prove_transaction(other.id)
    with pytest.raises(VerificationError, match="envelope is that of"):
        p.verify_transaction_answer(Trust(told.genesis), answer, *asked)


def test_a_pruned_transaction_is_proved_by_its_receipt(told: Told) -> None:
    answer, (*_, asked) = told.about("/v1/transactions")
    del answer["proof"]["transaction"]
    sent, receipt = p.verify_transaction_answer(Trust(told.genesis), answer, *asked)
    assert (sent, receipt.kind) == (None, "receipt")
    with pytest.raises(VerificationError, match="receipt is that of"):
        p.verify_transaction_answer(Trust(told.genesis), answer, "f" * 64)


def test_a_block_comes_with_its_decision_record(told: Told) -> None:
    assert told.lie("/v1/blocks/6", lambda a: a["record"]["notar"]["signatures"].reverse()) == "wrong-signature"


def test_a_pruned_block_has_no_envelopes(told: Told) -> None:
    block, _ = told.about("/v1/blocks/6")
    del block["transactions"]
    assert p.verify_block_answer(Trust(told.genesis), {**block, "pruned": True}, 6).height == 6


@pytest.mark.parametrize("path", [f"{ASSETS}/A", f"{ASSETS}/A/history", "/v1/members", "/v1/validators", CONSISTENCY])
def test_an_answer_without_proof_is_malformed(told: Told, path: str) -> None:
    assert told.lie(path, lambda answer: answer.pop("proof")) == "bad-proof"


def test_a_proof_of_absence_is_not_taken_for_one_of_a_value(told: Told) -> None:
    absent = CHANGED.view.prove_state("asset", "assets", "B")
    with pytest.raises(VerificationError, match="Expected a proof of state"):
        p.verify_state_answer(Trust(told.genesis), {"proof": absent, "value": {"holder": ALICE}}, "asset", "assets", "B")


@pytest.mark.parametrize("path", ["/v1/members", "/v1/validators", "/v1/blocks/6", f"{ASSETS}/A/history"])
def test_a_proof_of_another_kind_answers_nothing(told: Told, path: str) -> None:
    state, _ = told.about(f"{ASSETS}/A")
    assert told.lie(path, lambda answer: answer.update(proof=state["proof"])) == "wrong-claim"


async def test_what_a_contract_reads_is_answered_as_the_ledger_states_it() -> None:
    node = FakeNode(lent())
    trust = Trust(node.decided.view.genesis)
    p.verify_contracts_answer(trust, (await node.http.get("/v1/contracts", proof="true")).json)
    answer = (await node.http.get("/v1/contracts/loans", proof="true")).json
    p.verify_contract_answer(trust, answer, "loans")
    assert answer["reads"]["licences.licences.grade"] == "integer"
    assert answer["views"].keys() == {"licences.licences", "membership.organizations"}
    for name in ("reads", "fields"):
        lied = {**answer, name: {"asset.assets.holder": "string"}}
        assert refusal(VerificationError, p.verify_contract_answer, trust, lied, "loans").code == "wrong-claim"
    system = (await node.http.get("/v1/contracts/governance", proof="true")).json
    p.verify_contract_answer(trust, system, "governance")
    lied = {**system, "fields": {"contracts.name": "string"}}
    assert refusal(VerificationError, p.verify_contract_answer, trust, lied, "governance").code == "wrong-claim"
