"""A licence is withheld overnight, another renewed twice at once; and a company looks at who looked at its data."""

from typing import Any

from ledger.contract.refusal import Phrase
from scenarios.dates import days, on
from scenarios.government import clients
from scenarios.government.cast import (
    AUDITOR,
    BAIHUA,
    BUREAU,
    FIRE,
    HOUSING,
    JINNONG,
    LANHAI,
    MARKET,
    PEOPLE,
    QINGTENG,
    SOCIAL,
    WINDOW,
    YANSHAN,
    identifier,
    particulars,
)
from scenarios.government.contract import Government as Gov
from scenarios.government.papers import SHOWN, access, consent, presentation, question, term
from scenarios.identifiers import organization_of
from scenarios.story.story import COMMITTED, Act, Call, StoryWriter

# A story reads like a script, with each step's words beside it.
# fmt: off


def write_overnight(writer: StoryWriter) -> None:
    """Valid yesterday says nothing about today."""
    step = writer.step
    writer.chapter(en="Withheld overnight", zh="一夜之间")
    writer.clock(days("2026-04-14"), en="14 April.", zh="4 月 14 日。")
    applicants = ((QINGTENG, "LH-1"), (JINNONG, "LH-2"), (BAIHUA, "LH-3"))
    opened = tuple(Call(Gov.open_matter, {"matter": matter, "agency": "lanhai", "applicant": organization_of(holder),
                                          "purpose": "account-opening"}, signers=(LANHAI, holder))
                   for holder, matter in applicants)
    writer.add(Act((), opened, COMMITTED, Phrase("All three companies want an account at Lanhai Bank.",
                                                "三家企业都想在蓝海银行开户。")))
    writer.batch(LANHAI, [(Gov.ask_presentation, question(number, holder, matter)) for number, holder, matter in (
                     ("Q-2", QINGTENG, "LH-1"), ("Q-3", JINNONG, "LH-2"), ("Q-4", BAIHUA, "LH-3"))],
                 en="Lanhai asks each of the three for its licence.", zh="蓝海银行要求三家出示执照。")
    step(JINNONG, Gov.present, **presentation("Q-3", JINNONG, "2026-04-14"), refused="licence-ended",
         en="Jinnong's licence ended on 10 April.", zh="金农的执照 4 月 10 日已到期。")
    step(LANHAI, Gov.lapse_licence, licence=identifier(JINNONG), en="Anybody may say so on the ledger.",
         zh="任何人都可在账本上标记失效。")
    step(QINGTENG, Gov.present, **presentation("Q-2", QINGTENG, "2026-04-14"), en="Qingteng shows its licence in the evening.",
         zh="青藤傍晚出示执照。")
    writer.hand_over(QINGTENG, LANHAI, "Q-2", en="The bank will look tomorrow.", zh="银行明天再看。")
    step(MARKET, Gov.withhold_licence, licence=identifier(QINGTENG), reason="address could not be found on inspection",
         en="Overnight the market bureau withholds it: nobody was found at the address.",
         zh="当晚市场监管局暂扣：现场核查查无地址。")
    writer.clock(days("2026-04-15"), en="15 April.", zh="4 月 15 日。")
    writer.inspect(LANHAI, clients.check(LANHAI, "Q-2"), finds="licence-not-valid",
                   en="The signatures are as good as yesterday; the status is not.", zh="签名和昨天一样有效，但状态变了。")
    step(LANHAI, Gov.accept_presentation, question="Q-2", presentation=clients.sealed_again("Q-2"), refused="licence-not-valid",
         en="The ledger knows it at this block's time.", zh="账本按当前区块时间判断。")
    step(YANSHAN, Gov.reuse_customer, holder="qingteng", purpose="account-opening", matter="YS-0403", refused="licence-not-valid",
         en="Nor can the bank that knows Qingteng go on.", zh="已掌握客户资料的银行也不能继续使用。")
    step(QINGTENG, Gov.grant_consent, **consent("C-4", consumer="fire-service", matter="FS-0402", purpose="fire-inspection",
                                                expires_on_ms=on("2026-04-30")), refused="licence-not-valid",
         en="A withheld licence cannot be shared.", zh="暂扣的执照不能授权使用。")
    step(MARKET, Gov.restore_licence, licence=identifier(QINGTENG), reason="the signboard had fallen down",
         en="The signboard had fallen down: restored by noon.", zh="原来是招牌掉了：中午恢复。")
    step(LANHAI, Gov.accept_presentation, question="Q-2", presentation=clients.sealed_again("Q-2"), en="Now it holds,",
         zh="现在核验通过，")
    step(LANHAI, Gov.open_account, question="Q-2", check_again_on_ms=on("2027-04-14"), en="and the account is open.",
         zh="开户完成。")
    step(MARKET, Gov.revoke_licence, licence=identifier(BAIHUA), reason="food safety, decision of 15 April",
         en="Baihua's licence is revoked for good.", zh="百花的执照被吊销。")
    writer.clock(days("2026-04-16"), en="16 April.", zh="4 月 16 日。")
    step(BAIHUA, Gov.present, **presentation("Q-4", BAIHUA, "2026-04-16"), refused="licence-not-valid",
         en="Baihua presents it the next day all the same.", zh="百花第二天照样出示：拒绝。")
    moved = {**particulars(QINGTENG), "address": PEOPLE["new_address"]}
    second = identifier(QINGTENG, 2)
    renewed: dict[str, Any] = {"previous": identifier(QINGTENG), "licence": second,
                               "term": term("qingteng-2", QINGTENG, second, ("2026-04-16", "2029-03-31"), moved)}
    step(MARKET, Gov.renew_licence, **renewed, en="Qingteng moves; its licence is renewed as version 2.",
         zh="青藤搬迁，换发第 2 版。")
    step(MARKET, Gov.renew_licence, **renewed, refused="already-renewed",
         en="A second desk renews the same one in the same minute: there are never two valid ones.",
         zh="另一窗口同时换发：绝不会有两张有效。")
    writer.hand_over(MARKET, QINGTENG, "qingteng-2", "qingteng-2" + clients.WALLET, en="The new one goes into the wallet.",
    zh="新版放进钱包。")


def write_own_data(writer: StoryWriter) -> None:
    """Who looked, what was wrong, and the end of a consent."""
    step = writer.step
    writer.chapter(en="Who looked at my data", zh="谁看过我的数据")
    fire: dict[str, Any] = {"matter": "FS-0402", "purpose": "fire-inspection"}
    sides = (FIRE, MARKET)
    known = ("yanshan", "yanshan", "yanshan", "lanhai", "fire-service", *("permit-office",) * 4)
    writer.inspect(QINGTENG, clients.looked_at(QINGTENG, known),
                   en="Qingteng lists every look at its data: nine, all known; what a bank was shown and did not accept, too.",
                   zh="青藤列出全部访问记录：九次，均知情；银行看过但未采纳的也在内。")
    step(sides, Gov.access, **access("R-8", "C-3", "EL-001", SHOWN, sides, **fire), refused="licence-not-valid",
         en="The old version is not shown any more, whatever was consented.", zh="旧版执照不再提供，即使曾授权。")
    step(BAIHUA, Gov.revoke_consent, consent="C-3", refused="not-holder", en="Baihua would like to end a consent of Qingteng's.",
         zh="百花想终止青藤的授权：无权。")
    step(QINGTENG, Gov.revoke_consent, consent="C-3", en="Qingteng takes its consent to the fire service back.",
         zh="青藤撤销对消防的授权。")
    step(sides, Gov.access, **access("R-8", "C-3", "EL-001", SHOWN, sides, **fire), refused="grant-revoked",
         en="From this block on nothing opens;", zh="自该区块起不再有效；")
    writer.inspect(FIRE, clients.answer_holds(FIRE, "R-2", "R-2"), en="what was seen before stays provable.",
                   zh="此前的访问仍可证明。")
    step(QINGTENG, Gov.grant_consent, **consent("C-5", licence=identifier(QINGTENG, 2), consumer="fire-service", **fire,
                                                expires_on_ms=on("2026-04-17")),
         en="A new one, for two days.", zh="重新授权，限两天。")
    step(BAIHUA, Gov.report_error, case="K-0", receipt="R-3", field="insured_employees", refused="not-holder",
         en="Baihua complains about Qingteng's headcount.", zh="百花对青藤的参保人数提出异议：无权。")
    step(QINGTENG, Gov.report_error, case="K-1", receipt="R-3", field="insured_employees",
         en="Qingteng has 19 employees, not 17.", zh="青藤有 19 名职工，不是 17 名。")
    step(QINGTENG, Gov.report_error, case="K-2", receipt="R-6", field="lease_until", en="And its lease runs longer.",
         zh="租期也更长。")
    step(SOCIAL, Gov.correct, case="K-1",
         content=clients.sealed_by(SOCIAL, (QINGTENG,), "K-1", {"insured_employees": PEOPLE["corrected"]}),
         as_of_on_ms=on("2026-04-16"), en="Social security corrects it the same day.", zh="社保局当天更正。")
    step(WINDOW, Gov.acknowledge, notice="XK-0402:correction:K-1:R-3",
         en="The permit office, which had the old value, gets a notice and acknowledges it.",
         zh="曾取得旧值的审批局收到通知并确认。")
    writer.clock(days("2026-04-20"), en="20 April.", zh="4 月 20 日。")
    step(sides, Gov.access, **access("R-8", "C-5", "EL-001", SHOWN, sides, **fire), refused="grant-expired",
         en="The fire service comes three days too late.", zh="消防晚来三天：授权已过期。")
    step(AUDITOR, Gov.expire_grant, grant="C-5", en="The audit office marks it.", zh="审计局标记到期。")
    writer.clock(days("2026-04-24"), en="24 April. Housing was due yesterday.", zh="4 月 24 日。住建局昨天到期。")
    step(HOUSING, Gov.keep, case="K-2", reason="the register is right", refused="deadline-missed",
         en="Housing keeps its value: too late.", zh="住建局坚持原值：超期无效。")
    step(QINGTENG, Gov.escalate_case, case="K-2", en="Qingteng escalates.", zh="青藤申请提级。")
    step(BUREAU, Gov.keep, case="K-2", reason="the registered contract says so", en="The bureau decides: the register is right.",
         zh="数据局裁定：登记无误。")
