"""What the report shows of documents: who had title and possession when, the time that paper would have taken, the answers of
platforms."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from ledger.contract.calendar import DAY_MS, date_text, day_of, days_between
from scenarios.data_files import read_data
from scenarios.plots import Bar, Group, Lane, Span, grouped_bars, matrix, timeline
from scenarios.shipping.cast import CAST, PACKAGE
from scenarios.shipping.records import TransportDocument
from scenarios.shipping.records_title import ChainEntry, Envelope
from scenarios.story.play import played_events, rows, totals_of
from scenarios.story.story import Exhibit, Language, PlayedStory, Snapshot, Words, exhibit

COURIER_DAYS = int(read_data(PACKAGE, "illustrative.json")["paper_courier_days"])
"""Days that paper is on its way from one party to the next: an assumption."""
ANSWERS = ("RECE", "DUPE", "OPEN", "MDOC", "INCD", "BSIG", "BENV", "DISE")
BEARER = Words("bearer", "持有人")


def document_exhibits(played_story: PlayedStory) -> tuple[Exhibit, ...]:
    """In the order of the report."""
    return (_holders(played_story), _speed(played_story.records), _answers(played_story), _envelopes(played_story.records))


def _holders(played_story: PlayedStory) -> Exhibit:
    state = played_story.records
    title = Words("Title and possession", "权利与占有")
    bills = [name for name in state["titles"] if _chain(state, name) and _chain(state, name)[0].action == "ISSUE"]
    end_ms = day_of(played_story.head.time_ms) + DAY_MS

    def drawn(language: Language) -> str:
        names = (Words("possession", "占有").said(language), Words("title", "权利").said(language))
        lanes = []
        for bill in bills:
            for kind, (name, held) in enumerate(zip(names, (possession(state, bill), titles(state, bill)), strict=True)):
                lanes.append(Lane(f"{bill} {name}", tuple(_spans(held, end_ms, kind, language))))
        days = range(day_of(played_story.start_ms), end_ms, 14 * DAY_MS)
        return timeline(lanes, [(day, date_text(day)[5:]) for day in days], title.said(language), names)

    return exhibit(
        title,
        Words(
            "Two lanes a bill: in whose hands it was, and whose right it was. They part when a bill is to a bank's order and "
            "meet when it is surrendered. From the chains of entries on the ledger.",
            "每份提单两条线：在谁手中，权利归谁。凭银行指示时二者分离，交单时重合。取自账本上的流转链。",
        ),
        drawn,
    )


def _speed(state: Snapshot) -> Exhibit:
    title = Words("Days from issue to surrender", "从签发到交单的天数")
    shown = [name for name in state["titles"] if _is_whole(_chain(state, name))]
    later = sum(handovers(state, name) * COURIER_DAYS > _days(state, name) for name in shown)

    def drawn(language: Language) -> str:
        unit = Words("{} days", "{} 天").said(language)
        named = Words("{} ({} days by courier)", "{}（快递 {} 天）").said(language)
        groups = []
        for name in shown:
            days, courier_days = _days(state, name), handovers(state, name) * COURIER_DAYS
            bars = [Bar(count, unit.format(count)) for count in (days, paper_days(days, courier_days))]
            groups.append(Group(named.format(name, courier_days), tuple(bars)))
        series = Words("on the ledger (story)|on paper (assumed)", "账本上（故事）|纸质（假设）").said(language).split("|")
        return grouped_bars(groups, series, title.said(language))

    return exhibit(
        title,
        Words(
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
    title = Words("Answers of platforms", "平台应答代码")
    counted = answers(played_story)

    def drawn(language: Language) -> str:
        groups = [Group(code, (Bar(counted[code], str(counted[code])),)) for code in ANSWERS if counted[code]]
        return grouped_bars(groups, [Words("answers", "应答次数").said(language)], title.said(language))

    return exhibit(
        title,
        Words(
            "How the receiving platform answered. RECE, DUPE, MDOC and INCD are no refusals (OPEN: good, documents to come); "
            "BSIG, BENV and DISE are, and stand as rejected transactions.",
            "接收平台的应答。RECE、DUPE、MDOC、INCD 不是拒绝（OPEN：信封无误，文件待补）；"
            "BSIG、BENV、DISE 是拒绝，以被拒交易留痕。",
        ),
        drawn,
    )


def _envelopes(state: Snapshot) -> Exhibit:
    title = Words("Envelopes between platforms", "跨平台信封")

    def drawn(language: Language) -> str:
        header = Words("bill|from|to|state|documents|hours", "提单|发出|接收|状态|文件|小时").said(language).split("|")
        lines = []
        for name, sent in rows(state, "envelopes", Envelope).items():
            took = str((sent.accepted_at_ms - sent.sent_at_ms) // 3_600_000) if sent.accepted_at_ms else "–"
            who = (CAST[sent.sender].said(language), CAST[sent.receiver].said(language))
            papers = f"{len(sent.received)}/{len(sent.attached)}"
            lines.append((name, (sent.document, *who, STATES[sent.state].said(language), papers, took)))
        return matrix(Words("envelope", "信封").said(language), header, lines)

    return exhibit(
        title,
        Words(
            "Hours from export to RECE by block time; a story's days pass at once, so it says little of a live network.",
            "自发出至 RECE 的小时数（区块时间）；故事中的时间是跳跃的，不代表真实网络的时延。",
        ),
        drawn,
    )


STATES = {
    "sent": Words("sent", "已发出"), "open": Words("open", "接收中"), "accepted": Words("received", "已接收"),
    "withdrawn": Words("withdrawn", "已撤回"),
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
