"""Words of the program that people meet in refusals and plots, as an office says them."""

from collections.abc import Mapping

from scenarios.government.cast import BAIHUA, JINNONG, ORGANIZATIONS, QINGTENG, identifier
from scenarios.story import Words

PURPOSES: Mapping[str, Words] = {
    "restaurant-permit": Words("a restaurant permit", "食品经营许可"), "account-opening": Words("opening an account", "银行开户"),
    "fire-inspection": Words("a fire inspection", "消防安全检查"), "loan-marketing": Words("selling loans", "贷款营销"),
}  # fmt: skip
FIELDS: Mapping[str, Words] = {
    "name": Words("name", "名称"), "uscc": Words("credit code", "统一社会信用代码"),
    "legal_representative": Words("legal representative", "法定代表人"),
    "representative_id": Words("representative's identity number", "法定代表人身份证号"),
    "insured_employees": Words("insured employees", "参保人数"), "lease_until": Words("end of the lease", "租赁到期日"),
    "tax_arrears": Words("tax arrears", "欠税"), "filing_status": Words("tax filing", "申报状态"),
    "neighbours": Words("neighbours", "邻居"),
}  # fmt: skip
ITEMS: Mapping[str, Words] = {
    "SB-01": Words("Headcount", "参保人数"), "TX-01": Words("Tax clearance", "完税情况"),
    "TX-09": Words("Tax audits", "稽查材料"),
    "HB-01": Words("Lease", "租赁备案"), "EL-001": Words("Business licence", "营业执照"),
}  # fmt: skip
STATES: Mapping[str, Words] = {
    "valid": Words("valid (01)", "有效（01）"), "withheld": Words("withheld (02)", "暂扣（02）"),
    "withdrawn": Words("withdrawn (03)", "撤销（03）"), "cancelled": Words("cancelled (04)", "注销（04）"),
    "lapsed": Words("lapsed (05)", "失效（05）"), "transferred": Words("transferred (06)", "迁出（06）"),
    "revoked": Words("revoked (07)", "吊销（07）"), "denied": Words("denied", "不同意"), "approved": Words("approved", "同意"),
    "mismatch": Words("a mismatch", "不一致"), "anchored": Words("anchored", "已固化"),
}  # fmt: skip
LICENCES: Mapping[str, Words] = {
    identifier(QINGTENG): Words("Qingteng's licence", "青藤的执照"),
    identifier(QINGTENG, 2): Words("Qingteng's licence, version 2", "青藤的执照第 2 版"),
    identifier(BAIHUA): Words("Baihua's licence", "百花的执照"),
    identifier(JINNONG): Words("Jinnong's licence", "金农的执照"),
}
TERMS: Mapping[str, Words] = {
    **ORGANIZATIONS, **PURPOSES, **FIELDS, **ITEMS, **STATES, **LICENCES,
    "agency": Words("the agency", "办理机构"), "applicant": Words("the applicant", "申请人"),
    "secret by tax law": Words("secret by tax law", "税法规定保密"), "role:data-bureau": Words("the data bureau", "数据局"),
}  # fmt: skip
"""Words of refusals' details."""
