"""What the documentation says of signing is enough to sign: it is taken from `/docs` and nodes/README.md, and run."""

import json
import re
import secrets
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.keys import DEFAULT_SUITE, SUITES
from ledger.primitives import PublicKey
from ledger.transaction import parse_transaction, verify_signatures
from nodes.app.docs import page
from nodes.http.answers import LANGUAGES
from nodes.network.in_process import InProcessNetwork
from tests.http_support import asked
from tests.network_support import running_network
from tests.project import ROOT
from tests.test_nodes_readme import blocks

Sign = Callable[..., tuple[bytes, str]]
MEMBER = "north.member1"


def shown(html: str, name: str) -> str:
    """The text of one `<pre>` of the page."""
    (text,) = re.findall(rf'<pre id="signing-{name}">(.*?)</pre>', html, re.DOTALL)
    return unescape(text).rstrip()


def from_readme() -> tuple[str, str]:
    (_, python), (_, vector) = blocks("Client")[-2:]
    return python.rstrip(), vector.rstrip()


def documented() -> dict[str, tuple[str, str]]:
    """By place: the lines of Python and the test vector."""
    pages = {language: page(language) for language in LANGUAGES}
    found = {language: (shown(html, "python"), shown(html, "vector")) for language, html in pages.items()}
    return {**found, "nodes/README.md": from_readme()}


def run(python: str) -> Sign:
    names: dict[str, Any] = {}
    exec(python, names)  # what a reader would copy
    sign: Sign = names["signed"]
    return sign


@pytest.mark.parametrize("place", documented())
def test_the_lines_give_the_test_vector(place: str, tmp_path: Path) -> None:
    python, vector = documented()[place]
    told = json.loads(vector)
    (tmp_path / "key").write_text(told["key_file"])
    envelope, transaction = run(python)(json.loads(told["body"]), tmp_path / "key")
    assert json.loads(envelope) == {"body": json.loads(told["body"]), "signatures": [told["signature"]]}
    assert transaction == told["transaction"]
    # And it is what the ledger itself makes of these bytes.
    read = parse_transaction(envelope)
    assert (read.id, read.body.decode()) == (transaction, told["body"])
    verify_signatures(read, [PublicKey(told["public_key"])], SUITES[DEFAULT_SUITE])


def test_every_place_says_the_same() -> None:
    assert len(set(documented().values())) == 1
    readme = " ".join((ROOT / "nodes/README.md").read_text(encoding="utf-8").split())
    for language in LANGUAGES:
        section = page(language).partition('id="signing"')[2].partition("<pre")[0]
        items = [" ".join(unescape(re.sub("<[^>]*>", "", item)).split()) for item in section.split("<li>")[1:]]
        assert len(items) == 5
        assert all(item in readme.replace("`", "") for item in items) == (language == "en")
        assert "tallystick/transaction" in items[0]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcessNetwork]:
    with running_network(tmp_path_factory.mktemp("signing") / "network") as started:
        yield started


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_envelope_made_from_the_documentation_alone_is_committed(network: InProcessNetwork, language: str) -> None:
    (url,) = network.urls.values()
    sign = run(shown(asked(f"{url}/docs?lang={language}").body.decode(), "python"))
    node = asked(f"{url}/v1/node").json
    body = {
        "ledger": node["ledger"], "contract": "asset", "operation": "issue",
        "arguments": {"number": f"A-{language}", "to": MEMBER}, "signers": [MEMBER],
        "nonce": secrets.token_hex(16), "expires": node["clock"] + 60_000,
    }  # fmt: skip
    envelope, transaction = sign(body, network.directory / f"keys/{MEMBER}.key")
    taken = asked(f"{url}/v1/transactions", "POST", envelope)
    assert (taken.status, taken.json["transaction"]) == (202, transaction)
    assert asked(f"{url}/v1/transactions/{transaction}?wait=30").json["status"] == "committed"


def test_who_signs_the_body_alone_is_told_what_is_signed(network: InProcessNetwork) -> None:
    (url,) = network.urls.values()
    node = asked(f"{url}/v1/node").json
    told = json.loads(from_readme()[1])
    body = {**json.loads(told["body"]), "ledger": node["ledger"], "expires": node["clock"] + 60_000}
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    seed = bytes.fromhex((network.directory / f"keys/{MEMBER}.key").read_text())
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(canonical).hex()
    envelope = b'{"body":%s,"signatures":["%s"]}' % (canonical, signature.encode())
    problem = asked(f"{url}/v1/transactions", "POST", envelope)
    assert (problem.status, problem.code) == (422, "wrong-signature")
    assert "the text tallystick/transaction, a zero byte and the body's canonical bytes: /docs#signing" in problem.json["detail"]
