"""Shows faults in a terminal: a line each, then how many there are. Nothing of the files is taken for markup."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scenarios.importing.faults import Fault, fault_count
from scenarios.story.story import Language, Words

HEADINGS = (Words("where", "位置"), Words("field", "字段"), Words("reason", "原因"), Words("value", "值"))
COUNT = Words("{count} fault{s}; nothing was started.", "共 {count} 处错误；未启动任何操作。")
MORE = Words("The first {shown} are shown.", "以上为前 {shown} 处。")


def show_faults(
    console: Console, faults: Sequence[Fault], language: Language, count: int | None = None, counted: Words = COUNT
) -> None:
    """`count` is how many there are where only the first are given; `counted` says so. The caller ends with exit code 1."""
    table = Table(box=None, pad_edge=False)
    for heading in HEADINGS:
        table.add_column(heading.said(language), overflow="fold")
    for fault in faults:
        where = f"{fault.file}:{fault.line}" if fault.line else fault.file
        reason = f"{fault.words.said(language)} [{fault.reason}]"
        table.add_row(*(Text(cell) for cell in (where, fault.field, reason, fault.value)))
    console.print(table)
    whole = fault_count(faults) if count is None else count
    shown = f" {MORE.said(language).format(shown=len(faults))}" if whole > len(faults) else ""
    console.print(Text(counted.said(language).format(count=f"{whole:,}", s="" if whole == 1 else "s") + shown, style="bold red"))
