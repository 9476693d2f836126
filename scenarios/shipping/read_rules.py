"""Why somebody may read what documents, entries of title and credits hide, in both languages."""

from collections.abc import Mapping

from ledger.contract import ReadRule

READ_RULES: Mapping[str, ReadRule] = {
    "open": ReadRule(en="Nothing in this record is sealed.", zh="该记录没有密封内容。"),
    "shipper": ReadRule(en="The shipper knows its own goods.", zh="托运人知悉自己的货物。"),
    "carrier": ReadRule(en="The carrier writes the document.", zh="承运人签发该单证。"),
    "holder": ReadRule(en="Whoever has title or possession sees what it holds.", zh="权利人或占有人可查看其持有的单证。"),
    "pledgee": ReadRule(en="A pledgee sees its security.", zh="质权人可查看质物。"),
    "consignee": ReadRule(en="The consignee is named in it.", zh="单证载明的收货人。"),
    "platform": ReadRule(en="The platform keeps the bill for its user.", zh="平台为其用户保管提单。"),
    "examining-bank": ReadRule(en="The bank examines it under a credit.", zh="银行依信用证审单。"),
    "customs": ReadRule(en="Customs sees what crosses the border.", zh="海关可查看进出境货物。"),
    "chain-party": ReadRule(en="Both sides of an entry know its terms.", zh="交易双方知悉其条件。"),
    "surrender": ReadRule(en="The carrier sees the chain once the bill is surrendered.", zh="提单交回后承运人方可查看流转链。"),
    "credit-party": ReadRule(
        en="Applicant, beneficiary and issuing bank know their credit.", zh="申请人、受益人和开证行知悉其信用证。"
    ),
}
"""By the name that `may_read` answers with."""
