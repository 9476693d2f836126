"""Where the rules of documents, title, platforms and credits come from.

DCSA's specifications and conformance scenarios were read; UCP 600 is told as practitioners tell it, not verified.
"""

from collections.abc import Mapping

from scenarios.shipping.refusals_documents import CONDITIONS
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
}
