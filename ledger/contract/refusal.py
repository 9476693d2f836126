"""Refusals and read rules: a stable name, a sentence in English, and in 中文 if given. Only code and details are ever hashed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
PLACE = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
"""Where a sentence has a detail."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One sentence in both languages. `{name}` stands for a value."""

    en: str
    zh: str

    def said(self, language: Literal["en", "zh"]) -> str:
        """The sentence in one language as it stands."""
        return self.zh if language == "zh" else self.en

    def text(self, language: Literal["en", "zh"], **values: object) -> str:
        """The same with the values in their places; raises KeyError for a place without a value."""
        return PLACE.sub(lambda place: str(values[place[1]]), self.said(language))

    def both(self, **values: object) -> dict[str, str]:
        """The sentence as JSON carries it."""
        return {"en": self.text("en", **values), "zh": self.text("zh", **values)}


@dataclass(frozen=True, slots=True)
class DeclaredPhrase(Phrase):
    """What an author declares: where the Chinese sentence is left out, the English one is shown."""

    zh: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "zh", self.zh or self.en)


class ReadRule(DeclaredPhrase):
    """The sentence of a reason to read sealed values."""


@dataclass(frozen=True, slots=True)
class Refusal(DeclaredPhrase):
    """The sentence of a code; both languages name the same details."""

    source: str = ""
    """Where its rule comes from: an entry of `[sources]` in the contract's `words.toml`; empty where a class declares it."""

    @property
    def details(self) -> tuple[str, ...]:
        """Names of the details that the sentences need, sorted."""
        return tuple(sorted(set(PLACE.findall(self.en))))


COMMON_REFUSALS: Mapping[str, Refusal] = {
    "policy-not-satisfied": Refusal(en="Signed by {signed}; missing: {missing}.", zh="已签署：{signed}；缺少：{missing}。"),
    "not-found": Refusal(en="There is no {key} in {collection}.", zh="{collection} 中没有 {key}。"),
    "wrong-lists": Refusal(
        en="What the ledger says {contract} reads and shows is not what its source does.",
        zh="账本所载 {contract} 的读取与字段清单与其源代码不符。",
    ),
    "unreadable-record": Refusal(en="{key} in {collection} is not as expected.", zh="{collection} 中的 {key} 与预期格式不符。"),
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


def verify_declared(refusals: Mapping[str, Refusal], read_rules: Mapping[str, ReadRule]) -> None:
    """Raises TypeError for a name that is not kebab-case, and a refusal that a reader of one language could not understand."""
    for name in (*refusals, *read_rules):
        if not CODE.fullmatch(name):
            raise TypeError(f"The code of a refusal and the name of a read rule are kebab-case, got {name!r}.")
    for code, refusal in refusals.items():
        if code in COMMON_REFUSALS:
            raise TypeError(f"The framework itself refuses with {code!r}.")
        if set(PLACE.findall(refusal.en)) != set(PLACE.findall(refusal.zh)):
            raise TypeError(f"The two sentences of {code!r} name different details.")
        if PLACE.sub("", refusal.en + refusal.zh).count("{"):
            raise TypeError(f"A detail of {code!r} is not written as a plain {{name}}.")
