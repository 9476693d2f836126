"""A citizen sees who looked, objects, and has a value corrected; and an agency that looks into somebody of its own accord."""

from typing import Any

from scenarios.dates import days, on
from scenarios.government import clients
from scenarios.government.cast import BAIHUA, CITIZEN, COUNTER, DIRECTOR, FIRE, HOUSING, MARKET, PEOPLE, SOCIAL, WINDOW
from scenarios.government.contract import Government as Gov
from scenarios.government.papers import SHOWN, access, request
from scenarios.identifiers import organization_of
from scenarios.story.story import StoryWriter

MATTER: dict[str, Any] = {"matter": "ZF-0428", "purpose": "rent-subsidy"}
ASKED: dict[str, Any] = {**MATTER, "subject": organization_of(CITIZEN), "expires_on_ms": on("2026-05-20")}
MONTHS = ("months_insured",)

# A story reads like a script, with each step's words beside it.
# fmt: off


def write_citizen(writer: StoryWriter) -> None:
    """One clerk, one field, and a value that was wrong."""
    step, sides = writer.step, (COUNTER, SOCIAL)
    writer.chapter(en="A citizen's data", zh="一位市民的数据")
    step((WINDOW, CITIZEN), Gov.open_matter, **MATTER, agency="permit-office", applicant=ASKED["subject"],
         en="A citizen, on the ledger a pseudonym, applies for a rent subsidy.", zh="一位市民（账本上为化名）申请租房补贴。")
    step(DIRECTOR, Gov.delegate_matter, matter="ZF-0428", clerk=COUNTER, en="The head of the office gives it to counter 2.",
         zh="负责人将其交由二号窗口承办。")
    insurance = request("RQ-10", "SB-02", MONTHS, **ASKED)
    step(WINDOW, Gov.request_share, **insurance, refused="not-delegated", en="A colleague at counter 1 would like to look.",
         zh="一号窗口的同事想看看：不是承办人，拒绝。")
    step(COUNTER, Gov.request_share, **request("RQ-10", "SB-02", MONTHS, **{**ASKED, "expires_on_ms": on("2027-04-28")}),
         refused="grant-too-long", en="Counter 2 asks for a year.", zh="二号窗口一次申请一年：超过最长期限。")
    step(COUNTER, Gov.request_share, **insurance, en="It asks for three weeks,", zh="改为三周，")
    step(COUNTER, Gov.request_share, **request("RQ-11", "HB-01", ("lease_until",), **ASKED), en="and for the lease.",
         zh="并申请租赁备案。")
    step(SOCIAL, Gov.approve, request="RQ-10", en="Social security approves,", zh="社保局同意，")
    step(sides, Gov.access, **access("R-11", "RQ-10", "SB-02", MONTHS, sides, subject=CITIZEN, as_of="2026-05-31", **MATTER),
         refused="as-of-ahead", en="with a value of next month: no source vouches for that.", zh="给出的却是下月的值：无源可证。")
    step(sides, Gov.access, **access("R-11", "RQ-10", "SB-02", MONTHS, sides, subject=CITIZEN, **MATTER),
         en="As of 31 March: 31 months.", zh="截至 3 月 31 日：31 个月。")
    step(HOUSING, Gov.approve, request="RQ-11", en="Housing approves too.", zh="住建局也同意。")
    step(CITIZEN, Gov.object_to_use, case="K-3", matter="ZF-0428", item="HB-01",
         reason="the lease ended, and its owner was never told",
         en="The citizen objects to the use of an old lease.", zh="市民反对使用一份旧租约。")
    at_housing = (COUNTER, HOUSING)
    step(at_housing, Gov.access, **access("R-12", "RQ-11", "HB-01", ("lease_until",), at_housing, subject=CITIZEN, **MATTER),
         refused="objected", en="Until Housing has answered, nothing is shown.", zh="住建局答复之前不得提供。")
    step(HOUSING, Gov.uphold, case="K-3", en="Housing agrees: the lease stays closed.", zh="住建局认可异议：不再提供。")
    step(COUNTER, Gov.request_share, **request("RQ-13", "HB-01", ("lease_until",), **ASKED), refused="objected",
         en="Counter 2 asks anew under another number.", zh="二号窗口换一个编号再次申请：仍被拒绝。")
    writer.inspect(CITIZEN, clients.looked_at(CITIZEN, ("permit-office",)),
                   en="The citizen lists every look at these data: one.", zh="市民列出对其数据的全部访问：一次。")
    step(CITIZEN, Gov.report_error, case="K-4", receipt="R-11", field="months_insured", en="And the months are wrong.",
         zh="而且月数有误。")
    step(SOCIAL, Gov.correct, case="K-4", as_of_on_ms=on("2026-04-28"),
         content=clients.sealed_by(SOCIAL, (CITIZEN,), "K-4", PEOPLE["answers"]["insurance_corrected"]),
         en="Social security corrects them; whoever had the old value gets a notice.", zh="社保局更正；此前的接收方收到通知。")
    step(COUNTER, Gov.close_matter, matter="ZF-0428", refused="not-acknowledged",
         en="The office cannot decide on the old value.", zh="审批局不能依据旧值作出决定。")
    step(sides, Gov.access, **access("R-12", "RQ-10", "SB-02", MONTHS, sides, subject=CITIZEN, **MATTER),
         refused="corrected-since", en="Nor is the old value given out again.", zh="旧值也不得再次提供。")
    step(COUNTER, Gov.acknowledge, notice="ZF-0428:correction:K-4:R-11", en="Counter 2 has seen the notice.",
         zh="二号窗口确认通知。")
    step(COUNTER, Gov.close_matter, matter="ZF-0428", en="Now it decides.", zh="随后作出决定。")


def write_inquiry(writer: StoryWriter) -> None:
    """Nobody applied, and nobody consented: a provision says who may look. And what was given once is not kept for ever."""
    step, sides = writer.step, (FIRE, MARKET)
    writer.chapter(en="By law, and for a time", zh="依法，且有期限")
    baihua: dict[str, Any] = {"matter": "FS-0512", "purpose": "fire-inspection", "subject": "baihua"}
    step(WINDOW, Gov.open_inquiry, **baihua, refused="no-legal-basis",
         en="The permit office would like to inspect Baihua's fire exits: no provision is listed for it.",
         zh="审批局想检查百花的消防通道：目录中没有其法律依据。")
    step(FIRE, Gov.open_inquiry, **baihua, en="The fire service may, by article 53 of its law.",
         zh="消防可以：消防法第五十三条。")
    step(FIRE, Gov.request_share, **request("RQ-12", "EL-001", SHOWN[:2], **baihua, expires_on_ms=on("2026-05-31")),
         en="It asks for two fields of the licence, without Baihua's consent.", zh="申请执照的两个字段，无须百花授权。")
    step(MARKET, Gov.approve, request="RQ-12", en="The market bureau approves.", zh="市场监管局同意。")
    step(BAIHUA, Gov.object_to_use, case="K-5", matter="FS-0512", item="EL-001", reason="we do not want that",
         refused="by-law",
         en="Baihua objects: an inquiry by law goes on,", zh="百花反对：依法检查不因此停止，")
    step(sides, Gov.access, **access("R-13", "RQ-12", "EL-001", SHOWN[:2], sides, **baihua),
         en="but stands in Baihua's list with its provision.", zh="但连同依据记入百花的访问清单。")
    writer.inspect(BAIHUA, clients.looked_at(BAIHUA, ("permit-office",) * 2 + ("fire-service",), by_law=1),
                   en="Baihua lists three looks, one of them by law.", zh="百花列出三次访问，其中一次依职权。")
    writer.clock(days("2026-05-14"), en="14 May.", zh="5 月 14 日。")
    writer.inspect(FIRE, clients.still_kept("R-2", "2026-05-02"), en="The fire service could read R-2 until 2 May.",
                   zh="消防可查阅 R-2 至 5 月 2 日。")
    writer.inspect(FIRE, clients.still_kept("R-2", "2026-05-14"), finds="retention-over",
                   en="Today its node does not give the opening out any more.", zh="今天节点已不再提供其明文。")
