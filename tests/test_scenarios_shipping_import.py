"""`tallystick shipping import`: messages in DCSA's shape, written for these tests, sound ones and every kind of wrong one."""

import hashlib
import json
from collections.abc import Callable
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

FLAT: dict[str, Any] = {
    "eventID": "0c1f6f0e-2a54-4a4e-9d52-3f5a1c0b7a11",
    "eventCreatedDateTime": "2026-03-29T03:10:00Z",
    "eventType": "EQUIPMENT",
    "eventClassifierCode": "ACT",
    "eventDateTime": "2026-03-29T10:30:00+08:00",
    "equipmentEventTypeCode": "LOAD",
    "equipmentReference": "TLYU9000014",
    "ISOEquipmentCode": "22G1",
    "emptyIndicatorCode": "LADEN",
    "eventLocation": {"locationName": "Quay 4", "UNLocationCode": "CNSHA"},
    "transportCall": {
        "transportCallID": "TC-1",
        "exportVoyageNumber": "118E",
        "importVoyageNumber": "118W",
        "modeOfTransport": "VESSEL",
        "vessel": {"vesselIMONumber": "2345674", "vesselName": "Kranich"},
    },
    "documentReferences": [{"documentReferenceType": "BKG", "documentReferenceValue": "OTHER-77"}],
    "seals": [{"sealNumber": "LK-20417", "sealSource": "CAR", "sealType": "BLT"}],
}
"""Track & Trace 2.2."""
PARTS: dict[str, Any] = {
    "eventRouting": {
        "originatingParties": [{"partyCode": "KRNC", "codeListProvider": "SMDG", "codeListName": "LCL", "partyFunction": "CA"}]
    },
    "eventID": "reefer:9000014:17",
    "eventUpdatedDateTime": "2026-03-29T04:00:00Z",
    "eventDateTime": "2026-03-29T03:55:00Z",
    "eventClassification": {"eventType": "REEFER", "eventClassifier": "ACTUAL", "reeferEventType": "MEASURED"},
    "equipmentDetails": {"equipmentReference": "TLYU9000014", "ISOEquipmentCode": "45R1"},
    "reeferDetails": {
        "temperatureUnit": "CEL",
        "internalSetpointTemperature": -18.5,
        "temperatureProbeMeasurements": [{"USDAProbeNumber": 1, "measuredTemperatureValue": -18.25}, {"temperature": -19}],
        "measuredParameters": {"o2Percentage": 20.9},
    },
}
"""Track & Trace 3.0, with words."""
CODES: dict[str, Any] = {
    **{name: value for name, value in PARTS.items() if name not in ("eventRouting", "reeferDetails", "equipmentDetails")},
    "eventID": "eta-1",
    "eventClassification": {"eventTypeCode": "TRANSPORT", "eventClassifierCode": "EST", "transportEventTypeCode": "ARRI"},
    "eventLocation": {"UNLocationCode": "DEHAM", "facilityTypeCode": "POTE"},
    "transportDetails": {
        "transportCall": {
            "vesselTransport": {"vesselIMONumber": "2345674"},
            "importVoyageNumberOrReference": {"carrierVoyageNumber": "118W"},
        }
    },
    "shipmentDetails": {"documentReference": {"typeCode": "TRANSPORT_DOCUMENT", "reference": "KR900077"}},
}
"""Track & Trace 3.0, with codes."""
BILL: dict[str, Any] = {
    "transportDocumentReference": "KR900077",
    "transportDocumentStatus": "ISSUED",
    "transportDocumentTypeCode": "BOL",
    "isShippedOnBoardType": True,
    "shippedOnBoardDate": "2026-03-28",
    "isElectronic": True,
    "isToOrder": True,
    "numberOfOriginalsWithoutCharges": 1,
    "termsAndConditions": "as printed\noverleaf",
    "receiptTypeAtOrigin": "CY",
    "deliveryTypeAtDestination": "CY",
    "cargoMovementTypeAtOrigin": "FCL",
    "cargoMovementTypeAtDestination": "FCL",
    "carrierCode": "KRNC",
    "carrierCodeListProvider": "NMFTA",
    "invoicePayableAt": {"UNLocationCode": "DEHAM"},
    "partyContactDetails": [{"name": "Desk", "email": "desk@kranich.example"}],
    "documentParties": {
        "shipper": {"partyName": "Lotsen & Söhne", "displayedAddress": ["Kai 1", "Hamburg"]},
        "issuingParty": {"partyName": "Kranich"},
        "endorsee": {"partyName": "Bank"},
    },
    "transports": {
        "plannedArrivalDate": "2026-05-01",
        "plannedDepartureDate": "2026-03-28",
        "portOfLoading": {"UNLocationCode": "CNSHA"},
        "portOfDischarge": {"UNLocationCode": "DEHAM"},
        "vesselVoyages": [{"vesselName": "Kranich", "carrierExportVoyageNumber": "118E"}],
    },
    "charges": [{"chargeName": "Ocean freight", "currencyAmount": 2480.5, "currencyCode": "EUR", "paymentTermCode": "COL"}],
    "consignmentItems": [
        {
            "carrierBookingReference": "OTHER-77",
            "descriptionOfGoods": ["power tools"],
            "HSCodes": ["846729"],
            "cargoItems": [
                {
                    "equipmentReference": "TLYU9000014",
                    "cargoGrossWeight": {"value": 12000.5, "unit": "KGM"},
                    "outerPackaging": {
                        "packageCode": "4G",
                        "numberOfPackages": 40,
                        "description": "Box, fibreboard",
                        "dangerousGoods": [
                            {
                                "UNNumber": "3481",
                                "properShippingName": "LITHIUM ION BATTERIES PACKED WITH EQUIPMENT",
                                "imoClass": "9",
                                "inhalationZone": "B",
                            }
                        ],
                    },
                }
            ],
        }
    ],
    "utilizedTransportEquipments": [
        {
            "equipment": {
                "equipmentReference": "TLYU9000014",
                "ISOEquipmentCode": "45R1",
                "tareWeight": {"value": 10000, "unit": "LBR"},
            },
            "isShipperOwned": False,
            "activeReeferSettings": {"temperatureSetpoint": -18, "temperatureUnit": "CEL"},
            "seals": [{"number": "LK-20417"}],
        }
    ],
}
"""A bill of lading 3.0."""


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


def without(value: dict[str, Any], path: str) -> dict[str, Any]:
    """A copy that lacks one field."""
    copy = deepcopy(value)
    *way, last = path.split(".")
    inner: Any = copy
    for name in way:
        inner = inner[int(name) if name.isdigit() else name]
    del inner[last]
    return copy


def changed(value: dict[str, Any], path: str, new: object) -> dict[str, Any]:
    """A copy in which one field is another."""
    copy = deepcopy(value)
    *way, last = path.split(".")
    inner: Any = copy
    for name in way:
        inner = inner[int(name) if name.isdigit() else name]
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
    assert message.path == "$.events[0]"


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
    (message,), _, _ = read(tmp_path, changed(BILL, "consignmentItems.0.cargoItems.0.outerPackaging", packaging))
    assert message.arguments["document"]["equipment"][0]["un_numbers"] == ["1463", "9037"]


def test_a_customs_reference_stands_once_in_each_list(tmp_path: Path) -> None:
    """As DCSA's conformance check has it: the document and one of its consignment items may name the same procedure."""
    references = [{"type": "UCR", "countryCode": "DE", "values": ["1"]}]
    bill = changed({**BILL, "customsReferences": references}, "consignmentItems.0.customsReferences", references)
    messages, _, faults = read(tmp_path, bill)
    assert len(messages) == 1, faults


def test_the_checksum_is_that_of_rfc_8785() -> None:
    assert checksum({"b": 1, "a": "ä"}) == checksum({"a": "ä", "b": 1}) == hashlib.sha256('{"a":"ä","b":1}'.encode()).hexdigest()


def test_documents_come_first_and_events_by_their_times(tmp_path: Path) -> None:
    later = {**FLAT, "eventID": "later", "eventDateTime": "2026-03-29T11:00:00+08:00"}
    messages, _, faults = read(tmp_path, [later, FLAT], BILL)
    assert faults == []
    assert [message.file for message in messages] == ["1.json", "0.json", "0.json"]
    assert [m.arguments["report"]["event_id"] for m in messages[1:]] == [FLAT["eventID"], "later"]


def test_every_word_stands_for_a_code() -> None:
    assert len(dict.fromkeys(EQUIPMENT.values())) == len(EQUIPMENT) == 17
    assert len(WORDS["SHIPMENT"]) == 35


# Wrong ones

LONG = "A" * 100_000
WRONG: dict[str, tuple[Callable[[], Any], str, str]] = {
    "no offset": (lambda: changed(FLAT, "eventDateTime", "2026-03-29T10:30:00"), "$.eventDateTime", "no-time-zone"),
    "no such hour": (lambda: changed(FLAT, "eventDateTime", "2026-03-29T25:30:00Z"), "$.eventDateTime", "impossible-date"),
    "a date alone": (lambda: changed(FLAT, "eventDateTime", "2026-03-29"), "$.eventDateTime", "bad-instant"),
    "a number as time": (lambda: changed(FLAT, "eventDateTime", 20260329), "$.eventDateTime", "bad-instant"),
    "no id": (lambda: without(FLAT, "eventID"), "$.eventID", "missing"),
    "an id with markup": (lambda: changed(FLAT, "eventID", "<img onerror=alert(1)>"), "$.eventID", "bad-form"),
    "an id of 100 KB": (lambda: changed(FLAT, "eventID", LONG), "$.eventID", "too-long"),
    "another code": (lambda: changed(FLAT, "equipmentEventTypeCode", "FLY"), "$.equipmentEventTypeCode", "not-one-of"),
    "another classifier": (lambda: changed(FLAT, "eventClassifierCode", "REQ"), "$.eventClassifierCode", "not-one-of"),
    "a code of another type": (lambda: changed(FLAT, "equipmentEventTypeCode", "ARRI"), "$.equipmentEventTypeCode", "not-one-of"),
    "a container with a typo": (
        lambda: changed(FLAT, "equipmentReference", "TLYU9000041"),
        "$.equipmentReference",
        "wrong-check-digit",
    ),
    "a ship with a typo": (
        lambda: changed(FLAT, "transportCall.vessel.vesselIMONumber", "2345647"),
        "$.vesselIMONumber",
        "wrong-check-digit",
    ),
    "a container in small letters": (
        lambda: changed(FLAT, "equipmentReference", "tlyu9000014"),
        "$.equipmentReference",
        "bad-form",
    ),
    "no container": (lambda: without(FLAT, "equipmentReference"), "$.equipmentReference", "missing"),
    "a port that is none": (
        lambda: changed(FLAT, "eventLocation.UNLocationCode", "SHA"),
        "$.eventLocation.UNLocationCode",
        "bad-form",
    ),
    "a reason that turns round": (lambda: {**FLAT, "reason": "ok \u202e gnp"}, "$.reason", "hidden-character"),
    "a reason with a bell": (lambda: {**FLAT, "reason": "ring \u0007"}, "$.reason", "control-character"),
    "a reason of 100 KB": (lambda: {**FLAT, "reason": LONG}, "$.reason", "too-long"),
    "a list for an object": (lambda: changed(FLAT, "transportCall", []), "$.transportCall", "bad-value"),
    "an object for a list": (lambda: changed(FLAT, "seals", {}), "$.seals", "bad-value"),
    "a seal without number": (lambda: changed(FLAT, "seals", [{}]), "$.seals[0].number", "missing"),
    "a reading in words": (
        lambda: changed(PARTS, "reeferDetails.internalSetpointTemperature", "cold"),
        "$.reeferDetails.internalSetpointTemperature",
        "not-a-number",
    ),
    "a reading without unit": (
        lambda: without(PARTS, "reeferDetails.temperatureUnit"),
        "$.reeferDetails.temperatureUnit",
        "missing",
    ),
    "no reading": (lambda: without(PARTS, "reeferDetails"), "$.reeferDetails", "missing"),
    "nothing known": (lambda: {"hello": "world"}, "$", "not-a-message"),
    "a text": (lambda: "hello", "$", "not-a-message"),
    "no checks of document status": (
        lambda: changed(BILL, "transportDocumentStatus", "LOST"),
        "$.transportDocumentStatus",
        "not-one-of",
    ),
    "a long reference": (
        lambda: changed(BILL, "transportDocumentReference", "K" * 21),
        "$.transportDocumentReference",
        "bad-form",
    ),
    "a waybill to order": (lambda: changed(BILL, "transportDocumentTypeCode", "SWB"), "$.isToOrder", "waybill-to-order"),
    "two originals": (
        lambda: {**BILL, "numberOfOriginalsWithCharges": 1},
        "$.numberOfOriginalsWithoutCharges",
        "too-many-originals",
    ),
    "to order with consignee": (
        lambda: changed(BILL, "documentParties.consignee", {}),
        "$.documentParties.consignee",
        "consignee-on-order",
    ),
    "straight without consignee": (lambda: changed(BILL, "isToOrder", False), "$.documentParties.consignee", "consignee-missing"),
    "no issuing party": (lambda: without(BILL, "documentParties.issuingParty"), "$.documentParties.issuingParty", "missing"),
    "three lines of a second notify party, on paper": (
        lambda: changed(
            {**BILL, "isElectronic": False},
            "documentParties.notifyParties",
            [{"partyName": "Agent"}, {"partyName": "Agent", "displayedAddress": ["x"] * 3}],
        ),
        "$.documentParties.notifyParties[1].displayedAddress",
        "address-too-long",
    ),
    "seven lines": (
        lambda: changed(BILL, "documentParties.shipper.displayedAddress", ["x"] * 7),
        "$.documentParties.shipper.displayedAddress",
        "address-too-long",
    ),
    "two dates": (lambda: {**BILL, "receivedForShipmentDate": "2026-03-27"}, "$.receivedForShipmentDate", "two-dates"),
    "no date": (lambda: without(BILL, "shippedOnBoardDate"), "$.shippedOnBoardDate", "date-missing"),
    "no such day": (lambda: changed(BILL, "shippedOnBoardDate", "2026-02-30"), "$.shippedOnBoardDate", "impossible-date"),
    "a number without end": (lambda: json.dumps(BILL)[:-1] + ', "x": -1e999}', "", "out-of-range"),
    "less than no freight": (
        lambda: changed(BILL, "charges.0.currencyAmount", -1),
        "$.charges[0].currencyAmount",
        "negative",
    ),
    "a segregation group outside of a list": (
        lambda: changed(
            BILL,
            "consignmentItems.0.cargoItems.0.outerPackaging.dangerousGoods.0.segregationGroups",
            "acids",
        ),
        "$.consignmentItems[0].cargoItems[0].outerPackaging.dangerousGoods[0].segregationGroups",
        "segregation-group",
    ),
    "a third of a cent": (
        lambda: changed(BILL, "charges.0.currencyAmount", 0.333),
        "$.charges[0].currencyAmount",
        "too-many-decimals",
    ),
    "no currency": (lambda: without(BILL, "charges.0.currencyCode"), "$.charges[0].currencyCode", "missing"),
    "goods in no box": (
        lambda: changed(BILL, "consignmentItems.0.cargoItems.0.equipmentReference", "TLYU1000018"),
        "$.consignmentItems[0].cargoItems[0].equipmentReference",
        "unknown-equipment",
    ),
    "a box twice": (
        lambda: changed(BILL, "utilizedTransportEquipments", BILL["utilizedTransportEquipments"] * 2),
        "$.utilizedTransportEquipments[1].equipment.equipmentReference",
        "equipment-twice",
    ),
    "a reefer without settings": (
        lambda: without(BILL, "utilizedTransportEquipments.0.activeReeferSettings"),
        "$.utilizedTransportEquipments[0].activeReeferSettings",
        "reefer-settings-missing",
    ),
    "a setpoint without unit": (
        lambda: without(BILL, "utilizedTransportEquipments.0.activeReeferSettings.temperatureUnit"),
        "$.utilizedTransportEquipments[0].activeReeferSettings.temperatureUnit",
        "setpoint-without-unit",
    ),
    "a weight without unit": (
        lambda: without(BILL, "consignmentItems.0.cargoItems.0.cargoGrossWeight.unit"),
        "$.consignmentItems[0].cargoItems[0].cargoGrossWeight.unit",
        "missing",
    ),
    "dangerous goods unpacked": (
        lambda: without(BILL, "consignmentItems.0.cargoItems.0.outerPackaging.packageCode"),
        "$.consignmentItems[0].cargoItems[0].outerPackaging.packageCode",
        "dangerous-packaging",
    ),
    "no terms": (lambda: without(BILL, "termsAndConditions"), "$.termsAndConditions", "missing"),
    "a segregation group": (
        lambda: changed(
            BILL,
            "consignmentItems.0.cargoItems.0.outerPackaging.dangerousGoods.0.segregationGroups",
            ["99"],
        ),
        "$.consignmentItems[0].cargoItems[0].outerPackaging.dangerousGoods[0].segregationGroups",
        "segregation-group",
    ),
    "originals of a waybill": (
        lambda: changed(BILL, "transportDocumentTypeCode", "SWB"),
        "$.numberOfOriginalsWithoutCharges",
        "waybill-originals",
    ),
    "straight with endorsee": (
        lambda: changed(BILL, "isToOrder", False),
        "$.documentParties.endorsee",
        "endorsee-on-straight",
    ),
    "no voyage": (lambda: changed(BILL, "transports.vesselVoyages", []), "$.transports.vesselVoyages", "missing"),
    "customs twice": (
        lambda: {**BILL, "customsReferences": [{"type": "UCR", "countryCode": "DE"}] * 2},
        "$.customsReferences",
        "customs-reference-twice",
    ),
    "customs twice of one cargo item": (
        lambda: changed(BILL, "consignmentItems.0.cargoItems.0.customsReferences", [{"type": "UCR", "countryCode": "DE"}] * 2),
        "$.consignmentItems[0].cargoItems[0].customsReferences",
        "customs-reference-twice",
    ),
    "customs twice of one container": (
        lambda: changed(BILL, "utilizedTransportEquipments.0.customsReferences", [{"type": "UCR", "countryCode": "DE"}] * 2),
        "$.utilizedTransportEquipments[0].customsReferences",
        "customs-reference-twice",
    ),
    "packaging in the goods": (
        lambda: changed(
            without(BILL, "consignmentItems.0.cargoItems.0.outerPackaging.packageCode"),
            "consignmentItems.0.cargoItems.0.outerPackaging.dangerousGoods.0.packageCode",
            "4G",
        ),
        "$.consignmentItems[0].cargoItems[0].outerPackaging.packageCode",
        "dangerous-packaging",
    ),
    "packaging of three signs": (
        lambda: changed(BILL, "consignmentItems.0.cargoItems.0.outerPackaging.packageCode", "4GW"),
        "$.consignmentItems[0].cargoItems[0].outerPackaging.packageCode",
        "bad-form",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_messages_are_named_by_path_and_reason(tmp_path: Path, name: str) -> None:
    make, path, reason = WRONG[name]
    messages, _, faults = read(tmp_path, make() if name != "a text" else '"hello"')
    assert (path, reason) in told(faults)
    assert messages == []
    assert all(len(fault.value) <= 60 and "\u202e" not in fault.value for fault in faults)


def test_everything_wrong_is_named_at_once_and_the_sound_ones_are_kept(tmp_path: Path) -> None:
    broken = changed(without(FLAT, "eventID"), "eventDateTime", "yesterday")
    messages, _, faults = read(tmp_path, [broken, FLAT, {"odd": 1}, without(BILL, "carrierCode")])
    assert [message.arguments["report"]["event_id"] for message in messages] == [FLAT["eventID"]]
    assert told(faults) == [
        ("$[0].eventID", "missing"),
        ("$[0].eventDateTime", "bad-instant"),
        ("$[2]", "not-a-message"),
        ("$[3].carrierCode", "missing"),
    ]


def test_more_faults_than_are_kept_hide_no_faulty_message(tmp_path: Path) -> None:
    messages, _, faults = read(tmp_path, [{"odd": place} for place in range(300)] + [without(FLAT, "eventID")])
    assert (messages, len(faults), faults.total) == ([], 200, 301)


def test_each_event_of_a_feed_is_named_by_its_own_line(tmp_path: Path) -> None:
    feed = tmp_path / "feed.json"
    lines = [json.dumps(without(FLAT, "eventID")), json.dumps(FLAT), json.dumps(without(FLAT, "eventDateTime"))]
    feed.write_text('{"events": [\n' + ",\n".join(lines) + "\n]}", encoding="utf-8")
    faults = Faults()
    messages, _ = read_messages([feed], "canghai.ye", "strict", faults)
    assert [(fault.line, fault.field.partition("]")[0]) for fault in faults] == [(2, "$.events[0"), (4, "$.events[2")]
    assert [(message.line, message.path) for message in messages] == [(3, "$.events[1]")]


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
    odd = changed(FLAT, "equipmentReference", "MSKU1234567")
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
        write(tmp_path / "bad.json", changed(FLAT, "eventID", "[red]\u202e")),
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
    wrong = write(tmp_path / "wrong.json", [again, without(FLAT, "eventID")])
    with LocalNetwork.create(tmp_path / "net", specification()) as network:
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
            "eventDateTime": "2099-01-01T00:00:00Z",
            "eventCreatedDateTime": "2099-01-01T00:00:00Z",
        }
        result = run(write(tmp_path / "ahead.json", {"events": [ahead]}), *options, *signers)
        assert (result.exit_code, "the clock of this ledger stands at" in result.stdout) == (1, True), result.stdout
        with network.client() as client:
            noted = client.read(Shipping.noted_documents, "KR900077")
            assert noted is not None
            assert noted.checksum == checksum(BILL)
