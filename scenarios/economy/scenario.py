"""One day in one economy as a scenario: its network, story, invariants and exhibits under one name."""

from functools import partial

from ledger.contract.refusal import Phrase
from scenarios.economy import story_before, story_day
from scenarios.economy.cast import CAST, TERMS, TRADES, specification
from scenarios.economy.exhibits import exhibits, key_figures
from scenarios.economy.invariants import findings
from scenarios.story.short import read_short
from scenarios.story.story import Scenario, written
from scenarios.supply_chain_finance.contract import SupplyChainFinance

CHAPTERS = (
    story_before.write_licence, story_before.write_credit, story_before.write_bill, story_before.write_power,
    story_day.write_promises, story_day.write_customs, story_day.write_bill, story_day.write_claim, story_day.write_licence,
)  # fmt: skip
"""In the order of time."""

ECONOMY = Scenario(
    name="all",
    title=Phrase("One day in one economy", "一个经济体的一天"),
    summary=Phrase(
        "A solar company is financed on its buyer's promise. The bank pays on what a market bureau, a carrier and a verifier "
        "have recorded on the same ledger, and stops while the company's licence is withheld; what it has paid before stands.",
        "一家光伏企业凭买方的付款承诺融资。银行依据市场监管局、承运人和核验方记在同一账本上的内容放款；执照扣留期间停止新增，已放款的照旧有效。",
    ),
    contract=SupplyChainFinance,
    others=tuple(trade.contract for trade in TRADES if trade.contract is not SupplyChainFinance),
    specification=specification,
    story=partial(written, CHAPTERS),
    findings=findings,
    exhibits=exhibits,
    key_figures=key_figures,
    cast=CAST,
    sources={code: source for trade in reversed(TRADES) for code, source in trade.sources.items()},
    operator="yanshan",
    short=partial(read_short, "scenarios.economy"),
    terms={word: phrase for trade in reversed(TRADES) for word, phrase in trade.terms.items()} | TERMS,
    currency="¥",
)
