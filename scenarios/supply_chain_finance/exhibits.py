"""What the report shows of a played trade, in the order in which a practitioner asks: price, speed, reach, trees, risk, books.

Of a chart its words stand here with the figures that it draws: a row has a label and numbers, a series a name.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ledger.contract.calendar import date_text
from ledger.contract.refusal import Phrase
from ledger.contract.words import read_words
from scenarios.plots import Bar, Flow, Group, Node, Place, columns, grouped_bars, matrix, sankey, stacked_bars, tree
from scenarios.plots.drawing import plain
from scenarios.story.play import totals_of
from scenarios.story.story import Exhibit, Language, PlayedStory, exhibit
from scenarios.supply_chain_finance import figures
from scenarios.supply_chain_finance.records import Certificate

WORDS = read_words("scenarios.supply_chain_finance")

TIER, DAYS = Phrase("Tier {}", "{} 级供应商"), Phrase("{} days", "{} 天")
STATE_FILLS = {
    "settled": "#d5efe9", "overdue": "#fbe3c0", "recourse": "#fbe3c0", "written-off": "#f6c9c2", "rejected": "#eceff3",
}  # fmt: skip
CORE_FILL, BANK_FILL, HELD_FILL = "#0f766e", "#1f3a5f", "#eceff3"
TIER_FILLS = ("#c98a2f", "#e0a458", "#ebc48f", "#f3dfc1")
"""Suppliers by tier: the further from the core, the lighter."""
TREES_MAX = 8
"""At most this many trees are drawn, the first ones."""
CORES_MAX = 4
"""Cores that have a colour each in a stack; the others share one."""
BOOK_DAYS_MAX = 40
OWN_RULE = Phrase("this project's own safeguard or plain validity", "本项目自设或一般有效性要求")
Row = tuple[Phrase, Sequence[tuple[int, Phrase]]]
"""A label, and numbers with what stands beside each."""


@dataclass(frozen=True, slots=True)
class Played:
    """Whom a played story is about."""

    cast: Mapping[str, Phrase]
    tiers: Mapping[str, int]
    """Supplier -> how far it delivers from a core."""
    root: str = ""
    """A certificate that the report follows; empty for none."""
    cores: tuple[str, ...] = ()
    """Cores whose trees are drawn where one is followed."""

    def called(self, name: str) -> Phrase:
        """How people call a member."""
        return self.cast.get(name) or _same(name)


def exhibits(played_story: PlayedStory, played: Played) -> tuple[Exhibit, ...]:
    """Every exhibit that has something to show."""
    shown = (
        cost(played_story, played), speed(played_story, played), reach(played_story, played), way(played_story, played),
        holders(played_story, played), trees(played_story, played), maturities(played_story, played),
        against_lines(played_story, played), concentration(played_story, played), defaulted(played_story),
        shocked(played_story, played), refused(played_story), reconciled(played_story, played),
    )  # fmt: skip
    return tuple(found for found in shown if found is not None)


def cost(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """1: effective annual cost by tier, with and without the ledger."""
    reading = Phrase(
        "Effective annual cost with fees, over all financed certificates of a tier: sum of (face - net) x 360 / sum of net x "
        "days. "
        f"With the ledger every tier pays the price of the core's credit; small faces pay more for the fee. {_origin(played).en} "
        "The rates on own credit are illustrative assumptions (data/illustrative.json).",
        "各级全部已融资凭证含手续费的实际年化成本：Σ（票面 - 净额）x 360 / Σ（净额 x 天数）。"
        "使用账本后各级都按核心企业的信用定价，"
        f"小额凭证受手续费影响较大。{_origin(played).zh}自身信用的利率为示意性假设（data/illustrative.json）。",
    )
    rows = [
        (_counted(f.tier, f.count), [(ppm, _same(percent(ppm))) for ppm in (f.cost_ppm, f.cost_alone_ppm)])
        for f in figures.tier_figures(played_story.records, tiers=played.tiers)
    ]
    series = _series(played, "on own credit (assumed)", "自身信用（假设）")
    return _chart(grouped_bars, Phrase("Cost of finance by tier", "各级融资成本"), series, rows, reading)


def speed(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """2: days from invoice to cash by tier."""
    title = Phrase("Days from invoice to cash", "从开票到收款的天数")
    reading = Phrase(
        "From the date of the supplier's newest invoice behind a certificate to the bank's disbursement, by block time; the "
        "mean. "
        f"{_origin(played).en} The usual terms are assumptions (data/illustrative.json).",
        f"从凭证背后供应商最近一张发票的开票日到银行放款日，按区块时间计算，取平均值。{_origin(played).zh}"
        "通常账期为假设（data/illustrative.json）。",
    )
    rows = [
        (_counted(f.tier, f.count), [(days, _filled(DAYS, days)) for days in (f.days_to_cash, f.days_to_cash_alone)])
        for f in figures.tier_figures(played_story.records, tiers=played.tiers)
    ]
    return _chart(grouped_bars, title, _series(played, "usual terms (assumed)", "通常账期（假设）"), rows, reading)


def reach(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """3: what share of what a tier is owed became a promise that a bank finances."""
    reading = Phrase(
        "All that the suppliers of a tier invoiced, in yuan: what became cash early, what went on to their own suppliers, what "
        "they "
        "hold or held until maturity, and what no certificate covers. The percentage is the share that got a certificate. Of "
        "sealed "
        "invoices only the part that backs a certificate is known here.",
        "各级供应商开出的全部发票金额（元）：提前变现、支付给上游、持有到期、未获凭证。百分比为获得凭证的比例。"
        "密封发票仅计入支持凭证的金额。",
    )
    rows: list[Row] = []
    for f in figures.reach_figures(played_story.records, played.tiers):
        share = percent(f.received_cents * 1_000_000 // f.invoiced_cents) if f.invoiced_cents else "–"
        kept = max(0, f.received_cents - f.passed_on_cents - f.financed_cents)
        values = (f.financed_cents, f.passed_on_cents, kept, f.invoiced_cents - f.received_cents)
        rows.append((_after(_filled(TIER, f.tier), f" · {share}"), _money(values)))
    title = Phrase("How far the core's promise reaches", "核心信用触达各级供应商的程度")
    series = Phrase("cash early|paid on|held|no certificate", "提前变现|支付上游|持有|未获凭证")
    return _chart(stacked_bars, title, series, rows, reading)


def way(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """4a: from the cores through the tiers to those who hold the promise."""
    ribbons = figures.flows(played_story.records, played.tiers)
    title = Phrase("From the cores' promise to cash", "从付款承诺到现金")
    reading = Phrase(
        "Faces of accepted certificates in yuan, to one scale: cores (dark green), suppliers by tier (amber, lighter further "
        "down), "
        "banks that finance (dark blue), and what is kept until maturity (grey). Point at a ribbon to read its amount.",
        "已签收凭证的票面金额（元），同一比例：核心企业（深绿）、各级供应商（琥珀色，越往下越浅）、融资银行（深蓝）、"
        "持有到期（灰）。指向色带可查看金额。",
    )

    def place(name: str, language: Language) -> Place:
        if name.startswith("tier "):
            tier = int(name.removeprefix("tier "))
            return Place(_filled(TIER, tier).said(language), TIER_FILLS[min(tier, 4) - 1])
        if name == "held":
            return Place(Phrase("kept until maturity", "持有到期").said(language), HELD_FILL)
        is_bank = getattr(played_story.records["parties"].get(name), "kind", "") == "bank"
        return Place(played.called(name).said(language), BANK_FILL if is_bank else CORE_FILL)

    def draw(language: Language) -> str:
        places = {name: place(name, language) for name in sorted({name for pair in ribbons for name in pair})}
        drawn = [Flow(source, target, cents, money(cents)) for (source, target), cents in ribbons.items()]
        return sankey(drawn, places, title.said(language), ends_right=True)

    return exhibit(title, reading, draw) if ribbons else None


def holders(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """4b: one root to its leaves, by holder."""
    of_root = {key: one for key, one in figures.certificates(played_story.records).items() if one.root == played.root}
    title = Phrase(f"{played.root}: from the root to its holders", f"{played.root}：从原始凭证到持有人")
    reading = Phrase(
        "Each bar is a certificate, as high as its face; its colour is its holder's: tiers amber, banks dark blue. The parts "
        "of a "
        "split add up to it, to the cent; a declined part goes back as a new certificate.",
        "每个条形是一张凭证，高度为票面金额，颜色表示持有人：供应商为琥珀色，银行为深蓝。拆分各份之和等于上一级，精确到分；"
        "拒收的一份以新凭证退回。",
    )

    def place(certificate: Certificate, language: Language) -> Place:
        fill = CORE_FILL if certificate.holder == certificate.core else BANK_FILL
        if certificate.holder in played.tiers:
            fill = TIER_FILLS[min(played.tiers[certificate.holder], 4) - 1]
        said = f"{money(certificate.amount_cents)} {WORDS.terms[certificate.state].said(language)}"
        return Place(played.called(certificate.holder).said(language), fill, said)

    def draw(language: Language) -> str:
        places = {key: place(one, language) for key, one in of_root.items()}
        drawn = [Flow(one.parent, key, one.amount_cents, money(one.amount_cents)) for key, one in of_root.items() if one.parent]
        return sankey(drawn, places, title.said(language), height=460)

    return exhibit(title, reading, draw) if len(of_root) > 1 else None


def trees(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """4c: the certificates as trees of boxes."""
    held = figures.certificates(played_story.records)
    roots = [key for key, one in held.items() if not one.parent]
    drawn = [key for key in roots if not played.root or held[key].core in played.cores][:TREES_MAX]
    title = Phrase("The certificates and who holds them", "凭证树与持有人")
    reading = Phrase(
        "From the root on the left to the leaves. Shaded: paid (green), overdue (amber), lost (red), declined (grey). "
        f"{len(drawn)} of {len(roots)} roots are drawn.",
        "左为原始凭证，右为末端凭证。底色：已兑付（绿）、逾期（琥珀）、损失（红）、拒收（灰）。"
        f"共 {len(roots)} 张原始凭证，绘出 {len(drawn)} 张。",
    )

    def node(key: str, language: Language) -> Node:
        one = held[key]
        number = key.removeprefix(one.root) if one.parent else key
        holder, state = played.called(one.holder).said(language), WORDS.terms[one.state].said(language)
        said = (number, holder, money(one.amount_cents), state)
        return Node(said, STATE_FILLS.get(one.state, "#ffffff"), tuple(node(child, language) for child in one.children))

    def draw(language: Language) -> str:
        return tree([node(key, language) for key in drawn], title.said(language))

    return exhibit(title, reading, draw) if drawn else None


def maturities(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """5a: what falls due when."""
    steps = figures.ladder(played_story.records)
    owed: dict[str, int] = {}
    for step in steps.values():
        for core, cents in step.items():
            if core and cents:
                owed[core] = owed.get(core, 0) + cents
    cores = sorted(owed, key=lambda core: (-owed[core], core))[:CORES_MAX]
    title = Phrase("Maturity ladder", "到期分布")
    reading = Phrase(
        "Faces by half month of the due date, in thousands of yuan: what each core still owes, and what has been paid.",
        "按到期日（半月）列示的金额，单位：千元：各核心企业尚欠的与已付的。",
    )

    def draw(language: Language) -> str:
        paid, others = Phrase("paid|others", "已付|其他").said(language).split("|")
        series = [paid, *(played.called(core).said(language) for core in cores), others]
        groups = []
        for label, step in steps.items():
            other = sum(cents for core, cents in step.items() if core and core not in cores)
            values = (step.get("", 0), *(step.get(core, 0) for core in cores), other)
            bars = (Bar(cents, f"{name} {money(cents)}") for name, cents in zip(series, values, strict=True))
            groups.append(Group(label[2:], tuple(bars)))
        return columns(groups, series, title.said(language), write=thousands)

    return exhibit(title, reading, draw) if steps else None


def against_lines(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """5b: outstanding against lines."""
    books, limits = figures.Bookkeeper(played_story).days().values(), figures.lines(played_story.records)
    reading = Phrase(
        "Yuan. No certificate is issued beyond the lines that run on that day. Lines as they were last set.",
        "单位：元。开立凭证时不得超过当日有效的授信合计。额度为最近一次设定值。",
    )
    rows: list[Row] = []
    for core, obligor in sorted(played_story.records["obligors"].items()):
        now = getattr(obligor, "outstanding_cents", 0)
        peak = max([now, *(book[core][1] for book in books if core in book)])
        rows.append((played.called(core), _money((now, peak, limits.get(core, 0)))))
    title = Phrase("Outstanding against lines of credit", "未偿余额与授信额度")
    series = Phrase("at the end|at its highest|lines of all banks", "期末|最高|各银行授信合计")
    return _chart(grouped_bars, title, series, rows, reading)


def concentration(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """6: how banks spread what they finance."""
    reading = Phrase(
        "What each bank disbursed, its share of all, and how it is spread over cores: an index of 1.00 is one core alone, 1/n "
        "is an "
        "equal spread over n.",
        "各银行放款额、所占份额及在核心企业间的分布：指数 1.00 表示全部集中于一家，1/n 表示在 n 家间均匀分布。",
    )
    rows = [
        (
            _after(played.called(f.bank), f" · {money(f.net_cents)}"),
            [(f.share_ppm, _same(percent(f.share_ppm))), (f.hhi_ppm, _same(_index(f.hhi_ppm)))],
        )
        for f in figures.bank_figures(played_story.records)
    ]
    series = Phrase("share of all finance|Herfindahl index over cores", "占全部融资的份额|对核心企业的赫芬达尔指数")
    return _chart(grouped_bars, Phrase("Concentration of banks", "银行集中度"), series, rows, reading)


def defaulted(played_story: PlayedStory) -> Exhibit | None:
    """7a: the default that was played."""
    recourse = {True: Phrase("with recourse", "有追索"), False: Phrase("no recourse", "无追索")}
    reading = Phrase(
        "Certificates that banks had bought and the core did not pay in full, in yuan: with recourse the seller bought its "
        "certificate back, without it the loss is the bank's.",
        "银行买入而核心企业未足额兑付的凭证（元）：有追索的由卖方回购，无追索的由银行承担。",
    )
    named = [
        (Phrase(f"{f.name}, {recourse[f.with_recourse].en}", f"{f.name}, {recourse[f.with_recourse].zh}"), f)
        for f in figures.losses(played_story.records)
    ]
    return _borne(Phrase("Who bore the default", "违约损失由谁承担"), named, reading)


def shocked(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """7b: what a default of each core would do."""
    title = Phrase("If a core stopped paying now (assumed: two fifths recovered)", "假如某核心企业停止付款（假设：回收五分之二）")
    reading = Phrase(
        "What is owed at the end, in yuan, and who would bear the rest by the terms on the ledger: sellers that financed with "
        "recourse, banks without it, suppliers that hold the promise themselves. The recovery is an assumption.",
        "期末未偿金额（元），其余部分按账本上的条款由谁承担：有追索融资的卖方、无追索的银行、自行持有的供应商。回收率为假设。",
    )
    return _borne(title, [(played.called(f.name), f) for f in figures.shock(played_story.records)], reading)


def refused(played_story: PlayedStory) -> Exhibit | None:
    """8: refused attempts by rule."""
    totals = totals_of(played_story.steps)
    attempts = totals.rejected + totals.turned_away
    reading = Phrase(
        f"{attempts.total():,} attempts broke {len(attempts)} rules: {totals.rejected.total():,} stand on the ledger, "
        f"{totals.turned_away.total():,} were turned away at a node's door. What somebody finds in its own files "
        f"({totals.found:,}) breaks no rule of the ledger and is not here.",
        f"{attempts.total():,} 次尝试违反 {len(attempts)} 条规则：{totals.rejected.total():,} 次留在账本上，"
        f"{totals.turned_away.total():,} 次在节点入口被退回。"
        f"当事方在自有文件中发现的问题（{totals.found:,} 次）不违反账本规则，不在此列。",
    )

    def draw(language: Language) -> str:
        rule, *header = Phrase("rule|attempts|source", "规则|次数|出处").said(language).split("|")
        sources = {code: WORDS.sources.get(code) or OWN_RULE for code in attempts}
        return matrix(rule, header, [(code, (f"{n}", sources[code].said(language))) for code, n in attempts.most_common()])

    return exhibit(Phrase("Refused attempts by rule", "按规则统计的被拒尝试"), reading, draw) if attempts else None


def reconciled(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """9: the books of each day."""
    books = list(figures.Bookkeeper(played_story).days().items())[-BOOK_DAYS_MAX:]
    cores = sorted({core for _, book in books for core in book})
    stated = len(played_story.records["reconciliations"])
    reading = Phrase(
        "What each core owes at the end of a day, in yuan, and on how many certificates, followed from the events of the ledger; "
        f"the last {len(books)} days on which something moved. Statements of platforms that the ledger agreed with: {stated}.",
        f"每日终了各核心企业的未偿金额（元）与凭证张数，由账本事件逐笔推算；最近 {len(books)} 个有变动的日期。"
        f"平台报送账目并经账本核对一致 {stated} 次。",
    )

    def draw(language: Language) -> str:
        header = [played.called(core).said(language) for core in cores]
        rows = [
            (date_text(day), [f"{money(book[core][1])} ({book[core][0]})" if core in book else "–" for core in cores])
            for day, book in books
        ]
        return matrix(Phrase("day", "日期").said(language), header, rows, are_numbers=True)

    return exhibit(Phrase("Daily reconciliation", "每日对账"), reading, draw) if books else None


def _chart(
    plot: Callable[[Sequence[Group], Sequence[str], str], str],
    title: Phrase,
    series: Phrase,
    rows: Sequence[Row],
    reading: Phrase,
) -> Exhibit | None:
    """Bars, a group a row; the names of the series stand in one text with `|` between."""

    def draw(language: Language) -> str:
        groups = [
            Group(label.said(language), tuple(Bar(number, said.said(language)) for number, said in bars)) for label, bars in rows
        ]
        return plot(groups, series.said(language).split("|"), title.said(language))

    return exhibit(title, reading, draw) if rows else None


def _borne(title: Phrase, named: Sequence[tuple[Phrase, figures.LossFigure]], reading: Phrase) -> Exhibit | None:
    """Who bears what a core does not pay."""
    series = Phrase("paid by the core|sellers|holders|banks", "核心企业已付|卖方|持有人|银行")
    rows = [(label, _money((f.paid_cents, f.seller_cents, f.holder_cents, f.bank_cents))) for label, f in named]
    return _chart(stacked_bars, title, series, rows, reading)


def _series(played: Played, en: str, zh: str) -> Phrase:
    """The names of both bars: neither was measured in a story, and the first was in files of one's own."""
    ledger = Phrase("with the ledger (story)", "使用账本（故事设定）") if played.root else Phrase("with the ledger", "使用账本")
    return Phrase(f"{ledger.en}|{en}", f"{ledger.zh}|{zh}")


def _origin(played: Played) -> Phrase:
    """Where rates, fees and dates with the ledger come from."""
    if played.root:
        return Phrase("Rates, fees and dates with the ledger are made up too.", "使用账本一侧的利率、手续费和日期同样为虚构。")
    return Phrase("Rates, fees and dates with the ledger are those of the files.", "使用账本一侧的利率、手续费和日期取自文件。")


def _counted(tier: int, count: int) -> Phrase:
    """A tier with the number of its certificates."""
    return _after(_filled(TIER, tier), f" ({count})")


def _filled(words: Phrase, number: int) -> Phrase:
    return Phrase(words.en.format(number), words.zh.format(number))


def _after(words: Phrase, text: str) -> Phrase:
    return Phrase(f"{words.en}{text}", f"{words.zh}{text}")


def _same(text: str) -> Phrase:
    """What reads alike in both languages."""
    return Phrase(text, text)


def _money(amounts: Iterable[int]) -> list[tuple[int, Phrase]]:
    return [(cents, _same(money(cents))) for cents in amounts]


def money(cents: int) -> str:
    """`1,234,567.89`."""
    return f"{cents // 100:,}.{cents % 100:02}"


def thousands(cents: int) -> str:
    """Beside an axis, in thousands of yuan: `1,250`."""
    return plain(cents // 100_000)


def percent(ppm: int) -> str:
    """`3.62 %`, half up."""
    hundredths = (ppm + 50) // 100
    return f"{hundredths // 100}.{hundredths % 100:02} %"


def _index(ppm: int) -> str:
    return f"{ppm // 1_000_000}.{ppm % 1_000_000 // 10_000:02}"
