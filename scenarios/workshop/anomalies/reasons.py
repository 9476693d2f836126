"""Why each cell is as it is, in a sentence: what was to be expected of a system with its usual protection."""

from collections.abc import Mapping

from scenarios.story.story import Words
from scenarios.workshop.anomalies.matrix import Cell
from scenarios.workshop.anomalies.outcome import Outcome

OTHERWISE = Words("This is not what was expected: look at the evidence.", "与预期不符：请看证据。")

ONE_SERVER = Words(
    "There is one server, so none may lie: the next row is this system's case.",
    "只有一台服务器，容不得任何说谎者：下一行才是该系统的情形。",
)
ALL_WRITERS = Words(
    "One server decides, and sees that the item is no longer hers.",
    "由一台服务器决定，它看到该物品已不属于她。",
)
NO_SERVER = Words(
    "There is one server. Until somebody starts it again nothing can be written; what was written is there.",
    "只有一台服务器。有人重新启动之前无法写入；已写入的都在。",
)
CUT_OFF = Words(
    "Whoever reaches the server goes on; whoever does not waits.",
    "能连上服务器的一侧继续，连不上的一侧等待。",
)

REASONS: Mapping[tuple[str, str], tuple[Outcome, Words]] = {
    ("edit-history", "database"): (
        "undetected",
        Words(
            "The administrator may write everywhere: table, replica and backup. Constraints bind programs, not administrators.",
            "管理员处处可写：数据表、副本和备份。约束管的是程序，管不了管理员。",
        ),
    ),
    ("edit-history", "hash-chain"): (
        "detected-later",
        Words(
            "The writer links everything anew, and the chain verifies. Only a digest that somebody kept elsewhere gives it away.",
            "写入者重新计算全部链接，链依然通过验证。只有别处留存的摘要能揭穿。",
        ),
    ),
    ("edit-history", "signed-chain"): (
        "detected-later",
        Words(
            "The server cannot sign for Alice. It could have dropped her entry and linked the rest anew, which only who kept a "
            "digest would see.",
            "服务器无法替 Alice 签名。但它可以删去整条记录再重新链接，那只有留有摘要者才会发现。",
        ),
    ),
    ("edit-history", "tallystick"): (
        "refused",
        Words(
            "One operator has one of the four keys, and a certificate needs three: no reader takes his answer, no audit "
            "his file.",
            "一名运营者只有四把密钥中的一把，而证书需要三把：读者不接受他的应答，审计不接受他的文件。",
        ),
    ),
    ("replay", "database"): (
        "refused",
        Words("Each request has a number of its own, which the table holds once.", "每个请求都有自己的编号，表中只能有一次。"),
    ),
    ("replay", "hash-chain"): (
        "undetected",
        Words(
            "Digests link entries; they do not say that a request is new. A number for each request would help, as in the "
            "database.",
            "摘要只连接记录，并不说明请求是新的。像数据库那样给每个请求编号即可避免。",
        ),
    ),
    ("replay", "signed-chain"): (
        "refused",
        Words(
            "The author's own number is signed too, and was used before; an audit would find it as well.",
            "作者自己的编号也在签名之内，且已用过；审计同样会发现。",
        ),
    ),
    ("replay", "tallystick"): (
        "refused",
        Words(
            "A transaction has an id, a nonce and an end. No block holds an id twice: every validator and every audit checks it.",
            "交易有标识、随机数和期限。任何区块都不会两次收入同一标识：每个验证者、每次审计都会检查。",
        ),
    ),
    ("double-spend", "database"): ("refused", ALL_WRITERS),
    ("double-spend", "hash-chain"): ("refused", ALL_WRITERS),
    ("double-spend", "signed-chain"): ("refused", ALL_WRITERS),
    ("double-spend", "tallystick"): (
        "refused",
        Words(
            "Two nodes took one each. Blocks put them in one order for all, and the contract refuses the second, with a receipt.",
            "两个节点各收下一笔。区块为所有人定下同一次序，合约拒绝第二笔并给出收据。",
        ),
    ),
    ("forged-signature", "database"): (
        "undetected",
        Words(
            "A login keeps outsiders out. Nothing shows that a row was Alice's doing: the administrator needs no password "
            "of hers.",
            "登录挡住了外人。但没有什么能证明某一行出自 Alice：管理员不需要她的密码。",
        ),
    ),
    ("forged-signature", "hash-chain"): (
        "undetected",
        Words("The same: a digest says what was written, not who wrote it.", "同样：摘要说明写了什么，而不是谁写的。"),
    ),
    ("forged-signature", "signed-chain"): (
        "detected-later",
        Words(
            "The server turns outsiders away. If it writes the entry itself, every later reader of the chain sees the "
            "wrong signature.",
            "服务器会拒绝外人。若服务器自己写入，之后每个读链者都能看到签名不对。",
        ),
    ),
    ("forged-signature", "tallystick"): (
        "refused",
        Words(
            "Nodes turn it away; a leader who puts it into a block finds no quorum, for the others check the signature first.",
            "节点会拒绝；领导者若把它放进区块，也得不到法定人数，因为其他人会先检查签名。",
        ),
    ),
    ("equivocation-f", "database"): ("not-applicable", ONE_SERVER),
    ("equivocation-f", "hash-chain"): ("not-applicable", ONE_SERVER),
    ("equivocation-f", "signed-chain"): ("not-applicable", ONE_SERVER),
    ("equivocation-f", "tallystick"): (
        "goes-on",
        Words(
            "One of four proposes two blocks and agrees with both. The honest decide one, and hold two signatures that "
            "convict it.",
            "四个中的一个提议两个区块并都表示同意。诚实者只决定一个，并握有足以定罪的两个签名。",
        ),
    ),
    ("equivocation-n-2f", "database"): (
        "undetected",
        Words(
            "Two readers hear two answers. Neither answer has a place in an order, so neither reader can show a lie.",
            "两位读者得到不同的答案。答案没有次序中的位置，谁也无法证明对方被骗。",
        ),
    ),
    ("equivocation-n-2f", "hash-chain"): (
        "detected-later",
        Words(
            "Two readers who compare see two entries in one place. Nothing shows who made them: the server can say it was "
            "another.",
            "读者相互对照会发现同一位置有两条记录。但无从证明是谁所为：服务器可以抵赖。",
        ),
    ),
    ("equivocation-n-2f", "signed-chain"): (
        "detected-later",
        Words(
            "The same, and each chain verifies alone. Alice signed both entries; that the server took both is not signed "
            "anywhere. "
            "A server that signs its last digest would be convicted.",
            "同样，且每条链单独都通过验证。两条记录都有 Alice 的签名，但服务器同时收下两条并无签名为证。"
            "若服务器对最新摘要签名，即可定罪。",
        ),
    ),
    ("equivocation-n-2f", "tallystick"): (
        "detected-later",
        Words(
            "Two of four traitors who also keep the honest apart can have two blocks decided: safety is lost. But both records "
            "together convict both by name, for anybody to check: tallystick convict.",
            "四个中有两个叛徒，并把诚实者隔开，就能使两个区块都被决定：安全性丧失。但两份记录合在一起，"
            "可向任何人指名证明两者有罪：tallystick convict。",
        ),
    ),
    ("partition", "database"): (
        "goes-on",
        Words(
            "The primary's side goes on; the other reads old values and cannot write. Whoever makes the replica a primary "
            "meanwhile "
            "has two truths.",
            "主库一侧继续；另一侧只能读旧值，不能写。若有人此时把副本提升为主库，就会有两个真相。",
        ),
    ),
    ("partition", "hash-chain"): ("goes-on", CUT_OFF),
    ("partition", "signed-chain"): ("goes-on", CUT_OFF),
    ("partition", "tallystick"): (
        "waits",
        Words(
            "Neither half has three of four, so neither decides: both wait, and go on after healing. Nothing is decided twice.",
            "两半都不足四分之三，因此都不决定：都在等待，恢复后继续。没有任何事被决定两次。",
        ),
    ),
    ("leader-crash", "database"): (
        "waits",
        Words(
            "The replica can be read. Writing waits until somebody starts the primary; the write-ahead log undoes what "
            "was half done.",
            "副本可读。写入要等有人启动主库；预写日志会撤销做了一半的事务。",
        ),
    ),
    ("leader-crash", "hash-chain"): ("waits", NO_SERVER),
    ("leader-crash", "signed-chain"): ("waits", NO_SERVER),
    ("leader-crash", "tallystick"): (
        "goes-on",
        Words(
            "Three of four are left: after a timeout the next leader proposes. The crashed node catches up by itself.",
            "四个中还剩三个：超时后由下一位领导者提议。崩溃的节点会自行追上。",
        ),
    ),
    ("lost-disk", "database"): (
        "lost",
        Words(
            "The replica follows asynchronously and lacks the last transfer. A synchronous one would have it, and would stop the "
            "primary whenever it is away.",
            "副本异步跟随，缺最后一笔。同步副本不会缺，但它一离线主库就得停。",
        ),
    ),
    ("lost-disk", "hash-chain"): (
        "lost",
        Words(
            "What came after the backup is gone; who kept the last digest notices.", "备份之后的内容丢失；留有最后摘要者会察觉。"
        ),
    ),
    ("lost-disk", "signed-chain"): (
        "lost",
        Words(
            "The same. Authors who kept their signed entries can hand them in again.",
            "同样。作者若留有自己签名的记录，可以再次提交。",
        ),
    ),
    ("lost-disk", "tallystick"): (
        "goes-on",
        Words(
            "The node fetches the ledger from the others, checks all of it, and does not vote before that is safe.",
            "节点从其他节点取回账本并全部检查，在安全之前不投票。",
        ),
    ),
}
"""By attack and system: the outcome that is expected, and why."""


def reason_of(cell: Cell) -> Words:
    """The sentence of a cell; where something else was observed than expected, this is said instead."""
    expected, words = REASONS[cell.attack, cell.system]
    return words if cell.observed.outcome == expected else OTHERWISE
