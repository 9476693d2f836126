"""The Merkle map against a naive one over plain dictionaries: roots, history independence, proofs and forgeries."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from pydantic import ValidationError

import ledger.state.tree as tree_module
from ledger.encoding import decode, digest_bytes, encode
from ledger.errors import JsonValue, MalformedError, VerificationError
from ledger.primitives import Digest
from ledger.state.map_proof import MapLeaf, MapProof, key_digest, map_root, parse_map_proof, verify_absent, verify_present
from ledger.state.memory_store import MemoryStore
from ledger.state.store import Batch
from ledger.state.tree import TABLE, StateTree
from tests.support import refusal

EMPTY_ROOT = digest_bytes("state-branch", bytes(2))
# Keys that share long prefixes, so that small maps are deep: digests never do.
KEYS = [
    bytes.fromhex(head).ljust(31, b"\x00") + bytes([last]) for head in ("", "01", "10", "1f", "ff") for last in (0, 1, 16, 255)
]
CONTENTS = st.dictionaries(st.sampled_from(KEYS), st.sampled_from([b"a", b"b"]))


def naive_node(content: Mapping[bytes, bytes], depth: int) -> bytes:
    """Hash of the node over leaves that share `depth` nibbles, as the docstring of ledger/state/tree.py defines it."""
    if len(content) == 1 and depth:
        ((key, value),) = content.items()
        return digest_bytes("state-leaf", key, digest_bytes("state-value", value))
    groups: dict[int, dict[bytes, bytes]] = {}
    for key, value in content.items():
        groups.setdefault(int(key.hex()[depth], 16), {})[key] = value
    bitmap = sum(2**nibble for nibble in groups)
    return digest_bytes("state-branch", bitmap.to_bytes(2, "big"), *(naive_node(groups[n], depth + 1) for n in sorted(groups)))


def built(content: Mapping[bytes, bytes | None]) -> tuple[MemoryStore, StateTree]:
    """A map made in one update."""
    store = MemoryStore()
    tree = StateTree(store)
    committed(store, tree, content)
    return store, tree


def committed(store: MemoryStore, tree: StateTree, changes: Mapping[bytes, bytes | None]) -> bytes:
    """Applies changes and returns the root that the update promised."""
    update, batch = tree.update(changes), Batch()
    update.write_to(batch)
    store.commit(batch)
    tree.apply(update)
    return update.root


def pages(store: MemoryStore) -> list[tuple[bytes, bytes]]:
    return store.scan(TABLE, b"", b"\xff", 10_000)


class Maps(RuleBasedStateMachine):
    """One map lives through updates; after each, it is exactly the map built afresh from its content."""

    def __init__(self) -> None:
        super().__init__()
        self.content: dict[bytes, bytes] = {}
        self.store, self.tree = MemoryStore(), StateTree(MemoryStore())
        self.tree = StateTree(self.store)
        self.root = EMPTY_ROOT

    @rule(changes=st.dictionaries(st.sampled_from(KEYS), st.sampled_from([b"a", b"b", b"c", None])))
    def change(self, changes: dict[bytes, bytes | None]) -> None:
        self.root = committed(self.store, self.tree, changes)
        kept = {**self.content, **changes}
        self.content = {key: value for key, value in kept.items() if value is not None}

    @rule(changes=CONTENTS)
    def try_and_forget(self, changes: dict[bytes, bytes]) -> None:
        expected = naive_node({**self.content, **changes}, 0)
        assert self.tree.update(changes).root == expected == map_root({**self.content, **changes})

    @invariant()
    def root_depends_on_the_content_alone(self) -> None:
        assert self.root == self.tree.root() == StateTree(self.store).root() == naive_node(self.content, 0)

    @invariant()
    def stored_pages_depend_on_the_content_alone(self) -> None:
        assert [page for page in pages(self.store) if page[0]] == [page for page in pages(built(self.content)[0]) if page[0]]


TestMaps = Maps.TestCase
TestMaps.settings = settings(max_examples=40, stateful_step_count=12)


def test_empty_map() -> None:
    assert StateTree(MemoryStore()).root() == EMPTY_ROOT
    verify_absent(EMPTY_ROOT, KEYS[0], StateTree(MemoryStore()).prove(KEYS[0]))


def test_a_bounded_cache_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_module, "CACHE_PAGES_MAX", 2)
    store, tree = built({})
    content = {key_digest(b"%d" % i): b"v" for i in range(500)}
    committed(store, tree, content)
    assert committed(store, tree, {}) == tree.root() == naive_node(content, 0)


@given(CONTENTS)
def test_every_key_is_proved_present_or_absent_and_never_both(content: dict[bytes, bytes]) -> None:
    _, tree = built(content)
    root = tree.root()
    for key in KEYS:
        proof = parse_map_proof(decode(encode(tree.prove(key).to_json())))
        assert proof == tree.prove(key)
        if key in content:
            verify_present(root, key, content[key], proof)
            refused_absent(root, key, proof)
            refused_present(root, key, b"other", proof)
        else:
            verify_absent(root, key, proof)
            refused_present(root, key, b"a", proof)


@given(CONTENTS, st.data())
def test_a_changed_hash_in_a_proof_is_refused(content: dict[bytes, bytes], data: st.DataObject) -> None:
    _, tree = built(content)
    key = data.draw(st.sampled_from(KEYS))
    proof = tree.prove(key)
    for depth, step in enumerate(proof.steps):
        for nibble in step:
            steps = list(proof.steps)
            steps[depth] = {**step, nibble: Digest("00" * 32)}
            refused_absent(tree.root(), key, MapProof(tuple(steps), proof.leaf))
            refused_present(tree.root(), key, content.get(key, b""), MapProof(tuple(steps), proof.leaf))


def refused_present(root: bytes, key: bytes, value: bytes, proof: MapProof) -> None:
    assert refusal(VerificationError, verify_present, root, key, value, proof).code == "wrong-state-proof"


def refused_absent(root: bytes, key: bytes, proof: MapProof) -> None:
    assert refusal(VerificationError, verify_absent, root, key, proof).code == "wrong-state-proof"


def test_another_value_is_not_proved() -> None:
    _, tree = built({KEYS[0]: b"a"})
    refused_present(tree.root(), KEYS[0], b"b", tree.prove(KEYS[0]))


def test_a_present_key_is_not_absent() -> None:
    _, tree = built({KEYS[0]: b"a"})
    refused_absent(tree.root(), KEYS[0], tree.prove(KEYS[0]))


def test_a_proof_under_another_root_is_refused() -> None:
    _, tree = built({KEYS[0]: b"a"})
    refused_present(bytes(32), KEYS[0], b"a", tree.prove(KEYS[0]))


def test_hiding_a_leaf_among_its_own_siblings_proves_no_absence() -> None:
    _, tree = built({KEYS[0]: b"a", KEYS[-1]: b"b"})
    siblings = {**tree.prove(KEYS[0]).steps[0], **tree.prove(KEYS[-1]).steps[0]}
    refused_absent(tree.root(), KEYS[0], MapProof((siblings,), None))


def test_a_leaf_of_another_path_proves_no_absence() -> None:
    # A root that a dishonest state would have: the leaf of KEYS[-1] where only keys that begin with 0 may stand.
    key, value = KEYS[-1], digest_bytes("state-value", b"a")
    root = digest_bytes("state-branch", (1).to_bytes(2, "big"), digest_bytes("state-leaf", key, value))
    refused_absent(root, KEYS[0], MapProof(({},), MapLeaf(Digest(key.hex()), Digest(value.hex()))))


@pytest.mark.parametrize("count", [0, 65])
def test_a_proof_without_steps_or_with_too_many_is_refused(count: int) -> None:
    refused_absent(EMPTY_ROOT, KEYS[0], MapProof(({},) * count, None))


STEP: JsonValue = {"0": "00" * 32}


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"steps": [STEP]},
        {"steps": [], "leaf": None},
        {"steps": [STEP] * 65, "leaf": None},
        {"steps": [[]], "leaf": None},
        {"steps": [{"g": "00" * 32}], "leaf": None},
        {"steps": [{"": "00" * 32}], "leaf": None},
        {"steps": [{"0": "00" * 31}], "leaf": None},
        {"steps": [{"0": 1}], "leaf": None},
        {"steps": [STEP], "leaf": {"key": "00" * 32}},
        {"steps": [STEP], "leaf": "x"},
    ],
)
def test_shapes_that_are_no_proof(value: JsonValue) -> None:
    assert refusal(MalformedError, parse_map_proof, value).code == "bad-proof"


def test_a_step_of_more_children_than_digits_is_one_fault() -> None:
    error = refusal(MalformedError, parse_map_proof, {"steps": [{f"x{n}": 0 for n in range(17)}], "leaf": None})
    assert error.code == "bad-proof"
    assert isinstance(error.__cause__, ValidationError)
    assert error.__cause__.error_count() < 3
