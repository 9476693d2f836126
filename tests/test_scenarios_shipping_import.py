"""`tallystick shipping import`: messages in DCSA's shape, written for these tests, sound ones and every kind of wrong one."""

import hashlib
import json
import re
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from nodes.network.local import LocalNetwork
from scenarios.importing.faults import Faults
from scenarios.shipping.bill.imported import checksum
from scenarios.shipping.box.imported import EQUIPMENT, WORDS
from scenarios.shipping.cast import CANGHAI, HAIJIAO, HANWEN
from scenarios.shipping.commands import application
from scenarios.shipping.contract import Shipping
from scenarios.shipping.imported import Message, read_messages
from scenarios.shipping.scenario import specification
from tests.rule_table import GOLDEN

MESSAGES: Mapping[str, dict[str, Any]] = json.loads((GOLDEN / "shipping_messages.json").read_text(encoding="utf-8"))
FLAT, PARTS, CODES, BILL, CHAIN = MESSAGES.values()
GONE = object()
"""Stands for a field that is not there."""


def read(tmp_path: Path, *values: object, check_digits: Any = "strict") -> tuple[list[Message], Any, Faults]:
    faults = Faults()
    paths = []
    for place, value in enumerate(values):
        path = tmp_path / f"{place}.json"
        path.write_text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), encoding="utf-8")
        paths.append(path)
    messages, notes = read_messages(paths, CANGHAI, check_digits, faults)
    return messages, notes, faults


def told(faults: Faults) -> list[tuple[str, str]]:
    return [(fault.field, fault.reason) for fault in faults]


def changed(message: Mapping[str, Any], path: str, new: object) -> dict[str, Any]:
    """A copy in which the field at a JSON path is another, or gone."""
    copy = {**deepcopy(message)}
    *way, last = (int(name) if name.isdigit() else name for name in re.findall(r"\w+", path))
    inner: Any = copy
    for name in way:
        inner = inner[name]
    if new is GONE:
        del inner[last]
    else:
        inner[last] = new
    return copy


# Sound messages


def test_an_event_of_two_two(tmp_path: Path) -> None:
    (message,), notes, faults = read(tmp_path, [FLAT])
    assert faults == []
    assert message.arguments["report"] | {"reason": ""} == {
        "event_id": FLAT["eventID"],
        "originator": "",
        "updated_at_ms": 1_774_753_800_000,
        "event_at_ms": 1_774_751_400_000,
        "event_type": "EQUIPMENT",
        "classifier": "ACT",
        "code": "LOAD",
        "port": "CNSHA",
        "facility": "",
        "vessel_imo": "2345674",
        "voyage": "118E",
        "equipment": "TLYU9000014",
        "empty": "LADEN",
        "seals": ["LK-20417"],
        "booking": "OTHER-77",
        "document": "",
        "reason": "",
    }
    assert message.roles == ("terminal",)
    assert "$[0].eventLocation.locationName" in notes[0].words.en


def test_an_event_of_three_with_words(tmp_path: Path) -> None:
    (message,), _, faults = read(tmp_path, {"events": [PARTS]})
    assert faults == []
    assert message.arguments["report"]["originator"] == "KRNC.SMDG.LCL"
    assert message.arguments["report"]["reading"] == {
        "unit": "CEL",
        "setpoint": -185,
        "probes": [-183, -190],
        "oxygen": 209,
        "carbon_dioxide": None,
        "humidity": None,
    }
    assert message.look.path == "$.events[0]"


def test_an_event_of_three_with_codes(tmp_path: Path) -> None:
    (message,), _, faults = read(tmp_path, CODES)
    assert faults == []
    report = message.arguments["report"]
    assert (report["code"], report["classifier"], report["voyage"], report["document"]) == ("ARRI", "EST", "118W", "KR900077")


def test_a_retraction_says_nothing_else(tmp_path: Path) -> None:
    (message,), notes, faults = read(
        tmp_path, {"eventID": "x", "eventUpdatedDateTime": "2026-03-29T00:00:00Z", "isRetracted": True, "eventType": 7}
    )
    assert (message.operation.name, faults, notes) == ("retract_event", [], [])


def test_a_bill(tmp_path: Path) -> None:
    (message,), _, faults = read(tmp_path, {"document": BILL, "issueTo": {"partyName": "Lotsen"}})
    assert faults == []
    noted = message.arguments["document"]
    (box,) = noted["equipment"]
    assert box == {"reference": "TLYU9000014", "gross_weight_kg": 16_537, "seals": ["LK-20417"], "un_numbers": ["3481"]}
    assert (noted["ports"], noted["booking"], noted["carrier"]) == (["CNSHA", "DEHAM"], "OTHER-77", CANGHAI)  # 12000.5 + 4535.9


def test_an_endorsement_chain_and_who_possesses_the_bill(tmp_path: Path) -> None:
    (message,), notes, faults = read(tmp_path, [CHAIN])
    assert (faults, notes, message.operation.name, message.told_at_ms) == ([], [], "note_chain", 1_774_764_000_000)
    chain = message.arguments["chain"]
    assert (chain["actions"], chain["possessor"]) == (["ISSUE", "ENDORSE_TO_ORDER", "TRANSFER", "SIGN"], "Hafenbank")
    asked = {**CHAIN["endorsementChain"][1], "actionCode": "SURRENDER_FOR_DELIVERY", "recipient": {"partyName": "Kranich"}}
    rejected = changed(CHAIN, "$.endorsementChain", [*CHAIN["endorsementChain"][:2], asked, *CHAIN["endorsementChain"][2:]])
    (message,), _, faults = read(tmp_path, [rejected])  # the carrier said no, of which a chain has no entry
    assert (faults, message.arguments["chain"]["possessor"]) == ([], "Hafenbank")


def test_dangerous_goods_in_the_packaging_of_the_imdg_code(tmp_path: Path) -> None:
    packaging = {
        "imoPackagingCode": "1A2",
        "numberOfPackages": 18,
        "description": "Drum, steel",
        "dangerousGoods": [
            {"UNNumber": "1463", "properShippingName": "CHROMIUM TRIOXIDE, ANHYDROUS", "imoClass": "5.1"},
            {"NANumber": "9037", "properShippingName": "HEXACHLOROETHANE", "imoClass": "9", "segregationGroups": ["10"]},
        ],
    }
    (message,), _, _ = read(tmp_path, changed(BILL, "$.consignmentItems[0].cargoItems[0].outerPackaging", packaging))
    assert message.arguments["document"]["equipment"][0]["un_numbers"] == ["1463", "9037"]


def test_a_customs_reference_stands_once_in_each_list(tmp_path: Path) -> None:
    """As DCSA's conformance check has it: the document and one of its consignment items may name the same procedure."""
    references = [{"type": "UCR", "countryCode": "DE", "values": ["1"]}]
    bill = changed({**BILL, "customsReferences": references}, "$.consignmentItems[0].customsReferences", references)
    messages, _, faults = read(tmp_path, bill)
    assert len(messages) == 1, faults


def test_the_checksum_is_that_of_rfc_8785() -> None:
    assert checksum({"b": 1, "a": "ä"}) == checksum({"a": "ä", "b": 1}) == hashlib.sha256('{"a":"ä","b":1}'.encode()).hexdigest()


def test_documents_come_first_and_events_by_their_times(tmp_path: Path) -> None:
    later = {**FLAT, "eventID": "later", "eventDateTime": "2026-03-29T11:00:00+08:00"}
    messages, _, faults = read(tmp_path, [later, FLAT], BILL)
    assert faults == []
    assert [message.look.file for message in messages] == ["1.json", "0.json", "0.json"]
    assert [m.arguments["report"]["event_id"] for m in messages[1:]] == [FLAT["eventID"], "later"]


def test_every_word_stands_for_a_code() -> None:
    assert len(dict.fromkeys(EQUIPMENT.values())) == len(EQUIPMENT) == 17
    assert len(WORDS["SHIPMENT"]) == 35


# Wrong ones

GOODS, BOX = "$.consignmentItems[0].cargoItems[0]", "$.utilizedTransportEquipments[0]"
PACKAGING = f"{GOODS}.outerPackaging"
CUSTOMS = [{"type": "UCR", "countryCode": "DE"}] * 2
WRONG: Mapping[str, tuple[Any, ...]] = {
    "no offset": (FLAT, "$.eventDateTime", "2026-03-29T10:30:00", "no-time-zone"),
    "no such hour": (FLAT, "$.eventDateTime", "2026-03-29T25:30:00Z", "impossible-date"),
    "a date alone": (FLAT, "$.eventDateTime", "2026-03-29", "bad-instant"),
    "a number as time": (FLAT, "$.eventDateTime", 20260329, "bad-instant"),
    "no id": (FLAT, "$.eventID", GONE, "missing"),
    "an id with markup": (FLAT, "$.eventID", "<img onerror=alert(1)>", "bad-form"),
    "an id of 100 KB": (FLAT, "$.eventID", "A" * 100_000, "too-long"),
    "another code": (FLAT, "$.equipmentEventTypeCode", "FLY", "not-one-of"),
    "another classifier": (FLAT, "$.eventClassifierCode", "REQ", "not-one-of"),
    "a code of another type": (FLAT, "$.equipmentEventTypeCode", "ARRI", "not-one-of"),
    "a container with a typo": (FLAT, "$.equipmentReference", "TLYU9000041", "wrong-check-digit"),
    "a ship with a typo": (FLAT, "$.transportCall.vessel.vesselIMONumber", "2345647", "wrong-check-digit", "$.vesselIMONumber"),
    "a container in small letters": (FLAT, "$.equipmentReference", "tlyu9000014", "bad-form"),
    "no container": (FLAT, "$.equipmentReference", GONE, "missing"),
    "a port that is none": (FLAT, "$.eventLocation.UNLocationCode", "SHA", "bad-form"),
    "a reason that turns round": (FLAT, "$.reason", "ok \u202e gnp", "hidden-character"),
    "a reason with a bell": (FLAT, "$.reason", "ring \u0007", "control-character"),
    "a reason of 100 KB": (FLAT, "$.reason", "A" * 100_000, "too-long"),
    "a list for an object": (FLAT, "$.transportCall", [], "bad-value"),
    "an object for a list": (FLAT, "$.seals", {}, "bad-value"),
    "a seal without number": (FLAT, "$.seals[0]", {}, "missing", "$.seals[0].number"),
    "a reading in words": (PARTS, "$.reeferDetails.internalSetpointTemperature", "cold", "not-a-number"),
    "a reading without unit": (PARTS, "$.reeferDetails.temperatureUnit", GONE, "missing"),
    "no reading": (PARTS, "$.reeferDetails", GONE, "missing"),
    "nothing known": ({}, "$.hello", "world", "not-a-message", "$"),
    "no checks of document status": (BILL, "$.transportDocumentStatus", "LOST", "not-one-of"),
    "a long reference": (BILL, "$.transportDocumentReference", "K" * 21, "bad-form"),
    "a waybill to order": (BILL, "$.transportDocumentTypeCode", "SWB", "waybill-to-order", "$.isToOrder"),
    "two originals": (BILL, "$.numberOfOriginalsWithCharges", 1, "too-many-originals", "$.numberOfOriginalsWithoutCharges"),
    "to order with consignee": (BILL, "$.documentParties.consignee", {}, "consignee-on-order"),
    "straight without consignee": (BILL, "$.isToOrder", False, "consignee-missing", "$.documentParties.consignee"),
    "no issuing party": (BILL, "$.documentParties.issuingParty", GONE, "missing"),
    "three lines of a second notify party, on paper": (
        changed(BILL, "$.isElectronic", False), "$.documentParties.notifyParties", [{}, {"displayedAddress": ["x"] * 3}],
        "address-too-long", "$.documentParties.notifyParties[1].displayedAddress",
    ),
    "seven lines": (BILL, "$.documentParties.shipper.displayedAddress", ["x"] * 7, "address-too-long"),
    "two dates": (BILL, "$.receivedForShipmentDate", "2026-03-27", "two-dates"),
    "no date": (BILL, "$.shippedOnBoardDate", GONE, "date-missing"),
    "no such day": (BILL, "$.shippedOnBoardDate", "2026-02-30", "impossible-date"),
    "less than no freight": (BILL, "$.charges[0].currencyAmount", -1, "negative"),
    "a segregation group outside of a list": (
        BILL, f"{PACKAGING}.dangerousGoods[0].segregationGroups", "acids", "segregation-group"
    ),
    "a third of a cent": (BILL, "$.charges[0].currencyAmount", 0.333, "too-many-decimals"),
    "no currency": (BILL, "$.charges[0].currencyCode", GONE, "missing"),
    "goods in no box": (BILL, f"{GOODS}.equipmentReference", "TLYU1000018", "unknown-equipment"),
    "a box twice": (
        BILL, "$.utilizedTransportEquipments", BILL["utilizedTransportEquipments"] * 2, "equipment-twice",
        "$.utilizedTransportEquipments[1].equipment.equipmentReference",
    ),
    "a reefer without settings": (BILL, f"{BOX}.activeReeferSettings", GONE, "reefer-settings-missing"),
    "a setpoint without unit": (BILL, f"{BOX}.activeReeferSettings.temperatureUnit", GONE, "setpoint-without-unit"),
    "a weight without unit": (BILL, f"{GOODS}.cargoGrossWeight.unit", GONE, "missing"),
    "dangerous goods unpacked": (BILL, f"{PACKAGING}.packageCode", GONE, "dangerous-packaging"),
    "told before it happened": (FLAT, "$.eventDateTime", "2026-03-29T03:10:01Z", "happened-after-told"),
    "an entry older than the one before it": (
        CHAIN, "$.endorsementChain[0].actionDateTime", "2026-03-29T04:59:59Z", "older-than-before"
    ),
    "a chain that is issued twice": (CHAIN, "$.endorsementChain[1].actionCode", "ISSUE", "chain-order"),
    "a chain that does not begin with ISSUE": (CHAIN, "$.endorsementChain[3].actionCode", "SIGN", "chain-order"),
    "a chain that goes on after SURRENDERED": (
        CHAIN, "$.endorsementChain[1].actionCode", "SURRENDERED", "chain-order", "$.endorsementChain[0].actionCode"
    ),
    "a transfer by who does not possess it": (
        CHAIN, "$.endorsementChain[1].actor.partyName", "Nobody", "no-possessor", "$.endorsementChain[1].actor"
    ),
    "no terms": (BILL, "$.termsAndConditions", GONE, "missing"),
    "a segregation group": (BILL, f"{PACKAGING}.dangerousGoods[0].segregationGroups", ["99"], "segregation-group"),
    "originals of a waybill": (
        BILL, "$.transportDocumentTypeCode", "SWB", "waybill-originals", "$.numberOfOriginalsWithoutCharges"
    ),
    "straight with endorsee": (BILL, "$.isToOrder", False, "endorsee-on-straight", "$.documentParties.endorsee"),
    "no voyage": (BILL, "$.transports.vesselVoyages", [], "missing"),
    "customs twice": (BILL, "$.customsReferences", CUSTOMS, "customs-reference-twice"),
    "customs twice of one cargo item": (BILL, f"{GOODS}.customsReferences", CUSTOMS, "customs-reference-twice"),
    "customs twice of one container": (BILL, f"{BOX}.customsReferences", CUSTOMS, "customs-reference-twice"),
    "packaging in the goods": (
        changed(BILL, f"{PACKAGING}.packageCode", GONE), f"{PACKAGING}.dangerousGoods[0].packageCode", "4G",
        "dangerous-packaging", f"{PACKAGING}.packageCode",
    ),
    "packaging of three signs": (BILL, f"{PACKAGING}.packageCode", "4GW", "bad-form"),
}  # fmt: skip
"""Message, path of a field, its other value, and the reason; the path of the fault where that is another."""


@pytest.mark.parametrize("name", WRONG)
def test_wrong_messages_are_named_by_path_and_reason(tmp_path: Path, name: str) -> None:
    message, path, new, reason, *other = WRONG[name]
    assert_wrong(tmp_path, changed(message, path, new), other[0] if other else path, reason)


def test_a_text_and_a_number_without_end_are_wrong(tmp_path: Path) -> None:
    assert_wrong(tmp_path, '"hello"', "$", "not-a-message")
    assert_wrong(tmp_path, json.dumps(BILL)[:-1] + ', "x": -1e999}', "", "out-of-range")


def assert_wrong(tmp_path: Path, message: object, path: str, reason: str) -> None:
    """Nothing is taken, and what is shown of it is short and has nothing hidden in it."""
    messages, _, faults = read(tmp_path, message)
    assert (path, reason) in told(faults)
    assert messages == []
    assert all(len(fault.value) <= 60 and "\u202e" not in fault.value for fault in faults)


def test_everything_wrong_is_named_at_once_and_the_sound_ones_are_kept(tmp_path: Path) -> None:
    broken = changed(changed(FLAT, "$.eventID", GONE), "$.eventDateTime", "yesterday")
    messages, _, faults = read(tmp_path, [broken, FLAT, {"odd": 1}, changed(BILL, "$.carrierCode", GONE)])
    assert [message.arguments["report"]["event_id"] for message in messages] == [FLAT["eventID"]]
    assert told(faults) == [
        ("$[0].eventID", "missing"),
        ("$[0].eventDateTime", "bad-instant"),
        ("$[2]", "not-a-message"),
        ("$[3].carrierCode", "missing"),
    ]


def test_more_faults_than_are_kept_hide_no_faulty_message(tmp_path: Path) -> None:
    messages, _, faults = read(tmp_path, [{"odd": place} for place in range(300)] + [changed(FLAT, "$.eventID", GONE)])
    assert (messages, len(faults), faults.total) == ([], 200, 301)


def test_each_event_of_a_feed_is_named_by_its_own_line(tmp_path: Path) -> None:
    feed = tmp_path / "feed.json"
    lines = [json.dumps(changed(FLAT, "$.eventID", GONE)), json.dumps(FLAT), json.dumps(changed(FLAT, "$.eventDateTime", GONE))]
    feed.write_text('{"events": [\n' + ",\n".join(lines) + "\n]}", encoding="utf-8")
    faults = Faults()
    messages, _ = read_messages([feed], "canghai.ye", "strict", faults)
    assert [(fault.line, fault.field.partition("]")[0]) for fault in faults] == [(2, "$.events[0"), (4, "$.events[2")]
    assert [(message.look.line, message.look.path) for message in messages] == [(3, "$.events[1]")]


def test_doubled_events(tmp_path: Path) -> None:
    messages, _, faults = read(tmp_path, [FLAT, FLAT], [FLAT])
    assert [fault.reason for fault in faults] == ["repeated", "repeated"]
    assert len(messages) == 1


@pytest.mark.parametrize("text", ["", "{", '{"eventID": NaN}', '{"eventID": 1, "eventID": 2}', "[" * 2_000, "\ufeff", "[1, 2"])
def test_what_is_no_json(tmp_path: Path, text: str) -> None:
    messages, _, faults = read(tmp_path, text)
    assert messages == []
    assert len(faults) >= 1


def test_a_wrong_check_digit_may_be_let_pass(tmp_path: Path) -> None:
    odd = changed(FLAT, "$.equipmentReference", "MSKU1234567")
    messages, notes, faults = read(tmp_path, odd, check_digits="warn")
    assert (len(messages), faults) == (1, [])
    assert any("MSKU1234567" in note.words.en for note in notes)


# The command


def run(*arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "250"}).invoke(application, ["import", *arguments])


def write(path: Path, value: object) -> str:
    path.write_text(json.dumps(value), encoding="utf-8")
    return str(path)


def test_dry_run(tmp_path: Path) -> None:
    good, bad = (
        write(tmp_path / "good.json", [FLAT, PARTS]),
        write(tmp_path / "bad.json", changed(FLAT, "$.eventID", "[red]\u202e")),
    )
    result = run(good, "--dry-run")
    assert (result.exit_code, "2 messages are sound" in result.stdout) == (0, True)
    result = run(good, bad, "--dry-run", "--lang", "zh")
    assert (result.exit_code, "hidden-character" in result.stdout, "[red]" in result.stdout) == (1, True, True)
    assert "\u202e" not in result.stdout
    result = run(bad, "--dry-run", "--json")
    (fault,) = json.loads(result.stdout)["faults"]
    assert (fault["field"], fault["reason"]) == ("$.eventID", "hidden-character")


def test_onto_a_running_network(tmp_path: Path) -> None:
    """Members sign what each may post; a second import finds everything there; the ledger's own refusals are told."""
    events = write(tmp_path / "events.json", [FLAT, PARTS, CODES])
    bill = write(tmp_path / "bill.json", BILL)
    again = {**FLAT, "eventID": "again", "eventDateTime": "2026-03-29T03:05:00Z"}
    wrong = write(tmp_path / "wrong.json", [again, changed(FLAT, "$.eventID", GONE)])
    with LocalNetwork.create(tmp_path / "net", specification(), is_lab=True) as network:
        options = ["--dir", str(network.directory)]
        signers = [word for name in (CANGHAI, HAIJIAO, HANWEN) for word in ("--as", name)]
        result = run(events, *options, "--as", CANGHAI)
        assert (result.exit_code, "no-signer" in result.stdout, "0 recorded" in result.stdout) == (1, True, True)
        result = run(events, bill, *options, *signers)
        assert (result.exit_code, "4 recorded, 0 known already" in result.stdout) == (0, True), result.stdout
        result = run(events, *options, *signers)
        assert (result.exit_code, "0 recorded, 3 known already" in result.stdout) == (0, True), result.stdout
        result = run(wrong, *options, *signers)
        assert (result.exit_code, "0 recorded" in result.stdout) == (1, True)
        result = run(wrong, *options, *signers, "--skip-wrong", "--json")
        answer = json.loads(result.stdout)
        assert (result.exit_code, answer["refused"]) == (1, 1)
        assert [fault["reason"] for fault in answer["faults"]] == ["missing", "loaded-twice"]
        ahead = {
            **FLAT,
            "eventID": "ahead",
            "eventDateTime": "2026-12-01T08:00:00Z",
            "eventCreatedDateTime": "2026-12-01T08:30:00Z",
        }
        today = write(tmp_path / "ahead.json", {"events": [changed(ahead, "$.equipmentEventTypeCode", "AVPU")]})
        result = run(today, *options, *signers)
        assert (result.exit_code, "the clock of this ledger stands at" in result.stdout) == (1, True), result.stdout
        assert "$.events[0].eventCreatedDateTime" in result.stdout
        for _ in range(2):  # a clock that is further ahead already stays
            result = run(today, *options, *signers, "--set-clock")
            assert (result.exit_code, "2026-12-01" in result.stdout) == (0, True), result.stdout
        with network.client() as client:
            noted = client.read(Shipping.noted_documents, "KR900077")
            assert noted is not None
            assert noted.checksum == checksum(BILL)
