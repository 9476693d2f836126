"""Four ledgers admit each other; then what stands on each before the trade: licence, line of credit, bill, metered power."""

from ledger.governance import Governance
from scenarios.corridor.cast import GOVERNMENT, LEDGERS, governors
from scenarios.corridor.clients import admission
from scenarios.dates import days
from scenarios.economy import story_before
from scenarios.story.story import StoryWriter

# A story reads like a script, with each step's words beside it.
# fmt: off


def write_admissions(writer: StoryWriter) -> None:
    """31 March: each ledger says which others it follows."""
    writer.chapter(en="Four ledgers, four sets of validators", zh="四个账本，四组验证节点")
    writer.clock(days("2026-03-31"), en="31 March.", zh="3 月 31 日。")
    for ledger in LEDGERS:
        others = [other for other in LEDGERS if other != ledger]
        calls = [(Governance.propose, {"number": f"ADMIT-{other}", "action": admission(other)}) for other in others]
        first = ledger == GOVERNMENT
        writer.batch(governors(ledger), calls, on=ledger,
                     en="A majority of the organizations there admits the other three, by genesis digest and first validators."
                     if first else "The same there.",
                     zh="该账本过半数机构按创世摘要和首批验证节点接纳其他三个账本。" if first else "该账本同样。")


def write_bill(writer: StoryWriter) -> None:
    """A box goes to sea."""
    writer.chapter(en="The container", zh="集装箱")
    story_before.ship_box(writer)
