"""What each parameter and header means, and the form of its values; by name, or by `METHOD path name` where it differs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DIGEST = {"pattern": "^[0-9a-f]{64}$"}
HEIGHT = {"minimum": 0, "maximum": 10**15 - 1}
FROM_ZERO = {"minimum": 0}
HEIGHT_TEXT = {"pattern": "^[0-9]{1,15}$"}
PLACE = {"pattern": r"^([0-9]{1,15}\.[0-9]{1,15})?$"}
CURSOR = {"pattern": r"^([0-9]{1,15}\.[0-9]{1,15}\.[0-9]{1,15})?$"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """Its meaning in both languages, and what its JSON Schema says besides the type."""

    en: str
    zh: str
    schema: Mapping[str, Any] = field(default_factory=dict)


PARAMETERS: Mapping[str, Parameter] = {
    "after": Parameter("`next` of the answer before; left out for the first page.", "上一应答的 `next`；首页省略。"),
    "GET /v1/blocks after": Parameter("Only blocks above this height.", "只要此高度之上的区块。", HEIGHT),
    "GET /v1/transactions after": Parameter(
        "`next` of the answer before: height.position.", "上一应答的 `next`：高度.位置。", PLACE
    ),
    "GET /v1/events after": Parameter(
        "`next` of the answer before: height.position.index.", "上一应答的 `next`：高度.位置.序号。",
        CURSOR,
    ),
    "GET /v1/events/stream after": Parameter(
        "A cursor of an event; `Last-Event-ID` goes before it.", "事件的游标；`Last-Event-ID` 优先。",
        CURSOR,
    ),
    "GET /v1/log after": Parameter("Only records above this sequence number.", "只要此序号之上的记录。", HEIGHT_TEXT),
    "GET /v1/log/stream after": Parameter(
        "Only records above this sequence number; `Last-Event-ID` goes before it.",
        "只要此序号之上的记录；`Last-Event-ID` 优先。",
        HEIGHT_TEXT,
    ),
    "after_height": Parameter("Only blocks above this height.", "只要此高度之上的区块。", FROM_ZERO),
    "after_time": Parameter("Only blocks of a time above this one, in milliseconds.", "只要时间晚于此的区块，毫秒。", FROM_ZERO),
    "at": Parameter("The height that the page is of; the newest if left out.", "该页所属的高度；省略时为最新。", HEIGHT),
    "GET /v1/reads after": Parameter("Only rows above this sequence number.", "只要此序号之上的行。", HEIGHT_TEXT),
    "before": Parameter("Only entries below this height.", "只要此高度之下的条目。", HEIGHT),
    "before_height": Parameter("Only blocks below this height.", "只要此高度之下的区块。", FROM_ZERO),
    "before_time": Parameter("Only blocks of a time below this one, in milliseconds.", "只要时间早于此的区块，毫秒。", FROM_ZERO),
    "block": Parameter(
        "Height, block id, or `latest`.", "高度、区块标识或 `latest`。", {"pattern": "^([0-9]{1,15}|[0-9a-f]{64}|latest)$"}
    ),
    "collection": Parameter("A collection of the contract.", "合约的集合。"),
    "contract": Parameter("Name of a contract.", "合约名称。"),
    "code": Parameter("Code of the receipt: `ok`, or that of a refusal.", "收据的代码：`ok` 或拒绝代码。"),
    "digest": Parameter("The sealed digest, which is the document's address.", "密封摘要，即文档的地址。", DIGEST),
    "field": Parameter("Only this field, as a disclosure.", "只要该字段，作为披露。"),
    "from": Parameter("The earlier height.", "较早的高度。", HEIGHT_TEXT),
    "height": Parameter("The height; the next one if left out.", "高度；省略时为下一高度。", HEIGHT),
    "key": Parameter("Key of a record.", "记录的键。", {"minLength": 1, "maxLength": 256}),
    "limit": Parameter(
        "Rows of the page at most; the node's settings say how many it gives at most and by default (500 and 50 unless set).",
        "一页最多的行数；上限和默认值由节点设置（未设置时为 500 和 50）。", {"minimum": 1, "maximum": 500},
    ),
    "name": Parameter("Name of a contract.", "合约名称。"),
    "operation": Parameter("Name of an operation.", "操作名称。"),
    "GET /v1/events name": Parameter("Name of the event.", "事件名称。"),
    "GET /v1/events/stream name": Parameter("Name of the event.", "事件名称。"),
    "organization": Parameter("Organization of one that signed.", "某签署者的组织。"),
    "outcome": Parameter("`committed` or `rejected`.", "`committed` 或 `rejected`。"),
    "GET /v1/transactions order": Parameter("`-height` for the newest first.", "`-height` 则新的在前。"),
    "order": Parameter("A field to order by; `-FIELD` for the greatest first.", "排序字段；`-FIELD` 由大到小。"),
    "proof": Parameter(
        "Add the proof that leads from the answer to the genesis. Saved as it came, the answer is verified by "
        "`tallystick verify FILE --genesis GENESIS`.",
        "附上从应答通向创世的证明。应答原样存成文件后，可用 `tallystick verify FILE --genesis GENESIS` 验证。",
    ),
    "signer": Parameter("Member id of one that signed.", "某签署者的成员标识。"),
    "to": Parameter("The later height.", "较晚的高度。", HEIGHT_TEXT),
    "transaction": Parameter("Id of a transaction.", "交易标识。", DIGEST),
    "trust_from": Parameter(
        "The proof holds only the validator changes above this height, which the caller knows.",
        "证明只含此高度之上的验证者变更，调用者已知此前的。",
    ),
    "wait": Parameter(
        "Answer once it is final, after so many seconds at the latest (60 at most unless set).",
        "定局后应答，最迟在这么多秒之后（未设置时上限为 60）。", {"minimum": 0, "maximum": 60},
    ),
}  # fmt: skip

HEADERS: Mapping[str, Parameter] = {
    "accept-language": Parameter("Language of sentences: `en` or `zh`.", "语句的语言：`en` 或 `zh`。"),
    "if-none-match": Parameter("The ETag of an earlier answer: 304 if nothing changed.", "先前应答的 ETag：没有变化则为 304。"),
    "last-event-id": Parameter(
        "Where a stream goes on, as browsers send it by themselves.", "事件流从何处继续，浏览器会自动发送。"
    ),
}

ANSWER_HEADERS: Mapping[str, Parameter] = {
    "ETag": Parameter("Weak: the same as long as the answer is the same.", "弱标记：应答不变则不变。"),
    "Retry-After": Parameter("Seconds after which to come back.", "多少秒后再来。"),
    "WWW-Authenticate": Parameter("Which token is missing or why it does not hold.", "缺少哪种令牌，或为何无效。"),
}
