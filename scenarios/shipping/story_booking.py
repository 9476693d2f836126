"""Space on a ship, and what the papers are to say: users of platforms, bookings, shipping instructions and their changes."""

from scenarios.dates import days
from scenarios.shipping.cast import (
    ALSTER,
    BEIFAN,
    CANGHAI,
    ELBKONTOR,
    JIANGLAN,
    LANHAI,
    NORDKETTE,
    NORDLICHT,
    QIAOSHAN,
    YANSHAN,
    YUNTU,
)
from scenarios.shipping.contract import Shipping
from scenarios.shipping.papers import Content, content
from scenarios.shipping.shipments import ALL, DISCHARGE, LOADING, VESSEL, VOYAGE, A, B, C, D, E
from scenarios.story import Teller

USERS = {
    YUNTU: (JIANGLAN, ELBKONTOR, YANSHAN, NORDLICHT),
    NORDKETTE: (NORDLICHT, LANHAI, ALSTER, JIANGLAN),
}
"""Whom each platform knows."""
BATTERIES = {"equipment": D.boxes[0].reference, "un_number": "3480", "imo_class": "9", "package_code": "4G"}

# A story reads like a script, with each step's words beside it.
# fmt: off


def tell_booking(teller: Teller) -> None:
    """31 March to 2 April."""
    step = teller.step
    teller.chapter(en="Space on a ship", zh="订舱与补料")
    teller.clock(days("2026-03-31"), en="31 March.", zh="3 月 31 日。")
    for platform, members in USERS.items():
        teller.batch(platform, [(Shipping.admit, {"member": member}) for member in members],
                     en="An eBL platform lets in its users.", zh="电子提单平台接纳用户。")
    for shipment in ALL:
        step(shipment.shipper, Shipping.book, booking=shipment.booking, carrier=CANGHAI, port_of_loading=LOADING,
             port_of_discharge=DISCHARGE, containers=len(shipment.boxes),
             en=f"Booking {shipment.letter}: Shanghai to Hamburg, {shipment.goods}.",
             zh=f"订舱 {shipment.letter}：上海至汉堡。")
    step(BEIFAN, Shipping.confirm_booking, booking=A.booking, vessel_imo=VESSEL, voyage=VOYAGE, refused="wrong-carrier",
         en="Another line cannot confirm what was asked of Canghai.", zh="别的船公司不能确认向沧海订的舱。")
    step(CANGHAI, Shipping.confirm_booking, booking=A.booking, vessel_imo="1234576", voyage=VOYAGE, refused="bad-ship-number",
         en="Two digits of the ship's number changed places: the check digit notices.", zh="船号两位颠倒：校验位识破。")
    teller.batch(CANGHAI, [(Shipping.confirm_booking, {"booking": shipment.booking, "vessel_imo": VESSEL, "voyage": VOYAGE})
                           for shipment in ALL],
                 en="Canghai confirms all five on one ship.", zh="沧海将五票都配到同一船。")
    tell_instructions(teller)


def tell_instructions(teller: Teller) -> None:
    """What the documents are to say."""
    step = teller.step
    teller.clock(days("2026-04-02"), en="2 April: shipping instructions.", zh="4 月 2 日：提交补料。")
    typo = [{**content(C)["equipment"][0], "reference": "TLYU3000071"}]
    items = [{"equipment": "TLYU3000071", "packages": 340}]
    for shipment, changes, refused, en, zh in (
        (C, {"equipment": typo, "cargo_items": items}, "wrong-check-digit",
         "A typo in the container number.", "箱号笔误。"),
        (C, {"equipment": [{**content(C)["equipment"][0], "reefer": {"temperature_setpoint": 120}}]}, "setpoint-without-unit",
         "Twelve degrees of what? A setpoint has a unit.", "12 度的单位是什么？设定值须带单位。"),
        (C, {"is_to_order": True}, "consignee-on-order",
         "To order and to a named consignee at once.", "既是指示提单又写明收货人。"),
        (D, {"is_to_order": True, "consignee": ""}, "waybill-to-order",
         "A sea waybill to order: it is no document of title.", "海运单不是物权凭证，不能做成指示式。"),
        (D, {"dangerous_goods": [BATTERIES]}, "booked-as-general-cargo",
         "Lithium batteries, booked as household goods.", "订舱报的是日用品，补料却出现锂电池。"),
        (A, {"originals_with_charges": 3}, "too-many-originals",
         "Three originals of an electronic bill, out of habit.", "照纸质习惯要三份正本：电子提单至多一份。"),
    ):
        step(shipment.shipper, Shipping.submit_si, instructions=shipment.instructions, booking=shipment.booking,
             content=Content(shipment, changes), refused=refused, en=en, zh=zh)
    for shipper, shipments in ((JIANGLAN, (A, B, C, E)), (QIAOSHAN, (D,))):
        calls = [(Shipping.submit_si, {"instructions": shipment.instructions, "booking": shipment.booking,
                                       "content": Content(shipment)}) for shipment in shipments]
        teller.batch(shipper, calls, en="The shippers say what the documents are to say; the goods are sealed.",
                     zh="托运人提交补料，货物内容密封。")
    step(CANGHAI, Shipping.request_update, instructions=A.instructions, reason="the address to be shown is missing",
         en="Canghai asks for the address that A is to show.", zh="沧海要求 A 补充显示地址。")
    address = {"displayed_address": ["Nordlicht Solar", "Hamburg"]}
    step(JIANGLAN, Shipping.update_si, instructions=A.instructions, content=Content(A, {"displayed_address": ["Nordlicht"]}),
         en="Jianglan answers in haste,", zh="江澜匆忙提交更改，")
    step(JIANGLAN, Shipping.update_si, instructions=A.instructions, content=Content(A, address), refused="wrong-status",
         en="cannot send a second update over the first,", zh="前一份未答复，不能再提交一份，")
    step(JIANGLAN, Shipping.cancel_update, instructions=A.instructions, en="takes it back", zh="于是撤回，")
    step(JIANGLAN, Shipping.update_si, instructions=A.instructions, content=Content(A, address),
         en="and sends a better one.", zh="重新提交。")
    step(CANGHAI, Shipping.confirm_update, instructions=A.instructions, en="Canghai confirms.", zh="沧海确认更改。")
    step(JIANGLAN, Shipping.update_si, instructions=B.instructions, content=Content(B, {"notify": ALSTER}),
         en="Jianglan would like another notify party on B.", zh="江澜想更换 B 的通知方。")
    step(CANGHAI, Shipping.decline_update, instructions=B.instructions, reason="the manifest was filed",
         en="Canghai declines: the manifest was filed.", zh="沧海拒绝：舱单已申报。")
