"""Every part of every proof, proof file, conviction and disclosure is changed in turn, and each change must be refused.

What `mutation.changes` makes of it: leaves and whole lists and objects get other values of their type and of others, elements
and members are left out, doubled, exchanged and added. What may change without being noticed stands in `free`, each with its
reason, and what it makes of the verdict is checked all the same.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from ledger.encoding import decode, encode, encode_unchecked
from ledger.errors import JsonValue, MalformedError, OperatorError, VerificationError
from ledger.verify import VerifiedFact, trust_genesis, verify_proof
from ledger.verify.conviction import verify_conviction_file
from ledger.verify.proof_file import verify_disclosure_file, verify_proof_file
from ledger.verify.verdict import Pinned, Verdict
from tests.mutation import Path, changes
from tests.support import DecidedChain, proofs_of, refusal, says_nothing_new
from tests.test_ledger_conviction import after_changes, convicted
from tests.test_ledger_light_client import changed
from tests.test_ledger_proof_file import SHOWN, file_of, sealed_chain

CODES: dict[str, set[str]] = {
    "format": {"bad-proof"},
    "kind": {"bad-proof"},
    "ledger": {"bad-proof", "wrong-ledger"},
    "header": {
        "bad-header", "bad-proof", "not-an-object", "not-canonical", "integer-out-of-range", "no-header", "older-than-trust",
        "wrong-certificate", "wrong-ledger", "wrong-trust", "wrong-validators",
    },
    "certificate": {
        "bad-certificate", "bad-number", "bad-proof", "bad-signature", "not-a-validator", "not-an-object", "wrong-certificate",
        "wrong-order", "wrong-quorum", "wrong-signature",
    },
    "trust": {
        "bad-certificate", "bad-header", "bad-number", "bad-proof", "bad-signature", "bad-validators", "not-a-validator",
        "not-an-object", "wrong-certificate", "wrong-ledger", "wrong-next-validators", "wrong-order", "wrong-quorum",
        "wrong-signature", "wrong-trust", "wrong-validators",
    },
    "path": {"bad-proof", "wrong-consistency", "wrong-inclusion", "wrong-state-proof"},
    "contract": {"bad-proof", "wrong-history", "wrong-state-proof"},
    "collection": {"bad-proof", "wrong-history", "wrong-state-proof"},
    "key": {"bad-proof", "wrong-history", "wrong-state-proof"},
    "value": {"bad-proof", "wrong-inclusion", "wrong-state-proof"},
    "index": {"bad-proof", "wrong-inclusion"},
    "size": {"bad-proof", "wrong-inclusion"},
    "first": {"bad-header", "not-an-object", "wrong-consistency", "wrong-inclusion"},
    "inclusion": {"bad-proof", "wrong-inclusion"},
    "rows": {"bad-proof", "wrong-rows", "wrong-state-proof"},
    "entries": {
        "bad-header", "bad-proof", "bad-writes", "not-an-object", "wrong-history", "wrong-inclusion", "wrong-state-proof",
    },
    "validators": {"bad-proof", "bad-validators", "wrong-next-validators", "wrong-validators"},
    "": {"bad-proof"},
}  # fmt: skip
"""Codes by the member of the proof that was changed; "" is the proof itself."""


@cache
def chain() -> DecidedChain:
    """Validators change in blocks 2 and 4; block 6 has three transactions."""
    made = changed()
    made.decide(made.transfer(), made.issue("B"), made.bump("C"))
    return made


@cache
def proofs() -> dict[str, Any]:
    return proofs_of(chain())


def free(name: str, path: Path, what: str) -> str | None:
    """Why a change may pass unnoticed, None if it may not."""
    last = path[-1] if path else ""
    if last in ("index", "size") and name in ("transaction", "receipt", "history", "history from the genesis"):
        return "a header does not count its leaves: another index and size can give the path the same turns"
    if name.startswith("absence") and path in (("key",), ("collection",), ("contract",)):
        return "one path shows the absence of every key whose digest begins alike"
    if path in (("rows",), ("entries",)) and what.startswith("without element"):
        return "a list proves its rows, not that it is complete"
    return None


@pytest.mark.parametrize("name", proofs())
def test_every_change_of_a_proof_is_refused(name: str) -> None:
    proof = proofs()[name]
    truth = verified(proof)
    tried = passed = 0
    odd = []
    for path, what, value in changes(proof):
        tried += 1
        try:
            fact = verified(value)
        except (VerificationError, MalformedError) as error:
            if error.code not in CODES[str(path[0]) if path else ""]:
                odd.append(f"{path}: {what}: {error.code}")
            continue
        assert free(name, path, what), f"unnoticed: {path}: {what}"
        passed += 1
        assert says_nothing_new(fact, [truth], chain().view.state), f"{path}: {what}"
    assert odd == [], "refused with a code that does not belong there"
    assert tried > 60
    print(f"{name}: {tried} changes tried, {passed} of those that may pass unnoticed did")


def verified(value: Any) -> VerifiedFact:
    return verify_proof(value, trust_genesis(chain().chain.genesis))


def test_index_and_size_are_not_authenticated() -> None:
    """Leaf 2 of 3 has the path of leaf 1 of 2: the value and its block are proved, its place is not."""
    receipt = proofs()["receipt"]
    assert (receipt["index"], receipt["size"]) == (2, 3)
    verified({**receipt, "index": 1, "size": 2})
    assert refusal(VerificationError, verified, {**receipt, "index": 1}).code == "wrong-inclusion"


def _proof_file() -> Any:
    made = sealed_chain()
    proved = (made.view.prove_state("asset", "prices", "P"), made.view.prove_block(1))
    return decode(file_of(made, *proved, disclosures=(SHOWN.to_json(),)).rstrip(b"\n"), wrapped=5)


FILES: dict[str, tuple[Callable[[], Any], Callable[[bytes, Pinned], Verdict]]] = {
    "proof file": (_proof_file, verify_proof_file),
    "conviction": (lambda: convicted(after_changes("A"), after_changes("B")).to_json(), verify_conviction_file),
    "disclosure": (SHOWN.to_json, verify_disclosure_file),
}


def free_in_file(path: Path, what: str) -> bool:
    """A file may hold fewer proofs or disclosures, or in another order, and a disclosure may show less.

    The first proof is needed by the disclosure beside it.
    """
    is_list = path in (("proofs",), ("disclosures",)) and what.startswith(("without", "element"))
    is_list = is_list and (path, what) != (("proofs",), "without element 0")
    return is_list or (path[-1:] == ("disclosed",) and what == "without amount")


@pytest.mark.parametrize("name", FILES)
def test_every_change_of_a_file_is_refused(name: str, pytestconfig: pytest.Config) -> None:
    """The genesis in it stands or falls by its digest: each place of it is changed in one way, in all ways with `--long`."""
    make, judge = FILES[name]
    file = make()
    assert judge(encode(file, wrapped=5), Pinned()).broken is None
    tried, before = 0, None
    for path, what, value in changes(file):
        if path[:1] == ("genesis",) and path == before and not pytestconfig.getoption("--long"):
            continue
        tried, before = tried + 1, path
        assert _is_broken(judge, value) != free_in_file(path, what), f"{path}: {what}"
    print(f"{name}: {tried} changes tried")


def _is_broken(judge: Callable[[bytes, Pinned], Verdict], value: JsonValue) -> bool:
    """Whether a rule is broken, or there is nothing to verify against."""
    try:
        return judge(encode_unchecked(value), Pinned()).broken is not None
    except OperatorError as error:
        return error.code == "no-genesis"
