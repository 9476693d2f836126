"""Commands that write to a ledger, read from it, and take a copy of it."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from ledger.encoding import decode
from ledger.errors import NotFoundError, OperatorError
from ledger.genesis import parse_genesis
from ledger.identity.records import MEMBERS, MEMBERSHIP, ORGANIZATIONS
from ledger.verify.proof import FILE_WRAPPED
from ledger.verify.proof_file import encode_proof_file, verify_proof_file
from ledger.verify.verdict import Pinned
from nodes.client import proofs
from nodes.client.crossing import crossing_file
from nodes.client.proofs import Trust
from nodes.commands.archive import write_export
from nodes.commands.command_parts import (
    NETWORK,
    AsJson,
    Directory,
    NodeName,
    SignersOption,
    parse_json,
    show_json,
    submit_and_show,
)
from nodes.commands.tables import descriptions, installed_contracts, lines_of, write_tables
from nodes.network.directory import client_of
from nodes.node.files import GENESIS_FILE

ListQuery = dict[str, str | int | bool]
NodeAnswer: TypeAlias = "dict[str, Any] | NotFoundError"
Judge = Callable[..., object]
"""Compares an answer with its proof and with what was asked: trust, answer, and what is named beside it."""


def _of_membership(collection: str) -> Judge:
    return lambda trust, answer, name: proofs.verify_state_answer(trust, answer, MEMBERSHIP, collection, name)


KINDS: dict[str, tuple[str, Judge | None]] = {
    "block": ("/v1/blocks/{}", proofs.verify_block_answer),
    "transaction": ("/v1/transactions/{}", proofs.verify_transaction_answer),
    "contract": ("/v1/contracts/{}", proofs.verify_contract_answer),
    "member": ("/v1/state/membership/members/{}", _of_membership(MEMBERS)),
    "organization": ("/v1/state/membership/organizations/{}", _of_membership(ORGANIZATIONS)),
    "consensus": ("/v1/consensus", None),
    "node": ("/v1/node", None),
    "contracts": ("/v1/contracts", proofs.verify_contracts_answer),
    "members": ("/v1/members", proofs.verify_members_answer),
    "organizations": ("/v1/organizations", proofs.verify_organizations_answer),
    "validators": ("/v1/validators", proofs.verify_validators_answer),
    "blocks": ("/v1/blocks", None),
    "transactions": ("/v1/transactions", None),
    "events": ("/v1/events", None),
    "log": ("/v1/log", None),
}
"""What can be shown: its path, and what judges its proof if it has one."""
LISTS = ("blocks", "transactions", "events", "log", "members")
"""Of these, the ones that come in pages."""
COUNTED = ("transactions", "events")
"""Of these, the ones that are counted, as records are."""
CountOption = Annotated[bool, typer.Option("--count", help="Only how many rows the list has in all, whatever its limit.")]
ByOption = Annotated[str, typer.Option(help="Field whose values are counted one by one: implies --count.")]
ProofOption = Annotated[bool, typer.Option("--proof", help="Ask for the proof, check it against the genesis, and show it.")]
OrderOption = Annotated[str, typer.Option(help="What a list goes by; with - before it the greatest comes first.")]
AfterOption = Annotated[str, typer.Option(help="`next` of the list before; give all other options again with it.")]
OutputOption = Annotated[
    Path | None, typer.Option("-o", "--output", help="File for the proof, to be handed on: implies --proof.")
]


def submit(
    contract: Annotated[str, typer.Argument(help="Name of the contract.")],
    operation: Annotated[str, typer.Argument(help="Name of the operation.")],
    signers: SignersOption,
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
    kind: Annotated[str, typer.Argument(help=f"One of {', '.join(KINDS)}.")],
    name: Annotated[str, typer.Argument(help="Height, id or name; `latest` is the newest block.")] = "",
    directory: Directory = NETWORK,
    node: NodeName = None,
    proof: ProofOption = False,
    limit: Annotated[int, typer.Option(help="Rows of a list.")] = 20,
    after: AfterOption = "",
    where: Annotated[list[str] | None, typer.Option(help="NAME=VALUE that narrows a list, as the HTTP call takes it.")] = None,
    order: OrderOption = "",
    count: CountOption = False,
    by: ByOption = "",
    output: OutputOption = None,
    as_json: AsJson = False,
) -> None:
    """Show a block, transaction, member, contract, or a list of them. Example: tallystick show block latest

    Transactions are narrowed by signer, organization, contract, operation, outcome, code; events by contract, name; both and
    blocks by after_time and before_time in milliseconds. Example, the newest refusals of one organization:

    tallystick show transactions --where organization=north --where outcome=rejected --order=-height

    Both are counted with --count; with --by by signer, organization, contract, operation, outcome, code or day, and events by
    contract, name or day. Example, what is refused and how often: tallystick show transactions --by code
    """
    if kind not in KINDS:
        raise OperatorError("wrong-use", f"`show` knows {', '.join(KINDS)}; got {kind}.")
    path, judge = KINDS[kind]
    if ("{}" in path) != bool(name):
        raise OperatorError("wrong-use", f"`show {kind}` takes {'a' if '{}' in path else 'no'} name after it.")
    is_proved = proof or output is not None
    if is_proved and judge is None:
        proved = (kind for kind, (_, judge) in KINDS.items() if judge is not None)
        raise OperatorError("wrong-use", f"There is a proof of {', '.join(proved)}; not of {kind}.")
    query: ListQuery = {"proof": True} if is_proved else {}
    if count or by:
        if kind not in COUNTED or is_proved or after or order:
            raise OperatorError("wrong-use", f"--count goes with `show {'`, `show '.join(COUNTED)}` and --where.")
        _show_count(directory, node, kind, by, _list_query(where), as_json=as_json)
        return
    if kind in LISTS:
        query |= _list_query(where, limit=limit, after=after, order=order)
    elif where or after or order:
        raise OperatorError("wrong-use", f"--where, --after and --order go with a list: {', '.join(LISTS)}.")
    answer = _get(directory, node, path.format(name), query)
    if is_proved and judge is not None:
        _verify(directory, answer, judge, [name] if name else [], output)
    _show(answer, as_json=as_json, written=output)


def query(
    contract: Annotated[str, typer.Argument(help="Name of the contract.")],
    collection: Annotated[str, typer.Argument(help="Name of the collection.")],
    key: Annotated[str, typer.Argument(help="Key of a record; without it the records are listed.")] = "",
    where: Annotated[
        list[str] | None, typer.Option(help="FIELD=VALUE, or FIELD.OPERATOR=VALUE with eq, ne, lt, le, gt, ge, has.")
    ] = None,
    order: OrderOption = "",
    at: Annotated[int | None, typer.Option(help="The height whose state is listed; the newest by default.")] = None,
    history: Annotated[bool, typer.Option("--history", help="All values the record has had.")] = False,
    limit: Annotated[int, typer.Option(help="Rows of a list.")] = 20,
    after: AfterOption = "",
    count: CountOption = False,
    by: ByOption = "",
    directory: Directory = NETWORK,
    node: NodeName = None,
    proof: ProofOption = False,
    output: OutputOption = None,
    disclosure: Annotated[list[Path] | None, typer.Option(help="File with a disclosure of the record, to go with -o.")] = None,
    as_json: AsJson = False,
) -> None:
    """Read the state. Example: tallystick query asset assets A-1 --proof

    Without a key the records that meet all conditions are listed. A field inside a field is named with a dot, a list is asked
    with has, and an absent value is null. Examples:

    tallystick query asset assets --where holder=north.member1 --where version.ge=2 --order=-version --limit 5

    tallystick query membership members --where roles.has=validator --where revoked_at_ms=null --json

    tallystick query membership members --by roles
    """
    if disclosure and output is None:
        raise OperatorError("wrong-use", "A disclosure goes with the proof of its record into a file: give -o FILE.")
    path, is_proved = f"/v1/state/{contract}/{collection}", proof or output is not None
    if count or by:
        if key or history or is_proved or after or order:
            raise OperatorError("wrong-use", "--count goes with the list of a collection, --where and --at.")
        _show_count(directory, node, path.removeprefix("/v1/"), by, _list_query(where, at=at), as_json=as_json)
        return
    asked: list[Any] = [contract, collection]
    query: ListQuery = {"proof": True} if is_proved else {}
    judge: Judge = proofs.verify_rows_answer
    if key:
        path, asked = f"{path}/{key}{'/history' if history else ''}", [*asked, key]
        judge = proofs.verify_history_answer if history else proofs.verify_state_answer
    else:
        query |= _list_query(where, limit=limit, after=after, order=order, at=at)
        asked.append(query)
    answer = _get(directory, node, path, query)
    if is_proved:
        _verify(directory, answer, judge, asked, output, disclosure or ())
    _show(answer, as_json=as_json, written=output)


def export(
    file: Annotated[Path | None, typer.Argument(help="File to write, .zip for an archive; else the lines are printed.")] = None,
    parquet: Annotated[Path | None, typer.Option(help="Folder to write with tables as Parquet files.")] = None,
    duckdb: Annotated[Path | None, typer.Option(help="DuckDB database to write with tables and views.")] = None,
    source: Annotated[Path | None, typer.Option("--from", help="Export, archive or tables to copy instead.")] = None,
    directory: Directory = NETWORK,
    node: NodeName = None,
) -> None:
    """Copy the whole ledger into a file, on request with a verifier. Example: tallystick export ledger.zip

    For analysts as typed tables, with a view for each record type (extra `analysis`):

    tallystick export --parquet tables

    tallystick export --duckdb ledger.duckdb --from ledger.jsonl

    Tables hold the whole ledger, and give it back: tallystick export ledger.jsonl --from tables
    """
    if sum(target is not None for target in (file, parquet, duckdb)) > 1:
        raise OperatorError("wrong-use", "An export goes into one place: FILE, --parquet FOLDER or --duckdb FILE.")
    tables = parquet or duckdb
    with ExitStack() as opened:
        if source is None:
            client = opened.enter_context(client_of(directory, node))
            lines, described = client.export(), client.get("/v1/contracts").get("contracts", ()) if tables else []
        else:
            described = descriptions(installed_contracts(source)) if tables else []
            lines = opened.enter_context(lines_of(source))
        if tables is not None:
            write_tables(tables, lines, described, is_folder=parquet is not None)
        elif file is None:
            sys.stdout.buffer.writelines(line + b"\n" for line in lines)
        else:
            write_export(file, lines)


def crossing(
    transaction: Annotated[str, typer.Argument(help="Id of a transaction that relied on a record of another ledger.")],
    contract: Annotated[str, typer.Argument(help="Name of the contract over there.")],
    collection: Annotated[str, typer.Argument(help="Name of its collection, crossing_….")],
    key: Annotated[str, typer.Argument(help="Key of the record, or of none.")],
    source: Annotated[Path, typer.Option("--from", help="Directory of the network of the other ledger.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="File to write, to be handed on.")],
    directory: Directory = NETWORK,
    node: NodeName = None,
) -> None:
    """Show in a file that a transaction relied on another ledger. `verify` checks it from both geneses, without any node.

    Example: tallystick crossing ID shipping crossing_locks DEAL --from shipping --dir finance -o crossing.json
    """
    with client_of(directory, node) as client, client_of(source) as other:
        geneses = [parse_genesis((place / GENESIS_FILE).read_bytes()) for place in (source, directory)]
        data = crossing_file((other, geneses[0]), (client, geneses[1]), transaction, (contract, collection, key))
    try:
        output.write_bytes(data)
    except OSError as error:
        raise OperatorError("cannot-write", f"{output} cannot be written: {error.strerror}.") from error
    how = f"tallystick verify {output} --genesis {source / GENESIS_FILE} --genesis {directory / GENESIS_FILE}"
    typer.echo(f"Written to {output}; `{how}` checks it without a node.", err=True)


def _list_query(where: Sequence[str] | None, **given: str | int | None) -> ListQuery:
    """The query of a list: conditions, and of the other options those that were given."""
    pairs = [entry.partition("=") for entry in where or ()]
    unclear = [name for name, sign, _ in pairs if not sign] + [
        name for name, count in Counter(p[0] for p in pairs).items() if count > 1
    ]
    if unclear:
        raise OperatorError("wrong-use", f"--where takes NAME=VALUE, each name once; see {unclear[0]!r:.80}.")
    return {
        **{name: value for name, _, value in pairs},
        **{name: value for name, value in given.items() if value not in (None, "")},
    }


def _get(directory: Path, node: str | None, path: str, query: ListQuery) -> NodeAnswer:
    """The answer; for a record that is not there the error, unless the answer proves that."""
    with client_of(directory, node) as client:
        try:
            return client.get(path, **query)
        except NotFoundError as error:
            if "proof" not in error.details:
                raise
            return error


def _show_count(directory: Path, node: str | None, what: str, by: str, conditions: ListQuery, *, as_json: bool) -> None:
    with client_of(directory, node) as client:
        found = client.count(what, by, **conditions)
    groups: list[Any] = [{"value": value, "count": count} for value, count in found.groups.items()]
    _show({"count": found.count, "height": found.height, **({"groups": groups} if by else {})}, as_json=as_json, written=None)


def _verify(
    directory: Path, answer: NodeAnswer, judge: Judge, asked: Sequence[Any], output: Path | None, disclosures: Sequence[Path] = ()
) -> None:
    """Compares an answer with its proof, and writes that to a file if wanted, with disclosures that belong to it."""
    genesis = parse_genesis((directory / GENESIS_FILE).read_bytes())
    stated: Any = answer.details if isinstance(answer, NotFoundError) else answer
    judge(Trust(genesis), stated, *asked)
    if output is None:
        return
    found = [stated["proof"]] if "format" in stated["proof"] else [*stated["proof"].values()]
    try:
        shown = [decode(file.read_bytes().removesuffix(b"\n"), wrapped=FILE_WRAPPED) for file in disclosures]
        data = encode_proof_file(found, genesis, shown)
        verdict = verify_proof_file(data, Pinned())
        if verdict.broken is not None:
            raise verdict.broken
        output.write_bytes(data)
    except OSError as error:
        raise OperatorError("cannot-write", f"{error.filename} cannot be read or written: {error.strerror}.") from error


def _show(answer: NodeAnswer, *, as_json: bool, written: Path | None) -> None:
    """Prints an answer; a proof that was written to a file is not printed as well."""
    if written is not None:
        typer.echo(f"Proof written to {written}; `tallystick verify {written}` checks it without a node.", err=True)
    if isinstance(answer, NotFoundError):
        raise answer
    if written is not None:
        answer = {name: value for name, value in answer.items() if name != "proof"}
    if sys.stdout.isatty() and not as_json:
        typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        show_json(answer)
