"""Boxes through the gate, aboard and across: who may say what, what a crane refuses, and a reading that somebody regrets."""

from typing import Any

from scenarios.dates import days, on
from scenarios.shipping import fleet
from scenarios.shipping.cast import BEIFAN, CANGHAI, ELBWAGEN, HAIJIAO, HANWEN, JIANGLAN, MOORKAI, QIAOSHAN, STAPELHOF
from scenarios.shipping.contract import Shipping
from scenarios.shipping.fleet import called, estimated, gated, loaded, measured, moved
from scenarios.shipping.papers import as_planned, content, facts
from scenarios.shipping.shipments import DISCHARGE, HUB, LOADING, VESSEL, VOYAGE, A, B, C, D, E, G, space
from scenarios.shipping.voyage import HOUR_MS
from scenarios.story.story import StoryWriter

Record = Shipping.record_event
VIA_HUB = {"transhipments": [HUB], "displayed_address": ["c/o Qiaoshan Trading", "Hamburg"]}
ALOFT = tuple((shipment, plan) for shipment in (A, B, C, E, G) for plan in shipment.boxes)
"""Every box that goes aboard: D stays on the quay."""
FAILED = ("MEAS-2-1", "MEAS-2-2", "MEAS-2-3")
"""Readings of the day on which the reefer failed."""

# A story reads like a script, with each step's words beside it.
# fmt: off


def write_gate(writer: StoryWriter) -> None:
    """8 to 10 April: through the gate at Shanghai, and aboard."""
    step, batch = writer.step, writer.batch
    writer.chapter(en="Through the gate", zh="进港与装船")
    writer.clock(days("2026-04-08"), en="8 April.", zh="4 月 8 日。")
    places = ((LOADING, HAIJIAO), (HUB, HAIJIAO), (DISCHARGE, MOORKAI), (DISCHARGE, STAPELHOF))
    batch(CANGHAI, [(Shipping.appoint_facility, {"port": port, "member": member}) for port, member in places],
          en="Canghai names its terminals and its depot: nobody else reports moves of its boxes there.",
          zh="沧海指定各港码头与堆场：其他人不能上报其箱动态。")
    step(CANGHAI, Shipping.set_tariff, port=DISCHARGE, effective_on_ms=on("2026-04-01"), terms=fleet.TARIFF,
         refused="tariff-retroactive", en="A dearer tariff, dated back to the 1st.", zh="想把更贵的费率倒签到 1 日。")
    step(CANGHAI, Shipping.set_tariff, port=DISCHARGE, effective_on_ms=on("2026-04-09"), terms=fleet.TARIFF,
         en="From tomorrow: five days free in the terminal of Hamburg, then ten outside.",
         zh="自次日起：汉堡码头免堆期 5 天，出场后免箱期 10 天。")
    step(QIAOSHAN, Shipping.book, booking=G.booking, space=space(len(G.boxes)),
         en="Qiaoshan books twelve more boxes, G, by way of Singapore.",
         zh="樵山再订 12 箱（G），经新加坡中转。")
    step(CANGHAI, Shipping.confirm_booking, booking=G.booking, vessel_imo=VESSEL, voyage=VOYAGE, en="Confirmed.", zh="确认。")
    light = [{**box, "gross_weight_kg": 9_000} if place == 3 else box for place, box in enumerate(as_planned(G)["equipment"])]
    step(QIAOSHAN, Shipping.submit_si, instructions=G.instructions, booking=G.booking,
         content=content(G, {**VIA_HUB, "equipment": light}),
         en="On paper its fourth box weighs nine tonnes: freight goes by weight.", zh="补料把第 4 箱写成 9 吨：运费按重量计。")
    planned: dict[str, Any] = {"classifier": "PLN", "updated_at_ms": on("2026-04-08")}
    batch(CANGHAI, [(Record, called("DEPA", fleet.DEPARTED_AT, LOADING, fleet.FIRST_LEG, **planned)),
                    (Record, called("ARRI", fleet.HUB_CALLS[0], HUB, fleet.FIRST_LEG, **planned))],
          en="The schedule, as planned events.", zh="船期作为计划事件（PLN）上报。")
    received = {"is_shipped_on_board": False, "shipped_on_board_on_ms": 0, "received_on_ms": on("2026-04-08")}
    step(CANGHAI, Shipping.publish_draft, document=B.document, instructions=B.instructions, facts=facts(**received),
         refused="not-received", en="Jianglan needs a bill to pledge today. Received for shipment? No gate has seen the box.",
         zh="江澜今天就要提单去质押。收货待运？没有闸口见过这个箱子。")
    writer.clock(days("2026-04-10"), en="10 April: the ship is alongside.", zh="4 月 10 日：船已靠泊。")
    write_wrong_gates(writer)
    unweighed = {"gross_weight_kg": 0}
    calls = [(Record, gated(s, plan, **(unweighed if plan is G.boxes[0] else {}))) for s, plan in ALOFT]
    batch(HAIJIAO, [*calls, (Record, gated(D, D.boxes[0], un_numbers=["3480"]))],
          en="The gate's log: nineteen boxes came in. On D somebody saw a placard for UN 3480, lithium batteries.",
          zh="闸口记录：19 箱进场。D 箱上看到 UN 3480 锂电池标志。")
    write_loading(writer)


def write_wrong_gates(writer: StoryWriter) -> None:
    """Reports that nobody may make, or that cannot be."""
    first = A.boxes[0]
    for who, arguments, refused, en, zh in (
        (HAIJIAO, loaded(A, first), "load-before-gate-in",
         "A crane cannot lift what never came in: the report is refused.", "没有进场的箱子无法装船：拒绝。"),
        (HAIJIAO, gated(A, first, equipment="TLYU1000081"), "wrong-check-digit",
         "Two digits of the container's number changed places.", "箱号两位颠倒：校验位识破。"),
        (ELBWAGEN, gated(A, first), "no-authority",
         "A haulier reports a gate-in that only the terminal can see.", "拖车公司上报进场：无权，只有码头能报。"),
        (MOORKAI, gated(A, first), "not-appointed",
         "The terminal of Hamburg reports from Shanghai.", "汉堡码头上报上海的作业：未获指定。"),
        (HAIJIAO, gated(A, first, updated_at_ms=on("2026-04-12"), event_at_ms=on("2026-04-12")), "from-the-future",
         "A gate-in of the day after tomorrow, to keep the cut-off.", "为赶截关，把后天的进场提前上报。"),
        (HAIJIAO, gated(A, first, empty=""), "incomplete-event",
         "Laden or empty? An event that leaves it open says nothing.", "重箱还是空箱？未注明的事件无效。"),
    ):
        writer.step(who, Record, **arguments, refused=refused, en=en, zh=zh)


def write_loading(writer: StoryWriter) -> None:
    """What the crane takes and what it leaves."""
    step, batch = writer.step, writer.batch
    step(HAIJIAO, Record, **loaded(D, D.boxes[0]), refused="undeclared-dangerous-goods",
         en="D was booked as household goods. The crane stops: batteries burn at sea.",
         zh="D 按日用品订舱。桥吊停下：电池会在海上起火。")
    step(HAIJIAO, Record, **loaded(G, G.boxes[0]), refused="no-verified-mass",
         en="No verified gross mass, no loading.", zh="没有核实总重（VGM），不得装船。")
    weighed = gated(G, G.boxes[0], updated_at_ms=on("2026-04-10") + 8 * HOUR_MS)
    step(HAIJIAO, Record, **weighed,
         en="It is weighed; a later version of the same event says so.", zh="补称重：同一事件的新版本。")
    step(HAIJIAO, Record, **gated(G, G.boxes[0]), refused="not-newer",
         en="The older version, sent once more, does not come back.", zh="旧版本再发一次：不予接受。")
    step(HAIJIAO, Record, **loaded(A, A.boxes[1], seals=["ZZ900002"]), refused="seal-changed",
         en="A box of A bears another seal than at the gate. It is the crane driver's typo, and stops all the same.",
         zh="A 的一箱铅封与进闸时不符：虽是桥吊司机笔误，照样停下。")
    batch(HAIJIAO, [(Record, loaded(shipment, plan)) for shipment, plan in ALOFT],
          en="Eighteen boxes go aboard. D stays on the quay.", zh="18 箱装船，D 留在码头。")
    step(HAIJIAO, Record, **loaded(A, A.boxes[0], event_id="LOAD-again"), refused="loaded-twice",
         en="One box, loaded twice: two bills could be made of it.", zh="同一箱装两次：可以多开一份提单。")


def write_departure(writer: StoryWriter) -> None:
    """12 April: the ship has left; G's papers."""
    step = writer.step
    writer.chapter(en="At sea", zh="海上")
    writer.clock(days("2026-04-12"), en="12 April.", zh="4 月 12 日。")
    step(BEIFAN, Record, **called("DEPA", fleet.DEPARTED_AT, LOADING, fleet.FIRST_LEG), refused="not-own-ship",
         en="Another line speaks for Canghai's ship.", zh="别的船公司替沧海的船发话。")
    step(CANGHAI, Record, **called("DEPA", fleet.DEPARTED_AT, LOADING, fleet.FIRST_LEG),
         en="Canghai: departed from Shanghai on the evening of the 10th.", zh="沧海：10 日晚离开上海。")
    step(CANGHAI, Record, **estimated(0, 0), en="Estimated arrival at Hamburg, five weeks ahead.", zh="预计抵达汉堡，提前五周。")
    step(HAIJIAO, Shipping.retract_event, event_id=f"LOAD-{B.boxes[0].reference}-{LOADING}", updated_at_ms=on("2026-04-12"),
         en="The terminal takes the loading of B back, on which a bill is out: flagged.",
         zh="码头撤回 B 的装船记录，而提单已签发：打上警示。")
    draft: dict[str, Any] = {"document": G.document, "instructions": G.instructions, "facts": facts()}
    step(CANGHAI, Shipping.publish_draft, **draft, refused="weight-differs",
         en="The draft of G says nine tonnes, the scales said more than twenty: refused.",
         zh="G 的草稿写 9 吨，地磅称出 20 多吨：拒绝。")
    step(QIAOSHAN, Shipping.update_si, instructions=G.instructions, content=content(G, VIA_HUB),
         en="Qiaoshan writes what the scales said,", zh="樵山按实重更正，")
    step(CANGHAI, Shipping.confirm_update, instructions=G.instructions, en="Canghai confirms,", zh="沧海确认，")
    step(CANGHAI, Shipping.publish_draft, **draft, en="drafts,", zh="出草稿，")
    step(QIAOSHAN, Shipping.approve_draft, document=G.document, en="Qiaoshan approves,", zh="樵山确认，")
    step(CANGHAI, Shipping.issue, document=G.document, en="and the sea waybill is issued.", zh="签发海运单。")


def write_transhipment(writer: StoryWriter) -> None:
    """24 April: what happened at Singapore."""
    step, batch = writer.step, writer.batch
    writer.chapter(en="Singapore", zh="新加坡中转")
    writer.clock(days("2026-04-24"), en="24 April.", zh="4 月 24 日。")
    down = [(Record, moved("DISC", G, plan, fleet.AT_HUB_AT, HUB, seals=[plan.seal], **fleet.FIRST_LEG)) for plan in G.boxes]
    step(HAIJIAO, Record, **down[0][1], refused="discharged-before-arrival",
         en="Nothing leaves a ship that has not arrived.", zh="船未抵港，不可能卸箱。")
    step(CANGHAI, Record, **called("ARRI", fleet.HUB_CALLS[0], HUB, fleet.FIRST_LEG),
         en="Canghai: arrived on the 17th.", zh="沧海：17 日抵港。")
    step(HAIJIAO, Record, **moved("DISC", A, A.boxes[0], fleet.AT_HUB_AT, HUB, **fleet.FIRST_LEG), refused="not-in-routing",
         en="Somebody would take a box of A off here: Singapore is not on its way.",
         zh="有人想在此卸下 A 的箱子：其航线不在此卸货。")
    batch(HAIJIAO, down, en="The twelve boxes of G come off,", zh="G 的 12 箱卸船，")
    batch(CANGHAI, [(Record, called("DEPA", fleet.HUB_CALLS[1], HUB, fleet.FIRST_LEG)),
                    (Record, called("ARRI", fleet.HUB_CALLS[2], HUB, fleet.SECOND_LEG)),
                    (Record, estimated(0, 1)), (Record, estimated(1, 0))],
          en="one ship leaves, the other comes;", zh="一船离港，另一船抵港；")
    up = [(Record, moved("LOAD", G, plan, fleet.FROM_HUB_AT, HUB, seals=[plan.seal], **fleet.SECOND_LEG)) for plan in G.boxes]
    batch(HAIJIAO, up, en="they go up again,", zh="再次装船，")
    batch(CANGHAI, [(Record, called("DEPA", fleet.HUB_CALLS[3], HUB, fleet.SECOND_LEG)),
                    (Record, estimated(0, 2)), (Record, estimated(1, 1))],
          en="and on to Hamburg. Estimates are versions of one event.", zh="驶往汉堡。预计到港时间是同一事件的多个版本。")
    names = [name for name in fleet.READINGS if name.startswith(("MEAS-0", "MEAS-1"))]
    batch(CANGHAI, [(Record, measured(name)) for name in names],
          en="The refrigerated box C reports twelve degrees.", zh="冷藏箱 C 上报 12 度左右。")


def write_excursion(writer: StoryWriter) -> None:
    """8 to 11 May: the reefer failed, and its carrier would rather it had not."""
    step, batch = writer.step, writer.batch
    writer.chapter(en="A reading that somebody regrets", zh="被撤回的温度")
    writer.clock(days("2026-05-08"), en="8 May.", zh="5 月 8 日。")
    names = [name for name in fleet.READINGS if name.startswith(("MEAS-2", "MEAS-3"))]
    batch(CANGHAI, [(Record, measured(name)) for name in names],
          en="On the 2nd the unit failed: nearly twenty degrees.", zh="2 日机组故障：接近 20 度。")
    batch(CANGHAI, [(Record, estimated(0, 3)), (Record, estimated(1, 2))], en="Estimates of arrival,", zh="预计到港，")
    batch(CANGHAI, [(Record, estimated(0, 4)), (Record, estimated(1, 3))], en="and later ones.", zh="以及更新。")
    step(HANWEN, Record, **measured(FAILED[1], event_id="LOGGER-1"),
         en="The shipper's own logger in the box says the same.", zh="货主自带的记录仪读数一致。")
    writer.clock(days("2026-05-11"), en="11 May.", zh="5 月 11 日。")
    taken_back: dict[str, Any] = {"updated_at_ms": on("2026-05-11"), "reason": "sensor fault"}
    step(JIANGLAN, Shipping.retract_event, event_id=FAILED[0], **taken_back, refused="no-such-event",
         en="Nobody can take back what another reported.", zh="不能撤回他人上报的事件。")
    batch(CANGHAI, [(Shipping.retract_event, {"event_id": name, **taken_back}) for name in FAILED],
          en="Canghai takes its three warm readings back: a sensor fault, it says. They hold no more, and stay to be read.",
          zh="沧海撤回三条高温读数，称传感器故障。它们不再有效，但历史仍可查阅。")
