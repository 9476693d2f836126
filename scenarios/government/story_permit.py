"""The same day, at the permit window: a code said aloud, data instead of papers, and departments that are late."""

from typing import Any

from scenarios.dates import days, on
from scenarios.government.cast import AUDITOR, BAIHUA, BUREAU, FIRE, HOUSING, MARKET, PLATFORM, QINGTENG, SOCIAL, TAX, WINDOW
from scenarios.government.contract import Government as Gov
from scenarios.government.papers import ITEMS, LICENCE, PERMIT, SHOWN, SMALLER, access, code, consent, request
from scenarios.government.rules import schema_digest
from scenarios.story.story import StoryWriter

# A story reads like a script, with each step's words beside it.
# fmt: off


def write_window(writer: StoryWriter) -> None:
    """Eight digits, said once."""
    step = writer.step
    writer.chapter(en="The same day: eight digits at the window", zh="同一天：窗口的八位授权码")
    step(WINDOW, Gov.request_share, **request("RQ-0", "SB-01", SMALLER, matter="XK-0000"), refused="no-matter",
         en="A clerk is curious about Qingteng and browses: without a matter nobody looks.",
         zh="办事员出于好奇想查青藤：没有办件号，谁也不能查。")
    step((WINDOW, QINGTENG), Gov.open_matter, **PERMIT, agency="permit-office", applicant="qingteng",
         en="Qingteng applies for a restaurant permit.", zh="青藤申请食品经营许可。")
    step((WINDOW, BAIHUA), Gov.open_matter, matter="XK-0403", purpose="restaurant-permit", agency="permit-office",
         applicant="baihua", en="Baihua, a competitor, stands at the next desk.", zh="竞争对手百花就在旁边的窗口。")
    step(WINDOW, Gov.request_share, **request("RQ-0", "SB-01", SMALLER, matter="XK-0403"), refused="other-applicant",
         en="Looking at Qingteng under Baihua's matter: refused.", zh="借百花的办件查青藤：拒绝。")
    step(QINGTENG, Gov.grant_consent, **consent("C-1"), code_tag=code("C-1"), refused="code-not-from-platform",
         en="Codes are made by the licence platform, not at home.", zh="授权码须由证照平台生成，不能自制。")
    step((QINGTENG, PLATFORM), Gov.grant_consent, **consent("C-1"), code_tag=code("C-1"),
         en="Qingteng consents: three fields, this window, once, until tomorrow. The platform shows it eight digits.",
         zh="青藤授权：三个字段、仅此窗口、一次、明日到期。平台显示八位数字。")
    sides = (WINDOW, MARKET)
    step(sides, Gov.access, **access("R-1", "C-1", "EL-001", SHOWN, sides), refused="code-not-told",
         en="Before the code is told, nothing opens.", zh="未出示授权码前，什么也查不到。")
    step((WINDOW, PLATFORM), Gov.redeem_code, consent="C-1", matter="XK-0403", code_tag=code("C-1"),
         refused="code-for-other-matter", en="Baihua overheard the code and tells it for its own matter: refused.",
         zh="百花偷听到授权码，用于自己的办件：拒绝。")
    step((FIRE, PLATFORM), Gov.redeem_code, consent="C-1", matter="XK-0402", code_tag=code("C-1"), refused="other-agency",
         en="Another agency tries it too.", zh="另一个部门也想用：拒绝。")
    step((WINDOW, PLATFORM), Gov.redeem_code, consent="C-1", matter="XK-0402", code_tag=code("C-1", change=1),
         refused="wrong-code", en="The clerk mistypes a digit.", zh="办事员输错一位。")
    step(PLATFORM, Gov.report_wrong_code, consent="C-1", en="The platform counts it: one of three.", zh="平台计数：三次之一。")
    step((WINDOW, PLATFORM), Gov.redeem_code, consent="C-1", matter="XK-0402", code_tag=code("C-1"),
         en="The right digits: the consent is active.", zh="输入正确：授权生效。")
    step((WINDOW, PLATFORM), Gov.redeem_code, consent="C-1", matter="XK-0402", code_tag=code("C-1"), refused="code-used",
         en="The same digits again are worth nothing.", zh="同一授权码再用无效。")
    more = (*SHOWN, "representative_id")
    step(sides, Gov.access, **access("R-1", "C-1", "EL-001", more, sides), refused="field-creep",
         en="The clerk asks for the representative's identity number as well: not granted.",
         zh="办事员还想要身份证号：超出授权。")
    step(WINDOW, Gov.access, **access("R-1", "C-1", "EL-001", SHOWN, sides), refused="one-side-only",
         en="An access that the provider does not sign for is none.", zh="提供方未签名的访问无效。")
    wrong = schema_digest("EL-001", 1, "conditional", LICENCE[:3])
    step(sides, Gov.access, **access("R-1", "C-1", "EL-001", SHOWN, sides, schema_digest=wrong), refused="wrong-schema",
         en="Nor one of data that do not follow the catalogue.", zh="数据结构与目录不符也不行。")
    step(sides, Gov.access, **access("R-1", "C-1", "EL-001", SHOWN, sides),
         en="Both sides sign a receipt: who, when, for what, which fields. No value.",
         zh="双方签署回执：谁、何时、为何、哪些字段，没有数值。")
    step(sides, Gov.access, **access("R-1b", "C-1", "EL-001", SHOWN, sides), refused="grant-used-up",
         en="A second look: the consent was for one.", zh="再看一次：授权只限一次。")
    fire: dict[str, Any] = {"matter": "FS-0402", "purpose": "fire-inspection"}
    step((FIRE, QINGTENG), Gov.open_matter, **fire, agency="fire-service", applicant="qingteng",
         en="The fire service must inspect too.", zh="消防也要检查。")
    step((QINGTENG, PLATFORM), Gov.grant_consent, **consent("C-2", consumer="fire-service", **fire),
         code_tag=code("C-2", "fire-service", "FS-0402"), en="A second code, for the fire service.", zh="给消防的第二个授权码。")
    writer.batch(PLATFORM, [(Gov.report_wrong_code, {"consent": "C-2"})] * 3,
                 en="Somebody guesses three times.", zh="有人连猜三次。")
    step((FIRE, PLATFORM), Gov.redeem_code, consent="C-2", matter="FS-0402", code_tag=code("C-2", "fire-service", "FS-0402"),
         refused="code-locked", en="Now even the right digits open nothing.", zh="此后输入正确也无效。")
    step(QINGTENG, Gov.grant_consent, **consent("C-3", consumer="fire-service", **fire, uses_max=5,
                                                expires_on_ms=on("2026-04-30")),
         en="Qingteng consents at once, without a code, for five uses.", zh="青藤改为直接授权，限五次。")
    at_fire = (FIRE, MARKET)
    step(at_fire, Gov.access, **access("R-2", "C-3", "EL-001", SHOWN, at_fire, **fire), en="The fire service looks once.",
         zh="消防查询一次。")


def write_sharing(writer: StoryWriter) -> None:
    """Data instead of papers."""
    step = writer.step
    writer.chapter(en="Data travel instead of people", zh="数据多跑路，群众少跑腿")
    step(WINDOW, Gov.request_share, **request("RQ-1", "SB-01", SMALLER),
         en="The window asks social security for the headcount: approved by rule.",
         zh="窗口向社保局申请参保人数：按规则即时通过。")
    step(WINDOW, Gov.request_share, **request("RQ-2", "TX-01", ("tax_arrears", "filing_status")),
         en="It asks for tax clearance: under review until 10 April, Qingming not counted.",
         zh="申请完税情况：审核至 4 月 10 日，清明不计。")
    step(WINDOW, Gov.request_share, **request("RQ-3", "HB-01", ("lease_until",)), en="And for the lease.", zh="还有租赁备案。")
    step(WINDOW, Gov.request_share, **request("RQ-4", "TX-09", ("audit_findings",)), refused="not-shared",
         en="Audit files cannot even be asked for.", zh="稽查材料连申请都不行。")
    step(WINDOW, Gov.request_share, **request("RQ-4", "HB-01", ("lease_until", "neighbours")), refused="unknown-field",
         en="Nor what the catalogue does not hold.", zh="目录以外的字段也不行。")
    step(SOCIAL, Gov.deny, request="RQ-1", reason="too busy this week", refused="unconditional",
         en="Social security is too busy and says no: unconditional data cannot be denied.",
         zh="社保局以忙为由拒绝：无条件共享不得拒绝。")
    sides = (WINDOW, SOCIAL)
    step(sides, Gov.access, **access("R-3", "RQ-1", "SB-01", SMALLER, sides), en="So it serves.", zh="于是提供数据。")
    step(TAX, Gov.escalate, request="RQ-2", refused="deadline-runs", en="Nobody calls a department late before it is.",
         zh="未到期不得提级。")
    writer.clock(days("2026-04-03"), en="3 April.", zh="4 月 3 日。")
    step(TAX, Gov.approve, request="RQ-2", en="The tax office says yes, a day later,", zh="税务局一天后同意，")
    sides = (WINDOW, TAX)
    step(sides, Gov.access, **access("R-4", "RQ-2", "TX-01", ("tax_arrears", "filing_status"), sides), en="and serves.",
         zh="并提供数据。")
    other: dict[str, Any] = {"subject": "baihua", "matter": "XK-0403"}
    asked = request("RQ-5", "HB-01", ("lease_until", "owner_name"), **other)
    step(WINDOW, Gov.request_share, **asked, refused="not-needed",
         en="For Baihua the window wants the landlord's name as well: a permit does not need it.",
         zh="为百花的办件，窗口还要房东姓名：该事项并不需要。")
    asked["wanted"] = {**asked["wanted"], "reason": "two tenants claim the same rooms"}
    step(WINDOW, Gov.request_share, **asked, en="With a reason it may ask, and the auditors get a notice.",
         zh="说明理由后可以申请，审计机关收到通知。")
    step(HOUSING, Gov.approve, request="RQ-5", en="Housing finds the reason good.", zh="住建局认可该理由。")
    sides = (WINDOW, HOUSING)
    more = access("R-9", "RQ-5", "HB-01", ("lease_until", "owner_name"), sides, subject=BAIHUA, matter="XK-0403")
    step(sides, Gov.access, **more, refused="not-acknowledged", en="But nothing is shown before an auditor has seen it.",
         zh="但审计确认之前不得提供。")
    step(AUDITOR, Gov.acknowledge, notice="XK-0403:excess:RQ-5", en="The audit office has seen it.", zh="审计局已查看。")
    step(sides, Gov.access, **more, en="Now it is shown.", zh="随后提供。")
    step(WINDOW, Gov.request_share, **request("RQ-9", "TX-01", ("tax_arrears",), **other), en="It asks for Baihua's taxes too.",
         zh="还申请百花的完税情况。")
    step(TAX, Gov.deny, request="RQ-9", reason="an assessment is under appeal",
         en="The tax office denies it, in time and with a reason.", zh="税务局按时说明理由，不同意。")
    step(TAX, Gov.approve, request="RQ-9", refused="already-answered", en="An answer is an answer.", zh="已答复的不得反复。")


def write_deadlines(writer: StoryWriter) -> None:
    """A smaller version, and two departments that are late."""
    step = writer.step
    writer.chapter(en="A smaller catalogue, and a clock", zh="精简目录与办理时限")
    writer.clock(days("2026-04-07"), en="7 April, after Qingming.", zh="清明节后，4 月 7 日。")
    step(SOCIAL, Gov.draft_item, item="SB-01", **{**ITEMS["SB-01"][1], "fields": SMALLER},
         en="Nobody needs the contact's telephone: social security drafts a smaller entry,",
         zh="联系人电话没人需要：社保局精简目录，")
    step(BUREAU, Gov.publish_item, item="SB-01", schema_digest=schema_digest("SB-01", 2, "unconditional", SMALLER),
         en="and the bureau puts version 2 in force; version 1 stays readable.",
         zh="数据局发布第 2 版，第 1 版仍可查。")
    sides = (WINDOW, SOCIAL)
    step(sides, Gov.access, **access("R-5", "RQ-1", "SB-01", SMALLER, sides), refused="stale-version",
         en="An approval under version 1 opens nothing any more.", zh="第 1 版下的批准不再有效。")
    other: dict[str, Any] = {"subject": "baihua", "matter": "XK-0403"}
    step(WINDOW, Gov.request_share, **request("RQ-6", "SB-01", SMALLER, **other), refused="stale-version",
         en="Nor can it be asked for.", zh="也不能再按旧版申请。")
    step(WINDOW, Gov.request_share, **request("RQ-6", "SB-01", SMALLER, version=2, **other),
         en="Baihua's headcount under version 2: approved by rule, due on 9 April.",
         zh="按第 2 版申请百花参保人数：即时通过，4 月 9 日前提供。")
    writer.clock(days("2026-04-13"), en="13 April. Housing was due on the 10th.", zh="4 月 13 日。住建局的期限是 10 日。")
    step(HOUSING, Gov.deny, request="RQ-3", reason="the register is being moved", refused="deadline-missed",
         en="Housing says no at last: too late to say anything.", zh="住建局这才拒绝：超期已无权答复。")
    step(BUREAU, Gov.approve, request="RQ-3", refused="not-escalated", en="The bureau does not step in unasked.",
         zh="未提级，数据局不能越位。")
    writer.batch(WINDOW, [(Gov.escalate, {"request": number}) for number in ("RQ-3", "RQ-6")],
                 en="The window escalates both.", zh="窗口将两件提级。")
    step(BUREAU, Gov.approve, request="RQ-3", en="The data bureau decides: yes.", zh="数据局裁定：同意。")
    sides = (WINDOW, HOUSING)
    step(sides, Gov.access, **access("R-6", "RQ-3", "HB-01", ("lease_until",), sides), en="Housing serves,",
         zh="住建局提供数据，")
    late = access("R-7", "RQ-6", "SB-01", SMALLER, (WINDOW, SOCIAL), version=2, subject=BAIHUA, matter="XK-0403")
    step((WINDOW, SOCIAL), Gov.access, **late, en="and social security too, four days late.", zh="社保局也补上，晚了四天。")
    step(WINDOW, Gov.close_matter, matter="XK-0402", en="Qingteng has its permit.", zh="青藤拿到许可。")
    step(sides, Gov.access, **access("R-8", "RQ-3", "HB-01", ("lease_until",), sides), refused="matter-closed",
         en="A last look after the decision: refused.", zh="办结后还想再看：拒绝。")
