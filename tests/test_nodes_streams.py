"""Server-sent events: nothing missed, nothing twice, whatever is cut and committed meanwhile; gaps are told, ends are quick."""

import asyncio
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message

from nodes.node.log import MemoryLog, Signal
from tests.http_support import LIMITS, FakeNode, NextMessage
from tests.network_support import make_network, serving_node
from tests.support import ALICE

SECONDS_MAX = 60
STREAMS = 20


def noted(records_max: int, count: int) -> FakeNode:
    """A node with this many records in a bounded log."""
    node = FakeNode()
    node.log = MemoryLog(records_max=records_max)
    for view in range(count):
        node.log.append(1, "vote", {"view": view})
    return node


def events(body: bytes) -> list[tuple[str, str, dict[str, Any]]]:
    """(id, name, data) of the events in a part of a stream; comments are none."""
    found = []
    for part in body.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in part.split("\n") if ": " in line and not line.startswith(":"))
        if "data" in fields:
            found.append((fields["id"], fields.get("event", ""), json.loads(fields["data"])))
    return found


async def take(next_message: NextMessage, count: int) -> list[tuple[str, str, dict[str, Any]]]:
    """At least so many events of a stream that has just been opened."""
    assert (await next_message())["status"] == 200
    found: list[tuple[str, str, dict[str, Any]]] = []
    while len(found) < count:
        found += events((await next_message())["body"])
    return found


@given(
    blocks=st.lists(st.integers(0, 3), min_size=1, max_size=8),
    cuts=st.lists(st.integers(1, 4), min_size=1, max_size=4),
    name=st.sampled_from(["", "issued"]),
)
def test_a_reader_that_comes_back_misses_nothing_and_sees_nothing_twice(blocks: list[int], cuts: list[int], name: str) -> None:
    """It is cut after so many events, somewhere within what was sent at once, while blocks come."""
    node = FakeNode()
    total = sum(blocks)

    async def committing() -> None:
        for height, count in enumerate(blocks):
            node.issue(*(f"A-{height}-{i}" for i in range(count)))
            node.commit(ALICE, "asset", "bump", number="C")
            for _ in range(3):
                await asyncio.sleep(0)

    async def work() -> None:
        writer = asyncio.create_task(committing())
        seen: list[str] = []
        cursor: dict[str, str] = {}
        turn = 0
        while len(seen) < total:
            wanted = min(cuts[turn % len(cuts)], total - len(seen))
            async with node.http.stream("/v1/events/stream", cursor, name=name) as next_message:
                for identity, _, data in (await take(next_message, wanted))[:wanted]:
                    cursor = {"last-event-id": identity}
                    seen.append(data["data"]["number"])
            turn += 1
        await writer
        assert seen == [f"A-{height}-{i}" for height, count in enumerate(blocks) for i in range(count)]

    asyncio.run(asyncio.wait_for(work(), SECONDS_MAX))


async def test_a_narrowed_stream_passes_over_what_is_not_asked_for() -> None:
    node = FakeNode()
    for _ in range(60):
        node.commit(ALICE, "asset", "bump", number="C")
    node.issue("A")
    async with node.http.stream("/v1/events/stream", contract="asset", name="issued") as next_message:
        assert [data["data"]["number"] for _, _, data in await take(next_message, 1)] == ["A"]
        node.commit(ALICE, "asset", "bump", number="C")
        node.issue("B")
        assert events((await next_message())["body"])[0][2]["data"]["number"] == "B"


async def test_a_gap_in_a_bounded_log_is_told() -> None:
    node = noted(records_max=3, count=5)
    listed = (await node.http.get("/v1/log", after="1")).json
    assert (listed["gap"], [row["sequence"] for row in listed["log"]]) == ({"from": 2, "to": 2}, [3, 4, 5])
    assert (await node.http.get("/v1/log", after="2")).json["gap"] is None
    async with node.http.stream("/v1/log/stream", after="0") as next_message:
        found = await take(next_message, 4)
        assert found[0] == ("2", "gap", {"from": 1, "to": 2})
        assert [identity for identity, _, _ in found] == ["2", "3", "4", "5"]
    async with node.http.stream("/v1/log/stream", {"last-event-id": "2"}) as next_message:
        assert [name for _, name, _ in await take(next_message, 3)] == ["", "", ""]


async def test_a_reader_that_is_slower_than_a_bounded_log_is_told_what_it_missed() -> None:
    node = noted(records_max=3, count=1)
    async with node.http.stream("/v1/log/stream") as next_message:
        await take(next_message, 1)
        for _ in range(10):
            node.log.append(1, "vote", {})
        assert events((await next_message())["body"])[0] == ("8", "gap", {"from": 2, "to": 8})


async def test_a_log_that_began_anew_is_read_from_its_beginning() -> None:
    """A node that keeps its log in memory counts from 1 again after a restart."""
    node = noted(records_max=3, count=1)
    async with node.http.stream("/v1/log/stream", {"last-event-id": "500"}) as next_message:
        assert [identity for identity, _, _ in await take(next_message, 1)] == ["1"]


async def test_a_quiet_stream_sends_comments() -> None:
    node = FakeNode(limits=replace(LIMITS, stream_keep_alive_ms=1))
    async with node.http.stream("/v1/events/stream") as next_message:
        await next_message()
        assert [(await next_message())["body"] for _ in range(3)] == [b": open\n\n", *[b": still here\n\n"] * 2]


async def test_streams_asked_for_at_once_are_counted_before_they_begin() -> None:
    node = FakeNode(limits=replace(LIMITS, streams_max=2))
    asked = [asyncio.create_task(node.http.get("/v1/events/stream")) for _ in range(5)]
    ended = asyncio.as_completed(asked)
    assert [(await next(ended)).code for _ in range(3)] == ["too-many-streams"] * 3
    node.published.close()
    assert [(await next(ended)).status for _ in range(2)] == [200, 200]


async def test_what_is_stuck_is_cut_off_once_the_signal_is_closed() -> None:
    signal = Signal()
    ended: list[str] = []

    async def stuck() -> None:
        async with signal.while_open():
            await asyncio.Event().wait()
            ended.append("by itself")
        ended.append("cut off")

    tasks = [asyncio.create_task(stuck()) for _ in range(3)]
    await asyncio.sleep(0)
    signal.close()
    await asyncio.gather(*tasks)
    assert ended == ["cut off"] * 3


async def test_a_cut_from_outside_is_not_hidden_by_the_signal() -> None:
    signal = Signal()

    async def stuck() -> None:
        async with signal.while_open():
            await asyncio.Event().wait()

    task = asyncio.create_task(stuck())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_stuck_reader_does_not_hold_back_the_end() -> None:
    """Its connection takes nothing in: the application waits to send."""
    node = FakeNode()
    node.issue("A")
    never = asyncio.Event()
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)
        if len(sent) == 3:
            await never.wait()

    task = asyncio.create_task(node.http.call("/v1/events/stream", send))
    while len(sent) < 3:
        await asyncio.sleep(0)
    node.published.close()
    await asyncio.wait_for(task, SECONDS_MAX)
    assert len(sent) == 3


async def test_a_node_with_open_streams_stops_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not wait for them until its server's patience ends."""
    monkeypatch.setattr("nodes.http.server.SHUTDOWN_SECONDS_MAX", 2 * SECONDS_MAX)
    make_network(tmp_path)
    async with serving_node(tmp_path) as node, aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        url = node.settings.addresses[node.member]
        answers = [await session.get(f"{url}/v1/{name}/stream") for _ in range(STREAMS // 2) for name in ("events", "log")]
        for answer in answers:
            assert await answer.content.readline() == b": open\n"
        started = time.monotonic()
        node.request_stop()
        for answer in answers:
            await answer.read()  # It came to its end: no connection was cut.
    assert time.monotonic() - started < SECONDS_MAX
