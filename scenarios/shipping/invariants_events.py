"""What must be true of events and release at the end: E1 to E8.

The oracle reads the versions of events, not what the rules wrote down beside them: it orders, compares and adds up anew.
"""

import re
from collections.abc import Callable, Iterator

from scenarios.identifiers import organization_of
from scenarios.shipping.cast import MEMBERS
from scenarios.shipping.event_codes import entitled
from scenarios.shipping.event_figures import happened, moment, told, versions
from scenarios.shipping.records import TransportDocument
from scenarios.shipping.records_events import Account, DndCharge, Event, Move, Quote, Release, Version
from scenarios.shipping.records_title import Title
from scenarios.shipping.roles import BANK
from scenarios.shipping.tariff import due_cents
from scenarios.story.play import played_events, rows
from scenarios.story.story import PlayedStory, Words

Faults = Iterator[str]
LETTERS = {"STUF": "s", "LOAD": "l", "DISC": "d", "STRP": "t", "GTIN": "i", "GTOT": "o"}
JOURNEY = re.compile(r"(e?s*i(ld)+ot?b)*(e?s*(i(ld)*l?|i(ld)+ot?)?)")
"""Out empty, stuffed, in laden, loaded, discharged, out laden, stripped, back empty; or the beginning of it."""
ROLES = {person["member"]: tuple(person["roles"]) for person in MEMBERS}


def in_order(played_story: PlayedStory) -> Faults:
    """E1: boxes did one thing after the other: in, aboard, off, out, back; and ships left and came in between."""
    state = played_story.records
    calls = {(r.code, r.ship, r.port): r.event_at_ms for r in happened(state, "TRANSPORT")}
    for box in dict.fromkeys(report.equipment for report in happened(state)):
        moves = [report for report in happened(state) if report.equipment == box and report.code in LETTERS]
        way = "".join({"i": "b", "o": "e"}.get(x, x) if m.empty == "EMPTY" else x for m in moves for x in LETTERS[m.code])
        if JOURNEY.fullmatch(way) is None:
            yield f"{box}: {way}"
        lifts = [report for report in moves if report.code in ("LOAD", "DISC")]
        for up, down in zip(lifts[::2], lifts[1::2], strict=False):
            left, came = calls.get(("DEPA", up.ship, up.port), 0), calls.get(("ARRI", down.ship, down.port), 0)
            if not (up.event_at_ms <= left <= came <= down.event_at_ms and up.ship == down.ship):
                yield f"{box}: {up.port} to {down.port}"


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
    """E3: a laden box goes out only after its goods were released, and after customs had let it go."""
    state = played_story.records
    since = {box: release.released_at_ms for release in rows(state, "releases", Release).values() for box in release.equipment}
    for report in happened(state):
        if report.code == "GTOT" and report.empty == "LADEN":
            cleared_ms = moment(state, report.equipment, "CUSR", report.port)
            if not 0 < cleared_ms <= since.get(report.equipment, 0) <= report.event_at_ms:
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
    """E5: the weight of each box on a document is its verified gross mass, but for 5 %."""
    state = played_story.records
    masses = {r.equipment: r.gross_weight_kg for r in happened(state) if r.gross_weight_kg}
    for name, document in rows(state, "documents", TransportDocument).items():
        for item in document.content.equipment:
            mass = masses.get(item.reference, 0)
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
    acts = {e.key: e.report.event_at_ms for e in told(state) if _counts(e.report.classifier, e.report.event_type, e.is_retracted)}
    yield from sorted(f"{key}: counts" for key in {*moves} ^ {*acts})
    yield from (f"{key}: {at_ms}" for key, at_ms in acts.items() if moves.get(key) not in (None, at_ms))


def authorised(played_story: PlayedStory) -> Faults:
    """E7: every version was posted by a party that may, in the name of its own organization, and not before it happened."""
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


def _counts(classifier: str, event_type: str, is_retracted: bool) -> bool:
    return classifier == "ACT" and event_type == "EQUIPMENT" and not is_retracted


INVARIANTS: tuple[tuple[str, Words, Callable[[PlayedStory], Faults]], ...] = (
    ("E1", Words("Events are in the order in which boxes and ships can move.", "事件顺序符合箱与船的物理顺序。"), in_order),
    ("E2", Words("Goods are released once, and to the entitled.", "货物只放行一次，且放给有权者。"), released_to_the_entitled),
    ("E3", Words("Boxes leave laden only after release and customs.", "重箱仅在放行且海关放行后出场。"), out_after_release),
    ("E4", Words("Demurrage and detention follow from the events.", "滞期费与滞箱费可由事件重算。"), recomputed),
    ("E5", Words("Documents and scales agree on weights.", "单证重量与核实总重一致。"), weighed),
    ("E6", Words("No version of an event is lost, and only what holds counts.", "事件的各版本均保留，仅有效版本起作用。"), kept),
    ("E7", Words("Every event comes from one who may report it.", "每个事件均由有权者上报。"), authorised),
    ("E8", Words("What is due and paid adds up, with a bank's signature.", "应付与已付相符，付款有银行签字。"), paid),
)
"""Code, words, oracle."""
