"""The Merkle map that authenticates the state: 16 children a branch, keyed by 32-byte key digests.

A leaf sits at the lowest depth at which no other leaf shares its path; a branch exists exactly where two or more
leaves do, and at the root. So the shape, and with it the root hash, depends only on the content, not on its history.

Table `tree`: path of a branch, one byte a nibble → its page. Nothing is rebuilt at start; an update loads, hashes and
writes each touched page once.

    page = bitmap of children · their hashes (32 bytes each) · bitmap of leaves among them · those leaves (64 each)

A page begins with exactly what its hash covers (`map_proof`).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from ledger.primitives import Digest
from ledger.state.map_proof import BRANCH_PREFIX, MapLeaf, MapProof, leaf_hash, value_digest
from ledger.state.store import Batch, Reader, damaged

TABLE = "tree"
CACHE_PAGES_MAX = 8_192
"""About 4 MB: the upper four levels of the map, which hold most of what an update touches."""

EMPTY_PAGE = bytes(4)
HASH_BYTES = 32
LEAF_BYTES = 64
_HEX = "0123456789abcdef"
_NIBBLES = bytes.maketrans(_HEX.encode(), bytes(range(16)))
_ONE_LEAF_BYTES = 4 + HASH_BYTES + LEAF_BYTES
TreeNode = tuple[bytes, bytes | None]
"""Hash of a child and, if it is a leaf, its key digest and value digest."""
Change = tuple[bytes, bytes, bytes | None]
"""Path of 64 nibbles, key digest, and the value digest or None for a deletion."""
Pages = dict[bytes, bytes | None]


@dataclass(frozen=True, slots=True)
class TreeUpdate:
    """The map after a set of changes; nothing is stored until `write_to` and the commit of the batch."""

    root: bytes
    pages: Pages
    """New content of each touched page by path; None where the branch is gone."""

    def write_to(self, batch: Batch) -> None:
        """Adds the pages to a batch."""
        batch.writes.update(((TABLE, path), page) for path, page in self.pages.items())


class StateTree:
    """The map over a reader that shows the committed state, with a bounded cache of pages.

    After a batch with an update is committed, call `apply` before anything else.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._cache: dict[bytes, bytes] = {}

    def root(self) -> bytes:
        """Root hash of the committed map."""
        return page_hash(self._page(b""))

    def update(self, changes: Mapping[bytes, bytes | None]) -> TreeUpdate:
        """The map after these changes: key digest → value bytes, or None to delete (an absent key too)."""
        ordered = [(nibbles(key), key, None if value is None else value_digest(value)) for key, value in sorted(changes.items())]
        pages: Pages = {}
        root = self._changed_page(self._page(b""), ordered, 0, pages)
        pages[b""] = root
        return TreeUpdate(page_hash(root), pages)

    def apply(self, update: TreeUpdate) -> None:
        """Puts the pages of a committed update into the cache."""
        for path, page in update.pages.items():
            self._cache.pop(path, None)
            if page is not None:
                self._remember(path, page)

    def prove(self, key: bytes) -> MapProof:
        """Proof of the value of this key digest, or of its absence."""
        path, steps = nibbles(key), list[dict[str, Digest]]()
        for depth, nibble in enumerate(path):
            page = self._page(path[:depth])
            others = hashes_by_nibble(page)
            here = others.pop(nibble, None)
            steps.append({_HEX[other]: sibling.hex() for other, sibling in others.items()})  # type: ignore[misc]
            leaf = leaf_of(page, nibble)
            if here is None or leaf is not None:
                end = None if leaf is None else MapLeaf(Digest(leaf[:32].hex()), Digest(leaf[32:].hex()))
                return MapProof(tuple(steps), end)
        raise AssertionError("no branch lies below 64 nibbles")

    def _changed_page(self, page: bytes, changes: list[Change], depth: int, pages: Pages) -> bytes:
        """The page of a branch after changes that all run through it."""
        for nibble, group in _by_nibble(changes, depth):
            page = with_child(page, nibble, self._changed_child(page, nibble, group, depth + 1, pages))
        return page

    def _changed_child(self, parent: bytes, nibble: int, changes: list[Change], depth: int, pages: Pages) -> TreeNode | None:
        """The child of a page after changes that all run through it."""
        if not has_child(parent, nibble):
            return _built(changes, depth, pages)
        leaf = leaf_of(parent, nibble)
        if leaf is not None:
            return _built(_with_leaf(changes, leaf), depth, pages)
        path = changes[0][0][:depth]
        page = self._changed_page(self._page(path), changes, depth, pages)
        collapsed = only_leaf(page)
        gone = collapsed is not None or page == EMPTY_PAGE
        pages[path] = None if gone else page
        return collapsed if gone else (page_hash(page), None)

    def _page(self, path: bytes) -> bytes:
        page = self._cache.get(path)
        if page is None:
            page = self._reader.get(TABLE, path)
            if page is None and path:
                raise damaged(f"the map of the state lacks branch {path.hex()}")
            page = page or EMPTY_PAGE
            self._remember(path, page)
        return page

    def _remember(self, path: bytes, page: bytes) -> None:
        self._cache[path] = page
        if len(self._cache) > CACHE_PAGES_MAX:
            del self._cache[next(iter(self._cache))]


def nibbles(key_digest: bytes) -> bytes:
    """The path of a key: 64 bytes from 0 to 15."""
    return key_digest.hex().encode().translate(_NIBBLES)


def _built(changes: list[Change], depth: int, pages: Pages) -> TreeNode | None:
    """A child where no branch was before: nothing, a leaf, or a new branch."""
    present = [change for change in changes if change[2] is not None]
    if not present:
        return None
    if len(present) == 1:
        leaf = present[0][1] + (present[0][2] or b"")
        return leaf_hash(leaf), leaf
    page = EMPTY_PAGE
    for nibble, group in _by_nibble(present, depth):
        page = with_child(page, nibble, _built(group, depth + 1, pages))
    pages[present[0][0][:depth]] = page
    return page_hash(page), None


def _with_leaf(changes: list[Change], leaf: bytes) -> list[Change]:
    """The changes, and the leaf that is there now unless they change it themselves."""
    key = leaf[:32]
    for change in changes:
        if change[1] == key:
            return changes
    return sorted([*changes, (nibbles(key), key, leaf[32:])])


def _by_nibble(changes: list[Change], depth: int) -> list[tuple[int, list[Change]]]:
    """Changes in path order, grouped by their nibble at this depth."""
    if len(changes) == 1:
        return [(changes[0][0][depth], changes)]
    groups: dict[int, list[Change]] = {}
    for change in changes:
        groups.setdefault(change[0][depth], []).append(change)
    return list(groups.items())


def page_hash(page: bytes) -> bytes:
    """Hash of the branch that a page stores."""
    return hashlib.sha256(BRANCH_PREFIX + page[: _hashes_end(page)]).digest()


def hashes_by_nibble(page: bytes) -> dict[int, bytes]:
    """Hashes of all children."""
    bitmap = page[0] << 8 | page[1]
    present = [nibble for nibble in range(16) if bitmap >> nibble & 1]
    return {nibble: page[2 + HASH_BYTES * i : 2 + HASH_BYTES * (i + 1)] for i, nibble in enumerate(present)}


def has_child(page: bytes, nibble: int) -> bool:
    """Whether there is a child at a nibble."""
    return bool((page[0] << 8 | page[1]) >> nibble & 1)


def leaf_of(page: bytes, nibble: int) -> bytes | None:
    """The leaf at a nibble, None where there is a branch or nothing."""
    end = _hashes_end(page)
    leaves = page[end] << 8 | page[end + 1]
    if not leaves >> nibble & 1:
        return None
    at = end + 2 + LEAF_BYTES * (leaves & ((1 << nibble) - 1)).bit_count()
    return page[at : at + LEAF_BYTES]


def only_leaf(page: bytes) -> TreeNode | None:
    """The only child, if there is just one and it is a leaf: such a branch collapses into it."""
    if len(page) != _ONE_LEAF_BYTES or (page[0] << 8 | page[1]).bit_count() != 1:
        return None
    return page[2 : 2 + HASH_BYTES], page[-LEAF_BYTES:]


def with_child(page: bytes, nibble: int, node: TreeNode | None) -> bytes:
    """The page with this child at a nibble, or with none."""
    digest, leaf = node or (b"", None)
    end, bit = _hashes_end(page), 1 << nibble
    bitmap, leaves = page[0] << 8 | page[1], page[end] << 8 | page[end + 1]
    at = 2 + HASH_BYTES * (bitmap & (bit - 1)).bit_count()
    if leaf is None and digest and bitmap & bit and not leaves & bit:
        # A branch stays a branch: by far the most frequent change.
        return page[:at] + digest + page[at + HASH_BYTES :]
    leaf_at = end + 2 + LEAF_BYTES * (leaves & (bit - 1)).bit_count()
    return b"".join(
        (
            (bitmap | bit if digest else bitmap & ~bit).to_bytes(2, "big"),
            page[2:at],
            digest,
            page[at + HASH_BYTES if bitmap & bit else at : end],
            (leaves | bit if leaf else leaves & ~bit).to_bytes(2, "big"),
            page[end + 2 : leaf_at],
            leaf or b"",
            page[leaf_at + LEAF_BYTES if leaves & bit else leaf_at :],
        )
    )


def _hashes_end(page: bytes) -> int:
    return 2 + HASH_BYTES * (page[0] << 8 | page[1]).bit_count()
