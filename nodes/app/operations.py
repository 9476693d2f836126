"""What people and programs must know of each operation, as data: summary, answers, and the exact codes of its problems.

The description stands at the route, as its docstring; `zh_text` says the same in Chinese. Codes that follow from the kind
of a parameter or from who may call are added by `nodes.app.openapi`. A test demands a row for every route.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from nodes.app import access_schemas, node_schemas, schemas
from nodes.app.documents import DocumentBody

JSON, EVENT_STREAM, JSON_LINES, PLAIN = "application/json", "text/event-stream", "application/jsonl", "text/plain"
Kind = type[BaseModel] | type[str]
"""A model, or text. Of a stream the model is that of one event."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    en: str
    zh: str
    """The summary, a few words."""
    zh_text: str
    """The description in Chinese."""
    answers: Mapping[int, tuple[Kind, ...]]
    """By status one of these; nothing where there is no body."""
    errors: tuple[str, ...] = ()
    """`STATUS CODE CODE …`."""
    body: tuple[type[BaseModel], ...] = ()
    """What the request body may be; a list of the first as well where there is `is_list`."""
    is_list: bool = False
    media: str = JSON
    """Type of the answers."""
    headers: tuple[str, ...] = ()
    """Names of the request headers that it heeds, besides those of every operation."""

    def codes(self) -> dict[int, tuple[str, ...]]:
        """The declared codes by status."""
        return {int(status): tuple(codes) for status, *codes in map(str.split, self.errors)}


TAGS: Mapping[str, tuple[str, str, str]] = {
    "transactions": ("Send transactions and ask what became of them.", "交易", "发送交易，查询结果。"),
    "blocks": ("Blocks, proofs of one history, and the export.", "区块", "区块、同一历史的证明、导出。"),
    "state": ("Values, their histories, and pages of them.", "状态", "值、历史和分页。"),
    "documents": ("Private documents, for those whom a contract entitles.", "文档", "合约授权者的私密文档。"),
    "access": ("Who may see what.", "权限", "谁能看到什么。"),
    "who is who": ("Organizations, members, validators and contracts.", "身份", "组织、成员、验证者和合约。"),
    "streams": ("Contract events and the node's log.", "事件流", "合约事件和节点日志。"),
    "node": ("How this node is.", "节点", "本节点的状况。"),
    "lab": ("What only a lab network allows, with its token.", "实验", "仅实验网络凭其令牌允许。"),
}
"""By name: what its operations are about; name and words in Chinese."""

JSON_CODES = "not-json not-an-object not-canonical float integer-out-of-range too-deep"
ENVELOPE_CODES = (
    f"{JSON_CODES} envelope-fields body-fields bad-ledger bad-contract bad-operation bad-arguments bad-signers duplicate-signer "
    "bad-nonce bad-expires bad-signatures signature-count"
)
ADMISSION_CODES = (
    "wrong-ledger expired lifetime-too-long not-enrolled revoked certificate-expired certificate-not-yet-valid wrong-signature "
    "unknown-contract unknown-operation bad-arguments nothing-taken"
)

OPERATIONS: Mapping[str, Operation] = {
    "POST /v1/transactions": Operation(
        "Send transactions", "发送交易",
        "接收已签名的交易。202：已接收并传播；200：早已知晓，或在 `wait` 秒内定局。\n\n"
        "每位签署人签署文本 `tallystick/transaction`、一个零字节和交易体的规范字节（/docs#signing）。\n\n"
        "列表的应答 `results` 保持其次序，每项为交易状态或问题；不承诺执行次序。列表中一笔都未被接收时，整体为一个问题。",
        dict.fromkeys((200, 202), (schemas.TransactionStatus, schemas.TransactionResults)),
        (
            f"400 {ENVELOPE_CODES}",
            "413 request-too-large transaction-too-large too-many-transactions",
            f"422 {ADMISSION_CODES}",
            "429 too-many-pending",
        ),
        body=(schemas.Envelope,), is_list=True, headers=("accept-language",),
    ),
    "GET /v1/transactions/{transaction}": Operation(
        "What became of a transaction", "交易结果",
        "本节点对一笔交易所知：`unknown`、`pending`、`committed` 或 `rejected`，以及收据和位置。"
        "`time` 是节点最新的区块时间：在 `expires` 或之后仍为 `unknown`、且签署于 `complete_from` 或之后的交易肯定没有发生；"
        "自 `complete_from` 起本节点知晓每笔交易。",
        {200: (schemas.TransactionStatus,), 304: ()}, ("400 bad-id",), headers=("accept-language", "if-none-match"),
    ),
    "GET /v1/transactions": Operation(
        "Transactions by who, what and when", "按何人、何事、何时查询交易",
        "账本中的交易及其结果，按次序，`order=-height` 时新的在前。\n\n"
        "各参数缩小范围：某签署者、某签署者的组织、合约、操作、结果、代码、"
        "以毫秒计的区块时间和高度，均在 `after_` 之上、`before_` 之下。\n\n"
        "`next` 是下一页的 `after`。符合的区块少时一页可能只有几行或没有。到末尾时 `next` 即所问的 `after`；"
        "按高度的次序时，有新区块后可由此继续。",
        {200: (schemas.TransactionPage,)}, ("400 bad-cursor", "410 pruned", "422 bad-range"),
    ),
    "GET /v1/blocks": Operation(
        "Headers of blocks", "区块头", "高度 `after` 之上各区块的头，时间限于所给范围；`next` 是下一页的 `after`。",
        {200: (schemas.BlockPage,)}, ("400 bad-height", "410 pruned", "422 bad-range"),
    ),
    "GET /v1/blocks/{block}": Operation(
        "One block", "一个区块",
        "按高度、标识或 `latest` 取区块：头、交易、收据和决定记录。区块 0 是创世。不再保存交易时以 `pruned` 代之。",
        {200: (schemas.Block, schemas.GenesisBlock), 304: ()}, ("400 bad-height", "404 no-such-block", "410 pruned"),
        headers=("if-none-match",),
    ),
    "GET /v1/proofs/consistency": Operation(
        "Two blocks are of one history", "两个区块属于同一历史",
        "证明高度 `from` 的区块及其之前的一切属于高度 `to` 的区块的历史。",
        {200: (schemas.ConsistencyProof,)}, ("400 bad-height", "404 no-such-block", "410 pruned"),
    ),
    "GET /v1/export": Operation(
        "The whole ledger", "整个账本", "以 JSON Lines 给出整个账本：先是创世，然后一行一个区块；`tallystick verify` 可读。",
        {200: (str,)}, ("410 pruned",), media=JSON_LINES,
    ),
    "GET /v1/state/{contract}/{collection}/{key}": Operation(
        "One value", "一个值", "键的值。没有时为问题 `not-found`，如有要求则附不存在的证明。弱 ETag 是状态根。",
        {200: (schemas.StateValue,), 304: ()}, ("404 not-found", "422 bad-key"), headers=("if-none-match",),
    ),
    "GET /v1/state/{contract}/{collection}/{key}/history": Operation(
        "History of a value", "值的历史",
        "键先后的内容，新的在前，限于时间在 `after_time` 之上、`before_time` 之下的区块，毫秒。\n\n"
        "`next` 是下一页的 `before`，末尾为 null；限时间的一页可能少于 `limit` 行。"
        "证明说明各值写在其处，不说明其间没有别的写入。",
        {200: (schemas.History,)}, ("400 bad-height bad-cursor", "404 no-such-block", "410 pruned", "422 bad-key bad-range"),
    ),
    "GET /v1/state/{contract}/{collection}": Operation(
        "Records by fields and order", "按字段和次序查询记录",
        "按键的次序给出记录，或按字段：`order=FIELD`，由大到小为 `order=-FIELD`。\n\n"
        "其他参数都是条件：`FIELD=VALUE`，或 `FIELD.lt=`、`.le=`、`.gt=`、`.ge=`、`.ne=`、`.eq=`，列表用 `.has=`；"
        "字段内的字段用点连接。每行满足全部条件。例如 `?state=active&amount_cents.ge=100000&order=-amount_cents`。\n\n"
        "`next` 是下一页的 `after`，末尾为 null；须同时给出其他全部参数。每一页都属于首页的高度，或所给的 `at`。"
        "按键的次序时，条件排除很多的一页可能少于 `limit` 行；按其他次序时，集合过大则拒绝（`query-too-costly`）。"
        "带证明的页属于最新高度；证明说明每行在状态中，不说明没有遗漏。",
        {200: (schemas.StatePage,), 304: ()},
        (
            "400 bad-cursor bad-height", "404 no-such-collection no-such-block", "409 no-proof-of-the-past", "410 pruned",
            "422 unknown-field unknown-operator bad-field-value too-many-conditions query-too-costly",
        ),
        headers=("if-none-match",),
    ),
    "GET /v1/access/{contract}/{collection}/{key}": Operation(
        "Who sees what of a record", "谁能看到记录的什么",
        "谁看到该记录的 `value`、`digest`（账本上的样子）或 `nothing`，依据哪条规则。"
        "这里说的是密封的内容：曾经密封、后来公开的值在账本上是公开的，`digest` 也看得到。"
        "按成员标识的次序，数量以 `limit` 为限（`next` 是下一页的 `after`）；"
        "按组织给出其成员所见之最多者；以及非成员所见。语句随 Accept-Language。",
        {200: (access_schemas.Access,)}, ("404 not-found no-such-collection", "422 bad-key"), headers=("accept-language",),
    ),
    "PUT /v1/documents/{digest}": Operation(
        "Hand in a private document", "存入私密文档",
        "若本节点所属组织有成员可读，则在此保存文档，并通过 TLS 传给其他有权组织的节点。存入者自己也须有权，"
        "且开封值须得出该记录某密封字段的摘要。重复存入同一文档不是错误。",
        {200: (access_schemas.DocumentKept,)},
        (
            f"400 bad-id bad-document bad-opening bad-salt {JSON_CODES}", "403 not-entitled not-kept-here", "404 no-such-record",
            "409 not-sealed-there document-purged", "413 request-too-large document-too-large document-share-full documents-full",
            "422 wrong-opening bad-key",
        ),
        body=(DocumentBody,),
    ),
    "GET /v1/documents/{digest}": Operation(
        "Read a private document", "读取私密文档",
        "开封值；带 `field` 时只披露该字段，可再出示给他人。`proof` 附上含密封摘要的记录在账本上的证明。"
        "本节点没有的文档先向其他节点索取。",
        {200: (access_schemas.DocumentShown,)},
        ("400 bad-id", "403 not-entitled", "404 no-such-document document-purged no-such-field"),
    ),
    "DELETE /v1/documents/{digest}": Operation(
        "Purge a private document", "清除私密文档",
        "本节点所属组织的管理员在此清除文档：内容不再存在，摘要保留，本节点不再接收它。其他组织保存的归他们自己。",
        {200: (access_schemas.DocumentPurged,)}, ("400 bad-id", "403 not-the-admin", "404 no-such-document document-purged"),
    ),
    "GET /v1/reads": Operation(
        "Who read which document", "谁读了哪份文档",
        "供本节点所属组织的审计员：谁在此读取、存入、传出或清除了哪份文档，何时，哪些字段，依据哪条规则；从不含值。"
        "`next` 是下一页的 `after`。",
        {200: (access_schemas.ReadPage,)}, ("400 bad-height", "403 not-an-auditor"),
    ),
    "GET /v1/organizations": Operation(
        "Organizations", "组织", "各组织及其根证书，按名称。", {200: (node_schemas.OrganizationPage,)},
    ),
    "GET /v1/members": Operation(
        "Members", "成员", "各成员及其密钥、角色和有效期，含已吊销者，按标识。", {200: (node_schemas.MemberPage,)},
    ),
    "GET /v1/validators": Operation(
        "Validators of a height", "某高度的验证者",
        "谁对某高度的区块投票，未给出时为下一高度；f 个可出错，q 个成法定数。",
        {200: (node_schemas.Validators,)}, ("400 bad-height", "404 no-such-block"),
    ),
    "GET /v1/contracts": Operation(
        "Contracts", "合约", "此处安装或账本批准的每个合约，含操作、策略和 JSON Schema。", {200: (node_schemas.ContractList,)},
    ),
    "GET /v1/contracts/{name}": Operation(
        "One contract", "一个合约", "一个合约的操作、策略、集合、拒绝代码和阅读规则。",
        {200: (node_schemas.ContractDescription,)}, ("404 unknown-contract",),
    ),
    "GET /v1/events": Operation(
        "Contract events", "合约事件", "游标之后已写入账本的区块的合约事件；`next` 是下一页的 `after`。",
        {200: (node_schemas.EventPage,)}, ("400 bad-cursor", "410 pruned", "422 bad-range"),
    ),
    "GET /v1/events/stream": Operation(
        "Contract events as they come", "实时合约事件",
        "以 server-sent events 给出同样的内容，此后每个新事件写入账本即到。`id` 是游标：带 `Last-Event-ID` 重连不会漏掉。",
        {200: (node_schemas.StreamedEvent,)}, ("400 bad-cursor", "410 pruned", "422 bad-range", "503 too-many-streams"),
        media=EVENT_STREAM, headers=("last-event-id",),
    ),
    "GET /v1/log": Operation(
        "This node's log", "节点日志", "某序号之后的本节点日志；`next` 是下一页的 `after`。",
        {200: (node_schemas.LogPage,)}, ("400 bad-height",),
    ),
    "GET /v1/log/stream": Operation(
        "This node's log as it comes", "实时节点日志", "以 server-sent events 给出同样的内容，此后每条新记录。`id` 是序号。",
        {200: (node_schemas.StreamedRecord,)}, ("400 bad-height", "503 too-many-streams"),
        media=EVENT_STREAM, headers=("last-event-id",),
    ),
    "GET /v1/node": Operation(
        "Who this node is", "本节点", "本节点是谁、到哪里了。`clock` 是现在新区块会有的时间：客户端由此计算 `expires`。",
        {200: (node_schemas.NodeStatus,)},
    ),
    "GET /v1/consensus": Operation(
        "Why it waits", "为何等待", "高度、视图、谁声明了什么、哪个证书还缺什么：说明为何等待。",
        {200: (node_schemas.Consensus,)},
    ),
    "GET /healthz": Operation("Whether the process answers", "进程是否应答", "进程是否应答。", {200: (node_schemas.Health,)}),
    "GET /readyz": Operation(
        "Whether the node serves its purpose", "节点是否正常服务", "节点是否正常服务；503 说明为何不能。",
        {200: (node_schemas.Readiness,)}, ("503 not-ready",),
    ),
    "GET /metrics": Operation(
        "Figures for Prometheus", "Prometheus 指标", "以 Prometheus 文本格式给出本节点的各项数字。", {200: (str,)}, media=PLAIN,
    ),
    "POST /v1/lab/clock": Operation(
        "Set the lab's clock", "设置实验时钟", "把本节点的时钟设到某一时刻，只能向前：`{\"time\": 毫秒}`。",
        {200: (node_schemas.LabClock,)},
        (
            f"400 bad-time {JSON_CODES}", "403 wrong-token", "404 not-a-lab", "409 clock-backward clock-fixed",
            "413 request-too-large",
        ),
        body=(node_schemas.LabClock,),
    ),
    "POST /v1/lab/reset": Operation(
        "Take the lab back", "重置实验网络",
        "把整个实验网络带回创世：此后每个节点都在运行，没有叛徒，所有链路正常。节点自己做不到，因此转给实验的控制程序，"
        "它以一项任务应答；本节点其间停止不到一秒。`GET /v1/lab/control/jobs/NUMBER` 说明任务的结果。",
        {202: (node_schemas.LabJob,)},
        ("403 wrong-token", "404 not-a-lab", "409 lab-frozen", "413 request-too-large", "503 no-control"),
    ),
    "GET /v1/lab/faults": Operation(
        "Faults of the links", "链路故障", "本节点链路上现在的故障。",
        {200: (node_schemas.LabFaults,)}, ("403 wrong-token", "404 not-a-lab"),
    ),
    "POST /v1/lab/faults": Operation(
        "Let links fail", "制造链路故障",
        "让本节点与其他节点之间的批次丢失或迟到。`peer` 是成员标识，`*` 指全部；`direction` 为 `to`、`from` 或 `both`。"
        "省略者为 `both` 和 0：单独的 `{\"drop_permille\":1000,\"peer\":\"*\"}` 即隔离本节点。"
        "该列表取代现有的一切故障，空列表即结束故障；重启亦然。",
        {200: (node_schemas.LabFaults,)},
        (
            f"400 bad-faults {JSON_CODES}", "403 wrong-token", "404 not-a-lab", "413 request-too-large", "422 unknown-peer",
        ),
        body=(node_schemas.LabFaults,),
    ),
}  # fmt: skip
"""By `METHOD path`."""
