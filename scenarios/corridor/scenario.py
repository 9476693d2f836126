"""The corridor as a scenario: one container, four ledgers."""

from functools import partial

from ledger.contract.refusal import Phrase
from ledger.governance import Governance
from nodes.foreign.contract import Foreign
from scenarios.corridor import story_begin, story_sale
from scenarios.corridor.cast import CALLED, CAST, FINANCE, specification
from scenarios.corridor.payment import DealPayments
from scenarios.corridor.stage import routed
from scenarios.economy.cast import TERMS, TRADES
from scenarios.energy.contract import Energy
from scenarios.government.contract import Government
from scenarios.shipping.contract import Shipping
from scenarios.story.story import Scenario, Story, written
from scenarios.supply_chain_finance.contract import SupplyChainFinance

CHAPTERS = (
    story_begin.write_admissions, story_begin.write_bill,
    story_sale.write_cancelled, story_sale.write_executed,
)  # fmt: skip
"""In the order of time."""


def story() -> Story:
    """All chapters, each call with its ledger."""
    return routed(written(CHAPTERS))


CORRIDOR = Scenario(
    name="corridor",
    title=Phrase("One container, four ledgers", "一个集装箱，四个账本"),
    summary=Phrase(
        "Four ledgers with validators of their own believe each other by proof alone. ",
        "四个账本各有验证节点，只凭证明相信彼此。",
    ),
    contract=SupplyChainFinance,
    others=(Government, Energy, Shipping, DealPayments, Foreign, Governance),
    specification=partial(specification, FINANCE),
    story=story,
    findings=lambda played: (),
    exhibits=lambda played: (),
    key_figures=lambda played: (),
    cast=CAST,
    sources={code: source for trade in reversed(TRADES) for code, source in trade.sources.items()},
    operator="yanshan",
    terms={word: phrase for trade in reversed(TRADES) for word, phrase in trade.terms.items()} | TERMS,
    currency="¥",
    ledgers=CALLED,
)
