"""What refusals call by a word of the program, in the words of the trade."""

from collections.abc import Mapping

from scenarios.story import Words

TERMS: Mapping[str, Words] = {
    "active": Words("active", "有效"),
    "reserved": Words("reserved", "已预留"),
    "locked": Words("locked", "已锁定"),
    "cancelled": Words("cancelled", "已核销"),
    "claimed": Words("claimed", "已声明"),
    "expired": Words("expired", "已过期"),
    "withdrawn": Words("withdrawn", "已撤回"),
    "split": Words("split", "已拆分"),
    "issued": Words("issued", "已核发"),
    "listed": Words("listed for sale", "已挂牌"),
    "traded": Words("sold", "已交易"),
    "frozen": Words("frozen for carbon credits", "因申请 CCER 冻结"),
    "consumed": Words("consumed", "已声明消费"),
    "excluded": Words("void, its carbon credit is registered", "CCER 已登记，绿证已核销"),
    "divided": Words("divided", "已拆分"),
    "applied": Words("applied for", "申请中"),
    "registered": Words("registered", "已登记"),
    "ended": Words("ended", "已终止"),
    "hourly": Words("hourly certificates", "小时证书"),
    "monthly": Words("monthly green certificates", "月度绿证"),
    "E": Words("estimated", "估算"),
    "Q": Words("questionable", "存疑"),
    "W": Words("raw", "原始"),
    "role:generator": Words("a generator", "发电企业"),
    "role:storage-operator": Words("the storage operator", "储能运营商"),
    "role:power-consumer": Words("a consumer", "用电企业"),
    "role:issuing-body": Words("the issuing body", "核发机构"),
    "role:meter-operator": Words("the meter operator", "计量机构"),
    "role:green-exchange": Words("an exchange", "交易中心"),
    "role:carbon-registry": Words("the carbon registry", "碳减排登记机构"),
    "role:claim-verifier": Words("the verifier", "核验机构"),
    "CN-NORTH": Words("CN-NORTH", "华北价区"),
    "CN-EAST": Words("CN-EAST", "华东价区"),
}
