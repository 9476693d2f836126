"""Where the trade's rules come from, and how well we know it.

Of laws and notices we read summaries by article and other secondary sources, not the official texts: `(secondary source)`.
What is no law is the practice of platforms and banks, of which we have general knowledge: `(practice)`; or this project's own
safeguard, which needs no source.
"""

from collections.abc import Mapping

from scenarios.story import Words

_NOTICE = "银发〔2025〕77号"


def _secondary(en: str, zh: str) -> Words:
    return Words(f"{en} (secondary source)", f"{zh}（二手资料）")


def _practice(en: str, zh: str) -> Words:
    return Words(f"{en} (practice)", f"{zh}（行业惯例）")


def _notice(article: str, en: str = "", zh: str = "") -> Words:
    return _secondary(f"Notice PBoC [2025] 77, article {article}{en}", f"{_NOTICE} 第{article}条{zh}")


_TRADE = _practice("Certificates need a real trade behind them", "须有真实贸易背景")
_DUPLICATES = _practice("Registry of financed invoices, by keyed fingerprints", "发票查重登记（带密钥指纹）")
_RECONCILED = _practice("Daily reconciliation of certificates", "凭证每日对账")
_SPLIT = Words("Splitting keeps every cent", "拆分分毫不差")

SOURCES: Mapping[str, Words] = {
    "tenor-too-long": _notice("11", ", and the dated table", "及分期生效的期限表"),
    "tenor-without-reason": _notice("11"),
    "platform-no-party": _notice("4", " and 14: no pooling", "、第14条：不得归集资金"),
    "core-blocked": _notice("15"),
    "core-barred": _notice("15"),
    "not-queried": _notice("13"),
    "not-registered": _notice("13"),
    "registered-earlier": _secondary("Civil Code, article 768: registration decides", "《民法典》第七百六十八条：登记在先"),
    "registration-runs": _practice("Entries of the unified registry run a month to thirty years", "统一登记有效期一个月至三十年"),
    "payable-unconditional": _secondary(
        "URDTT: a confirmed payment obligation is unconditional", "URDTT：已确认的付款义务无条件"
    ),
    "not-confirmed": _TRADE,
    "no-trade": _TRADE,
    "wrong-trade": _TRADE,
    "duplicate-invoice": _DUPLICATES,
    "used-elsewhere": _DUPLICATES,
    "wrong-opening": Words("Salted digest on the ledger", "账本上的加盐摘要"),
    "bad-uscc": Words("GB 32100-2015", "GB 32100-2015"),
    "suspended": _practice("Admission on a valid business licence", "凭有效营业执照准入"),
    "wrong-sum": _SPLIT,
    "part-too-small": _SPLIT,
    "too-many-parts": Words("Dust burdens everybody who keeps the tree", "碎屑拖累所有记账方"),
    "wrong-net": _practice("Agreed day count, rounded half up to the cent", "约定计息规则，四舍五入到分"),
    "wrong-price": _practice("Dynamic discounting: d / (1 - d) x 360 / t", "动态折扣：d / (1 - d) x 360 / t"),
    "over-line": _practice("Lines of credit on the core", "核心企业授信额度"),
    "over-own-line": _practice("The bank's own line for the core", "银行对核心企业的自有额度"),
    "set-aside": _practice("A deposit discharges the debtor", "提存视为履行"),
    "books-differ": _RECONCILED,
    "books-beyond": _RECONCILED,
    "without-recourse": _practice("Terms of the factoring contract", "保理合同约定"),
}
