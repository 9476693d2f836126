"""An answer of a node that was saved with its proof: whether what it shows is what its proof shows.

Each member of an answer is either compared with the proof or named as only the node's word, and a member that no such answer
has is refused, so that nothing stands unseen beside a true proof.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ledger.disclosure import DISCLOSURE_FORMAT, parse_disclosure, verify_disclosure
from ledger.encoding import decode_object
from ledger.errors import JsonValue, MalformedError, VerificationError
from ledger.genesis import Genesis
from ledger.primitives import Digest, is_digest
from ledger.sealed import Sealed, parse_opening, sealed_in, verify_opening
from ledger.verify.conviction import verify_conviction_file
from ledger.verify.proof import CONVICTION_FORMAT, FILE_WRAPPED, PROOF_FILE_FORMAT, PROOF_FORMAT, parse_proof
from ledger.verify.proof_file import RULES as FILE_RULES
from ledger.verify.proof_file import disclosed_json, verify_disclosure_file, verify_proof_file
from ledger.verify.trust import VerifiedFact, verify_parsed
from ledger.verify.verdict import Checklist, Pinned, ProvedFacts, Verdict
from nodes.client.proofs import (
    ProvedAnswer,
    Trust,
    verify_block_answer,
    verify_contract_answer,
    verify_contracts_answer,
    verify_history_answer,
    verify_members_answer,
    verify_organizations_answer,
    verify_rows_answer,
    verify_same,
    verify_state_answer,
    verify_state_claim,
    verify_transaction_answer,
    verify_validators_answer,
)

JUDGES: Mapping[str, Callable[[bytes, Pinned], Verdict]] = {
    PROOF_FORMAT: verify_proof_file,
    PROOF_FILE_FORMAT: verify_proof_file,
    CONVICTION_FORMAT: verify_conviction_file,
    DISCLOSURE_FORMAT: verify_disclosure_file,
}
"""Who verifies a file of each format. Another object with a `proof` is an answer of a node, any other file an export."""
FORMAT = "answer"
RULES = {
    **{name: sentence for name, sentence in FILE_RULES.items() if name not in ("disclosure", "block")},
    "file": "The file is one answer in canonical form, with exactly the members of an answer of its path.",
    "answer": "What the answer shows is exactly what its proof shows.",
    "block": FILE_RULES["block"],
}
"""Name and sentence of each rule; its number is its place, from 1."""
PLACE = ("contract", "collection", "key")


class _Proofs(Trust):
    """Believes only the genesis, counts the rules that hold, and keeps what is proved."""

    def __init__(self, genesis: Genesis, checklist: Checklist) -> None:
        super().__init__(genesis)
        self.genesis = genesis
        self.facts: list[VerifiedFact] = []
        self.shown: list[dict[str, JsonValue]] = []
        """What is shown beside the facts."""
        self._checklist = checklist

    def verify(self, proof: JsonValue) -> VerifiedFact:
        """The fact of one more proof; raises BrokenRuleError."""
        self._checklist.at(f"proof {len(self.facts) + 1}")
        with self._checklist.rule("proof"):
            parsed = parse_proof(proof)
        self.facts.append(verify_parsed(parsed, self.newest, self._checklist.rule))
        self._checklist.at("the answer")
        return self.facts[-1]


@dataclass(frozen=True, slots=True)
class _Kind:
    """The answer of a path: its members beside `proof`, and who compares them with it."""

    compared: Collection[str]
    compare: Callable[[_Proofs, ProvedAnswer], object]
    unproved: Collection[str] = ()
    """Members that no proof covers, some of which may be missing."""

    def has(self, members: Collection[str]) -> bool:
        """Whether an answer with these members is of this kind."""
        return {*self.compared} <= {*members} <= {*self.compared, *self.unproved}


def verify_saved_answer(data: bytes, pinned: Pinned) -> Verdict:
    """The verdict on a file that holds an answer; raises OperatorError `no-genesis`."""
    return Checklist(FORMAT, RULES).judge(partial(_verify, data, pinned))


def _verify(data: bytes, pinned: Pinned, checklist: Checklist) -> ProvedFacts:
    # 1. The file is an answer with its proof.
    with checklist.rule("file"):
        answer: Any = decode_object(data.removesuffix(b"\n"), wrapped=FILE_WRAPPED)
        members = answer.keys() - {"proof"}
        kind = next((kind for kind in KINDS if kind.has(members)), None)
        if kind is None:  # check: saved-answer-members
            raise MalformedError("bad-file", f"No path is answered with exactly these members: {', '.join(sorted(members))}.")
        ledger = _ledger(answer.get("proof"))
    # 2., 3. It is of the ledger that was asked for.
    checklist.verify_ledger(ledger, None, pinned)
    assert pinned.genesis is not None, "an answer brings none"
    # 4. to 8. Its proofs hold, and it shows what they show.
    proofs = _Proofs(pinned.genesis, checklist)
    checklist.at("the answer")
    with checklist.rule("answer"):
        kind.compare(proofs, answer)
    # 9. All leads to the block that was asked for.
    with checklist.rule("block"):
        if pinned.block and any(fact.block != pinned.block for fact in proofs.facts):  # check: saved-answer-block
            raise VerificationError("wrong-block", f"A proof leads to another block than {pinned.block}.")
    without: list[JsonValue] = sorted({*kind.unproved} & members)
    unproved: list[dict[str, JsonValue]] = [{"kind": "not-proved", "members": without}] if without else []
    return (*(fact.to_json() for fact in proofs.facts), *proofs.shown, *unproved)


def _ledger(proof: Any) -> Digest:
    """The ledger that a proof, or the first of a transaction's proofs, says it is of."""
    first = proof.get("receipt", proof) if isinstance(proof, dict) else None
    ledger = first.get("ledger") if isinstance(first, dict) else None
    if not is_digest(ledger):  # check: saved-answer-ledger
        raise MalformedError("bad-file", "The member `proof` of the answer names no ledger.")
    return Digest(str(ledger))


def _place(answer: ProvedAnswer) -> tuple[str, str, str]:
    contract, collection, key = (answer.get(name) for name in PLACE)
    return str(contract), str(collection), str(key)


def _proved_place(answer: ProvedAnswer) -> tuple[str, str, str]:
    """Where a list or history is of: its proof says so, and nothing beside it."""
    return _place(answer["proof"])


def _absence(proofs: _Proofs, answer: ProvedAnswer) -> None:
    """The problem `not-found`: code, status and place are compared, its words are not."""
    details = answer["details"]
    verify_same({"code": "not-found", "status": 404}, {name: answer[name] for name in ("code", "status")}, "problem")
    if not isinstance(details, dict) or details.keys() != {*PLACE, "height"}:  # check: saved-answer-details
        raise VerificationError("wrong-claim", "The details of `not-found` are contract, collection, key and height.")
    verify_state_answer(proofs, {**details, "proof": answer["proof"]}, *_place(details))


def _history(proofs: _Proofs, answer: ProvedAnswer) -> None:
    """The time of the genesis, which no header holds, is that of the genesis that is known."""
    verify_history_answer(proofs, answer, *_proved_place(answer))
    first = [row.get("time") for row in answer["history"] if row["height"] == 0]
    verify_same([proofs.genesis.time_ms for _ in first], first, "history")


def _transaction(proofs: _Proofs, answer: ProvedAnswer) -> None:
    if not answer["proof"].keys() <= {"receipt", "transaction"}:  # check: saved-answer-proofs
        raise VerificationError("wrong-claim", "A transaction is proved by two proofs: of its envelope and of its receipt.")
    verify_transaction_answer(proofs, answer, str(answer["transaction"]))


def _document(proofs: _Proofs, answer: ProvedAnswer) -> None:
    """The record holds the sealed digest, which the opening or the disclosure gives."""
    fact = proofs.verify(answer["proof"])
    sealed: Sealed[Any] = Sealed(answer["digest"])
    value = fact.claim.get("value")
    verify_state_claim(fact, dict(zip(PLACE, _place(answer), strict=True)), value)
    if answer["digest"] not in sealed_in(value):  # check: saved-answer-sealed
        raise VerificationError("unbound-disclosure", f"The proof does not show {answer['digest']} in the state.")
    if "opening" in answer:
        verify_opening(sealed, parse_opening(answer["opening"]))  # check: saved-answer-opening
    else:
        disclosure = parse_disclosure(answer["disclosure"])
        verify_disclosure(sealed, disclosure)  # check: saved-answer-disclosure
        proofs.shown.append(disclosed_json(disclosure))


_PROBLEM = ("code", "status", "details")
_BLOCK = ("height", "id", "time", "header", "receipts", "record")
_SAID = ("description", "operations", "collections", "refusals", "read_rules", "terms", "words", "names", "views")
_CONTRACT = ("is_installed", "reads", "fields", *_SAID)
KINDS = (
    _Kind((*PLACE, "height", "value"), lambda proofs, answer: verify_state_answer(proofs, answer, *_place(answer))),
    _Kind(_PROBLEM, _absence, ("type", "title", "detail")),
    _Kind(("history",), _history, ("next",)),
    _Kind(("items", "height"), lambda proofs, answer: verify_rows_answer(proofs, answer, *_proved_place(answer)[:2]), ("next",)),
    _Kind(("organizations", "height"), verify_organizations_answer, ("next",)),
    _Kind(("members", "height"), verify_members_answer, ("next",)),
    _Kind(("height", "validators", "digest", "n", "f", "q"), verify_validators_answer),
    _Kind(("contracts",), verify_contracts_answer),
    _Kind(("name", "module", "digest"), lambda proofs, a: verify_contract_answer(proofs, a, str(a["name"])), _CONTRACT),
    _Kind((*_BLOCK, "transactions"), lambda proofs, answer: verify_block_answer(proofs, answer, "latest")),
    _Kind((*_BLOCK, "pruned"), lambda proofs, answer: verify_block_answer(proofs, answer, "latest")),
    _Kind(("transaction", "status", "receipt", "place"), _transaction, ("height", "time", "complete_from", "sentence")),
    _Kind((*PLACE, "digest", "opening"), _document, ("rule",)),
    _Kind((*PLACE, "digest", "disclosure"), _document, ("rule",)),
    _Kind((), lambda proofs, answer: proofs.verify(answer["proof"])),  # two blocks of one history: the proof is all there is
)
"""Of every path that takes `?proof=true`, and of /v1/proofs/consistency."""
