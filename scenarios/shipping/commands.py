"""`tallystick shipping import`: messages that others wrote, onto a running network."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.console import Console
from rich.text import Text

from ledger.contract.description import sentence
from ledger.contract.quantities import quantity
from ledger.contract.records import json_of
from ledger.contract.refusal import Phrase
from ledger.contract.words import words_of
from ledger.errors import ConflictError, TallystickError
from nodes.client import Client, LocalMember
from nodes.commands.command_group import command_group
from nodes.commands.command_parts import NETWORK, AsJson, Directory, Lang, NodeName, load_signers, show_json
from nodes.network.directory import client_of
from nodes.network.local import LocalNetwork
from scenarios.importing.faults import Fault, Faults, end_refused, fault_count, inert, show_faults
from scenarios.shipping.box.imported import updated_field
from scenarios.shipping.contract import Shipping
from scenarios.shipping.imported import WORDS, CheckDigits, Message, Note, read_messages
from scenarios.shipping.roles import CARRIER
from scenarios.story.story import Language

application = command_group("Shipping: messages in DCSA's shape onto the ledger.")
NOBODY = "nobody.carrier"
"""Stands for the carrier of a document while files are only checked."""
ENDED = WORDS["ended"]
KNOWN = "not-newer"


@application.callback()
def shipping() -> None:
    """Shipping: messages in DCSA's shape onto the ledger."""


@application.command("import")
def import_messages(
    files: Annotated[list[Path], typer.Argument(help="JSON files: events of Track & Trace 2.2 or 3.0, documents, chains.")],
    signers: Annotated[
        list[str] | None,
        typer.Option("--as", help="Member that may sign; repeat it: each message takes the first who may post it."),
    ] = None,
    check_digits: Annotated[
        CheckDigits, typer.Option(help="A wrong check digit is refused, or let pass and flagged.")
    ] = "strict",
    skip_wrong: Annotated[bool, typer.Option("--skip-wrong", help="Record what is sound and list the rest.")] = False,
    sets_clock: Annotated[
        bool, typer.Option("--set-clock", help="The clocks of a lab go on to the newest time in the files first.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check the files; no network is asked.")] = False,
    directory: Directory = NETWORK,
    node: NodeName = None,
    language: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Record events, transport documents and endorsement chains of others. Exit code 1 if anything was wrong or refused.

    A file holds one message, a list, or {"events": […]}. Everything wrong is named at once, by line, JSON path and reason, and
    nothing is submitted unless all is sound or --skip-wrong is given. Fields that are not recorded are named in notes.

    Examples:

    tallystick shipping import events.json --dry-run --check-digits warn

    tallystick shipping import events.json td.json --as canghai.ye --as haijiao.luo --dir tallystick-demo --set-clock
    """
    console, faults = Console(highlight=False), Faults()
    names = list(signers or [])
    if dry_run:
        messages, notes = read_messages(files, NOBODY, check_digits, faults)
        _end(console, language, notes, faults, {"sound": len(messages)}, as_json=as_json)
        return
    with client_of(directory, node) as client:
        roles = {name: _roles(client, name) for name in names}
        carrier = next((name for name in names if CARRIER in roles[name]), NOBODY)
        messages, notes = read_messages(files, carrier, check_digits, faults)
        signed = list(_signed(messages, roles))
        results = {"recorded": 0, "known": 0, "refused": 0}
        if not fault_count(faults) or skip_wrong:
            if sets_clock and messages:
                newest_ms = _set_clock(directory, messages)
                notes.append(Note(messages[0].look, Phrase(**ENDED["clock"].both(time=quantity("time_ms", newest_ms)))))
            members = dict(zip(names, load_signers(directory, names), strict=True))
            for message, name in signed:
                results[_submit(client, message, members[name], language, faults)] += 1
    _end(console, language, notes, faults, results, as_json=as_json)


def _set_clock(directory: Path, messages: Sequence[Message]) -> int:
    """A network of a story stands in 2026: events of today are told to one whose clocks show today, or later."""
    network, newest_ms = LocalNetwork(directory), max(message.told_at_ms for message in messages)
    for name in network.members:
        with suppress(ConflictError), network.client(node=name) as client:  # a clock that is further ahead stays
            client.set_clock(newest_ms + 1, network.lab_token)
    return newest_ms


def _roles(client: Client, name: str) -> Sequence[str]:
    found: dict[str, Any] = client.get(f"/v1/state/membership/members/{quote(name, safe='')}")
    roles: Sequence[str] = found["value"]["roles"]
    return roles


def _signed(messages: Iterable[Message], roles: dict[str, Sequence[str]]) -> Iterator[tuple[Message, str]]:
    """Each message with who signs it; a retraction is signed by the first."""
    for message in messages:
        able = [name for name in roles if not message.roles or any(role in roles[name] for role in message.roles)]
        if able:
            yield message, able[0]
        else:
            message.look.fault("", "no-signer", ", ".join(message.roles))


def _submit(client: Client, message: Message, member: LocalMember, language: Language, faults: list[Fault]) -> str:
    """`recorded`, `known` or `refused`; a refusal is named like a fault, with the rule's code as its reason."""
    arguments: Any = json_of(message.arguments)
    contract, operation = message.operation.contract, message.operation.name
    try:
        outcome = client.deliver(client.sign_named(contract, operation, arguments, [member]))
        code, details = outcome.code, outcome.details
    except TallystickError as error:
        code, details = error.code, error.details
        words = Phrase(error.message, error.message)
    else:
        if outcome.is_committed:
            return "recorded"
        words = Phrase(*(sentence(words_of(Shipping), code, details, language) for language in ("en", "zh")))
    if code == KNOWN:
        return "known"
    times = {"event_at_ms": "eventDateTime", "updated_at_ms": updated_field(message.look.value)}
    wrong = [field for name, field in times.items() if details.get("time_ms") == message.arguments.get("report", {}).get(name)]
    path = ".".join((message.look.path, *wrong[:1]))
    faults.append(Fault(message.look.file, message.look.line, path, code, "", words))
    return "refused"


def _end(
    console: Console, language: Language, notes: Sequence[Note], faults: Faults, results: dict[str, int], *, as_json: bool
) -> None:
    """Shows notes, faults and counts; exit code 1 if there are faults."""
    count = fault_count(faults)
    if as_json:
        shown = [{"file": n.look.file, "line": n.look.line, "path": n.look.path, "note": n.words.en} for n in notes]
        show_json(json_of({**results, "notes": shown, "faults": [fault.to_json() for fault in faults], "fault_count": count}))
    else:
        for note in notes:
            place = f"{inert(note.look.file)}:{note.look.line} {note.look.path}"
            console.print(Text(f"{place} {note.words.said(language)}", style="dim"))
        if faults:
            show_faults(console, faults, language, counted=ENDED["counted"])
        if "sound" in results:
            count_of = ENDED["one-sound" if results["sound"] == 1 else "sound"]
            console.print(Text(count_of.text(language, count=results["sound"])))
        else:
            wrong = count - results["refused"]
            console.print(Text(ENDED["done"].text(language, **results, wrong=wrong)))
    end_refused(count)
