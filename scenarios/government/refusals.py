"""Every code that the rules of government services refuse with, in the words of an office."""

from collections.abc import Mapping

from ledger.contract import Refusal

REFUSALS: Mapping[str, Refusal] = {
    # Offices and matters
    "retroactive": Refusal(en="Rules apply from a later day on.", zh="规定只能自以后日期起生效，不得倒签。"),
    "no-deadlines": Refusal(en="No deadlines are in force yet.", zh="办理时限尚未生效。"),
    "already-exists": Refusal(en="Number {number} is taken.", zh="编号 {number} 已被使用。"),
    "one-side-only": Refusal(en="Both sides sign for this; missing: {missing}.", zh="须双方签署；缺少：{missing}。"),
    "no-matter": Refusal(en="There is no matter {matter}: nobody looks without one.", zh="没有办件 {matter}：无办件号不得查询。"),
    "other-agency": Refusal(en="This is for {agency} alone.", zh="仅限 {agency} 办理。"),
    "other-applicant": Refusal(en="Matter {matter} is {applicant}'s.", zh="办件 {matter} 的申请人是 {applicant}。"),
    "other-purpose": Refusal(en="It is for {purpose}, not for {asked}.", zh="用途限于“{purpose}”，不得用于“{asked}”。"),
    "matter-closed": Refusal(en="Matter {matter} is closed.", zh="办件 {matter} 已办结。"),
    "expired-already": Refusal(en="Its last day has passed already.", zh="截止日期已过。"),
    # Catalogue
    "not-provider": Refusal(en="Only {provider} may do this.", zh="只有数据提供部门 {provider} 可以办理。"),
    "doubled-field": Refusal(en="A field of {item} is named twice.", zh="{item} 的字段重复。"),
    "nothing-amended": Refusal(
        en="Nothing is different from version {version} of {item}.", zh="与 {item} 第 {version} 版没有区别。"
    ),
    "no-draft": Refusal(en="There is no draft of {item}.", zh="{item} 没有待发布的草案。"),
    "other-draft": Refusal(en="The draft of {item} was changed since.", zh="{item} 的草案此后已被修改。"),
    "retired": Refusal(en="{item} was taken out of the catalogue.", zh="{item} 已退出目录。"),
    "not-published": Refusal(en="{item} is not published.", zh="{item} 尚未发布。"),
    "stale-version": Refusal(
        en="Version {version} of {item} is in force, not {cited}.",
        zh="{item} 现行为第 {version} 版，不是第 {cited} 版。",
    ),
    "not-shared": Refusal(en="Entry {item} is not shared: {basis}.", zh="{item} 属不予共享：{basis}。"),
    "unknown-field": Refusal(en="{item} has no such fields: {fields}.", zh="{item} 不含字段 {fields}。"),
    # Requests
    "own-data": Refusal(en="{item} is the department's own.", zh="{item} 是本部门自己的数据。"),
    "needs-consent": Refusal(
        en="{item} is about licences: only their holders open it.", zh="{item} 属证照信息，须经持证人授权。"
    ),
    "unconditional": Refusal(en="{item} is shared without conditions: nobody can deny it.", zh="{item} 属无条件共享，不得拒绝。"),
    "already-answered": Refusal(en="{request} is {state}.", zh="{request} 已处于“{state}”状态。"),
    "deadline-missed": Refusal(
        en="The answer was due by {until}; the department has lost its say.", zh="答复期限 {until} 已过，部门不再有权答复。"
    ),
    "deadline-runs": Refusal(en="There is time until {until}.", zh="期限至 {until}，尚未届满。"),
    "not-escalated": Refusal(en="It was not escalated to the data bureau.", zh="尚未提级至数据局。"),
    "already-escalated": Refusal(en="{request} was escalated before.", zh="{request} 已经提级。"),
    # Consent
    "not-holder": Refusal(en="Only the holder {holder} may do this.", zh="只有持证人 {holder} 可以办理。"),
    "code-not-from-platform": Refusal(en="Codes are made by the licence platform alone.", zh="授权码只能由证照平台生成。"),
    "code-for-other-matter": Refusal(
        en="This code was given for matter {matter}, not for {asked}.", zh="该授权码用于办件 {matter}，不能用于 {asked}。"
    ),
    "wrong-code": Refusal(en="This is not the code of {consent}.", zh="授权码与 {consent} 不符。"),
    "code-locked": Refusal(en="{consent} is locked after three wrong codes.", zh="{consent} 已连续输错三次，被锁定。"),
    "code-used": Refusal(en="The code of {consent} is used up.", zh="{consent} 的授权码已失效。"),
    "code-not-told": Refusal(en="Nobody has told the code of {consent} yet.", zh="{consent} 的授权码尚未出示。"),
    "not-a-consent": Refusal(en="{grant} is no consent of a holder.", zh="{grant} 不是持证人的授权。"),
    "grant-over": Refusal(en="{grant} is {state}.", zh="{grant} 已处于“{state}”状态。"),
    "not-expired": Refusal(en="{grant} still runs.", zh="{grant} 尚未到期。"),
    # Access
    "field-creep": Refusal(en="Granted: {granted}. Not granted: {beyond}.", zh="授权范围：{granted}；超出范围：{beyond}。"),
    "grant-revoked": Refusal(en="{grant} was revoked by its holder.", zh="{grant} 已被持证人撤销。"),
    "grant-used-up": Refusal(en="{grant} is used up, {uses} of {uses}.", zh="{grant} 限用 {uses} 次，已用完。"),
    "grant-expired": Refusal(en="{grant} has ended: its last day is over.", zh="{grant} 已过有效期。"),
    "grant-for-other-matter": Refusal(
        en="It is for matter {matter}, not for {asked}.", zh="仅限办件 {matter}，不得用于 {asked}。"
    ),
    "wrong-schema": Refusal(
        en="The data do not follow version {version} of {item}.", zh="数据结构与 {item} 第 {version} 版不符。"
    ),
    # Licences
    "bad-uscc": Refusal(en="{uscc} is no unified social credit code.", zh="{uscc} 不是有效的统一社会信用代码。"),
    "bad-identifier": Refusal(en="{licence} is no licence identifier.", zh="{licence} 不是有效的电子证照标识。"),
    "wrong-issuer": Refusal(en="This is not for {issuer} to do, or not in another's name.", zh="与发证机关 {issuer} 不符。"),
    "wrong-version": Refusal(en="Version {expected} is next, not {got}.", zh="下一版本应为 {expected}，而非 {got}。"),
    "wrong-number": Refusal(en="A renewal keeps type and number {number}.", zh="换证须沿用证照类型和号码 {number}。"),
    "no-term": Refusal(en="{start} to {end} is no term.", zh="{start} 至 {end} 不是有效期间。"),
    "already-issued": Refusal(
        en="{licence} stands under this number: only one is valid at a time.", zh="该号码下已有 {licence}：同时只能有一份有效。"
    ),
    "already-renewed": Refusal(en="{licence} was renewed as {successor}.", zh="{licence} 已换发为 {successor}。"),
    "wrong-state": Refusal(en="{licence} is {state}.", zh="{licence} 状态为“{state}”。"),
    "not-ended": Refusal(en="It runs until {until}.", zh="有效期至 {until}。"),
    "licence-not-valid": Refusal(en="{licence} is {state} now.", zh="{licence} 当前状态为“{state}”。"),
    "licence-not-begun": Refusal(en="The licence is valid from {since} on.", zh="证照自 {since} 起有效。"),
    "licence-ended": Refusal(en="The licence ended on {until}.", zh="证照已于 {until} 到期。"),
    # Presentations and customers
    "nonce-used": Refusal(en="This nonce was asked in {question}.", zh="该随机数已在 {question} 中使用。"),
    "question-answered": Refusal(en="{question} is answered.", zh="{question} 已答复。"),
    "question-over": Refusal(en="It was open until {until}.", zh="出示请求已于 {until} 截止。"),
    "other-licence": Refusal(en="A licence of {item} was asked for.", zh="要求出示的是 {item} 类证照。"),
    "other-fields": Refusal(en="Asked for {asked}, shown {shown}.", zh="要求 {asked}，出示的是 {shown}。"),
    "not-presented": Refusal(en="Nothing was presented for {question}.", zh="{question} 尚未出示。"),
    "other-presentation": Refusal(en="This is not what was presented for {question}.", zh="与 {question} 出示的内容不一致。"),
    "not-accepted": Refusal(en="{question} was not checked and accepted.", zh="{question} 尚未核验通过。"),
    "check-again": Refusal(en="The customer was to be checked again by {until}.", zh="应于 {until} 前重新核验客户。"),
    # Evidence
    "claimed-in-future": Refusal(en="It cannot be of {claimed}: that day is still to come.", zh="声称日期 {claimed} 尚未到来。"),
    "already-deposited": Refusal(
        en="The same digest was deposited as {evidence}: a copy of a digest is no evidence.",
        zh="同一摘要已作为 {evidence} 存证：复制摘要不构成存证。",
    ),
    "root-without-size": Refusal(en="A log has a root and a number of lines.", zh="日志须同时提交根值和行数。"),
    "bad-batch": Refusal(en="A root is over 1 to {pieces_max} different pieces.", zh="一次固化 1 至 {pieces_max} 份不同证据。"),
    "already-anchored": Refusal(en="{evidence} is under a root already.", zh="{evidence} 已固化。"),
    "not-anchored": Refusal(en="No notary has put {evidence} under a root.", zh="{evidence} 尚未由公证机构固化。"),
    "not-owner": Refusal(en="Only {owner}, who deposited it, may do this.", zh="只有存证人 {owner} 可以办理。"),
    "already-admitted": Refusal(en="{evidence} was admitted.", zh="{evidence} 已被采信。"),
    "not-submitted": Refusal(en="{evidence} was not brought before this court in {case}.", zh="{case} 案未提交 {evidence}。"),
    "no-entries": Refusal(en="{evidence} is no log of lines.", zh="{evidence} 不是逐行日志。"),
    "deposited-later": Refusal(
        en="{evidence} was deposited on {deposited}: that proves nothing about {claimed}.",
        zh="{evidence} 于 {deposited} 存证，不能证明其在 {claimed} 已存在。",
    ),
    "not-verified": Refusal(
        en="{evidence} is {state}: it was not found to be the original.", zh="{evidence} 为“{state}”，并非原件。"
    ),
}
