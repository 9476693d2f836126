"""The second verifier against the first: signatures, canonical JSON, trees, exports, proofs, convictions and disclosures."""

import ast
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from hashlib import sha256, sha512
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import merkle
from ledger.audit import audit as audit_report
from ledger.audit import convict_exports, standalone
from ledger.block import Write
from ledger.chain.view import ChainView
from ledger.contract.sealed import seal
from ledger.disclosure import disclose
from ledger.encoding import decode, decode_object, digest, encode, encode_unchecked, tagged
from ledger.errors import InputError, JsonValue, MalformedError, VerificationError
from ledger.genesis import GenesisWrite
from ledger.identity.records import Parameters
from ledger.keys import PrivateKey, verify_ed25519
from ledger.primitives import PublicKey, Signature
from ledger.state.map_proof import key_digest, value_digest
from ledger.state.memory_store import MemoryStore
from ledger.state.store import Batch
from ledger.state.tree import StateTree
from ledger.transaction import Transaction, parse_transaction, sign_transaction
from ledger.verify import conviction, proof_file
from ledger.verify.proof import FILE_WRAPPED
from ledger.verify.proof_file import encode_proof_file
from nodes.network.specification import default_specification
from nodes.simulator.chance import Chance
from scenarios.sample import sample_path
from tests import test_ledger_audit, test_ledger_conviction
from tests import test_ledger_keys as curve
from tests import test_ledger_light_client as light_client
from tests.agreement import Case, agree
from tests.mutation import PIECES, Mutator, changes
from tests.support import ALICE, BOB, OTHER, STEP_MS, DecidedChain, proofs_of
from tests.test_ledger_chain_genesis import MISFITS, altered

KEY = PrivateKey(bytes(range(32)))
PROGRAM = Path(standalone.__file__)


# Signatures.


def is_taken(public_key: str, message: bytes, signature: str) -> bool:
    """Whether the ledger takes the signature; fails if the other verifier judges otherwise."""
    try:
        verify_ed25519(PublicKey(public_key), message, Signature(signature))
        taken = True
    except (VerificationError, InputError):
        taken = False
    assert standalone.holds(public_key, message, signature) == taken, (public_key, message, signature)
    return taken


def hash_of(r: bytes, public_key: str, message: bytes) -> int:
    return int.from_bytes(sha512(r + bytes.fromhex(public_key) + message).digest(), "little") % curve.ORDER


def encoded(number: int) -> bytes:
    return number.to_bytes(32, "little")


def test_rfc_8032_vectors() -> None:
    for _, public_key, message, signature in curve.RFC_8032:
        key, raw = bytes.fromhex(public_key), bytes.fromhex(signature)
        table, s = standalone.table_of_key(public_key), int.from_bytes(raw[32:], "little")
        assert table is not None
        h = int.from_bytes(sha512(raw[:32] + key + bytes.fromhex(message)).digest(), "little") % curve.ORDER
        total = standalone.add_multiple(standalone.NEUTRAL, standalone.BASE_TABLE, s, standalone.BASE_BITS)
        assert standalone.encode_point(standalone.add_multiple(total, table, h, standalone.KEY_BITS)) == raw[:32]


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=100), st.integers(0, 511))
def test_signatures_and_changed_bits(seed: bytes, data: bytes, bit: int) -> None:
    key = PrivateKey(seed)
    signature = bytearray.fromhex(key.sign("tag", data))
    assert is_taken(key.public_key, tagged("tag", data), signature.hex())
    assert standalone.is_signed(key.public_key, "tag", data, signature.hex())
    assert not standalone.is_signed(key.public_key, "another", data, signature.hex())
    signature[bit // 8] ^= 1 << bit % 8
    assert not is_taken(key.public_key, tagged("tag", data), signature.hex())


@pytest.mark.parametrize("edge", curve.EDGES, ids=lambda edge: edge["name"])
def test_golden_edge_vectors_are_judged_alike(edge: dict[str, Any]) -> None:
    assert is_taken(edge["key"], bytes.fromhex(edge["message"]), edge["signature"]) == edge["taken"]


def edge_points() -> list[bytes]:
    """Encodings that an implementation may judge otherwise: small order, not reduced, not on the curve, wrong sign of 0."""
    small = [bytes.fromhex(curve.spelled(x + sign, y)) for x, y in curve.small_order_points() for sign in (0, 1)]
    unreduced = [encoded(y + curve.PRIME | sign << 255) for y in range(19) for sign in (0, 1)]
    off = [encoded(y | sign << 255) for y in range(2, 12) if curve.point(y) is None for sign in (0, 1)]
    return [*small, *unreduced, *off, encoded(2**256 - 1), bytes.fromhex(KEY.public_key)]


def test_edge_vectors_are_judged_alike() -> None:
    data, genuine = tagged("tag", b"data"), bytes.fromhex(KEY.sign("tag", b"data"))
    s = int.from_bytes(genuine[32:], "little")
    order = curve.ORDER
    scalars = [0, 1, s, order - 1, order, order + 1, s + order, s + 8 * order, 2**252, 2**253 - 1, 2**255 - 1, 2**256 - 1]
    taken = 0
    for key in edge_points():
        for r in (genuine[:32], *edge_points()):
            # With S = h·a the sum is the neutral point: a signature whose R has small order.
            made = hash_of(r, key.hex(), data) * curve.scalar_of(KEY) % curve.ORDER
            for scalar in (0, made):
                taken += is_taken(key.hex(), data, (r + encoded(scalar)).hex())
    for scalar in scalars:
        taken += is_taken(KEY.public_key, data, (genuine[:32] + encoded(scalar % 2**256)).hex())
    assert taken == 1, "the genuine one"


def test_keys_with_a_part_of_small_order_are_judged_alike() -> None:
    """Without a cofactor, such a key's signature holds for one message in eight: both must say for which."""
    a, (x, y) = curve.scalar_of(KEY), curve.small_order_points()[1]
    own = standalone.decode_point(bytes.fromhex(KEY.public_key))
    assert own is not None
    key = curve.spelled(*curve.add((own[0], own[1]), (x, y)))
    taken = []
    for number in range(64):
        data, nonce = encoded(number), 1_000_003 + number
        r = standalone.encode_point(
            standalone.add_multiple(standalone.NEUTRAL, standalone.BASE_TABLE, nonce, standalone.BASE_BITS)
        )
        s = (nonce + hash_of(r, key, data) * a) % curve.ORDER
        taken.append(is_taken(key, data, (r + encoded(s)).hex()))
    assert {True, False} == set(taken)


def test_files_with_an_r_of_small_order_are_refused_by_both() -> None:
    # A traitor's statement in a certificate.
    lines = export().splitlines()
    block: Any = decode_object(lines[4], wrapped=3)
    commit = block["record"]["commit"]
    statement = {
        "ledger": chain().chain.ledger,
        "validators": block["header"]["validators"],
        "kind": "final",
        "notarized_view": 0,
    }
    text = encode({**statement, **{name: commit[name] for name in ("height", "view", "block")}})
    traitor = next(key for key in chain().keys.values() if key.sign("statement", text) == commit["signatures"][0])
    commit["signatures"][0] = curve.with_neutral_nonce(traitor, tagged("statement", text)).hex()
    said = agree(Case(b"\n".join([*lines[:4], encode_unchecked(block), *lines[5:]])))
    assert (said.holds, said.rule, said.line) == (False, "record", 5)
    # A member's transaction, decided by a cheating quorum.
    made = DecidedChain()
    honest = made.issue("A")
    signature = curve.with_neutral_nonce(made.keys[ALICE], tagged("transaction", honest.body)).hex()
    envelope = encode_unchecked({"body": decode_object(honest.body), "signatures": [signature]})
    said = agree(Case(b"\n".join(test_ledger_audit.forged(made, parse_transaction(envelope)))))
    assert (said.holds, said.rule, said.line) == (False, "admission", 2)


# Canonical JSON.


def is_read(data: bytes, wrapped: int = 0) -> bool:
    """Whether the ledger reads the bytes; fails if the other verifier reads them otherwise."""
    try:
        value, read = decode(data, wrapped), True
    except MalformedError:
        value, read = None, False
    try:
        other: Any = standalone.parse(data, wrapped)
    except standalone.BrokenError:
        assert not read, data
    else:
        assert read, data
        assert encode_unchecked(other) == encode_unchecked(value) == standalone.canonical(other) == data
    return read


SPELLINGS = [
    b"0", b"-0", b"00", b"01", b"-1", b"+1", b"1.0", b"1e3", b"1E3", b".5", b"9007199254740991", b"9007199254740992",
    b"-9007199254740991", b"-9007199254740992", b"9" * 16, b"9" * 17, b"9" * 5_000, b"NaN", b"Infinity", b"true", b"True", b"nul",
    b"null", b"null ", b" null", b"null\n", b"\xef\xbb\xbfnull", b"", b"[", b"[]", b"[ ]", b"[1,2]", b"[1, 2]", b"[1,]", b"[,]",
    b"{}", b'{"a":1}', b'{"a": 1}', b'{"a":1,"b":2}', b'{"b":1,"a":2}', b'{"a":1,"a":1}', b'{"A":1,"a":1}', b'{"a":1,}',
    b'{a:1}', b'{"":0}', b'{"\\n":0}', b'{"\\u000a":0}', '{"é":0}'.encode(), '"é"'.encode(), b'"\\u00e9"',
    b'"\\/"', b'"/"', b'"\\""', b'"\\\\"', b'"\\b\\f\\n\\r\\t"', b'"\\u0008"', b'"\\u0007"', b'"\\u001f"',
    b'"\\u001F"', b'"\\u0020"', b'"\x1f"',
    b'"\x7f"', b'"\xc2\x85"',
    b'"\\ud83d\\ude00"', '"😀"'.encode(), b'"\\ud800"', b'"\xed\xa0\x80"', b'"\xff"', b'"', b'"a', b'"\\"', b'"\\x"', b'"\\u12"',
    b"\x00", b'"\x00"', b'"\xe2\x80\xa8"', b"[" * 16 + b"]" * 16, b"[" * 17 + b"]" * 17, b'{"a":' * 17 + b"0" + b"}" * 17,
    b"[" * 100_000, b'{"a":' * 100_000, b"[[]", b"[]]", b"1 2", b'{"a"}', b'{"a":}', b'{"a":1 }', "٣".encode(), "１".encode(),
]  # fmt: skip


@pytest.mark.parametrize("wrapped", [0, 3])
def test_spellings_are_read_alike(wrapped: int) -> None:
    read = [data for data in (*SPELLINGS, *PIECES) if is_read(data, wrapped)]
    assert b'{"a":1,"b":2}' in read
    assert (b"[" * 17 + b"]" * 17 in read) == (wrapped == 3)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, st.integers(0, 10_000), st.sampled_from([*PIECES[:8], b" ", b"0", b"\\", b'"', b"\\u0041", b"e", b"."]))
def test_values_and_damaged_spellings_are_read_alike(value: Any, place: int, piece: bytes) -> None:
    try:
        data = encode_unchecked(value)
    except MalformedError:  # a lone surrogate
        return
    is_read(data)
    at = place % (len(data) + 1)
    is_read(data[:at] + piece + data[at:])
    is_read(data[:at] + piece + data[at + 1 :])


# Trees.


def test_trees_and_their_proofs_are_judged_alike() -> None:
    chance = Chance(3)
    leaves = [bytes([number]) for number in range(20)]
    roots = [merkle.root(leaves[:size]).hex() for size in range(len(leaves) + 1)]
    assert [standalone.root_over(leaves[:size]) for size in range(len(leaves) + 1)] == roots
    for size in range(1, len(leaves) + 1):
        for index in range(size):
            path = [node.hex() for node in merkle.inclusion_proof(leaves[:size], index)]
            standalone.check_inclusion(leaves[index], index, size, path, roots[size])
            for damaged in damaged_paths(path, chance):
                refused(standalone.check_inclusion, leaves[index], index, size, damaged, roots[size])
            refused(standalone.check_inclusion, leaves[index], size, size, path, roots[size])
        for first in range(1, size):
            path = [node.hex() for node in merkle.consistency_proof(leaves[:size], first, size)]
            standalone.check_prefix(first, size, roots[first], roots[size], path)
            for damaged in damaged_paths(path, chance):
                refused(standalone.check_prefix, first, size, roots[first], roots[size], damaged)
            refused(standalone.check_prefix, first, size, roots[first - 1], roots[size], path)


def wrong_sizes() -> Iterator[tuple[int, int, str, str, list[str]]]:
    """Prefixes that the algorithm of RFC 9162 is not made for, the empty history among them: with 0 it would go on forever."""
    root = merkle.root([b"a", b"b"]).hex()
    for first, second in ((0, 0), (0, 2), (-1, 2), (2, 2), (3, 2)):
        for path in ([], [root], [root, root]):
            yield first, second, root, root, path


@pytest.mark.timeout(10)
def test_prefixes_of_wrong_sizes_are_refused() -> None:
    for arguments in wrong_sizes():
        refused(standalone.check_prefix, *arguments)


def damaged_paths(path: list[str], chance: Chance) -> Iterator[list[str]]:
    yield [*path, "00" * 32]
    if path:
        yield path[:-1]
        yield path[1:]
        place = chance.below(len(path))
        yield [*path[:place], sha256(bytes.fromhex(path[place])).hexdigest(), *path[place + 1 :]]


def refused(check: Callable[..., None], *arguments: Any) -> None:
    with pytest.raises(standalone.BrokenError):
        check(*arguments)


def test_maps_are_the_same_after_any_changes() -> None:
    chance, store, state = Chance(5), MemoryStore(), standalone.State()
    tree = StateTree(store)
    for _ in range(60):
        keys = {b"key-%d" % chance.below(40) for _ in range(1 + chance.below(6))}
        changes: dict[bytes, bytes | None] = {
            k: None if chance.below(3) == 0 else b"%d" % chance.below(100) for k in sorted(keys)
        }
        batch, update = Batch(), tree.update({key_digest(key): value for key, value in changes.items()})
        update.write_to(batch)
        store.commit(batch)
        tree.apply(update)
        state.take(changes, state.map_after(changes))
        assert state.map.hash == update.root.hex()
    for number in range(45):
        key = b"key-%d" % number
        value, proof = state.values.get(key), tree.prove(key_digest(key)).to_json()
        standalone.check_map_proof(state.map.hash, key, value, proof)
        refused(standalone.check_map_proof, state.map.hash, key, None if value else b"1", proof)
        assert value is None or value_digest(value).hex() == standalone.digest("state-value", value)


# Whole files.


@cache
def chain() -> DecidedChain:
    """Two changes of validators, views up to 3, a refusal, a revocation, a sealed value."""
    made = test_ledger_audit.honest()
    made.decide(made.bump("A"), view=2)
    made.govern("P-2", kind="add-validator", member="west.validator")
    made.decide(made.issue("B"), made.issue("C"), made.issue("D"))
    return made


def joined(lines: Iterable[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def export() -> bytes:
    return joined(chain().view.export())


@cache
def proofs() -> dict[str, Any]:
    return proofs_of(chain())


@cache
def sealing() -> tuple[ChainView, list[JsonValue]]:
    """A ledger that begins with two sealed values, and what is disclosed of them."""
    terms, opening = seal({"price_cents": 1_250, "grade": "A"}, "0a" * 16)
    price, whole = seal(7, "0b" * 16)
    value: Any = {"terms": {"sealed": terms.sealed}, "all": [{"sealed": price.sealed}]}
    return DecidedChain(writes=[GenesisWrite(contract="deal", collection="deals", key="D", value=value)]).view, [
        disclose(opening, ["grade"]).to_json(),
        disclose(opening, []).to_json(),
        disclose(whole, [""]).to_json(),
    ]


@cache
def files() -> dict[str, Case]:
    """Files of every format that hold."""
    genesis, (deal, disclosures) = chain().view.genesis, sealing()
    one, other = (
        list(test_ledger_conviction.branch(number, view, common=2).view.export()) for number, view in (("A", 1), ("B", 3))
    )
    conviction = convict_exports(one, other)
    assert conviction is not None
    deals = deal.prove_rows("deal", "deals", deal.state.page("deal", "deals", "", 9))
    return {
        "export": Case(export(), genesis.ledger),
        "sample": Case(sample_path().read_bytes()),
        **{kind: Case(encode(proof, wrapped=3), None, genesis.encode()) for kind, proof in proofs().items()},
        "proofs": Case(encode_proof_file([*proofs().values()], genesis), genesis.ledger),
        "sealed": Case(encode_proof_file([deal.prove_state("deal", "deals", "D")], deal.genesis, disclosures), deal.ledger),
        "sealed rows": Case(encode_proof_file([deals], deal.genesis, disclosures), None, deal.genesis.encode()),
        "conviction": Case(encode(conviction.to_json(), wrapped=FILE_WRAPPED) + b"\n", genesis.ledger),
        **{f"disclosure {number}": Case(encode(value)) for number, value in enumerate(disclosures)},
    }


@pytest.mark.parametrize("name", files())
def test_what_holds_holds_for_both(name: str) -> None:
    said = agree(files()[name])
    assert said.holds, said


def damaged(draws: int) -> Iterator[Case]:
    """Draws from every file in turn."""
    found = list(files().values())
    mutators = [Mutator([case.data], seed) for seed, case in enumerate(found)]
    for number in range(draws):
        case = found[number % len(found)]
        yield Case(mutators[number % len(found)].draw(), case.ledger, case.genesis)


@pytest.mark.timeout(3_600)  # the long form
def test_damaged_files_are_judged_alike(pytestconfig: pytest.Config) -> None:
    draws = 20_000 if pytestconfig.getoption("--long") else 1_000
    refused = sum(not agree(case).holds for case in damaged(draws))
    assert draws * 9 // 10 < refused < draws, "some damage is none: a list of one item reversed"


# Every refusal of the one file is needed.


def forgeries() -> Iterator[Case]:
    """The exports that the tests of the audit judge, most of them decided by a cheating quorum."""
    for forgery in test_ledger_audit.FORGERIES.values():
        yield Case(joined(forgery.make()), forgery.ledger)
    yield Case(joined([*export().splitlines()[:3], b"rubbish"]))


def genesis_cases() -> Iterator[Case]:
    """Exports that begin with a genesis whose parts do not fit."""
    for misfit in MISFITS.values():
        genesis = altered(**misfit)
        yield Case(
            b'{"format":"tallystick-export-1","genesis":%b,"ledger":"%b"}' % (genesis, digest("genesis", genesis).encode())
        )


def record_cases() -> Iterator[Case]:
    """The export of `chain` with the record of block 4, which view 3 decided, put together otherwise."""
    lines = export().splitlines()
    block = decode_object(lines[4], wrapped=3)
    record: Any = block["record"]
    commit, notar, earlier = record["commit"], record["notar"], record["earlier"]
    signers, signatures = commit["signers"], commit["signatures"]
    otherwise: tuple[dict[str, Any], ...] = (
        {"commit": notar},
        {"notar": {**notar, "view": 2}},
        {"earlier": earlier[1:]},
        {"earlier": earlier[::-1]},
        {"earlier": [earlier[0], {**notar, "view": 2, "block": OTHER}]},
        {"earlier": [earlier[0], {**notar, "view": 2}]},
        {"commit": {**commit, "signers": signers[::-1], "signatures": signatures[::-1]}},
        {"commit": {**commit, "signers": signers[1:], "signatures": signatures[1:]}},
        {"commit": {**commit, "signers": [*signers[:-1], 9_999]}},
        {"commit": {**commit, "signers": [*signers[:-1], signers[0]], "signatures": [*signatures[:-1], signatures[0]]}},
    )
    for changed in ({**block, "more": 1}, *({**block, "record": {**record, **change}} for change in otherwise)):
        yield Case(b"\n".join([*lines[:4], encode_unchecked(changed), *lines[5:]]))


def block_cases() -> Iterator[Case]:
    """Blocks that a cheating quorum decided: headers in the wrong place, transactions that may not be in any block."""

    def forged(chain: DecidedChain, *transactions: Transaction, **options: Any) -> Case:
        return Case(b"\n".join(test_ledger_audit.forged(chain, *transactions, **options)))

    lines = export().splitlines()
    for header in ({"parent": OTHER}, {"time": 0}, {"validators": OTHER}):
        block = decode_object(lines[2], wrapped=3)
        block["header"] = {**block["header"], **header}  # type: ignore[dict-item]
        yield Case(b"\n".join([*lines[:2], encode_unchecked(block), *lines[3:]]))
    first, head = DecidedChain(), DecidedChain().chain.head_time_ms
    signing: Any = {
        "contract": "asset", "operation": "bump", "arguments": {"number": "A"}, "signers": [(ALICE, first.keys[ALICE])],
        "nonce": "0f" * 16, "ledger": first.chain.ledger, "expires_ms": head + 60_000,
    }  # fmt: skip
    for otherwise in (
        {"ledger": OTHER},
        {"expires_ms": head + STEP_MS},
        {"expires_ms": head + STEP_MS + 600_001},
        {"arguments": {"number": "x" * 70_000}},
        {"signers": [("north.nobody", first.keys[ALICE])]},
    ):
        yield forged(DecidedChain(), sign_transaction(**{**signing, **otherwise}))
    revoked = test_ledger_audit.honest()
    yield forged(revoked, revoked.sign(BOB, "asset", "bump", number="A"))
    for limits in (Parameters(block_transactions_max=2), Parameters(transaction_bytes_max=1_024, block_bytes_max=1_024)):
        small = DecidedChain(replace(default_specification(members_each=1), parameters=limits))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("ledger.chain.chain.fitting", lambda transactions, _: transactions)
            yield forged(small, *(small.bump(number) for number in "ABC"))
    for value in (None, b'{"validators":[{}]}'):
        ruled = DecidedChain()
        vote = ruled.sign("north.admin", "governance", "approve", number="P-9")
        write = Write("governance", "validators", "current", value)
        yield forged(ruled, vote, receipts=[test_ledger_audit.committed(vote, write)], writes=[[write]])


def proof_cases() -> Iterator[Case]:
    """The lies that the tests of the light client judge, and more of what the damage of single values does not reach."""
    for name in light_client.LIES:
        made, proof = light_client.lie(name)
        yield Case(encode(proof, wrapped=3), None, made.chain.genesis.encode())
    found, genesis = proofs(), chain().view.genesis.encode()
    path = found["consistency"]["path"]
    for proof in (
        {**found["transaction"], **light_client.NO_HEADER},
        {**found["itself"], "path": ["00" * 32]},
        {**found["consistency"], "path": []},
        {**found["consistency"], "path": path[:-1]},
        {**found["consistency"], "path": [*path, "00" * 32]},
        {**found["consistency"], "path": [*path[:-1], "00" * 32]},
        {**found["consistency"], "inclusion": []},
        {**found["receipt"], "index": 9},
        {**found["receipt"], "path": []},
        {**found["receipt"], "path": [*found["receipt"]["path"], "00" * 32]},
        {**found["state"], "path": {"steps": [], "leaf": None}},
        {**found["rows"], "contract": "a\x00b", "rows": []},
        {**found["absence"], "key": "a\x00b"},
    ):
        yield Case(encode(proof, wrapped=3), None, genesis)
    yield Case(encode(found["block"], wrapped=3))
    yield Case(encode_proof_file([{**found["state"], "ledger": OTHER}], chain().view.genesis))
    view, disclosures = sealing()
    yield Case(encode_proof_file([view.prove_state("deal", "deals", "E")], view.genesis, disclosures))


def conviction_cases() -> Iterator[Case]:
    """Those of the tests of the conviction, and some that accuse otherwise."""
    files = [test_ledger_conviction.lie(name) for name in test_ledger_conviction.LIES]
    value: Any = test_ledger_conviction.accused()
    (one, other), *others = value["evidence"]
    propose = {"kind": "propose", "notarized_view": one["view"], "block": OTHER}
    for evidence in (
        [(one, one), *others],
        [(one, {**other, "view": 1_000}), *others],
        [({**one, **propose}, {**other, **propose}), *others],
        [({**one, "kind": "vote"}, {**other, "kind": "final"}), *others],
        [],
    ):
        files.append({**value, "evidence": [[*pair] for pair in evidence]})
    for file in files:
        yield Case(encode(file, wrapped=FILE_WRAPPED), value["ledger"])


def disclosure_cases() -> Iterator[Case]:
    """Disclosures of values that were sealed in no way that `seal` seals."""
    deep: Any = 1
    for _ in range(16):
        deep = [deep]
    values: tuple[Any, ...] = ({"a": 1}, 1, 1, 1, 1, deep, 1)
    for value, names in zip(values, ([""], ["", "a"], ["b", "a"], ["a", "a"], [], ["a"], ["a"]), strict=True):
        own = {name: digest("sealed-field", encode_unchecked(["0a" * 16, name, value])) for name in names}
        pairs: JsonValue = [[name, own[name]] for name in names]
        shown: JsonValue = {name: {"salt": "0a" * 16, "value": value} for name in names}
        sealed = digest("sealed", encode_unchecked(pairs))
        whole: JsonValue = {"format": "tallystick-disclosure-1", "sealed": sealed, "fields": pairs, "disclosed": shown}
        yield Case(encode_unchecked(whole))
        yield Case(encode_unchecked(whole), "00" * 32)


def changed_files(every: int) -> Iterator[Case]:
    """Each file of one value with one in so many of its changes, a small one with more of them."""
    for name, case in files().items():
        if name not in ("export", "sample", "proofs"):
            found = changes(decode(case.data.removesuffix(b"\n"), wrapped=FILE_WRAPPED))
            for _, _, value in islice(found, 0, None, every if len(case.data) > 2_000 else every // 30 or 1):
                yield Case(encode_unchecked(value), case.ledger, case.genesis)


@pytest.mark.timeout(3_600)  # the long form
def test_every_refusal_of_the_one_file_is_exercised(monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> None:
    """And since both verifiers agree on each of these cases, the ledger refuses it too."""
    refusing = set[int]()

    def need(condition: object, sentence: str) -> None:
        if not condition:
            refusing.add(sys._getframe(1).f_lineno)
            raise standalone.BrokenError(sentence)

    monkeypatch.setattr(standalone, "need", need)
    is_long = pytestconfig.getoption("--long")
    directed = (genesis_cases, record_cases, block_cases, proof_cases, conviction_cases, disclosure_cases, forgeries)
    for make in directed:
        for case in make():
            agree(case)
    for case in changed_files(1 if is_long else 97):
        agree(case)
    for data in SPELLINGS:
        is_read(data)
    for arguments in wrong_sizes():
        refused(standalone.check_prefix, *arguments)
    calls = [node for node in ast.walk(ast.parse(PROGRAM.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    needs = {call.lineno: ast.unparse(call) for call in calls if ast.unparse(call.func) == "need"}
    assert len(needs) > 100
    assert {line: needs[line] for line in needs if line not in refusing} == {}


# The command.


def test_the_one_file_needs_python_alone() -> None:
    tree = ast.parse(PROGRAM.read_text(encoding="utf-8"), feature_version=(3, 9))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert [call.lineno for call in calls if any(keyword.arg == "strict" for keyword in call.keywords)] == [], "of Python 3.10"


def ended(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    """Exit code, and the last line that is told."""
    try:
        code = standalone.main([str(argument) for argument in arguments])
    except SystemExit as error:
        code = int(str(error.code))
    told = capsys.readouterr()
    return code, (told.out + told.err).splitlines()[-1]


def test_exit_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, case in files().items():
        (tmp_path / name).write_bytes(case.data)
    (tmp_path / "genesis").write_bytes(chain().view.genesis.encode() + b"\n")
    (tmp_path / "cut").write_bytes(export()[:-2])
    holds, ledger = (0, "Everything holds."), chain().chain.ledger
    assert ended(capsys, tmp_path / "export", "--ledger", ledger) == holds
    assert ended(capsys, tmp_path / "export", "--genesis", tmp_path / "genesis") == holds
    assert ended(capsys, tmp_path / "state", "--genesis", tmp_path / "genesis") == holds
    assert ended(capsys, tmp_path / "conviction") == holds
    assert ended(capsys, tmp_path / "cut")[1].startswith("Rule 4, line, is broken in line 8 (height 7): ")
    for broken in (("cut",), ("sample", "--ledger", ledger), ("sample", "--genesis", tmp_path / "genesis"), ("genesis",)):
        assert ended(capsys, tmp_path / broken[0], *broken[1:])[0] == 1
    assert ended(capsys, tmp_path / "genesis")[1].startswith("Rule 1, genesis, is broken in line 1 (height 0): ")
    (tmp_path / "archive").write_bytes(b"PK\x03\x04")
    assert ended(capsys, tmp_path / "archive")[1].endswith("is an archive: unpack it and check its ledger.jsonl")
    for wrong in (("nothing",), ("state",), ("export", "--ledger", "x"), ("disclosure 0", "--ledger", ledger), ("archive",)):
        assert ended(capsys, tmp_path / wrong[0], *wrong[1:])[0] == 2
    assert standalone.main([str(tmp_path / "sample")]) == 0
    assert "NOT PINNED" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("own", "others"),
    [
        (standalone.EXPORT_RULES, audit_report.RULES),
        (standalone.PROOF_RULES, proof_file.RULES),
        (standalone.CONVICTION_RULES, conviction.RULES),
        (standalone.DISCLOSURE_RULES, proof_file.DISCLOSURE_RULES),
    ],
)
def test_both_verifiers_give_a_rule_one_name_and_one_number(own: dict[str, str], others: dict[str, str]) -> None:
    """What only the others check stands behind, or is said to be not checked here."""
    assert [*own] == [*others][: len(own)]
    assert {*others} - {*own} <= {"block"}


def test_rules_that_are_not_checked_here_are_said_to_be_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "export").write_bytes(export())
    standalone.main([str(tmp_path / "export")])
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert tuple(words[1] for words in lines if words[2:4] == ["not", "here"]) == standalone.NOT_HERE


def test_a_cut_export_tells_how_far_it_reaches(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "prefix").write_bytes(b"".join(export().splitlines(keepends=True)[:4]))
    assert standalone.main([str(tmp_path / "prefix")]) == 0
    assert ": 3 blocks and " in capsys.readouterr().out
