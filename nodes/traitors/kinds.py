"""Every kind of traitor by name, with what it does in a sentence: `simulate --traitor NAME`, `"traitor": "NAME"` in node.json."""

from dataclasses import dataclass

from ledger.errors import OperatorError
from nodes.traitors.amnesiac import Amnesiac
from nodes.traitors.impersonator import Impersonator
from nodes.traitors.invalid_proposer import InvalidProposer
from nodes.traitors.liars import DoubleVoter, Equivocator, SkipAndFinal
from nodes.traitors.replayer import Replayer
from nodes.traitors.traitor import Traitor
from nodes.traitors.twin import Twin
from nodes.traitors.withholders import BodyWithholder, CertificateWithholder, ProposalWithholder, Silent


@dataclass(frozen=True, slots=True)
class TraitorKind:
    """One way to betray."""

    replica: type[Traitor]
    name_zh: str
    """What it is called in Chinese; in English, and wherever it is chosen, its name in the table says it."""
    en: str
    zh: str


TRAITORS: dict[str, TraitorKind] = {
    "equivocator": TraitorKind(
        Equivocator,
        "双面提议者",
        en="As leader it proposes one block to one half and another block to the other half, then agrees with both.",
        zh="担任领导者时，向一半节点提议一个区块，向另一半提议另一个区块，然后对双方都表示同意。",
    ),
    "double-voter": TraitorKind(
        DoubleVoter,
        "重复投票者",
        en="It votes twice in a view, the second time for a block that nobody has seen.",
        zh="在同一视图中投两次票，第二次投给一个谁也没见过的区块。",
    ),
    "skip-and-final": TraitorKind(
        SkipAndFinal,
        "既跳过又终结者",
        en="It signs both Skip and Final in one view.",
        zh="在同一视图中既签署 Skip 又签署 Final。",
    ),
    "proposal-withholder": TraitorKind(
        ProposalWithholder,
        "扣留提议者",
        en="As leader it proposes to only some of the others.",
        zh="担任领导者时，只向部分节点发送提议。",
    ),
    "body-withholder": TraitorKind(
        BodyWithholder,
        "扣留区块体者",
        en="It sends the bodies of blocks to only some of the others.",
        zh="只向部分节点发送区块体。",
    ),
    "certificate-withholder": TraitorKind(
        CertificateWithholder,
        "扣留证书者",
        en="It sends certificates and decision records to only some of the others.",
        zh="只向部分节点发送证书和决议记录。",
    ),
    "invalid-proposer": TraitorKind(
        InvalidProposer,
        "无效提议者",
        en="As leader it proposes blocks with a wrong signature, root, time, size or transaction.",
        zh="担任领导者时，提议签名、根、时间、大小或交易有误的区块。",
    ),
    "replayer": TraitorKind(
        Replayer,
        "重放者",
        en="It sends old messages again, its own and those of others.",
        zh="重复发送旧消息，既有自己的，也有别人的。",
    ),
    "amnesiac": TraitorKind(
        Amnesiac,
        "失忆者",
        en="It restarts without its store and votes again where it has voted before.",
        zh="丢失存储后重新启动，在已经投过票的地方再次投票。",
    ),
    "impersonator": TraitorKind(
        Impersonator,
        "冒名者",
        en="It makes up statements, certificates and transactions of others, with signatures of its own.",
        zh="冒充他人编造声明、证书和交易，却只能用自己的密钥签名。",
    ),
    "silent": TraitorKind(
        Silent,
        "沉默者",
        en="It hears everything and says nothing.",
        zh="什么都听，什么都不说。",
    ),
    "twin": TraitorKind(
        Twin,
        "双生者",
        en="Two nodes run with its one key; each speaks to one half of the others.",
        zh="两个节点使用同一把密钥，各自只与一半节点通信。",
    ),
}


def called(name: str, language: str) -> str:
    """A kind of traitor in a sentence: in Chinese with the name that chooses it."""
    return f"{TRAITORS[name].name_zh}（{name}）" if language == "zh" else name


def find_traitor(name: str) -> type[Traitor]:
    """The replica of a kind of traitor; raises OperatorError `unknown-traitor`."""
    if name not in TRAITORS:
        raise OperatorError("unknown-traitor", f"There is no traitor {name!r}: choose from {', '.join(TRAITORS)}.")
    return TRAITORS[name].replica
