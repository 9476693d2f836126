"""What must be true of the whole state at the end, whatever the story was: documents, title, credits (D1 to D10), events and
release (E1 to E8).

Oracles that share no rule with the contract: title is followed through the submitted steps and their events, a box's way through
the versions of events, not through what the rules wrote down beside them.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from ledger.contract.calendar import DAY_MS
from ledger.encoding import digest, encode
from nodes.words import Words
from scenarios.identifiers import organization_of
from scenarios.shipping.box.event_codes import entitled
from scenarios.shipping.box.figures import happened, moment, told, versions
from scenarios.shipping.box.tariff import due_cents
from scenarios.shipping.cast import MEMBERS, PACKAGE
from scenarios.shipping.records import (
    LIVE,
    Account,
    Box,
    ChainEntry,
    Credit,
    DndCharge,
    Envelope,
    Event,
    Move,
    Presentation,
    Quote,
    Release,
    Report,
    Title,
    TransportDocument,
    Version,
)
from scenarios.shipping.roles import BANK, DEPOT, TERMINAL
from scenarios.story.play import PlayedEvent, played_events, rows
from scenarios.story.story import Finding, PlayedStory

Faults = Iterator[str]


def findings(played_story: PlayedStory) -> tuple[Finding, ...]:
    """Each invariant with what breaks it."""
    words = Words.of(PACKAGE, "report.toml")["findings"]
    return tuple(Finding(code, words[code], tuple(judge(played_story))) for code, judge in INVARIANTS.items())


def one_holder(played_story: PlayedStory) -> Faults:
    """D1: a bill has one possessor, and a title holder exactly unless it is to bearer; paper has no possessor here.

    What a bank examines under a credit lies with that bank, one bill a credit. Who surrendered is told while it is surrendered.
    """
    examined: list[str] = []
    credits = rows(played_story.records, "credits", Credit)
    for name, title in rows(played_story.records, "titles", Title).items():
        if (title.possessor == "") != (title.medium == "paper"):
            yield f"{name}: possessed by {title.possessor or 'nobody'} on {title.medium}"
        if (title.title_holder == "") != (title.kind == "bearer"):
            yield f"{name}: {title.kind} with title holder {title.title_holder or 'nobody'}"
        if (title.surrendered_by == "") != (title.surrender == ""):
            yield f"{name}: surrendered by {title.surrendered_by or 'nobody'}"
        examined += [title.under_credit] if title.under_credit else []
        credit = credits.get(title.under_credit)
        if credit and credit.issuing_bank != title.possessor:
            yield f"{name}: examined by {title.possessor}"
    presented = [name for name, credit in credits.items() if credit.state == "presented"]
    if sorted(examined) != sorted(presented):
        yield f"{presented} are presented, {examined} examined"


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
    """D7: nothing is dated on board before its boxes were loaded, by the versions of events that hold, unless it is flagged."""
    loads = [report for report in happened(played_story.records) if report.code == "LOAD"]
    for name, document in rows(played_story.records, "documents", TransportDocument).items():
        facts, port = document.facts, document.content.port_of_loading
        for box in document.content.equipment if facts.is_shipped_on_board and _is_firm(document) else ():
            loaded = [load.event_at_ms for load in loads if (load.equipment, load.port) == (box.reference, port)]
            if not loaded or max(loaded) >= facts.shipped_on_board_on_ms + DAY_MS:
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
    documents = rows(played_story.records, "documents", TransportDocument)
    presentations = rows(played_story.records, "presentations", Presentation)
    for name, credit in rows(played_story.records, "credits", Credit).items():
        if credit.state != "accepted":
            continue
        presentation = presentations.get(name)
        if presentation is None:
            yield f"{name}: accepted, and nothing presented"
        elif presentation.discrepancies:
            is_late = played_story.head.time_ms > presentation.examine_by_ms
            if not presentation.waived and not is_late:
                yield f"{name}: accepted"
        elif credit.latest_shipment_on_ms < documents[presentation.document].facts.shipped_on_board_on_ms:
            yield f"{name}: shipped late, and not noted"


def flagged(played_story: PlayedStory) -> Faults:
    """D10: a loading or gate-in that was moved to another day or taken back is flagged; nobody lends on a flag unawares."""
    state = played_story.records
    for key, event in rows(state, "events", Event).items():
        told = versions(state, key)
        said = [version.report for version in told]
        is_moved = any(version.is_retraction for version in told) or len({one.event_at_ms // DAY_MS for one in said}) > 1
        box = rows(state, "boxes", Box).get(said[0].equipment)
        document = rows(state, "documents", TransportDocument).get(box.document) if box and box.booking == event.booking else None
        ground = (document.content.port_of_loading, "LADEN") if document and document.issued_at_ms else None
        is_ground = said[0].code in ("GTIN", "LOAD") and (said[0].port, said[0].empty) == ground
        if document and is_moved and is_ground and {"event-corrected", "event-retracted"}.isdisjoint(document.flags):
            yield f"{document.reference}: {key} was changed"
    flags: dict[str, set[object]] = {}
    known: dict[tuple[object, object], set[object]] = {}
    for one in played_events(played_story):
        document_name, found = str(one.data.get("document")), one.data.get("flags", ())
        if one.name == "flagged" and isinstance(found, tuple | list):
            flags.setdefault(document_name, set()).update(found)
        elif one.name == "flags-acknowledged" and isinstance(found, tuple | list):
            known[document_name, one.data["bank"]] = {*found}
        elif replaced := one.data.get("replaces"):
            flags[document_name] = {*flags.get(str(replaced), set()), *flags.get(document_name, set())}
        elif one.name == "pledged" and flags.get(document_name, set()) - known.get((document_name, one.data["pledgee"]), set()):
            yield f"{document_name}: pledged unawares"


ENDORSEMENTS = ("ENDORSE", "ENDORSE_TO_ORDER", "BLANK_ENDORSE")
SURRENDERS = ("SURRENDER_FOR_DELIVERY", "SURRENDER_FOR_AMENDMENT")


@dataclass(slots=True)
class Held:
    """Where a bill is, as far as the entries so far say."""

    possessor: str = ""
    is_for_delivery: bool = False
    pledgee: str = ""
    sold_by: tuple[str, ...] = ()
    """Who signed when it was locked for a deal; what comes of that anybody may bring."""
    is_closed: bool = False
    entries: int = 0
    at_ms: int = 0


def faults_of_chains(played_story: PlayedStory) -> Faults:
    """D3: every bill begins with one ISSUE, every change is signed by the one who could make it, nothing follows SACC."""
    bills: dict[str, Held] = {}
    for event in played_events(played_story):
        if event.name not in ("entry", "pledged", "unpledged", "locked") and "replaces" not in event.data:
            continue
        document = str(event.data["document"])
        bill = bills.setdefault(document, Held())
        if replaced := bills.get(str(event.data.get("replaces"))):
            bill.pledgee, replaced.pledgee = replaced.pledgee, ""
            continue
        if event.name == "locked":
            bill.sold_by = event.signers
            continue
        if event.name != "entry":
            bill.pledgee = str(event.data.get("pledgee", ""))
            continue
        yield from (f"{document}: {fault}" for fault in _faults_of_entry(played_story, bill, event))
        _follow(bill, event)
    for document, record in played_story.records["titles"].items():
        assert isinstance(record, Title)
        bill = bills.get(document, Held())
        possessor = record.possessor if record.entries else ""  # named beforehand, until a platform has delivered it
        if (possessor, record.entries, record.pledgee) != (bill.possessor, bill.entries, bill.pledgee):
            yield f"{document}: the title says {record.possessor}, the entries {bill.possessor}"


def _faults_of_entry(played_story: PlayedStory, bill: Held, event: PlayedEvent) -> Faults:
    action, actor = str(event.data["action"]), str(event.data["actor"])
    is_paper = event.operation == "return_paper"
    if (action == "ISSUE") != (bill.entries == 0) and not is_paper:
        yield f"{action} as entry {bill.entries + 1}"
    if bill.is_closed:
        yield f"{action} after SACC"
    if action in ("TRANSFER", "SIGN", *ENDORSEMENTS, *SURRENDERS) and actor != bill.possessor:
        yield f"{action} by {actor}, while {bill.possessor} possesses it"
    signers = bill.sold_by if event.operation == "hand_over" else event.signers
    if event.operation != "finish_envelope" and action not in ("ISSUE",) and actor not in signers:
        yield f"{action} of {actor} signed by {signers}"
    moves = action in ("TRANSFER", *ENDORSEMENTS, *SURRENDERS)
    if bill.pledgee and moves and bill.pledgee not in event.signers:
        yield f"{action} without the pledgee {bill.pledgee}"
    if event.time_ms < bill.at_ms:
        yield f"{action} before the entry before it"


def _follow(bill: Held, event: PlayedEvent) -> None:
    action, recipient = str(event.data["action"]), str(event.data["recipient"])
    bill.entries += 1
    bill.at_ms = event.time_ms
    if action in SURRENDERS:
        bill.is_for_delivery = action == "SURRENDER_FOR_DELIVERY"
    if action in ("ISSUE", "TRANSFER", "SREJ", *SURRENDERS):
        bill.possessor = recipient
    if action == "SACC":
        bill.is_closed = True
        bill.pledgee = "" if bill.is_for_delivery else bill.pledgee


LETTERS = {"STUF": "s", "LOAD": "l", "DISC": "d", "STRP": "t", "GTIN": "i", "GTOT": "o"}
JOURNEY = re.compile(r"(e?s*i(ld)+ot?b)*(e?s*(i(ld)*l?|i(ld)+ot?)?)")
"""Out empty, stuffed, in laden, loaded, discharged, out laden, stripped, back empty; or the beginning of it."""
ROLES = {person["member"]: tuple(person["roles"]) for person in MEMBERS}


def in_order(played_story: PlayedStory) -> Faults:
    """E1: boxes did one thing after the other: in, aboard, off, out, back; and ships left and came in between.

    Of journeys that are not booked here parts need not be reported: a box of which such a part stands is left out.
    """
    state = played_story.records
    calls = {(r.code, r.ship, r.port): r.event_at_ms for r in happened(state, "TRANSPORT")}
    elsewhere = {version.report.equipment for version, is_booked in _versions(played_story) if not is_booked}
    for box in sorted(rows(state, "boxes", Box).keys() - elsewhere):
        moves = [report for report in happened(state) if report.equipment == box and report.code in LETTERS]
        way = "".join({"i": "b", "o": "e"}.get(x, x) if m.empty == "EMPTY" else x for m in moves for x in LETTERS[m.code])
        if JOURNEY.fullmatch(way) is None:
            yield f"{box}: {way}"
        lifts = [report for report in moves if report.code in ("LOAD", "DISC")]
        for up, down in zip(lifts[::2], lifts[1::2], strict=False):
            left, came = calls.get(("DEPA", up.ship, up.port), 0), calls.get(("ARRI", down.ship, down.port), 0)
            if not (up.event_at_ms <= left <= came <= down.event_at_ms and up.ship == down.ship):
                yield f"{box}: {up.port} to {down.port}"


def _versions(played_story: PlayedStory) -> Iterator[tuple[Version, bool]]:
    """Every version of an event of a box, and whether its journey was booked here when the event was first posted."""
    state = played_story.records
    booked_ms = {str(one.data["booking"]): one.time_ms for one in played_events(played_story) if one.name == "booked"}
    for key, event in rows(state, "events", Event).items():
        posted = versions(state, key)
        if posted[0].report.event_type == "EQUIPMENT":
            yield from (
                (version, booked_ms.get(event.booking, version.posted_at_ms) < posted[0].posted_at_ms) for version in posted
            )


def released_to_the_entitled(played_story: PlayedStory) -> Faults:
    """E2: goods are released once, to the one who surrendered the bill or is the waybill's consignee."""
    state = played_story.records
    said = [str(one.data["document"]) for one in played_events(played_story) if one.name == "released"]
    documents, titles = rows(state, "documents", TransportDocument), rows(state, "titles", Title)
    for name, release in rows(state, "releases", Release).items():
        document, title = documents[name], titles.get(name)
        party = document.content.consignee if document.content.type_code == "SWB" else title.surrendered_by if title else ""
        is_due = document.content.type_code == "SWB" or document.status == "SURRENDERED_FOR_DELIVERY"
        if release.to != party or release.to != document.released_to or not is_due or said.count(name) != 1:
            yield f"{name}: to {release.to}"
    yield from (name for name, found in documents.items() if found.released_to and name not in rows(state, "releases", Release))


def out_after_release(played_story: PlayedStory) -> Faults:
    """E3: a laden box goes out after its goods were released, and customs had let it go, or its misdelivery is on record."""
    state = played_story.records
    misdelivered = [
        document.content
        for name, document in rows(state, "documents", TransportDocument).items()
        if "misdelivered" in document.flags and name in state["misdeliveries"]
    ]
    gone = {box.reference for content in misdelivered for box in content.equipment}
    since = {box: release.released_at_ms for release in rows(state, "releases", Release).values() for box in release.equipment}
    for report in happened(state):
        if report.code == "GTOT" and report.empty == "LADEN":
            cleared_ms = moment(state, report.equipment, "CUSR", report.port)
            if report.equipment not in gone and not 0 < cleared_ms <= since.get(report.equipment, 0) <= report.event_at_ms:
                yield f"{report.equipment}: out"


def recomputed(played_story: PlayedStory) -> Faults:
    """E4: demurrage and detention are what the events and the quoted tariff come to."""
    state = played_story.records
    documents, charges = rows(state, "documents", TransportDocument), rows(state, "dnd_charges", DndCharge)
    for key, charge in charges.items():
        name, box, _ = key.split(":")
        port, terms = documents[name].content.port_of_discharge, rows(state, "quotes", Quote)[f"{name}:{box}"].terms
        landed, gone = moment(state, box, "DISC", port), moment(state, box, "GTOT", port)
        start = landed if charge.kind == "DEM" else gone
        end = gone if charge.kind == "DEM" else moment(state, box, "GTIN", port, is_empty=True)
        if charge.charged_cents != due_cents(terms, charge.kind, start, end if charge.is_final else charge.end_at_ms):
            yield f"{key}: {charge.charged_cents}"


def weighed(played_story: PlayedStory) -> Faults:
    """E5: the weight of each box on a document is its verified gross mass, but for 5 %; what is on board was weighed.

    Of a flagged document the terminal may have taken back what it had told.
    """
    state = played_story.records
    masses = {r.equipment: r.gross_weight_kg for r in happened(state) if r.gross_weight_kg}
    for name, document in rows(state, "documents", TransportDocument).items():
        for item in document.content.equipment if _is_firm(document) else ():
            mass = masses.get(item.reference, 0 if document.facts.is_shipped_on_board else item.gross_weight_kg)
            if abs(mass - item.gross_weight_kg) * 20 > item.gross_weight_kg:
                yield f"{name}: {item.reference} {item.gross_weight_kg}, weighed {mass}"


def kept(played_story: PlayedStory) -> Faults:
    """E6: every version stays, each later than the one before; what rules look at is what holds, and nothing else."""
    state = played_story.records
    counted = 0
    for key, event in rows(state, "events", Event).items():
        found = versions(state, key)
        counted += len(found)
        times = [version.report.updated_at_ms for version in found]
        if times != sorted(set(times)) or event.is_retracted != found[-1].is_retraction:
            yield f"{key}: versions"
    if counted != len(rows(state, "versions", Version)):
        yield f"{counted} versions named"
    moves = {key.split("|")[2]: move.at_ms for key, move in rows(state, "moves", Move).items()}
    acts = {e.key: e.report.event_at_ms for e in told(state) if _counts(e.report, is_retracted=e.is_retracted)}
    yield from sorted(f"{key}: counts" for key in {*moves} ^ {*acts})
    yield from (f"{key}: {at_ms}" for key, at_ms in acts.items() if moves.get(key) not in (None, at_ms))


def authorised(played_story: PlayedStory) -> Faults:
    """E7: every version was posted by a party that may, in the name of its own organization, and not before it happened.

    Of boxes that are booked here a terminal or depot speaks at ports at which a carrier has appointed it.
    """
    appointed = played_story.records["facilities"]
    for version, is_booked in _versions(played_story):
        report, by = version.report, version.posted_by
        is_facility = {TERMINAL, DEPOT} & {*ROLES[by]}
        if is_booked and is_facility and report.port and f"{report.port}:{organization_of(by)}" not in appointed:
            yield f"{report.event_id}: by {by}, not appointed at {report.port}"
    for key, version in rows(played_story.records, "versions", Version).items():
        report = version.report
        roles = entitled(report.event_type, report.code, report.classifier)
        if not any(role in ROLES[version.posted_by] for role in roles) or not key.startswith(
            f"{organization_of(version.posted_by)}:{report.originator}:{report.event_id}:"
        ):
            yield f"{key}: by {version.posted_by}"
        if report.classifier == "ACT" and not report.event_at_ms <= report.updated_at_ms <= version.posted_at_ms:
            yield f"{key}: before its time"


def paid(played_story: PlayedStory) -> Faults:
    """E8: what is due is freight to collect and what was charged; what is paid was signed by a bank."""
    state = played_story.records
    moved: dict[str, int] = {}
    for one in played_events(played_story):
        if one.name == "charges-paid":
            document = str(one.data["document"])
            moved[document] = moved.get(document, 0) + int(str(one.data["amount_cents"]))
            if not any(BANK in ROLES[signer] for signer in one.signers):
                yield f"{document}: paid without a bank"
    for name, account in rows(state, "accounts", Account).items():
        facts = rows(state, "documents", TransportDocument)[name].facts
        collect = sum(charge.amount_cents for charge in facts.charges if charge.payment_term == "COL")
        charged = sum(c.charged_cents for key, c in rows(state, "dnd_charges", DndCharge).items() if key.startswith(f"{name}:"))
        if (account.due_cents, account.paid_cents) != (collect + charged, moved.get(name, 0)):
            yield f"{name}: due {account.due_cents}, paid {account.paid_cents}"


def _is_firm(document: TransportDocument) -> bool:
    """Whether it is out and has no flag for what a terminal changed afterwards."""
    return document.status != "VOIDED" and not any(flag.startswith("event-") for flag in document.flags)


def _counts(report: Report, *, is_retracted: bool) -> bool:
    """What happened to a box, or was seen on it."""
    is_of_box = report.event_type == "EQUIPMENT" or (report.event_type != "TRANSPORT" and report.un_numbers != ())
    return report.classifier == "ACT" and is_of_box and not is_retracted


INVARIANTS: Mapping[str, Callable[[PlayedStory], Faults]] = {
    "D1": one_holder,
    "D2": unchanged,
    "D3": faults_of_chains,
    "D4": linked,
    "D5": to_one,
    "D6": live_once,
    "D7": on_board,
    "D8": received_once,
    "D9": complied,
    "D10": flagged,
    "E1": in_order,
    "E2": released_to_the_entitled,
    "E3": out_after_release,
    "E4": recomputed,
    "E5": weighed,
    "E6": kept,
    "E7": authorised,
    "E8": paid,
}
"""Code -> oracle."""
