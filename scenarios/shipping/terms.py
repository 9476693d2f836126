"""Words of the trade for what stands as codes in details of refusals and in records."""

from collections.abc import Mapping

from scenarios.story import Words

TERMS: Mapping[str, Words] = {
    "DRAFT": Words("a draft", "草稿"), "APPROVED": Words("approved", "已确认"), "ISSUED": Words("issued", "已签发"),
    "PENDING_SURRENDER_FOR_AMENDMENT": Words("pending surrender for amendment", "待接受改单交回"),
    "SURRENDERED_FOR_AMENDMENT": Words("surrendered for amendment", "已交回改单"),
    "PENDING_SURRENDER_FOR_DELIVERY": Words("pending surrender for delivery", "待接受提货交单"),
    "SURRENDERED_FOR_DELIVERY": Words("surrendered for delivery", "已交单提货"), "VOIDED": Words("voided", "已作废"),
    "RECEIVED": Words("received", "已收到"), "PENDING_UPDATE": Words("waiting for an update", "待更改"),
    "COMPLETED": Words("completed", "已完结"), "CANCELLED": Words("cancelled", "已取消"), "DECLINED": Words("declined", "已拒绝"),
    "CONFIRMED": Words("confirmed", "已确认"), "UPDATE_RECEIVED": Words("waiting for the carrier's answer", "更改待答复"),
    "UPDATE_CONFIRMED": Words("updated", "更改已确认"), "UPDATE_DECLINED": Words("not updated: declined", "更改被拒绝"),
    "UPDATE_CANCELLED": Words("not updated: taken back", "更改已撤回"), "no update": Words("without an update", "没有更改"),
    "SWTP": Words("switch to paper", "转纸质"), "COD": Words("change of destination", "改港"), "AREQ": Words("amendment", "改单"),
    "SWI": Words("switch bill of lading", "换单"), "BOL": Words("bill of lading", "提单"), "SWB": Words("sea waybill", "海运单"),
    "accepted": Words("accepted", "已承付"), "presented": Words("presented", "已交单"), "open": Words("open", "有效"),
    "refused": Words("refused", "已拒付"), "late-shipment": Words("late shipment", "迟装"),
    "late-presentation": Words("late presentation", "迟交单"), "credit-expired": Words("credit expired", "信用证过期"),
    "not-clean": Words("not clean", "不清洁"), "not-on-board": Words("not on board", "未装船"),
    "not-to-order-of-bank": Words("not to the order of the issuing bank", "未凭开证行指示"),
    "notify-not-applicant": Words("applicant is not the notify party", "通知方非申请人"),
    "other-ports": Words("other ports", "港口不符"),
    "on-board": Words("on-board", "装船日期"), "received": Words("received-for-shipment", "收货日期"),
    "role:bank": Words("a bank", "银行"), "role:carrier": Words("a carrier", "承运人"), "role:customs": Words("customs", "海关"),
    "role:terminal": Words("a terminal", "码头"), "role:depot": Words("a depot", "堆场"),
    "role:shipper": Words("a shipper", "托运人"),
    "role:ebl-platform": Words("an eBL platform", "电子提单平台"), "role:trucker": Words("a haulier", "拖车公司"),
    "terminal": Words("terminal", "码头"), "depot": Words("depot", "堆场"),
    "customs": Words("customs", "海关"), "carrier": Words("carrier", "承运人"),
    "notify": Words("the notify party", "通知方"), "equipment": Words("the containers", "集装箱"),
}  # fmt: skip
"""Codes of states, reasons and discrepancies, and names of fields."""
