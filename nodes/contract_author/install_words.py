"""What an installation says at each step, in English and 中文."""

from collections.abc import Mapping

from nodes.contract_author.install import Step
from nodes.contract_author.words import Language, Said

STEPS: Mapping[str, Said] = {
    "node-has-it": Said("{who} has it already", "{who} 已装有"),
    "node-written": Said("{who} does not run: it has it from its next start on", "{who} 未运行：下次启动后生效"),
    "node-to-restart": Said("{who} has it from its next start on", "{who} 下次启动后生效"),
    "node-restarted": Said(
        "{who} started again with it, and has caught up; the others went on", "{who} 已带着它重新启动并追上；其余节点未停"
    ),
    "stands-still": Said(
        "The network does not run. Start it, then give the same command again: the vote needs the ledger.",
        "网络没有运行。请先启动，再执行同一命令：表决要在账本上进行。",
    ),
    "proposed": Said(
        "{who} proposed it ({more}): that is its organization's approval too", "{who} 已提案（{more}），同时即代表本组织同意"
    ),
    "approved": Said("{who} approved it ({more})", "{who} 已同意（{more}）"),
    "wait-approval": Said(
        "Open: {more} approvals. Others approve on the page (Contracts, governance, approve), or with: "
        "tallystick governance approve {who} --as ORGANIZATION.admin",
        "尚未通过：已有 {more} 个组织同意。其他组织可在页面上（合约、governance、approve）同意，或执行："
        "tallystick governance approve {who} --as 组织.admin",
    ),
    "not-approved": Said(
        "It is not approved yet. Give the same command again afterwards: then the node reports that it has it.",
        "尚未获批。获批后再执行同一命令：届时节点会上报已装有。",
    ),
    "reported": Said("{who} reported that it has this version ({more})", "{who} 已上报装有此版本（{more}）"),
    "wait-reports": Said(
        "Approved. It acts once enough validators have it; without it: {who}",
        "已获批。装有它的验证者足够后即生效；尚未装有：{who}",
    ),
    "acts": Said("{who} acts now, source digest {more}", "{who} 现已生效，源码摘要 {more}"),
    "does-not-vote": Said(
        "Without it: {who}. It stops at the first block that uses it, says so, does not vote, and goes on once it has it.",
        "尚未装有：{who}。这样的节点会停在第一个用到它的区块，说明情况且不投票；装上之后即可继续。",
    ),
}


def say(step: Step, language: Language) -> str:
    """One step in words."""
    return STEPS[step.kind].say(language, who=step.who, more=step.more)
