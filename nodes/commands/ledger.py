"""Commands that write to a ledger, read from it, take a copy, and verify the copy without any node."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from ledger.audit.audit import NO_CONTRACTS, audit_export
from ledger.audit.report import AuditReport
from ledger.chain.exported import parse_export_head
from ledger.contract.loader import ContractSet
from ledger.errors import InputError, JsonValue, OperatorError
from ledger.primitives import Digest, is_digest
from nodes.commands.archive import open_export, write_export
from nodes.commands.connection import NETWORK, AsJson, Directory, NodeName, Signers, connect, parse_json, submit_and_show
from nodes.commands.outcome import SAID_NO, show_json
from nodes.node_directory import load_installed

PATHS = {
    "block": "/v1/blocks/{}",
    "transaction": "/v1/transactions/{}",
    "contract": "/v1/contracts/{}",
    "member": "/v1/state/membership/members/{}",
    "organization": "/v1/state/membership/organizations/{}",
    "consensus": "/v1/consensus",
    "node": "/v1/node",
    "contracts": "/v1/contracts",
    "members": "/v1/members",
    "organizations": "/v1/organizations",
    "validators": "/v1/validators",
    "blocks": "/v1/blocks",
    "events": "/v1/events",
    "log": "/v1/log",
}
"""What can be shown, and where a node tells it."""
LISTS = ("blocks", "events", "log", "members")
"""Of these, the ones that come in pages."""
Proof = Annotated[bool, typer.Option("--proof", help="Ask for the proof, check it against the genesis, and show it.")]


def submit(
    contract: Annotated[str, typer.Argument(help="Name of the contract.")],
    operation: Annotated[str, typer.Argument(help="Name of the operation.")],
    signers: Signers,
    arguments: Annotated[str, typer.Argument(help="Arguments as a JSON object.")] = "{}",
    directory: Directory = NETWORK,
    node: NodeName = None,
    as_json: AsJson = False,
) -> None:
    """Sign a transaction, submit it and wait until it is final. Exit code 1 if the ledger rejects it.

    Example: tallystick submit asset issue '{"number":"A-1","to":"north.member1"}' --as north.member1
    """
    values = parse_json(arguments, "The arguments")
    if not isinstance(values, dict):
        raise OperatorError("bad-json", "The arguments are a JSON object.")
    submit_and_show(directory, node, signers, contract, operation, values, as_json=as_json)


def show(
    kind: Annotated[str, typer.Argument(help=f"One of {', '.join(PATHS)}.")],
    name: Annotated[str, typer.Argument(help="Height, id or name; `latest` is the newest block.")] = "",
    directory: Directory = NETWORK,
    node: NodeName = None,
    proof: Proof = False,
    limit: Annotated[int, typer.Option(help="Rows of a list.")] = 20,
    after: Annotated[str, typer.Option(help="Cursor that a list goes on from.")] = "",
) -> None:
    """Show a block, transaction, member, contract, or a list of them. Example: tallystick show block latest"""
    if kind not in PATHS:
        raise OperatorError("wrong-use", f"`show` knows {', '.join(PATHS)}; got {kind}.")
    path = PATHS[kind]
    if ("{}" in path) != bool(name):
        raise OperatorError("wrong-use", f"`show {kind}` takes {'a' if '{}' in path else 'no'} name after it.")
    query: dict[str, str | int | bool] = {"proof": True} if proof else {}
    if kind in LISTS:
        query.update(limit=limit, **({"after": after} if after else {}))
    _get_and_show(directory, node, path.format(name), query)


def query(
    contract: Annotated[str, typer.Argument(help="Name of the contract.")],
    collection: Annotated[str, typer.Argument(help="Name of the collection.")],
    key: Annotated[str, typer.Argument(help="Key of a record; without it the records are listed.")] = "",
    where: Annotated[list[str] | None, typer.Option(help="FIELD=VALUE that listed records have.")] = None,
    history: Annotated[bool, typer.Option("--history", help="All values the record has had.")] = False,
    limit: Annotated[int, typer.Option(help="Rows of a list.")] = 20,
    after: Annotated[str, typer.Option(help="Key that a list goes on from.")] = "",
    directory: Directory = NETWORK,
    node: NodeName = None,
    proof: Proof = False,
) -> None:
    """Read the state. Example: tallystick query asset assets A-1 --proof"""
    path = f"/v1/state/{contract}/{collection}"
    if key:
        _get_and_show(directory, node, f"{path}/{key}{'/history' if history else ''}", {"proof": True} if proof else {})
        return
    fields = dict(entry.partition("=")[::2] for entry in where or ())
    _get_and_show(directory, node, path, {**fields, "limit": limit, **({"after": after} if after else {})})


def export(
    file: Annotated[Path | None, typer.Argument(help="File to write, .zip for an archive; else the lines are printed.")] = None,
    directory: Directory = NETWORK,
    node: NodeName = None,
) -> None:
    """Copy the whole ledger as JSON Lines, or as an archive with a verifier in it. Example: tallystick export ledger.zip"""
    with connect(directory, node) as client:
        lines = client.export()
        if file is None:
            sys.stdout.buffer.writelines(line + b"\n" for line in lines)
            return
        write_export(file, lines)


def verify(
    file: Annotated[Path, typer.Argument(help="An export, or an archive of one.")],
    ledger: Annotated[str | None, typer.Option(help="Ledger id that the export must be of.")] = None,
    contracts: Annotated[bool, typer.Option("--contracts", help="Run the installed contracts again as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check an export without any node: certificates, receipts, writes, roots. Exit code 1 at the first broken rule."""
    try:
        with open_export(file) as lines:
            report = audit_export((line.rstrip(b"\n") for line in lines), _digest(ledger), _installed(file, contracts))
    except OSError as error:
        raise OperatorError("missing-file", f"{file} cannot be read: {error.strerror}.") from error
    if as_json:
        show_json(report.to_json())
    else:
        _show_report(report)
    if report.broken is not None:
        raise typer.Exit(SAID_NO)


def _digest(text: str | None) -> Digest | None:
    if text is not None and not is_digest(text):
        raise OperatorError("wrong-use", "A ledger id is 64 hexadecimal digits.")
    return None if text is None else Digest(text)


def _installed(file: Path, wanted: bool) -> ContractSet:
    """The contracts of the export's genesis, if they are to run again. A genesis that is none is the audit's to tell."""
    if not wanted:
        return NO_CONTRACTS
    try:
        with open_export(file) as lines:
            return load_installed(parse_export_head(next(lines, b"").rstrip(b"\n")))
    except InputError:
        return NO_CONTRACTS


def _show_report(report: AuditReport) -> None:
    broken = None if report.broken is None else report.broken.details["number"]
    for check in report.checks:
        verdict = "broken" if check.number == broken else f"held {check.held:>8}" if check.held else "–"
        typer.echo(f"{check.number:>3}  {check.name:<24} {verdict:<13}  {check.sentence}")
    if report.ledger is not None:
        counts = f"{report.height} blocks, {report.transactions} transactions, {report.executed_again} run again"
        typer.echo(f"Ledger {report.ledger}: {counts}.")
    for contract, count in report.not_executed_again.items():
        typer.echo(f"The logic of contract {contract} was not run again ({count} transactions); its receipts and writes hold.")
    typer.echo("Everything holds." if report.broken is None else report.broken.message)


def _get_and_show(directory: Path, node: str | None, path: str, query: dict[str, str | int | bool]) -> None:
    with connect(directory, node) as client:
        answer: JsonValue = client.get(path, **query)
        if query.get("proof") and isinstance(answer, dict):
            client.verify(answer["proof"])
    if sys.stdout.isatty():
        typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        show_json(answer)
