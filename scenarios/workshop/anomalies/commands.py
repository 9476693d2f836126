"""`tallystick anomalies`: runs the matrix and shows it."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ledger.errors import OperatorError
from nodes.commands.command_parts import AsJson, show_json
from scenarios.language_option import Lang, parse_language
from scenarios.story.story import Words
from scenarios.workshop.anomalies.account import ABOUT, ATTACK, matrix_json, matrix_page, short
from scenarios.workshop.anomalies.attacks import ATTACKS
from scenarios.workshop.anomalies.matrix import SYSTEMS, run_matrix

STYLES = {
    "undetected": "red",
    "lost": "red",
    "detected-later": "yellow",
    "waits": "yellow",
    "refused": "green",
    "goes-on": "green",
}
WRITTEN = Words("Page: {file}", "页面：{file}")


def anomalies(
    language: Lang = "en",
    html: Annotated[Path | None, typer.Option("--html", help="Write the table with all details as one page.")] = None,
    as_json: AsJson = False,
) -> None:
    """Try nine attacks on a database, two kinds of chain and Tallystick, and show what each of them came to.

    Examples: tallystick anomalies · tallystick anomalies --lang zh --html anomalies.html
    """
    spoken = parse_language(language)
    cells = run_matrix()
    if html is not None:
        try:
            html.write_text(matrix_page(cells, spoken), encoding="utf-8")
        except OSError as error:
            raise OperatorError("cannot-open", f"{html} cannot be written: {error.strerror}.") from error
    if as_json:
        show_json(matrix_json(cells))
        return
    table = Table(pad_edge=False)
    table.add_column(ATTACK.said(spoken), overflow="fold")
    for title, _ in SYSTEMS.values():
        table.add_column(title.said(spoken), overflow="fold")
    for attack, (title, _) in ATTACKS.items():
        row = [cell for cell in cells if cell.attack == attack]
        table.add_row(title.said(spoken), *(_coloured(short(cell, spoken), cell.observed.outcome) for cell in row))
    console = Console(highlight=False)
    console.print(table)
    console.print(ABOUT.said(spoken))
    if html is not None:
        console.print(WRITTEN.said(spoken).format(file=html.resolve()), soft_wrap=True)


def _coloured(text: str, outcome: str) -> str:
    style = STYLES.get(outcome)
    return text if style is None else f"[{style}]{text}[/{style}]"
