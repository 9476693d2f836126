"""Supply-chain finance as a scenario: its cast, story, invariants and exhibits under one name."""

from scenarios.story import Scenario, Words
from scenarios.supply_chain_finance.cast import CAST, specification
from scenarios.supply_chain_finance.contract import SupplyChainFinance
from scenarios.supply_chain_finance.exhibits import exhibits
from scenarios.supply_chain_finance.invariants import findings
from scenarios.supply_chain_finance.sources import SOURCES
from scenarios.supply_chain_finance.story import story
from scenarios.supply_chain_finance.terms import TERMS

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
    exhibits=exhibits,
    cast=CAST,
    sources=SOURCES,
    terms=TERMS,
)
