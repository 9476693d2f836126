"""What must be true of documents, title, platforms and credits at the end: D1 to D9."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import cast

from ledger.contract.calendar import DAY_MS
from ledger.encoding import digest, encode
from scenarios.shipping.chain_replay import faults_of_chains
from scenarios.shipping.records import LIVE, TransportDocument
from scenarios.shipping.records_events import Event, Version
from scenarios.shipping.records_title import ChainEntry, Credit, Envelope, Presentation, Title
from scenarios.story.play import rows
from scenarios.story.story import PlayedStory, Words

Faults = Iterator[str]


def one_holder(played_story: PlayedStory) -> Faults:
    """D1: a bill has one possessor, and a title holder exactly unless it is to bearer; paper has no possessor here."""
    for name, title in rows(played_story.records, "titles", Title).items():
        if (title.possessor == "") != (title.medium == "paper"):
            yield f"{name}: possessed by {title.possessor or 'nobody'} on {title.medium}"
        if (title.title_holder == "") != (title.kind == "bearer"):
            yield f"{name}: {title.kind} with title holder {title.title_holder or 'nobody'}"


def unchanged(played_story: PlayedStory) -> Faults:
    """D2: each document has the checksum of its contents, and every entry of its chain names that one."""
    documents = rows(played_story.records, "documents", TransportDocument)
    for name, document in documents.items():
        record = document.model_dump(mode="json")
        said = {field: record[field] for field in ("shipper", "carrier", "content", "facts")}
        if sha256(encode({"transport_document_reference": name, **said})).hexdigest() != document.checksum:
            yield f"{name}: other contents"
    for key, entry in rows(played_story.records, "chain", ChainEntry).items():
        if entry.document_checksum != documents[entry.document].checksum:
            yield f"{key}: of other contents"


def linked(played_story: PlayedStory) -> Faults:
    """D4: entries are linked by their digests, and none is older than the one before."""
    for name, title in rows(played_story.records, "titles", Title).items():
        previous, at_ms = "", 0
        chain = rows(played_story.records, "chain", ChainEntry)
        for key in sorted(key for key in chain if key.startswith(f"{name}:")):
            if chain[key].previous != previous or chain[key].at_ms < at_ms:
                yield f"{key}: does not follow"
            previous, at_ms = digest("title-entry", encode(chain[key].model_dump(mode="json"))), chain[key].at_ms
        if title.last_entry != previous:
            yield f"{name}: another last entry"


def to_one(played_story: PlayedStory) -> Faults:
    """D5: a document names a consignee or is to order, never both, and a sea waybill has no title."""
    for name, document in rows(played_story.records, "documents", TransportDocument).items():
        content = document.content
        if (content.consignee == "") != content.is_to_order or (content.endorsee and not content.is_to_order):
            yield f"{name}: consignee {content.consignee}, endorsee {content.endorsee}"
        if content.type_code == "SWB" and name in played_story.records["titles"]:
            yield f"{name}: a waybill with a title"


def live_once(played_story: PlayedStory) -> Faults:
    """D6: of a document and those issued in its place one is live, on paper or on one platform, or on its way to one."""
    documents = rows(played_story.records, "documents", TransportDocument)
    envelopes = rows(played_story.records, "envelopes", Envelope)
    live: dict[str, list[str]] = {}
    for name, document in documents.items():
        if (document.status == "VOIDED") != (document.replaced_by != ""):
            yield f"{name}: {document.status}, replaced by {document.replaced_by or 'none'}"
        if document.status in LIVE:
            live.setdefault(document.instructions, []).append(name)
    yield from (f"{names} of {instructions}" for instructions, names in live.items() if len(names) > 1)
    for name, title in rows(played_story.records, "titles", Title).items():
        under_way = [key for key, sent in envelopes.items() if sent.document == name and sent.state in ("sent", "open")]
        if under_way != ([title.in_transit] if title.in_transit else []):
            yield f"{name}: on its way in {under_way}"
        is_out = documents[name].status in LIVE
        if is_out and title.medium != ("electronic" if documents[name].content.is_electronic else "paper"):
            yield f"{name}: on {title.medium}"


def on_board(played_story: PlayedStory) -> Faults:
    """D7: nothing is dated on board before its boxes were loaded, by the versions of events that hold."""
    versions = rows(played_story.records, "versions", Version)
    events = rows(played_story.records, "events", Event).items()
    reports = [versions[f"{key}:{event.versions:04}"].report for key, event in events if not event.is_retracted]
    for name, document in rows(played_story.records, "documents", TransportDocument).items():
        claimed_on_ms = document.facts.shipped_on_board_on_ms
        for box in document.content.equipment if document.facts.is_shipped_on_board else ():
            loads = [report for report in reports if (report.code, report.classifier) == ("LOAD", "ACT")]
            loaded = [load.event_at_ms for load in loads if (load.equipment, load.port) == _lift(document, box.reference)]
            if not loaded or max(loaded) >= claimed_on_ms + DAY_MS:
                yield f"{name}: {box.reference} loaded at {loaded}"


def received_once(played_story: PlayedStory) -> Faults:
    """D8: an envelope was accepted with all its documents and the checksum that the document has."""
    documents = rows(played_story.records, "documents", TransportDocument)
    for name, sent in rows(played_story.records, "envelopes", Envelope).items():
        if sent.state == "accepted" and sorted(sent.received) != sorted(sent.attached):
            yield f"{name}: accepted with {len(sent.received)} of {len(sent.attached)} documents"
        if sent.document_checksum != documents[sent.document].checksum:
            yield f"{name}: of other contents"


def complied(played_story: PlayedStory) -> Faults:
    """D9: a bank took up complying documents, ones that the applicant waived, or ones it was too late to refuse."""
    for name, credit in rows(played_story.records, "credits", Credit).items():
        presentation = cast(Presentation | None, played_story.records["presentations"].get(name))
        if credit.state != "accepted":
            continue
        if presentation is None or (
            presentation.discrepancies and not presentation.waived and not _lapsed(played_story, presentation)
        ):
            yield f"{name}: accepted"
        elif credit.latest_shipment_on_ms < _shipped(played_story, presentation) and not presentation.discrepancies:
            yield f"{name}: shipped late, and not noted"


INVARIANTS: tuple[tuple[str, Words, Callable[[PlayedStory], Faults]], ...] = (
    (
        "D1",
        Words("Every bill has one possessor and at most one title holder", "每份提单只有一个占有人、至多一个权利人"),
        one_holder,
    ),
    ("D2", Words("No document changed after its draft", "单证定稿后从未改变"), unchanged),
    (
        "D3",
        Words(
            "ISSUE once, each entry by whom it was open to, nothing after SACC", "仅签发一次，每步由有权者签署，SACC 之后再无动作"
        ),
        faults_of_chains,
    ),
    ("D4", Words("The chain is linked and goes forward in time", "流转链首尾相接，时间向前"), linked),
    ("D5", Words("Consignee or order, never both", "收货人与指示二者择一"), to_one),
    (
        "D6",
        Words("One document is live: electronic or paper, on one platform", "有效单证只有一份：电子或纸质，且只在一个平台"),
        live_once,
    ),
    ("D7", Words("Nothing is dated on board before it was loaded", "装船日期不早于实际装船"), on_board),
    ("D8", Words("Envelopes were received whole", "跨平台信封完整接收"), received_once),
    ("D9", Words("Credits were paid against complying or waived documents", "信用证凭相符或已接受不符点的单据承付"), complied),
)


def _lapsed(played_story: PlayedStory, presentation: Presentation) -> bool:
    return played_story.head.time_ms > presentation.examine_by_ms


def _shipped(played_story: PlayedStory, presentation: Presentation) -> int:
    documents = rows(played_story.records, "documents", TransportDocument)
    return documents[presentation.document].facts.shipped_on_board_on_ms


def _lift(document: TransportDocument, equipment: str) -> tuple[str, str]:
    return equipment, document.content.port_of_loading
