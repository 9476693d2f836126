"""How the value of each kind of proof leads to the header. Each function in `KINDS` returns what is proved."""

from collections.abc import Callable

from ledger.block import Header, parse_writes
from ledger.encoding import decode, digest, encode
from ledger.errors import JsonValue, MalformedError, RefusedError, VerificationError
from ledger.identity.records import parse_validators
from ledger.merkle import verify_consistency, verify_inclusion
from ledger.primitives import Digest
from ledger.state.map_proof import key_digest, parse_map_proof, state_key, verify_absent, verify_present
from ledger.verify.proof import Proof, TrustedPoint, header_of, parse_hashes, parse_list, parse_object, value_bytes

Claim = dict[str, JsonValue]
ROW = {"key", "value", "path"}
OF_BLOCK = {"header", "inclusion", "index", "size", "path", "receipt", "writes"}
OF_GENESIS = {"value", "path"}
RecordName = tuple[str, str, str]


def verify_state(proof: Proof, trusted: TrustedPoint) -> Claim:
    """The key has the value in the state after the header."""
    contract, collection, key = name_of(proof, proof.claim["key"])
    verify_value(state_root(proof, trusted), (contract, collection, key), proof.claim["value"], proof.path)
    return proof.claim


def verify_absence(proof: Proof, trusted: TrustedPoint) -> Claim:
    """The key has no value in the state after the header."""
    key = key_digest(state_key(*name_of(proof, proof.claim["key"])))
    verify_absent(state_root(proof, trusted), key, parse_map_proof(proof.path))  # check: light-absent
    return proof.claim


def verify_rows(proof: Proof, trusted: TrustedPoint) -> Claim:
    """Each key has its value in the state after the header; of other keys nothing is said."""
    verify_no_path(proof)
    root, rows = state_root(proof, trusted), list[JsonValue]()
    name_of(proof, "any")
    before = ""
    for item in parse_list(proof.claim["rows"]):
        row = parse_object(item, ROW)
        contract, collection, key = name_of(proof, row["key"])
        if key <= before:  # check: rows-order
            raise VerificationError("wrong-rows", "The keys of a page rise, each once.")
        verify_value(root, (contract, collection, key), row["value"], row["path"])
        rows.append({"key": key, "value": row["value"]})
        before = key
    return {**proof.claim, "rows": rows}


def verify_transaction(proof: Proof, _: TrustedPoint) -> Claim:
    """The block holds the envelope."""
    verify_leaf(proof.claim, proof.path, proof.claim["value"], header_of_proof(proof).transactions_root)
    return proof.claim


def verify_receipt(proof: Proof, _: TrustedPoint) -> Claim:
    """The block's execution gave this receipt."""
    verify_leaf(proof.claim, proof.path, proof.claim["value"], header_of_proof(proof).receipts_root)
    return proof.claim


def verify_block(proof: Proof, _: TrustedPoint) -> Claim:
    """The header was decided."""
    header_of_proof(proof)
    verify_no_path(proof)
    return proof.claim


def verify_one_history(proof: Proof, _: TrustedPoint) -> Claim:
    """The earlier block and all blocks before it are those of the later block's history."""
    first, second = header_of(proof.claim["first"]), header_of_proof(proof)
    verify_earlier(first, proof.claim["inclusion"], second, "wrong-consistency")
    old, new = (bytes.fromhex(header.history_root) for header in (first, second))
    verify_consistency(first.height, second.height, old, new, parse_hashes(proof.path))  # check: light-consistency
    return proof.claim


def verify_voters(proof: Proof, trusted: TrustedPoint) -> Claim:
    """The header names these validators for the next height; those of height 1 stand in the genesis."""
    verify_no_path(proof)
    validators, height = parse_validators(proof.claim["validators"]), 1
    if proof.decided is not None:
        header = proof.decided.header
        height = header.height + 1
        if validators.digest != header.next_validators:  # check: light-next-validators
            raise VerificationError("wrong-next-validators", f"Block {header.height} names another set for the next height.")
    elif trusted.height > 0:  # check: first-validators-trust
        raise VerificationError("older-than-trust", "The validators of height 1 are verified from the genesis.")
    elif validators != trusted.validators:  # check: light-first-validators
        raise VerificationError("wrong-validators", "The genesis names other validators for height 1.")
    return {**proof.claim, "height": height}


def verify_history(proof: Proof, trusted: TrustedPoint) -> Claim:
    """Who wrote each value that a key has held, each in a block of one chain: heights and values, newest first.

    Proved is that a transaction of each block wrote the value. Not proved is that no other write lies between two of them,
    nor that no later transaction of the same block wrote the key again: a header commits to what was done, by transaction.
    The first and last values of a complete list can be compared with proofs of the state.
    """
    verify_no_path(proof)
    name, entries = name_of(proof, proof.claim["key"]), list[JsonValue]()
    before: int | None = None
    for entry in parse_list(proof.claim["entries"]):
        is_genesis = isinstance(entry, dict) and entry.keys() == OF_GENESIS
        height = 0 if is_genesis else _header(entry).height
        if before is not None and height >= before:  # check: history-order
            raise VerificationError("wrong-history", "The entries of a history fall by height, each once.")
        value = _verify_initial(entry, name, trusted) if is_genesis else _verify_written(entry, name, header_of_proof(proof))
        entries.append({"height": height, "value": value})
        before = height
    return {**proof.claim, "entries": entries}


def _verify_initial(entry: JsonValue, name: RecordName, trusted: TrustedPoint) -> JsonValue:
    fields = parse_object(entry, OF_GENESIS)
    verify_value(bytes.fromhex(trusted.initial_state_root), name, fields["value"], fields["path"])
    return fields["value"]


def _verify_written(entry: JsonValue, name: RecordName, head: Header) -> JsonValue:
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


def verify_value(root: bytes, name: tuple[str, str, str], value: JsonValue, path: JsonValue) -> None:
    """Raises VerificationError unless the key has the value under the state root."""
    key = key_digest(state_key(*name))
    verify_present(root, key, value_bytes(value), parse_map_proof(path))  # check: light-present


def verify_leaf(place: Claim, path: JsonValue, value: JsonValue, root: Digest) -> None:
    """Raises VerificationError unless the value is a leaf under the root; index and size stand in `place`."""
    index, size = place["index"], place["size"]
    if type(index) is not int or type(size) is not int:
        raise MalformedError("bad-proof", "Index and size are integers.")
    leaf = value_bytes(value)
    verify_inclusion(leaf, index, size, parse_hashes(path), bytes.fromhex(root))  # check: light-inclusion


def verify_earlier(first: Header, inclusion: JsonValue, second: Header, code: str) -> None:
    """Raises VerificationError unless the first header is the second, or of a block in its history."""
    path = parse_hashes(inclusion)
    if first.height > second.height or (first.height == second.height and first.id != second.id):  # check: earlier-heights
        raise VerificationError(code, f"Block {first.height} is not in the history of block {second.height}.")
    if first.height == second.height and path:  # check: earlier-itself
        raise VerificationError(code, "A header needs no path to itself.")
    if first.height < second.height:
        leaf, root = bytes.fromhex(first.id), bytes.fromhex(second.history_root)
        verify_inclusion(leaf, first.height, second.height, path, root)  # check: light-earlier-block


def verify_no_path(proof: Proof) -> None:
    """Raises MalformedError unless the frame's path is empty: such a kind has its paths in the claim, or needs none."""
    if proof.path != []:  # check: proof-no-path
        raise MalformedError("bad-proof", f"The path of a proof of kind {proof.kind} is empty.")


def state_root(proof: Proof, trusted: TrustedPoint) -> bytes:
    """Root of the state that the proof speaks of."""
    return bytes.fromhex(proof.decided.header.state_root if proof.decided else trusted.initial_state_root)


def name_of(proof: Proof, key: JsonValue) -> tuple[str, str, str]:
    """Contract, collection and key; raises MalformedError unless they make a state key."""
    names = [proof.claim["contract"], proof.claim["collection"], key]
    if not all(isinstance(name, str) and "\x00" not in name for name in names):
        raise MalformedError("bad-proof", "Contract, collection and key are strings without NUL.")
    encode([*names])
    contract, collection, last = map(str, names)
    try:
        state_key(contract, collection, last)
    except RefusedError as error:
        raise MalformedError("bad-proof", error.message) from error
    return contract, collection, last


def header_of_proof(proof: Proof) -> Header:
    """The decided header that the proof leads to."""
    if proof.decided is None:  # check: proof-needs-header
        raise VerificationError("no-header", f"A proof of kind {proof.kind} leads to the header of a block.")
    return proof.decided.header


KINDS: dict[str, Callable[[Proof, TrustedPoint], Claim]] = {
    "state": verify_state,
    "absence": verify_absence,
    "rows": verify_rows,
    "transaction": verify_transaction,
    "receipt": verify_receipt,
    "block": verify_block,
    "consistency": verify_one_history,
    "validators": verify_voters,
    "history": verify_history,
}
"""How each kind leads from its value to the header."""
