"""`tallystick shipping import`: messages that others wrote, onto a running network."""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.console import Console
from rich.text import Text

from ledger.contract.description import sentence
from ledger.contract.records import json_of
from ledger.contract.refusal import Phrase
from ledger.contract.words import words_of
from ledger.errors import TallystickError
from nodes.client import Client, LocalMember
from nodes.commands import show_json
from nodes.commands.command_parts import NETWORK, SAID_NO, AsJson, Directory, Lang, NodeName, command_group, load_signers
from nodes.network.directory import client_of
from scenarios.importing.faults import Fault, Faults, fault_count, inert, show_faults
from scenarios.shipping.contract import Shipping
from scenarios.shipping.imported import REASONS, Message, Note, read_messages
from scenarios.shipping.roles import CARRIER
from scenarios.story.story import Language

application = command_group("Shipping: messages in DCSA's shape onto the ledger.")
NOBODY = "nobody.carrier"
"""Stands for the carrier of a document while files are only checked."""
DONE = Phrase("{recorded} recorded, {known} known already, {refused} refused by the ledger, {wrong} wrong in the files.",
             "已记录 {recorded} 条，已存在 {known} 条，账本拒绝 {refused} 条，文件有误 {wrong} 处。")  # fmt: skip
SOUND = Phrase("{count} {messages} sound; nothing was submitted.", "有效消息 {count} 条；未提交任何内容。")
COUNTED = Phrase("Faults and refusals: {count}.", "共 {count} 处错误或拒绝。")
KNOWN = "not-newer"


class CheckDigits(StrEnum):
    """What a wrong check digit is."""

    strict = "strict"
    warn = "warn"


@application.callback()
def shipping() -> None:
    """Shipping: messages in DCSA's shape onto the ledger."""


@application.command("import")
def import_messages(
    files: Annotated[list[Path], typer.Argument(help="JSON files: events of Track & Trace 2.2 or 3.0, transport documents 3.0.")],
    signers: Annotated[
        list[str] | None,
        typer.Option("--as", help="Member that may sign; repeat it: each message takes the first who may post it."),
    ] = None,
    check_digits: Annotated[CheckDigits, typer.Option(help="A wrong check digit is refused, or let pass and flagged.")] = (
        CheckDigits.strict
    ),
    skip_wrong: Annotated[bool, typer.Option("--skip-wrong", help="Record what is sound and list the rest.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check the files; no network is asked.")] = False,
    directory: Directory = NETWORK,
    node: NodeName = None,
    language: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Record events and transport documents that somebody else wrote. Exit code 1 if anything was wrong or refused.

    A file holds one message, a list, or {"events": […]}. Everything wrong is named at once, by line, JSON path and reason, and
    nothing is submitted unless all is sound or --skip-wrong is given. Fields that are not recorded are named in notes.

    Examples:

    tallystick shipping import events.json --dry-run --check-digits warn

    tallystick shipping import events.json td.json --as canghai.ye --as haijiao.luo --dir tallystick-demo
    """
    console, faults = Console(highlight=False), Faults()
    names = list(signers or [])
    if dry_run:
        messages, notes = read_messages(files, NOBODY, check_digits.value, faults)
        _end(console, language, notes, faults, {"sound": len(messages)}, as_json=as_json)
        return
    with client_of(directory, node) as client:
        roles = {name: _roles(client, name) for name in names}
        carrier = next((name for name in names if CARRIER in roles[name]), NOBODY)
        messages, notes = read_messages(files, carrier, check_digits.value, faults)
        signed = list(_signed(messages, roles, faults))
        results = {"recorded": 0, "known": 0, "refused": 0}
        if not fault_count(faults) or skip_wrong:
            members = dict(zip(names, load_signers(directory, names), strict=True))
            for message, name in signed:
                results[_submit(client, message, members[name], language, faults)] += 1
    _end(console, language, notes, faults, results, as_json=as_json)


def _roles(client: Client, name: str) -> Sequence[str]:
    found: dict[str, Any] = client.get(f"/v1/state/membership/members/{quote(name, safe='')}")
    roles: Sequence[str] = found["value"]["roles"]
    return roles


def _signed(messages: Iterable[Message], roles: dict[str, Sequence[str]], faults: list[Fault]) -> Iterator[tuple[Message, str]]:
    """Each message with who signs it; a retraction is signed by the first."""
    for message in messages:
        able = [name for name in roles if not message.roles or any(role in roles[name] for role in message.roles)]
        if able:
            yield message, able[0]
        else:
            value = ", ".join(message.roles)
            faults.append(Fault(message.file, message.line, message.path, "no-signer", inert(value), REASONS["no-signer"]))


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
        words = Phrase(*(sentence(words_of(Shipping).refusals, code, details, language) for language in ("en", "zh")))
    if code == KNOWN:
        return "known"
    faults.append(Fault(message.file, message.line, message.path, code, "", words))
    return "refused"


def _end(
    console: Console, language: Language, notes: Sequence[Note], faults: Faults, results: dict[str, int], *, as_json: bool
) -> None:
    """Shows notes, faults and counts; exit code 1 if there are faults."""
    count = fault_count(faults)
    if as_json:
        shown = [{"file": note.file, "line": note.line, "path": note.path, "note": note.words.en} for note in notes]
        show_json(json_of({**results, "notes": shown, "faults": [fault.to_json() for fault in faults], "fault_count": count}))
    else:
        for note in notes:
            console.print(Text(f"{inert(note.file)}:{note.line} {note.path} {note.words.said(language)}", style="dim"))
        if faults:
            show_faults(console, faults, language, counted=COUNTED)
        if "sound" in results:
            messages = "message is" if results["sound"] == 1 else "messages are"
            console.print(Text(SOUND.text(language, count=results["sound"], messages=messages)))
        else:
            wrong = count - results["refused"]
            console.print(Text(DONE.text(language, **results, wrong=wrong)))
    if count:
        raise typer.Exit(SAID_NO)
