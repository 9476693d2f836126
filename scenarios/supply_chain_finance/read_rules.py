"""Why somebody may read what an invoice hides, in both languages."""

from collections.abc import Mapping

from ledger.contract import ReadRule

READ_RULES: Mapping[str, ReadRule] = {
    "open": ReadRule(en="Nothing in this record is sealed.", zh="该记录没有密封内容。"),
    "party": ReadRule(en="Seller and buyer know their own invoice.", zh="买卖双方知悉自己的发票。"),
    "regulator": ReadRule(en="The regulator may look into every invoice.", zh="监管机构可查看每张发票。"),
    "bank": ReadRule(
        en="The bank was asked to finance a certificate that stands on this invoice.", zh="该银行受邀为以此发票为依据的凭证融资。"
    ),
}
"""By the name that `may_read` answers with."""
