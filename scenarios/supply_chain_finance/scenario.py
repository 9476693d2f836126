"""Supply-chain finance as a scenario: its cast, story, invariants and exhibits under one name."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from ledger.contract.refusal import Phrase
from ledger.contract.words import read_words
from nodes.network.specification import NetworkSpecification
from scenarios.importing.faults import inert
from scenarios.story.short import read_short
from scenarios.story.story import Scenario, written
from scenarios.supply_chain_finance import story_autumn as autumn
from scenarios.supply_chain_finance import story_month as month
from scenarios.supply_chain_finance import story_spring as spring
from scenarios.supply_chain_finance import story_summer as summer
from scenarios.supply_chain_finance.cast import CAST, HAIHE, PARTIES, ROOT, TUOHAI
from scenarios.supply_chain_finance.contract import SupplyChainFinance
from scenarios.supply_chain_finance.exhibits import Played, exhibits, key_figures
from scenarios.supply_chain_finance.figures import STORY_TIERS
from scenarios.supply_chain_finance.invariants import findings
from scenarios.supply_chain_finance.trade_files import default_trade, read_trade

WORDS = read_words("scenarios.supply_chain_finance")

CHAPTERS = (
    spring.write_admission, spring.write_invoices, spring.write_issue, spring.write_tiers, spring.write_cash,
    spring.write_warnings, spring.write_second_core, spring.write_long_project, spring.write_entry_runs_out,
    summer.write_silence, summer.write_roll_over, summer.write_used_elsewhere,
    autumn.write_early_cash, autumn.write_court, autumn.write_bond, autumn.write_maturity, autumn.write_default,
    autumn.write_december, month.write_month,
)  # fmt: skip
"""In the order of time: one motor maker's promise reaches the fourth tier, and another maker does not pay."""


def specification(*, with_observers: bool = False) -> NetworkSpecification:
    """Each party is an organization of its own. The companies of the month of trade run no node."""
    return PARTIES.network(SupplyChainFinance, others=default_trade().organizations, with_observers=with_observers)


def with_data(folder: Path) -> Scenario:
    """The same rules over a user's own course of trade: seven CSV files in a folder."""
    trade = read_trade(folder)
    start_ms = month.begin_of(trade)
    played = Played({**CAST, **trade.cast}, trade.tiers)
    name, companies, invoices = inert(folder.name), len(trade.companies), len(trade.invoices)
    return replace(
        SCENARIO,
        short=None,
        summary=Phrase(
            f"{companies} companies and {invoices} invoices from {name}: every row is an operation, and the rules say.",
            f"{name} 中的 {companies} 家企业、{invoices} 张发票：每一行都是一次操作，由规则裁决。",
        ),
        specification=lambda: month.specification_of(trade, start_ms),
        story=lambda: month.story_of(trade, start_ms),
        exhibits=partial(exhibits, played=played),
        key_figures=partial(key_figures, played=played),
        cast={**CAST, **month.GROUPS, **trade.cast},
    )


NAMES = {**CAST, **month.GROUPS, **default_trade().cast}
PLAYED = Played(NAMES, {**STORY_TIERS, **default_trade().tiers}, root=ROOT, cores=(HAIHE, TUOHAI))

SCENARIO = Scenario(
    name="supply-chain-finance",
    title=Phrase("Supply-chain finance", "供应链金融"),
    summary=Phrase(
        "A motor maker's promise to pay is split down four tiers of suppliers, financed at the maker's price, and paid to "
        "whoever holds it on the day; a second maker defaults.",
        "整车厂的付款承诺沿四级供应商拆分流转，按核心企业的信用融资，到期付给当日持有人；另一家核心企业违约。",
    ),
    contract=SupplyChainFinance,
    specification=specification,
    story=partial(written, CHAPTERS),
    findings=findings,
    exhibits=partial(exhibits, played=PLAYED),
    key_figures=partial(key_figures, played=PLAYED),
    cast=NAMES,
    sources=WORDS.sources,
    operator="tongda",
    short=partial(read_short, "scenarios.supply_chain_finance"),
    terms=WORDS.terms,
    currency="¥",
    with_data=with_data,
    sample="tallystick demo supply-chain-finance --data {directory}",
)
