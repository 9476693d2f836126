"""Rules of bookings, documents, title, platforms and credits that can say no, in both languages."""

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
}
