"""Where the rules come from. None of these texts was read in full; what is no rule of law is practice or this project's own."""

from collections.abc import Mapping

from scenarios.story import Words

_REGULATION = Words(
    "Regulation on government data sharing (State Council order 809), by secondary sources",
    "《政务数据共享条例》（国务院令第809号），据二手资料",
)
_DEADLINES = Words(
    "Deadlines of local rules, by secondary sources; a parameter here", "地方规定的答复时限，据二手资料；此处为参数"
)
_CODE = Words(
    "Beijing's eight-digit code for e-licences (2020), by press reports; the keyed tag is this project's",
    "北京电子证照八位授权码（2020 年），据媒体报道；密钥标签为本项目设计",
)
_IDENTIFIER = Words(
    "GB/T 36904-2018, ISO 7064 MOD 37,36 (standard not read in full)", "GB/T 36904-2018，ISO 7064 MOD 37,36（未读全文）"
)
_STATUS = Words(
    "Status codes of one public interface of licence systems, by notes on it", "某公开证照系统接口的状态代码，据其摘录"
)
_SD_JWT = Words("RFC 9901, section 7, by a summary of its rejection list", "RFC 9901 第 7 节，据其拒绝条件摘要")
_XROAD = Words(
    "X-Road binds a response to its request (REST message protocol, 4.3); that both sign one receipt is this project's",
    "X-Road 将答复与请求绑定（REST 消息协议 4.3）；双方签署同一回执为本项目设计",
)
_COURT = Words(
    "Rules of the Supreme People's Court for internet courts (2018), article 11, by secondary sources",
    "最高人民法院关于互联网法院的规定（2018）第十一条，据二手资料",
)
_KYC = Words(
    "Purpose limitation; e-licence account opening as practised since 2020, by press reports",
    "目的限制；2020 年起电子执照开户的做法，据媒体报道",
)
_OWN = Words(
    "This project's safeguard: what a rule refuses still stands in its block", "本项目的防护：被规则拒绝的交易仍留在区块中"
)

SOURCES: Mapping[str, Words] = {
    **dict.fromkeys(("not-shared", "unconditional", "no-matter", "other-purpose", "field-creep", "other-applicant"), _REGULATION),
    **dict.fromkeys(("deadline-missed", "deadline-runs", "not-escalated"), _DEADLINES),
    **dict.fromkeys(("stale-version", "wrong-schema"), _REGULATION),
    **dict.fromkeys(("code-for-other-matter", "wrong-code", "code-locked", "code-used", "other-agency"), _CODE),
    "bad-identifier": _IDENTIFIER,
    "bad-uscc": Words("GB 32100-2015", "GB 32100-2015"),
    **dict.fromkeys(("licence-not-valid", "already-renewed", "already-issued"), _STATUS),
    **dict.fromkeys(
        (
            "binding-missing",
            "binding-signature",
            "binding-audience",
            "disclosure-not-referenced",
            "digest-twice",
            "nonce-used",
            "binding-nonce",
        ),
        _SD_JWT,
    ),
    "one-side-only": _XROAD,
    "deposited-later": _COURT,
    "not-verified": _COURT,
    "not-accepted": _KYC,
    "bad-arguments": _OWN,
}
"""By refusal or finding."""
