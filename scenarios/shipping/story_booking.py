"""Space on a ship, what the papers are to say, drafts, the date on board, and issue through platforms."""

from hashlib import sha256

from scenarios.dates import days, on
from scenarios.shipping.cast import (
    ALSTER,
    BEIFAN,
    CANGHAI,
    HAIJIAO,
    JIANGLAN,
    NORDKETTE,
    NORDLICHT,
    QIAOSHAN,
    USERS,
    YUNTU,
    ZOLLAMT,
)
from scenarios.shipping.contract import Shipping
from scenarios.shipping.fleet import LOADED_AT, loaded
from scenarios.shipping.papers import FACTS_A, as_planned, content, controls, facts
from scenarios.shipping.shipments import VESSEL, VOYAGE, A, B, C, D, E, Shipment, space
from scenarios.shipping.voyage import HOUR_MS
from scenarios.story.story import StoryWriter

BATTERIES = {"equipment": D.boxes[0].reference, "un_number": "3480", "imo_class": "9", "package_code": "4G"}

ELSEWHERE = {
    "carrier": BEIFAN, "type_code": "BOL", "status": "ISSUED", "is_to_order": True, "is_electronic": True,
    "booking": "BF-1", "ports": ["CNSHA", "NLRTM"], "equipment": [{"reference": "TLYU9000014", "gross_weight_kg": 19_000}],
    "checksum": sha256(b"a bill elsewhere").hexdigest(),
}  # fmt: skip
"""A bill of another line, which lives on another platform."""
CHAIN = {"actions": ["ISSUE", "TRANSFER"], "possessor": "Ostwind Handel", "last_at_ms": on("2026-04-10"), "checksum": "7" * 64}
LISTED_SHIP = "3456781"

# A story reads like a script, with each step's words beside it.
# fmt: off


def write_booking(writer: StoryWriter) -> None:
    """31 March: five confirmed bookings, one declined, one taken back."""
    step, batch = writer.step, writer.batch
    writer.chapter(en="Space on a ship", zh="订舱")
    writer.clock(days("2026-03-31"), en="31 March.", zh="3 月 31 日。")
    step(ZOLLAMT, Shipping.publish_controls, **controls(0),
         en="Customs publishes with whom nobody deals.", zh="海关公布制裁名单。")
    for platform, members in USERS.items():
        batch(platform, [(Shipping.admit, {"member": member}) for member in members],
              en="An eBL platform lets in its users.", zh="电子提单平台接纳用户。")
    for shipper, bookings, en, zh in (
        (JIANGLAN, (*(shipped(shipment) for shipment in (A, B, C, E)), ("BK-X1", BEIFAN, 1)),
         "Jianglan books four times with Canghai, Shanghai to Hamburg, and once with Beifan, to be sure.",
         "江澜向沧海订四票，上海至汉堡；为保险起见又向北帆订一票。"),
        (QIAOSHAN, (shipped(D), ("BK-X2", BEIFAN, 9)),
         "Qiaoshan books household goods, D, and nine boxes with Beifan.", "樵山订日用品（D），另向北帆订九箱。"),
    ):
        calls = [(Shipping.book, {"booking": booking, "space": space(boxes, carrier)}) for booking, carrier, boxes in bookings]
        batch(shipper, calls, en=en, zh=zh)
    step(BEIFAN, Shipping.confirm_booking, booking=A.booking, vessel_imo=VESSEL, voyage=VOYAGE, refused="wrong-carrier",
         en="Another line cannot confirm what was asked of Canghai.", zh="别的船公司不能确认向沧海订的舱。")
    step(CANGHAI, Shipping.confirm_booking, booking=A.booking, vessel_imo="1234576", voyage=VOYAGE, refused="bad-ship-number",
         en="Two digits of the ship's number changed places: the check digit notices.", zh="船号两位颠倒：校验位识破。")
    step(BEIFAN, Shipping.confirm_booking, booking="BK-X1", vessel_imo=LISTED_SHIP, voyage="003E", refused="sanctioned",
         en="Beifan has space on a ship that is on the list.", zh="北帆有舱位，但船在制裁名单上。")
    batch(CANGHAI, [(Shipping.confirm_booking, {"booking": shipment.booking, "vessel_imo": VESSEL, "voyage": VOYAGE})
                    for shipment in (A, B, C, D, E)],
          en="Canghai confirms all five on one ship.", zh="沧海将五票都配到同一船。")
    step(JIANGLAN, Shipping.cancel_booking, booking="BK-X1", en="Jianglan takes the other one back;", zh="江澜取消北帆的订舱；")
    step(BEIFAN, Shipping.decline_booking, booking="BK-X2", en="Beifan has no space for nine.", zh="北帆没有九箱舱位，拒绝。")


def shipped(shipment: Shipment) -> tuple[str, str, int]:
    """Booking, carrier and boxes of a shipment."""
    return shipment.booking, CANGHAI, len(shipment.boxes)


def write_instructions(writer: StoryWriter) -> None:
    """2 April: what the documents are to say."""
    step, batch = writer.step, writer.batch
    writer.chapter(en="What the papers are to say", zh="补料")
    writer.clock(days("2026-04-02"), en="2 April.", zh="4 月 2 日。")
    typo = [{**as_planned(C)["equipment"][0], "reference": "TLYU3000071"}]
    items = [{"equipment": "TLYU3000071", "packages": 340}]
    for shipment, changes, refused, en, zh in (
        (C, {"equipment": typo, "cargo_items": items}, "wrong-check-digit",
         "A typo in the container number.", "箱号笔误。"),
        (C, {"equipment": [{**as_planned(C)["equipment"][0], "reefer": {"temperature_setpoint": 120}}]}, "setpoint-without-unit",
         "Twelve degrees of what? A setpoint has a unit.", "12 度的单位是什么？设定值须带单位。"),
        (D, {"is_to_order": True, "consignee": ""}, "waybill-to-order",
         "A sea waybill to order: it is no document of title.", "海运单不是物权凭证，不能做成指示式。"),
        (D, {"dangerous_goods": [BATTERIES]}, "booked-as-general-cargo",
         "Lithium batteries, booked as household goods.", "订舱报的是日用品，补料却出现锂电池。"),
    ):
        step(shipment.shipper, Shipping.submit_si, instructions=shipment.instructions, booking=shipment.booking,
             content=content(shipment, changes), refused=refused, en=en, zh=zh)
    own = ((A, ""), (B, ""), (C, ""), (E, ""), (B, "-old"), (C, "-old"))
    for shipper, submitted in ((JIANGLAN, own), (QIAOSHAN, ((D, ""),))):
        calls = [(Shipping.submit_si, {"instructions": f"{shipment.instructions}{mark}", "booking": shipment.booking,
                                       "content": content(shipment)}) for shipment, mark in submitted]
        batch(shipper, calls, en="Shipping instructions; the goods are sealed.", zh="提交补料，货物内容密封。")
    step(JIANGLAN, Shipping.cancel_si, instructions=f"{B.instructions}-old", en="Jianglan sent B twice and takes one back;",
         zh="江澜把 B 提交了两次，撤回一份；")
    step(CANGHAI, Shipping.decline_si, instructions=f"{C.instructions}-old", reason="sent twice",
         en="Canghai declines the second of C.", zh="沧海拒绝 C 的重复补料。")
    step(CANGHAI, Shipping.request_update, instructions=A.instructions, reason="the address to be shown is missing",
         en="Canghai asks for the address that A is to show.", zh="沧海要求 A 补充显示地址。")
    address = {"displayed_address": ["Nordlicht Solar", "Hamburg"]}
    step(JIANGLAN, Shipping.update_si, instructions=A.instructions, content=content(A, {"displayed_address": ["Nordlicht"]}),
         en="Jianglan answers in haste,", zh="江澜匆忙提交更改，")
    step(JIANGLAN, Shipping.update_si, instructions=A.instructions, content=content(A, address), refused="wrong-status",
         en="cannot send a second update over the first,", zh="前一份未答复，不能再提交一份，")
    step(JIANGLAN, Shipping.cancel_update, instructions=A.instructions, en="takes it back", zh="于是撤回，")
    step(JIANGLAN, Shipping.update_si, instructions=A.instructions, content=content(A, address),
         en="and sends a better one.", zh="重新提交。")
    step(CANGHAI, Shipping.confirm_update, instructions=A.instructions, en="Canghai confirms.", zh="沧海确认更改。")
    step(JIANGLAN, Shipping.update_si, instructions=B.instructions, content=content(B, {"notify": ALSTER}),
         en="Jianglan would like another notify party on B.", zh="江澜想更换 B 的通知方。")
    step(CANGHAI, Shipping.decline_update, instructions=B.instructions, reason="the manifest was filed",
         en="Canghai declines: the manifest was filed.", zh="沧海拒绝：舱单已申报。")


def write_documents(writer: StoryWriter) -> None:
    """From the evening of 10 April on; LOAD events stand on the ledger."""
    step, batch = writer.step, writer.batch
    writer.chapter(en="The date on board", zh="装船日期")
    draft = {"document": E.document, "instructions": E.instructions}
    step(CANGHAI, Shipping.publish_draft, **draft, facts=facts(shipped_on_board_on_ms=on("2026-04-09")), refused="back-dated",
         en="Credit E asks for shipment by the 9th. For a good customer the agent writes the 9th; the crane loaded on the 10th.",
         zh="信用证 E 要求最迟 9 日装船。代理想给老客户倒签 9 日，但桥吊记录是 10 日装船。")
    corrected = loaded(E, E.boxes[0], event_at_ms=on("2026-04-09") + 20 * HOUR_MS, updated_at_ms=LOADED_AT + HOUR_MS * 3 // 4)
    step(HAIJIAO, Shipping.record_event, **corrected,
         en="So the terminal is asked to correct its crane's report to the 9th. It tells so: recorded, and flagged.",
         zh="于是请码头把桥吊记录更正为 9 日。账本照记，但打上警示。")
    step(CANGHAI, Shipping.publish_draft, **draft, facts=facts(shipped_on_board_on_ms=on("2026-04-20")), refused="dated-ahead",
         en="A date that lies ahead does not pass either.", zh="预借提单、日期在将来，同样不行。")
    step(BEIFAN, Shipping.publish_draft, **draft, facts=facts(), refused="wrong-carrier",
         en="Only the carrier that was booked can draft.", zh="只有订舱的承运人能出草稿。")
    said = {A.letter: FACTS_A, E.letter: facts(shipped_on_board_on_ms=on("2026-04-09"))}
    batch(CANGHAI, [(Shipping.publish_draft, {"document": shipment.document, "instructions": shipment.instructions,
                                              "facts": said.get(shipment.letter, facts())}) for shipment in (A, B, C, E)],
          en="Canghai drafts all bills with the true day, 10 April, but E with the 9th: no event contradicts it any more.",
          zh="沧海按真实日期 4 月 10 日出具各票草稿；E 写 9 日，因为事件已不再矛盾。")
    step(CANGHAI, Shipping.approve_draft, document=A.document, refused="not-shipper",
         en="A draft is the shipper's to approve.", zh="草稿须由托运人确认。")
    batch(JIANGLAN, [(Shipping.approve_draft, {"document": shipment.document}) for shipment in (A, B, C, E)],
          en="Jianglan approves them: from here on their checksums never change.", zh="江澜确认草稿，此后校验值不再改变。")
    step(JIANGLAN, Shipping.transfer, document=A.document, to=NORDLICHT, refused="no-title",
         en="What is not issued cannot be handed over.", zh="未签发的提单不能交付。")
    write_issue(writer)


def write_issue(writer: StoryWriter) -> None:
    """11 April."""
    step, batch = writer.step, writer.batch
    writer.clock(days("2026-04-11"), en="11 April: issue.", zh="4 月 11 日：签发。")
    step(CANGHAI, Shipping.issue, document=C.document, platform=NORDKETTE, to=JIANGLAN,
         en="Canghai sends bill C to the wrong platform.", zh="沧海把提单 C 发到错误的平台。")
    step(NORDKETTE, Shipping.answer_issuance, document=C.document, answer="ISSU", refused="unknown-user",
         en="Nordkette cannot deliver to whom it does not know", zh="北链不认识该当事人，无法交付，")
    step(NORDKETTE, Shipping.answer_issuance, document=C.document, answer="REFU", comments="no such user",
         en="and answers REFU.", zh="答复 REFU。")
    batch(CANGHAI, [(Shipping.issue, {"document": shipment.document, "platform": YUNTU, "to": JIANGLAN})
                    for shipment in (A, B, C, E)],
          en="Canghai issues through Yuntu; C for the second time.", zh="沧海经云图签发各票，C 是第二次。")
    batch(YUNTU, [(Shipping.answer_issuance, {"document": shipment.document, "answer": "ISSU"}) for shipment in (A, B, C, E)],
          en="Yuntu delivers: Jianglan possesses four bills.", zh="云图交付，江澜占有四份提单。")
    step(CANGHAI, Shipping.issue, document=A.document, platform=YUNTU, to=JIANGLAN, refused="issued-once",
         en="A second issue of the same bill.", zh="同一提单再签发一次：拒绝。")
    step(BEIFAN, Shipping.note_document, reference="BF-7731", document=ELSEWHERE,
         en="Beifan notes a bill that lives elsewhere, so that events can be compared with it,",
         zh="北帆登记一份在别处的提单，供核对事件，")
    step(BEIFAN, Shipping.note_chain, reference="BF-7731", chain=CHAIN,
         en="and how it was endorsed there: that gives no title here,", zh="并登记其流转链：在此不产生权利，")
    step(JIANGLAN, Shipping.transfer, document="BF-7731", to=NORDLICHT, refused="not-found",
         en="and nobody can hand it over.", zh="也无人能在此转让。")
