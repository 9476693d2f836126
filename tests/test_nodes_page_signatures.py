"""SHA-2 and Ed25519 of the page, in a real browser, against Python and against what judges the signatures of a node."""

from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256, sha512
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Page

from tests import test_ledger_keys as curve
from tests.page_modules import module_page
from tests.test_ledger_signature_libraries import WAYS, Made, is_taken

CASES, LONG = 3_000, 20_000
BATCH = 500
HEX = "const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));"
HASHES = f"""async (all) => {{
    {HEX}
    const {{ sha }} = await import("./hashes.js");
    const hex = (found) => Array.from(found, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return all.map(bytes).map((data) => [hex(sha(data, 32)), hex(sha(data, 64))]);
}}"""
VERDICTS = f"""async (all) => {{
    {HEX}
    const {{ isSigned }} = await import("./signatures.js");
    return all.map((made) => isSigned(...made.map(bytes)));
}}"""
# FIPS 180-4 example values, as NIST publishes them ("abc", the two blocks of 448 bits, and of 896 bits).
FIPS = [
    (b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"),
    (b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
     "204a8fc6dda82f0a0ced7beb8e08a41657c16ef468b228a8279be331a703c33596fd15c13b1b07f9aa1d3bea57789ca031ad85c7a71dd70354ec631238ca3445"),
]  # fmt: skip


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with module_page() as found:
        yield found


def test_both_digests_are_those_of_the_standard(page: Page) -> None:
    assert page.evaluate(HASHES, [data.hex() for data, *_ in FIPS]) == [[*digests] for _, *digests in FIPS]


def test_both_digests_are_those_of_python_for_every_length_around_a_block_and_for_others(page: Page) -> None:
    chance = Random(17)
    data = [chance.randbytes(length) for length in [*range(300), *(chance.randrange(5_000) for _ in range(100)), 200_000]]
    expected = [[sha256(each).hexdigest(), sha512(each).hexdigest()] for each in data]
    assert page.evaluate(HASHES, [each.hex() for each in data]) == expected


def judged(page: Page, made: Sequence[Made]) -> list[bool]:
    """What the page says of each, a batch at a time."""
    spelled = [(key, message.hex(), signature.hex()) for key, message, signature in made]
    batches = [spelled[at : at + BATCH] for at in range(0, len(spelled), BATCH)]
    return [verdict for batch in batches for verdict in page.evaluate(VERDICTS, batch)]


def test_the_vectors_of_the_standard_hold(page: Page) -> None:
    made = [(key, bytes.fromhex(message), bytes.fromhex(signature)) for _, key, message, signature in curve.RFC_8032]
    assert judged(page, made) == [True] * len(made)


def test_signatures_that_libraries_judge_differently_are_judged_as_by_a_node(page: Page) -> None:
    """Small order, second spellings, parts of small order, S + L: `taken` says what a node does."""
    edges: list[dict[str, Any]] = curve.EDGES
    made = [(edge["key"], bytes.fromhex(edge["message"]), bytes.fromhex(edge["signature"])) for edge in edges]
    odd = [edge["name"] for edge, verdict in zip(edges, judged(page, made), strict=True) if verdict != edge["taken"]]
    assert odd == []


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_generated_signatures_are_judged_as_by_a_node(page: Page, way: Any, pytestconfig: pytest.Config) -> None:
    chance = Random(f"page {way.__name__}")
    count = (LONG if pytestconfig.getoption("--long") else CASES) // len(WAYS)
    made = [way(chance) for _ in range(count)]
    expected = [is_taken(*each) for each in made]
    odd = [each for each, one, other in zip(made, expected, judged(page, made), strict=True) if one != other]
    assert odd == []
    print(way.__name__, Counter(expected))


def test_other_lengths_are_refused(page: Page) -> None:
    _, key, message, signature = curve.RFC_8032[2]
    made = [(key[:-2], signature), (key + "00", signature), (key, signature[:-2]), (key, signature + "00"), ("", ""), (key, "")]
    assert judged(page, [(k, bytes.fromhex(message), bytes.fromhex(s)) for k, s in made]) == [False] * len(made)
