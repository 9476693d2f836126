"""Gathers the file of a crossing from a node of each of the two ledgers; it is judged before it is handed on."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from ledger.audit.crossing import crossing_arguments, encode_crossing_file, verify_crossing_file
from ledger.encoding import encode
from ledger.errors import JsonValue, NotFoundError, OperatorError, VerificationError
from ledger.genesis import Genesis
from ledger.identity.records import FOREIGN, GOVERNANCE, HEADS, LEDGERS
from ledger.primitives import Digest
from ledger.proof_paths import RecordName
from ledger.transaction import parse_transaction
from nodes.client.synchronous import Client

Side = tuple[Client, Genesis]
"""A client of a ledger, and its genesis."""


def crossing_file(source: Side, target: Side, transaction: str, place: RecordName) -> bytes:
    """That a transaction of the target relied on a record of the source, or its absence; raises VerificationError if none did."""
    answer = target[0].get(f"/v1/transactions/{transaction}", proof=True)
    if "proof" not in answer:
        raise NotFoundError("no-such-transaction", f"No block holds transaction {transaction}.", transaction=transaction)
    if answer["status"] != "committed":  # check: crossing-refused
        code = answer["receipt"]["code"]
        raise VerificationError("wrong-claim", f"Transaction {transaction} was refused with {code}: it relied on nothing.")
    if "transaction" not in answer["proof"]:
        message = f"The node has transaction {transaction} no more, only its receipt: ask another."
        raise NotFoundError("no-such-transaction", message, transaction=transaction)
    sent = parse_transaction(encode(answer["proof"]["transaction"]["value"]))
    name = _name_of(target[0], source[1].ledger)
    admission, known = _written(target[0], name, answer["place"]["height"])
    proofs = {**answer["proof"], "admission": admission["proof"], "known": known["proof"]}

    def files() -> Iterator[bytes]:
        for argument, height in product(crossing_arguments(sent), _heights(known)):
            header = source[0].get(f"/v1/blocks/{height}", proof=True)["proof"]
            fields: dict[str, JsonValue] = {"name": name, "argument": argument, "place": [*place]}
            yield encode_crossing_file(source[1], target[1], {**fields, "proofs": {**proofs, "header": header}})

    found = next((file for file in files() if verify_crossing_file(file).broken is None), b"")
    if not found:  # check: crossing-found
        raise VerificationError("wrong-claim", f"No argument of the transaction leads to {'/'.join(place)} of {name}.")
    return found


def _name_of(client: Client, ledger: Digest) -> str:
    """What governance calls another ledger."""
    for row in client.get(f"/v1/state/{GOVERNANCE}/{LEDGERS}")["items"]:
        if row["value"]["ledger"] == ledger:
            return str(row["key"])
    raise OperatorError("wrong-use", f"This ledger follows none whose genesis is {ledger}.")


def _written(client: Client, name: str, height: int) -> tuple[Any, Any]:
    """With proofs: the last admission up to that height, and what was known by it."""
    until = client.get(f"/v1/blocks/{height}")["time"] + 1
    admission = client.get(f"/v1/state/{GOVERNANCE}/{LEDGERS}/{name}/history", proof=True, before_time=until, limit=1)
    (admitted,) = [row["value"]["admitted_height"] for row in admission["history"]] or [0]
    heads = f"/v1/state/{FOREIGN}/{HEADS}/{name}:{admitted}/history"
    return admission, client.get(heads, proof=True, before_time=until, limit=1)


def _heights(known: Any) -> list[int]:
    """Heights of the headers that were known, the newest first."""
    values = [row["value"] for row in known["history"]]
    return [header["height"] for value in values for header in (value["header"], *value.get("earlier", ()))]
