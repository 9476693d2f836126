"""Why somebody may read what a record hides, in both languages."""

from collections.abc import Mapping

from ledger.contract import ReadRule

READ_RULES: Mapping[str, ReadRule] = {
    "open": ReadRule(en="Nothing in this record is sealed.", zh="该记录没有密封内容。"),
    "holder": ReadRule(en="Holders see their own data and who looked at them.", zh="持有人可查看自己的数据及其被访问情况。"),
    "provider": ReadRule(en="The department answers for these data.", zh="该部门是数据提供方。"),
    "consumer": ReadRule(en="It was given these fields by a grant that was live then.", zh="该机构依据有效授权取得这些字段。"),
    "owner": ReadRule(en="The owner keeps the original.", zh="原件由所有人自行保管。"),
    "court": ReadRule(en="The owner brought this evidence before the court.", zh="所有人已将该证据提交法院。"),
}
"""By the name that `may_read` answers with."""
