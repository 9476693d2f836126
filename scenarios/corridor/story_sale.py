"""Hamburg: goods for a bill only; the bill is sold against money on another ledger, once in vain and once for good; released."""

from scenarios.corridor.clients import Deal
from scenarios.corridor.payment import DealPayments
from scenarios.dates import days
from scenarios.shipping import fleet
from scenarios.shipping.box.tariff import due_cents
from scenarios.shipping.cast import (
    ALSTER,
    CANGHAI,
    ELBKONTOR,
    ELBWAGEN,
    JIANGLAN,
    MOORKAI,
    NORDLICHT,
    STAPELHOF,
    YANSHAN,
    ZOLLAMT,
)
from scenarios.shipping.contract import Shipping
from scenarios.shipping.fleet import called, moved
from scenarios.shipping.shipments import DISCHARGE, B
from scenarios.shipping.story_release import LETTER_OF_INDEMNITY, PAID_ON
from scenarios.shipping.voyage import DAY_MS, HOUR_MS
from scenarios.story.story import StoryWriter
from scenarios.supply_chain_finance.cast import CLEARING, K

PRICE = 800 * K
"""What Nordlicht pays for the modules."""
BOX = B.boxes[0]
LANDED = moved("DISC", B, BOX, fleet.LANDED_AT, DISCHARGE, seals=[BOX.seal], **fleet.FIRST_LEG)
"""What the terminal reports of the box."""
BACK_AT = fleet.OUT_AT + 6 * DAY_MS
Record = Shipping.record_event


def deal(nonce: int) -> Deal:
    """Of the bank, to whose order the bill is, with the buyer."""
    return Deal(B.document, YANSHAN, NORDLICHT, YANSHAN, NORDLICHT, PRICE, f"{nonce:032x}")


CANCELLED, EXECUTED = deal(1), deal(2)

# A story reads like a script, with each step's words beside it.
# fmt: off


def write_arrival(writer: StoryWriter) -> None:
    """15 May: the ship is in, the bill is with the bank."""
    step = writer.step
    writer.chapter(en="Hamburg", zh="抵达汉堡")
    writer.clock(days("2026-05-15"), en="15 May.", zh="5 月 15 日。")
    step(CANGHAI, Record, **called("ARRI", fleet.ARRIVED_AT, DISCHARGE, fleet.FIRST_LEG), en="The ship is in,", zh="船已抵港，")
    step(MOORKAI, Record, **LANDED, en="the box comes off,", zh="箱子卸船，")
    step(CANGHAI, Shipping.quote_free_time, document=B.document, equipment=BOX.reference,
         en="and free time is promised.", zh="免费期告知。")
    step(CANGHAI, Shipping.release_cargo, document=B.document, to=ALSTER, letter_of_indemnity=LETTER_OF_INDEMNITY,
         refused="letter-of-indemnity",
         en="The bill lies with the bank in China. The forwarder offers a letter of indemnity: no bill, no goods.",
         zh="提单还在中国的银行。货代出具保函：没有提单，不放货。")
    step((MOORKAI, ELBWAGEN), Record, **moved("GTOT", B, BOX, fleet.LANDED_AT + HOUR_MS, DISCHARGE), refused="not-released",
         en="A lorry is at the gate. It stays shut.", zh="拖车已到闸口：闸口不开。")


def write_cancelled(writer: StoryWriter) -> None:
    """A deal that comes to nothing: the bill comes back, on proof."""
    step = writer.step
    writer.chapter(en="A sale that comes to nothing", zh="落空的买卖")
    step((JIANGLAN, YANSHAN), Shipping.endorse_to_order, document=B.document, to=YANSHAN,
         en="Jianglan endorses the bill to the bank's order, so that the bank can sell it for the loan;",
         zh="江澜把提单背书给银行，由银行变卖抵偿贷款；")
    step(YANSHAN, Shipping.unpledge, document=B.document, en="a pledge of its own bill the bank needs no more.",
         zh="提单已归银行，质押随之解除。")
    step(YANSHAN, Shipping.lock_bill, **CANCELLED.on_shipping(),
         en="Yanshan sells the bill to Nordlicht and locks it for this deal.",
         zh="燕山银行把提单卖给北光，并为这笔交易锁定提单。")
    step(YANSHAN, Shipping.transfer, document=B.document, to=JIANGLAN, refused="locked-for-deal",
         en="A locked bill goes nowhere else.", zh="锁定的提单不能再转让。")
    step(NORDLICHT, DealPayments.execute, **CANCELLED.on_finance(), lock=CANCELLED.lock(), refused="no-funds",
         en="Nordlicht proves the lock to finance, and has no money there.", zh="北光向金融账本证明锁定，但那里没有款项。")
    step(YANSHAN, DealPayments.cancel, **CANCELLED.on_finance(),
         en="Yanshan waits no longer: cancelled, for ever.", zh="燕山银行不再等待：取消，不可更改。")
    step(YANSHAN, Shipping.give_back, **CANCELLED.on_shipping(), end=CANCELLED.end(),
         en="The proof of that frees the bill.", zh="凭取消的证明，提单解锁。")


def write_executed(writer: StoryWriter) -> None:
    """Money and bill change hands, and nobody has both."""
    step = writer.step
    writer.chapter(en="Delivery against payment", zh="货款对付")
    step(CLEARING, DealPayments.deposit, member=NORDLICHT, cents=PRICE,
         en="The settlement bank has Nordlicht's money.", zh="结算银行收到北光的款项。")
    step(NORDLICHT, DealPayments.execute, **CANCELLED.on_finance(), lock=CANCELLED.lock(), refused="deal-ended",
         en="The first deal stays cancelled, whatever is proved.", zh="无论证明什么，第一笔交易仍是已取消。")
    step(YANSHAN, Shipping.lock_bill, **EXECUTED.on_shipping(),
         en="The same parties, the same price, another number: the bill is locked for the second deal.",
         zh="同样的当事方、同样的价格、另一个编号：提单为第二笔交易锁定。")
    step(NORDLICHT, DealPayments.execute, **EXECUTED.on_finance(), lock=EXECUTED.lock(),
         en="Nordlicht pays on proof of the lock: in one transaction the money moves and the end is written.",
         zh="北光凭锁定的证明付款：同一笔交易里，款项划转，结局写定。")
    step(YANSHAN, DealPayments.cancel, **EXECUTED.on_finance(), refused="deal-ended",
         en="Yanshan has the money and would have the bill as well: too late to cancel,",
         zh="燕山银行收了钱还想要提单：取消已晚，")
    step(YANSHAN, Shipping.give_back, **EXECUTED.on_shipping(), end=EXECUTED.end(), refused="deal-not-so",
         en="and the proof says how it ended.", zh="证明写明结局。")
    step(NORDLICHT, Shipping.hand_over, **EXECUTED.on_shipping(), end=EXECUTED.end(),
         en="On the same proof the bill is Nordlicht's.", zh="凭同一证明，提单归北光。")


def write_release(writer: StoryWriter) -> None:
    """22 May to 1 June: surrendered, charged, released, gone, back."""
    step = writer.step
    writer.chapter(en="Who gets the goods", zh="放货")
    writer.clock(days("2026-05-22"), en="22 May: two days too late.", zh="5 月 22 日：已超期两天。")
    step(NORDLICHT, Shipping.request_surrender, document=B.document, carrier=CANGHAI, request="SREQ",
         en="Nordlicht surrenders the bill for the goods,", zh="北光交回提单，要求提货，")
    step(CANGHAI, Shipping.accept_surrender, document=B.document, en="Canghai accepts,", zh="沧海接受，")
    step(ZOLLAMT, Shipping.customs_release, document=B.document, en="and customs has no objection.", zh="海关放行。")
    step(CANGHAI, Shipping.release_cargo, document=B.document, to=NORDLICHT, refused="charges-unpaid",
         en="Two days of demurrage stand against it.", zh="尚欠两天滞期费。")
    due = due_cents(fleet.TARIFF, "DEM", fleet.LANDED_AT, PAID_ON)
    charge = {"document": B.document, "equipment": BOX.reference}
    step(CANGHAI, Shipping.charge_dnd, **charge, kind="DEM", amount_cents=due, en="Anybody can count them.", zh="谁都数得出。")
    step((NORDLICHT, ELBKONTOR), Shipping.pay_charges, document=B.document, payer=NORDLICHT, amount_cents=due,
         en="Paid,", zh="付清，")
    step(CANGHAI, Shipping.release_cargo, document=B.document, to=NORDLICHT, en="released to the one who surrendered,",
         zh="放给交单的一方，")
    step(NORDLICHT, Shipping.name_haulier, document=B.document, haulier=ELBWAGEN, en="to be fetched by Elbwagen.",
         zh="由易北拖车提箱。")
    writer.clock(days("2026-06-01"), en="1 June.", zh="6 月 1 日。")
    step((MOORKAI, ELBWAGEN), Record, **moved("GTOT", B, BOX, fleet.OUT_AT, DISCHARGE, seals=[BOX.seal]),
         en="The box left the terminal at noon of the 22nd", zh="箱子 22 日中午出场，")
    step(STAPELHOF, Record, **moved("GTIN", B, BOX, BACK_AT, DISCHARGE, empty="EMPTY", facility="DEPO"),
         en="and came back empty six days later, within free time:", zh="六天后空箱归还，在免箱期内：")
    step(CANGHAI, Shipping.charge_dnd, **charge, kind="DET", amount_cents=1, refused="nothing-due",
         en="no detention is due.", zh="没有滞箱费。")
