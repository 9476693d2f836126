"""Golden files of genesis, export and proofs: whatever changes a byte of them changes a format.

`python -m tests.test_ledger_golden` writes them anew, after a deliberate change.
"""

from pathlib import Path

import pytest

from ledger.audit import Conviction, audit_export, convict_exports
from ledger.encoding import decode, encode
from ledger.genesis import parse_genesis
from ledger.verify import verify_proof
from ledger.verify.conviction import verify_conviction_file
from ledger.verify.proof_file import encode_proof_file, verify_proof_file
from ledger.verify.verdict import Pinned
from nodes.network.specification import MemberSpec, NetworkSpecification, OrganizationSpec
from tests.support import CONTRACTS, DecidedChain

FOLDER = Path(__file__).parent / "golden"
WU = "trade.wu"
SPECIFICATION = NetworkSpecification(
    organizations=(
        OrganizationSpec("trade", (MemberSpec("node", ("validator",)), MemberSpec("admin", ("admin",)), MemberSpec("wu"))),
    ),
    validators=("trade.node",),
    contracts=(("asset", "nodes.sample_contract:Asset"),),
)


def golden_files() -> dict[str, bytes]:
    """What the files hold, made from seeded keys: the same on every machine."""
    chain = DecidedChain(SPECIFICATION)
    issue, again = (chain.sign(WU, "asset", "issue", number="W-1", to=WU) for _ in range(2))
    chain.decide(issue, again)
    chain.decide(view=2)
    view = chain.view
    proofs = {
        "state": view.prove_state("asset", "assets", "W-1"),
        "absence": view.prove_state("asset", "assets", "W-2"),
        "transaction": view.prove_transaction(issue.id),
        "receipt": view.prove_receipt(again.id),
        "block": view.prove_block(1),
        "consistency": view.consistency(1, 2),
        "rows": view.prove_rows("asset", "assets", view.state.page("asset", "assets", "", 9)),
        "history": view.prove_history("asset", "assets", "W-1", [1]),
        "validators": view.prove_validators(2),
    }
    return {
        "genesis.json": view.genesis.encode(),
        "export.jsonl": b"".join(line + b"\n" for line in view.export()),
        "proof-file.json": encode_proof_file([proofs["transaction"], proofs["receipt"]], view.genesis),
        "conviction.json": encode(_conviction().to_json(), wrapped=5) + b"\n",
        **{f"proof-{kind}.json": encode(proof, wrapped=3) for kind, proof in proofs.items()},
    }


def _conviction() -> Conviction:
    """Of the one validator, which decided two blocks of height 1."""
    exports = []
    for number in ("W-1", "W-2"):
        chain = DecidedChain(SPECIFICATION)
        chain.decide(chain.sign(WU, "asset", "issue", number=number, to=WU))
        exports.append([*chain.view.export()])
    conviction = convict_exports(exports[0], exports[1])
    assert conviction is not None
    return conviction


FILES = golden_files()
KINDS = [name for name in FILES if name.startswith("proof-") and name != "proof-file.json"]


@pytest.mark.parametrize("name", FILES)
def test_format_is_the_golden_one(name: str) -> None:
    assert (FOLDER / name).read_bytes() == FILES[name]


@pytest.mark.parametrize("name", KINDS)
def test_golden_proofs_hold(name: str) -> None:
    genesis = parse_genesis((FOLDER / "genesis.json").read_bytes())
    assert name == f"proof-{verify_proof(decode((FOLDER / name).read_bytes(), wrapped=3), genesis).kind}.json"


def test_golden_files_hold() -> None:
    verdicts = [
        verify_proof_file((FOLDER / "proof-file.json").read_bytes(), Pinned()),
        verify_conviction_file((FOLDER / "conviction.json").read_bytes(), Pinned()),
    ]
    assert [(verdict.broken, len(verdict.facts)) for verdict in verdicts] == [(None, 2), (None, 1)]


def test_golden_export_holds() -> None:
    lines = (FOLDER / "export.jsonl").read_bytes().splitlines()
    report = audit_export(lines, contracts=CONTRACTS)
    assert (report.broken, report.height, report.executed_again) == (None, 2, 2)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file, data in FILES.items():
        (FOLDER / file).write_bytes(data)
