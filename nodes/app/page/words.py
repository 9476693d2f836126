"""The words of `/docs` around the document itself, in both languages."""

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "title": {"en": "HTTP interface of a node", "zh": "节点的 HTTP 接口"},
    "intro": {
        "en": "One node of a ledger. Answers are canonical JSON; errors are problem details (RFC 9457) with a stable `code`. "
        "Lists page by cursor: give `next` of one answer as `after` of the next request. `?proof=true` adds the proof that "
        "leads from the answer to the genesis.",
        "zh": "账本的一个节点。应答是规范 JSON；错误是带稳定 `code` 的问题详情（RFC 9457）。列表以游标分页：把上一应答的 `next` "
        "作为下一请求的 `after`。`?proof=true` 附上从应答通向创世的证明。",
    },
    "signing": {"en": "What is signed", "zh": "签署内容"},
    "vector": {"en": "Test vector", "zh": "测试向量"},
    "document": {"en": "The same for programs:", "zh": "供程序使用："},
    "find": {"en": "Find", "zh": "查找"},
    "contents": {"en": "Contents", "zh": "目录"},
    "parameters": {"en": "Parameters", "zh": "参数"},
    "name": {"en": "Name", "zh": "名称"},
    "in": {"en": "In", "zh": "位置"},
    "type": {"en": "Type", "zh": "类型"},
    "meaning": {"en": "Meaning", "zh": "含义"},
    "required": {"en": "required", "zh": "必需"},
    "body": {"en": "Request body", "zh": "请求正文"},
    "answers": {"en": "Answers", "zh": "应答"},
    "problems": {"en": "Problems", "zh": "问题"},
    "status": {"en": "Status", "zh": "状态码"},
    "code": {"en": "Code", "zh": "代码"},
    "example": {"en": "Example", "zh": "示例"},
    "token": {"en": "Token", "zh": "令牌"},
    "try": {"en": "Try", "zh": "试用"},
    "send": {"en": "Send", "zh": "发送"},
    "schemas": {"en": "Schemas", "zh": "模式"},
    "more": {"en": "and other members", "zh": "以及其他成员"},
    "or": {"en": "or", "zh": "或"},
    "list": {"en": "list of", "zh": "列表："},
    "any": {"en": "any value", "zh": "任意值"},
    "codes": {"en": "All codes", "zh": "全部代码"},
    "codes_intro": {
        "en": "The code of a problem, of a refusal in a receipt, of a check that fails, and of a command. What a contract "
        "refuses stands in the contract: `GET /v1/contracts`.",
        "zh": "问题的代码、收据中拒绝的代码、检查失败的代码和命令的代码。合约自身的拒绝写在合约里：`GET /v1/contracts`。",
    },
    "request": {"en": "Requests", "zh": "请求"},
    "connection": {"en": "Before any operation", "zh": "任何操作之前"},
    "between_nodes": {"en": "Between nodes", "zh": "节点之间"},
    "rejected": {"en": "Receipts of any contract", "zh": "任何合约的收据"},
    "verification": {"en": "Verification", "zh": "验证"},
    "client": {"en": "Client", "zh": "客户端"},
    "machine": {"en": "Commands and files", "zh": "命令与文件"},
    "memberToken": {
        "en": "A member's token, on networks whose reads are for members: `tallystick token`.",
        "zh": "成员令牌，用于仅成员可读的网络：`tallystick token`。",
    },
    "labToken": {"en": "The lab's token, from `lab.token`.", "zh": "实验令牌，见 `lab.token`。"},
    "open": {"en": "Needs no token.", "zh": "不需要令牌。"},
}
