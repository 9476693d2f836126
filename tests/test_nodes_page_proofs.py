"""The page's own check of proofs, in a real browser, against `ledger/verify`: true proofs of a running network, and every change
of every part of a proof. Both must take and refuse the same ones, each for what it is asked.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from ledger.errors import InputError, VerificationError
from ledger.genesis import Genesis, parse_genesis
from ledger.verify import trust_genesis, verify_proof
from nodes.commands.command_parts import load_signers
from nodes.sample_contract import Asset
from tests.mutation import changes
from tests.network_support import issue, running_network
from tests.page_modules import module_page
from tests.support import ADMINS
from tests.test_ledger_proof_mutations import chain, proofs

HERE = ("state", "absence", "transaction", "receipt")
"""What the page shows; it refuses proofs of other kinds, and those of the genesis itself."""
RULES = {"shape", "genesis", "trust", "certificate", "path"}
BATCH = 250
JUDGE = """async ([texts, genesis, ledger]) => {
    const { checkProof, Unproved } = await import("./proofs.js");
    return texts.map((text) => {
        try {
            return checkProof(JSON.parse(text), JSON.parse(genesis), ledger);
        } catch (error) {
            if (!(error instanceof Unproved)) throw error;
            return error.rule;
        }
    });
}"""
"""What was found of each proof, or the broken rule; any other error is a mistake of the page."""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with module_page() as found:
        yield found


def judged(page: Page, values: list[Any], genesis: Genesis, ledger: str | None = None) -> list[Any]:
    """What the page says of each proof."""
    texts = [json.dumps(value) for value in values]
    batches = [texts[at : at + BATCH] for at in range(0, len(texts), BATCH)]
    common = [genesis.encode().decode(), ledger or genesis.ledger]
    return [found for batch in batches for found in page.evaluate(JUDGE, [batch, *common])]


def is_taken(value: Any, genesis: Genesis) -> bool:
    try:
        verify_proof(value, trust_genesis(genesis))
    except (VerificationError, InputError):
        return False
    return True


def compare_changes(page: Page, proof: Any, genesis: Genesis) -> None:
    """Each change of the proof is taken by both or by none."""
    tried = [(path, what, value) for path, what, value in changes(proof)]
    verdicts = judged(page, [value for *_, value in tried], genesis)
    expected = [is_taken(value, genesis) for *_, value in tried]
    both = zip(tried, verdicts, expected, strict=True)
    assert {verdict for verdict in verdicts if isinstance(verdict, str)} == RULES
    odd = [(path, what, verdict) for (path, what, _), verdict, taken in both if (not isinstance(verdict, str)) != taken]
    assert odd == []
    print(len(tried), "changes tried,", sum(expected), "taken by both")


@pytest.mark.parametrize("name", HERE)
def test_every_change_of_a_proof_is_judged_as_by_the_light_client(page: Page, name: str) -> None:
    """Validators changed twice before."""
    genesis, proof = chain().chain.genesis, proofs()[name]
    names = [genesis.validators[index] for index in proof["certificate"]["signers"]]
    assert judged(page, [proof], genesis) == [{"names": names, "count": len(genesis.validators), "changes": 2}]
    compare_changes(page, proof, genesis)


@pytest.mark.parametrize("name", sorted(proofs().keys() - {*HERE}))
def test_what_the_page_does_not_show_is_refused(page: Page, name: str) -> None:
    assert judged(page, [proofs()[name]], chain().chain.genesis) == ["shape"]


def test_a_genesis_of_another_digest_is_refused_whatever_was_changed_in_it(page: Page) -> None:
    genesis, proof = chain().chain.genesis, json.dumps(proofs()["state"])
    texts = [json.dumps(value) for _, _, value in changes(json.loads(genesis.encode()))][::10]
    asked = f"async (all) => Promise.all(all.map(async (each) => (await ({JUDGE})(each))[0]))"
    verdicts = page.evaluate(asked, [[[proof], text, genesis.ledger] for text in texts])
    assert verdicts == ["genesis"] * len(texts)
    assert len(texts) > 60


def test_another_ledger_than_the_one_asked_for_is_refused_even_if_the_proof_names_it(page: Page) -> None:
    genesis, proof = chain().chain.genesis, proofs()["state"]
    other = "0" * 64
    assert judged(page, [proof, {**proof, "ledger": other}], genesis, other) == ["genesis", "genesis"]


def test_answers_of_a_running_network_and_their_changes_are_judged_as_by_the_client(page: Page, tmp_path: Any) -> None:
    """Four validators, of whom one leaves."""
    with running_network(tmp_path / "network", 4) as network, network.client("north.member1") as client:
        issued = issue(client, "A")
        action: Any = {"number": "P", "action": {"kind": "remove-validator", "member": "west.validator"}}
        signers = load_signers(tmp_path / "network", ADMINS)
        assert client.deliver(client.sign_named("governance", "propose", action, signers)).is_committed
        client.call(Asset.bump, number="C")
        genesis = parse_genesis(network.genesis_bytes)
        of_transaction = client.get(f"/v1/transactions/{issued.transaction}", proof=True)["proof"]
        answered = {
            "state": client.get("/v1/state/asset/assets/A", proof=True)["proof"],
            **of_transaction,
        }
    assert len(answered["state"]["trust"]) == 1
    assert all(isinstance(found, dict) for found in judged(page, [*answered.values()], genesis))
    compare_changes(page, answered["state"], genesis)
