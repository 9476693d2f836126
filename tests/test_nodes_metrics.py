"""Figures of running nodes as Prometheus reads them: right, one registry a node, and few labels whatever is asked for."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ledger.encoding import encode
from ledger.primitives import Digest
from nodes.network.in_process import InProcessNetwork
from nodes.node.files import DATABASE
from nodes.node.watch import LABEL_VALUES_MAX, WATCHED_MAX, NodeWatch
from nodes.sample_contract import Asset
from tests.http_support import asked
from tests.network_support import NODE, running_network
from tests.support import CONTRACTS

MEMBER = "north.member1"
Samples = dict[tuple[str, ...], float]


def read(text: bytes) -> Samples:
    """Value by name and labels in the order of their names."""
    families = text_string_to_metric_families(text.decode())
    return {
        (sample.name.removeprefix("tallystick_"), *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def samples(url: str) -> Samples:
    return read(asked(f"{url}/metrics").body)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcessNetwork]:
    with running_network(tmp_path_factory.mktemp("four") / "network", 4) as running:
        with running.client(MEMBER) as client:
            client.call(Asset.issue, number="A-1", to=MEMBER)
            client.call(Asset.transfer, number="A-1", to="south.member1")
            client.deliver(client.sign(Asset.transfer, number="A-1", to=MEMBER))
        yield running


def test_a_node_tells_what_it_decided(network: InProcessNetwork) -> None:
    found = samples(network.urls["north.validator"])
    assert found["height",] >= 3
    assert found["view",] >= 1
    assert found["ready",] == 1
    assert found["pending_transactions",] == found["pending_bytes",] == 0
    assert found["transactions_total", "ok"] == 2
    assert found["transactions_total", "not-holder"] == 1
    assert found["commit_seconds_count",] == 3
    assert 0 < found["commit_seconds_sum",] < 60
    assert found["database_bytes",] >= (network.directory / NODE / DATABASE).stat().st_size, "with its log"
    assert found["process_resident_memory_bytes",] > 10_000_000


def test_a_node_counts_for_itself(network: InProcessNetwork) -> None:
    """All four share a process; only the first one was asked by clients."""
    found = samples(network.urls["south.validator"])
    assert found["transactions_total", "ok"] == 2
    assert found["commit_seconds_count",] == 0
    assert ("http_request_seconds_count", "POST", "/v1/transactions", "200") not in found


def test_peers_and_messages(network: InProcessNetwork) -> None:
    found = samples(network.urls["north.validator"])
    assert found["peers", "connected"] == 3
    assert found["peers", "behind"] == 0
    for direction in ("in", "out"):
        for kind in ("vote", "final", "status"):
            assert found["messages_total", direction, kind] > 0, (direction, kind)
            assert found["message_bytes_total", direction, kind] >= found["messages_total", direction, kind]


def test_refusals_and_requests(network: InProcessNetwork) -> None:
    url = network.urls["west.validator"]
    for _ in range(3):
        assert asked(f"{url}/v1/transactions/x").status == 400
    assert asked(f"{url}/v1/transactions", "POST", b'[{"x":1}]').status == 422
    with network.client(MEMBER) as client:
        good = client.sign(Asset.bump, number="C-1").raw
    assert asked(f"{url}/v1/transactions?wait=30", "POST", b"[" + good + b',{"x":1}]').status == 200
    found = samples(url)
    assert found["refusals_total", "bad-id"] == 3
    assert found["refusals_total", "nothing-taken"] == 1
    assert found["refusals_total", "envelope-fields"] == 1
    assert found["http_request_seconds_count", "GET", "/v1/transactions/{transaction}", "400"] == 3
    assert found["http_request_seconds_count", "POST", "/node/batch", "200"] > 0


def test_callers_make_no_labels(network: InProcessNetwork) -> None:
    url = network.urls["east.validator"]
    for method in ("GET", "POST", "DELETE", "PATCH", "OPTIONS", "PROPFIND"):
        for path in ("/nowhere/0", "/v1/blocks/x0", "/node/x0", "/v1/state/a0/b/c"):
            asked(url + path, method)
    before = samples(url).keys()
    for number in range(1, 30):
        for method in ("GET", "POST", "DELETE", "PATCH", "OPTIONS", "MKCOL"):
            for path in (f"/nowhere/{number}", f"/v1/blocks/x{number}", f"/node/x{number}", f"/v1/state/a{number}/b/c"):
                asked(url + path, method)
    new = {key for key in samples(url) if key not in before}
    assert {key for key in new if "/metrics" not in key and "/node/batch" not in key and "messages" not in key[0]} == set()


def watching(pending: Sequence[Digest] = ()) -> NodeWatch:
    """The watch of a node whose mempool holds these."""
    replica: Any = SimpleNamespace(is_pending=lambda transaction: transaction in pending)
    return NodeWatch("north.validator", replica, CONTRACTS, Path("none"))


def transactions(count: int) -> list[Any]:
    return [SimpleNamespace(id=Digest(f"{number:064x}")) for number in range(count)]


def test_a_contract_with_a_thousand_codes_fills_no_memory() -> None:
    watch = watching()
    for number in range(1_000):
        watch.decided(transactions(1), [encode({"code": f"code-{number}"})])
        watch.refused(f"code-{number}")
        watch.request("GET", f"/{number}", 200, 0.1)
    found = read(watch.metrics())
    for name in ("transactions_total", "refusals_total"):
        assert sum(key[0] == name for key in found) == LABEL_VALUES_MAX + 1
        assert found[name, "other"] == 1_000 - LABEL_VALUES_MAX


def test_transactions_that_never_come_into_a_block_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 1.0)
    lost = transactions(WATCHED_MAX + 5)
    watch = watching([lost[0].id])
    watch.submitted(lost)
    watch.decided([], [])
    watch.submitted([lost[-1]])
    watch.decided(lost, [encode({"code": "ok"})] * len(lost))
    assert read(watch.metrics())["commit_seconds_count",] == 2
