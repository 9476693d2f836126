"""Where the trade's rules come from. What is not law is the practice of platforms and banks, or this project's own safeguard."""

from collections.abc import Mapping

from scenarios.story import Words

_NOTICE = "银发〔2025〕77号"


def _notice(article: int) -> Words:
    return Words(f"Notice PBoC [2025] 77, article {article}", f"{_NOTICE} 第{article}条")


_TRADE = Words("Certificates need a real trade behind them", "须有真实贸易背景")
_REGISTRATION = Words("Civil Code, article 768: registration decides", "《民法典》第七百六十八条：登记在先")

SOURCES: Mapping[str, Words] = {
    "tenor-too-long": _notice(11),
    "tenor-without-reason": _notice(11),
    "platform-no-party": Words("Notice PBoC [2025] 77, articles 4 and 14: no pooling", f"{_NOTICE} 第4、14条：不得归集资金"),
    "core-blocked": _notice(15),
    "core-barred": _notice(15),
    "suspended": Words("Admission on a valid business licence", "凭有效营业执照准入"),
    "not-queried": _notice(13),
    "not-registered": _notice(13),
    "registered-earlier": _REGISTRATION,
    "payable-unconditional": Words("URDTT: a confirmed payment obligation is unconditional", "URDTT：已确认的付款义务无条件"),
    "not-confirmed": _TRADE,
    "no-trade": _TRADE,
    "wrong-trade": _TRADE,
    "duplicate-invoice": Words("Registry of financed invoices", "发票查重登记"),
    "used-elsewhere": Words("Registry of financed invoices, across platforms", "跨平台发票查重登记"),
    "wrong-opening": Words("Salted digest on the ledger", "账本上的加盐摘要"),
    "bad-uscc": Words("GB 32100-2015", "GB 32100-2015"),
    "wrong-sum": Words("Splitting keeps every cent", "拆分分毫不差"),
    "part-too-small": Words("Splitting keeps every cent", "拆分分毫不差"),
    "wrong-net": Words("Agreed day count, rounded half up to the cent", "约定计息规则，四舍五入到分"),
    "wrong-price": Words("Dynamic discounting: d / (1 - d) x 360 / t", "动态折扣：d / (1 - d) x 360 / t"),
    "over-own-line": Words("The bank's own credit line for the core", "银行对核心企业的授信额度"),
    "set-aside": Words("Civil Code, article 570: deposit discharges the debtor", "《民法典》第五百七十条：提存"),
    "books-differ": Words("Daily reconciliation of certificates", "凭证每日对账"),
    "books-beyond": Words("Daily reconciliation of certificates", "凭证每日对账"),
    "without-recourse": Words("Terms of the factoring contract", "保理合同约定"),
}
