"""A bill is sold against money on another ledger: one deal that is cancelled, one that is executed, and who would have both."""

from scenarios.corridor.clients import Deal
from scenarios.corridor.payment import DealPayments
from scenarios.shipping.cast import JIANGLAN, NORDLICHT
from scenarios.shipping.contract import Shipping
from scenarios.shipping.shipments import B
from scenarios.story.story import StoryWriter
from scenarios.supply_chain_finance.cast import CLEARING, K

PRICE = 800 * K


def deal(nonce: int) -> Deal:
    """Of the seller with the buyer."""
    return Deal(B.document, JIANGLAN, NORDLICHT, JIANGLAN, NORDLICHT, PRICE, f"{nonce:032x}")


CANCELLED, EXECUTED = deal(1), deal(2)

# A story reads like a script, with each step's words beside it.
# fmt: off


def write_cancelled(writer: StoryWriter) -> None:
    """A deal that comes to nothing."""
    step = writer.step
    writer.chapter(en="A deal that is cancelled", zh="取消的交易")
    step(JIANGLAN, Shipping.lock_bill, **CANCELLED.on_shipping(),
         en="Jianglan sells the bill to Nordlicht and locks it for this deal.", zh="江澜把提单卖给北光，并为这笔交易锁定提单。")
    step(JIANGLAN, Shipping.transfer, document=B.document, to=NORDLICHT, refused="locked-for-deal",
         en="A locked bill goes nowhere else.", zh="锁定的提单不能再转让。")
    step(NORDLICHT, DealPayments.execute, **CANCELLED.on_finance(), lock=CANCELLED.lock(), refused="no-funds",
         en="Nordlicht proves the lock to the finance ledger, and has no money there.",
         zh="北光向金融账本证明锁定，但那里没有款项。")
    step(JIANGLAN, DealPayments.cancel, **CANCELLED.on_finance(),
         en="Jianglan waits no longer: cancelled, for ever.", zh="江澜不再等待：取消，不可更改。")
    step(JIANGLAN, Shipping.give_back, **CANCELLED.on_shipping(), end=CANCELLED.end(),
         en="The proof of that frees the bill.", zh="凭取消的证明，提单解锁。")


def write_executed(writer: StoryWriter) -> None:
    """Money and bill change hands."""
    step = writer.step
    writer.chapter(en="Delivery against payment", zh="货款对付")
    step(CLEARING, DealPayments.deposit, member=NORDLICHT, cents=PRICE,
         en="The settlement bank has Nordlicht's money.", zh="结算银行收到北光的款项。")
    step(NORDLICHT, DealPayments.execute, **CANCELLED.on_finance(), lock=CANCELLED.lock(), refused="deal-ended",
         en="The first deal stays cancelled, whatever is proved.", zh="无论证明什么，第一笔交易仍是已取消。")
    step(JIANGLAN, Shipping.lock_bill, **EXECUTED.on_shipping(),
         en="The same parties, the same price, another number: the bill is locked for the second deal.",
         zh="同样的当事方、同样的价格、另一个编号：提单为第二笔交易锁定。")
    step(NORDLICHT, DealPayments.execute, **EXECUTED.on_finance(), lock=EXECUTED.lock(),
         en="Nordlicht pays on proof of the lock: in one transaction the money moves and the end is written.",
         zh="北光凭锁定的证明付款：同一笔交易里，款项划转，结局写定。")
    step(JIANGLAN, DealPayments.cancel, **EXECUTED.on_finance(), refused="deal-ended",
         en="Jianglan has the money and would have the bill as well: too late to cancel,", zh="江澜收了钱还想要提单：取消已晚，")
    step(JIANGLAN, Shipping.give_back, **EXECUTED.on_shipping(), end=EXECUTED.end(), refused="deal-not-so",
         en="and the proof says how it ended.", zh="证明写明结局。")
    step(NORDLICHT, Shipping.hand_over, **EXECUTED.on_shipping(), end=EXECUTED.end(),
         en="On the same proof the bill is Nordlicht's.", zh="凭同一证明，提单归北光。")
