"""Every rule of shipping that can say no, in both languages."""

from collections.abc import Mapping

from ledger.contract import Refusal

CONDITIONS: Mapping[str, Refusal] = {
    "address-too-long": Refusal(en="A displayed address has at most {place} lines.", zh="显示地址最多 {place} 行。"),
    "equipment-twice": Refusal(en="Container {place} is named twice.", zh="箱号 {place} 重复。"),
    "unknown-equipment": Refusal(
        en="{place} carries goods but is no container of the document.", zh="货物所在的 {place} 不在单证的箱单中。"
    ),
    "no-cargo": Refusal(en="Container {place} has no goods.", zh="集装箱 {place} 没有货物。"),
    "customs-reference-twice": Refusal(en="Customs reference {place} is given twice.", zh="海关编号 {place} 重复。"),
    "waybill-to-order": Refusal(en="A sea waybill is never to order.", zh="海运单不得为指示式。"),
    "consignee-on-order": Refusal(en="A bill to order names no consignee.", zh="指示提单不得记载收货人。"),
    "consignee-missing": Refusal(en="A straight document names its consignee.", zh="记名单证须载明收货人。"),
    "endorsee-on-straight": Refusal(en="A straight document has no endorsee.", zh="记名单证没有被背书人。"),
    "waybill-originals": Refusal(
        en="A sea waybill has no originals; {place} were asked for.", zh="海运单没有正本，却要求 {place} 份。"
    ),
    "too-many-originals": Refusal(
        en="An electronic bill has one original at most; {place} were asked for.", zh="电子提单至多一份正本，却要求 {place} 份。"
    ),
    "wrong-check-digit": Refusal(en="The check digit of {place} is wrong.", zh="箱号 {place} 的校验位不对。"),
    "bad-ship-number": Refusal(en="{place} is no IMO number of a ship.", zh="{place} 不是有效的 IMO 船舶编号。"),
    "reefer-settings-missing": Refusal(en="Reefer {place} runs without settings.", zh="运行中的冷藏箱 {place} 没有设定值。"),
    "setpoint-without-unit": Refusal(
        en="A setpoint of {place} lacks its unit, or the other way round.", zh="{place} 的设定值与单位必须成对出现。"
    ),
    "dangerous-packaging": Refusal(en="The packaging of UN {place} is not stated.", zh="UN {place} 未注明包装。"),
    "inhalation-zone": Refusal(en="Inhalation zones are A to D, not {place}.", zh="吸入危害区为 A 至 D，没有 {place}。"),
    "segregation-group": Refusal(en="There is no segregation group {place}.", zh="没有隔离组 {place}。"),
    "two-dates": Refusal(
        en="It was shipped on board or received for shipment, not both ({place}).", zh="已装船与收货待运不能并存（{place}）。"
    ),
    "date-missing": Refusal(en="The {place} date is missing.", zh="缺少日期：{place}。"),
    "two-currencies": Refusal(en="Charges are of one currency, not {place}.", zh="费用须为同一币种，而非 {place}。"),
}
"""Codes of `conditions.py`; each names a place."""

REFUSALS: Mapping[str, Refusal] = {
    **CONDITIONS,
    # Bookings and instructions
    "unknown-member": Refusal(en="{member} is not a member.", zh="{member} 不是成员。"),
    "booking-exists": Refusal(en="There is a booking {booking} already.", zh="订舱 {booking} 已存在。"),
    "not-carrier": Refusal(en="{member} is no carrier.", zh="{member} 不是承运人。"),
    "wrong-carrier": Refusal(en="The carrier is {carrier}.", zh="承运人是 {carrier}。"),
    "not-shipper": Refusal(en="Only the shipper {shipper} may do this.", zh="只有托运人 {shipper} 可以这样做。"),
    "wrong-status": Refusal(en="{name} is {status}; this does not follow.", zh="{name} 的状态为 {status}，不允许此操作。"),
    "instructions-exist": Refusal(en="There are instructions {instructions} already.", zh="补料 {instructions} 已存在。"),
    "draft-approved": Refusal(
        en="Draft {document} was approved; after issue it can be amended.", zh="草稿 {document} 已确认，签发后方可改单。"
    ),
    "document-exists": Refusal(en="There is a document {document} already.", zh="单证 {document} 已存在。"),
    "still-out": Refusal(en="{document} is still out.", zh="{document} 尚未交回。"),
    "open-update": Refusal(en="An update of {instructions} waits for the carrier.", zh="{instructions} 有待承运人答复的更改。"),
    "more-than-booked": Refusal(en="{containers} containers were booked.", zh="只订了 {containers} 个箱。"),
    "not-as-booked": Refusal(en="{ports} is not what was booked.", zh="{ports} 与订舱不符。"),
    "booked-as-general-cargo": Refusal(
        en="UN {un_numbers} was booked as general cargo.", zh="UN {un_numbers} 订舱时按普通货物申报。"
    ),
    # Documents
    "other-voyage": Refusal(en="It was booked on {vessel}, voyage {voyage}.", zh="订舱船舶为 {vessel}，航次 {voyage}。"),
    "issued-once": Refusal(en="{document} was issued already.", zh="{document} 已经签发。"),
    "other-holder": Refusal(en="Its first possessor is {holders}.", zh="首位占有人应为 {holders}。"),
    "no-platform-needed": Refusal(en="A {document} like this goes through no platform.", zh="此类 {document} 不经电子提单平台。"),
    "not-platform": Refusal(en="This is for platform {member}.", zh="此操作应由平台 {member} 进行。"),
    "not-a-day": Refusal(en="{place} is a day: midnight UTC.", zh="{place} 应为日期（UTC 零点）。"),
    "dated-ahead": Refusal(en="The date lies ahead.", zh="日期在将来。"),
    "not-loaded": Refusal(
        en="{equipment} was not loaded at {place} on this ship.", zh="{equipment} 没有在 {place} 装上该船的记录。"
    ),
    "back-dated": Refusal(
        en="{equipment} was loaded on {loaded_at_ms}, after the date on board, {claimed_on_ms}.",
        zh="{equipment} 于 {loaded_at_ms} 装船，晚于所称装船日 {claimed_on_ms}。",
    ),
    "after-departure": Refusal(
        en="The ship left on {departed_at_ms}, before the date on board, {claimed_on_ms}.",
        zh="船舶 {departed_at_ms} 已离港，早于所称装船日 {claimed_on_ms}。",
    ),
    # Title and possession
    "not-asked": Refusal(en="No platform is asked to deliver {document}.", zh="没有平台受托交付 {document}。"),
    "comments-missing": Refusal(en="Whoever declines says why.", zh="拒绝须说明理由。"),
    "unknown-user": Refusal(en="Platform {platform} does not know {member}.", zh="平台 {platform} 没有用户 {member}。"),
    "to-self": Refusal(en="{member} has it already.", zh="{member} 已经持有。"),
    "no-title": Refusal(en="Nobody possesses {document} on this ledger.", zh="账本上无人占有 {document}。"),
    "surrender-pending": Refusal(en="{document} lies with the carrier for surrender.", zh="{document} 已交承运人，待其答复。"),
    "after-surrender": Refusal(en="{document} is {status}: nothing follows.", zh="{document}：{status}，不得再有后续。"),
    "on-paper": Refusal(en="{document} is on paper.", zh="{document} 已转为纸质。"),
    "not-on-paper": Refusal(en="{document} is not on paper.", zh="{document} 不是纸质。"),
    "in-transit": Refusal(en="{document} is on its way in envelope {envelope}.", zh="{document} 正在信封 {envelope} 中传输。"),
    "not-possessor": Refusal(en="{possessor} possesses it.", zh="占有人是 {possessor}。"),
    "pledged": Refusal(en="It is pledged to {pledgee}, whose signature is missing.", zh="已质押给 {pledgee}，缺少其签署。"),
    "under-examination": Refusal(
        en="The bank examines it under {credit} and holds it in trust.", zh="银行正在 {credit} 项下审单，代为保管。"
    ),
    "not-pledged": Refusal(en="{document} is not pledged.", zh="{document} 未质押。"),
    "not-negotiable": Refusal(en="{document} is straight and cannot be endorsed.", zh="{document} 为记名提单，不可背书转让。"),
    "not-title-holder": Refusal(en="The title is {title_holder}'s.", zh="权利人是 {title_holder}。"),
    "may-not-endorse": Refusal(
        en="{title_holder} has it by a plain endorsement, and may not pass it on.",
        zh="{title_holder} 经不可转让背书取得，不得再背书。",
    ),
    "not-entitled": Refusal(en="Only {entitled} may surrender it.", zh="只有 {entitled} 可以交回。"),
    "no-reason-needed": Refusal(en="Surrender for delivery has no reason {reason}.", zh="交单提货不需理由 {reason}。"),
    "beyond-reason": Refusal(en="Reason {reason} does not change {fields}.", zh="理由 {reason} 不得更改 {fields}。"),
    "not-presented": Refusal(
        en="{presented_by} has not signed that it presented the originals.", zh="{presented_by} 未签署交单。"
    ),
    # Platforms: DCSA's PINT
    "envelope-exists": Refusal(en="There is an envelope {envelope} already.", zh="信封 {envelope} 已存在。"),
    "same-platform": Refusal(en="{member} is where it is.", zh="提单已在 {member}。"),
    "broken-chain": Refusal(
        en="The entry does not follow the last one of {document}.", zh="该条目未接续 {document} 的上一条目。"
    ),
    "visualisation-changed": Refusal(
        en="The carrier's picture of {document} travels unchanged.", zh="{document} 的承运人影像须原样随附。"
    ),
    "bsig": Refusal(en="BSIG: the signature of envelope {envelope} does not hold.", zh="BSIG：信封 {envelope} 的签名无效。"),
    "benv": Refusal(en="BENV: {recipient} is not to be reached here.", zh="BENV：收件人 {recipient} 不在此处。"),
    "dise": Refusal(
        en="DISE: envelope {envelope} contradicts the known chain of {document}.",
        zh="DISE：信封 {envelope} 与 {document} 的已知链矛盾。",
    ),
    "wrong-checksum": Refusal(en="The document has checksum {got}, not {expected}.", zh="单证校验值为 {got}，应为 {expected}。"),
    # Banks
    "credit-exists": Refusal(en="There is a credit {credit} already.", zh="信用证 {credit} 已存在。"),
    "not-beneficiary": Refusal(en="Only the beneficiary {beneficiary} presents.", zh="只有受益人 {beneficiary} 可以交单。"),
    "not-applicant": Refusal(en="Only the applicant {applicant} waives.", zh="只有申请人 {applicant} 可以接受不符点。"),
    "not-bank": Refusal(en="This is for bank {bank}.", zh="此操作应由银行 {bank} 进行。"),
    "discrepant": Refusal(en="The documents are discrepant: {discrepancies}.", zh="单据有不符点：{discrepancies}。"),
    "complying": Refusal(en="The presentation under {credit} complies.", zh="{credit} 项下交单相符。"),
    "examination-over": Refusal(en="The time to examine ended on {until_ms}.", zh="审单期限已于 {until_ms} 届满。"),
    "not-agreed": Refusal(en="{pledgee} has not signed.", zh="{pledgee} 未签署。"),
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
    "from-the-future": Refusal(
        en="{time_ms} has not come yet: the clock of this ledger stands at {clock_ms}.",
        zh="{time_ms} 尚未到来：本账本的时钟为 {clock_ms}。",
    ),
    "told-before": Refusal(
        en="It happened at {time_ms}, after the message of {told_at_ms} that tells it.",
        zh="事件发生于 {time_ms}，晚于上报它的消息时间 {told_at_ms}。",
    ),
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
