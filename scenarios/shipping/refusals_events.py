"""Rules of events and release that can say no, in both languages."""

from collections.abc import Mapping

from ledger.contract import Refusal

REFUSALS: Mapping[str, Refusal] = {
    # Who reports what
    "unknown-code": Refusal(en="{event_type} events have no code {event_code}.", zh="{event_type} 类事件没有代码 {event_code}。"),
    "no-authority": Refusal(
        en="{event_code} {classifier} is reported by: {roles}.", zh="{event_code} {classifier} 只能由以下角色上报：{roles}。"
    ),
    "no-facility": Refusal(en="{member} is neither terminal nor depot.", zh="{member} 既不是码头也不是堆场。"),
    "not-appointed": Refusal(en="No carrier has appointed {member} at {port}.", zh="{member} 未被承运人指定在 {port} 作业。"),
    "not-own-ship": Refusal(
        en="{member} does not sail ship {place} on this voyage.", zh="{member} 不是船舶 {place} 该航次的承运人。"
    ),
    "not-own-box": Refusal(en="Container {equipment} is not this party's.", zh="集装箱 {equipment} 与该方无关。"),
    "incomplete-event": Refusal(en="An event {event_code} needs {missing}.", zh="事件 {event_code} 缺少 {missing}。"),
    "no-ship": Refusal(en="{event_code} names no ship.", zh="{event_code} 未注明船舶。"),
    "from-the-future": Refusal(en="{time_ms} has not come yet.", zh="{time_ms} 尚未到来。"),
    "not-newer": Refusal(
        en="A version of {time_ms} is there already; only a later one replaces it.",
        zh="已有 {time_ms} 的版本，只有更晚的版本才能替换。",
    ),
    "no-such-event": Refusal(en="There is no valid event {event} of this party.", zh="该方没有有效的事件 {event}。"),
    "told-already": Refusal(en="Event {event} says so already.", zh="事件 {event} 已上报过。"),
    "document-lives-here": Refusal(en="Document {document} lives on this ledger.", zh="单证 {document} 已在本账本上。"),
    "noted-by-another": Refusal(en="Another carrier noted {document}.", zh="{document} 已由另一承运人登记。"),
    # Physical order
    "another-booking": Refusal(en="{equipment} is still under way for {booking}.", zh="{equipment} 仍在执行订舱 {booking}。"),
    "listed-elsewhere": Refusal(en="{equipment} is on document {document} already.", zh="{equipment} 已列入单证 {document}。"),
    "booking-not-confirmed": Refusal(en="Booking {booking} is not confirmed.", zh="订舱 {booking} 尚未确认。"),
    "not-in-routing": Refusal(
        en="{port} is not where {equipment} does this on its way: {ports}.",
        zh="{equipment} 的航线为 {ports}，不应在 {port} 发生此作业。",
    ),
    "gate-in-unexpected": Refusal(en="{equipment} cannot come in at {port} now.", zh="{equipment} 此时不可能在 {port} 进场。"),
    "gate-out-unexpected": Refusal(
        en="{equipment} cannot go out empty at {port} now.", zh="{equipment} 此时不可能在 {port} 空箱出场。"
    ),
    "gate-out-before-discharge": Refusal(
        en="{equipment} has not been discharged at {port}.", zh="{equipment} 尚未在 {port} 卸船，不能重箱出场。"
    ),
    "stuffed-unexpected": Refusal(en="{equipment} cannot be stuffed now.", zh="{equipment} 此时不能装箱。"),
    "stripped-before-gate-out": Refusal(en="{equipment} has not left the terminal.", zh="{equipment} 尚未出场，不能拆箱。"),
    "load-before-gate-in": Refusal(
        en="{equipment} has not come in at {port}, so it cannot be loaded there.", zh="{equipment} 未在 {port} 进场，不能装船。"
    ),
    "loaded-twice": Refusal(en="{equipment} is aboard already.", zh="{equipment} 已在船上，不能再次装船。"),
    "loaded-after-departure": Refusal(
        en="The ship had left {port} by then; see {equipment}.", zh="此时船舶已离开 {port}，见 {equipment}。"
    ),
    "not-aboard": Refusal(en="{equipment} is not aboard this ship.", zh="{equipment} 不在该船上。"),
    "discharged-before-arrival": Refusal(
        en="The ship had not left and come to {port} by then; see {equipment}.",
        zh="此时船舶尚未离港并抵达 {port}，见 {equipment}。",
    ),
    "departed-before-arrival": Refusal(en="The ship cannot leave {port} before it came.", zh="船舶不能在抵达 {port} 之前离港。"),
    # What stops a box
    "seal-changed": Refusal(
        en="{equipment} bears another seal, and nobody reported a new one.", zh="{equipment} 的铅封与此前不符，且无换封记录。"
    ),
    "undeclared-dangerous-goods": Refusal(
        en="{equipment} shows dangerous goods that were not declared.", zh="{equipment} 含有未申报的危险品。"
    ),
    "weight-differs": Refusal(
        en="The verified gross mass of {equipment} is not what the document says.", zh="{equipment} 的核实总重与单证不符。"
    ),
    "no-verified-mass": Refusal(
        en="{equipment} has no verified gross mass: no VGM, no loading.", zh="{equipment} 没有核实总重（VGM），不得装船。"
    ),
    "not-released": Refusal(en="The goods in {equipment} are not released.", zh="{equipment} 内货物尚未放行。"),
    # Customs, charges, release
    "not-signed-by": Refusal(en="{member} has not signed.", zh="{member} 尚未签署。"),
    "not-on-document": Refusal(en="{document} does not list {equipment}.", zh="{document} 未列明 {equipment}。"),
    "bad-tiers": Refusal(en="Tiers must rise, and only the last is open.", zh="费率分档须递增，仅最后一档不设上限。"),
    "tariff-retroactive": Refusal(en="A tariff begins after {today_on_ms}.", zh="费率须在 {today_on_ms} 之后生效。"),
    "no-tariff": Refusal(en="There is no tariff of {carrier} for {port}.", zh="{carrier} 在 {port} 没有费率。"),
    "not-quoted": Refusal(en="Free time of {equipment} was never quoted.", zh="{equipment} 的免费期从未告知。"),
    "quoted-already": Refusal(en="Free time of {equipment} was quoted already.", zh="{equipment} 的免费期已告知，不得更改。"),
    "nothing-due": Refusal(en="Nothing more is due for {equipment}.", zh="{equipment} 没有新的应收费用。"),
    "wrong-charge": Refusal(
        en="By events and tariff it comes to {due_cents}, not {amount_cents}.",
        zh="按事件与费率计算应为 {due_cents}，而非 {amount_cents}。",
    ),
    "over-payment-of-charges": Refusal(en="Only {due_cents} are due.", zh="应付仅 {due_cents}。"),
    "on-hold": Refusal(en="The cargo is on hold: {holds}.", zh="货物被扣留：{holds}。"),
    "no-such-hold": Refusal(en="There is no hold {hold}.", zh="没有名为 {hold} 的扣留。"),
    "not-cleared": Refusal(en="Customs has not released {equipment}.", zh="海关尚未放行 {equipment}。"),
    "charges-unpaid": Refusal(en="{due_cents} are still to be paid.", zh="尚有 {due_cents} 未付。"),
    "not-surrendered": Refusal(
        en="Document {document} has not been surrendered; it is {status}.", zh="单证 {document} 尚未交还，状态为 {status}。"
    ),
    "letter-of-indemnity": Refusal(
        en="No goods against a letter of indemnity: {document} has not been surrendered.",
        zh="不得凭保函放货：{document} 尚未交还。",
    ),
    "not-surrendering-party": Refusal(
        en="Only {party}, who surrendered it, may have the goods.", zh="货物只能交给交还提单的 {party}。"
    ),
    "already-released": Refusal(en="The goods went to {party} already.", zh="货物已放行给 {party}。"),
}
