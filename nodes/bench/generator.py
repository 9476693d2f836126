"""A process that sends prepared requests to one node: `python -m nodes.bench.generator PLAN`.

PLAN is a JSON file: `{"url", "connections", "requests": [[METHOD, PATH, BODY, THEN], …]}`. The process prints
`{"ready": …}`, waits for a line on standard input, sends all requests over that many kept-alive connections, each its
share one after the other, and prints what it took. THEN is a path to ask for before the next request, or empty: so a
client waits until what it sent is final. The process ends when standard input closes.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from nodes.http_client import HttpClient
from nodes.shutdown import stop_on_signals, stop_with_parent

BUSY = (429, 503)
ANSWER_SECONDS_MAX = 300
WAIT_S = 0.2
"""Before a request that found the node busy is sent again: shorter than a node asks for, since nothing else waits."""
TRIES_MAX = 500

Request = tuple[str, str, str, str]
"""Method, path with query, body, and the path to ask for afterwards or nothing."""


async def send_all(url: str, connections: int, requests: Sequence[Request]) -> dict[str, object]:
    """Sends the requests; the answer counts requests, refusals and time."""
    started, started_cpu = time.monotonic(), time.process_time()
    waiting = list(reversed(requests))
    refused: list[str] = []
    async with HttpClient(ANSWER_SECONDS_MAX) as http:

        async def send_share() -> None:
            while waiting:
                problem = await _send(http, url, waiting.pop())
                if problem:
                    refused.append(problem)

        await asyncio.gather(*(send_share() for _ in range(connections)))
    seconds, cpu_seconds = time.monotonic() - started, time.process_time() - started_cpu
    return {"seconds": seconds, "cpu_seconds": cpu_seconds, "requests": len(requests), "refused": refused}


async def _send(http: HttpClient, url: str, request: Request) -> str:
    """Empty if the node took all of it, else what it said; a busy node is asked again."""
    method, path, body, then = request
    for _ in range(TRIES_MAX):
        answer = await http.ask(method, url + path, body.encode() or None)
        is_busy = answer.status in BUSY or b'"too-many-pending"' in answer.body
        if not is_busy:
            break
        await asyncio.sleep(WAIT_S)
    if answer.status >= 400 or b'"problem"' in answer.body:
        return answer.body.decode()
    if then:
        await http.ask("GET", url + then)
    return ""


async def _run(plan: Path) -> None:
    content = json.loads(plan.read_bytes())
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    print(json.dumps({"ready": content["url"]}), flush=True)
    if not await asyncio.to_thread(sys.stdin.readline):
        return

    def stop() -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(task.cancel)

    stop_on_signals(stop)
    stop_with_parent(stop)
    print(json.dumps(await send_all(content["url"], content["connections"], content["requests"])), flush=True)


def main(arguments: list[str]) -> int:
    """Sends what the plan says."""
    try:
        asyncio.run(_run(Path(arguments[0])))
    except asyncio.CancelledError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
