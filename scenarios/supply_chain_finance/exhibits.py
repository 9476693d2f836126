"""What the report shows of a played trade, in the order in which a practitioner asks: price, speed, reach, trees, risk, books."""

from scenarios.plots import Bar, Flow, Group, Node, Place, grouped_bars, sankey, stacked_bars, tree
from scenarios.story.story import Exhibit, Language, PlayedStory, Words, exhibit
from scenarios.supply_chain_finance.contract import WORDS
from scenarios.supply_chain_finance.exhibits_risk import risk_exhibits
from scenarios.supply_chain_finance.figures import ALONE, certificates, flows, reach_figures, tier_figures
from scenarios.supply_chain_finance.records import Certificate
from scenarios.supply_chain_finance.showing import Played, money, percent

TIER = Words("Tier {}", "{} 级供应商")
DAYS = Words("{} days", "{} 天")
FILLS = {"settled": "#d5efe9", "overdue": "#fbe3c0", "recourse": "#fbe3c0", "written-off": "#f6c9c2", "rejected": "#eceff3"}
"""Boxes of the tree by state."""
CORE_FILL, BANK_FILL, HELD_FILL = "#0f766e", "#1f3a5f", "#eceff3"
TIER_FILLS = ("#c98a2f", "#e0a458", "#ebc48f", "#f3dfc1")
"""Suppliers by tier: the further from the core, the lighter."""
TREES_MAX = 8
"""So many trees are drawn, the first ones; a month has more than anybody looks at."""


def exhibits(played_story: PlayedStory, played: Played) -> tuple[Exhibit, ...]:
    """Every exhibit that has something to show."""
    shown = (cost(played_story, played), speed(played_story, played), reach(played_story, played), way(played_story, played),
             holders(played_story, played), trees(played_story, played), *risk_exhibits(played_story, played))  # fmt: skip
    return tuple(one for one in shown if one is not None)


def cost(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """1: effective annual cost by tier, with and without the ledger."""
    figures = tier_figures(played_story.records, tiers=played.tiers)
    title = Words("Cost of finance by tier", "各级融资成本")
    series = _series(played, Words("on own credit (assumed)", "自身信用（假设）"))

    def drawn(language: Language) -> str:
        groups = [
            Group(
                _counted(f.tier, f.count, language),
                (Bar(f.cost_ppm, percent(f.cost_ppm)), Bar(f.cost_alone_ppm, percent(f.cost_alone_ppm))),
            )
            for f in figures
        ]
        return grouped_bars(groups, series.said(language).split("|"), title.said(language))

    reading = Words(
        "Effective annual cost with fees, over all financed certificates of a tier: sum of (face - net) "
        "x 360 / sum of net x days. "
        f"With the ledger every tier pays the price of the core's credit; small faces pay more for the fee. {_origin(played).en} "
        "The rates on own credit are illustrative assumptions (data/illustrative.json).",
        "各级全部已融资凭证含手续费的实际年化成本："
        "Σ（票面 - 净额）x 360 / Σ（净额 x 天数）。使用账本后各级都按核心企业的信用定价，"
        f"小额凭证受手续费影响较大。{_origin(played).zh}自身信用的利率为示意性假设（data/illustrative.json）。",
    )
    return exhibit(title, reading, drawn) if figures else None


def speed(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """2: days from invoice to cash by tier."""
    figures = tier_figures(played_story.records, tiers=played.tiers)
    title = Words("Days from invoice to cash", "从开票到收款的天数")
    series = _series(played, Words("usual terms (assumed)", "通常账期（假设）"))

    def drawn(language: Language) -> str:
        groups = [
            Group(
                _counted(f.tier, f.count, language),
                tuple(Bar(days, DAYS.said(language).format(days)) for days in (f.days_to_cash, f.days_to_cash_alone)),
            )
            for f in figures
        ]
        return grouped_bars(groups, series.said(language).split("|"), title.said(language))

    reading = Words(
        "From the date of the supplier's newest invoice behind a certificate to the bank's "
        f"disbursement, by block time; the mean. {_origin(played).en} "
        "The usual terms are assumptions (data/illustrative.json).",
        f"从凭证背后供应商最近一张发票的开票日到银行放款日，按区块时间计算，取平均值。{_origin(played).zh}"
        "通常账期为假设（data/illustrative.json）。",
    )
    return exhibit(title, reading, drawn) if figures else None


def reach(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """3: what share of what a tier is owed became a promise that a bank finances."""
    figures = reach_figures(played_story.records, played.tiers)
    title = Words("How far the core's promise reaches", "核心信用触达各级供应商的程度")
    series = Words("cash early|paid on|held|no certificate", "提前变现|支付上游|持有|未获凭证")

    def drawn(language: Language) -> str:
        groups = []
        for f in figures:
            kept = max(0, f.received_cents - f.passed_on_cents - f.financed_cents)
            share = percent(f.received_cents * 1_000_000 // f.invoiced_cents) if f.invoiced_cents else "–"
            values = (f.financed_cents, f.passed_on_cents, kept, f.invoiced_cents - f.received_cents)
            groups.append(Group(f"{_tier(f.tier, language)} · {share}", tuple(Bar(cents, money(cents)) for cents in values)))
        return stacked_bars(groups, series.said(language).split("|"), title.said(language))

    reading = Words(
        "All that the suppliers of a tier invoiced, in yuan: what became cash early, what went on to "
        "their own suppliers, what they "
        "hold or held until maturity, and what no certificate covers. The percentage is the share that "
        "got a certificate. Of sealed "
        "invoices only the part that backs a certificate is known here.",
        "各级供应商开出的全部发票金额（元）：提前变现、支付给上游、持有到期、未获凭证。百分比为获得凭证的比例。"
        "密封发票仅计入支持凭证的金额。",
    )
    return exhibit(title, reading, drawn) if figures else None


def way(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """4a: from the cores through the tiers to whoever holds the promise."""
    found = flows(played_story.records, played.tiers)
    title = Words("From the cores' promise to cash", "从付款承诺到现金")

    def place(name: str, language: Language) -> Place:
        if name.startswith("tier "):
            tier = int(name.removeprefix("tier "))
            return Place(_tier(tier, language), TIER_FILLS[min(tier, 4) - 1])
        if name == "held":
            return Place(Words("kept until maturity", "持有到期").said(language), HELD_FILL)
        is_bank = getattr(played_story.records["parties"].get(name), "kind", "") == "bank"
        return Place(played.called(name, language), BANK_FILL if is_bank else CORE_FILL)

    def drawn(language: Language) -> str:
        names = {name for pair in found for name in pair}
        drawn_flows = [Flow(source, target, cents, money(cents)) for (source, target), cents in found.items()]
        return sankey(drawn_flows, {name: place(name, language) for name in sorted(names)}, title.said(language), ends_right=True)

    reading = Words(
        "Faces of accepted certificates in yuan, to one scale: cores (dark green), suppliers by tier "
        "(amber, lighter further down), "
        "banks that finance (dark blue), and what is kept until maturity (grey). Point at a ribbon to read its amount.",
        "已签收凭证的票面金额（元），同一比例：核心企业（深绿）、各级供应商（琥珀色，越往下越浅）、融资银行（深蓝）、"
        "持有到期（灰）。指向色带可查看金额。",
    )
    return exhibit(title, reading, drawn) if found else None


def holders(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """4b: one root to its leaves, by holder."""
    held = certificates(played_story.records)
    if played.root not in held or not held[played.root].children:
        return None
    title = Words(f"{played.root}: from the root to its holders", f"{played.root}：从原始凭证到持有人")
    tree_of = {key: one for key, one in held.items() if one.root == played.root}

    def fill(certificate: Certificate) -> str:
        if certificate.holder in played.tiers:
            return TIER_FILLS[min(played.tiers[certificate.holder], 4) - 1]
        return CORE_FILL if certificate.holder == certificate.core else BANK_FILL

    def drawn(language: Language) -> str:
        places = {
            key: Place(
                played.called(one.holder, language),
                fill(one),
                f"{money(one.amount_cents)} {WORDS.terms[one.state].text(language)}",
            )
            for key, one in tree_of.items()
        }
        found = [Flow(one.parent, key, one.amount_cents, money(one.amount_cents)) for key, one in tree_of.items() if one.parent]
        return sankey(found, places, title.said(language), height=460)

    reading = Words(
        "Each bar is a certificate, as high as its face; its colour is its holder's: tiers amber, banks "
        "dark blue. The parts of a "
        "split add up to it, to the cent; a declined part goes back as a new certificate.",
        "每个条形是一张凭证，高度为票面金额，颜色表示持有人：供应商为琥珀色，银行为深蓝。拆分各份之和等于上一级，精确到分；"
        "拒收的一份以新凭证退回。",
    )
    return exhibit(title, reading, drawn)


def trees(played_story: PlayedStory, played: Played) -> Exhibit | None:
    """4c: the certificates as trees of boxes."""
    held = certificates(played_story.records)
    roots = [key for key, one in held.items() if not one.parent and (not played.root or one.core in played.cores)][:TREES_MAX]
    title = Words("The certificates and who holds them", "凭证树与持有人")

    def drawn(language: Language) -> str:
        return tree([_node(held, key, played, language) for key in roots], title.said(language))

    reading = Words(
        "From the root on the left to the leaves. Shaded: paid (green), overdue (amber), lost (red), declined (grey). "
        f"{len(roots)} of {sum(not one.parent for one in held.values())} roots are drawn.",
        "左为原始凭证，右为末端凭证。底色：已兑付（绿）、逾期（琥珀）、损失（红）、拒收（灰）。"
        f"共 {sum(not one.parent for one in held.values())} 张原始凭证，绘出 {len(roots)} 张。",
    )
    return exhibit(title, reading, drawn) if roots else None


def _node(held: dict[str, Certificate], key: str, played: Played, language: Language) -> Node:
    found = held[key]
    lines = (
        key if not found.parent else key.removeprefix(found.root),
        played.called(found.holder, language),
        money(found.amount_cents),
        WORDS.terms[found.state].text(language),
    )
    return Node(lines, FILLS.get(found.state, "#ffffff"), tuple(_node(held, child, played, language) for child in found.children))


def _series(played: Played, other: Words) -> Words:
    """The names of both bars: neither was measured in a story, and the first was in files of one's own."""
    ledger = Words("with the ledger (story)", "使用账本（故事设定）") if played.root else Words("with the ledger", "使用账本")
    return Words(f"{ledger.en}|{other.en}", f"{ledger.zh}|{other.zh}")


def _origin(played: Played) -> Words:
    """Where rates, fees and dates with the ledger come from."""
    if played.root:
        return Words("Rates, fees and dates with the ledger are made up too.", "使用账本一侧的利率、手续费和日期同样为虚构。")
    return Words("Rates, fees and dates with the ledger are those of the files.", "使用账本一侧的利率、手续费和日期取自文件。")


def _tier(tier: int, language: Language) -> str:
    return TIER.said(language).format(tier)


def _counted(tier: int, count: int, language: Language) -> str:
    """A tier with the number of its certificates, and whether there is an assumption for it."""
    assert tier in ALONE
    return f"{_tier(tier, language)} ({count})"
