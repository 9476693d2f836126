"""`tallystick lab report`: what a group did as one HTML file."""

from pathlib import Path
from typing import Annotated

import typer

from ledger.errors import OperatorError
from scenarios.language_option import Lang, parse_language
from scenarios.story.story import Words
from scenarios.workshop.group_report.made import make_report
from scenarios.workshop.group_report.page import BYTES_MAX
from scenarios.workshop.network import LABS

WRITTEN = Words(
    "Report of this group: {path} ({size:,} bytes). It opens in any browser, without a network.",
    "本组报告：{path}（{size:,} 字节）。可在任何浏览器中打开，无需网络。",
)
LEFT_OUT = Words("To keep it below {most:,} bytes, it leaves out: {what}.", "为使文件小于 {most:,} 字节，未收入：{what}。")


def report(
    directory: Annotated[Path, typer.Option("--dir", help="Directory of the lab's network.")] = LABS,
    output: Annotated[Path, typer.Option("-o", "--output", help="Where the file goes.")] = Path("group.html"),
    language: Lang = "en",
) -> None:
    """Write what this group did as one HTML file that replays without a network. Example: tallystick lab report -o group.html"""
    spoken = parse_language(language)
    text, left_out = make_report(directory)
    try:
        output.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OperatorError("cannot-write", f"{output} cannot be written: {error.strerror}.") from error
    typer.echo(WRITTEN.said(spoken).format(path=output.resolve(), size=len(text.encode())))
    if left_out:
        what = ", ".join(f"{count} {kind}" for kind, count in left_out.items())
        typer.echo(LEFT_OUT.said(spoken).format(most=BYTES_MAX, what=what))
