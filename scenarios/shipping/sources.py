"""Where the rules of shipping come from.

DCSA's specifications and conformance scenarios were read. UCP 600, and what terminals, carriers and banks do, is told as
practitioners tell it, not verified.
"""

from collections.abc import Mapping

from scenarios.shipping.refusals import CONDITIONS
from scenarios.story import Words

_EBL = Words("DCSA eBL 3.0, conformance checks", "DCSA eBL 3.0 合规检查")
_STATES = Words("DCSA eBL 3.0, states of documents", "DCSA eBL 3.0 单证状态")
_PINT = Words("DCSA PINT 3.0, response codes", "DCSA PINT 3.0 应答代码")
_CHAIN = Words("DCSA PINT 3.0, transactions of title and possession", "DCSA PINT 3.0 权利与占有交易")
_SURRENDER = Words("DCSA eBL surrender 3.0", "DCSA eBL 交单 3.0")
_ISSUANCE = Words("DCSA eBL issuance 3.0", "DCSA eBL 签发 3.0")
_UCP = Words("UCP 600, as practised (not verified)", "UCP 600，按实务（未核对原文）")
_MLETR = Words("MLETR: one document, one medium (secondary source)", "MLETR：单一性与载体转换（二手资料）")
_OWN = Words("A safeguard of this project", "本项目的防护")
_TNT = Words("DCSA Track & Trace 3.0: versions and retraction", "DCSA 箱货追踪 3.0：版本与撤回")
_ORDER = Words("Physical order of a container's events (DCSA codes)", "集装箱事件的物理顺序（DCSA 代码）")
_AUTHORITY = Words("Who sees it reports it (practice, not verified)", "谁见证谁上报（实务，未核对）")
_ISO = Words("ISO 6346, container numbers", "ISO 6346 箱号")
_SOLAS = Words("SOLAS VI/2, verified gross mass (practice, not verified)", "SOLAS VI/2 核实总重（实务，未核对）")
_IMDG = Words("IMDG Code: dangerous goods are declared (practice, not verified)", "IMDG 规则：危险品须申报（实务，未核对）")
_SEAL = Words("Seal checks at interchange (practice, not verified)", "交接时核对铅封（实务，未核对）")
_RELEASE = Words("Goods against the bill (practice, not verified)", "凭单放货（实务，未核对）")
_NOTICE = Words("DCSA Arrival Notice 1.0: free time", "DCSA 到货通知 1.0：免费期")

SOURCES: Mapping[str, Words] = {
    **dict.fromkeys(CONDITIONS, _EBL),
    **dict.fromkeys(("wrong-status", "open-update", "document-exists", "draft-approved", "still-out"), _STATES),
    **dict.fromkeys(("issued-once", "unknown-user", "not-asked", "other-holder", "no-platform-needed"), _ISSUANCE),
    **dict.fromkeys(("not-possessor", "not-title-holder", "may-not-endorse", "not-negotiable", "no-title"), _CHAIN),
    **dict.fromkeys(("not-entitled", "surrender-pending", "after-surrender", "comments-missing", "wrong-carrier"), _SURRENDER),
    **dict.fromkeys(("bsig", "benv", "dise", "broken-chain", "visualisation-changed", "in-transit"), _PINT),
    **dict.fromkeys(("on-paper", "not-on-paper", "not-presented", "beyond-reason"), _MLETR),
    **dict.fromkeys(("discrepant", "complying", "examination-over", "under-examination", "not-applicant"), _UCP),
    **dict.fromkeys(("back-dated", "not-loaded", "after-departure", "dated-ahead", "pledged", "wrong-checksum"), _OWN),
    "booked-as-general-cargo": Words(
        "IMDG Code: dangerous goods are declared (secondary source)", "IMDG 规则：危险品须申报（二手资料）"
    ),
    "bad-ship-number": Words("IMO Resolution A.1117(30)", "IMO A.1117(30) 号决议"),
    **dict.fromkeys(("not-newer", "no-such-event", "unknown-code", "incomplete-event"), _TNT),
    **dict.fromkeys(("no-authority", "not-appointed", "no-facility", "not-own-ship", "not-own-box"), _AUTHORITY),
    **dict.fromkeys(
        (
            *("gate-in-unexpected", "gate-out-unexpected", "gate-out-before-discharge", "stuffed-unexpected", "not-aboard"),
            *("stripped-before-gate-out", "load-before-gate-in", "loaded-twice", "loaded-after-departure", "not-in-routing"),
            *("discharged-before-arrival", "departed-before-arrival", "told-already", "another-booking", "no-ship"),
        ),
        _ORDER,
    ),
    "wrong-check-digit": _ISO,
    "no-verified-mass": _SOLAS,
    "weight-differs": _SOLAS,
    "undeclared-dangerous-goods": _IMDG,
    "seal-changed": _SEAL,
    **dict.fromkeys(
        (
            *("not-released", "not-surrendered", "letter-of-indemnity", "not-surrendering-party", "already-released"),
            *("charges-unpaid", "not-cleared", "on-hold"),
        ),
        _RELEASE,
    ),
    **dict.fromkeys(("not-quoted", "quoted-already", "no-tariff", "wrong-charge", "nothing-due"), _NOTICE),
    **dict.fromkeys(
        (
            *("from-the-future", "listed-elsewhere", "tariff-retroactive", "over-payment-of-charges", "document-lives-here"),
            *("two-currencies", "told-before"),
            *("noted-by-another", "booking-not-confirmed", "bad-tiers", "no-such-hold", "not-on-document", "not-signed-by"),
        ),
        _OWN,
    ),
}
