"""Commands that judge files without any node: exports, proofs, disclosures, and convictions of who contradicted himself."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.audit import AuditReport
from ledger.audit.audit import NO_CONTRACTS, audit_export
from ledger.audit.conviction import convict_exports
from ledger.audit.crossing import CROSSING_FORMAT, verify_crossing_file
from ledger.chain.view import EXPORT_FORMAT
from ledger.contract.contract import ContractSet
from ledger.disclosure import DISCLOSURE_FORMAT
from ledger.encoding import encode
from ledger.errors import InputError, OperatorError
from ledger.genesis import Genesis, parse_genesis
from ledger.primitives import Digest, is_digest
from ledger.verify.proof import FILE_WRAPPED
from ledger.verify.verdict import Pinned, Verdict
from nodes.client.saved_answer import JUDGES, verify_saved_answer
from nodes.commands.archive import open_export
from nodes.commands.command_group import SAID_NO, plain
from nodes.commands.command_parts import AsJson, show_json
from nodes.commands.tables import are_tables, audit_tables, installed_contracts, show_tables

EXPECTED = (
    f"Expected an export or an archive of one (its first line has the format {EXPORT_FORMAT}), a file of the format "
    f"{', '.join((*JUDGES, CROSSING_FORMAT))}, or an answer of a node as it came, with its `proof`."
)
"""What is said of a file that is none of these."""
LedgerId = Annotated[str | None, typer.Option("--ledger", help="Ledger id that the file must be of.")]


def verify(
    file: Annotated[
        Path,
        typer.Argument(help="An export, its archive or its tables, a proof or an answer with one, a conviction, a disclosure."),
    ],
    ledger: Annotated[
        list[str] | None, typer.Option("--ledger", help="Ledger id that the file must be of; two for a crossing.")
    ] = None,
    genesis: Annotated[
        list[Path] | None, typer.Option(help="File with the genesis to verify against; two for a crossing.")
    ] = None,
    block: Annotated[str | None, typer.Option(help="Id of a block that the file must be about.")] = None,
    contracts: Annotated[
        bool, typer.Option("--contracts", help="Run the installed contracts of an export again as well.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check an export, a proof or a saved answer without any node. Rule by rule; exit code 1 at the first broken one.

    Example: tallystick verify ledger.jsonl --ledger LEDGER_ID

    Of tables, in a folder or a DuckDB file, every cell is computed again: tallystick verify tables --ledger LEDGER_ID

    A crossing is of two ledgers: tallystick verify crossing.json --genesis FROM.json --genesis TO.json
    """
    pinned = _pinned(ledger or (), genesis or (), block)
    try:
        if are_tables(file):
            _verify_tables(file, _single(pinned), with_contracts=contracts, as_json=as_json)
            return
        judge = _judge_of(file)
        found = _audit(file, _single(pinned), contracts) if judge is None else judge(file.read_bytes(), pinned)
    except OSError as error:
        raise OperatorError("missing-file", f"{file} cannot be read: {error.strerror}.") from error
    is_none_of_ours = isinstance(found, AuditReport) and found.ledger is None
    if as_json:
        show_json(found.to_json() | ({"expected": EXPECTED} if is_none_of_ours else {}))
    else:
        _show_checks(found)
        _show_export(found) if isinstance(found, AuditReport) else _show_facts(found, pinned)
        typer.echo("Everything holds." if found.broken is None else plain(found.broken.message))
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
            conviction = convict_exports(one, other, _digest(ledger, "A ledger id"))
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


def _pinned(ledgers: Sequence[str], geneses: Sequence[Path], block: str | None) -> list[Pinned]:
    """What the options say the file must be of, once for each ledger that they name, at least once."""
    found = {genesis.ledger: genesis for genesis in map(_genesis, geneses)}
    asked = {known: None for ledger in ledgers if (known := _digest(ledger, "A ledger id"))}
    wanted = _digest(block, "A block id")
    pins = [Pinned(known if known in asked else None, found.get(known), wanted) for known in (asked | found)]
    return pins or [Pinned(block=wanted)]


def _genesis(file: Path) -> Genesis:
    try:
        return parse_genesis(file.read_bytes().removesuffix(b"\n"))
    except (OSError, InputError) as error:
        raise OperatorError("bad-genesis-file", f"{file} cannot be read as a genesis: {str(error).rstrip('.')}.") from error


def _single(pinned: Sequence[Pinned]) -> Pinned:
    if len(pinned) > 1:
        raise OperatorError("wrong-use", f"The options name {len(pinned)} ledgers, and this file is of one.")
    return pinned[0]


def _digest(text: str | None, what: str) -> Digest | None:
    if text is not None and not is_digest(text):
        raise OperatorError("wrong-use", f"{what} is 64 hexadecimal digits.")
    return None if text is None else Digest(text)


def _judge_of(file: Path) -> Callable[[bytes, Sequence[Pinned]], Verdict] | None:
    """Who verifies the file, by its first line; None for an export, an archive, and what is nothing of ours."""
    with file.open("rb") as source:
        line = source.readline()
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    if value.get("format") == CROSSING_FORMAT:
        return _judge_crossing
    judge = verify_saved_answer if "format" not in value and "proof" in value else JUDGES.get(str(value.get("format")))
    return None if judge is None else lambda data, pinned: judge(data, _single(pinned))


def _judge_crossing(data: bytes, pinned: Sequence[Pinned]) -> Verdict:
    return verify_crossing_file(data, _known(pinned), pinned[0].block)


def _known(pinned: Sequence[Pinned]) -> set[Digest]:
    """The ledgers that the options name."""
    return set(filter(None, map(_ledger_of, pinned)))


def _ledger_of(pinned: Pinned) -> Digest | None:
    return pinned.genesis.ledger if pinned.genesis else pinned.ledger


def _audit(file: Path, pinned: Pinned, with_contracts: bool) -> AuditReport:
    contracts = _installed(file) if with_contracts else NO_CONTRACTS
    with open_export(file) as lines:
        return audit_export(lines, _ledger_of(pinned), contracts, pinned.block)


def _verify_tables(path: Path, pinned: Pinned, *, with_contracts: bool, as_json: bool) -> None:
    report = audit_tables(path, _ledger_of(pinned), pinned.block, _installed(path) if with_contracts else None)
    if as_json:
        show_json(report.to_json())
    else:
        _show_checks(report.audit)
        _show_export(report.audit)
        show_tables(report)
        broken = report.audit.broken
        said = f"{len(report.findings)} finding{'s' * (len(report.findings) > 1)}." if broken is None else plain(broken.message)
        typer.echo("Everything holds." if report.holds else said)
    if not report.holds:
        raise typer.Exit(SAID_NO)


def _installed(file: Path) -> ContractSet:
    """The installed contracts of the genesis in that file; none if that is no genesis, which is the audit's to tell."""
    try:
        return installed_contracts(file)
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


def _show_facts(verdict: Verdict, pinned: Sequence[Pinned]) -> None:
    for fact in verdict.facts:
        typer.echo(json.dumps(fact, ensure_ascii=False))
    for ledger in sorted(_ledgers(verdict) - _known(pinned)):
        typer.echo(f"Verified against the genesis in the file, of ledger {ledger}: compare that with the id you know.")
    if verdict.format == CROSSING_FORMAT and verdict.facts:
        typer.echo("Which record the contract asked for stands in its code, which is not run here; absence may fit several keys.")
    if verdict.format == DISCLOSURE_FORMAT:
        typer.echo("A disclosure by itself does not show that its sealed digest stands on a ledger.")


def _ledgers(verdict: Verdict) -> set[Digest]:
    """Those that the file is of, so far as it could be read."""
    sides: Iterable[Any] = (fact["from"] for fact in verdict.facts if fact["kind"] == "crossing")
    return {side["ledger"] for side in sides} | ({verdict.ledger} if verdict.ledger else set())
