"""Why somebody may read a sealed load or the evidence of a claim, in both languages."""

from collections.abc import Mapping

from ledger.contract import ReadRule

READ_RULES: Mapping[str, ReadRule] = {
    "open": ReadRule(en="Nothing in this record is sealed.", zh="该记录没有密封内容。"),
    "consumer": ReadRule(en="A consumer knows its own load.", zh="用户知悉自己的用电曲线。"),
    "meter": ReadRule(
        en="The meter operator measures and the issuing body certifies: both see plain readings.",
        zh="计量机构计量、核发机构核证，二者可查看明文读数。",
    ),
    "verifier": ReadRule(
        en="The verifier of this one claim sees the hours that it claims.", zh="该次声明的核验方可查看所声明小时的用电量。"
    ),
}
"""By the name that `may_read` answers with."""
