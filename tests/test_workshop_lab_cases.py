"""What single labs notice besides what the walks of all labs show: steps in another order, by another member, in another file."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.audit import standalone
from ledger.errors import MalformedError
from ledger.sealed import Opening, sealed_digest
from nodes.simulator.chance import Chance
from scenarios.workshop.labs import believe, catalogue, contract, keys, proofs, sealed, trust
from scenarios.workshop.labs.receipt import write_contract
from tests.lab_walks import LABS, PRICE, SEEDS_OF_KINDS, Outages, finish, hand_in, seen, verify_in_folder, walk_sealed
from tests.workshop_lab import Group, running_workshop


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with running_workshop(tmp_path_factory.mktemp("labs") / "network") as control:
        yield control.lab.network.directory


@pytest.fixture
def group(request: pytest.FixtureRequest, directory: Path) -> Group:
    """At the lab in whose class the test is."""
    name = request.cls.__name__.removeprefix("Test").lower()
    return Group(directory, next(exercise for exercise in catalogue.exercises().values() if exercise.name == name))


class TestChain:
    """Lab 1."""

    def test_a_ledger_without_the_fact_says_so(self, group: Group) -> None:
        room = group.start(7)
        room.control.order("/reset")
        assert group.check(room, block="3") == ["Your fact is not on the ledger any more: start this lab again."]


class TestKeys:
    """Lab 2."""

    def test_another_member_of_the_lab_is_not_oneself(self, group: Group) -> None:
        room = group.start(7)
        made = keys.plan(room.chance())
        assert group.submit(room, made.other, "asset.issue", number=made.own, to=made.me) == "ok"
        assert group.submit(room, f"{made.other} {made.me}", "asset.transfer", number=made.own, to=made.other) == "ok"
        assert group.check(room)[0].startswith(f"{made.own} is not issued")


class TestProofs:
    """Lab 3."""

    def test_what_another_member_issued_is_not_ones_own(self, group: Group) -> None:
        room = group.start(8)
        made = proofs.plan(room.chance())
        assert group.submit(room, made.holder, "asset.issue", number=made.own, to=made.me) == "ok"
        assert group.check(room)[0].startswith(f"{made.own} is not issued to {made.me}: act as {made.me}")

    def test_a_proof_that_names_no_ledger_may_deceive(self, group: Group) -> None:
        room = group.start(1)
        name = f"proof-{proofs.PROOFS[proofs.plan(room.chance()).ways.index('ledger')]}.json"
        assert room.control.post("/verify", {"name": name, "ledger": ""})["holds"]
        assert room.control.post("/verify", {"name": name})["broken"]["rule"] == "ledger"
        assert verify_in_folder(room, name) == "Everything holds."
        assert (room.files / "verify.py").read_bytes() == Path(standalone.__file__).read_bytes()
        assert json.loads((room.files / "proof-a.json").read_bytes())["format"] == "tallystick-proof-file-1"


class TestCrash:
    """Lab 4."""

    @pytest.mark.parametrize(
        ("step", "said"),
        [
            ("first", ["was not down when", "does not show that"]),
            ("one", ["is not issued by"]),
            ("second", ["does not show that"]),
            ("two", ["is not issued by", "No answer yet to"]),
            ("starts", ["Not all nodes run"]),
        ],
    )
    def test_one_step_left_out_is_named(self, group: Group, step: str, said: list[str]) -> None:
        lab = Outages(group, group.start(7))
        made = lab.plan
        if step != "first":
            lab.turn(made.first, "stop")
        if step != "one":
            lab.issue(made.one)
        if step != "second":
            lab.turn(made.second, "stop")
        waiting = lab.hand_in(made.two) if step != "two" else ""
        is_one_down = step in ("first", "second")
        answers = {"lacks": "1", "stated": ", ".join(made.staying)} if is_one_down or not waiting else lab.look()
        for node in sorted(lab.down, key=[made.second, made.first].index):
            if step != "starts" or node == made.second:
                lab.turn(node, "start")
        answers["height"] = str(lab.height_of(waiting)) if waiting else ""
        missing = lab.check(**answers)
        assert len(missing) == len(said), missing
        assert all(words in sentence for words, sentence in zip(said, missing, strict=True))

    def test_issuing_while_all_run_shows_in_the_log(self, group: Group) -> None:
        lab = Outages(group, group.start(7))
        lab.issue(lab.plan.one)
        height = lab.issue(lab.plan.two)
        for node in (lab.plan.first, lab.plan.second):
            lab.turn(node, "stop")
            lab.turn(node, "start")
        first, second = lab.check(lacks="1", stated=", ".join(lab.plan.staying), height=str(height))
        assert first.startswith(f"{lab.plan.first} was not down when {lab.plan.one} was committed")
        assert second.startswith(f"The log does not show that {lab.plan.two} waited")


class TestTrust:
    """Lab 5."""

    @pytest.mark.parametrize("kind", sorted(trust.KINDS.keys() - {"double-voter"}))
    def test_each_kind_is_found_by_what_the_page_shows(self, group: Group, kind: str) -> None:
        room = group.start(SEEDS_OF_KINDS[kind])
        answers = finish(LABS["trust"].walker(group, room))
        assert answers["kind"] == kind
        assert group.check(room, **answers) == []

    def test_the_traitor_shows_nowhere_and_a_reset_ends_the_treason(self, group: Group) -> None:
        seed = SEEDS_OF_KINDS["double-voter"]
        room = group.start(seed)
        assert all(node["traitor"] is None for node in room.control.get("/network")["nodes"])
        log = room.log()
        assert not [record for record in log if record["kind"] == "betrayal"]
        begun = {record["node"] for record in log if record["kind"] == "dropped" and record.get("why") == "refused"}
        assert len(begun) != 3, "three nodes met a closed door: the fourth is the only one that began again"
        room.control.order("/reset")
        traitor = trust.plan(Chance(seed)).traitor
        room.control.order(f"/nodes/{traitor}", {"do": "traitor", "kind": "silent"})
        assert {node["member"]: node["traitor"] for node in room.control.get("/network")["nodes"]}[traitor] == "silent"


class TestSealed:
    """Lab 6."""

    def test_a_price_is_sealed_for_somebody(self, group: Group) -> None:
        room = group.start(5)
        for bidder in ("", "north"):
            with pytest.raises(MalformedError, match="bidder"):
                room.control.post("/seal", {"bidder": bidder, "price_cents": PRICE})

    def test_the_rivals_offer_stands_in_no_file_and_no_record(self, group: Group) -> None:
        room = group.start(5)
        offer: Any = sealed.plan(room.chance()).offer
        known = b"".join(path.read_bytes() for path in room.files.iterdir()) + b"".join(room.export())
        assert offer.salt.encode() not in known
        assert f'"price_cents":{offer.value["price_cents"]}'.encode() not in known

    def test_what_is_revealed_is_open_to_all_while_the_rule_only_guards_the_seal(self, group: Group) -> None:
        """Who may read is still about the seal; but price and salt stand on the ledger, and with them anybody opens it."""
        room = group.start(5)
        answers, made = finish(walk_sealed(group, room)), sealed.plan(room.chance())
        told = seen(room, "west.validator", f"/v1/access/tender/bids/{made.key}")
        assert {row["member"] for row in told["members"] if row["level"] == "value"} == {made.me, made.buyer}
        assert "All else in the record is open" in told["others"]["sentence"]
        record = seen(room, "west.validator", f"/v1/state/tender/bids/{made.key}")["value"]
        revealed = next(one for one in room.standings() if one.header.height == int(answers["open"]))
        arguments: Any = revealed.transaction.arguments
        assert record["price_cents"] == arguments["price_cents"] == PRICE
        opening = Opening(arguments["salt"], {"bidder": made.me, "price_cents": PRICE})
        assert sealed_digest(opening) == record["offer"]["sealed"] == told["sealed"][0]
        rival = seen(room, "west.validator", f"/v1/state/tender/bids/{made.number}:{made.rival.partition('.')[0]}")["value"]
        assert rival["price_cents"] == 0, "there the seal still hides something"


class TestContract:
    """Lab 7."""

    def test_a_file_that_is_no_contract_of_this_group_is_named(self, group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
        room = group.start(11)
        path, other = room.files / contract.FILE, contract.plan(Chance(13)).warehouse
        path.write_text(write_contract(other), encoding="utf-8")
        assert "promise-issue-by-warehouse" in [said.key for said in group.missing(room)]
        path.unlink()
        assert group.check(room) == ["There is no warehouse_receipt.py in the folder of files: start this lab again."]
        path.write_text("NUMBER = 1\n", encoding="utf-8")
        assert any("has no class WarehouseReceipt" in sentence for sentence in group.check(room))
        monkeypatch.setattr(contract, "EXAMINE_SECONDS_MAX", 1)
        path.write_text("while True:\n    pass\n", encoding="utf-8")
        assert "is there a loop without end in it" in group.check(room)[0]

    def test_a_start_keeps_what_was_written_before(self, group: Group) -> None:
        room = group.start(3)
        (room.files / contract.FILE).write_text("# mine\n", encoding="utf-8")
        room = group.start(3)
        assert (room.files / "warehouse_receipt.before.txt").read_text(encoding="utf-8") == "# mine\n"
        assert contract.plan(room.chance()).number in (room.files / "contract.txt").read_text(encoding="utf-8")


class TestBelieve:
    """Lab 10."""

    def test_a_letter_before_its_turn_is_named_since_the_ledgers_answer_to_it_stays(self, group: Group) -> None:
        room = group.start(7)
        place = believe.plan(room.chance()).place("record")
        assert hand_in(room, place)[0] == "unknown-ledger"
        assert group.check(room)[0].startswith(f"Letter {place} was handed in before its turn")
        assert [said.key for said in group.missing(room)][:2] == ["out-of-turn", "not-frozen"]
