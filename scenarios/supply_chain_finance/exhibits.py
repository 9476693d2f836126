"""What the report shows of a played story: cost and speed of cash by tier, the tree of certificates, who bore the loss."""

from collections.abc import Callable
from html import escape

from scenarios.plots import Bar, Group, Node, grouped_bars, stacked_bars, tree
from scenarios.story import Exhibit, Language, Performance, Snapshot, Words
from scenarios.supply_chain_finance.cast import CAST
from scenarios.supply_chain_finance.figures import (
    certificates,
    concentration_ppm,
    losses,
    reach,
    reconciliation,
    tier_figures,
)
from scenarios.supply_chain_finance.records import Certificate
from scenarios.supply_chain_finance.story_issue import ROOT
from scenarios.supply_chain_finance.terms import STATES
from scenarios.supply_chain_finance.trade_files import default_trade

NAMES = {**CAST, **default_trade().cast}
LANGUAGES: tuple[Language, ...] = ("en", "zh")
TIER = Words("Tier {}", "{} 级供应商")
FILLS = {"settled": "#d5efe9", "overdue": "#fbe3c0", "recourse": "#fbe3c0", "written-off": "#f6c9c2", "rejected": "#eceff3"}


def exhibits(performance: Performance) -> tuple[Exhibit, ...]:
    """Every exhibit, in the order of the report."""
    state = performance.records
    return (_cost(state), _speed(state), _tree(state), _loss(state), _numbers(state))


def _cost(state: Snapshot) -> Exhibit:
    figures = tier_figures(state, ROOT)
    title = Words("Cost of finance by tier", "各级融资成本")
    series = Words("with the ledger|alone (assumed)", "使用账本|自身信用（假设）")

    def drawn(language: Language) -> str:
        groups = [
            Group(
                _tier(f.tier, f.member, language),
                (Bar(f.cost_ppm, percent(f.cost_ppm)), Bar(f.cost_alone_ppm, percent(f.cost_alone_ppm))),
            )
            for f in figures
        ]
        return grouped_bars(groups, series.said(language).split("|"), title.said(language))

    return Exhibit(
        title,
        Words(
            "Effective annual cost with fees: (face - net) / net x 360 / days. With the ledger every tier pays the price of the "
            "core's credit. The rates alone are illustrative assumptions (data/illustrative.json).",
            "含手续费的实际年化成本：（票面 - 净额）/ 净额 x 360 / 天数。使用账本后各级都按核心企业的信用定价。"
            "自身信用的利率为示意性假设（data/illustrative.json）。",
        ),
        _both(drawn),
    )


def _speed(state: Snapshot) -> Exhibit:
    figures = tier_figures(state, ROOT)
    title = Words("Days from invoice to cash", "从开票到收款的天数")
    series = Words("with the ledger|usual terms (assumed)", "使用账本|通常账期（假设）")
    unit = Words("{} days", "{} 天")

    def drawn(language: Language) -> str:
        groups = [
            Group(
                _tier(f.tier, f.member, language),
                tuple(Bar(days, unit.said(language).format(days)) for days in (f.days_to_cash, f.days_to_cash_alone)),
            )
            for f in figures
        ]
        return grouped_bars(groups, series.said(language).split("|"), title.said(language))

    return Exhibit(
        title,
        Words(
            "From the date of the supplier's invoice to the bank's disbursement, by block time. The usual terms are assumptions.",
            "从供应商开票日到银行放款日，按区块时间计算。通常账期为假设。",
        ),
        _both(drawn),
    )


def _tree(state: Snapshot) -> Exhibit:
    title = Words("The certificates and who holds them", "凭证树与持有人")
    held = certificates(state)

    def drawn(language: Language) -> str:
        roots = [
            _node(held, key, language) for key, certificate in held.items() if not certificate.parent and certificate.core in CAST
        ]
        return tree(roots, title.said(language))

    return Exhibit(
        title,
        Words(
            "From the root on the left to the leaves; each line of parts adds up to its parent, to the cent. A declined part "
            "goes back as a new certificate.",
            "左为原始凭证，右为末端凭证；每次拆分的各份之和等于上一级，精确到分。拒收的一份以新凭证退回。",
        ),
        _both(drawn),
    )


def _loss(state: Snapshot) -> Exhibit:
    title = Words("Who bore the default", "违约损失由谁承担")
    series = Words("paid by the core|back with the seller|lost by the bank", "核心企业已付|由卖方回购|银行损失")
    recourse = {True: Words("with recourse", "有追索"), False: Words("no recourse", "无追索")}

    def drawn(language: Language) -> str:
        groups = [
            Group(
                f"{f.certificate}, {recourse[f.with_recourse].said(language)}",
                tuple(Bar(cents, money(cents)) for cents in (f.paid_cents, f.seller_cents, f.bank_cents)),
            )
            for f in losses(state)
        ]
        return stacked_bars(groups, series.said(language).split("|"), title.said(language))

    return Exhibit(
        title,
        Words(
            "Two banks bought certificates of the maker that paid two fifths. Amounts in yuan.",
            "两家银行各买入了违约企业的凭证，该企业只付了五分之二。单位：元。",
        ),
        _both(drawn),
    )


def _numbers(state: Snapshot) -> Exhibit:
    beyond, early = reach(state, ROOT)
    rows = [
        (Words("Reached suppliers beyond the first tier, yuan", "到达一级以下供应商的金额（元）"), money(beyond)),
        (Words("of this turned into cash before maturity", "其中到期前变现的比例"), percent(early * 1_000_000 // beyond)),
        (
            Words("Concentration of banks (Herfindahl index)", "银行集中度（赫芬达尔指数）"),
            f"{concentration_ppm(state) / 1e6:.2f}",
        ),
    ]
    for core, count, cents in reconciliation(state):
        name = NAMES[core]
        rows.append(
            (
                Words(f"Still owed by {name.en}, yuan (certificates)", f"{name.zh}未偿金额（元）及张数"),
                f"{money(cents)} ({count})",
            )
        )

    def drawn(language: Language) -> str:
        cells = (f"<tr><th>{escape(name.said(language))}</th><td>{escape(value)}</td></tr>" for name, value in rows)
        return f'<table class="numbers">{"".join(cells)}</table>'

    return Exhibit(
        Words("Other figures", "其他数据"),
        Words("At the end of the story.", "故事结束时的状态。"),
        _both(drawn),
    )


def money(cents: int) -> str:
    """`1,234,567.89`."""
    return f"{cents // 100:,}.{cents % 100:02}"


def percent(ppm: int) -> str:
    """`3.62 %`, half up."""
    hundredths = (ppm + 50) // 100
    return f"{hundredths // 100}.{hundredths % 100:02} %"


def _node(held: dict[str, Certificate], key: str, language: Language) -> Node:
    found = held[key]
    who = NAMES[found.holder].said(language)
    lines = (
        key if not found.parent else key.removeprefix(found.root),
        who,
        money(found.amount_cents),
        STATES[found.state].said(language),
    )
    return Node(lines, FILLS.get(found.state, "#ffffff"), tuple(_node(held, child, language) for child in found.children))


def _tier(tier: int, member: str, language: Language) -> str:
    return f"{TIER.said(language).format(tier)} · {NAMES[member].said(language)}"


def _both(drawn: Callable[[Language], str]) -> Words:
    en, zh = (drawn(language) for language in LANGUAGES)
    return Words(en, zh)
