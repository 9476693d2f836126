"""What the report shows of a played story, from the records of the ledger.

Documents: who had title and possession when, what paper would have taken, the answers of platforms. Boxes: the voyage, how long
they stood and what it cost, estimates, a reefer, and why a box is not released.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from ledger.contract.calendar import DAY_MS, date_text, day_of, days_between
from ledger.contract.refusal import Phrase
from scenarios.data_files import read_data
from scenarios.plots import NO, YES, Bar, Group, Lane, Line, Moment, Span, curve, grouped_bars, histogram, matrix, timeline
from scenarios.shipping.box.figures import (
    MINUTE_MS,
    Reading,
    costs,
    dwell_hours,
    estimate_errors,
    excursion_minutes,
    happened,
    moment,
    readings,
)
from scenarios.shipping.cast import CAST, PACKAGE
from scenarios.shipping.fleet import SECOND
from scenarios.shipping.records import Account, ChainEntry, Envelope, Title, TransportDocument
from scenarios.shipping.shipments import DISCHARGE, VESSEL, C
from scenarios.story.play import played_events, rows, totals_of
from scenarios.story.story import Exhibit, Language, PlayedStory, Snapshot, exhibit

COURIER_DAYS = int(read_data(PACKAGE, "illustrative.json")["paper_courier_days"])
"""Days that paper is on its way from one party to the next: an assumption."""
ANSWERS = ("RECE", "DUPE", "OPEN", "MDOC", "INCD", "BSIG", "BENV", "DISE")
HOUR_MS = 60 * MINUTE_MS
TOLERANCE = 20
"""Two degrees beside the setpoint, in tenths: an assumption."""
EDGES = tuple(range(24, 24 * 15, 24 * 2))
"""Classes of dwell, in hours."""
Cell = tuple[str, Sequence[str]]
BEARER = Phrase("bearer", "持有人")


def exhibits(played_story: PlayedStory) -> tuple[Exhibit, ...]:
    """Every exhibit, in the order of the report."""
    state = played_story.records
    documents = (_holders(played_story), _speed(state), _answers(played_story), _envelopes(state))
    return (*documents, _voyage(state), _dwell(state), _costs(state), _estimates(state), _reefer(state), _why_not(state))


def _holders(played_story: PlayedStory) -> Exhibit:
    state = played_story.records
    title = Phrase("Title and possession", "权利与占有")
    bills = [name for name in state["titles"] if _chain(state, name) and _chain(state, name)[0].action == "ISSUE"]
    end_ms = day_of(played_story.head.time_ms) + DAY_MS

    def drawn(language: Language) -> str:
        names = (Phrase("possession", "占有").said(language), Phrase("title", "权利").said(language))
        lanes = []
        for bill in bills:
            for kind, (name, held) in enumerate(zip(names, (possession(state, bill), titles(state, bill)), strict=True)):
                lanes.append(Lane(f"{bill} {name}", tuple(_spans(held, end_ms, kind, language))))
        days = range(day_of(played_story.start_ms), end_ms, 14 * DAY_MS)
        return timeline(lanes, [(day, date_text(day)[5:]) for day in days], title.said(language), names)

    return exhibit(
        title,
        Phrase(
            "Two lanes a bill: in whose hands it was, and whose right it was. They part when a bill is to a bank's order and "
            "meet when it is surrendered. From the chains of entries on the ledger.",
            "每份提单两条线：在谁手中，权利归谁。凭银行指示时二者分离，交单时重合。取自账本上的流转链。",
        ),
        drawn,
    )


def _speed(state: Snapshot) -> Exhibit:
    title = Phrase("Days from issue to surrender", "从签发到交单的天数")
    shown = [name for name in state["titles"] if _is_whole(_chain(state, name))]
    later = sum(handovers(state, name) * COURIER_DAYS > _days(state, name) for name in shown)

    def drawn(language: Language) -> str:
        unit = Phrase("{} days", "{} 天").said(language)
        named = Phrase("{} ({} days by courier)", "{}（快递 {} 天）").said(language)
        groups = []
        for name in shown:
            days, courier_days = _days(state, name), handovers(state, name) * COURIER_DAYS
            bars = [Bar(count, unit.format(count)) for count in (days, paper_days(days, courier_days))]
            groups.append(Group(named.format(name, courier_days), tuple(bars)))
        series = Phrase("on the ledger (story)|on paper (assumed)", "账本上（故事）|纸质（假设）").said(language).split("|")
        return grouped_bars(groups, series, title.said(language))

    return exhibit(
        title,
        Phrase(
            "Days as told in the story; the voyage sets them. On paper each change of hands would have taken "
            f"{COURIER_DAYS} days by courier: an assumption (data/illustrative.json), multiplied by the hands through which each "
            "bill went. Paper travels while the ship does: only what exceeds the voyage makes it later, and then the goods "
            f"wait. Here: {later} of {len(shown)} bills.",
            f"天数取自故事，由航程决定。若用纸质，每次转手假设快递 {COURIER_DAYS} 天（data/illustrative.json），按转手次数累加。"
            "单证与船同时在途：只有超出航程的部分才造成延误，即货等单。"
            f"此处 {len(shown)} 份提单中有 {later} 份。",
        ),
        drawn,
    )


def _answers(played_story: PlayedStory) -> Exhibit:
    title = Phrase("Answers of platforms", "平台应答代码")
    counted = answers(played_story)

    def drawn(language: Language) -> str:
        groups = [Group(code, (Bar(counted[code], str(counted[code])),)) for code in ANSWERS if counted[code]]
        return grouped_bars(groups, [Phrase("answers", "应答次数").said(language)], title.said(language))

    return exhibit(
        title,
        Phrase(
            "How the receiving platform answered. RECE, DUPE, MDOC and INCD are no refusals (OPEN: good, documents to come); "
            "BSIG, BENV and DISE are, and stand as rejected transactions.",
            "接收平台的应答。RECE、DUPE、MDOC、INCD 不是拒绝（OPEN：信封无误，文件待补）；"
            "BSIG、BENV、DISE 是拒绝，以被拒交易留痕。",
        ),
        drawn,
    )


def _envelopes(state: Snapshot) -> Exhibit:
    title = Phrase("Envelopes between platforms", "跨平台信封")

    def drawn(language: Language) -> str:
        header = Phrase("bill|from|to|state|documents|hours", "提单|发出|接收|状态|文件|小时").said(language).split("|")
        lines = []
        for name, sent in rows(state, "envelopes", Envelope).items():
            took = str((sent.accepted_at_ms - sent.sent_at_ms) // 3_600_000) if sent.accepted_at_ms else "–"
            who = (CAST[sent.sender].said(language), CAST[sent.receiver].said(language))
            papers = f"{len(sent.received)}/{len(sent.attached)}"
            lines.append((name, (sent.document, *who, STATES[sent.state].said(language), papers, took)))
        return matrix(Phrase("envelope", "信封").said(language), header, lines)

    return exhibit(
        title,
        Phrase(
            "Hours from export to RECE by block time; a story's days pass at once, so it says little of a live network.",
            "自发出至 RECE 的小时数（区块时间）；故事中的时间是跳跃的，不代表真实网络的时延。",
        ),
        drawn,
    )


STATES = {
    "sent": Phrase("sent", "已发出"), "open": Phrase("open", "接收中"), "accepted": Phrase("received", "已接收"),
    "withdrawn": Phrase("withdrawn", "已撤回"),
}  # fmt: skip


def possession(state: Snapshot, bill: str) -> list[tuple[int, str]]:
    """(since when, possessor), in order of time."""
    held = []
    for entry in _chain(state, bill):
        if entry.action in ("ISSUE", "TRANSFER", "SREJ", "SURRENDER_FOR_DELIVERY", "SURRENDER_FOR_AMENDMENT"):
            held.append((entry.at_ms, entry.recipient))
        elif entry.action == "SACC":
            held.append((entry.at_ms, ""))
    return held


def titles(state: Snapshot, bill: str) -> list[tuple[int, str]]:
    """(since when, title holder), in order of time; empty after the end, `*` for bearer."""
    content = rows(state, "documents", TransportDocument)[bill].content
    held = []
    for entry in _chain(state, bill):
        if entry.action == "ISSUE":
            held.append((entry.at_ms, content.endorsee or content.consignee or "*"))
        elif entry.action in ("ENDORSE", "ENDORSE_TO_ORDER", "BLANK_ENDORSE"):
            held.append((entry.at_ms, entry.recipient or "*"))
        elif entry.action == "SACC":
            held.append((entry.at_ms, ""))
    return held


def paper_days(days: int, courier_days: int) -> int:
    """From issue to surrender, had the bill been of paper: couriers and ship are under way at once, the slower of them counts."""
    return max(days, courier_days)


def handovers(state: Snapshot, bill: str) -> int:
    """How often it would have gone by courier."""
    return sum(entry.action in ("ISSUE", "TRANSFER", "SACC") for entry in _chain(state, bill))


def answers(played_story: PlayedStory) -> Mapping[str, int]:
    """How often platforms answered with each code, refusals among them."""
    rejected = totals_of(played_story.steps).rejected
    said = [str(one.data["answer"]) for one in played_events(played_story) if one.name == "answered"]
    return {code: said.count(code) + rejected[code.lower()] for code in ANSWERS}


def _spans(held: list[tuple[int, str]], end_ms: int, kind: int, language: Language) -> Iterator[Span]:
    ends = [*held, (end_ms, "")]
    for (since_ms, who), (until_ms, _) in pairwise(ends):
        if who and until_ms - since_ms > DAY_MS // 2:
            name = BEARER.said(language) if who == "*" else CAST[who].said(language)
            yield Span(since_ms, until_ms, name, kind)


def _chain(state: Snapshot, bill: str) -> list[ChainEntry]:
    chain = rows(state, "chain", ChainEntry)
    return [chain[key] for key in sorted(chain) if key.startswith(f"{bill}:")]


def _is_whole(chain: list[ChainEntry]) -> bool:
    """Whether a bill was issued electronically and surrendered."""
    return bool(chain) and (chain[0].action, chain[-1].action) == ("ISSUE", "SACC")


def _days(state: Snapshot, bill: str) -> int:
    chain = _chain(state, bill)
    return days_between(chain[0].at_ms, chain[-1].at_ms) if chain else 0


def _voyage(state: Snapshot) -> Exhibit:
    title = Phrase("The voyage of the boxes", "各箱航程")
    kinds = Phrase("in a terminal|at sea|with the consignee", "在码头|在海上|在收货人处")
    documents = rows(state, "documents", TransportDocument)
    live = {name: found for name, found in documents.items() if found.status != "VOIDED"}

    def drawn(language: Language) -> str:
        lanes = []
        for name, document in live.items():
            for item in document.content.equipment[:3]:
                lanes.append(_lane(state, f"{name} {item.reference}", item.reference))
        for ship in (VESSEL, SECOND):
            calls = {r.port: r.event_at_ms for r in reversed(happened(state, "TRANSPORT")) if r.vessel_imo == ship}
            lanes.append(Lane(f"IMO {ship}", moments=tuple(Moment(at_ms, port) for port, at_ms in calls.items())))
        times = [report.event_at_ms for report in happened(state)]
        days = range(day_of(min(times)), max(times), 14 * DAY_MS)
        return timeline(lanes, [(day, date_text(day)[5:]) for day in days], title.said(language), kinds.said(language).split("|"))

    return exhibit(
        title,
        Phrase(
            "From ACT events: gate in, load, discharge, gate out, back empty. Of a document with many boxes three are shown.",
            "取自 ACT 事件：进场、装船、卸船、出场、还空箱。箱数多的单证只显示三箱。",
        ),
        drawn,
    )


def _lane(state: Snapshot, label: str, box: str) -> Lane:
    """A box's way: what it is in after each move."""
    moves = [r for r in happened(state) if r.equipment == box and r.code in ("GTIN", "LOAD", "DISC", "GTOT")]
    kinds = {"GTIN": 0, "LOAD": 1, "DISC": 0, "GTOT": 2}
    ends = [*moves[1:], None]
    spans = [
        Span(move.event_at_ms, end.event_at_ms, move.port if move.code == "DISC" else "", kinds[move.code])
        for move, end in zip(moves, ends, strict=True)
        if end is not None
    ]
    return Lane(label, tuple(spans))


def _dwell(state: Snapshot) -> Exhibit:
    title = Phrase("How long boxes stood at Hamburg", "汉堡港箱子停留时间")
    values = list(dwell_hours(state, DISCHARGE).values())

    def drawn(language: Language) -> str:
        counted = Phrase("boxes", "箱").said(language)
        unit = Phrase("{} d", "{} 天").said(language)
        return histogram(values, EDGES, title.said(language), write=lambda hours: unit.format(hours // 24), counted=counted)

    return exhibit(
        title,
        Phrase(
            f"Days from discharge (DISC) to laden gate-out (GTOT) of the {len(values)} boxes that have left. The boxes of "
            "document G are made up by a stated method (voyage.py).",
            f"{len(values)} 个已提箱从卸船（DISC）到重箱出场（GTOT）的天数。单证 G 的箱子按既定方法生成（voyage.py）。",
        ),
        drawn,
    )


def _costs(state: Snapshot) -> Exhibit:
    title = Phrase("Demurrage and detention by box", "各箱滞期费与滞箱费")
    charged = {box: cost for box, cost in costs(state).items() if any(cost)}

    def drawn(language: Language) -> str:
        groups = [
            Group(box, tuple(Bar(cents, f"€{cents // 100:,}") if cents else None for cents in cost))
            for box, cost in charged.items()
        ]
        names = Phrase("demurrage|detention", "滞期费|滞箱费").said(language).split("|")
        return grouped_bars(groups, names, title.said(language))

    return exhibit(
        title,
        Phrase(
            f"What {len(charged)} of {len(costs(state))} boxes with quoted free time came to; the others stayed within it. "
            "Anybody can compute it again from events and tariff.",
            f"{len(costs(state))} 个已告知免费期的箱子中，{len(charged)} 个产生费用，其余在免费期内。"
            "任何人都可由事件与费率重算。",
        ),
        drawn,
    )


def _estimates(state: Snapshot) -> Exhibit:
    title = Phrase("How wrong the estimated arrivals were", "预计到港误差")
    found = sorted(estimate_errors(state))
    ships = list(dict.fromkeys(ship for ship, _, _ in found))

    def drawn(language: Language) -> str:
        lines = [
            Line(f"IMO {ship.partition(':')[0]}", tuple((-ahead, abs(error)) for s, ahead, error in found[::-1] if s == ship))
            for ship in ships
        ]
        unit = Phrase("{} h", "{} 小时").said(language)
        marks = [(-24 * days, Phrase("{} d", "{} 天").said(language).format(days)) for days in (35, 28, 21, 14, 7, 0)]
        ahead = Phrase("days before arrival", "到港前天数").said(language)
        return curve(lines, title.said(language), x_ticks=marks, write=unit.format, x_name=ahead)

    return exhibit(
        title,
        Phrase(
            "Hours between the arrival that was estimated (EST) and the one that came (ACT), by days ahead. Each point is a "
            "version of one event: later versions replace earlier ones, and all stay to be read.",
            "预计到港（EST）与实际到港（ACT）相差的小时数，按提前天数排列。"
            "每一点是同一事件的一个版本：新版替换旧版，旧版仍可查阅。",
        ),
        drawn,
    )


def _reefer(state: Snapshot) -> Exhibit:
    title = Phrase("A refrigerated box, and what was taken back", "冷藏箱温度与被撤回的读数")
    found = readings(state, C.boxes[0].reference, "canghai")
    standing = [reading for reading in found if not reading.is_retracted]
    retracted = len(found) - len(standing)
    all_minutes, standing_minutes = excursion_minutes(found, TOLERANCE), excursion_minutes(standing, TOLERANCE)

    def drawn(language: Language) -> str:
        names = Phrase("as reported|as it stands|setpoint", "上报值|现行值|设定值").said(language).split("|")
        series = (_points(found), _points(standing), tuple((at, found[0].setpoint) for at, _ in _points(found)))
        lines = [Line(name, points) for name, points in zip(names, series, strict=True)]
        days = range(found[0].at_ms // HOUR_MS, found[-1].at_ms // HOUR_MS, 24 * 7)
        marks = [(hour, date_text(hour * HOUR_MS)[5:]) for hour in days]
        return curve(lines, title.said(language), x_ticks=marks, write=lambda tenths: f"{tenths // 10}.{tenths % 10} °C")

    return exhibit(
        title,
        Phrase(
            f"Probe against setpoint. As reported it was more than two degrees off (an assumption) for {all_minutes:,} minutes; "
            f"as it stands, after the carrier took {retracted} readings back, for {standing_minutes:,}. The history keeps both, "
            "and the shipper's own logger agrees with the first.",
            f"探头温度与设定值。按上报值偏离超过 2 度（假设）共 {all_minutes:,} 分钟；承运人撤回 {retracted} 条读数后，"
            f"现行值为 {standing_minutes:,} 分钟。历史保留两者，货主自己的记录仪与前者一致。",
        ),
        drawn,
    )


def _points(found: Sequence[Reading]) -> tuple[tuple[int, int], ...]:
    return tuple((reading.at_ms // HOUR_MS, reading.tenths) for reading in found)


def _why_not(state: Snapshot) -> Exhibit:
    title = Phrase("Why is this box not released?", "这个箱子为什么还没放行？")
    documents = rows(state, "documents", TransportDocument)

    def drawn(language: Language) -> str:
        header = Phrase(
            "landed|document given back|customs|no hold|charges paid|released|gone",
            "已卸船|已交单|海关|无扣留|费用已付|已放行|已出场",
        )
        lines: list[Cell] = []
        for name, document in documents.items():
            if document.status != "VOIDED":
                lines += [_reasons(state, name, document, place) for place in _shown(document)]
        return matrix(Phrase("box", "箱").said(language), header.said(language).split("|"), lines)

    return exhibit(
        title,
        Phrase(
            "What a release needs, box by box, at the end of the story; the first dash in a row is what to ask about.",
            "放行所需的各项条件，逐箱列示（故事结束时）；每行第一个短横就是要追问的原因。",
        ),
        drawn,
    )


def _shown(document: TransportDocument) -> range:
    """Every box of a small document, two of a large one."""
    count = len(document.content.equipment)
    return range(count if count < 4 else 2)


def _reasons(state: Snapshot, name: str, document: TransportDocument, place: int) -> Cell:
    box, port = document.content.equipment[place].reference, document.content.port_of_discharge
    account = rows(state, "accounts", Account).get(name) or Account(due_cents=document.facts.collect_cents)
    title = rows(state, "titles", Title).get(name)
    is_given_back = title is None or document.status == "SURRENDERED_FOR_DELIVERY"
    answers = (
        moment(state, box, "DISC", port) > 0,
        is_given_back,
        moment(state, box, "CUSR", port) > 0,
        not document.holds,
        account.paid_cents >= account.due_cents,
        document.released_to != "",
        moment(state, box, "GTOT", port) > 0,
    )
    return f"{name} {box}", [YES if answer else NO for answer in answers]
