"""What the tender refuses with, and why somebody may read an offer, in both languages."""

from collections.abc import Mapping

from ledger.contract import ReadRule, Refusal

REFUSALS: Mapping[str, Refusal] = {
    "already-open": Refusal(en="Tender {number} exists already.", zh="招标 {number} 已存在。"),
    "own-tender": Refusal(en="{organization} bids on its own tender.", zh="{organization} 不能投自己的标。"),
    "already-bid": Refusal(en="{organization} has put in a bid.", zh="{organization} 已投标。"),
    "closed": Refusal(en="Bids were taken until {deadline_ms}.", zh="投标已于 {deadline_ms} 截止。"),
    "not-closed": Refusal(en="Bids stay sealed until {deadline_ms}.", zh="{deadline_ms} 之前标书保持密封。"),
    "awarded": Refusal(en="It was awarded to {winner}.", zh="已授予 {winner}。"),
    "not-bidder": Refusal(en="Only {bidder} may reveal this bid.", zh="只有 {bidder} 可以公开此标。"),
    "wrong-opening": Refusal(en="Salt and price do not give the sealed digest.", zh="盐值与价格不符合密封摘要。"),
    "not-buyer": Refusal(en="The buyer {buyer} must sign the award.", zh="授标须由买方 {buyer} 签署。"),
    "still-sealed": Refusal(en="{bids} may still be revealed, until {until_ms}.", zh="{bids} 在 {until_ms} 前仍可公开。"),
    "nothing-revealed": Refusal(en="No bid was revealed.", zh="没有已公开的标书。"),
}
"""By code."""
READ_RULES: Mapping[str, ReadRule] = {
    "open": ReadRule(en="Nothing in this record is sealed.", zh="该记录没有密封内容。"),
    "bidder": ReadRule(en="The bidder knows its own offer.", zh="投标人知悉自己的报价。"),
    "buyer": ReadRule(en="The tender is awarded: the buyer may see every offer.", zh="已授标：买方可查看各份报价。"),
}
"""By the name that `may_read` answers with."""
