"""The corridor as a scenario: one container, four ledgers."""

from functools import partial

from ledger.contract.refusal import Phrase
from ledger.governance import Governance
from nodes.foreign.contract import Foreign
from scenarios.corridor import story_begin, story_end, story_finance, story_sale
from scenarios.corridor.brought import BroughtRecords
from scenarios.corridor.cast import CALLED, CAST, FINANCE, TERMS, specification
from scenarios.corridor.energy import CorridorEnergy
from scenarios.corridor.figures import key_figures
from scenarios.corridor.finance import CorridorFinance
from scenarios.corridor.government import CorridorGovernment
from scenarios.corridor.invariants import findings
from scenarios.corridor.payment import DealPayments
from scenarios.corridor.shipping import CorridorShipping
from scenarios.corridor.stage import routed
from scenarios.economy.cast import TRADES
from scenarios.story.short import read_short
from scenarios.story.story import Scenario, Story, written

CHAPTERS = (
    story_begin.write_admissions, story_begin.write_licence, story_begin.write_bill, story_begin.write_power,
    story_finance.write_promises, story_finance.write_bill, story_finance.write_attacks, story_finance.write_claim,
    story_finance.write_licence, story_sale.write_arrival, story_sale.write_cancelled, story_sale.write_executed,
    story_sale.write_release, story_end.write_court, story_end.write_fork,
)  # fmt: skip
"""In the order of time."""


def story() -> Story:
    """All chapters, each call with its ledger."""
    return routed(written(CHAPTERS))


CORRIDOR = Scenario(
    name="corridor",
    title=Phrase("One container, four ledgers", "一个集装箱，四个账本"),
    summary=Phrase(
        "A box of solar modules goes to Hamburg. Its papers, the money on them, licence and green power stand on four ledgers "
        "that nobody runs together; each believes the others by proof alone.",
        "一箱光伏组件由上海运往汉堡。单证、融资、执照和背后的绿电分别记在四个互不统属的账本上；各账本只凭证明相信彼此。",
    ),
    contract=CorridorFinance,
    others=(CorridorGovernment, CorridorEnergy, CorridorShipping, DealPayments, BroughtRecords, Foreign, Governance),
    specification=partial(specification, FINANCE),
    story=story,
    findings=findings,
    exhibits=lambda played: (),
    key_figures=key_figures,
    cast=CAST,
    sources={code: source for trade in reversed(TRADES) for code, source in trade.sources.items()},
    operator="yanshan",
    terms={word: phrase for trade in reversed(TRADES) for word, phrase in trade.terms.items()} | TERMS,
    ledgers=CALLED,
    short=partial(read_short, "scenarios.corridor"),
)
