"""The verifiers behind the page: the same verdict as the command and the one-file verifier give."""

from collections.abc import Iterator
from typing import Any

import pytest

from ledger.disclosure import DISCLOSURE_FORMAT
from ledger.errors import InputError, TallystickError
from ledger.identity.records import Validator, ValidatorSet
from ledger.primitives import PublicKey
from ledger.sealed import parse_opening, sealed_digest
from ledger.verify import conviction, proof_file
from ledger.verify.proof import CONVICTION_FORMAT, PROOF_FILE_FORMAT, PROOF_FORMAT
from ledger.verify.verdict import Pinned
from nodes.client.saved_answer import JUDGES
from nodes.lab import export_rows as export_reading
from nodes.lab.export_rows import read_rows
from nodes.lab.judging import GROUPS, convict, judge
from nodes.lab.noted import noted
from nodes.lab.tamper import WORDS
from scenarios.workshop.labs.fork import make_fork
from scenarios.workshop.labs.material import SimulatedLedger
from scenarios.workshop.room import Room
from tests.support import EAST, NORTH, SOUTH, VALIDATORS, WEST, refusal
from tests.workshop_lab import running_workshop

SET = ValidatorSet(tuple(Validator(name, PublicKey("00" * 32)) for name in VALIDATORS))


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with running_workshop(tmp_path_factory.mktemp("desk") / "network") as control:
        yield Room(control.lab.network.directory, 1)


@pytest.fixture(scope="module")
def export() -> bytes:
    ledger = SimulatedLedger(3)
    ledger.act("north.member1", "asset", "issue", number="A-1", to="north.member1")
    ledger.act("south.member1", "asset", "transfer", number="A-1", to="south.member1")
    return b"".join(line + b"\n" for line in ledger.export())


def refused(room: Room, path: str, **order: Any) -> str:
    return refusal(TallystickError, room.control.post, path, order).code


def test_a_verdict_speaks_both_languages(export: bytes) -> None:
    files = {
        PROOF_FORMAT: proof_file.RULES,
        PROOF_FILE_FORMAT: proof_file.RULES,
        CONVICTION_FORMAT: conviction.RULES,
        DISCLOSURE_FORMAT: proof_file.DISCLOSURE_RULES,
    }
    assert files.keys() == JUDGES.keys()
    for kind, rules in files.items():
        assert {name: phrase.en for name, phrase in WORDS[GROUPS[kind]].items()} == dict(rules)
        assert all(phrase.zh.endswith("。") for phrase in WORDS[GROUPS[kind]].values())
    told: Any = judge(export.replace(b'"A-1"', b'"A-2"', 1), Pinned())
    assert all(rule["sentence"]["zh"].endswith("。") and rule["sentence"]["en"].endswith(".") for rule in told["rules"])
    assert told["broken"]["message"]["zh"].endswith("。")
    assert told["broken"]["message"]["zh"].startswith("高度") == ("height" in told["broken"])
    assert told["broken"]["message"]["en"].endswith(".")


def test_a_file_is_judged_by_both_verifiers(room: Room, export: bytes) -> None:
    (room.files / "some.jsonl").write_bytes(export)
    told = room.control.post("/verify", {"name": "some.jsonl", "ledger": ""})
    assert told == room.control.post("/verify", {"text": export.decode(), "ledger": ""}) == judge(export, Pinned())
    assert told["holds"]
    assert told["printed"][-1] == "Everything holds."
    assert told["facts"][0]["height"] == 2
    told = room.control.post("/verify", {"name": "some.jsonl"})
    assert (told["broken"]["rule"], told["holds"]) == ("ledger", False)
    block = told["facts"][0]["block"] or "ab" * 32
    told = room.control.post("/verify", {"name": "some.jsonl", "ledger": "", "block": block})
    assert told["broken"]["rule"] == "block"


def test_a_file_is_given_by_name_or_by_text(room: Room) -> None:
    assert refused(room, "/verify") == "bad-order"
    assert refused(room, "/verify", name="some.jsonl", text="{}") == "bad-order"
    assert refused(room, "/read", name="some.jsonl", text="{}") == "bad-order"


@pytest.mark.parametrize("name", ["none.json", "../genesis.json", "..", "/etc/hostname", "work\x00", "a" * 101])
def test_only_files_of_the_work_folder_are_read(room: Room, name: str) -> None:
    assert refused(room, "/verify", name=name) == "unknown-file"


def test_what_is_no_file_of_the_ledger_is_told(room: Room) -> None:
    for text in ("hello", "{}", "[1]", '{"format":"tallystick-proof-1"}', "\x00"):
        told = room.control.post("/verify", {"text": text})
        assert not told["holds"]
        assert "is broken" in told["printed"][-1]


def test_two_exports_convict(room: Room, export: bytes) -> None:
    fork = make_fork(4)
    for name, lines in zip("ab", fork.exports.values(), strict=True):
        (room.files / f"{name}.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    told = room.control.post("/convict", {"first": "a.jsonl", "second": "b.jsonl"})
    assert (told["height"], set(told["convicted"])) == (fork.height, set(fork.guilty))
    assert all(pair in ("final/final", "final/skip", "vote/vote") for pair in told["evidence"])
    assert not room.control.post("/convict", {"first": "a.jsonl", "second": "a.jsonl"})["forked"]
    assert not convict(export, export)["forked"]
    (room.files / "some.jsonl").write_bytes(export)
    assert refused(room, "/convict", first="a.jsonl", second="some.jsonl") == "wrong-ledger"


def test_an_export_is_read_as_rows(room: Room, export: bytes) -> None:
    rows = room.control.post("/read", {"text": export.decode()})["rows"]
    assert [(row["height"], row["signers"], row["outcome"]) for row in rows] == [
        (1, "north.member1", "committed"),
        (2, "south.member1", "not-holder"),
    ]
    assert rows[0]["arguments"] == "number A-1, to north.member1"
    refusal(InputError, read_rows, [b"{}", b"{}"])


def test_the_command_prints_the_rows(room: Room, export: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    (room.files / "some.jsonl").write_bytes(export)
    assert export_reading.main([str(room.files / "some.jsonl")]) == 0
    assert "not-holder" in capsys.readouterr().out
    assert export_reading.main([str(room.files / "none")]) == 1
    assert export_reading.main([]) == 2


def test_a_node_proves_what_is_there_and_what_is_not(room: Room) -> None:
    order: dict[str, Any] = {"number": "A-1", "to": "north.member1"}
    room.control.post("/submit", {"signers": ["north.member1"], "contract": "asset", "operation": "issue", "arguments": order})
    for key, kind in (("A-1", "state"), ("A-2", "absence"), ("A-1/2 ?", "absence")):
        told = room.control.post("/prove", {"contract": "asset", "collection": "assets", "key": key})
        (fact,) = told["verdict"]["facts"]
        assert (fact["kind"], fact["claim"]["key"]) == (kind, key)
        assert room.control.post("/verify", {"text": told["file"]}) == told["verdict"]
    assert refused(room, "/prove", contract="asset", collection="assets", key="") == "bad-key"


def test_a_price_is_sealed_with_a_fresh_salt(room: Room) -> None:
    one, other = (room.control.post("/seal", {"bidder": "north.member1", "price_cents": 5}) for _ in range(2))
    assert one["sealed"] != other["sealed"]
    assert sealed_digest(parse_opening(one["opening"])) == one["sealed"]
    assert one["opening"]["value"] == {"bidder": "north.member1", "price_cents": 5}
    assert refused(room, "/seal", bidder="north.member1", price_cents=0) == "bad-order"


def test_what_nodes_note_is_gathered_by_whom_it_is_about() -> None:
    pair = [{"kind": "vote"}, {"kind": "vote"}]
    place = {"height": 4, "view": 1}
    records: list[dict[str, Any]] = [
        {"kind": "sent", "node": SOUTH, "messages": ["block ab12cd", "propose 4/1 ab12cd"]},
        {"kind": "invalid-block", "node": NORTH, "block": "ab12cd" + "0" * 58, "code": "wrong-roots", **place},
        {"kind": "invalid-block", "node": EAST, "block": "ab12cd" + "0" * 58, "code": "wrong-roots", **place},
        {"kind": "evidence", "node": NORTH, "signer": WEST, "statements": pair, **place},
        {"kind": "dropped", "node": NORTH, "code": "wrong-signature", "sender": SOUTH, "message": "StatementMessage"},
        {"kind": "dropped", "node": NORTH, "to": SOUTH, "why": "refused"},
        {"kind": "timeout", "node": NORTH, **place},
        {"kind": "received", "node": NORTH, "from": SOUTH},
        {"kind": "commit", "node": NORTH, **place},
    ]
    rows: Any = noted(records, SET)
    assert [(row["what"], row["about"], row["times"], row["detail"]) for row in rows] == [
        ("evidence", WEST, 1, "vote/vote, 4/1"),
        ("invalid-block", SOUTH, 2, "wrong-roots, 4"),
        ("wrong-signature", SOUTH, 1, "StatementMessage"),
        ("timeout", SOUTH, 1, "4/1"),
        ("heard", SOUTH, 1, ""),
    ]
    assert rows[1]["by"] == sorted((NORTH, EAST))


def test_the_page_of_a_node_asks_what_was_noted(room: Room) -> None:
    assert isinstance(room.control.get("/noted")["rows"], list)
