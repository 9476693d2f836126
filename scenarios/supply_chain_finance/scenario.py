"""Supply-chain finance as a scenario: its cast, story, invariants and exhibits under one name."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from scenarios.importing import inert
from scenarios.story.story import Scenario, Words
from scenarios.supply_chain_finance.cast import CAST, HAIHE, TUOHAI, specification
from scenarios.supply_chain_finance.contract import WORDS, SupplyChainFinance
from scenarios.supply_chain_finance.exhibits import exhibits
from scenarios.supply_chain_finance.figures import STORY_TIERS
from scenarios.supply_chain_finance.invariants import findings
from scenarios.supply_chain_finance.showing import Played
from scenarios.supply_chain_finance.story import story
from scenarios.supply_chain_finance.story_issue import ROOT
from scenarios.supply_chain_finance.story_month import begin_of, specification_of, story_of
from scenarios.supply_chain_finance.story_trade import GROUPS
from scenarios.supply_chain_finance.trade_files import default_trade, read_trade


def with_data(folder: Path) -> Scenario:
    """The same rules over a user's own course of trade: seven CSV files in a folder."""
    trade = read_trade(folder)
    start_ms = begin_of(trade)
    name, companies, invoices = inert(folder.name), len(trade.companies), len(trade.invoices)
    return replace(
        SCENARIO,
        summary=Words(
            f"{companies} companies and {invoices} invoices from {name}: every row is an operation, and the rules say.",
            f"{name} 中的 {companies} 家企业、{invoices} 张发票：每一行都是一次操作，由规则裁决。",
        ),
        specification=lambda: specification_of(trade, start_ms),
        story=lambda: story_of(trade, start_ms),
        exhibits=partial(exhibits, played=Played({**CAST, **trade.cast}, trade.tiers)),
        cast={**CAST, **GROUPS, **trade.cast},
    )


NAMES = {**CAST, **GROUPS, **default_trade().cast}

SCENARIO = Scenario(
    name="supply-chain-finance",
    title=Words("Supply-chain finance", "供应链金融"),
    summary=Words(
        "A motor maker's promise to pay is split down four tiers of suppliers, financed at the maker's price, and paid to "
        "whoever holds it on the day; a second maker defaults.",
        "整车厂的付款承诺沿四级供应商拆分流转，按核心企业的信用融资，到期付给当日持有人；另一家核心企业违约。",
    ),
    contract=SupplyChainFinance,
    specification=specification,
    story=story,
    findings=findings,
    exhibits=partial(exhibits, played=Played(NAMES, {**STORY_TIERS, **default_trade().tiers}, root=ROOT, cores=(HAIHE, TUOHAI))),
    cast=NAMES,
    sources=WORDS.sources,
    terms=WORDS.terms,
    currency="¥",
    with_data=with_data,
)
