"""The last chapter: how licences end other than by a penalty, and how an entry leaves the catalogue."""

from typing import Any

from scenarios.dates import days, on
from scenarios.government.cast import BUSINESS_LICENCE, CODES, HOUSING, MARKET, QINGTENG, WINDOW
from scenarios.government.clients import Content
from scenarios.government.contract import Government as Gov
from scenarios.government.licence_identifiers import LicenceIdentifier
from scenarios.government.story_licences import issue
from scenarios.government.story_permit import request
from scenarios.story.story import StoryWriter

EAST, WEST, NORTH = "2026050601", "2026050602", "2026050603"
STARTS, ENDS = "2026-05-18", "2029-05-17"

# A story reads like a script, with each step's words beside it.
# fmt: off


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
    whole, licence = issue(QINGTENG), identifier_of(number)
    dates = {"valid_from_on_ms": on(STARTS), "valid_to_on_ms": on(ENDS)}
    return {**whole, **dates, "licence": licence, "content": Content(number, QINGTENG, licence, STARTS, ENDS, {"branch": number})}
