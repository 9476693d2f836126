"""Every text of the report itself, in both languages."""

from scenarios.story.story import Words

TEXTS: dict[str, Words] = {
    "contents": Words("Contents", "目录"),
    "findings": Words("What holds over the whole state", "对全部状态成立的不变式"),
    "refused": Words("Attempts that were refused, each with its rule", "被拒绝的尝试及其规则"),
    "refused-note": Words(
        "A row is a step in which something was refused: {rows} rows, {refused} attempts. {rejected} of these stand on the "
        "ledger with their receipts; those turned away at a node's door ({turned_away}) or found in somebody's own files "
        "({found}) do not.",
        "每行为一个有被拒尝试的步骤，共 {rows} 步、{refused} 次尝试。其中 {rejected} 次连同收据留在账本上；"
        "节点入口退回的（{turned_away} 次）与当事方在自有文件中发现的（{found} 次）不在账本上。",
    ),
    "lanes": Words("Who does what, step by step", "泳道图：各方依次所为"),
    "lanes-note": Words(
        "By chapter: a column an organization, a row a step, time runs down. A line joins those who sign together.",
        "按章节：每列一个组织，每行一个步骤，时间向下；横线连接共同签署的各方。",
    ),
    "story": Words("Every step in full", "每一步的细节"),
    "story-note": Words(
        "Open a step to see what was called, who signed, what changed, who may see it, and where it stands on the ledger.",
        "展开任一步骤，可见调用的操作、签署方、变更、可见范围及其在账本上的位置。",
    ),
    "figures": Words("Figures", "数据与图表"),
    "holds": Words("holds", "成立"),
    "broken": Words("broken", "不成立"),
    "invariant": Words("Invariant", "不变式"),
    "verdict": Words("Verdict", "结论"),
    "number": Words("Step", "步骤"),
    "date": Words("Date", "日期"),
    "who": Words("Who", "谁"),
    "what": Words("What was tried", "尝试"),
    "happens": Words("What happens", "所发生之事"),
    "rule": Words("What the ledger said", "账本的答复"),
    "source": Words("Source of the rule", "规则出处"),
    "honest": Words(
        "Simulated: companies, people, money, goods and the passage of time. Real: signatures, agreement of the nodes, "
        "every rule and every refusal in this report. Assumptions are marked where they appear.",
        "模拟的：公司、人员、资金、货物和时间流逝。真实的：签名、节点共识，以及本报告中的每条规则和每次拒绝。"
        "凡属假设之处，均已注明。",
    ),
    "played": Words("Played on {}.", "运行环境：{}。"),
    # A step in full
    "called": Words("Called", "调用"),
    "signed": Words("Signed by", "签署方"),
    "forged": Words("{}, but with the key of {}", "{}（实际用的是{}的密钥）"),
    "changed": Words("Changed", "变更"),
    "before": Words("before", "变更前"),
    "after": Words("after", "变更后"),
    "field": Words("field", "字段"),
    "unchanged": Words("Nothing changed: the ledger keeps the attempt and the answer.", "没有变更：账本只保留此次尝试及其答复。"),
    "at-door": Words(
        "Turned away at the door: nothing of it stands on the ledger.", "在节点入口被退回：账本上没有留下任何内容。"
    ),
    "no-effect": Words(
        "Known already: answered with its first receipt, nothing happened again.", "信封已知：以首次收据答复，没有再次生效。"
    ),
    "off-ledger": Words("Outside the ledger: nothing of it stands there.", "在账本之外：账本上没有记录。"),
    "openings": Words("Openings handed over", "交出的开封值"),
    "seen": Words("Who may see it", "谁可查看"),
    "value": Words("the whole record.", "可见全部内容。"),
    "digest": Words("the record, its sealed fields as digests.", "可见记录，其密封字段仅为摘要。"),
    "open": Words(
        "Nothing in these records is sealed: every member of this ledger may read them.",
        "这些记录没有密封内容：本账本所有成员均可读取。",
    ),
    "receipt": Words("Receipt", "收据"),
    "block": Words("block", "区块"),
    "transaction": Words("transaction", "交易"),
    "state-root": Words("state root", "状态根"),
    "messages-of": Words("messages of block {}", "区块 {} 的共识消息"),
    "left-out": Words("{} more are left out here; the export has them all.", "另有 {} 项未列出，导出文件中全部可查。"),
    # Cost of trust
    "cost": Words("What trust costs", "信任的成本"),
    "cost-note": Words(
        "Measured in this run: averages of a transaction, and their sums in the last row. Signatures of validators, "
        "messages and bytes are those of the blocks in which the transactions stand, shared equally among the transactions of a "
        "block. A message is what one node sends another at once. Bytes are kept by each node, indexes not counted. What was "
        "turned away at a node's door is no transaction and not in this table; a block may hold several operations.",
        "本次运行的实测值：各行为每笔交易的平均值，末行为合计。验证节点的签名、消息和字节数取自交易所在区块，由同一区块内的交易均摊。"
        "一条消息指一个节点一次发给另一个节点的内容。字节数为每个节点保存的数量，不含索引。"
        "节点入口退回的不算交易，不列入本表；一个区块可含多种操作的交易。",
    ),
    "cost-time": Words(
        "Time is the median from the signatures to the receipt; a batch counts as a whole.",
        "时间为从签名到收据的中位数；一批交易按整批计。",
    ),
    "cost-virtual": Words("It is virtual time of the simulator.", "时间为模拟器的虚拟时间。"),
    "cost-gossip": Words(
        "Besides, the nodes sent each other {} messages that belong to no block: transactions passed on, and where each one is.",
        "此外，节点之间还有 {} 条不属于任何区块的消息：转发交易、通报各自进度。",
    ),
    "operation": Words("Operation", "操作"),
    "transactions": Words("transactions", "交易数"),
    "of-them-refused": Words("of them refused", "其中被拒"),
    "member-signatures": Words("signatures of members", "成员签名"),
    "validator-signatures": Words("signatures of validators", "验证节点签名"),
    "messages": Words("messages", "消息"),
    "bytes": Words("bytes a node", "每节点字节"),
    "final": Words("ms to final", "终结毫秒"),
    "blocks": Words("blocks", "区块"),
    "total": Words("All together", "合计"),
    # Consensus
    "consensus": Words("How the nodes agreed", "节点如何达成共识"),
    "consensus-note": Words(
        "For each block with a transaction of this story: what the nodes sent each other, from their own logs. A lane a node, "
        "time in milliseconds to the right; N and C: the node holds the certificate of votes, and that of finals; ■: decided.",
        "对每个含有本故事交易的区块，列出节点日志中彼此发送的消息。每行一个节点，时间（毫秒）向右；"
        "N、C 表示节点持有公证证书、提交证书，■ 表示已决定。",
    ),
    "no-messages": Words("This run had no nodes: nothing was sent.", "本次运行没有节点，没有消息。"),
    "talk": Words(
        "Block {height}, proposed by {proposer}: messages {batches}, signed statements {statements}, transactions {transactions}",
        "区块 {height}，由 {proposer} 提议：消息 {batches} 条，签名声明 {statements} 份，交易 {transactions} 笔",
    ),
    "ms": Words("ms", "毫秒"),
    "from": Words("from", "发自"),
    "to": Words("to", "发往"),
    "said": Words("what", "内容"),
    "came": Words("came at", "到达"),
    "in-view": Words("{} (view {})", "{}（视图 {}）"),
    "lost": Words("did not come", "未到达"),
    "everybody": Words("all others", "其余全部"),
    "back": Words("steps of this block", "本区块的步骤"),
    "propose": Words("proposal", "提案"),
    "vote": Words("vote", "投票"),
    "final-kind": Words("final", "终结"),
    "skip": Words("skip", "跳过"),
    "certificate": Words("certificate", "证书"),
    "diagrams-left-out": Words(
        "To keep this page small, {} blocks are shown without their diagram here; the nodes' logs have their messages.",
        "为控制页面大小，{} 个区块未附时空图；其消息可在节点日志中查到。",
    ),
    "rows-left-out": Words(
        "To keep this page small, {} blocks are shown without the table of their messages.",
        "为控制页面大小，{} 个区块未附消息表格。",
    ),
    "others": Words("everybody else ({})", "其余各方（{}）"),
    "and-more": Words("{} and {} more", "{} 等另外 {} 方"),
    # Verification
    "verify": Words("Check it yourself", "自行验证"),
    "ledger": Words("Ledger id (digest of the genesis)", "账本标识（创世摘要）"),
    "height": Words("Height of the last block", "最后区块高度"),
    "block-id": Words("Id of the last block", "最后区块标识"),
    "root": Words("State root after the last block", "最后区块之后的状态根"),
    "time": Words("Time of the last block", "最后区块时间"),
    "audited": Words(
        "When this report was written, its ledger was audited from the genesis on: {checks} rules were checked, {all} hold; "
        "of the {transactions} transactions of the whole ledger {again} are of this contract and were run again by its code, "
        "with the same results.",
        "撰写本报告时，已从创世起审计其账本：检查 {checks} 条规则，{all}成立；"
        "全账本 {transactions} 笔交易中，本合约的 {again} 笔由其代码重新执行，结果一致。",
    ),
    "all-hold": Words("all of them", "全部"),
    "none-hold": Words("not all of them", "并非全部"),
    "verify-file": Words(
        "The ledger is the file {} beside this report. Without any node, this proves signatures, receipts, writes and roots, "
        "and runs the contract again:",
        "账本即本报告旁的文件 {}。无需任何节点，以下命令即可证明签名、收据、写入与各个根，并重新执行合约：",
    ),
    "verify-seed": Words(
        "Played again with the same seed, on any machine, it ends with the same block:",
        "以相同种子在任何机器上重放，最后区块相同：",
    ),
    "filter": Words("Show", "显示"),
    "all-steps": Words("all steps", "全部步骤"),
    "refused-only": Words("refused ones", "仅被拒绝的"),
    "open-all": Words("Open all steps", "展开全部步骤"),
    "close-all": Words("Close all steps", "收起全部步骤"),
}
LABELS: dict[str, Words] = {
    "propose": Words("propose", "提案"), "vote": Words("vote", "投票"), "final": Words("final", "终结"),
    "skip": Words("skip", "跳过"), "notar-cert": Words("NotarCert", "公证证书"), "skip-cert": Words("SkipCert", "跳过证书"),
    "commit-cert": Words("CommitCert", "提交证书"), "block": Words("block", "区块"), "decided": Words("decided", "决定"),
    "transactions": Words("transactions", "交易"), "status": Words("status", "状态"), "fetch": Words("fetch", "取回"),
}  # fmt: skip
"""First words of messages, as `nodes.links.batches.describe` writes them."""
