"""Hamburg: what comes off, who holds it, what it costs, and who gets it."""

from hashlib import sha256
from typing import Any

from scenarios.dates import days, on
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
    QIAOSHAN,
    STAPELHOF,
    YANSHAN,
    ZOLLAMT,
)
from scenarios.shipping.contract import Shipping
from scenarios.shipping.fleet import back_at, called, estimated, moved, out_at
from scenarios.shipping.papers import BILL_B4, CHARGES, controls
from scenarios.shipping.records import Kind
from scenarios.shipping.shipments import DISCHARGE, A, B, C, E, G, space
from scenarios.shipping.voyage import HOUR_MS
from scenarios.story.story import StoryWriter

Record = Shipping.record_event
FREIGHT = sum(charge["amount_cents"] for charge in CHARGES)  # type: ignore[misc]
LETTER_OF_INDEMNITY = sha256(b"we hold you harmless").hexdigest()
PAID_ON = on("2026-05-22") + 9 * HOUR_MS
"""When A is charged and released."""
# A story reads like a script, with each step's words beside it.
# fmt: off


def write_arrival(writer: StoryWriter) -> None:
    """15 May: the ship is in, the papers are not."""
    step, batch = writer.step, writer.batch
    writer.chapter(en="Hamburg", zh="抵达汉堡")
    writer.clock(days("2026-05-15"), en="15 May.", zh="5 月 15 日。")
    batch(CANGHAI, [(Record, estimated(0, 5)), (Record, estimated(1, 4)),
                    (Record, called("ARRI", fleet.ARRIVED_AT, DISCHARGE, fleet.FIRST_LEG))],
          en="Canghai: arrived at two in the morning.", zh="沧海：凌晨两点抵港。")
    landed = [(s, plan, plan.seal if s is not B else "ZZ900001") for s in (A, B, C, E) for plan in s.boxes]
    batch(MOORKAI, [(Record, moved("DISC", s, plan, fleet.LANDED_AT, DISCHARGE, seals=[seal], **fleet.FIRST_LEG))
                    for s, plan, seal in landed],
          en="Five boxes come off. B bears another seal than in Shanghai: recorded, and flagged.",
          zh="五箱卸船。B 的铅封与上海不同：如实记录并标记。")
    names = {A: A.document, B: BILL_B4, C: C.document, E: E.document}
    batch(CANGHAI, [(Shipping.quote_free_time, {"document": names[s], "equipment": plan.reference}) for s, plan, _ in landed],
          en="Arrival notices: the tariff that is promised now holds.", zh="到货通知：此时告知的费率不得再改。")
    step(CANGHAI, Shipping.release_cargo, document=E.document, to=ALSTER, letter_of_indemnity=LETTER_OF_INDEMNITY,
         refused="letter-of-indemnity",
         en="Bill E lies with the bank. The forwarder offers a letter of indemnity, as everybody does: no bill, no goods.",
         zh="提单 E 还在银行。货代照惯例出具保函：没有提单，不放货。")
    step(MOORKAI, Record, **moved("GTOT", E, E.boxes[0], fleet.LANDED_AT + HOUR_MS, DISCHARGE), refused="not-released",
         en="A lorry is at the gate for E. The gate stays shut.", zh="拖车已到闸口要提 E：闸口不开。")
    write_misdelivery(writer)
    step(ZOLLAMT, Shipping.hold_cargo, document=C.document, reason="inspection of a reefer that failed",
         en="Customs holds C back.", zh="海关扣留 C。")


def write_misdelivery(writer: StoryWriter) -> None:
    """E goes all the same."""
    step = writer.step
    step(MOORKAI, Shipping.record_misdelivery, document=E.document, taken_by="Elbinsel Transporte",
         letter_of_indemnity=LETTER_OF_INDEMNITY,
         en="An hour later it opens for the letter after all. Moorkai records what happened: bill E is flagged.",
         zh="一小时后闸口还是凭保函开了。莫尔凯如实记录：提单 E 打上警示。")
    step(MOORKAI, Record, **moved("GTOT", E, E.boxes[0], fleet.LANDED_AT + 2 * HOUR_MS, DISCHARGE, seals=[E.boxes[0].seal]),
         en="Now the gate-out is a fact like others.", zh="出场也就成为一条事实。")
    claim = {"document": E.document, "statement": sha256(b"the value of the goods of E").hexdigest()}
    step(ALSTER, Shipping.lodge_claim, **claim, refused="no-right-to-claim",
         en="Alster, who has the goods, would claim as well.", zh="货在手里的阿尔斯特也想索赔。")
    step(ELBKONTOR, Shipping.lodge_claim, **claim, en="Elbkontor still holds the bill, and claims from Canghai.",
         zh="易北银行仍持有提单，向沧海索赔。")
    step(CANGHAI, Shipping.release_cargo, document=E.document, to=NORDLICHT, refused="goods-gone",
         en="What went once is not released once more.", zh="已被提走的货不能再放行。")


def write_release(writer: StoryWriter) -> None:
    """20 to 22 May: released once, to the one who surrendered."""
    step, batch = writer.step, writer.batch
    writer.chapter(en="Who gets the goods", zh="放货")
    writer.clock(days("2026-05-20"), en="20 May: the second ship.", zh="5 月 20 日：第二艘船到港。")
    batch(CANGHAI, [(Record, estimated(1, 5)), (Record, called("ARRI", fleet.ARRIVED_SECOND_AT, DISCHARGE, fleet.SECOND_LEG))],
          en="It arrived last evening.", zh="昨晚抵港。")
    batch(MOORKAI, [(Record, moved("DISC", G, plan, fleet.LANDED_SECOND_AT, DISCHARGE, seals=[plan.seal], **fleet.SECOND_LEG))
                    for plan in G.boxes],
          en="The twelve boxes of G come off.", zh="G 的 12 箱卸船。")
    batch(CANGHAI, [(Shipping.quote_free_time, {"document": G.document, "equipment": plan.reference}) for plan in G.boxes],
          en="Arrival notices for G.", zh="G 的到货通知。")
    step(CANGHAI, Shipping.release_cargo, document=G.document, to=NORDLICHT, refused="not-surrendering-party",
         en="A sea waybill is its consignee's: Nordlicht is not.", zh="海运单只认收货人：北光不是。")
    step((CANGHAI, ALSTER), Shipping.release_cargo, document=G.document, to=ALSTER, refused="not-cleared",
         en="Customs has not spoken.", zh="海关尚未放行。")
    batch(ZOLLAMT, [(Shipping.customs_release, {"document": name}) for name in (G.document, A.document)],
          en="Customs releases G and A.", zh="海关放行 G 和 A。")
    step((CANGHAI, ALSTER), Shipping.release_cargo, document=G.document, to=ALSTER,
         en="G goes to Alster, who proves who it is by signing.", zh="G 放给阿尔斯特：以签名证明身份。")
    step(ALSTER, Shipping.name_haulier, document=G.document, haulier=ELBWAGEN,
         en="Alster names its haulier.", zh="阿尔斯特指定拖车公司。")
    writer.clock(days("2026-05-22"), en="22 May: two days too late for A.", zh="5 月 22 日：A 已超期两天。")
    write_charges(writer)
    step(CANGHAI, Shipping.release_cargo, document=A.document, to=ALSTER, refused="not-surrendering-party",
         en="The forwarder asks for A as well: the goods are Nordlicht's, who surrendered the bill.",
         zh="货代也来要 A：货物属于交单的北光。")
    step(CANGHAI, Shipping.release_cargo, document=A.document, to=NORDLICHT, en="A is released.", zh="A 放行。")
    step(CANGHAI, Shipping.release_cargo, document=A.document, to=NORDLICHT, refused="already-released",
         en="A second release of the same goods.", zh="同一票货第二次放行：拒绝。")
    step(NORDLICHT, Shipping.name_haulier, document=A.document, haulier=ELBWAGEN,
         en="Nordlicht names Elbwagen, which will sign at the gate.", zh="北光指定易北拖车，提箱时由其签字。")
    step(MOORKAI, Shipping.record_misdelivery, document=A.document, taken_by="unknown",
         en="A box of A is missed in the yard. Moorkai records that somebody else took it.",
         zh="堆场少了 A 的一箱，莫尔凯记为被他人提走。")
    step((CANGHAI, NORDLICHT), Shipping.retract_misdelivery, document=A.document,
         en="It stood in another row: Canghai and Nordlicht take the record back together.",
         zh="原来放错了排：沧海与北光共同撤回记录。")
    write_reefer(writer)


def write_charges(writer: StoryWriter) -> None:
    """Demurrage by events and tariff."""
    step = writer.step
    release: dict[str, Any] = {"document": A.document, "to": NORDLICHT}
    step(CANGHAI, Shipping.release_cargo, **release, refused="charges-unpaid",
         en="Freight to collect and two days of demurrage stand against A.", zh="A 尚欠到付运费和两天滞期费。")
    first = A.boxes[0].reference
    due = due_cents(fleet.TARIFF, "DEM", fleet.LANDED_AT, PAID_ON)
    charge: dict[str, Any] = {"document": A.document, "kind": "DEM"}
    step(CANGHAI, Shipping.charge_dnd, **charge, equipment=first, amount_cents=due + 90_00, refused="wrong-charge",
         en="Canghai charges three days. Anybody can count them: two.", zh="沧海按三天收费。谁都数得出：两天。")
    for plan in A.boxes:
        step(CANGHAI, Shipping.charge_dnd, **charge, equipment=plan.reference, amount_cents=due,
             en=f"Two days for {plan.reference}.", zh=f"{plan.reference} 两天。")
    whole = FREIGHT + len(A.boxes) * due
    pay: dict[str, Any] = {"document": A.document, "payer": NORDLICHT}
    step(NORDLICHT, Shipping.pay_charges, **pay, amount_cents=whole, refused="policy-not-satisfied",
         en="Nordlicht says it has paid; no bank says so.", zh="北光称已付款：没有银行签字。")
    step((NORDLICHT, ELBKONTOR), Shipping.pay_charges, **pay, amount_cents=whole + 1, refused="over-payment-of-charges",
         en="A cent too much.", zh="多付一分：拒绝。")
    step((NORDLICHT, ELBKONTOR), Shipping.pay_charges, **pay, amount_cents=whole,
         en="Elbkontor moves the money and signs.", zh="易北银行划款并签字。")


def write_reefer(writer: StoryWriter) -> None:
    """C, which customs looked into."""
    step = writer.step
    release: dict[str, Any] = {"document": C.document, "to": NORDLICHT}
    step(CANGHAI, Shipping.release_cargo, **release, refused="on-hold",
         en="C is surrendered and held by customs.", zh="C 已交单，但被海关扣留。")
    step(CANGHAI, Shipping.lift_hold, document=C.document, refused="no-such-hold",
         en="The carrier cannot lift a hold of customs.", zh="承运人不能解除海关的扣留。")
    step(ZOLLAMT, Shipping.lift_hold, document=C.document, en="Customs has looked", zh="海关查验完毕，")
    step(ZOLLAMT, Shipping.customs_release, document=C.document, en="and releases C.", zh="放行 C。")
    due = due_cents(fleet.TARIFF, "DEM", fleet.LANDED_AT, PAID_ON)
    step(CANGHAI, Shipping.charge_dnd, document=C.document, equipment=C.boxes[0].reference, kind="DEM", amount_cents=due,
         en="Demurrage runs while customs looks: two days.", zh="海关查验期间滞期费照计：两天。")
    step((NORDLICHT, ELBKONTOR), Shipping.pay_charges, document=C.document, payer=NORDLICHT, amount_cents=due,
         en="Paid,", zh="付清，")
    step(CANGHAI, Shipping.release_cargo, **release, en="released,", zh="放行，")
    step(NORDLICHT, Shipping.name_haulier, document=C.document, haulier=ELBWAGEN,
         en="and fetched by Elbwagen.", zh="由易北拖车提箱。")


def write_returns(writer: StoryWriter) -> None:
    """8 to 22 June: boxes leave, and come back empty."""
    step, batch = writer.step, writer.batch
    writer.chapter(en="What a box costs that stands", zh="滞期与滞箱")
    writer.clock(days("2026-06-08"), en="8 June.", zh="6 月 8 日。")
    seen = [(G, plan, out_at(place)) for place, plan in enumerate(G.boxes)]
    seen += [(s, plan, fleet.OUT_AT) for s in (A, C) for plan in s.boxes]
    step(ZOLLAMT, Shipping.publish_controls, **controls(1),
         en="New controls: Qiaoshan is listed, exporters need a licence. Waybill G shows the name, and is flagged.",
         zh="新的管制：樵山列入名单，出口须有许可。海运单 G 载有此名，打上警示。")
    step(QIAOSHAN, Shipping.book, booking="BK-Q", space=space(1), refused="sanctioned",
         en="It cannot book any more,", zh="樵山不能再订舱，")
    step(JIANGLAN, Shipping.book, booking="BK-J", space=space(1), refused="no-licence",
         en="and Jianglan not without the licence. What was booked before goes on.",
         zh="江澜没有许可也不能订。此前的订舱不受影响。")
    step(MOORKAI, Record, **moved("GTOT", A, A.boxes[0], fleet.OUT_AT, DISCHARGE), refused="not-haulier",
         en="A driver knew the number of A's release. That is not enough.", zh="有司机报得出 A 的放行号：这不够。")
    batch((MOORKAI, ELBWAGEN), [(Record, moved("GTOT", s, plan, at_ms, DISCHARGE, seals=[plan.seal])) for s, plan, at_ms in seen],
          en="The gate's log of three weeks: fifteen boxes left laden.", zh="闸口三周记录：15 个重箱出场。")
    batch(CANGHAI, charges("DEM"), en="Demurrage of those that stood longer than five days.", zh="超过免堆期的收滞期费。")
    writer.clock(days("2026-06-22"), en="22 June.", zh="6 月 22 日。")
    batch(STAPELHOF, [(Record, moved("GTIN", G, plan, back_at(place), DISCHARGE, empty="EMPTY", facility="DEPO"))
                      for place, plan in enumerate(G.boxes)],
          en="The depot has all twelve back, empty.", zh="12 箱全部空箱回堆场。")
    batch(CANGHAI, charges("DET"), en="Detention of those that were kept longer than ten days.", zh="超过免箱期的收滞箱费。")
    whole = sum(charge["amount_cents"] for _, charge in (*charges("DEM"), *charges("DET")))
    step((ALSTER, YANSHAN), Shipping.pay_charges, document=G.document, payer=ALSTER, amount_cents=whole,
         en="Alster pays what anybody can compute from the events.", zh="阿尔斯特照付：金额人人可由事件算出。")
    step(CANGHAI, Shipping.charge_dnd, document=G.document, equipment=G.boxes[0].reference, kind="DET", amount_cents=1,
         refused="nothing-due", en="Not a cent more.", zh="一分也不能多收。")


def charges(kind: Kind) -> list[tuple[Any, dict[str, Any]]]:
    """A charge for each box of G that has cost something."""
    spans = [(fleet.LANDED_SECOND_AT, out_at(p)) if kind == "DEM" else (out_at(p), back_at(p)) for p in range(len(G.boxes))]
    return [
        (Shipping.charge_dnd, {"document": G.document, "equipment": G.boxes[place].reference, "kind": kind,
                               "amount_cents": due_cents(fleet.TARIFF, kind, *span)})
        for place, span in enumerate(spans) if due_cents(fleet.TARIFF, kind, *span)
    ]
