"""`verify` and `convict` on files, and `show` and `query` that write them: exit codes 0, 1 and 2."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.disclosure import disclose
from ledger.encoding import encode
from ledger.errors import JsonValue
from ledger.genesis import parse_genesis
from ledger.sealed import Opening
from nodes.network.in_process import InProcessNetwork
from nodes.node.files import GENESIS_FILE
from nodes.sample_contract import Asset
from tests.commands import answer, fails, run, succeeds
from tests.http_support import asked
from tests.network_support import issue, specification
from tests.support import OTHER
from tests.test_ledger_conviction import branch, lines

SHOWN = disclose(Opening("a" * 32, {"amount": 7, "price": 9}), ["amount"])


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcessNetwork]:
    """One node; its genesis holds a record with a sealed value, beside the contract's own."""
    directory = tmp_path_factory.mktemp("verify") / "network"
    sealed: JsonValue = {"price": {"sealed": SHOWN.sealed}}
    specified = replace(specification(), writes=(("asset", "offers", "O-1", sealed),))
    with (
        InProcessNetwork.create(directory, specified) as network,
        network.client("north.member1") as client,
    ):
        issue(client, "A-1")
        client.call(Asset.transfer, number="A-1", to="south.member1")
        yield network


@pytest.fixture
def proof(network: InProcessNetwork, tmp_path: Path) -> Path:
    file = tmp_path / "proof.json"
    answer("query", "asset", "assets", "A-1", "-o", file, "--dir", network.directory)
    return file


def ledger_of(network: InProcessNetwork) -> str:
    return parse_genesis((network.directory / GENESIS_FILE).read_bytes()).ledger


def judged(*arguments: str | Path) -> Any:
    """What `verify --json` says, and its exit code."""
    result = run("verify", *arguments, "--json")
    return {**json.loads(result.stdout), "exit": result.exit_code}


@pytest.mark.parametrize(
    ("command", "kinds"),
    [
        ("query asset assets A-1", ["state"]),
        ("query asset assets A-1 --history", ["history"]),
        ("query asset assets", ["rows"]),
        ("query asset assets --where holder=south.member1", ["rows"]),
        ("show block latest", ["block"]),
        ("show block 1", ["block"]),
        ("show member north.admin", ["state"]),
        ("show organization north", ["state"]),
        ("show contract asset", ["state"]),
        ("show contract governance", ["absence"]),
        ("show contracts", ["rows"]),
        ("show members", ["rows"]),
        ("show organizations", ["rows"]),
        ("show validators", ["validators"]),
    ],
)
def test_what_is_shown_is_proved_in_a_file(network: InProcessNetwork, tmp_path: Path, command: str, kinds: list[str]) -> None:
    file = tmp_path / "proof.json"
    assert "proof" not in answer(*command.split(), "-o", file, "--dir", network.directory)
    verdict = judged(file, "--ledger", ledger_of(network))
    assert (verdict["exit"], verdict["broken"], [fact["kind"] for fact in verdict["facts"]]) == (0, None, kinds)
    assert "proof" in answer(*command.split(), "--proof", "--dir", network.directory)


def test_a_transaction_is_shown_with_both_proofs(network: InProcessNetwork, tmp_path: Path) -> None:
    with network.client() as client:
        transaction = client.get("/v1/transactions")["transactions"][0]["transaction"]
    file = tmp_path / "proof.json"
    answer("show", "transaction", transaction, "-o", file, "--dir", network.directory)
    assert [fact["kind"] for fact in judged(file)["facts"]] == ["receipt", "transaction"]


def test_an_absent_record_is_not_found_and_its_absence_is_proved(network: InProcessNetwork, tmp_path: Path) -> None:
    file = tmp_path / "proof.json"
    result = run("query", "asset", "assets", "Z-9", "-o", file, "--dir", network.directory)
    assert (result.exit_code, "not-found" in result.stderr, f"written to {file}" in result.stderr) == (1, True, True)
    assert judged(file)["facts"][0]["claim"] == {"contract": "asset", "collection": "assets", "key": "Z-9"}


def test_not_everything_has_a_proof(network: InProcessNetwork, tmp_path: Path) -> None:
    fails(2, "not of log", "show", "log", "--proof", "--dir", network.directory)
    fails(2, "cannot-write", "query", "asset", "assets", "A-1", "-o", tmp_path / "no" / "file", "--dir", network.directory)


def test_verify_prints_numbered_checks_and_the_fact(network: InProcessNetwork, proof: Path) -> None:
    result = run("verify", proof)
    assert result.exit_code == 0
    numbers = [line.split()[0] for line in result.stdout.splitlines()[:9]]
    assert numbers == [str(number) for number in range(1, 10)]
    assert '"holder": "south.member1"' in result.stdout
    assert f"of ledger {ledger_of(network)}: compare" in result.stdout
    assert result.stdout.endswith("Everything holds.\n")
    assert "compare" not in run("verify", proof, "--ledger", ledger_of(network)).stdout


def test_the_first_broken_rule_is_named(proof: Path) -> None:
    proof.write_bytes(proof.read_bytes().replace(b'"holder":"south.member1"', b'"holder":"north.member1"'))
    result = run("verify", proof)
    assert result.exit_code == 1
    assert "Rule 7, path, is broken in proof 1" in result.stdout
    assert "Everything holds" not in result.stdout
    verdict = judged(proof)
    assert (verdict["exit"], verdict["broken"]["cause"], verdict["facts"]) == (1, "wrong-state-proof", [])


def test_what_the_caller_knows_is_compared(network: InProcessNetwork, proof: Path, tmp_path: Path) -> None:
    genesis = network.directory / GENESIS_FILE
    assert judged(proof, "--genesis", genesis)["exit"] == 0
    assert judged(proof, "--ledger", OTHER)["broken"]["rule"] == "ledger"
    assert judged(proof, "--block", OTHER)["broken"]["rule"] == "block"
    block = judged(proof)["facts"][0]["block"]
    assert judged(proof, "--block", block)["exit"] == 0
    assert ": compare" in run("verify", proof, "--block", block).stdout, "a block's id alone says nothing of the genesis"
    export = tmp_path / "ledger.jsonl"
    succeeds("export", export, "--dir", network.directory)
    assert judged(export, "--block", block, "--genesis", genesis)["exit"] == 0
    assert judged(export, "--block", OTHER)["broken"]["rule"] == "block"
    assert judged(export, "--ledger", OTHER)["broken"]["rule"] == "ledger"


def test_a_proof_without_genesis_needs_one(network: InProcessNetwork, proof: Path) -> None:
    proof.write_bytes(encode({**json.loads(proof.read_bytes()), "genesis": None}, wrapped=5))
    fails(2, "no-genesis", "verify", proof, "--ledger", ledger_of(network))
    succeeds("verify", proof, "--genesis", network.directory / GENESIS_FILE)


@pytest.mark.parametrize(
    "wrong",
    [
        ("nothing.json",),
        ("FILE", "--ledger", "abc"),
        ("FILE", "--block", "abc"),
        ("FILE", "--genesis", "nothing.json"),
        ("FILE", "--genesis", "FILE"),
        ("FILE", "--genesis", "GENESIS", "--ledger", OTHER),
    ],
)
def test_wrong_use_is_exit_code_2(network: InProcessNetwork, proof: Path, wrong: tuple[str, ...]) -> None:
    names = {"FILE": proof, "GENESIS": network.directory / GENESIS_FILE, "nothing.json": proof.parent / "nothing.json"}
    result = run("verify", *(names.get(word, word) for word in wrong))
    assert (result.exit_code, result.stderr != "", ".." in result.stderr, result.stdout) == (2, True, False, "")


SAVED = (
    "/v1/state/asset/assets/A-1",
    "/v1/state/asset/assets/none",
    "/v1/state/asset/assets",
    "/v1/blocks/latest",
    "/v1/members",
)


@pytest.mark.parametrize("path", SAVED)
def test_a_saved_answer_verifies_as_it_is(network: InProcessNetwork, tmp_path: Path, path: str) -> None:
    (url,), file, genesis = network.urls.values(), tmp_path / "answer.json", network.directory / GENESIS_FILE
    file.write_bytes(asked(f"{url}{path}?proof=true").body)
    result = run("verify", file, "--genesis", genesis)
    assert (result.exit_code, result.stdout.endswith("Everything holds.\n")) == (0, True), result.output
    fails(2, "give it with --genesis", "verify", file)
    told = json.loads(file.read_bytes())
    for name in told.keys() - {"proof"}:
        file.write_bytes(encode({**told, name: "something else"}, wrapped=5))
        if name in ("next", "detail", "title", "type"):
            assert '"kind": "not-proved"' in run("verify", file, "--genesis", genesis).stdout
        else:
            assert judged(file, "--genesis", genesis)["exit"] == 1, name


def test_a_file_that_is_nothing_of_ours_is_told_what_was_expected(network: InProcessNetwork, tmp_path: Path) -> None:
    file = tmp_path / "file"
    for data in (b"", b"{}", b"hello\n", b'{"value":1}', (network.directory / GENESIS_FILE).read_bytes()):
        file.write_bytes(data)
        result = run("verify", file)
        assert result.exit_code == 1
        for word in ("tallystick-export-1", "tallystick-proof-file-1", "tallystick-conviction-1", "an answer of a node"):
            assert word in result.stdout.splitlines()[-1]
        assert judged(file)["expected"] == result.stdout.splitlines()[-1]


@pytest.mark.parametrize("data", [b"", b"\xff\n", b"[]\n", b"{}\n", b"[" * 100_000, b'{"format":7}', b"{\n}"])
def test_what_is_no_known_file_is_audited_as_an_export(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(data)
    assert judged(file)["broken"]["rule"] == "genesis"


def test_a_disclosure_is_verified_alone(tmp_path: Path) -> None:
    file = tmp_path / "disclosure.json"
    file.write_bytes(encode(SHOWN.to_json()))
    result = run("verify", file)
    assert (result.exit_code, '{"amount": 7}' in result.stdout) == (0, True)
    assert "does not show that its sealed digest stands on a ledger" in result.stdout
    assert run("verify", file, "--ledger", OTHER).exit_code == 2


def test_a_disclosure_goes_with_the_proof_of_its_record(network: InProcessNetwork, tmp_path: Path) -> None:
    disclosure, file = tmp_path / "disclosure.json", tmp_path / "proof.json"
    disclosure.write_bytes(encode(SHOWN.to_json()) + b"\n")
    with_disclosure = ("--dir", network.directory, "--disclosure", disclosure)
    result = run("query", "asset", "assets", "A-1", *with_disclosure, "-o", file)
    assert (result.exit_code, "Rule 8, disclosure" in result.stderr, file.exists()) == (1, True, False)
    answer("query", "asset", "offers", "O-1", *with_disclosure, "-o", file)
    assert judged(file)["facts"][1] == {"kind": "disclosure", "sealed": SHOWN.sealed, "values": {"amount": 7}}
    assert run("query", "asset", "offers", "O-1", *with_disclosure).exit_code == 2
    disclosure.unlink()
    assert run("query", "asset", "offers", "O-1", *with_disclosure, "-o", file).exit_code == 2


def test_two_contradicting_exports_convict(tmp_path: Path) -> None:
    files = []
    for name in ("A", "B"):
        files.append(tmp_path / f"{name}.jsonl")
        files[-1].write_bytes(b"".join(line + b"\n" for line in lines(branch(name, 1))))
    written = tmp_path / "conviction.json"
    result = run("convict", *files, "-o", written)
    assert (result.exit_code, "At height 2 two blocks were decided" in result.stdout) == (0, True)
    verdict = judged(written)
    assert (verdict["exit"], len(verdict["facts"][0]["convicted"])) == (0, 3)
    assert json.loads(run("convict", *files, "--json").stdout)["format"] == "tallystick-conviction-1"


def test_exports_that_agree_convict_nobody(network: InProcessNetwork, tmp_path: Path) -> None:
    files = tmp_path / "one.jsonl", tmp_path / "other.zip"
    for file in files:
        succeeds("export", file, "--dir", network.directory)
    fails(1, "do not contradict", "convict", *files, "--ledger", ledger_of(network))
    assert run("convict", files[0], tmp_path / "nothing").exit_code == 2
    assert run("convict", *files, "--ledger", OTHER).exit_code == 1
