"""Commands that judge files without any node: exports, proofs, disclosures, and convictions of who contradicted himself."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from ledger.audit import AuditReport
from ledger.audit.audit import NO_CONTRACTS, audit_export
from ledger.audit.conviction import convict_exports
from ledger.audit.exported import parse_export_head
from ledger.chain.view import EXPORT_FORMAT
from ledger.contract.contract import ContractSet
from ledger.disclosure import DISCLOSURE_FORMAT
from ledger.encoding import encode
from ledger.errors import InputError, OperatorError
from ledger.genesis import parse_genesis
from ledger.primitives import Digest, is_digest
from ledger.verify.proof import FILE_WRAPPED
from ledger.verify.verdict import Pinned, Verdict
from nodes.client.saved_answer import JUDGES, verify_saved_answer
from nodes.commands.archive import open_export
from nodes.commands.command_group import SAID_NO
from nodes.commands.command_parts import AsJson, show_json
from nodes.node.node_directory import load_installed

EXPECTED = (
    f"Expected an export or an archive of one (its first line has the format {EXPORT_FORMAT}), a file of the format "
    f"{', '.join(JUDGES)}, or an answer of a node as it came, with its `proof`."
)
"""What is said of a file that is none of these."""
LedgerId = Annotated[str | None, typer.Option("--ledger", help="Ledger id that the file must be of.")]


def verify(
    file: Annotated[
        Path, typer.Argument(help="An export or its archive, a proof or an answer with one, a conviction, a disclosure.")
    ],
    ledger: LedgerId = None,
    genesis: Annotated[Path | None, typer.Option(help="File with the genesis to verify against.")] = None,
    block: Annotated[str | None, typer.Option(help="Id of a block that the file must be about.")] = None,
    contracts: Annotated[
        bool, typer.Option("--contracts", help="Run the installed contracts of an export again as well.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check an export, a proof or a saved answer without any node. Rule by rule; exit code 1 at the first broken one.

    Example: tallystick verify ledger.jsonl --ledger LEDGER_ID
    """
    pinned = _pinned(ledger, genesis, block)
    try:
        judge = _judge_of(file)
        found = _audit(file, pinned, contracts) if judge is None else judge(file.read_bytes(), pinned)
    except OSError as error:
        raise OperatorError("missing-file", f"{file} cannot be read: {error.strerror}.") from error
    is_none_of_ours = isinstance(found, AuditReport) and found.ledger is None
    if as_json:
        show_json(found.to_json() | ({"expected": EXPECTED} if is_none_of_ours else {}))
    else:
        _show_checks(found)
        _show_export(found) if isinstance(found, AuditReport) else _show_facts(found, pinned)
        typer.echo("Everything holds." if found.broken is None else found.broken.message)
        if is_none_of_ours:
            typer.echo(EXPECTED)
    if found.broken is not None:
        raise typer.Exit(SAID_NO)


def convict(
    first: Annotated[Path, typer.Argument(help="An export, or an archive of one.")],
    second: Annotated[Path, typer.Argument(help="Another export of the same ledger.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File for the conviction, to be handed on.")] = None,
    ledger: LedgerId = None,
    as_json: AsJson = False,
) -> None:
    """Find who signed both of two exports that contradict each other. Exit code 1 if they do not.

    Example: tallystick convict north.jsonl south.jsonl -o conviction.json
    """
    try:
        with open_export(first) as one, open_export(second) as other:
            conviction = convict_exports(_stripped(one), _stripped(other), _digest(ledger, "A ledger id"))
        if conviction is None:
            typer.echo("The two exports do not contradict each other: one goes on where the other ends.", err=True)
            raise typer.Exit(SAID_NO)
        if output is not None:
            output.write_bytes(encode(conviction.to_json(), wrapped=FILE_WRAPPED) + b"\n")
    except OSError as error:
        raise OperatorError("cannot-open", f"{error.filename} cannot be opened: {error.strerror}.") from error
    if as_json:
        show_json(conviction.to_json())
        return
    typer.echo(f"At height {conviction.height} two blocks were decided: {' and '.join(conviction.blocks)}.")
    typer.echo(f"Signed on both sides: {', '.join(conviction.members)}.")


def _pinned(ledger: str | None, genesis: Path | None, block: str | None) -> Pinned:
    """What the options say the file must be of."""
    try:
        found = None if genesis is None else parse_genesis(genesis.read_bytes().removesuffix(b"\n"))
    except (OSError, InputError) as error:
        raise OperatorError("bad-genesis-file", f"{genesis} cannot be read as a genesis: {str(error).rstrip('.')}.") from error
    asked = _digest(ledger, "A ledger id")
    if found is not None and asked not in (None, found.ledger):
        raise OperatorError("wrong-use", f"{genesis} is the genesis of ledger {found.ledger}, not of {asked}.")
    return Pinned(asked, found, _digest(block, "A block id"))


def _digest(text: str | None, what: str) -> Digest | None:
    if text is not None and not is_digest(text):
        raise OperatorError("wrong-use", f"{what} is 64 hexadecimal digits.")
    return None if text is None else Digest(text)


def _judge_of(file: Path) -> Callable[[bytes, Pinned], Verdict] | None:
    """Who verifies the file, by its first line; None for an export, an archive, and what is nothing of ours."""
    with file.open("rb") as source:
        line = source.readline()
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    if "format" not in value and "proof" in value:
        return verify_saved_answer
    return JUDGES.get(str(value.get("format")))


def _audit(file: Path, pinned: Pinned, with_contracts: bool) -> AuditReport:
    ledger = pinned.genesis.ledger if pinned.genesis else pinned.ledger
    contracts = _installed(file, with_contracts)
    with open_export(file) as lines:
        return audit_export(_stripped(lines), ledger, contracts, pinned.block)


def _stripped(lines: Iterable[bytes]) -> Iterator[bytes]:
    return (line.rstrip(b"\n") for line in lines)


def _installed(file: Path, wanted: bool) -> ContractSet:
    """The contracts of the export's genesis, if they are to run again. A genesis that is none is the audit's to tell."""
    if not wanted:
        return NO_CONTRACTS
    try:
        with open_export(file) as lines:
            return load_installed(parse_export_head(next(lines, b"").rstrip(b"\n")))
    except InputError:
        return NO_CONTRACTS


def _show_checks(found: AuditReport | Verdict) -> None:
    broken = None if found.broken is None else found.broken.details["number"]
    for check in found.checks:
        verdict = "broken" if check.number == broken else f"held {check.held:>8}" if check.held else "–"
        typer.echo(f"{check.number:>3}  {check.name:<24} {verdict:<13}  {check.sentence}")


def _show_export(report: AuditReport) -> None:
    if report.ledger is not None:
        counts = f"{report.height} blocks, {report.transactions} transactions, {report.executed_again} run again"
        typer.echo(f"Ledger {report.ledger}: {counts}.")
    for contract, count in report.not_executed_again.items():
        typer.echo(f"The logic of contract {contract} was not run again ({count} transactions); its receipts and writes hold.")


def _show_facts(verdict: Verdict, pinned: Pinned) -> None:
    for fact in verdict.facts:
        typer.echo(json.dumps(fact, ensure_ascii=False))
    if verdict.ledger is not None and pinned.ledger is None and pinned.genesis is None:
        typer.echo(f"Verified against the genesis in the file, of ledger {verdict.ledger}: compare that with the id you know.")
    if verdict.format == DISCLOSURE_FORMAT:
        typer.echo("A disclosure by itself does not show that its sealed digest stands on a ledger.")
