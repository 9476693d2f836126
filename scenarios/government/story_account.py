"""One day, at the bank: a licence shown once, to one bank, for one purpose; and what an impostor makes of it."""

import json
from base64 import urlsafe_b64encode
from typing import Any

from ledger.errors import JsonValue
from scenarios.client_files import ClientFiles
from scenarios.dates import days, on
from scenarios.government.cast import BAIHUA, LANHAI, QINGTENG, YANSHAN, identifier
from scenarios.government.clients import MORNING_MS, check, replayed, sealed_again, shown_from_wallet
from scenarios.government.contract import Government as Gov
from scenarios.government.papers import SHOWN, question
from scenarios.government.wallet import bind, private_key
from scenarios.story.story import StoryWriter

TODAY = "2026-04-02"

# A story reads like a script, with each step's words beside it.
# fmt: off


def write_account(writer: StoryWriter) -> None:
    """Asked, shown, and ready to be checked."""
    step = writer.step
    writer.chapter(en="One day: the account", zh="同一天：银行开户")
    writer.clock(days(TODAY), en="2 April. Qingteng wants a bank account and a permit today.",
    zh="4 月 2 日。青藤今天既要开户，又要办许可。")
    matter: dict[str, Any] = {"matter": "YS-0402", "agency": "yanshan", "applicant": "qingteng", "purpose": "account-opening"}
    step(YANSHAN, Gov.open_matter, **matter, refused="one-side-only",
         en="A bank cannot invent a customer's application.", zh="银行不能替客户编造申请。")
    step((YANSHAN, QINGTENG), Gov.open_matter, **matter, en="Bank and company open the matter together.",
         zh="银行与企业共同发起办件。")
    asked = question("Q-1", QINGTENG, "YS-0402", "2026-04-03")
    step(YANSHAN, Gov.ask_presentation, **asked, en="The bank asks for three fields of the licence, with a nonce.",
         zh="银行要求出示执照的三个字段，并给出随机数。")
    step(YANSHAN, Gov.ask_presentation, **{**asked, "question": "Q-1b"}, refused="nonce-used",
         en="Asked with the same nonce once more: refused, an old answer would fit.",
         zh="重复使用随机数：拒绝，否则旧答复可被重放。")
    shown = (*SHOWN, "representative_id")
    step(QINGTENG, Gov.present, question="Q-1", licence=identifier(QINGTENG), fields=shown,
         presentation=shown_from_wallet("Q-1", YANSHAN, "qingteng", shown, TODAY), refused="other-fields",
         en="The wallet would show the representative's identity number too: more than was asked for.",
         zh="钱包多出示了法定代表人身份证号：超出要求，拒绝。")
    step(QINGTENG, Gov.present, question="Q-1", licence=identifier(QINGTENG), fields=SHOWN,
         presentation=shown_from_wallet("Q-1", YANSHAN, "qingteng", SHOWN, TODAY),
         en="Qingteng shows name, code and representative; the ledger gets a salted digest.",
         zh="青藤出示名称、代码和法定代表人；账本只有加盐摘要。")
    writer.hand_over(QINGTENG, YANSHAN, "Q-1", en="The presentation itself goes to the bank alone.", zh="出示内容只交给银行。")
    step(YANSHAN, Gov.open_account, question="Q-1", check_again_on_ms=on("2027-04-01"), refused="not-accepted",
         en="No account before the presentation was checked.", zh="未核验不得开户。")


def write_attacks(writer: StoryWriter) -> None:
    """An impostor has a copy of what was shown."""
    step, inspect = writer.step, writer.inspect
    writer.chapter(en="What an impostor makes of it", zh="冒用者的手段")
    inspect(YANSHAN, check(YANSHAN, "Q-1", without_binding), finds="binding-missing",
            en="A copy without the holder's own token,", zh="去掉持证人签名的副本，")
    inspect(YANSHAN, check(YANSHAN, "Q-1", bound_by(BAIHUA)), finds="binding-signature",
            en="one bound by Baihua's key instead,", zh="换成百花的密钥签名，")
    inspect(YANSHAN, check(YANSHAN, "Q-1", forged_name), finds="disclosure-not-referenced",
            en="one with another representative's name,", zh="篡改法定代表人姓名，")
    inspect(YANSHAN, check(YANSHAN, "Q-1", with_extra), finds="disclosure-not-referenced",
            en="one with an extra field that no authority signed,", zh="夹带机关未签名的字段，")
    inspect(YANSHAN, check(YANSHAN, "Q-1", doubled), finds="digest-twice",
            en="one with a field twice: the bank's software finds each of them out.", zh="重复同一字段：银行软件逐一识破。")
    writer.hand_over(YANSHAN, LANHAI, "Q-1", en="A friend at another bank gets a copy;", zh="另一家银行的熟人拿到副本；")
    inspect(LANHAI, check(LANHAI, "Q-1"), finds="binding-audience",
            en="it is of no use there: the answer names the bank that asked.", zh="没有用：答复写明了提问的银行。")
    inspect(YANSHAN, check(YANSHAN, "Q-1"), en="What Qingteng sent itself is right.", zh="青藤本人出示的核验无误。")
    step(YANSHAN, Gov.accept_presentation, question="Q-1", presentation=sealed_again("Q-1", changed),
         refused="other-presentation",
         en="The bank cannot put anything else in its file.", zh="银行不能以其他内容入档。")
    step(YANSHAN, Gov.accept_presentation, question="Q-1", presentation=sealed_again("Q-1"),
         en="The bank states that it has checked,", zh="银行确认核验通过，")
    step(YANSHAN, Gov.open_account, question="Q-1", check_again_on_ms=on("2027-04-01"),
         en="and opens the account: no paper, no visit.", zh="随即开户：无纸质材料，无需跑腿。")
    matters = (("YS-0403", "account-opening"), ("YS-0404", "loan-marketing"))
    writer.batch((YANSHAN, QINGTENG), [(Gov.open_matter, {"matter": matter, "agency": "yanshan", "applicant": "qingteng",
                                                          "purpose": purpose}) for matter, purpose in matters],
                 en="Qingteng wants a second account for wages, and agrees to hear about loans.",
                 zh="青藤再开一个工资账户，并同意了解贷款产品。")
    step(YANSHAN, Gov.ask_presentation, **question("Q-5", QINGTENG, "YS-0403", "2026-04-03"),
         en="A branch that does not know better asks Qingteng for its licence again.", zh="不知情的支行又要求青藤出示执照。")
    step(QINGTENG, Gov.present, question="Q-5", licence=identifier(QINGTENG), fields=SHOWN,
         presentation=replayed("Q-5", "Q-1", YANSHAN),
         en="An assistant without the wallet sends this morning's presentation once more.",
         zh="没有钱包的助理把上午的出示内容又发了一遍。")
    inspect(YANSHAN, check(YANSHAN, "Q-5"), finds="binding-nonce", en="It answers another question.", zh="它答复的是另一次提问。")
    step(YANSHAN, Gov.reuse_customer, holder="qingteng", purpose="account-opening", matter="YS-0403",
         en="The second account needs no new papers.", zh="第二个账户无需重新提交材料。")
    step(YANSHAN, Gov.reuse_customer, holder="qingteng", purpose="loan-marketing", matter="YS-0404", refused="other-purpose",
         en="Selling loans with what was shown for an account: refused.", zh="把开户材料用于贷款营销：拒绝。")
    step(LANHAI, Gov.reuse_customer, holder="qingteng", purpose="account-opening", matter="YS-0403", refused="not-found",
         en="Another bank knows nothing of this customer.", zh="另一家银行没有该客户的资料。")


def without_binding(files: ClientFiles, text: str) -> str:
    """The presentation without its last part."""
    return text.rpartition("~")[0] + "~"


def bound_by(impostor: str) -> Any:
    """The presentation with a token of somebody else's key."""
    def changed(files: ClientFiles, text: str) -> str:
        shown = text.rpartition("~")[0] + "~"
        nonce = files.keyed_fingerprint(YANSHAN, "nonce", "Q-1")[:32]
        return bind(shown, private_key(files, impostor), "yanshan", nonce, on(TODAY) + MORNING_MS)
    return changed


def forged_name(files: ClientFiles, text: str) -> str:
    """The last disclosure with another value."""
    parts = text.split("~")
    parts[-2] = _disclosure(["c2FsdHNhbHRzYWx0c2Fs", "legal_representative", "X"])
    return "~".join(parts)


def with_extra(files: ClientFiles, text: str) -> str:
    """One more disclosure."""
    shown, _, binding = text.rpartition("~")
    return f"{shown}~{_disclosure(['c2FsdHNhbHRzYWx0c2Fs', 'credit_rating', 'AAA'])}~{binding}"


def doubled(files: ClientFiles, text: str) -> str:
    """The last disclosure twice."""
    shown, _, binding = text.rpartition("~")
    return f"{shown}~{shown.rpartition('~')[2]}~{binding}"


def changed(value: JsonValue) -> JsonValue:
    """Another text."""
    return f"{value}A"


def _disclosure(parts: list[str]) -> str:
    return urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")
