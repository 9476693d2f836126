"""Checks what a Tallystick ledger hands out, with nothing but Python itself (3.9 or newer) and this one file.

    python verify.py FILE --ledger ID

FILE is an export (ledger.jsonl), a proof file, a conviction or a disclosure. ID is the ledger's id, the digest of its
genesis: have it from somebody you trust, not from whoever gave you FILE. Exit code 0: everything holds, 1: something is
broken, and the last line says what and where, 2: wrong use.

It is a second implementation on purpose: it shares no line with the program that runs the ledger, so that a mistake
in one of them shows as a disagreement. It is longer than the other files, because it has to be alone. Read it in order:

    1  verdicts                4  Merkle trees              7  certificates of validators
    2  canonical JSON          5  the authenticated map     8  an export, block by block
    3  Ed25519 signatures      6  genesis and state         9  proofs, convictions, disclosures; the command

What `tallystick verify` checks and this file does not: it does not run the two system contracts (membership, governance)
again, nor the others, and it does not read X.509 certificates. What those contracts wrote is taken from the export, and
leads to the state roots that a quorum of validators signed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, permutations
from typing import Any

# 1. Verdicts --------------------------------------------------------------------------------------------------------


class BrokenError(Exception):
    """Something does not hold; the text says what."""


class WrongUseError(Exception):
    """What was asked for cannot be judged; the text says why."""


def need(condition: object, sentence: str) -> None:
    """The one way to refuse: raises BrokenError with this sentence unless the condition is true."""
    if not condition:
        raise BrokenError(sentence)


class Checks:
    """Numbered rules: which one is being judged, and how often each was found to hold."""

    def __init__(self, rules: dict[str, str]) -> None:
        self.rules = rules
        self.held: Counter[str] = Counter()
        self.current = ""

    def start(self, rule: str) -> None:
        """From here on this rule is judged; the one before was found to hold."""
        self.finish()
        self.current = rule

    def finish(self) -> None:
        """The last rule was found to hold."""
        if self.current:
            self.held[self.current] += 1
        self.current = ""


# 2. Canonical JSON: one value has one byte string -------------------------------------------------------------------

DEPTH_MAX = 16
INTEGER_MAX = 2**53 - 1
STRING = re.compile(r'"([^"\\\x00-\x1f]*(?:\\(?:["\\bfnrt]|u00(?:0[0-7bef]|1[0-9a-f]))[^"\\\x00-\x1f]*)*)"')
ESCAPE = re.compile(r"\\(u....|.)")
ESCAPED = {'"': '"', "\\": "\\", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
NUMBER = re.compile(r"-?[1-9][0-9]{0,15}|0")


def parse(data: bytes, wrapped: int = 0) -> Any:
    """The value of canonical bytes. `wrapped` levels of a file may stand around a value of the usual depth."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise BrokenError("These bytes are not UTF-8.") from None
    value, end = read_value(text, 0, DEPTH_MAX + wrapped)
    need(end == len(text), f"Something stands behind the JSON, from character {end} on.")
    return value


def read_value(text: str, at: int, depth: int) -> tuple[Any, int]:
    """The value that begins at this character, and where it ends. No spaces are skipped, for there may be none."""
    first = text[at : at + 1]
    if first == '"':
        return read_string(text, at)
    if first in ("{", "["):
        need(depth > 0, f"Arrays and objects nest too deep at character {at}.")
        return read_object(text, at + 1, depth - 1) if first == "{" else read_array(text, at + 1, depth - 1)
    for word, constant in (("true", True), ("false", False), ("null", None)):
        if text.startswith(word, at):
            return constant, at + len(word)
    number = NUMBER.match(text, at)
    need(number, f"No canonical JSON begins at character {at}.")
    assert number
    integer = int(number.group())
    need(-INTEGER_MAX <= integer <= INTEGER_MAX, f"The integer at character {at} is too large.")
    return integer, number.end()


def read_string(text: str, at: int) -> tuple[str, int]:
    """A string whose escapes are exactly the needed ones."""
    found = STRING.match(text, at)
    need(found, f"No canonical string begins at character {at}.")
    assert found
    return ESCAPE.sub(unescaped, found.group(1)), found.end()


def unescaped(found: re.Match[str]) -> str:
    """The character that an escape stands for."""
    code = found.group(1)
    return ESCAPED[code] if code in ESCAPED else chr(int(code[1:], 16))


def read_array(text: str, at: int, depth: int) -> tuple[list[Any], int]:
    """The items behind an opening bracket."""
    items: list[Any] = []
    if text[at : at + 1] == "]":
        return items, at + 1
    while True:
        item, at = read_value(text, at, depth)
        items.append(item)
        at += 1
        if text[at - 1 : at] == "]":
            return items, at
        need(text[at - 1 : at] == ",", f"Expected a comma or a bracket at character {at - 1}.")


def read_object(text: str, at: int, depth: int) -> tuple[dict[str, Any], int]:
    """The members behind an opening brace: ASCII names, sorted, each once."""
    members: dict[str, Any] = {}
    last: str | None = None
    if text[at : at + 1] == "}":
        return members, at + 1
    while True:
        name, at = read_string(text, at)
        need(name.isascii() and (last is None or name > last), f"Names are ASCII, sorted, each once: before character {at}.")
        need(text[at : at + 1] == ":", f"Expected a colon at character {at}.")
        members[name], at = read_value(text, at + 1, depth)
        last, at = name, at + 1
        if text[at - 1 : at] == "}":
            return members, at
        need(text[at - 1 : at] == ",", f"Expected a comma or a brace at character {at - 1}.")


def canonical(value: Any) -> bytes:
    """The bytes of a value that was read by `parse`."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def depth_of(value: Any) -> int:
    """How deep arrays and objects nest."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth_of, inner), default=0)


def tagged(tag: str, data: bytes) -> bytes:
    """What is hashed or signed: the purpose, a zero byte, the data."""
    return b"tallystick/" + tag.encode() + b"\x00" + data


def digest(tag: str, data: bytes) -> str:
    """SHA-256 for a purpose."""
    return hashlib.sha256(tagged(tag, data)).hexdigest()


def fits(value: Any, shape: Any) -> bool:
    """Whether a value has a shape, which is written as it looks: a dict means exactly these members, a list of one shape a
    list of such values, a tuple one shape or another, a pattern or a string such a text, a range an integer in it, None null,
    a type any value of that type, a function whatever it says yes to.
    """
    if isinstance(shape, dict):
        return isinstance(value, dict) and value.keys() == shape.keys() and all(fits(value[n], shape[n]) for n in shape)
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(item, shape[0]) for item in value)
    if isinstance(shape, tuple):
        return any(fits(value, choice) for choice in shape)
    if isinstance(shape, re.Pattern):
        return isinstance(value, str) and shape.fullmatch(value) is not None
    if isinstance(shape, range):
        return type(value) is int and value in shape  # True and False are no integers here.
    if isinstance(shape, type):
        return isinstance(value, shape)
    return bool(shape(value)) if callable(shape) else bool(value == shape)


INTEGER, COUNT, POSITIVE = range(-INTEGER_MAX, INTEGER_MAX + 1), range(INTEGER_MAX + 1), range(1, INTEGER_MAX + 1)
SALT, DIGEST, SIGNATURE = re.compile("[0-9a-f]{32}"), re.compile("[0-9a-f]{64}"), re.compile("[0-9a-f]{128}")
NAME, MEMBER_ID = re.compile("[A-Za-z0-9_-]{1,64}"), re.compile(r"[A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{1,64}")
DIGIT, TEXT, ANYTHING = re.compile("[0-9a-f]"), str, object

# 3. Ed25519 signatures (RFC 8032), over the curve -x² + y² = 1 + d·x²·y² modulo 2²⁵⁵ - 19 ----------------------------

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE_D = -121665 * pow(121666, -1, PRIME) % PRIME
ROOT_OF_MINUS_ONE = pow(2, (PRIME - 1) // 4, PRIME)
Point = tuple[int, int, int, int]  # (X, Y, Z, T): x = X/Z, y = Y/Z, xy = T/Z, so that adding needs no division
NEUTRAL = (0, 1, 1, 0)
KEY_BITS, BASE_BITS = 4, 8


def prepared(p: Point) -> Point:
    """A point in the form in which it is added to others."""
    x, y, z, t = p
    return (y - x) % PRIME, (y + x) % PRIME, 2 * CURVE_D * t % PRIME, 2 * z % PRIME


def add(p: Point, q: Point) -> Point:
    """The sum of a point and a prepared point; holds for all pairs, equal ones too."""
    x, y, z, t = p
    minus, plus, t2d, z2 = q
    a, b, c, d = (y - x) * minus % PRIME, (y + x) * plus % PRIME, t * t2d % PRIME, z * z2 % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME


def table_of_multiples(point: Point, bits: int) -> list[list[Point]]:
    """Row i holds 0, 1, 2, … times 2^(i·bits)·point: with it a multiple is one addition a row."""
    rows = []
    for _ in range(0, 256, bits):
        row, step = [], prepared(point)
        point = NEUTRAL
        for _ in range(2**bits):
            row.append(prepared(point))
            point = add(point, step)
        rows.append(row)
    return rows


def add_multiple(total: Point, rows: list[list[Point]], scalar: int, bits: int) -> Point:
    """`total` plus the scalar times the point of the table."""
    for row in rows:
        digit = scalar & (2**bits - 1)
        if digit:
            total = add(total, row[digit])
        scalar >>= bits
    return total


def decode_point(data: bytes) -> Point | None:
    """The point with this y and this sign of x, None if the curve has none."""
    y, sign = int.from_bytes(data, "little") & (2**255 - 1), data[31] >> 7
    square = (y * y - 1) * pow(CURVE_D * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if x * x % PRIME != square:
        x = x * ROOT_OF_MINUS_ONE % PRIME
    if x * x % PRIME != square:
        return None
    x = PRIME - x if x & 1 != sign else x
    return x, y, 1, x * y % PRIME


def encode_point(point: Point) -> bytes:
    """The one encoding: y, and the sign of x in the highest bit."""
    x, y, z, _ = point
    inverse = pow(z, -1, PRIME)
    return (y * inverse % PRIME | (x * inverse % PRIME & 1) << 255).to_bytes(32, "little")


def has_small_order(point: Point) -> bool:
    """Whether it is one of the eight points whose eightfold is the neutral one: with one as A or R, a signature fits many
    messages.
    """
    for _ in range(3):
        point = add(point, prepared(point))
    return not point[0] % PRIME


def is_strong(public_key: str) -> bool:
    """Whether the key is spelled canonically and has no small order."""
    data = bytes.fromhex(public_key)
    y = int.from_bytes(data, "little") & (2**255 - 1)
    point = decode_point(data) if y < PRIME else None
    if point is None:
        return y < PRIME  # Not on the curve: no signature will fit it.
    return not has_small_order(point)


BASE_TABLE = table_of_multiples(decode_point((4 * pow(5, -1, PRIME) % PRIME).to_bytes(32, "little")) or NEUTRAL, BASE_BITS)


@lru_cache(maxsize=256)
def table_of_key(public_key: str) -> list[list[Point]] | None:
    """Multiples of minus the key, None where no signature can hold."""
    point = decode_point(bytes.fromhex(public_key)) if is_strong(public_key) else None
    if point is None:
        return None
    x, y, z, t = point
    return table_of_multiples((-x % PRIME, y, z, -t % PRIME), KEY_BITS)


def is_signed(public_key: str, tag: str, data: bytes, signature: str) -> bool:
    """Whether the signature holds for a purpose."""
    return holds(public_key, tagged(tag, data), signature)


def holds(public_key: str, message: bytes, signature: str) -> bool:
    """Whether R = S·B - h·A: S below the order of the curve, R compared as bytes, so that there is no second spelling, and
    neither R nor A of small order. No cofactor: RFC 8032 leaves the choice, and a ledger can have only one.
    """
    raw, key = bytes.fromhex(signature), bytes.fromhex(public_key)
    r, s = raw[:32], int.from_bytes(raw[32:], "little")
    table = table_of_key(public_key)
    if s >= ORDER or table is None:
        return False
    h = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % ORDER
    total = add_multiple(add_multiple(NEUTRAL, BASE_TABLE, s, BASE_BITS), table, h, KEY_BITS)
    return encode_point(total) == r and not has_small_order(total)


# 4. Merkle trees (RFC 9162, section 2.1) ----------------------------------------------------------------------------


def leaf_hash(data: bytes) -> bytes:
    """A leaf is marked by 0, so that it cannot pass for a node."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """A node is marked by 1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Growing:
    """A tree that leaves are added to: the roots of its complete parts, from the largest to the smallest."""

    def __init__(self, parts: Iterable[tuple[int, bytes]] = ()) -> None:
        self.parts = tuple(parts)

    def with_leaf(self, data: bytes) -> Growing:
        """The tree with one more leaf: equal parts become one of twice the size."""
        parts, size, node = list(self.parts), 1, leaf_hash(data)
        while parts and parts[-1][0] == size:
            size, node = 2 * size, node_hash(parts.pop()[1], node)
        return Growing([*parts, (size, node)])

    def root(self) -> str:
        """The root over all leaves."""
        if not self.parts:
            return hashlib.sha256(b"").hexdigest()
        node = self.parts[-1][1]
        for _, left in reversed(self.parts[:-1]):
            node = node_hash(left, node)
        return node.hex()


def root_over(leaves: Iterable[bytes]) -> str:
    """The root over a list."""
    tree = Growing()
    for leaf in leaves:
        tree = tree.with_leaf(leaf)
    return tree.root()


def check_inclusion(leaf: bytes, index: int, size: int, path: list[str], root: str) -> None:
    """Section 2.1.3.2: the path leads from the leaf to the root."""
    need(0 <= index < size, f"Leaf {index} does not lie in a tree of {size}.")
    place, last, node = index, size - 1, leaf_hash(leaf)
    for sibling in map(bytes.fromhex, path):
        need(last > 0, "The path is too long.")
        if place & 1 or place == last:
            node = node_hash(sibling, node)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        place, last = place >> 1, last >> 1
    need(last == 0, "The path is too short.")
    need(node.hex() == root, f"The path of leaf {index} leads to {node.hex()}, not to {root}.")


def check_prefix(first: int, second: int, old: str, new: str, path: list[str]) -> None:
    """Section 2.1.4.2: the tree of `first` leaves is the beginning of the tree of `second`, more than first."""
    need(0 < first < second, f"A history of {first} is no beginning of a longer one of {second}.")
    nodes = [bytes.fromhex(node) for node in ([old, *path] if first & (first - 1) == 0 else path)]
    need(path, "A proof of a longer history cannot be empty.")
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first_root = second_root = nodes[0]
    for node in nodes[1:]:
        need(last > 0, "The path is too long.")
        if place & 1 or place == last:
            first_root, second_root = node_hash(node, first_root), node_hash(node, second_root)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            second_root = node_hash(second_root, node)
        place, last = place >> 1, last >> 1
    need(last == 0, "The path is too short.")
    need(first_root.hex() == old, f"The path gives {first_root.hex()} for the earlier history.")
    need(second_root.hex() == new, f"The path gives {second_root.hex()} for the later history.")


# 5. The authenticated map: sixteen children a branch, by the digits of the key's digest -------------------------------


class Leaf:
    """One key and its value, by their digests."""

    def __init__(self, path: str, value: str) -> None:
        self.path = path
        self.hash: str = hash_of_leaf(path, value)


class Branch:
    """Where the paths of two or more keys part, and always at the root."""

    def __init__(self, children: dict[str, Leaf | Branch]) -> None:
        self.children = children
        self.hash: str = hash_of_branch({nibble: child.hash for nibble, child in children.items()})


def hash_of_leaf(path: str, value: str) -> str:
    """Digests of key and value in one."""
    return digest("state-leaf", bytes.fromhex(path + value))


def hash_of_branch(children: dict[str, str]) -> str:
    """Which children there are, in 16 bits, and their hashes in order."""
    present = sum(1 << int(nibble, 16) for nibble in children)
    return digest("state-branch", present.to_bytes(2, "big") + bytes.fromhex("".join(children[n] for n in sorted(children))))


def with_value(node: Leaf | Branch | None, path: str, value: str | None, depth: int) -> Leaf | Branch | None:
    """The part of the map below `node` after one key got another value, or none. The old part stays as it is."""
    if depth and (node is None or (isinstance(node, Leaf) and node.path == path)):
        return None if value is None else Leaf(path, value)
    if isinstance(node, Leaf) and value is None:
        return node
    children: dict[str, Leaf | Branch] = {}
    if node is not None:
        children = {node.path[depth]: node} if isinstance(node, Leaf) else dict(node.children)
    child = with_value(children.pop(path[depth], None), path, value, depth + 1)
    if child is not None:
        children[path[depth]] = child
    if depth and len(children) == 1 and isinstance(next(iter(children.values())), Leaf):
        return next(iter(children.values()))
    return Branch(children)


def is_step(value: Any) -> bool:
    """One branch of a map proof: hashes of children by hexadecimal digit."""
    return isinstance(value, dict) and all(fits(n, DIGIT) for n in value) and fits([*value.values()], [DIGEST])


def check_map_proof(root: str, place: bytes, value: bytes | None, proof: Any) -> None:
    """The key of the state has this value under the root, or none (None). The proof leaves out what lies on the key's path."""
    path, leaf, steps = digest("state-key", place), proof["leaf"], proof["steps"]
    need(0 < len(steps) <= 64, "A proof has 1 to 64 steps.")
    need(not any(path[depth] in step for depth, step in enumerate(steps)), "A step names the child on the path itself.")
    need(leaf is None or leaf["key"][: len(steps)] == path[: len(steps)], "The leaf does not lie on the path of the key.")
    node = None if leaf is None else hash_of_leaf(leaf["key"], leaf["value"])
    for depth in reversed(range(len(steps))):
        node = hash_of_branch(steps[depth] if node is None else {**steps[depth], path[depth]: node})
    need(node == root, f"The path does not lead to the state root {root}.")
    if value is None:
        need(leaf is None or leaf["key"] != path, "The key is present.")
    else:
        need(leaf == {"key": path, "value": digest("state-value", value)}, "The path ends in another key or value.")


# 6. Genesis and state -----------------------------------------------------------------------------------------------

SYSTEM = ("membership", "governance")
MEMBERS, CONTRACTS = ("membership", "members"), ("governance", "contracts")
VALIDATORS, PARAMETERS = ("governance", "validators", "current"), ("governance", "parameters", "current")
DAY_MS = 86_400_000
LIMITS = {
    "transaction_bytes_max": range(1_024, 1_000_000 + 1), "transaction_lifetime_max_ms": range(1_000, 7 * DAY_MS + 1),
    "block_bytes_max": range(1_024, 6_000_000 + 1), "block_transactions_max": range(1, 10_000 + 1),
    "heartbeat_interval_ms": range(DAY_MS + 1), "drift_ms": range(600_000 + 1), "delay_ms": range(1, 60_000 + 1),
}  # fmt: skip
ORGANIZATION = {"name": NAME, "root_certificate": TEXT, "added_height": INTEGER, "roles": [TEXT]}
MEMBER = {
    "member": MEMBER_ID, "public_key": DIGEST, "roles": [TEXT], "not_before_ms": INTEGER, "not_after_ms": INTEGER,
    "certificate": TEXT, "revoked_at_ms": (None, INTEGER),
}  # fmt: skip


def is_list_of_fields(value: Any) -> bool:
    """What a contract reads, or what its records hold: by field its kinds. An empty list is left out."""
    return isinstance(value, dict) and value != {} and fits([*value.values()], [TEXT])


CONTRACT = tuple(
    {"name": NAME, "module": TEXT, "digest": TEXT, **dict.fromkeys(told, is_list_of_fields)}
    for told in ((), ("reads",), ("fields",), ("reads", "fields"))
)
VALIDATOR_SET = [{"member": MEMBER_ID, "public_key": DIGEST}]
GENESIS = {
    "format": "tallystick-genesis-1", "suite": "ed25519-sha256", "time_ms": COUNT, "organizations": [ORGANIZATION],
    "members": [MEMBER], "validators": [MEMBER_ID], "contracts": [CONTRACT], "parameters": LIMITS,
    "writes": [{"contract": TEXT, "collection": TEXT, "key": TEXT, "value": ANYTHING}],
}  # fmt: skip


def state_key(contract: str, collection: str, key: str) -> bytes:
    """The key of the state: what the map digests."""
    need(0 < len(key) <= 256 and "\x00" not in key, "A key has 1 to 256 characters and no zero character.")
    return f"{contract}\x00{collection}\x00{key}".encode()


def is_shown(reader: Any, read: Any) -> bool:
    """Whether a contract finds with another one the fields that it reads there, of no other kind than it takes."""
    shown = {f"{read['name']}.{field}": {*kinds.split("|")} - {"absent"} for field, kinds in read.get("fields", {}).items()}
    needed = {field: {*kinds.split("|")} for field, kinds in reader.get("reads", {}).items()}
    here = [field for field in needed if field.startswith(f"{read['name']}.")]
    return all(shown.get(field, {"absent"}) <= needed[field] for field in here)


class State:
    """All values by key (None: deleted), and the map that authenticates them."""

    def __init__(self) -> None:
        self.values: dict[bytes, bytes | None] = {}
        self.map = Branch({})

    def map_after(self, values: Mapping[bytes, bytes | None]) -> Branch:
        """The map with these writes; nothing is changed yet."""
        changed: Leaf | Branch | None = self.map
        for key, value in values.items():
            changed = with_value(changed, digest("state-key", key), None if value is None else digest("state-value", value), 0)
        assert isinstance(changed, Branch)
        return changed

    def take(self, values: Mapping[bytes, bytes | None], changed: Branch) -> None:
        """Goes on to the state with these writes, whose map is `changed`."""
        self.values.update(values)
        self.map = changed


class ReadGenesis:
    """Height 0: everything that has to be taken on trust, under one digest, the ledger's id."""

    def __init__(self, value: Any) -> None:
        need(depth_of(value) <= DEPTH_MAX and fits(value, GENESIS), "This is no genesis with exactly its fields.")
        self.ledger, self.time = digest("genesis", canonical(value)), value["time_ms"]
        members = {m["member"]: m for m in value["members"]}
        organizations, contracts = ([item["name"] for item in value[field]] for field in ("organizations", "contracts"))
        for names in (organizations, [m["member"] for m in value["members"]], value["validators"], contracts):
            need(len(set(names)) == len(names), "The genesis names something twice.")
        need(all(m.partition(".")[0] in organizations for m in members), "A member belongs to no organization.")
        need(all(is_strong(m["public_key"]) for m in value["members"]), "A member's key is weak.")
        need(1 <= len(value["validators"]) <= 100, "A network begins with 1 to 100 validators.")
        is_voter = (v in members and "validator" in members[v]["roles"] for v in value["validators"])
        need(all(is_voter), "A validator is no member with that role.")
        self.validators = [{"member": v, "public_key": members[v]["public_key"]} for v in value["validators"]]
        need(len({v["public_key"] for v in self.validators}) == len(self.validators), "Two validators share a key.")
        pairs = permutations(value["contracts"], 2)
        need(all(is_shown(*pair) for pair in pairs), "A contract reads what the one that it reads does not state.")
        limits = value["parameters"]
        need(limits["block_bytes_max"] >= limits["transaction_bytes_max"], "A transaction does not fit a block.")
        need(not any(w["contract"] in SYSTEM for w in value["writes"]), "An initial value belongs to a system contract.")
        rows = [
            *(("membership", "organizations", o["name"], o) for o in value["organizations"]),
            *((*MEMBERS, m["member"], m) for m in value["members"]),
            *((*CONTRACTS, c["name"], c) for c in value["contracts"]),
            (*VALIDATORS, {"validators": self.validators}),
            (*PARAMETERS, limits),
            *((w["contract"], w["collection"], w["key"], w["value"]) for w in value["writes"]),
        ]
        values = {state_key(*row[:3]): canonical(row[3]) for row in rows}
        need(len(values) == len(rows), "The genesis writes a key twice.")
        self.state = State()
        self.state.take(values, self.state.map_after(values))


# 7. Certificates of validators --------------------------------------------------------------------------------------

MADE_OF = {"commit": "final", "notar": "vote", "skip": "skip"}
VIEW, SIGNER = range(1, 1_000_000 + 1), range(10_000 + 1)
HEADER = {
    "ledger": DIGEST, "height": POSITIVE, "time": COUNT, "parent": DIGEST, "transactions_root": DIGEST, "receipts_root": DIGEST,
    "state_root": DIGEST, "history_root": DIGEST, "validators": DIGEST, "next_validators": DIGEST, "proposer": MEMBER_ID,
}  # fmt: skip
CERTIFICATE_FIELDS = {"height": POSITIVE, "view": VIEW, "signers": [SIGNER], "signatures": [SIGNATURE]}
CERTIFICATES = (
    {"kind": ("commit", "notar"), "block": DIGEST, **CERTIFICATE_FIELDS},
    {"kind": "skip", "block": "", **CERTIFICATE_FIELDS},
)


def is_certificate(value: Any) -> bool:
    """A certificate with one signature a signer."""
    return fits(value, CERTIFICATES) and len(value["signers"]) == len(value["signatures"])


def block_id(header: Any) -> str:
    """A block's id is the digest of its header."""
    return digest("header", canonical(header))


def digest_of_set(validators: Any) -> str:
    """How headers name their validators."""
    return digest("validators", canonical(validators))


def check_statement(ledger: str, validators: Any, signer: int, signature: str, said: dict[str, Any]) -> None:
    """A validator of the set signed this: kind, height, view, block, notarized_view."""
    need(signer < len(validators), f"Validator {signer} is not among the {len(validators)}.")
    data = canonical({"ledger": ledger, "validators": digest_of_set(validators), **said})
    voter = validators[signer]
    need(is_signed(voter["public_key"], "statement", data, signature), f"The signature of {voter['member']} does not hold.")


def check_certificate(ledger: str, validators: Any, certificate: Any) -> None:
    """Exactly a quorum signed: of n validators (n-1)//3 may be faulty, and all others are needed."""
    quorum, signers = len(validators) - (len(validators) - 1) // 3, certificate["signers"]
    need(len(signers) == quorum, f"A certificate has exactly {quorum} signatures.")
    need(sorted(set(signers)) == signers, "Signers stand in rising order, each once.")
    said = {field: certificate[field] for field in ("height", "view", "block")}
    said.update(kind=MADE_OF[certificate["kind"]], notarized_view=0)
    for place, signer in enumerate(signers):
        check_statement(ledger, validators, signer, certificate["signatures"][place], said)


def check_record(ledger: str, validators: Any, header: Any, record: Any) -> None:
    """The decision record: this block was voted for and committed in one view, and each view before is accounted for."""
    commit, notar, earlier, block = record["commit"], record["notar"], record["earlier"], block_id(header)
    need((commit["kind"], notar["kind"]) == ("commit", "notar"), "A record has a commit and a notar certificate.")
    need(all(c["height"] == header["height"] for c in (commit, notar, *earlier)), "A certificate is of another height.")
    need(commit["block"] == notar["block"] == block, f"The certificates do not name this block, {block}.")
    need(commit["view"] == notar["view"], "The certificates are of two views.")
    need([c["view"] for c in earlier] == [*range(1, commit["view"])], "The record covers each earlier view once, in order.")
    fitting = all(c["kind"] == "skip" or (c["kind"] == "notar" and c["block"] == block) for c in earlier)
    need(fitting, "An earlier view was skipped, or voted for the same block.")
    for certificate in (commit, notar, *earlier):
        check_certificate(ledger, validators, certificate)


# 8. An export, block by block ---------------------------------------------------------------------------------------

NOT_HERE = ("certificates-of-members", "execution", "block")
"""Rules that only the auditor of the package goes through; they stand in the list so that both give a rule one number."""
EXPORT_RULES = {
    "genesis": "The first line holds a genesis whose parts fit each other.",
    "ledger": "The genesis is that of the ledger that was asked for.",
    "certificates-of-members": "Each first member's certificate is issued by its organization's root.",
    "line": "The line is a block in canonical form.",
    "place": "The block stands on the one before it: ledger, height, parent, later time.",
    "validators": "It was made for the validators of its height, by one of them.",
    "record": "A quorum of these validators decided it, and the decision record is complete.",
    "transactions": "The envelopes are exactly those that the header names.",
    "admission": "Every transaction was admissible: signatures, members, expiry, limits, never twice.",
    "execution": "Executed again, the transaction gives the receipt and the writes that stand here.",
    "writes": "The receipt names exactly these writes; a contract writes its own keys only; a refusal writes nothing.",
    "receipts": "The receipts are exactly those that the header names.",
    "state": "The writes lead from the state before to the state that the header names.",
    "history": "The header names the history of all blocks before it.",
    "next-validators": "The header names the validators that the state gives for the next height.",
    "block": "The export holds the block that was asked for.",
}
BODY = {
    "ledger": DIGEST, "contract": NAME, "operation": NAME, "arguments": dict, "signers": [MEMBER_ID], "nonce": SALT,
    "expires": COUNT,
}  # fmt: skip
RECEIPT = {
    "transaction": DIGEST, "outcome": ("committed", "rejected"), "code": ANYTHING, "details": ANYTHING, "writes": DIGEST,
    "events": ANYTHING,
}  # fmt: skip
WRITES = [{"contract": TEXT, "collection": TEXT, "key": TEXT, "value": (None, TEXT)}]


def is_transaction(value: Any) -> bool:
    """An envelope: 1 to 16 signers, each once, and exactly one signature a signer."""
    if not fits(value, {"body": BODY, "signatures": [SIGNATURE]}) or depth_of(value) > DEPTH_MAX:
        return False
    signers = value["body"]["signers"]
    return 1 <= len(set(signers)) == len(signers) == len(value["signatures"]) <= 16 and len(canonical(value)) <= 1_000_000


RECORD = {"commit": is_certificate, "notar": is_certificate, "earlier": [is_certificate]}
BLOCK = {"header": HEADER, "transactions": [is_transaction], "receipts": [RECEIPT], "writes": [WRITES], "record": RECORD}


class Export:
    """Follows a ledger from its genesis; `feed` takes a line and raises BrokenError at the first rule that does not hold."""

    def __init__(self, pinned: str | None = None) -> None:
        self.pinned = pinned
        self.checks = Checks(EXPORT_RULES)
        self.line = self.height = self.time = 0
        self.ledger = self.head = ""
        self.state = State()
        self.history = Growing()
        self.known: set[str] = set()

    def feed(self, line: bytes) -> None:
        """The next line, without its line end."""
        self.line += 1
        if self.ledger:
            self.judge(line)
        else:
            self.begin(line)
        self.checks.finish()

    def end(self) -> None:
        """An export holds at least its genesis."""
        if not self.ledger:
            self.feed(b"")

    def begin(self, line: bytes) -> None:
        """The genesis."""
        self.checks.start("genesis")
        first = parse(line, wrapped=3)
        frame = {"format": "tallystick-export-1", "genesis": ANYTHING, "ledger": ANYTHING}
        need(fits(first, frame), f"This begins no export and is no {', '.join(FORMATS)}. Of a node's answer give `proof` alone.")
        genesis = ReadGenesis(first["genesis"])
        need(first["ledger"] == genesis.ledger, f"The id in the export is not that of its genesis, {genesis.ledger}.")
        self.checks.start("ledger")
        need(self.pinned in (None, genesis.ledger), f"This is ledger {genesis.ledger}, not {self.pinned}.")
        self.ledger = self.head = genesis.ledger
        self.time, self.state = genesis.time, genesis.state
        self.history = self.history.with_leaf(bytes.fromhex(self.ledger))

    def judge(self, line: bytes) -> None:
        """One block, rule by rule. Nothing of it is taken over before all of it holds."""
        self.checks.start("line")
        block = parse(line, wrapped=3)
        need(fits(block, BLOCK), "This is no block with exactly its fields.")
        header, transactions, receipts = block["header"], block["transactions"], block["receipts"]
        need(len(transactions) == len(receipts) == len(block["writes"]), "One receipt and one list of writes a transaction.")
        self.checks.start("place")
        need(header["ledger"] == self.ledger, f"The block belongs to ledger {header['ledger']}.")
        need(header["height"] == self.height + 1, f"Expected a block of height {self.height + 1}, got {header['height']}.")
        need(header["parent"] == self.head, f"Expected parent {self.head}, got {header['parent']}.")
        need(header["time"] > self.time, f"Block time {header['time']} is not after {self.time}.")
        self.checks.start("validators")
        validators = self.validators({})
        need(header["validators"] == digest_of_set(validators), "The header names another validator set.")
        need(any(v["member"] == header["proposer"] for v in validators), f"{header['proposer']} is no validator.")
        self.checks.start("record")
        check_record(self.ledger, validators, header, block["record"])
        self.checks.start("transactions")
        root = root_over(map(canonical, transactions))
        need(header["transactions_root"] == root, "The transactions are not those of the header.")
        self.checks.start("admission")
        ids = [digest("transaction", canonical(transaction["body"])) for transaction in transactions]
        self.check_admission(header["time"], transactions, ids)
        written: dict[bytes, bytes | None] = {}
        for place, writes in enumerate(block["writes"]):
            self.checks.start("writes")
            self.check_writes(header["time"], transactions[place]["body"], ids[place], receipts[place], writes, written)
            for write in writes:
                key = state_key(write["contract"], write["collection"], write["key"])
                written[key] = None if write["value"] is None else write["value"].encode()
        self.checks.start("receipts")
        need(header["receipts_root"] == root_over(map(canonical, receipts)), "The receipts are not those of the header.")
        self.checks.start("state")
        changed = self.state.map_after(written)
        need(header["state_root"] == changed.hash, f"The writes lead to {changed.hash}, not {header['state_root']}.")
        self.checks.start("history")
        need(header["history_root"] == self.history.root(), "The history is not that of the blocks before it.")
        self.checks.start("next-validators")
        following = digest_of_set(self.validators(written))
        need(header["next_validators"] == following, "The state gives other validators for the next height.")
        self.state.take(written, changed)
        self.height, self.head, self.time = header["height"], block_id(header), header["time"]
        self.history = self.history.with_leaf(bytes.fromhex(self.head))
        self.known.update(ids)

    def check_admission(self, time: int, transactions: Any, ids: list[str]) -> None:
        """What may stand in a block at all, judged by the state before it."""
        limits, sizes = self.read({}, LIMITS, *PARAMETERS), [len(canonical(transaction)) for transaction in transactions]
        need(len(ids) <= limits["block_transactions_max"], "The block has too many transactions.")
        need(sum(sizes) <= limits["block_bytes_max"], "The block has too many bytes.")
        need(len(set(ids)) == len(ids), "A transaction stands twice in the block.")
        for place, number in enumerate(ids):
            body, signatures = transactions[place]["body"], transactions[place]["signatures"]
            need(body["ledger"] == self.ledger, f"Transaction {number} is for ledger {body['ledger']}.")
            need(sizes[place] <= limits["transaction_bytes_max"], f"Transaction {number} has too many bytes.")
            need(body["expires"] > time, f"Transaction {number} had expired.")
            need(body["expires"] <= time + limits["transaction_lifetime_max_ms"], f"Transaction {number} lives too long.")
            need(number not in self.known, f"Transaction {number} is on the ledger already.")
            for order, signer in enumerate(body["signers"]):
                need(self.is_active(signer, time, {}), f"{signer} may not sign transaction {number}.")
                key = self.read({}, MEMBER, *MEMBERS, signer)["public_key"]
                held = is_signed(key, "transaction", canonical(body), signatures[order])
                need(held, f"The signature of {signer} under transaction {number} does not hold.")

    def check_writes(
        self, time: int, body: Any, number: str, receipt: Any, writes: Any, written: dict[bytes, bytes | None]
    ) -> None:
        """What can be said of a transaction without running its contract; `written` is what the block wrote before it."""
        caller, committed = body["contract"], receipt["outcome"] == "committed"
        need(receipt["transaction"] == number, f"The receipt of {number} names another transaction.")
        need(receipt["writes"] == digest("writes", canonical(writes)), f"The receipt of {number} does not name these writes.")
        need(committed or not writes, f"Transaction {number} was rejected and yet writes.")
        active = all(self.is_active(signer, time, written) for signer in body["signers"])
        need(active or not committed, f"Transaction {number} was committed though a signer was revoked before it.")
        if caller not in SYSTEM and self.read(written, CONTRACT, *CONTRACTS, caller) is None:
            refusal = {"outcome": "rejected", "code": "unknown-contract", "details": {"contract": caller}, "events": []}
            need(receipt == {**receipt, **refusal}, f"The ledger has no contract {caller}, and the receipt says otherwise.")
        for write in writes:
            owned = write["contract"] in (SYSTEM if caller in SYSTEM else (caller,))
            need(owned, f"Contract {caller} writes a key of {write['contract']}.")
            need(fits(write["collection"], NAME), f"{write['collection']!r} is not the name of a collection.")
            state_key(write["contract"], write["collection"], write["key"])
            if write["value"] is not None:
                parse(write["value"].encode())

    def read(self, written: dict[bytes, bytes | None], shape: Any, contract: str, collection: str, key: str) -> Any:
        """A record of a system contract after what the block has written so far; None if there is none."""
        place = state_key(contract, collection, key)
        raw = written[place] if place in written else self.state.values.get(place)
        value = None if raw is None else parse(raw)
        need(value is None or fits(value, shape), f"State {place!r} does not have the right shape.")
        return value

    def is_active(self, signer: str, time: int, written: dict[bytes, bytes | None]) -> bool:
        """Whether the member may sign at that block time."""
        found = self.read(written, MEMBER, *MEMBERS, signer)
        return found is not None and found["revoked_at_ms"] is None and found["not_before_ms"] <= time <= found["not_after_ms"]

    def validators(self, written: dict[bytes, bytes | None]) -> Any:
        """Who votes on the next block, as the state says."""
        found = self.read(written, {"validators": VALIDATOR_SET}, *VALIDATORS)
        need(found, "The state names no validators.")
        return found["validators"]


# 9. Proofs, convictions, disclosures; the command --------------------------------------------------------------------

PROOF_RULES = {
    "file": "The file is canonical JSON with exactly the fields of its format.",
    "ledger": "It is of the ledger that was asked for.",
    "genesis": "The genesis is that ledger's, and its parts fit each other.",
    "proof": "The proof has exactly the fields of its kind.",
    "trust": "Each change of validators since the genesis was decided by the validators before it.",
    "certificate": "A quorum of the validators of its height decided the header.",
    "path": "What is claimed leads into that header.",
    "disclosure": "The fields shown belong to a sealed value of a record that is proved.",
}
CONVICTION_RULES = {
    **{rule: PROOF_RULES[rule] for rule in ("file", "ledger", "genesis")},
    "validators": "The validators of that height are proved.",
    "conflict": "Both statements of a pair are of one key, and no honest key signs both.",
    "signatures": "Every statement was signed by the key that it convicts.",
    "convicted": "The convicted are exactly the signers of the pairs.",
}
DISCLOSURE_RULES = {
    "file": PROOF_RULES["file"],
    "disclosure": "The fields give the sealed digest, and what is shown gives the digests of its fields.",
}
PATH, EMPTY = [DIGEST], [lambda item: False]
MAP_PROOF = {"steps": [is_step], "leaf": (None, {"key": DIGEST, "value": DIGEST})}
LEAF = {"index": INTEGER, "size": INTEGER, "path": PATH}
PLACE = {"contract": TEXT, "collection": TEXT}
ENTRY = {"header": HEADER, "inclusion": PATH, "receipt": dict, "writes": WRITES, **LEAF}
CLAIMS: dict[str, dict[str, Any]] = {
    "state": {**PLACE, "key": TEXT, "value": ANYTHING, "path": MAP_PROOF},
    "absence": {**PLACE, "key": TEXT, "path": MAP_PROOF},
    "transaction": {"value": ANYTHING, **LEAF},
    "receipt": {"value": ANYTHING, **LEAF},
    "block": {"path": EMPTY},
    "consistency": {"first": HEADER, "inclusion": PATH, "path": PATH},
    "rows": {**PLACE, "rows": [{"key": TEXT, "value": ANYTHING, "path": MAP_PROOF}], "path": EMPTY},
    "history": {**PLACE, "key": TEXT, "entries": [(ENTRY, {"value": ANYTHING, "path": MAP_PROOF})], "path": EMPTY},
    "validators": {"validators": VALIDATOR_SET, "path": EMPTY},
}
"""What each kind of proof states."""
STEP = {"header": HEADER, "certificate": is_certificate, "validators": VALIDATOR_SET}
FRAME = {"format": "tallystick-proof-1", "kind": TEXT, "ledger": DIGEST, "trust": [STEP]}
STATEMENT_FIELDS = {"height": POSITIVE, "view": VIEW, "signer": SIGNER, "signature": SIGNATURE}
STATEMENT = (
    {"kind": "propose", "block": DIGEST, "notarized_view": COUNT, **STATEMENT_FIELDS},
    {"kind": ("vote", "final"), "block": DIGEST, "notarized_view": range(1), **STATEMENT_FIELDS},
    {"kind": "skip", "block": "", "notarized_view": range(1), **STATEMENT_FIELDS},
)


def is_proof(value: Any) -> bool:
    """A proof of one of the kinds. Header and certificate are both null where the genesis alone is proof enough."""
    claims = CLAIMS.get(value["kind"]) if isinstance(value, dict) and isinstance(value.get("kind"), str) else None
    decided, initial = {"header": HEADER, "certificate": is_certificate}, {"header": None, "certificate": None}
    return claims is not None and fits(value, ({**FRAME, **claims, **decided}, {**FRAME, **claims, **initial}))


def check_proof(genesis: ReadGenesis, proof: Any, checks: Checks) -> None:
    """Follows the validators from the genesis to the header, and what is claimed into the header."""
    checks.start("proof")
    need(is_proof(proof), "This is no proof with exactly the fields of its kind.")
    checks.start("ledger")
    need(proof["ledger"] == genesis.ledger, f"The proof is of ledger {proof['ledger']}.")
    checks.start("trust")
    header, validators = proof["header"], genesis.validators
    heights = [*(step["header"]["height"] for step in proof["trust"]), header["height"] if header else 0]
    need(heights == sorted(set(heights)), "Changes of validators stand in rising order, all below the header.")
    for step in proof["trust"]:
        check_decided(genesis.ledger, validators, step)
        validators, following = step["validators"], step["header"]["next_validators"]
        need(following == digest_of_set(validators), f"Block {step['header']['height']} names another set.")
    if header:
        checks.start("certificate")
        check_decided(genesis.ledger, validators, proof)
    checks.start("path")
    need(header or proof["kind"] in ("state", "absence", "rows", "history", "validators"), "The proof has no header.")
    PATHS[proof["kind"]](genesis, proof, header)


def check_decided(ledger: str, validators: Any, decided: Any) -> None:
    """A quorum of this set committed the header."""
    header, certificate = decided["header"], decided["certificate"]
    need(header["ledger"] == ledger, f"The header is of ledger {header['ledger']}.")
    need(header["validators"] == digest_of_set(validators), f"Block {header['height']} is not of the known validators.")
    said = (certificate["kind"], certificate["height"], certificate["block"])
    need(said == ("commit", header["height"], block_id(header)), "The certificate is none for this block.")
    check_certificate(ledger, validators, certificate)


def check_state(genesis: ReadGenesis, proof: Any, header: Any) -> None:
    """A key with its value, or without any, under the state root of the header or of the genesis."""
    value = canonical(proof["value"]) if proof["kind"] == "state" else None
    check_map_proof(state_root(genesis, header), key_of(proof, proof["key"]), value, proof["path"])


def check_rows(genesis: ReadGenesis, proof: Any, header: Any) -> None:
    """Several keys under one state root. That there are no others is not proved."""
    keys = [row["key"] for row in proof["rows"]]
    need(key_of(proof, "any") and keys == sorted(set(keys)), "Rows stand in the order of their keys.")
    for row in proof["rows"]:
        check_map_proof(state_root(genesis, header), key_of(proof, row["key"]), canonical(row["value"]), row["path"])


def check_leaf(genesis: ReadGenesis, proof: Any, header: Any) -> None:
    """An envelope or a receipt among those that the header names."""
    root = header[{"transaction": "transactions_root", "receipt": "receipts_root"}[proof["kind"]]]
    check_inclusion(canonical(proof["value"]), proof["index"], proof["size"], proof["path"], root)


def check_consistency(genesis: ReadGenesis, proof: Any, header: Any) -> None:
    """An earlier block, and all before it, belong to the history of the header."""
    first = proof["first"]
    check_earlier(first, proof["inclusion"], header)
    if first["height"] == header["height"]:
        need(proof["path"] == [], "A block is consistent with itself without a path.")
    else:
        check_prefix(first["height"], header["height"], first["history_root"], header["history_root"], proof["path"])


def check_earlier(first: Any, inclusion: list[str], header: Any) -> None:
    """The first block is the header's own, or a leaf of its history."""
    if first["height"] == header["height"]:
        need(first == header and inclusion == [], "These are two blocks of one height.")
    else:
        check_inclusion(bytes.fromhex(block_id(first)), first["height"], header["height"], inclusion, header["history_root"])


def check_history(genesis: ReadGenesis, proof: Any, header: Any) -> None:
    """Each value was written by a transaction of its block, newest first. That there was no other is not proved."""
    place, entries = key_of(proof, proof["key"]), proof["entries"]
    heights = [entry["header"]["height"] if "header" in entry else 0 for entry in entries]
    need(heights == sorted(set(heights), reverse=True), "Entries stand in falling order of their heights.")
    for entry in entries:
        if "header" not in entry:
            check_map_proof(genesis.state.map.hash, place, canonical(entry["value"]), entry["path"])
            continue
        need(header, "The entry of a block needs a header that it leads to.")
        check_earlier(entry["header"], entry["inclusion"], header)
        receipt, writes, root = entry["receipt"], entry["writes"], entry["header"]["receipts_root"]
        check_inclusion(canonical(receipt), entry["index"], entry["size"], entry["path"], root)
        need(receipt.get("writes") == digest("writes", canonical(writes)), "The receipt does not name these writes.")
        values = [w["value"] for w in writes if f"{w['contract']}\x00{w['collection']}\x00{w['key']}".encode() == place]
        need(values, "The transaction does not write the key.")
        if values[-1] is not None:
            parse(values[-1].encode())


def check_validators(genesis: ReadGenesis, proof: Any, header: Any) -> None:
    """Who votes on the height after the header, or on block 1."""
    named = header["next_validators"] if header else digest_of_set(genesis.validators)
    need(named == digest_of_set(proof["validators"]), "The header, or the genesis, names other validators.")


PATHS: dict[str, Callable[[ReadGenesis, Any, Any], None]] = {
    "state": check_state,
    "absence": check_state,
    "rows": check_rows,
    "transaction": check_leaf,
    "receipt": check_leaf,
    "block": lambda genesis, proof, header: None,  # The header is the claim itself.
    "consistency": check_consistency,
    "history": check_history,
    "validators": check_validators,
}


def state_root(genesis: ReadGenesis, header: Any) -> str:
    """The state after the block of the header, or at the genesis."""
    return str(header["state_root"]) if header else genesis.state.map.hash


def key_of(proof: Any, key: str) -> bytes:
    """The state key that a proof speaks of."""
    need("\x00" not in proof["contract"] + proof["collection"], "Contract and collection hold no zero character.")
    return state_key(proof["contract"], proof["collection"], key)


def check_disclosure(value: Any) -> None:
    """The fields shown are fields of what was sealed."""
    frame = {"format": "tallystick-disclosure-1", "sealed": DIGEST, "fields": [list], "disclosed": dict}
    need(fits(value, frame), "This is no disclosure with exactly its fields.")
    need(all(fits(dict(enumerate(pair)), {0: TEXT, 1: DIGEST}) for pair in value["fields"]), "A field is a name and a digest.")
    fields, names = dict(value["fields"]), [pair[0] for pair in value["fields"]]
    need(value["sealed"] == digest("sealed", canonical(value["fields"])), "The fields do not give the sealed digest.")
    need(names and names == sorted(set(names)), "Fields have different names, in order.")
    need("" not in names or len(names) == 1, "A field without a name is the only one.")
    for name, opening in value["disclosed"].items():
        need(fits(opening, {"salt": SALT, "value": ANYTHING}), "An opening has exactly salt and value.")
        need(depth_of(opening) <= DEPTH_MAX, "A value nests too deep.")
        own = digest("sealed-field", canonical([opening["salt"], name, opening["value"]]))
        need(fields.get(name) == own, f"What is shown as {name!r} does not give that field's digest.")
        has_fields = isinstance(opening["value"], dict) and opening["value"] and "" not in opening["value"]
        need(name or not has_fields, "A value that has fields is sealed by them.")


def sealed_in(value: Any) -> Iterator[str]:
    """The digests of all sealed fields of a record."""
    if fits(value, {"sealed": DIGEST}):
        yield value["sealed"]
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from sealed_in(inner)


def find_genesis(value: Any, ledger: str | None, given: bytes | None, checks: Checks) -> ReadGenesis:
    """The genesis that is handed over or stands in the file, judged by the ledger's id."""
    checks.start("ledger")
    need(ledger in (None, value["ledger"]), f"This is of ledger {value['ledger']}, not {ledger}.")
    if given is None and value["genesis"] is None:
        raise WrongUseError("the file brings no genesis: hand it over by --genesis")
    checks.start("genesis")
    found = [*([] if given is None else [parse(given)]), *([] if value["genesis"] is None else [value["genesis"]])]
    need(all(digest("genesis", canonical(each)) == value["ledger"] for each in found), "The genesis is another ledger's.")
    return ReadGenesis(found[0])


def check_proof_file(value: Any, ledger: str | None, given: bytes | None, checks: Checks) -> None:
    """Proofs of one ledger, and disclosures of sealed fields in the records that they prove."""
    frame = {"format": "tallystick-proof-file-1", "ledger": DIGEST, "genesis": ANYTHING, "proofs": list, "disclosures": list}
    need(fits(value, frame) and value["proofs"], "This is no proof file with exactly its fields.")
    genesis = find_genesis(value, ledger, given, checks)
    for proof in value["proofs"]:
        check_proof(genesis, proof, checks)
    records = [proof["value"] for proof in value["proofs"] if proof["kind"] == "state"]
    records += [row["value"] for proof in value["proofs"] if proof["kind"] == "rows" for row in proof["rows"]]
    for disclosure in value["disclosures"]:
        checks.start("disclosure")
        check_disclosure(disclosure)
        bound = any(disclosure["sealed"] in sealed_in(proved) for proved in records)
        need(bound, "The sealed digest stands in no record that is proved here.")


def check_conviction(value: Any, ledger: str | None, given: bytes | None, checks: Checks) -> None:
    """Pairs of statements that convict validators of having signed both sides of a fork."""
    frame = {
        "format": "tallystick-conviction-1", "ledger": DIGEST, "genesis": ANYTHING, "height": POSITIVE, "convicted": [TEXT],
        "validators": dict, "evidence": [[STATEMENT]],
    }  # fmt: skip
    need(fits(value, frame) and all(len(pair) == 2 for pair in value["evidence"]), "This is no conviction with its fields.")
    statements = [statement for pair in value["evidence"] for statement in pair]
    need(all(s["notarized_view"] < s["view"] for s in statements), "A proposal refers to an earlier view.")
    genesis = find_genesis(value, ledger, given, checks)
    checks.start("validators")
    proof, pairs = value["validators"], value["evidence"]
    check_proof(genesis, proof, Checks(PROOF_RULES))
    height = proof["header"]["height"] + 1 if proof["header"] else 1
    need(proof["kind"] == "validators" and height == value["height"], f"It proves no validators of height {value['height']}.")
    checks.start("conflict")
    validators, signers = proof["validators"], [one["signer"] for one, _ in pairs]
    need(pairs and signers == sorted(set(signers)), "There is a pair a signer, in their order.")
    for one, other in pairs:
        place, other_place = ((s["height"], s["view"], s["signer"]) for s in (one, other))
        need(place == other_place and one["height"] == value["height"], "The pair is not of one height, view and signer.")
        two_blocks = one["kind"] == other["kind"] != "skip" and one["block"] != other["block"]
        need(two_blocks or {one["kind"], other["kind"]} == {"skip", "final"}, "An honest key may sign both statements.")
        need((one["kind"], one["block"]) < (other["kind"], other["block"]), "The statements of a pair stand in order.")
    checks.start("signatures")
    for statement in statements:
        said = {field: statement[field] for field in ("kind", "height", "view", "block", "notarized_view")}
        check_statement(genesis.ledger, validators, statement["signer"], statement["signature"], said)
    checks.start("convicted")
    members = [validators[signer]["member"] for signer in signers]
    need(members == value["convicted"], f"The pairs convict {', '.join(members)}.")


def check_lone_disclosure(value: Any, ledger: str | None, given: bytes | None, checks: Checks) -> None:
    """A disclosure by itself: no ledger comes into it."""
    if ledger or given:
        raise WrongUseError("a disclosure alone is of no ledger: ask for the proof of the record that it belongs to")
    checks.start("disclosure")
    check_disclosure(value)


FORMATS: dict[str, tuple[dict[str, str], Callable[[Any, str | None, bytes | None, Checks], None]]] = {
    "tallystick-proof-file-1": (PROOF_RULES, check_proof_file),
    "tallystick-conviction-1": (CONVICTION_RULES, check_conviction),
    "tallystick-disclosure-1": (DISCLOSURE_RULES, check_lone_disclosure),
}


class Conclusion:
    """What was found: the rules with their counts; what does not hold, and where; what else there is to say."""

    def __init__(self, checks: Checks, broken: str | None, told: list[str], place: str = "") -> None:
        self.checks, self.broken, self.told, self.place = checks, broken, told, place
        self.rule = checks.current if broken is not None else None

    def lines(self) -> Iterator[str]:
        """For people."""
        for number, (rule, sentence) in enumerate(self.checks.rules.items(), 1):
            held = self.checks.held[rule]
            state = "BROKEN" if rule == self.rule else f"held {held}" if held else "not here" if rule in NOT_HERE else "-"
            yield f"{number:>3}  {rule:<24} {state:<12} {sentence}"
        yield from self.told
        if self.broken is None:
            yield "Everything holds."
        else:
            yield f"Rule {[*self.checks.rules].index(str(self.rule)) + 1}, {self.rule}, is broken{self.place}: {self.broken}"


def verify_lines(source: Iterable[bytes], ledger: str | None = None, genesis: bytes | None = None) -> Conclusion:
    """Judges a file, given as lines with their ends: whatever does not say that it is something else is taken for an export."""
    lines = iter(source)
    first = next(lines, b"")
    ledger = digest("genesis", genesis) if genesis is not None and ledger is None else ledger
    try:
        is_export = format_of(parse(without_line_end(first), wrapped=5)) not in (*FORMATS, "tallystick-proof-1")
    except BrokenError:
        is_export = True
    if is_export:
        return verify_export(map(without_line_end, chain([first] if first else [], lines)), ledger)
    return verify_value(without_line_end(b"".join([first, *lines])), ledger, genesis)


def verify_export(lines: Iterable[bytes], ledger: str | None = None) -> Conclusion:
    """Judges an export line by line, without line ends, until the first rule that does not hold."""
    export, broken = Export(ledger), None
    try:
        for line in lines:
            export.feed(line)
        export.end()
    except BrokenError as error:
        broken = str(error)
    counts = f"{export.height} blocks and {len(export.known)} transactions hold, the last block is {export.head or 'none'}."
    told = [
        f"Ledger {export.ledger or 'unknown'}: {counts}",
        "Not checked here: the logic of contracts, membership and governance among them, and X.509 certificates.",
    ]
    return Conclusion(export.checks, broken, told + warning(ledger), f" in line {export.line} (height {max(export.line - 1, 0)})")


def verify_value(data: bytes, ledger: str | None = None, genesis: bytes | None = None) -> Conclusion:
    """Judges a proof file, a bare proof, a conviction or a disclosure."""
    checks, broken = Checks(PROOF_RULES), None
    try:
        checks.start("file")
        value = parse(data, wrapped=5)
        if format_of(value) == "tallystick-proof-1":
            frame = {"format": "tallystick-proof-file-1", "genesis": None, "ledger": value.get("ledger"), "disclosures": []}
            value = {**frame, "proofs": [value]}
        rules, check = FORMATS[format_of(value)]
        checks = Checks(rules)
        checks.start("file")
        check(value, ledger, genesis, checks)
        checks.finish()
    except BrokenError as error:
        broken = str(error)
    if checks.rules is DISCLOSURE_RULES:
        return Conclusion(
            checks, broken, ["Bound to no ledger: ask for a proof of the record that this sealed digest stands in."]
        )
    return Conclusion(checks, broken, warning(ledger))


def format_of(value: Any) -> str:
    """The format that a value says it has."""
    found = value.get("format") if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def warning(ledger: str | None) -> list[str]:
    """What is missing where no ledger was named."""
    return [] if ledger else ["NOT PINNED: without --ledger this says only that the file fits itself."]


def main(arguments: list[str] | None = None) -> int:
    """The command; its exit code."""
    parser = argparse.ArgumentParser(description="Checks a Tallystick export, proof, conviction or disclosure.")
    parser.add_argument("file", help="what to check")
    parser.add_argument("--ledger", help="id of the ledger that it must be of: 64 hexadecimal digits")
    parser.add_argument("--genesis", help="file with the genesis, where a proof does not carry it")
    asked = parser.parse_args(arguments)
    if not fits(asked.ledger, (None, DIGEST)):
        parser.error("the id of a ledger has 64 lower-case hexadecimal digits")
    try:
        genesis = None
        if asked.genesis:
            with open(asked.genesis, "rb") as source:
                genesis = without_line_end(source.read())
        with open(asked.file, "rb") as source:
            if source.peek(2)[:2] == b"PK":
                parser.error(f"{asked.file} is an archive: unpack it and check its ledger.jsonl")
            verdict = verify_lines(source, asked.ledger, genesis)
    except OSError as error:
        parser.error(f"{error.filename} cannot be read: {error.strerror}")
    except WrongUseError as error:
        parser.error(str(error))
    for line in verdict.lines():
        print(line)
    return 0 if verdict.broken is None else 1


def without_line_end(line: bytes) -> bytes:
    """The line without the one byte that ends it."""
    return line[:-1] if line.endswith(b"\n") else line


if __name__ == "__main__":
    sys.exit(main())
