"""`tallystick government looks`: every look at one subject's data that the contract records, as one list."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ledger.contract.calendar import date_text
from ledger.contract.records import json_of
from nodes.commands.command_group import SAID_NO, command_group
from nodes.commands.command_parts import NETWORK, AsJson, Directory, Lang, NodeName, show_json
from nodes.network.directory import client_of
from scenarios.government.contract import Government
from scenarios.government.exhibits import Words

application = command_group("Government services: who looked at whose data.")


@application.callback()
def government() -> None:
    """Government services: who looked at whose data."""


@application.command("looks")
def looks(
    subject: Annotated[str, typer.Argument(help="Organization of the company or citizen whose data they are.")],
    directory: Directory = NETWORK,
    node: NodeName = None,
    language: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """List every look at somebody's data: when, by whom, at what, for what, by which provision. Exit code 1 if one is missing.

    The rows are numbered without a gap, and a proof shows how many there are: a node can leave none out, the last ones neither.

    Example: tallystick government looks qingteng --dir tallystick-demo
    """
    with client_of(directory, node) as client:
        proved = client.read(Government.look_counts, subject, proof=True)
        found = client.records(Government.looks, subject=subject)
    count = max(len(found), proved.count if proved else 0)
    is_whole = [key for key, _ in found] == [f"{subject}:{number:06}" for number in range(1, count + 1)]
    words = Words("audit", language)
    if as_json:
        show_json({"subject": subject, "is_whole": is_whole, "looks": [json_of(look) for _, look in found]})
    else:
        table = Table(*words.names("header"), box=None, pad_edge=False)
        for _, look in found:
            seen = f"{words.term(look.item)}: {', '.join(map(words.term, look.fields))}"
            why = look.legal_basis or words.term(look.purpose)
            table.add_row(date_text(look.looked_at_ms), words.organization(look.by), seen, why, look.number)
        console = Console(highlight=False)
        console.print(table)
        console.print(words["whole" if is_whole else "gap"].format(count=len(found)))
    if not is_whole:
        raise typer.Exit(SAID_NO)
