"""`tallystick anomalies`: runs the matrix and shows it.

`python -m scenarios.workshop.anomalies.commands` writes the tables that stand beside this file, and in the readme.
"""

from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.console import Console
from rich.table import Table

from ledger.errors import OperatorError
from nodes.commands.command_parts import AsJson, Lang, show_json
from nodes.words import Language
from scenarios.workshop.anomalies.attacks import ATTACKS
from scenarios.workshop.anomalies.matrix import SYSTEMS, WORDS, Cell, matrix_json, matrix_markdown, matrix_page, run_matrix

FOLDER = Path(__file__).parent
STYLES = {
    "undetected": "red",
    "lost": "red",
    "detected-later": "yellow",
    "waits": "yellow",
    "refused": "green",
    "goes-on": "green",
}


def anomalies(
    language: Lang = "en",
    html: Annotated[Path | None, typer.Option("--html", help="Write the table with all details as one page.")] = None,
    as_json: AsJson = False,
) -> None:
    """Try nine attacks on a database, two chains and Tallystick. A table shows what each of them came to.

    Examples: tallystick anomalies · tallystick anomalies --lang zh --html anomalies.html
    """
    cells = run_matrix()
    if html is not None:
        try:
            html.write_text(matrix_page(cells, language), encoding="utf-8")
        except OSError as error:
            raise OperatorError("cannot-open", f"{html} cannot be written: {error.strerror}.") from error
    if as_json:
        show_json(matrix_json(cells))
        return
    table = Table(pad_edge=False)
    for title in (WORDS["matrix"]["attack"], *(WORDS["systems"][name] for name in SYSTEMS)):
        table.add_column(title.text(language), overflow="fold")
    for attack in ATTACKS:
        row = [_coloured(cell, language) for cell in cells if cell.attack == attack]
        table.add_row(WORDS["attacks"][attack].text(language), *row)
    console = Console(highlight=False)
    console.print(table)
    console.print(WORDS["matrix"]["about"].text(language))
    if html is not None:
        console.print(WORDS["matrix"]["written"].text(language, file=html.resolve()), soft_wrap=True)


def write_tables() -> None:
    """One file a language."""
    cells = run_matrix()
    for language in get_args(Language):
        (FOLDER / f"matrix_{language}.md").write_text(matrix_markdown(cells, language), encoding="utf-8")


def _coloured(cell: Cell, language: Language) -> str:
    text, style = cell.short(language), STYLES.get(cell.observed.outcome)
    return text if style is None else f"[{style}]{text}[/{style}]"


if __name__ == "__main__":
    write_tables()
