"""Title and possession: endorsements, two credits, a pledge, one bill offered to two banks, the way to another platform; then
back to the carrier: to paper and back again, and for the goods."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

from ledger.errors import JsonValue
from scenarios.dates import days, on
from scenarios.shipping import papers
from scenarios.shipping.cast import ALSTER, CANGHAI, ELBKONTOR, HAIJIAO, JIANGLAN, LANHAI, NORDKETTE, NORDLICHT, YANSHAN, YUNTU
from scenarios.shipping.contract import Shipping
from scenarios.shipping.fleet import loaded
from scenarios.shipping.papers import Letter, Paper, as_planned, content, facts, received, sent
from scenarios.shipping.shipments import DISCHARGE, LOADING, A, B, C, E, Shipment
from scenarios.story.story import StoryWriter, sealing

CREDIT_A, CREDIT_E = "LC-2026-041", "LC-2026-045"
LOAN = "LOAN-2026-117"
LETTER = Letter("ENV-A1", papers.PAPER_A, YUNTU, NORDKETTE, ELBKONTOR, NORDLICHT)
STALE = Letter("ENV-B1", papers.PAPER_B, YUNTU, NORDKETTE, JIANGLAN, LANHAI)
"""What Jianglan had made ready for another bank before it pledged the bill."""
PICTURE, PACKING_LIST = (sha256(name.encode()).hexdigest() for name in ("picture of TD-A", "packing list of TD-A"))

# A story reads like a script, with each step's words beside it.
# fmt: off


def write_credits(writer: StoryWriter) -> None:
    """13 to 17 April: Elbkontor pays against documents."""
    step = writer.step
    writer.chapter(en="Money against documents", zh="凭单付款")
    writer.clock(days("2026-04-13"), en="13 April.", zh="4 月 13 日。")
    for credit, latest in ((CREDIT_A, "2026-04-12"), (CREDIT_E, "2026-04-09")):
        terms: JsonValue = {"amount_cents": 18_720_000, "goods": "photovoltaic modules"}
        offer = {"applicant": NORDLICHT, "beneficiary": JIANGLAN, "latest_shipment_on_ms": on(latest),
                 "expires_on_ms": on("2026-05-08"), "port_of_loading": LOADING, "port_of_discharge": DISCHARGE}
        step(ELBKONTOR, Shipping.open_lc, credit=credit, offer=offer, terms=sealing(f"terms {credit}", terms),
             en=f"Elbkontor's credit for Nordlicht: shipment by {latest}; the amount is sealed.",
             zh=f"易北银行为北光开立信用证，最迟装船 {latest}，金额密封。")
    step(JIANGLAN, Shipping.endorse, document=A.document, to=YANSHAN, refused="not-title-holder",
         en="Jianglan holds bill A in its hands, but it is to Elbkontor's order: it cannot endorse it.",
         zh="江澜占有提单 A，但它凭易北银行指示：江澜不能背书。")
    step(JIANGLAN, Shipping.endorse, document=C.document, to=YANSHAN, refused="not-negotiable",
         en="Straight bill C cannot be endorsed by anybody.", zh="记名提单 C 任何人都不能背书。")
    for credit, shipment in ((CREDIT_A, A), (CREDIT_E, E)):
        present(writer, credit, shipment, en=f"Jianglan presents bill {shipment.letter} with its invoice.",
                zh=f"江澜交单：提单 {shipment.letter} 及发票。")
    writer.hand_over(JIANGLAN, ELBKONTOR, "invoice A", "goods A", "invoice E", "goods E",
                     en="The bank gets the openings outside the ledger.", zh="银行在账本外取得开封值。")
    step(ELBKONTOR, Shipping.endorse, document=A.document, to=NORDLICHT, refused="under-examination",
         en="The bank that examines would hand bill A to its customer before it has paid.",
         zh="银行尚未承付，就想把提单 A 交给客户。")
    step(ELBKONTOR, Shipping.accept_lc, credit=CREDIT_A, en="A complies in every point: accepted.", zh="A 单证相符：承付。")
    step(ELBKONTOR, Shipping.accept_lc, credit=CREDIT_E, refused="discrepant",
         en="E is dated in time, by a loading that was moved to another day afterwards: that is a discrepancy.",
         zh="E 的日期合格，但所依据的装船记录事后被改了日期：构成不符点。")
    step(ELBKONTOR, Shipping.refuse_lc, credit=CREDIT_E, en="The bank refuses in time and gives bill E back.",
         zh="银行按期拒付，退回提单 E。")
    present(writer, CREDIT_E, E, en="Nordlicht wants the goods all the same: Jianglan presents again,",
            zh="北光还是要货：江澜再次交单，")
    step(NORDLICHT, Shipping.waive_discrepancies, credit=CREDIT_E, en="Nordlicht waives,", zh="北光接受不符点，")
    step(ELBKONTOR, Shipping.accept_lc, credit=CREDIT_E, en="and Elbkontor takes E up.", zh="易北银行承付 E。")


def present(writer: StoryWriter, credit: str, shipment: Shipment, *, en: str, zh: str) -> None:
    """Jianglan presents a bill with its invoice."""
    invoice: JsonValue = {"number": f"JL-{shipment.letter}-2026", "amount_cents": 18_720_000, "goods": shipment.goods}
    writer.step(JIANGLAN, Shipping.present_lc, credit=credit, document=shipment.document,
                invoice=sealing(f"invoice {shipment.letter}", invoice), en=en, zh=zh)


def write_two_banks(writer: StoryWriter) -> None:
    """14 to 16 April: one bill, two banks."""
    step = writer.step
    writer.chapter(en="One bill, two banks", zh="一单两押")
    writer.clock(days("2026-04-14"), en="14 April.", zh="4 月 14 日。")
    step(HAIJIAO, Shipping.record_event, **loaded(B, B.boxes[0], updated_at_ms=on("2026-04-14")),
         en="The terminal reports the loading of B again, four days after it: late, and flagged for that as well.",
         zh="码头重新上报 B 的装船，已是四天之后：迟报，再添一条警示。")
    step((YUNTU, JIANGLAN), Shipping.export_envelope, **export(STALE),
         en="Jianglan has bill B made ready for Lanhai Bank at Nordkette,", zh="江澜准备把提单 B 发往北链的蓝海银行，")
    step(YUNTU, Shipping.withdraw_envelope, envelope=STALE.envelope, en="and takes the envelope back, keeping a copy.",
         zh="随后撤回信封，却留下副本。")
    step((JIANGLAN, YANSHAN), Shipping.pledge, document=B.document, pledgee=YANSHAN, secures=LOAN, refused="flagged",
         en="Yanshan would lend against bill B, on which two flags stand.", zh="燕山银行想凭提单 B 放款，但提单上有两条警示。")
    step(YANSHAN, Shipping.acknowledge_flags, document=B.document,
         en="It asks the terminal what happened and takes B as it is, by its signature;", zh="银行向码头查明原委，签字接受现状；")
    step((JIANGLAN, YANSHAN), Shipping.pledge, document=B.document, pledgee=YANSHAN, secures=LOAN,
         en="then it lends: pledged.", zh="随后放款：设立质押。")
    step(JIANGLAN, Shipping.transfer, document=B.document, to=NORDLICHT, refused="pledged",
         en="Jianglan would hand the pledged bill to the buyer.", zh="江澜想把已质押的提单交给买方。")
    step(NORDKETTE, Shipping.import_envelope, presented=received(STALE), refused="dise",
         en="So Lanhai is shown the copy, truly signed by Yuntu in the morning. It contradicts the chain: DISE.",
         zh="于是拿出当天早上云图签过名的副本给蓝海看。它与已知链矛盾：DISE。")
    step((JIANGLAN, YANSHAN), Shipping.pledge, document=B.document, pledgee=YANSHAN, secures="LOAN-2", refused="pledged",
         en="Nor is a bill pledged twice.", zh="同一提单不得重复质押。")
    writer.clock(days("2026-04-22"), en="22 April: the loan is repaid.", zh="4 月 22 日：贷款归还。")
    step(YANSHAN, Shipping.unpledge, document=B.document, en="Yanshan lets bill B go.", zh="燕山银行解除质押。")


def write_platforms(writer: StoryWriter) -> None:
    """23 April: from Yuntu to Nordkette."""
    step = writer.step
    writer.chapter(en="To another platform", zh="跨平台转让")
    writer.clock(days("2026-04-23"), en="23 April.", zh="4 月 23 日。")
    step(ELBKONTOR, Shipping.endorse, document=A.document, to=NORDLICHT,
         terms=sealing("endorsement A", {"purpose": "documents released against payment", "on_behalf_of": "Nordlicht Solar"}),
         en="Nordlicht has paid its bank, which endorses bill A to it: a plain endorsement, the last.",
         zh="北光已向银行付款，银行把提单 A 背书给它：不可再转让的背书。")
    step((YUNTU, ELBKONTOR), Shipping.export_envelope, **export(LETTER, PICTURE, PACKING_LIST),
         en="The bill leaves Yuntu for Nordlicht at Nordkette, with the carrier's picture and the packing list.",
         zh="提单由云图发往北链的北光，随附承运人影像和装箱单。")
    step(ELBKONTOR, Shipping.transfer, document=A.document, to=YANSHAN, refused="in-transit",
         en="While it travels it is live nowhere else.", zh="传输途中，别处不得再动。")
    step(NORDKETTE, Shipping.import_envelope, presented=received(replace(LETTER, key=papers.OLD_KEY)), refused="bsig",
         en="The first letter was signed with a key that has expired: BSIG.", zh="第一封信用了过期密钥签名：BSIG。")
    step(NORDKETTE, Shipping.import_envelope, presented=received(replace(LETTER, recipient=ALSTER)), refused="benv",
         en="Somebody put the forwarder's name on it: BENV.", zh="有人把收件人改成货代：BENV。")
    step(NORDKETTE, Shipping.import_envelope, presented=received(LETTER, lighter()), refused="wrong-checksum",
         en="In the copy that came with it a box weighs nine tonnes: another checksum.",
         zh="随附副本把一箱改成九吨：校验值不同。")
    step(NORDKETTE, Shipping.import_envelope, presented=received(LETTER),
         en="The true letter is good; two documents are still to come.", zh="真信无误，尚缺两份文件。")
    step(NORDKETTE, Shipping.finish_envelope, envelope=LETTER.envelope,
         en="Yuntu closes early: MDOC, which is no refusal.", zh="云图过早关闭：MDOC，并非拒绝。")
    step(NORDKETTE, Shipping.receive_document, envelope=LETTER.envelope, checksum=sha256(b"half a picture").hexdigest(),
         en="The picture arrives damaged: INCD, send it again.", zh="影像损坏：INCD，请重发。")
    writer.batch(NORDKETTE, [(Shipping.receive_document, {"envelope": LETTER.envelope, "checksum": checksum})
                             for checksum in (PICTURE, PACKING_LIST)],
                 en="Now both are there and whole.", zh="两份文件均完整收到。")
    step(NORDKETTE, Shipping.finish_envelope, envelope=LETTER.envelope,
         en="RECE: Nordlicht possesses bill A.", zh="RECE：北光占有提单 A。")
    step(NORDKETTE, Shipping.import_envelope, presented=received(LETTER.again()),
         en="Yuntu missed the answer and sends the letter again, freshly signed: DUPE, not an error.",
         zh="云图没收到答复，重新签名再发：DUPE，不算错误。")
    step(NORDKETTE, Shipping.import_envelope, presented=received(replace(LETTER, actor=JIANGLAN)), refused="dise",
         en="The same envelope with another past: DISE.", zh="同一信封，内容被改：DISE。")
    step(NORDLICHT, Shipping.sign, document=A.document, comments="held at Nordkette since today",
         en="Nordlicht signs that it holds the bill: nothing moves.", zh="北光签署占有声明（SIGN），权利不变。")
    step(NORDLICHT, Shipping.endorse_to_order, document=A.document, to=ALSTER, refused="may-not-endorse",
         en="Nordlicht cannot pass on what was endorsed to it plainly.", zh="北光经不可转让背书取得，不得再背书。")


def write_bearer(writer: StoryWriter) -> None:
    """7 May: title without possession, and possession that is title."""
    step = writer.step
    writer.clock(days("2026-05-07"), en="7 May.", zh="5 月 7 日。")
    step(ELBKONTOR, Shipping.endorse_to_order, document=E.document, to=NORDLICHT,
         en="Elbkontor endorses E to Nordlicht's order and keeps it in its hands until it is paid.",
         zh="易北银行把 E 背书给北光，但在收款前不交出。")
    step(NORDLICHT, Shipping.request_surrender, document=E.document, carrier=CANGHAI, request="SREQ", refused="not-possessor",
         en="Title without possession gets no goods.", zh="有权利而无占有，提不到货。")
    step(JIANGLAN, Shipping.request_surrender, document=papers.BILL_B3, carrier=CANGHAI, request="AREQ", reason="SWI",
         en="Jianglan has sold B to Nordlicht and asks for a switch bill.", zh="江澜把 B 卖给北光，申请换单（SWI）。")
    step(CANGHAI, Shipping.accept_surrender, document=papers.BILL_B3, en="Canghai accepts.", zh="沧海接受。")
    switch: dict[str, Any] = {"document": papers.BILL_B3, "new": papers.BILL_B4, "facts": facts()}
    step(CANGHAI, Shipping.void_and_reissue, **switch, endorsee=ALSTER, refused="not-signed-by",
         en="Canghai alone would make it out to the forwarder's order.", zh="沧海想单方把新单做成凭货代指示。")
    step((CANGHAI, JIANGLAN), Shipping.void_and_reissue, **switch, endorsee=NORDLICHT,
         en="With the signature of the holder it names Nordlicht;", zh="经持单人签署，新单凭北光指示；")
    step(YUNTU, Shipping.answer_issuance, document=papers.BILL_B4, answer="ISSU",
         en="Yuntu hands it to Jianglan, until it is paid.", zh="云图交给江澜，收款前由其持有。")
    step((JIANGLAN, NORDLICHT), Shipping.blank_endorse, document=papers.BILL_B4,
         en="Nordlicht endorses B in blank: whoever holds it has it.", zh="北光将 B 空白背书：谁占有谁有权利。")


def export(letter: Letter, *attached: str) -> dict[str, Any]:
    """Arguments with which a platform exports a letter."""
    return {"envelope": letter.envelope, "sending": sent(letter, *attached)}


def lighter() -> Paper:
    """Bill A with a lighter box."""
    boxes = [{**box, "gross_weight_kg": 9_000} for box in as_planned(A)["equipment"]]
    return Paper(A.document, A, papers.FACTS_A, {**papers.ADDRESS, "equipment": boxes})


def write_paper(writer: StoryWriter) -> None:
    """27 April: switch to paper."""
    step = writer.step
    writer.chapter(en="To paper", zh="转纸质")
    writer.clock(days("2026-04-27"), en="27 April.", zh="4 月 27 日。")
    paper = {"is_electronic": False, "originals_without_charges": 3}
    step(JIANGLAN, Shipping.update_si, instructions=B.instructions, content=content(B, {**paper, "notify": ALSTER}),
         en="A new buyer of bill B wants paper. Jianglan has the instructions changed, and one thing more;",
         zh="提单 B 的新买家要纸质单。江澜更改补料，还顺手多改了一处；")
    step(CANGHAI, Shipping.confirm_update, instructions=B.instructions, en="Canghai confirms.", zh="沧海确认。")
    step(JIANGLAN, Shipping.request_surrender, document=B.document, carrier=CANGHAI, request="AREQ", reason="SWTP",
         en="Jianglan surrenders it for amendment: switch to paper.", zh="江澜交回改单：转纸质（SWTP）。")
    step(JIANGLAN, Shipping.transfer, document=B.document, to=NORDLICHT, refused="surrender-pending",
         en="In between it is nobody's to move.", zh="其间任何人不得转让。")
    step(CANGHAI, Shipping.accept_surrender, document=B.document, en="Canghai accepts.", zh="沧海接受。")
    reissue: dict[str, Any] = {"document": B.document, "new": papers.PAPER_B2, "facts": facts()}
    step((CANGHAI, JIANGLAN), Shipping.void_and_reissue, **reissue, refused="beyond-reason",
         en="A switch to paper changes the medium, not the notify party.", zh="转纸质只改载体，不能改通知方。")
    step(JIANGLAN, Shipping.update_si, instructions=B.instructions, content=content(B, paper),
         en="Jianglan takes that back,", zh="江澜改回，")
    step(CANGHAI, Shipping.confirm_update, instructions=B.instructions, en="Canghai confirms", zh="沧海确认，")
    step((CANGHAI, JIANGLAN), Shipping.void_and_reissue, **reissue,
         en="and voids the electronic bill when it prints three originals; both sign.",
         zh="作废电子提单，签发三份纸质正本，双方签署。")
    step(JIANGLAN, Shipping.transfer, document=B.document, to=NORDLICHT, refused="after-surrender",
         en="With paper in hand, Jianglan would sell the electronic bill as well.", zh="纸质在手，江澜还想把电子提单也卖掉。")
    step(JIANGLAN, Shipping.transfer, document=papers.PAPER_B2, to=NORDLICHT, refused="on-paper",
         en="Nor does paper move on the ledger.", zh="纸质提单不在账本上流转。")
    write_back(writer)


def write_back(writer: StoryWriter) -> None:
    """6 May: electronic again."""
    step = writer.step
    writer.chapter(en="And back again", zh="再转回电子")
    writer.clock(days("2026-05-06"), en="6 May: the new buyer has changed its mind.", zh="5 月 6 日：新买家变卦。")
    step(CANGHAI, Shipping.return_paper, document=papers.PAPER_B2, presented_by=JIANGLAN, request="AREQ", refused="not-presented",
         en="The carrier alone cannot say who brought the originals.", zh="承运人不能单方声称由谁交回正本。")
    step((CANGHAI, JIANGLAN), Shipping.return_paper, document=papers.PAPER_B2, presented_by=JIANGLAN, request="AREQ",
         en="Jianglan brings all three; both sign.", zh="江澜交回三份正本，双方签署。")
    step(JIANGLAN, Shipping.update_si, instructions=B.instructions, content=content(B), en="Electronic again:", zh="恢复电子：")
    step(CANGHAI, Shipping.confirm_update, instructions=B.instructions, en="confirmed,", zh="确认，")
    step((CANGHAI, JIANGLAN), Shipping.void_and_reissue, document=papers.PAPER_B2, new=papers.BILL_B3, facts=facts(),
         en="issued anew", zh="重新签发，")
    step(YUNTU, Shipping.answer_issuance, document=papers.BILL_B3, answer="ISSU",
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
