"""Bills go back to the carrier: to paper and back again, and for the goods."""

from typing import Any

from scenarios.dates import days
from scenarios.shipping.cast import ALSTER, BEIFAN, CANGHAI, JIANGLAN, NORDLICHT, YUNTU
from scenarios.shipping.contract import Shipping
from scenarios.shipping.papers import Content, facts
from scenarios.shipping.shipments import A, B, C
from scenarios.story.story import StoryWriter

PAPER_B2, BILL_B3 = "TD-B2", "TD-B3"
"""Bill B on paper, and electronic again."""

# A story reads like a script, with each step's words beside it.
# fmt: off


def write_paper(writer: StoryWriter) -> None:
    """27 April: switch to paper."""
    step = writer.step
    writer.chapter(en="To paper", zh="转纸质")
    writer.clock(days("2026-04-27"), en="27 April.", zh="4 月 27 日。")
    paper = {"is_electronic": False, "originals_without_charges": 3}
    step(JIANGLAN, Shipping.update_si, instructions=B.instructions, content=Content(B, {**paper, "notify": ALSTER}),
         en="A new buyer of bill B wants paper. Jianglan has the instructions changed, and one thing more;",
         zh="提单 B 的新买家要纸质单。江澜更改补料，还顺手多改了一处；")
    step(CANGHAI, Shipping.confirm_update, instructions=B.instructions, en="Canghai confirms.", zh="沧海确认。")
    step(JIANGLAN, Shipping.request_surrender, document=B.document, carrier=CANGHAI, request="AREQ", reason="SWTP",
         en="Jianglan surrenders it for amendment: switch to paper.", zh="江澜交回改单：转纸质（SWTP）。")
    step(JIANGLAN, Shipping.transfer, document=B.document, to=NORDLICHT, refused="surrender-pending",
         en="In between it is nobody's to move.", zh="其间任何人不得转让。")
    step(CANGHAI, Shipping.accept_surrender, document=B.document, en="Canghai accepts.", zh="沧海接受。")
    reissue: dict[str, Any] = {"document": B.document, "new": PAPER_B2, "facts": facts()}
    step((CANGHAI, JIANGLAN), Shipping.void_and_reissue, **reissue, refused="beyond-reason",
         en="A switch to paper changes the medium, not the notify party.", zh="转纸质只改载体，不能改通知方。")
    step(JIANGLAN, Shipping.update_si, instructions=B.instructions, content=Content(B, paper),
         en="Jianglan takes that back,", zh="江澜改回，")
    step(CANGHAI, Shipping.confirm_update, instructions=B.instructions, en="Canghai confirms", zh="沧海确认，")
    step((CANGHAI, JIANGLAN), Shipping.void_and_reissue, **reissue,
         en="and voids the electronic bill when it prints three originals; both sign.",
         zh="作废电子提单，签发三份纸质正本，双方签署。")
    step(JIANGLAN, Shipping.transfer, document=B.document, to=NORDLICHT, refused="after-surrender",
         en="With paper in hand, Jianglan would sell the electronic bill as well.", zh="纸质在手，江澜还想把电子提单也卖掉。")
    step(JIANGLAN, Shipping.transfer, document=PAPER_B2, to=NORDLICHT, refused="on-paper",
         en="Nor does paper move on the ledger.", zh="纸质提单不在账本上流转。")
    write_back(writer)


def write_back(writer: StoryWriter) -> None:
    """6 May: electronic again."""
    step = writer.step
    writer.chapter(en="And back again", zh="再转回电子")
    writer.clock(days("2026-05-06"), en="6 May: the new buyer has changed its mind.", zh="5 月 6 日：新买家变卦。")
    step(CANGHAI, Shipping.return_paper, document=PAPER_B2, presented_by=JIANGLAN, request="AREQ", refused="not-presented",
         en="The carrier alone cannot say who brought the originals.", zh="承运人不能单方声称由谁交回正本。")
    step((CANGHAI, JIANGLAN), Shipping.return_paper, document=PAPER_B2, presented_by=JIANGLAN, request="AREQ",
         en="Jianglan brings all three; both sign.", zh="江澜交回三份正本，双方签署。")
    step(JIANGLAN, Shipping.update_si, instructions=B.instructions, content=Content(B), en="Electronic again:", zh="恢复电子：")
    step(CANGHAI, Shipping.confirm_update, instructions=B.instructions, en="confirmed,", zh="确认，")
    step((CANGHAI, JIANGLAN), Shipping.void_and_reissue, document=PAPER_B2, new=BILL_B3, facts=facts(),
         en="issued anew", zh="重新签发，")
    step(YUNTU, Shipping.answer_issuance, document=BILL_B3, answer="ISSU",
         en="and delivered by Yuntu. There was never more than one.", zh="由云图交付。自始至终只有一份有效。")


def write_surrender(writer: StoryWriter) -> None:
    """16 May: bills A and C come back for the goods."""
    step = writer.step
    writer.chapter(en="Surrender", zh="交单")
    writer.clock(days("2026-05-16"), en="16 May: the ship is in Hamburg.", zh="5 月 16 日：船在汉堡。")
    step(JIANGLAN, Shipping.transfer, document=C.document, to=NORDLICHT,
         en="Straight bill C goes to its consignee.", zh="记名提单 C 交给收货人。")
    ask = {"carrier": CANGHAI, "request": "SREQ"}
    step(ALSTER, Shipping.request_surrender, document=C.document, **ask, refused="not-possessor",
         en="The notify party of C, who is only to be told of the ship, would surrender it.",
         zh="C 的通知方只有被通知的份，却想交单提货。")
    step(NORDLICHT, Shipping.request_surrender, document=A.document, carrier=BEIFAN, request="SREQ", refused="wrong-carrier",
         en="To the wrong line it goes neither.", zh="交给别的船公司也不行。")
    for shipment in (A, C):
        step(NORDLICHT, Shipping.request_surrender, document=shipment.document, **ask,
             en=f"Nordlicht surrenders bill {shipment.letter} for delivery.", zh=f"北光交回提单 {shipment.letter}，要求提货。")
        if shipment is A:
            step(CANGHAI, Shipping.reject_surrender, document=A.document, comments="", refused="comments-missing",
                 en="A carrier that declines says why.", zh="承运人拒绝须说明理由。")
            step(CANGHAI, Shipping.reject_surrender, document=A.document, comments="freight to collect is open",
                 en="It does: freight to collect is open. The bill returns.", zh="理由：到付运费未付。提单退回。")
            step(NORDLICHT, Shipping.request_surrender, document=A.document, **ask,
                 en="Nordlicht asks again: freight is a matter of release, not of title.",
                 zh="北光再次交单：运费是放货的事，与权利无关。")
        step(CANGHAI, Shipping.accept_surrender, document=shipment.document,
             en="Canghai accepts: the goods are owed to Nordlicht and to nobody else.", zh="沧海接受：货物只应交给北光。")
    step(NORDLICHT, Shipping.transfer, document=A.document, to=ALSTER, refused="after-surrender",
         en="Nordlicht would sell the surrendered bill on.", zh="北光想把已交回的提单再卖出去。")
    step(CANGHAI, Shipping.accept_surrender, document=A.document, refused="wrong-status",
         en="A surrender is accepted once.", zh="交单只接受一次。")
    step(CANGHAI, Shipping.complete_si, instructions=C.instructions, en="The papers of C are complete.", zh="C 的单证手续完结。")
