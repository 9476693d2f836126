"""Drafts, the date on board, issue through platforms."""

from hashlib import sha256

from scenarios.dates import days, on
from scenarios.shipping.cast import BEIFAN, CANGHAI, JIANGLAN, NORDKETTE, NORDLICHT, YUNTU
from scenarios.shipping.contract import Shipping
from scenarios.shipping.papers import Content, Paper, facts
from scenarios.shipping.shipments import A, B, C, E
from scenarios.story.story import StoryWriter

ADDRESS = {"displayed_address": ["Nordlicht Solar", "Hamburg"]}
"""What was changed in A's instructions."""
CHARGES = [{"name": "Ocean freight", "currency": "EUR", "amount_cents": 2_480_00, "payment_term": "COL"}]
"""Freight that A pays at destination."""
FACTS_A = facts(charges=CHARGES)
PAPER_A = Paper(A.document, Content(A, ADDRESS), FACTS_A)
PAPER_B = Paper(B.document, Content(B), facts())
ELSEWHERE = {
    "carrier": BEIFAN, "type_code": "BOL", "status": "ISSUED", "is_to_order": True, "is_electronic": False,
    "booking": "BF-1", "ports": ["CNSHA", "NLRTM"], "equipment": [{"reference": "TLYU9000014", "gross_weight_kg": 19_000}],
    "checksum": sha256(b"a bill on paper").hexdigest(),
}  # fmt: skip
"""A bill of another line, which lives on paper."""

# A story reads like a script, with each step's words beside it.
# fmt: off


def write_documents(writer: StoryWriter) -> None:
    """From the evening of 10 April on; LOAD events stand on the ledger."""
    step, batch = writer.step, writer.batch
    writer.chapter(en="The date on board", zh="装船日期")
    draft = {"document": E.document, "instructions": E.instructions}
    step(CANGHAI, Shipping.publish_draft, **draft, facts=facts(shipped_on_board_on_ms=on("2026-04-09")), refused="back-dated",
         en="Credit E asks for shipment by the 9th. For a good customer the agent writes the 9th; the crane loaded on the 10th.",
         zh="信用证 E 要求最迟 9 日装船。代理想给老客户倒签 9 日，但桥吊记录是 10 日装船。")
    step(CANGHAI, Shipping.publish_draft, **draft, facts=facts(shipped_on_board_on_ms=on("2026-04-20")), refused="dated-ahead",
         en="A date that lies ahead does not pass either.", zh="预借提单、日期在将来，同样不行。")
    step(BEIFAN, Shipping.publish_draft, **draft, facts=facts(), refused="wrong-carrier",
         en="Only the carrier that was booked can draft.", zh="只有订舱的承运人能出草稿。")
    said = {A.letter: FACTS_A}
    batch(CANGHAI, [(Shipping.publish_draft, {"document": shipment.document, "instructions": shipment.instructions,
                                              "facts": said.get(shipment.letter, facts())}) for shipment in (A, B, C, E)],
          en="Canghai drafts all bills with the true day, 10 April.", zh="沧海按真实日期 4 月 10 日出具各票草稿。")
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
         en="Beifan notes a paper bill of its own, so that events can be compared with it: it gives no title here,",
         zh="北帆登记一份自己的纸质提单，供核对事件：在此不产生权利，")
    step(JIANGLAN, Shipping.transfer, document="BF-7731", to=NORDLICHT, refused="not-found",
         en="and nobody can hand it over.", zh="也无人能在此转让。")
