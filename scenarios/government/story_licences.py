"""First and last chapters: a catalogue in versions, licences that say who somebody is, and how both end."""

from typing import Any

from ledger.contract.refusal import Phrase
from scenarios.dates import days, on
from scenarios.government.cast import (
    BAIHUA,
    BUREAU,
    BUSINESS_LICENCE,
    CODES,
    HOLIDAYS,
    HOUSING,
    JINNONG,
    MARKET,
    PEOPLE,
    QINGTENG,
    TAX,
    WINDOW,
)
from scenarios.government.clients import WALLET, key_of
from scenarios.government.contract import Government as Gov
from scenarios.government.licence_identifiers import LicenceIdentifier
from scenarios.government.papers import ITEMS, SERVICES, issue, limits, listed, published, request, term
from scenarios.identifiers import organization_of
from scenarios.story.story import COMMITTED, Act, Call, StoryWriter

EAST, WEST, NORTH = "2026050601", "2026050602", "2026050603"
DAYS = ("2026-05-18", "2029-05-17")

# A story reads like a script, with each step's words beside it.
# fmt: off


def write_catalogue(writer: StoryWriter) -> None:
    """Deadlines, six entries, and what each service needs."""
    step = writer.step
    writer.chapter(en="What may be shared", zh="哪些数据可以共享")
    step(BUREAU, Gov.set_deadlines, effective_on_ms=on("2026-03-31"), days=limits(2, 5),
         en="From tomorrow: two working days for unconditional data, five for conditional ones; no grant lasts over 30 days.",
         zh="自次日起：无条件共享两个工作日，有条件共享五个工作日；授权最长三十天。")
    step(BUREAU, Gov.set_deadlines, effective_on_ms=on("2026-03-01"), days=limits(20, 60), refused="retroactive",
         en="An office that is late already asks for longer ones, dated back: refused.",
         zh="有部门已超期，想倒签更长的时限：拒绝。")
    writer.batch(BUREAU, [(Gov.set_closed_days, {"days": tuple(map(on, h["days"])), "name": h["name"]}) for h in HOLIDAYS],
                 en="Days on which offices are closed do not count.", zh="节假日不计入工作日。")
    writer.clock(days("2026-03-31"), en="31 March.", zh="3 月 31 日。")
    drafts = tuple(Call(Gov.draft_item, {"item": item, **drafted}, signers=(owner,)) for item, (owner, drafted) in ITEMS.items())
    writer.add(Act((), drafts, COMMITTED, Phrase(
        "Four departments draft entries: headcounts without conditions, taxes, leases, licences with; audit files not at all.",
        "四个部门起草目录：参保人数无条件共享，完税、租赁、执照有条件共享，稽查材料不予共享。")))
    telephone = PEOPLE["answers"]["headcount"]["contact_telephone"]
    step(TAX, Gov.draft_item, item="TX-02", duty=f"Refunds, ask {telephone[:3]} {telephone[3:7]} {telephone[7:]}",
         attribute="conditional", basis="for refunds", fields=("refund_state",), problem="bad-arguments",
         en="Somebody's telephone number in a description: the node turns it away, so that no block ever holds it.",
         zh="有人把手机号写进说明：节点直接退回，不进入任何区块。")
    step(TAX, Gov.publish_item, **published("TX-01"), refused="policy-not-satisfied",
         en="No department puts its own entry in force.", zh="部门不能自行发布目录。")
    writer.batch(BUREAU, [(Gov.publish_item, published(item)) for item in ITEMS],
                 en="The data bureau locks six entries on the ledger.", zh="数据局将六项目录上链锁定。")
    writer.batch(BUREAU, [(Gov.list_service, listed(service)) for service in SERVICES],
                 en="For each service item it lists the fields that are needed, and who may inquire without an applicant.",
                 zh="并为每个事项列出所需字段，以及谁可依职权启动。")
    step(HOUSING, Gov.draft_item, item="SB-01", **{**ITEMS["SB-01"][1], "attribute": "not-shared"}, refused="not-provider",
         en="Another department cannot close what social security shares.", zh="其他部门不能改动社保局的目录。")


def write_licences(writer: StoryWriter) -> None:
    """Three business licences, each once."""
    step = writer.step
    writer.chapter(en="Three licences", zh="三张执照")
    writer.clock(days("2026-04-01"), en="1 April.", zh="4 月 1 日。")
    code = CODES["market-bureau"]
    step(BUREAU, Gov.register_code, organization="market-bureau", code=f"{code[:-1]}0", refused="bad-uscc",
         en="A credit code with a wrong check sign is found out.", zh="信用代码校验位错误，被识破。")
    given = [(Gov.register_code, {"organization": name, "code": CODES[name]})
             for name in ("market-bureau", *map(organization_of, (QINGTENG, BAIHUA, JINNONG)))]
    writer.batch(BUREAU, given, en="The data bureau enters which code the market bureau and each company were given.",
                 zh="数据局登记市场监管局和各企业所获的信用代码。")
    step(MARKET, Gov.register_issuer, code=code, public_key=key_of(),
         en="The market bureau says under which code and key it issues.", zh="市场监管局登记发证代码和公钥。")
    first = issue(QINGTENG)
    wrong = f"{first['licence'][:-1]}{'0' if first['licence'][-1] != '0' else '1'}"
    step(MARKET, Gov.issue_licence, **{**first, "licence": wrong},
         refused="bad-identifier", en="A licence identifier with a wrong check sign,", zh="电子证照标识校验位错误，")
    step(MARKET, Gov.issue_licence, **issue(BAIHUA, holder_code=CODES["jinnong"]), refused="code-of-another",
         en="and a first licence for Baihua with Jinnong's code, before Jinnong has any: refused.",
         zh="给百花的首张执照写金农的代码，而金农尚未领照：均被拒绝。")
    writer.batch(MARKET, [(Gov.issue_licence, issue(holder)) for holder in (QINGTENG, BAIHUA, JINNONG)],
                 en="Qingteng is founded today; two older companies get electronic licences as well.",
                 zh="青藤今日设立；两家老企业也领取电子执照。")
    step(MARKET, Gov.issue_licence, **first, refused="already-issued",
         en="A second licence under the same number is refused: one is valid at a time.",
         zh="同一号码不能有第二张：同时只有一张有效。")
    for holder, en, zh in ((QINGTENG, "Qingteng loads its licence into its wallet,", "青藤把执照放进自己的钱包，"),
                           (BAIHUA, "so does Baihua,", "百花也是，"), (JINNONG, "and Jinnong.", "金农也是。")):
        name = organization_of(holder)
        writer.hand_over(MARKET, holder, name, name + WALLET, en=en, zh=zh)


def write_branches(writer: StoryWriter) -> None:
    """Three branches of Qingteng, none of which stays."""
    step = writer.step
    writer.chapter(en="Three branches", zh="三家分店")
    writer.clock(days("2026-05-18"), en="18 May.", zh="5 月 18 日。")
    writer.batch(MARKET, [(Gov.issue_licence, branch(number)) for number in (EAST, WEST, NORTH)],
                 en="Qingteng opens three branches, each with a licence.", zh="青藤开设三家分店，各领一张执照。")
    step(MARKET, Gov.transfer_licence, licence=identifier_of(EAST), reason="moves to another city",
         en="The eastern one moves away: its licence goes to another register.", zh="东店迁往外市：执照迁出。")
    step(MARKET, Gov.withdraw_licence, licence=identifier_of(WEST), reason="the lease was forged",
         en="The western one was licensed on a forged lease: withdrawn.", zh="西店凭伪造的租约领照：撤销登记。")
    step(MARKET, Gov.cancel_licence, licence=identifier_of(NORTH), reason="closed", refused="not-holder",
         en="The northern one closes, but the bureau alone cannot cancel it,", zh="北店停业，但登记机关不能自行注销，")
    step((MARKET, QINGTENG), Gov.cancel_licence, licence=identifier_of(NORTH), reason="closed",
         en="Qingteng has to ask.", zh="须由青藤申请。")
    step(MARKET, Gov.restore_licence, licence=identifier_of(WEST), reason="asked nicely", refused="wrong-state",
         en="What has ended is not restored.", zh="已终止的执照不能恢复。")
    baihua: dict[str, Any] = {"subject": "baihua", "matter": "XK-0403", "expires_on_ms": on("2026-05-31")}
    step(HOUSING, Gov.retire_item, item="HB-01", en="Housing retires the old entry of leases.", zh="住建局停用旧的租赁目录。")
    step(WINDOW, Gov.request_share, **request("RQ-8", "HB-01", ("lease_until",), **baihua), refused="retired",
         en="For Baihua nobody asks by it any more; what was read by it stays in the book.",
         zh="百花的办件也不能再据此申请；以往的访问仍有记录。")


def identifier_of(number: str) -> str:
    """Of a branch's licence."""
    return LicenceIdentifier(BUSINESS_LICENCE, CODES["market-bureau"], number, 1).text()


def branch(number: str) -> dict[str, Any]:
    """Arguments of a branch's licence."""
    licence = identifier_of(number)
    return issue(QINGTENG, licence=licence, term=term(number, QINGTENG, licence, DAYS, {"branch": number}))
