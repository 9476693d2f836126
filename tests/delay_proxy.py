"""A TCP proxy that delays: what comes in at one end goes out at the other a constant time later, in order, as fast as it came.

`python -m tests.delay_proxy MILLISECONDS LISTEN TARGET [LISTEN TARGET …]`, each ADDRESS:PORT. It says `ready`, takes
another delay from each line of standard input, and ends where that ends. A connection takes a round trip to be made, as on a
long line; bandwidth is not imitated, nor is TCP's slow start.
"""

import asyncio
import sys
from asyncio import StreamReader, StreamWriter, TaskGroup
from contextlib import suppress

CHUNK_BYTES = 1_000_000
BACKLOG = 1_000


class Line:
    """Both directions of all connections, of one delay."""

    def __init__(self, delay_s: float) -> None:
        self.delay_s = delay_s
        """Of what comes in from now on."""
        self._listening: list[asyncio.Server] = []
        self._leading: set[asyncio.Task[None]] = set()

    async def listen(self, place: str, target: str) -> int:
        """Leads connections from one place to another; returns its port."""

        async def accept(reader: StreamReader, writer: StreamWriter) -> None:
            task = asyncio.create_task(self._lead(reader, writer, target))
            self._leading.add(task)
            task.add_done_callback(self._leading.discard)

        host, _, port = place.rpartition(":")
        self._listening.append(await asyncio.start_server(accept, host, int(port), backlog=BACKLOG))
        return int(self._listening[-1].sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Ends all connections at once."""
        for server in self._listening:
            server.close()
        for task in self._leading:
            task.cancel()
        await asyncio.gather(*self._leading, return_exceptions=True)

    async def _lead(self, near_in: StreamReader, near_out: StreamWriter, target: str) -> None:
        ends = [near_out]
        try:
            await asyncio.sleep(2 * self.delay_s)  # on a long line the first byte leaves only after a round trip
            host, _, port = target.rpartition(":")
            far_in, far_out = await asyncio.open_connection(host, int(port))
            ends.append(far_out)
            async with TaskGroup() as both:
                both.create_task(self._carry(near_in, far_out))
                both.create_task(self._carry(far_in, near_out))
        except (OSError, asyncio.CancelledError):
            for end in ends:
                end.transport.abort()

    async def _carry(self, source: StreamReader, to: StreamWriter) -> None:
        """One direction, until its source ends."""
        clock = asyncio.get_running_loop().time
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        async with TaskGroup() as ends:
            ends.create_task(_deliver(under_way, to))
            data = b"?"
            while data:
                data = b""
                with suppress(OSError):
                    data = await source.read(CHUNK_BYTES)
                under_way.put_nowait((clock() + self.delay_s, data))


async def _deliver(under_way: asyncio.Queue[tuple[float, bytes]], to: StreamWriter) -> None:
    """Writes each piece when it is due; an empty one is the end."""
    clock, data = asyncio.get_running_loop().time, b"?"
    while data:
        due, data = await under_way.get()
        await asyncio.sleep(due - clock())
        to.write(data)
    to.close()


async def _run(delay_ms: float, places: list[str]) -> None:
    line = Line(delay_ms / 1000)
    for place, target in zip(places[::2], places[1::2], strict=True):
        await line.listen(place, target)
    print("ready", flush=True)
    while words := await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline):
        line.delay_s = float(words) / 1000
    await line.close()


if __name__ == "__main__":
    asyncio.run(_run(float(sys.argv[1]), sys.argv[2:]))
