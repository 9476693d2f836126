"""A server answers under its own names alone, over real sockets: a web page that rebound its name to it reads nothing."""

import json
import socket
import ssl
from contextlib import closing
from http.client import parse_headers
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ledger.errors import MalformedError, MisdirectedError, OperatorError
from nodes.app.dependencies import LAB
from nodes.http.addresses import Hosts, parse_host, room_addresses
from nodes.lab.control import LabControl
from nodes.network.directory import EVERYWHERE, read_network, set_nodes
from nodes.network.in_process import InProcessNetwork
from nodes.node.files import NETWORK_FILE, NODE_FILE, NodeFile, read_file, read_node_settings, write_file
from scenarios.workshop.serve.teacher import Teacher
from tests.http_support import asked as answered
from tests.network_support import NODE, make_network, running_network
from tests.support import NORTH, refusal
from tests.test_nodes_openapi import ROUTES
from tests.test_workshop_serve import Served

SECONDS_MAX = 10
EVIL = "evil.example"
OWN = ("localhost", "LOCALHOST.", "127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]", "ledger.example", "Ledger.Example.")
OTHERS = (
    EVIL, "127.0.0.1.evil.example", "localhost.evil.example", "192.0.2.77", "127.1", "2130706433", "0.0.0.0", "[2001:db8::1]",
)  # fmt: skip
NO_HOSTS = (
    "", " ", "127.0.0.1, evil.example", "a@127.0.0.1", "127.0.0.1:8101:1", "127.0.0.1:x", "[::1", "[::zz]", "http://127.0.0.1",
    "本机",
)  # fmt: skip
NO_NAMES = ("", "http://ledger.example", "ledger.example:80", "abc:80", "*", "*.example", "本机.example", "a b")
PATHS = (
    "GET /", "GET /v1/node", "GET /v1/blocks", "GET /v1/events/stream", "GET /v1/lab/control/network", "POST /v1/transactions",
    "POST /node/session", "POST /node/batch", "GET /metrics", "GET /healthz", "GET /no/such/path", "DELETE /v1/node",
    "OPTIONS /v1/node",
)  # fmt: skip
MISDIRECTED = (421, "misdirected-host")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    make_network(tmp_path)
    return tmp_path


def told(url: str, request: str, tls: ssl.SSLContext | None = None, name: str | None = None) -> tuple[int, str]:
    """Status of the first answer to these bytes, and its code if it is a problem."""
    address = urlsplit(url)
    assert address.hostname is not None
    with (
        socket.create_connection((address.hostname, address.port), SECONDS_MAX) as raw,
        raw if tls is None else tls.wrap_socket(raw, server_hostname=name) as connection,
    ):
        connection.sendall(request.encode())
        answer = connection.makefile("rb")
        status, headers = int(answer.readline().split()[1]), parse_headers(answer)
        if headers["content-type"] != "application/problem+json":
            return status, ""
        return status, json.loads(answer.read(int(headers["content-length"])))["code"]


def asked(url: str, request: str, host: str) -> tuple[int, str]:
    """The same of a method and a path."""
    return told(url, f"{request} HTTP/1.1\r\nHost: {host}\r\n\r\n")


def test_own_names_are_answered_with_any_port_and_others_not() -> None:
    hosts = Hosts(("Ledger.example", "203.0.113.9"))
    for host in (*OWN, "203.0.113.9", *room_addresses()):
        for port in ("", ":", ":80", ":65535"):
            hosts.verify(b"/v1/node", [(b"accept", b"*/*"), (b"host", (host + port).encode())])
    for host in OTHERS:
        assert refusal(MisdirectedError, hosts.verify, b"/v1/node", [(b"host", host.encode())]).code == "misdirected-host"
    for host in NO_HOSTS:
        assert refusal(MalformedError, hosts.verify, b"/v1/node", [(b"host", host.encode())]).code == "bad-host"


def test_a_request_has_one_host_and_its_target_names_no_other() -> None:
    hosts, own = Hosts(), (b"host", b"127.0.0.1:8101")
    for fields in ((), (own, own), (own, (b"host", b"evil.example"))):
        refusal(MalformedError, hosts.verify, b"/", fields)
    for target in (b"http://127.0.0.1:8101/v1/node", b"HTTP://LocalHost", b"//evil.example/", b"*", b"/?u=http://evil.example/"):
        hosts.verify(target, [own])
    for target in (b"http://evil.example/v1/node", b"x://evil.example", b"http://evil.example?http://127.0.0.1"):
        refusal(MisdirectedError, hosts.verify, target, [own])
    refusal(MalformedError, hosts.verify, b"http://127.0.0.1@evil.example/", [own])
    refusal(MisdirectedError, hosts.verify, b"http://127.0.0.1/", [(b"host", b"evil.example")])


def test_a_name_that_is_allowed_has_one_form() -> None:
    for text, host in (("Ledger.Example.", "ledger.example"), ("::1", "::1"), ("[::1]", "::1"), ("192.0.2.1", "192.0.2.1")):
        assert parse_host(text) == host
    for wrong in NO_NAMES:
        assert refusal(OperatorError, parse_host, wrong).code == "bad-host"


def test_a_node_that_is_refused_its_names_holds_nothing_open(directory: Path) -> None:
    file = directory / NODE / NODE_FILE
    settings = read_file(file, NodeFile)
    write_file(file, settings.model_copy(update={"allowed_hosts": ("a b",)}))
    network = InProcessNetwork(directory)
    with pytest.raises(OperatorError, match="a b"):
        network.start()
    write_file(file, settings)
    with network:
        assert network.is_running(NORTH)


def test_a_node_and_its_control_answer_nothing_to_a_rebound_name(directory: Path) -> None:
    """Whatever the path: its routes, those between nodes, streams, what does not exist, and what carries the lab's token."""
    with InProcessNetwork(directory) as network, LabControl(network) as control:
        url = network.urls[NORTH]
        own = urlsplit(url).netloc
        for request in PATHS:
            assert asked(url, request, f"{EVIL}:{urlsplit(url).port}") == MISDIRECTED, request
        for path, status in (("/", 200), ("/v1/node", 200), ("/healthz", 200), ("/metrics", 200), ("/no/such/path", 404)):
            assert asked(url, f"GET {path}", "localhost:9")[0] == status
            assert asked(url, f"GET {path}", own)[0] == status, "a monitor asks by address"
        with_token = f"{EVIL}\r\nAuthorization: Bearer {network.lab_token}"
        assert asked(control.url, "GET /network", with_token) == MISDIRECTED
        assert asked(url, "GET /v1/lab/faults", with_token) == MISDIRECTED
        for version in ("1.1", "1.0"):
            assert told(url, f"GET /v1/node HTTP/{version}\r\n\r\n") == (400, "bad-host")
        assert asked(url, "GET /v1/node", "127.0.0.1\r\nhost: x") == (400, "bad-host")
        assert asked(url, "GET /", f"{EVIL}\r\nConnection: Upgrade\r\nUpgrade: websocket") == MISDIRECTED
        assert asked(url, f"GET http://{EVIL}/v1/node", "127.0.0.1") == MISDIRECTED
        assert asked(url, f"GET {url}/v1/node", "127.0.0.1") == (200, "")


def test_the_teachers_page_answers_nothing_to_a_rebound_name() -> None:
    with closing(Served(Teacher((), "secret"))) as served:
        for path in ("/", "/groups", "/rows", "/page/teacher.js", "/none"):
            assert asked(served.url, f"GET {path}", EVIL) == MISDIRECTED
        assert asked(served.url, "GET /", "localhost")[0] == 200


def test_a_foreign_page_sends_no_order(directory: Path) -> None:
    """What a form or `fetch` of another site can send without asking: no header of its own, and nothing is answered for it."""
    posts = [name.removeprefix("POST ") for name in ROUTES if name.startswith("POST ")]
    orders = ("reset", "clock", "faults", "nodes/x", "submit", "frozen", "tamper", "none")
    paths = [*(path for path in posts if path.startswith(LAB)), *(f"{LAB}control/{order}" for order in orders)]
    with InProcessNetwork(directory) as network, LabControl(network) as control:
        url = network.urls[NORTH]
        for own, path in [*((url, path) for path in paths), (control.url, "/reset"), (control.url, "/none")]:
            foreign = f"Host: {urlsplit(own).netloc}\r\nOrigin: http://{EVIL}\r\nContent-Type: text/plain\r\n"
            cookie = f"Cookie: token={network.lab_token}\r\nContent-Length: 2\r\n\r\n{{}}"
            assert told(own, f"POST {path} HTTP/1.1\r\n{foreign}{cookie}") == (403, "wrong-token"), path
        answer = answered(f"{url}/v1/node", headers={"origin": f"http://{EVIL}"})
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_node_answers_to_the_names_it_was_given_until_others_are(directory: Path) -> None:
    refusal(OperatorError, set_nodes, directory, allowed_hosts=["ledger.example", "http://ledger.example"])
    for name, status in (("Ledger.example", 200), ("other.example", 421)):
        set_nodes(directory, allowed_hosts=[name])
        with InProcessNetwork(directory) as network:
            assert asked(network.urls[NORTH], "GET /v1/node", "ledger.example:443")[0] == status


def test_a_node_answers_to_its_name_in_the_file_of_the_network(directory: Path) -> None:
    network = read_network(directory)
    named = network.nodes[0].model_copy(update={"url": "http://North.example:8101"})
    write_file(directory / NETWORK_FILE, network.model_copy(update={"nodes": (named,)}))
    Hosts(read_node_settings(directory / NODE).hosts).verify(b"/", [(b"host", b"north.example:8101")])


@pytest.mark.skipif(not room_addresses(), reason="this machine is in no network")
def test_a_node_that_listens_everywhere_answers_to_each_address_of_its_machine(directory: Path) -> None:
    set_nodes(directory, host=EVERYWHERE)
    with InProcessNetwork(directory) as network:
        loopback = network.urls[NORTH]
        for url in (loopback, loopback.replace("127.0.0.1", room_addresses()[0])):
            for host in (room_addresses()[0], "127.0.0.1", "localhost", EVERYWHERE):
                assert asked(url, "GET /v1/node", host) == (200, "")
            assert asked(url, "GET /v1/node", "192.0.2.77") == MISDIRECTED


def test_tls_says_who_the_node_is_and_host_whom_the_request_is_for(tmp_path: Path) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    request = "GET /v1/node HTTP/1.1\r\nHost: %s\r\n\r\n"
    with running_network(tmp_path, has_tls=True) as network:
        for name in (None, EVIL):
            assert told(network.urls[NORTH], request % "localhost", context, name) == (200, "")
        assert told(network.urls[NORTH], request % EVIL, context, "localhost") == MISDIRECTED
