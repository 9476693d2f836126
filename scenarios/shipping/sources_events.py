"""Where the rules of events and release come from.

DCSA's Track & Trace and arrival notice were read; what terminals, carriers and banks do is told as practitioners tell it.
"""

from collections.abc import Mapping

from scenarios.story import Words

_TNT = Words("DCSA Track & Trace 3.0: versions and retraction", "DCSA 箱货追踪 3.0：版本与撤回")
_ORDER = Words("Physical order of a container's events (DCSA codes)", "集装箱事件的物理顺序（DCSA 代码）")
_AUTHORITY = Words("Who sees it reports it (practice, not verified)", "谁见证谁上报（实务，未核对）")
_ISO = Words("ISO 6346, container numbers", "ISO 6346 箱号")
_SOLAS = Words("SOLAS VI/2, verified gross mass (practice, not verified)", "SOLAS VI/2 核实总重（实务，未核对）")
_IMDG = Words("IMDG Code: dangerous goods are declared (practice, not verified)", "IMDG 规则：危险品须申报（实务，未核对）")
_SEAL = Words("Seal checks at interchange (practice, not verified)", "交接时核对铅封（实务，未核对）")
_RELEASE = Words("Goods against the bill (practice, not verified)", "凭单放货（实务，未核对）")
_NOTICE = Words("DCSA Arrival Notice 1.0: free time", "DCSA 到货通知 1.0：免费期")
_OWN = Words("A safeguard of this project", "本项目的防护")

SOURCES: Mapping[str, Words] = {
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
            *("noted-by-another", "booking-not-confirmed", "bad-tiers", "no-such-hold", "not-on-document", "not-signed-by"),
        ),
        _OWN,
    ),
}
