"""Evidence: a menu deposited before it was copied, an order log of which one line is shown, a court that compares."""

from typing import Any

from ledger.errors import JsonValue
from scenarios.dates import days, on
from scenarios.government.cast import BAIHUA, COURT, NOTARY, QINGTENG
from scenarios.government.clients import digest_of, log_line, log_path, log_root, sealed_again, sealed_by
from scenarios.government.contract import Government as Gov
from scenarios.story.story import StoryWriter

MENU = "Spring menu of Qingteng Foods: nine dishes, drawn by hand.\n"
LOG = tuple(f"order {number}: table {number % 5 + 1}, {1200 + 35 * number} cents\n" for number in range(1, 12))
"""Eleven lines: a number that is no power of two."""
LINE = 6

# A story reads like a script, with each step's words beside it.
# fmt: off


def deposit(number: str, owner: str, text: str, **changes: Any) -> dict[str, Any]:
    """Arguments of a deposit; the owner keeps file and salt."""
    return {"evidence": number, "kind": "drawing", "original": sealed_by(owner, (), number, {"file": digest_of(text)}),
            "claimed_on_ms": on("2026-04-24"), **changes}


def write_deposit(writer: StoryWriter) -> None:
    """Digests, early."""
    step = writer.step
    writer.chapter(en="Put down in time", zh="及时存证")
    step(QINGTENG, Gov.deposit_evidence, **deposit("E-1", QINGTENG, MENU, claimed_on_ms=on("2026-05-20")),
         refused="claimed-in-future",
         en="A menu cannot be from next month.", zh="菜单不可能来自下个月。")
    step(QINGTENG, Gov.deposit_evidence, **deposit("E-1", QINGTENG, MENU),
         en="Qingteng deposits the digest of its new menu; the menu stays in its drawer.",
         zh="青藤存入新菜单的摘要，原件自己保管。")
    step(QINGTENG, Gov.deposit_evidence, **deposit("E-2", QINGTENG, "".join(LOG), kind="order-log", entries=len(LOG),
                                                     entries_root=log_root(LOG)),
         en="And the root over eleven lines of its orders.", zh="以及十一行订单日志的根值。")
    step(QINGTENG, Gov.submit_evidence, evidence="E-1", court="hexi-court", case="MC-77", refused="not-anchored",
         en="Not yet under a notary's root.", zh="尚未由公证处固化。")
    step(NOTARY, Gov.anchor_evidence, batch="B-1", evidence=("E-1", "E-2"), en="The notary anchors both under one root.",
         zh="公证处一并固化。")
    writer.clock(days("2026-04-28"), en="28 April.", zh="4 月 28 日。")
    step(BAIHUA, Gov.deposit_evidence, **deposit("E-3", BAIHUA, MENU, claimed_on_ms=on("2026-03-01")),
         en="Baihua prints the same menu and deposits it today, saying that it is from 1 March.",
         zh="百花印了同样的菜单，今天才存证，却声称 3 月 1 日就有。")
    step(NOTARY, Gov.anchor_evidence, batch="B-2", evidence=("E-3",),
         en="The notary anchors what it is given: the time is the block's.",
         zh="公证处照常固化：时间以区块为准。")


def write_court(writer: StoryWriter) -> None:
    """The court compares for itself."""
    step = writer.step
    writer.chapter(en="In court", zh="法庭上")
    writer.clock(days("2026-05-12"), en="12 May, case MC-77.", zh="5 月 12 日，MC-77 号案。")
    case: dict[str, Any] = {"case": "MC-77"}
    step(COURT, Gov.verify_evidence, evidence="E-1", **case, original={"sealed": "0" * 64}, existed_on_ms=on("2026-04-24"),
         refused="not-submitted", en="A court does not go and look by itself.", zh="法院不主动调取。")
    step(BAIHUA, Gov.submit_evidence, evidence="E-1", court="hexi-court", **case, refused="not-owner",
         en="Baihua cannot submit Qingteng's deposit as its own.", zh="百花不能拿青藤的存证充数。")
    for owner, numbers, en, zh in ((QINGTENG, ("E-1", "E-2"), "Qingteng submits its menu and its log,", "青藤提交菜单和日志，"),
                                   (BAIHUA, ("E-3",), "Baihua its own menu.", "百花提交自己的菜单。")):
        submitted = [(Gov.submit_evidence, {"evidence": number, "court": "hexi-court", **case}) for number in numbers]
        writer.batch(owner, submitted, en=en, zh=zh)
        writer.hand_over(owner, COURT, *numbers, en="Originals and salts go to the court.", zh="原件和盐值交给法院。")
    step(COURT, Gov.verify_evidence, evidence="E-3", **case, original=sealed_again("E-3"), existed_on_ms=on("2026-03-01"),
         refused="deposited-later", en="Baihua's menu was deposited on 28 April: that says nothing about March.",
         zh="百花 4 月 28 日才存证：证明不了 3 月。")
    step(COURT, Gov.verify_evidence, evidence="E-1", **case, original=sealed_again("E-1", one_byte),
         existed_on_ms=on("2026-04-24"),
         en="Baihua's counsel hands over a copy of Qingteng's menu with one byte changed: the digests differ.",
         zh="百花律师提交的青藤菜单改了一个字节：摘要不符。")
    step(COURT, Gov.admit_evidence, evidence="E-1", **case, refused="not-verified", en="That copy is not admitted.",
         zh="该副本不予采信。")
    step(COURT, Gov.verify_evidence, evidence="E-1", **case, original=sealed_again("E-1"), existed_on_ms=on("2026-04-24"),
         en="Qingteng's own file matches, byte for byte.", zh="青藤的原件逐字节一致。")
    step(COURT, Gov.admit_evidence, evidence="E-1", **case, en="It is admitted: it existed on 24 April.",
         zh="予以采信：4 月 24 日已存在。")
    line: dict[str, Any] = {"evidence": "E-2", **case, "existed_on_ms": on("2026-04-24"), "place": LINE,
                            "entry": log_line(QINGTENG, LOG, LINE), "path": log_path(QINGTENG, LOG, LINE)}
    step(COURT, Gov.verify_entry, **{**line, "entry": log_line(QINGTENG, LOG, LINE + 1)},
         en="Another order in the place of line 7: no match.", zh="把别的订单当作第 7 行：不一致。")
    step(COURT, Gov.verify_entry, **line, en="Line 7 itself leads to the root; the other ten stay unseen.",
         zh="第 7 行与根值一致，其余十行无需出示。")
    step(COURT, Gov.admit_evidence, evidence="E-2", **case, en="Admitted too.", zh="同样采信。")


def one_byte(value: JsonValue) -> JsonValue:
    """The file with its last full stop turned into a comma."""
    return {"file": digest_of(MENU.replace(".", ","))}
