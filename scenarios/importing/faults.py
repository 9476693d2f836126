"""What is wrong with a file, row by row: place, reason, and the value with everything hidden in it spelled out."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ledger.errors import InputError, JsonValue
from scenarios.story.story import Words

SHOWN_MAX = 200
"""So many faults are kept with their place; the rest is counted."""
VALUE_CHARACTERS = 60
HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Unicode categories of what a reader does not see, or sees elsewhere than it stands."""

REASONS: Mapping[str, Words] = {
    # The file
    "no-file": Words("There is no such file.", "没有这个文件。"),
    "no-folder": Words("There is no such folder.", "没有这个文件夹。"),
    "unreadable": Words("It cannot be read as a file.", "无法读取该文件。"),
    "file-too-large": Words("A file has at most 32 MB.", "文件最大 32 MB。"),
    "empty-file": Words("The file is empty.", "文件为空。"),
    "no-rows": Words("The file has a header and no rows.", "文件只有表头，没有数据。"),
    "utf-16": Words("The file is in UTF-16; save it as UTF-8.", "文件为 UTF-16 编码，请另存为 UTF-8。"),
    "not-utf8": Words("Not UTF-8.", "不是 UTF-8 编码。"),
    "bad-quoting": Words("Quotation marks do not match.", "引号不匹配。"),
    "not-json": Words("Not JSON.", "不是 JSON。"),
    "too-deep": Words("Nested too deep.", "嵌套过深。"),
    "doubled-name": Words("A name stands twice in one object.", "同一对象中名称重复。"),
    # The header
    "missing-column": Words("The column is missing.", "缺少该列。"),
    "unknown-column": Words("There is no such column.", "没有这一列。"),
    "doubled-column": Words("The column stands twice.", "该列重复。"),
    "cell-count": Words("The row has more or fewer cells than the header.", "该行的单元格数与表头不符。"),
    # A value
    "empty": Words("Nothing stands here.", "不能为空。"),
    "too-long": Words("Too long.", "过长。"),
    "control-character": Words("Holds a control character.", "含有控制字符。"),
    "hidden-character": Words("Holds a character that cannot be seen.", "含有不可见字符。"),
    "formula-like": Words("Begins like a formula of a spreadsheet.", "以电子表格公式的符号开头。"),
    "not-trimmed": Words("Begins or ends with a space.", "首尾有空格。"),
    "not-a-number": Words("Not a number in plain digits.", "不是普通数字。"),
    "negative": Words("Below nothing.", "为负数。"),
    "too-many-decimals": Words("Too many decimals.", "小数位过多。"),
    "out-of-range": Words("Out of range.", "超出范围。"),
    "bad-date": Words("Not a date like 2026-04-03.", "不是 2026-04-03 这样的日期。"),
    "impossible-date": Words("There is no such day or time.", "没有这一天或这一时刻。"),
    "bad-instant": Words("Not an instant like 2026-04-03T09:00:00+08:00.", "不是 2026-04-03T09:00:00+08:00 这样的时刻。"),
    "no-time-zone": Words("An instant needs its offset, such as +08:00 or Z.", "时刻须带时区，如 +08:00 或 Z。"),
    "not-one-of": Words("Not one of the allowed words.", "不是允许的取值。"),
    "bad-form": Words("Not of the form that is asked for.", "格式不符。"),
    "bad-value": Words("Not a value that may stand here.", "此处不允许这个值。"),
    "missing": Words("It is missing.", "缺失。"),
    "unknown-field": Words("There is no such field.", "没有这个字段。"),
    # Rows together
    "doubled": Words("It stands in an earlier row already.", "在前面的行中已出现。"),
    "unknown-reference": Words("Nothing of that name is in these files.", "文件中没有这个名称。"),
}
"""Reason -> what it means. A trade adds its own with its own words."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. Line 0 stands for the whole file, an empty field for the whole row."""

    file: str
    line: int
    field: str
    reason: str
    """Stable code."""
    value: str
    """Inert."""
    words: Words

    def to_json(self) -> dict[str, JsonValue]:
        """Without the words, for programs."""
        return {"file": self.file, "line": self.line, "field": self.field, "reason": self.reason, "value": self.value}


class Faults(list[Fault]):
    """A list that keeps the first 200 and counts the rest: a file may have a million."""

    def __init__(self) -> None:
        super().__init__()
        self.total = 0

    def append(self, fault: Fault) -> None:
        """Counts it, and keeps it while there is room."""
        self.total += 1
        if len(self) < SHOWN_MAX:
            super().append(fault)


class InputFaults(InputError):  # noqa: N818  many faults, one error
    """Files of the user are wrong; code `bad-files`. Nothing was submitted."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults[:SHOWN_MAX])
        self.count = fault_count(faults)
        details: list[JsonValue] = [fault.to_json() for fault in self.faults]
        files = len({fault.file for fault in self.faults})
        message = f"{self.count} faults in {files} file(s); nothing was started. The first: {self._first()}"
        super().__init__("bad-files", message, faults=details, count=self.count)

    def _first(self) -> str:
        first = self.faults[0]
        return f"{first.file}:{first.line} {first.field} {first.reason} {first.value}".rstrip() + "."


def fault_count(faults: Sequence[Fault]) -> int:
    """How many there are, those not kept included."""
    return faults.total if isinstance(faults, Faults) else len(faults)


def raise_faults(faults: Sequence[Fault]) -> None:
    """Raises InputFaults with all of them, if there are any."""
    if fault_count(faults):  # check: import-faults
        raise InputFaults(faults)


def describe(file: str, line: int, field: str, reason: str, value: str = "", words: Mapping[str, Words] | None = None) -> Fault:
    """A fault with the words of its reason; `words` holds those of a trade's own reasons."""
    meaning = (words or {}).get(reason) or REASONS.get(reason) or REASONS["bad-value"]
    return Fault(file, line, inert(field), reason, inert(value), meaning)


def inert(text: str, limit: int = VALUE_CHARACTERS) -> str:
    r"""Text that shows what it holds and does nothing: hidden signs as `\u{202e}`, undecodable bytes as `\x{ff}`, cut with …."""
    shown = "".join(_shown(sign) for sign in text[: limit + 1])
    return shown if len(shown) <= limit and len(text) <= limit else shown[: limit - 1] + "…"


def is_hidden(sign: str) -> bool:
    """Whether a reader would not see this character where it stands."""
    return unicodedata.category(sign) in HIDDEN


def _shown(sign: str) -> str:
    code = ord(sign)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{{{code - 0xDC00:02x}}}"
    return f"\\u{{{code:04x}}}" if is_hidden(sign) else sign
