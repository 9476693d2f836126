"""A court compares what another ledger shows; then a ledger forks, is convicted by the others, and what they hold stays whole."""

from typing import Any

from ledger.encoding import digest, encode
from nodes.foreign.contract import Foreign
from scenarios.client_files import ClientFiles
from scenarios.corridor.brought import BroughtVersion
from scenarios.corridor.cast import ENERGY, FINANCE, GOVERNMENT, LEDGERS, RELAYER
from scenarios.corridor.clients import Examination, bring, forks, side_of_fork
from scenarios.corridor.payment import DealPayments
from scenarios.corridor.story_sale import LANDED, PRICE
from scenarios.dates import days, on
from scenarios.economy.story_day import CLAIM, THIRD, TRADES, still_held
from scenarios.energy.cast import DATA_CENTRE, WIND
from scenarios.energy.contract import Energy
from scenarios.government.cast import COURT, NOTARY
from scenarios.government.clients import sealed_again, sealed_by
from scenarios.government.contract import Government as Gov
from scenarios.identifiers import organization_of
from scenarios.shipping.cast import JIANGLAN, MOORKAI
from scenarios.shipping.records import Report
from scenarios.shipping.shipments import B
from scenarios.shipping.voyage import DAY_MS
from scenarios.story.story import Snapshot, StoryWriter
from scenarios.supply_chain_finance.cast import CLEARING, HAIHE, YANSHAN
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf

EVIDENCE, CASE = "E-LANDED", "MC-91"
EVENT = f"{organization_of(MOORKAI)}::{LANDED['report']['event_id']}:0001"
"""Where shipping keeps the first version of the report."""


def said(**changes: Any) -> str:
    """The digest of the terminal's report, or of one that says something else."""
    report = Report.model_validate({**LANDED["report"], **changes}, strict=False)
    return digest("report", encode(report.model_dump(mode="json")))


def same_as_shown(**changes: Any) -> Examination:
    """The court compares the report that it was handed with what shipping has shown."""

    def compare(files: ClientFiles, state: Snapshot) -> str:
        shown = state["brought.versions"][f"{GOVERNMENT}/{EVENT}"]
        assert isinstance(shown, BroughtVersion)
        return "" if shown.report == said(**changes) else "wrong-opening"

    return compare


# A story reads like a script, with each step's words beside it.
# fmt: off


def write_court(writer: StoryWriter) -> None:
    """When did the box come off? The days are counted from then."""
    step, inspect = writer.step, writer.inspect
    writer.chapter(en="In court", zh="法庭上")
    step(JIANGLAN, Gov.deposit_evidence, evidence=EVIDENCE, kind="terminal-report", claimed_on_ms=on("2026-05-15"),
         original=sealed_by(JIANGLAN, (), EVIDENCE, {"file": said()}),
         en="Two days of demurrage are in dispute: when did the box come off? Jianglan deposits the terminal's report,",
         zh="两天滞期费有争议：箱子何时卸船？江澜存证码头的报告，")
    step(NOTARY, Gov.anchor_evidence, batch="B-91", evidence=(EVIDENCE,), en="the notary anchors it,", zh="公证处固化，")
    step(JIANGLAN, Gov.submit_evidence, evidence=EVIDENCE, court=organization_of(COURT), case=CASE,
         en="and it is submitted.", zh="并提交法院。")
    writer.hand_over(JIANGLAN, COURT, EVIDENCE, en="The report goes to the court.", zh="报告交给法院。")
    bring(writer, JIANGLAN, GOVERNMENT, "versions", EVENT,
          en="That the terminal reported just this, on that day, shipping proves to government.",
          zh="码头当天确实如此上报：由航运账本向政务账本证明。")
    inspect(COURT, same_as_shown(event_at_ms=LANDED["report"]["event_at_ms"] + 2 * DAY_MS), finds="wrong-opening",
            en="A copy in which the box came off two days later is not what shipping shows;",
            zh="把卸船时间改晚两天的副本，与航运账本所示不符；")
    inspect(COURT, same_as_shown(), en="the deposited one is.", zh="存证的报告相符。")
    step(COURT, Gov.verify_evidence, evidence=EVIDENCE, case=CASE, original=sealed_again(EVIDENCE),
         existed_on_ms=on("2026-06-01"), en="The court finds the deposit unchanged", zh="法院核对存证未变，")
    step(COURT, Gov.admit_evidence, evidence=EVIDENCE, case=CASE, en="and admits it.", zh="予以采信。")


def write_fork(writer: StoryWriter) -> None:
    """More than a third of energy's validators lie."""
    step, inspect = writer.step, writer.inspect
    writer.chapter(en="A ledger that forks", zh="分叉的账本")
    inspect(WIND, forks(ENERGY, Energy.cancel, beneficiary=DATA_CENTRE),
            en="Fengling wins over two more of energy's four validators: they decide a second block of an old height. In it the "
               "wind was cancelled not for Jianglan but for Yunhai.",
            zh="风岭拉拢能源账本的另外两个验证者：在旧高度上再决定一个区块，其中风电不是为江澜、而是为云海核销。")
    for ledger in (one for one in LEDGERS if one != ENERGY):
        first = ledger == GOVERNMENT
        step(RELAYER, Foreign.report_fork, on=ledger, ledger=ENERGY,
             first=side_of_fork(ENERGY, 0), second=side_of_fork(ENERGY, 1),
             en="Anybody who has seen both shows them to government: two certificates of one height convict who signed both."
                if first else "The same here: nothing of energy is believed any more.",
             zh="谁见到两个区块，都可向政务账本出示：同一高度两份证书，两份都签的即被定罪。"
                if first else "此处同样：能源账本的一切不再采信。")
    bring(writer, JIANGLAN, FINANCE, "claims", CLAIM, refused="ledger-frozen",
          en="No claim of energy is worth anything here now.", zh="能源账本的声明在此不再有用。")
    bring(writer, YANSHAN, FINANCE, "titles", B.document, en="Shipping is believed as before,", zh="航运账本照常采信，")
    inspect(YANSHAN, still_held, en="what the bank has paid on, it holds,", zh="银行已放款的，照旧持有，")
    step((CLEARING, YANSHAN), DealPayments.withdraw, member=YANSHAN, cents=PRICE,
         en="and the price of the modules is paid out.", zh="组件的货款照付。")
    writer.clock(days("2026-10-08"), en="8 October: the promises are due.", zh="10 月 8 日：承诺到期。")
    for certificate, (_, _, face) in TRADES.items():
        split = certificate == THIRD
        step((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=certificate, amount_cents=face,
             en="Of the third promise Jianglan has what it kept, and the bank what Minghe was paid with." if split
                else "Haihe pays the bank, which holds what it promised.",
             zh="第三笔承诺：江澜得其留存部分，明和那份付给银行。" if split else "海河向持有承诺的银行付款。")
