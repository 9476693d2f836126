"""Declared refusals and read rules: a stable name with a sentence in English and 中文. Only code and details are ever hashed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ledger.encoding import encode
from ledger.errors import JsonValue

CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
PLACE = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
"""Where a sentence has a detail."""


@dataclass(frozen=True, slots=True)
class ReadRule:
    """The sentence of a reason to read sealed values."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Refusal(ReadRule):
    """The sentence of a code. `{name}` stands for a detail; both languages name the same details."""

    @property
    def details(self) -> tuple[str, ...]:
        """Names of the details that the sentences need, sorted."""
        return tuple(sorted(set(PLACE.findall(self.en))))

    def plain(self, details: Mapping[str, JsonValue]) -> str:
        """The English sentence for developers, with numbers as they are; `ledger.contract.description` writes it for readers."""
        return PLACE.sub(lambda place: _plain(details.get(place[1], place[0])), self.en)


def _plain(value: JsonValue) -> str:
    """A table as JSON, in a list too: one that no receipt can hold fails by that, and the receipt names that failure."""
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return encode(value).decode() if isinstance(value, dict) else str(value)


COMMON_REFUSALS: Mapping[str, Refusal] = {
    "policy-not-satisfied": Refusal(en="Signed by {signed}; missing: {missing}.", zh="已签署：{signed}；缺少：{missing}。"),
    "not-found": Refusal(en="There is no {key} in {collection}.", zh="{collection} 中没有 {key}。"),
    "bad-key": Refusal(en="A key has 1 to 256 characters.", zh="键的长度为 1 到 256 个字符。"),
    "bad-arguments": Refusal(en="These arguments do not fit: {fields}.", zh="参数不符合要求：{fields}。"),
    "unknown-contract": Refusal(en="The ledger has no contract {contract}.", zh="账本上没有合约 {contract}。"),
    "unknown-operation": Refusal(
        en="Contract {contract} has no operation {operation}.", zh="合约 {contract} 没有操作 {operation}。"
    ),
    "not-a-member": Refusal(en="{member} is not a member.", zh="{member} 不是成员。"),
    "revoked": Refusal(en="{member} has been revoked.", zh="{member} 已被吊销。"),
    "value-too-large": Refusal(
        en="A value of {collection} has {bytes} bytes; {bytes_max} are allowed.",
        zh="{collection} 的一个值有 {bytes} 字节，上限为 {bytes_max}。",
    ),
    "too-many-writes": Refusal(
        en="The transaction writes {writes} keys; {writes_max} are allowed.", zh="该交易写入 {writes} 个键，上限为 {writes_max}。"
    ),
    "receipt-too-large": Refusal(
        en="Events or details of the transaction exceed {bytes_max} bytes.", zh="该交易的事件或说明超过 {bytes_max} 字节。"
    ),
    "contract-error": Refusal(en="The contract itself failed: {error}.", zh="合约自身出错：{error}。"),
}
"""What the framework itself refuses, in any contract."""


def verify_refusals(refusals: Mapping[str, Refusal]) -> None:
    """Raises TypeError for a declaration that a reader in one language could not understand."""
    for code, refusal in refusals.items():
        if not CODE.fullmatch(code):
            raise TypeError(f"A refusal's code is kebab-case, got {code!r}.")
        if code in COMMON_REFUSALS:
            raise TypeError(f"The framework itself refuses with {code!r}.")
        if set(PLACE.findall(refusal.en)) != set(PLACE.findall(refusal.zh)):
            raise TypeError(f"The two sentences of {code!r} name different details.")
        if PLACE.sub("", refusal.en + refusal.zh).count("{"):
            raise TypeError(f"A detail of {code!r} is not written as a plain {{name}}.")


def verify_read_rules(rules: Mapping[str, ReadRule]) -> None:
    """Raises TypeError for a name that is not kebab-case."""
    for name in rules:
        if not CODE.fullmatch(name):
            raise TypeError(f"A read rule's name is kebab-case, got {name!r}.")
