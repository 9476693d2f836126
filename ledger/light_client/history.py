"""The proof of a history: who wrote each value that a key has held, each in a block of one chain.

Proved is that a transaction of each block wrote the value. Not proved is that no other write lies between two of them,
nor that no later transaction of the same block wrote the key again: a header commits to what was done, by transaction.
The first and last values of a complete list can be compared with proofs of the state.
"""

from ledger.block import Header
from ledger.chain.proof import Proof, header_of, parse_list, parse_object
from ledger.chain.tables import parse_writes
from ledger.encoding import decode, digest, encode
from ledger.errors import JsonValue, MalformedError, VerificationError
from ledger.light_client.paths import (
    Claim,
    header_of_proof,
    name_of,
    verify_earlier,
    verify_leaf,
    verify_no_path,
    verify_value,
)  # fmt: skip
from ledger.light_client.trust import TrustedPoint

OF_BLOCK = {"header", "inclusion", "index", "size", "path", "receipt", "writes"}
OF_GENESIS = {"value", "path"}
Name = tuple[str, str, str]


def verify_history(proof: Proof, trusted: TrustedPoint) -> Claim:
    """Heights and values, newest first; raises VerificationError with the first entry that does not hold."""
    verify_no_path(proof)
    name, found = name_of(proof, proof.claim["key"]), list[JsonValue]()
    before: int | None = None
    for entry in parse_list(proof.claim["entries"]):
        is_genesis = isinstance(entry, dict) and entry.keys() == OF_GENESIS
        height = 0 if is_genesis else _header(entry).height
        if before is not None and height >= before:  # check: history-order
            raise VerificationError("wrong-history", "The entries of a history fall by height, each once.")
        value = _verify_initial(entry, name, trusted) if is_genesis else _verify_written(entry, name, header_of_proof(proof))
        found.append({"height": height, "value": value})
        before = height
    return {**proof.claim, "entries": found}


def _verify_initial(entry: JsonValue, name: Name, trusted: TrustedPoint) -> JsonValue:
    fields = parse_object(entry, OF_GENESIS)
    verify_value(bytes.fromhex(trusted.initial_state_root), name, fields["value"], fields["path"])
    return fields["value"]


def _verify_written(entry: JsonValue, name: Name, head: Header) -> JsonValue:
    fields = parse_object(entry, OF_BLOCK)
    # 1. The block is the head or one of its history.
    header = _header(entry)
    verify_earlier(header, fields["inclusion"], head, "wrong-history")
    # 2. The receipt is one of that block.
    verify_leaf(fields, fields["path"], fields["receipt"], header.receipts_root)
    # 3. It names exactly these writes.
    receipt, writes = fields["receipt"], encode(fields["writes"])
    if not isinstance(receipt, dict) or receipt.get("writes") != digest("writes", writes):  # check: history-writes
        raise VerificationError("wrong-history", f"The receipt in block {header.height} does not name these writes.")
    # 4. The last of them under the key is the value.
    values = [w.value for w in parse_writes(fields["writes"]) if (w.contract, w.collection, w.key) == name]
    if not values:  # check: history-key
        raise VerificationError("wrong-history", f"The writes in block {header.height} do not touch {name[2]!r:.80}.")
    return None if values[-1] is None else decode(values[-1])


def _header(entry: JsonValue) -> Header:
    if not isinstance(entry, dict) or "header" not in entry:
        raise MalformedError("bad-proof", f"An entry of a history has exactly {sorted(OF_BLOCK)}, or {sorted(OF_GENESIS)}.")
    return header_of(entry["header"])
