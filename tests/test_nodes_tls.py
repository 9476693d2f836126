"""TLS between nodes: each end takes the certificate of one member's node, issued by the root that the ledger names, for now."""

import asyncio
import socket
import ssl
import time
from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from ledger.errors import IndefiniteError, OperatorError, VerificationError
from ledger.identity.issuing import issue_root
from ledger.identity.tls import issue_tls, tls_member, verify_tls
from ledger.keys import PrivateKey
from ledger.membership import Membership
from ledger.primitives import Digest
from nodes.client import Client, LocalMember
from nodes.key_files import read_key
from nodes.links import links as links_module
from nodes.links.links import Links
from nodes.links.node_tls import JudgingContext, NodeTls, reader_context
from nodes.messages import StatusMessage
from nodes.network.directory import TLS_RENEWED_MS, free_ports, issue_tls_files, read_node, reader_tls, set_nodes
from nodes.network.in_process import InProcessNetwork
from nodes.network.specification import default_specification, seeded_keys
from nodes.node.files import TLS, TLS_ROOTS, read_node_settings
from nodes.node.process import open_node, serve
from nodes.sample_contract import Asset
from tests.commands import fails, run, succeeds
from tests.http_support import serving as serving_app
from tests.network_support import NODE, issue, make_network, records, wait_for_height, wait_until
from tests.support import VALIDATORS, DecidedChain, awaited_refusal, refusal

DAY_MS = 86_400_000
NOW_MS = time.time_ns() // 1_000_000
HOST = "127.0.0.1"
WAIT_S = 20
ROOTS = {name: PrivateKey(bytes([seed]) * 32) for seed, name in enumerate(("north", "south", "other"), 1)}
PEMS = {name: issue_root(name, key, 0, NOW_MS + 9 * DAY_MS, serial=1) for name, key in ROOTS.items()}
"""Roots whose dates are the ledger's; nothing here judges them."""
PEMS["rogue"] = issue_root("south", ROOTS["other"], 0, NOW_MS + 9 * DAY_MS, serial=1)
"""Calls itself the root of south, under another key."""
ROOTS["rogue"] = ROOTS["other"]
NODES = frozenset({"north.node", "south.node"})


@dataclass(frozen=True)
class Shown:
    """A certificate that somebody shows."""

    root: str = "south"
    member: str = "south.node"
    ends_ms: int = NOW_MS + DAY_MS
    lives_ms: int = 2 * DAY_MS

    def files(self, directory: Path) -> tuple[Path, Path]:
        """On disk."""
        directory.mkdir(exist_ok=True)
        key = PrivateKey(b"\x07" * 32)
        begins_ms = self.ends_ms - self.lives_ms
        pem = issue_tls(PEMS[self.root], ROOTS[self.root], self.member, key.public_key, HOST, begins_ms, self.ends_ms)
        files = directory / "node.pem", directory / "node.key"
        files[0].write_text(pem)
        files[1].write_bytes(key.handle.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return files


NORTH = Shown("north", "north.node")
GOOD = Shown()
WRONG = {
    "wrong root": (replace(GOOD, root="rogue"), NODES),
    "root of another organization of the ledger": (replace(GOOD, root="north"), NODES),
    "expired": (replace(GOOD, ends_ms=NOW_MS - 1000), NODES),
    "not yet valid": (replace(GOOD, ends_ms=NOW_MS + 9 * DAY_MS), NODES),
    "revoked on the ledger": (GOOD, frozenset({"north.node"})),
}
"""What south shows, and who may run a node by the ledger at that time."""


def tls(
    shown: Shown, directory: Path, nodes: Collection[str] = NODES, roots: Sequence[str] = (PEMS["north"], PEMS["south"])
) -> NodeTls:
    """What a node that shows this speaks TLS with; `nodes` may run one, by certificates of `roots`: the test may change both."""

    def root_of(member: str) -> str | None:
        return PEMS[member.partition(".")[0]] if member in nodes else None

    return NodeTls(shown.files(directory), lambda: tuple(roots), root_of)


async def tell_peer(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the member that the connection showed."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": repr(scope.get("extensions")).encode()})


def serving(own: NodeTls | None) -> AbstractAsyncContextManager[int]:
    """The port of a server that says who its caller is, with this TLS or plain."""
    return serving_app(tell_peer, None if own is None else own.server)


async def ask(port: int, context: ssl.SSLContext | bool, scheme: str = "https") -> str:
    """What the server says; raises aiohttp's errors."""
    async with aiohttp.ClientSession() as http, http.get(f"{scheme}://{HOST}:{port}/", ssl=context) as response:
        return await response.text()


async def test_two_nodes_know_each_other_and_a_reader_is_nobody(tmp_path: Path) -> None:
    async with serving(tls(GOOD, tmp_path / "south")) as port:
        north = tls(NORTH, tmp_path / "north")
        assert await ask(port, north.to("south.node")) == "{'tls': {'member': 'north.node'}}"
        assert await ask(port, reader_context(PEMS["south"], "south.node")) == "{'tls': {'member': ''}}"


@pytest.mark.parametrize(("shown", "nodes"), WRONG.values(), ids=WRONG)
async def test_a_node_sends_nothing_to_a_wrong_certificate(shown: Shown, nodes: frozenset[str], tmp_path: Path) -> None:
    async with serving(tls(shown, tmp_path / "south")) as port:
        with pytest.raises((aiohttp.ClientSSLError, VerificationError)):
            await ask(port, tls(NORTH, tmp_path / "north", nodes).to("south.node"))


@pytest.mark.parametrize(("shown", "nodes"), WRONG.values(), ids=WRONG)
async def test_a_node_hears_nothing_from_a_wrong_certificate(shown: Shown, nodes: frozenset[str], tmp_path: Path) -> None:
    async with serving(tls(NORTH, tmp_path / "north", nodes)) as port:
        with pytest.raises(aiohttp.ClientError):
            await ask(port, tls(shown, tmp_path / "south").to("north.node"))


async def test_another_nodes_certificate_is_refused(tmp_path: Path) -> None:
    async with serving(tls(NORTH, tmp_path / "north")) as port:
        with pytest.raises(aiohttp.ClientConnectorCertificateError, match="wrong-tls-name"):
            await ask(port, tls(NORTH, tmp_path / "again").to("south.node"))
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await ask(port, reader_context(PEMS["south"], "south.node"))
        with pytest.raises(aiohttp.ClientConnectorCertificateError, match="wrong-tls-name"):
            await ask(port, reader_context(PEMS["north"], "north.validator"))


def test_a_revocation_acts_on_a_connection_that_is_open(tmp_path: Path) -> None:
    nodes = set(NODES)
    north = tls(NORTH, tmp_path, nodes)
    north.to("south.node")
    nodes.remove("south.node")
    assert refusal(VerificationError, north.to, "south.node").code == "not-a-node"


async def test_a_session_that_is_resumed_is_judged_again(tmp_path: Path) -> None:
    """OpenSSL does not ask for the certificate again; the ledger is asked all the same."""
    nodes = set(NODES)
    files = NORTH.files(tmp_path / "north")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.load_cert_chain(*files)

    def talk(port: int, session: ssl.SSLSession | None) -> tuple[bytes, ssl.SSLSession | None, bool | None]:
        with socket.create_connection((HOST, port)) as raw, context.wrap_socket(raw, session=session) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")
            answer = b""
            while part := connection.recv(65_536):
                answer += part
            return answer, connection.session, connection.session_reused

    async with serving(tls(GOOD, tmp_path / "south", nodes)) as port:
        _, session, _ = await asyncio.to_thread(talk, port, None)
        answer, session, is_resumed = await asyncio.to_thread(talk, port, session)
        assert b"north.node" in answer
        assert is_resumed
        nodes.remove("north.node")
        try:
            answer, _, _ = await asyncio.to_thread(talk, port, session)
        except OSError:  # whether it sees a reset or an end is the kernel's race
            answer = b""
        assert answer == b""


async def test_an_organization_that_joins_is_trusted_from_then_on(tmp_path: Path) -> None:
    roots, nodes = [PEMS["north"]], {"north.node"}
    async with serving(tls(NORTH, tmp_path / "north", nodes, roots)) as port:
        south = tls(GOOD, tmp_path / "south")
        with pytest.raises(aiohttp.ClientError):
            await ask(port, south.to("north.node"))
        roots.append(PEMS["south"])
        nodes.add("south.node")
        assert "south.node" in await ask(port, south.to("north.node"))


async def test_plain_http_to_a_tls_port_and_tls_to_a_plain_port_end(tmp_path: Path) -> None:
    async with serving(tls(GOOD, tmp_path / "south")) as port:
        with pytest.raises(aiohttp.ClientError):
            await ask(port, True, "http")
    async with serving(None) as port:
        with pytest.raises(aiohttp.ClientError):
            await ask(port, tls(NORTH, tmp_path / "north").to("south.node"))


@pytest.mark.parametrize("case", [*WRONG, "another node's certificate", "plain"])
async def test_a_link_to_a_wrong_certificate_is_down(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links_module, "BACKOFF_MAX_S", 0.01)
    shown, nodes = WRONG.get(case, (replace(GOOD, member="south.other"), frozenset({*NODES, "south.other"})))
    logged: list[tuple[str, Any]] = []
    down = asyncio.Event()

    def log(kind: str, fields: Any) -> None:
        logged.append((kind, fields["peer"]))
        down.set()

    async with serving(None if case == "plain" else tls(shown, tmp_path / "south")) as port:
        addresses = {"south.node": f"https://{HOST}:{port}"}
        links = Links(ledger=Digest("a" * 64), member="north.node", key=ROOTS["north"], addresses=addresses, log=log)
        await links.start(tls(NORTH, tmp_path / "north", nodes).to)
        links.send(None, StatusMessage(1, 1))
        await asyncio.wait_for(down.wait(), WAIT_S)
        await links.close()
    assert logged == [("link-down", "south.node")]


# The certificate itself.


def der(pem: str) -> bytes:
    return ssl.PEM_cert_to_DER_cert(pem)


def south_tls(begins_ms: int, ends_ms: int) -> str:
    """A certificate of south's node."""
    return issue_tls(PEMS["south"], ROOTS["south"], "south.node", ROOTS["south"].public_key, HOST, begins_ms, ends_ms)


def refused(certificate: bytes, root: str = PEMS["south"], member: str = "south.node", now_ms: int = NOW_MS) -> str:
    """Why a node's certificate is not taken."""
    return refusal(VerificationError, verify_tls, certificate, root, member, now_ms).code


def test_no_certificate_is_taken_for_one_of_another_purpose() -> None:
    network = DecidedChain().network
    member, root = network.certificates["north.validator"], network.certificates["north"]
    for other in (member, root):
        assert refused(der(other), root, "north.validator") == "bad-tls-certificate"
    for nameless in (der(member), b""):
        assert refusal(VerificationError, tls_member, nameless).code == "bad-tls-certificate"


@pytest.mark.parametrize("usages", [(), (ExtendedKeyUsageOID.SERVER_AUTH,), (ExtendedKeyUsageOID.CLIENT_AUTH,)])
def test_a_certificate_is_for_tls_as_server_and_client(usages: tuple[x509.ObjectIdentifier, ...]) -> None:
    """The same name from the same root, for another purpose."""
    good = south_tls(NOW_MS - DAY_MS, NOW_MS + DAY_MS)
    certificate = x509.load_pem_x509_certificate(good.encode())
    builder = x509.CertificateBuilder(
        certificate.issuer, certificate.subject, certificate.public_key(), certificate.serial_number
    )
    builder = builder.not_valid_before(certificate.not_valid_before_utc).not_valid_after(certificate.not_valid_after_utc)
    for extension in certificate.extensions:
        if extension.oid != ExtensionOID.EXTENDED_KEY_USAGE:
            builder = builder.add_extension(extension.value, extension.critical)
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=True)
    changed = builder.sign(ROOTS["south"].handle, None).public_bytes(Encoding.DER)
    verify_tls(der(good), PEMS["south"], "south.node", NOW_MS)
    assert refused(changed) == "bad-tls-certificate"


def test_a_revoked_members_certificate_is_judged_by_the_ledger(tmp_path: Path) -> None:
    nodes = set(NODES)
    server = tls(NORTH, tmp_path / "north", nodes).server
    assert isinstance(server, JudgingContext)
    south = der(GOOD.files(tmp_path / "south")[0].read_text())
    assert server.judge(south) == "south.node"
    nodes.remove("south.node")
    assert refusal(VerificationError, server.judge, south).code == "not-a-node"


def test_a_tls_certificate_enrols_nobody() -> None:
    chain = DecidedChain()
    key = PrivateKey(b"\x09" * 32)
    root = chain.network.certificates["north"], chain.network.root_keys["north"]
    start_ms = chain.chain.head_time_ms
    pem = issue_tls(*root, "north.new", key.public_key, HOST, start_ms, start_ms + DAY_MS)
    enrol = chain.sign("north.admin", Membership.name, "enrol", certificate=pem, roles=["member"])
    assert chain.decide(enrol).receipts[0].code == "bad-certificate"


def test_names_dates_and_issuer_are_judged() -> None:
    good = der(south_tls(0, NOW_MS))
    verify_tls(good, PEMS["south"], "south.node", NOW_MS // 1000 * 1000)
    assert refused(good, now_ms=NOW_MS + 1000) == "tls-expired"
    assert refused(good, member="south.Node") == "wrong-tls-name"
    assert refused(good, PEMS["rogue"]) == "wrong-tls-issuer"


# Networks.


def tls_network(directory: Path, observers: int = 0) -> InProcessNetwork:
    """Four validators, not started."""
    make = default_specification(NOW_MS, members_each=1, observers=observers)
    return InProcessNetwork.create(directory / "n", make, keys=seeded_keys(1), has_tls=True)


def test_a_tls_network_decides_and_serves_readers(tmp_path: Path) -> None:
    network = tls_network(tmp_path, observers=1)
    assert set(network.urls) == {*VALIDATORS, "observer1.node"}
    assert all(url.startswith("https://") for url in network.urls.values())
    with network, network.client("north.member1") as client, network.client(node="observer1.node") as observer:
        outcome = issue(client, "A-1")
        wait_for_height(observer, outcome.height)
        assert observer.read(Asset.assets, "A-1", proof=True) is not None
        for context in (None, reader_tls(network.directory, "south.validator")):
            with Client(network.urls["north.validator"], tls=context) as stranger, pytest.raises(IndefiniteError, match="`tls`"):
                stranger.node()


def test_a_node_with_a_wrong_certificate_is_left_out_and_comes_back_with_a_right_one(tmp_path: Path) -> None:
    network, west = tls_network(tmp_path), "west.validator"
    files = [network.directory / TLS / f"{west}{suffix}" for suffix in (".pem", ".key")]
    good = [file.read_bytes() for file in files]
    wrong = Shown("other", west, NOW_MS + 2 * TLS_RENEWED_MS, 3 * TLS_RENEWED_MS).files(tmp_path / "wrong")
    for file, other in zip(files, wrong, strict=True):
        file.write_bytes(other.read_bytes())
    with network, network.client("north.member1") as client:
        issue(client, "A-1")
        with network.client(node=west) as alone, pytest.raises(IndefiniteError):
            alone.node()
        for file, own in zip(files, good, strict=True):
            file.write_bytes(own)
        network.restart(west)
        outcome = issue(client, "A-2")
        with network.client(node=west) as back:
            wait_for_height(back, outcome.height)


def test_a_revoked_members_node_is_refused(tmp_path: Path) -> None:
    network = tls_network(tmp_path, observers=1)
    admin = LocalMember("observer1.admin", read_key(network.key_path("observer1.admin")))
    with network, network.client("north.member1") as client, network.client(node="observer1.node") as observer:
        outcome = client.call(Membership.revoke, signers=[admin], member="observer1.node")
        issue(client, "A-1")
        wait_until(lambda: "observer1.node" in (down["peer"] for down in records(client, "link-down")), "the link is down")
        assert observer.node()["height"] <= outcome.height


def test_certificates_are_renewed_before_they_end(tmp_path: Path) -> None:
    make_network(tmp_path, has_tls=True)
    member = "north.validator"
    pem = tmp_path / TLS / f"{member}.pem"
    first = pem.read_text()
    issue_tls_files(tmp_path, [member])
    assert pem.read_text() == first
    root = (tmp_path / TLS / TLS_ROOTS).read_text(), read_key(tmp_path / "keys" / "north.key")
    pem.write_text(issue_tls(*root, member, root[1].public_key, HOST, NOW_MS - DAY_MS, NOW_MS + TLS_RENEWED_MS - DAY_MS))
    issue_tls_files(tmp_path, [member])
    verify_tls(der(pem.read_text()), root[0], member, NOW_MS + 2 * TLS_RENEWED_MS)


def test_tls_is_spoken_by_all_or_none(tmp_path: Path) -> None:
    make_network(tmp_path, has_tls=True)
    certificate = read_node(tmp_path, NODE.name).tls_certificate
    set_nodes(tmp_path, tls_certificate=None)
    assert refusal(OperatorError, read_node_settings, tmp_path / NODE).code == "plain-address"
    set_nodes(tmp_path, tls_certificate=certificate)
    network = tmp_path / "network.json"
    network.write_text(network.read_text().replace("https:", "http:"))
    assert refusal(OperatorError, read_node_settings, tmp_path / NODE).code == "plain-address"


async def test_a_damaged_certificate_is_told(tmp_path: Path) -> None:
    make_network(tmp_path, has_tls=True)
    (tmp_path / TLS / "north.validator.pem").write_text("nothing")
    node = open_node(read_node_settings(tmp_path / NODE))
    assert (await awaited_refusal(OperatorError, serve(node, lambda: None))).code == "bad-tls-files"


def test_the_command_makes_a_tls_network_with_observers(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    directory = ("--dir", tmp_path / "n")
    made = run("network", "up", "--tls", "--observers", "1", "--in-process", "--detach", "--port", str(port), *directory)
    try:
        assert made.exit_code == 0, made.output
        assert "observer1" in succeeds("network", "status", *directory)
        succeeds("submit", "asset", "issue", '{"number": "A-1", "to": "north.member1"}', "--as", "north.member1", *directory)
    finally:
        succeeds("network", "down", *directory)


def test_a_node_of_a_tls_network_is_made_by_hand(tmp_path: Path) -> None:
    make_network(tmp_path, has_tls=True)
    kept = tmp_path / TLS / f"{NODE.name}.pem"
    kept.unlink()
    root_key = ("--root-key", tmp_path / "keys" / "north.key")
    succeeds("node", "certificate", NODE.name, "--root", tmp_path / "certificates" / "north.pem", *root_key, "--to", kept.parent)
    verify_tls(der(kept.read_text()), (tmp_path / TLS / TLS_ROOTS).read_text(), NODE.name, NOW_MS + DAY_MS)
    files = ("--genesis", tmp_path / "genesis.json", "--network", tmp_path / "network.json")
    key = ("--key", tmp_path / "keys" / f"{NODE.name}.key")
    succeeds("node", "init", tmp_path / "hand", "--member", NODE.name, *key, *files)
    assert read_node_settings(tmp_path / "hand").tls == (kept, kept.with_suffix(".key"))
    fails(2, "", "node", "certificate", NODE.name, "--root", tmp_path / "no.pem", *root_key, "--to", tmp_path)
