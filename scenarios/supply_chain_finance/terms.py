"""Words of the program that people meet in refusals and plots, as the trade says them."""

from collections.abc import Mapping

from scenarios.story import Words

STATES: Mapping[str, Words] = {
    "pending": Words("offered", "待签收"), "active": Words("held", "持有"), "consumed": Words("split", "已拆分"),
    "locked": Words("locked", "锁定"), "financed": Words("financed", "已融资"), "overdue": Words("overdue", "逾期"),
    "recourse": Words("recourse", "追索中"), "frozen": Words("frozen", "冻结"), "settled": Words("paid", "已兑付"),
    "rejected": Words("declined", "已拒收"), "void": Words("taken back", "已撤回"), "expired": Words("lapsed", "已失效"),
    "written-off": Words("written off", "已核销"),
}  # fmt: skip
"""States of a certificate."""
TERMS: Mapping[str, Words] = {
    **STATES, "exact": Words("exact", "完全一致"), "company": Words("a company", "企业"), "core": Words("core", "核心企业"),
    "supplier": Words("supplier", "供应商"), "bank": Words("bank", "银行"), "role:core": Words("a core", "核心企业"),
    "role:supplier": Words("a supplier", "供应商"), "role:bank": Words("a bank", "银行"),
    "role:settlement-bank": Words("the settlement bank", "结算银行"), "role:enforcement-court": Words("a court", "法院"),
    "role:platform": Words("the platform", "平台"), "role:registry": Words("the registry", "登记处"),
    "role:regulator": Words("the regulator", "监管部门"),
    "registered": Words("registered", "已登记"), "cancelled": Words("cancelled", "已注销"),
    "round-trip": Words("round trip", "循环贸易"), "similar-invoice": Words("similar invoice", "相似发票"),
    "bond-default": Words("it defaulted on a bond", "债券违约"),
    "bills-overdue": Words("its bills are persistently overdue", "票据持续逾期"),
    "number": Words("like number", "号码相似"), "amount": Words("same day and amount", "同日同额"),
}  # fmt: skip
"""Words of refusals' details."""
