"""What the tampering view says, in both languages: the rules of the audit, and why a certificate can or cannot be made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ledger.audit.report import RULES
from ledger.errors import JsonValue
from ledger.identity.records import ValidatorSet
from nodes.app.error_codes import meanings

Words = dict[str, JsonValue]
"""`{"en": …, "zh": …}`."""

RULES_ZH: Mapping[str, str] = {
    "genesis": "第一行是创世文件，各部分互相吻合。",
    "ledger": "创世文件属于所要求的账本。",
    "certificates-of-members": "每个首批成员的证书都由其组织的根证书签发。",
    "line": "这一行是规范格式的区块。",
    "place": "区块接在前一区块之后：账本、高度、父区块吻合，时间更晚。",
    "validators": "区块为该高度的验证者而作，出自其中一位。",
    "record": "该高度的验证者以法定人数作出决议，决议记录完整。",
    "transactions": "信封恰好是区块头所列的那些。",
    "admission": "每笔交易都可被接纳：签名、成员、期限、限额均合规，且从不重复。",
    "execution": "重新执行交易，得到的正是此处的收据和写入。",
    "writes": "收据所指正是这些写入；合约只写自己的键；被拒绝的交易不写任何内容。",
    "receipts": "收据恰好是区块头所列的那些。",
    "state": "这些写入使先前的状态变成区块头所指的状态。",
    "history": "区块头所指的历史包含此前全部区块。",
    "next-validators": "区块头所指的下一高度验证者与状态一致。",
    "block": "导出文件含有所要求的区块。",
}
"""The sentences of `ledger/audit/report.RULES`."""


def rule_words(name: str) -> Words:
    """The sentence of a rule."""
    return {"en": RULES[name], "zh": RULES_ZH[name]}


def code_words(code: str) -> Words:
    """What a stable code means."""
    words = meanings().get(code, {})
    return {"en": words.get("en", code), "zh": words.get("zh", code)}


def place_words(height: int, line: int) -> Words:
    """Where a rule broke."""
    return {"en": f"in block {height}, line {line} of the export", "zh": f"在区块 {height}，即导出文件第 {line} 行"}


@dataclass(frozen=True, slots=True)
class Found:
    """What a forgery of a block came to, as far as the sentence about its certificate depends on it."""

    edited: frozenset[str]
    """Parts of the block that differ from the real one: `header`, `record`."""
    broken: str = ""
    """The rule that breaks first, if that is in this block."""
    is_convicted: bool = False
    """Whether the forger's validators were convicted."""


def certificate_words(height: int, validators: ValidatorSet, held: Sequence[str], was: str, now: str, found: Found) -> Words:
    """Why the certificate over the new id can be made, or not; `now` is empty where no block is left that has an id."""
    q, n, k, floor = validators.q, validators.n, len(held), validators.n - 2 * validators.f
    if not now:
        return {
            "en": "What stands there is no block any more: it has no id, so there is nothing to sign.",
            "zh": "这已不再是区块：它没有标识，也就没有可签署的内容。",
        }
    if height and not found.edited:
        return {
            "en": f"Nothing is changed: {q} of {n} validators signed Finals over the id of block {height}.",
            "zh": f"没有改动：{n} 位验证者中有 {q} 位对区块 {height} 的标识签署了 Final。",
        }
    if not height:
        return {
            "en": "The genesis has no certificate: its digest is the id of the ledger, which everybody has. Another digest is "
            "another ledger.",
            "zh": "创世没有证书：它的摘要就是人人都知道的账本标识。摘要不同，就是另一个账本。",
        }
    if now == was:
        return _same_id_words(height, found)
    if k >= q:
        return {
            "en": f"The certificate of block {height} needs {q} of {n} Finals over the new id; you hold {k} keys: enough. "
            f"But two quorums always share at least {floor} validators: those have signed the real block too, and "
            f"{'are convicted' if found.is_convicted else 'would be convicted by a forgery that is whole otherwise'}.",
            "zh": f"区块 {height} 的证书需要 {n} 位验证者中 {q} 位对新标识的 Final；您掌握 {k} 把密钥，足够。"
            f"但任何两个法定人数至少共有 {floor} 位验证者：他们也签署过真实区块"
            f"{'，因此被定罪' if found.is_convicted else '；若伪造在其他方面都完整，他们就会被定罪'}。",
        }
    missing = q - k
    return {
        "en": f"The certificate of block {height} needs {q} of {n} Finals over the new id; you hold {k} "
        f"{'key' if k == 1 else 'keys'}; {missing} {'is' if missing == 1 else 'are'} missing.",
        "zh": f"区块 {height} 的证书需要 {n} 位验证者中 {q} 位对新标识的 Final；您掌握 {k} 把密钥；还缺 {missing} 把。",
    }


def _same_id_words(height: int, found: Found) -> Words:
    """The header is as it was."""
    if "record" not in found.edited:
        if found.broken == "line":
            return {
                "en": f"The id of block {height} is still the same, so its old certificate fits it; but the whole line is no "
                "block any more, and rule `line` breaks.",
                "zh": f"区块 {height} 的标识没有变，原证书仍然吻合；但整行已不再是区块，这里违反了规则 `line`。",
            }
        return {
            "en": f"The id of block {height} is still the same, so its old certificate fits it: what was edited stands outside "
            "the header, and the roots in the header give it away.",
            "zh": f"区块 {height} 的标识没有变，原证书仍然吻合：改动的内容在区块头之外，而区块头中的根会揭穿它。",
        }
    if found.edited > {"record"}:
        return {
            "en": f"The id of block {height} is still the same: what was edited stands outside the header. The decision record, "
            "where the certificate stands, is edited too, and no root covers it: its signatures are checked one by one. The "
            "roots in the header give the rest away.",
            "zh": f"区块 {height} 的标识没有变：改动的内容在区块头之外。证书所在的决议记录也被改动，没有任何根涵盖它，"
            "其签名会被逐一检查；其余改动由区块头中的根揭穿。",
        }
    breaks = f"rule `{found.broken}` breaks" if found.broken else "this one is as good, so no rule breaks"
    breaks_zh = f"这里违反了规则 `{found.broken}`" if found.broken else "这一份同样有效，没有违反任何规则"
    return {
        "en": f"The id of block {height} is still the same, for what was edited is the decision record, where the certificate "
        f"itself stands. It is outside the header and no root covers it; it is checked by its own signatures, and {breaks}.",
        "zh": f"区块 {height} 的标识没有变，因为改动的是决议记录，证书本身就在其中。它在区块头之外，没有任何根涵盖它；"
        f"检查它靠的是其中的签名，{breaks_zh}。",
    }


def conviction_words(validators: ValidatorSet, convicted: Sequence[str], height: int) -> Words:
    """What the comparison with the real chain shows."""
    names, floor = ", ".join(convicted), validators.n - 2 * validators.f
    return {
        "en": f"The forged chain verifies by itself. Laid beside the real chain it convicts {names}: each signed two different "
        f"blocks of height {height}, or Skip and Final, which no honest key does. At least {floor} are always found.",
        "zh": f"伪造的链单独看能通过验证。与真实的链对照，{'、'.join(convicted)} 被定罪：各自在高度 {height} 签署了两个不同的区块"
        f"（或既签 Skip 又签 Final），诚实的密钥绝不会这样做。总能查出至少 {floor} 位。",
    }


def light_client_words(height: int) -> Words:
    """What a client says that has seen the real head."""
    return {
        "en": f"A light client that has seen the real block {height} asks whether it belongs to this history, and refuses it.",
        "zh": f"见过真实区块 {height} 的轻客户端会询问它是否属于这段历史，并拒绝这条链。",
    }
