"""A crowd: many readers and writers at once against all nodes, for a bounded time.

Afterwards every transaction that a node acknowledged, by taking it (202) or with a receipt, must be on every node; and no
answer may be a 500. Either ends the benchmark with an error. Refusals with 429 or 503 are in order, and counted by code.
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from ledger.errors import IndefiniteError, OperatorError
from nodes.bench.figures import Figures, Progress, percentile
from nodes.bench.measured_network import MeasuredNetwork, measured_network
from nodes.bench.sizes import Sizes
from nodes.bench.workload import Signers, asset, lists
from nodes.client import Client
from nodes.http_client import HttpClient

ASSETS = 200
"""Records that readers ask for."""
LIST_TRANSACTIONS = 5
"""In every other POST of a writer; the rest hold one, and wait for its receipt."""
WAIT_S = 30
REQUEST_SECONDS_MAX = 60
AFTERWARDS_SECONDS_MAX = 120
"""Until all that was acknowledged is on every node."""
PAUSE_S = 0.2
"""Of a caller that found the node busy."""
PAGE = 500
MS_PER_SECOND = 1_000

READS: tuple[tuple[str, str], ...] = (
    ("state", "/v1/state/asset/assets/{asset}"),
    ("state_proved", "/v1/state/asset/assets/{asset}?proof=true"),
    ("transaction_proved", "/v1/transactions/{transaction}?proof=true"),
    ("state_page", "/v1/state/asset/assets?limit=50"),
    ("latest_block", "/v1/blocks/latest"),
    ("events_page", "/v1/events?limit=50"),
)
"""What readers ask for in turn: name and path."""


@dataclass(slots=True)
class Tally:
    """What the crowd was answered."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """By kind of request: how long each took that was not refused."""
    refused: Counter[str] = field(default_factory=Counter)
    """By status and code."""
    acknowledged: list[str] = field(default_factory=list)
    unanswered: int = 0
    """Requests without an answer: what they asked for may have happened."""
    internal_errors: int = 0

    def latencies(self) -> Figures:
        """Count and percentiles by kind."""
        return {
            kind: {
                "count": len(seconds),
                **{f"p{percent}_ms": percentile(seconds, percent) * MS_PER_SECOND for percent in (50, 95, 99)},
            }
            for kind, seconds in sorted(self.seconds.items())
        }


class Crowd:
    """Readers and writers, each with one request on its way, dealt out over the nodes."""

    def __init__(self, urls: Sequence[str], signers: Signers, http: HttpClient, seconds: float) -> None:
        self.tally = Tally()
        self._urls = urls
        self._signers = signers
        self._http = http
        self._deadline = time.monotonic() + seconds
        self._numbers = count(ASSETS)

    async def read(self, turn: int) -> None:
        """One reader, until the time is up."""
        url = self._urls[turn % len(self._urls)]
        while time.monotonic() < self._deadline:
            turn += 1
            kind, path = READS[turn % len(READS)]
            known = self.tally.acknowledged
            place = {"asset": asset(turn % ASSETS), "transaction": known[turn % len(known)] if known else "0" * 64}
            await self._ask(kind, "GET", url + path.format(**place))

    async def write(self, turn: int) -> None:
        """One writer, until the time is up."""
        url = f"{self._urls[turn % len(self._urls)]}/v1/transactions"
        while time.monotonic() < self._deadline:
            turn += 1
            if turn % 2:
                (transaction,) = self._signers.issue([next(self._numbers)])
                answer = await self._ask("write_final", "POST", f"{url}?wait={WAIT_S}", transaction.raw)
                results = [answer] if answer else []
            else:
                made = self._signers.issue([next(self._numbers) for _ in range(LIST_TRANSACTIONS)])
                answer = await self._ask("write_list_taken", "POST", url, b"[%s]" % b",".join(t.raw for t in made))
                results = answer["results"] if answer else []
            self.tally.refused.update(f"in a list: {r['problem']['code']}" for r in results if "problem" in r)
            self.tally.acknowledged += [result["transaction"] for result in results if "problem" not in result]

    async def _ask(self, kind: str, method: str, url: str, body: bytes | None = None) -> dict[str, Any] | None:
        """The answer, or None if there is none or it is a problem."""
        started = time.monotonic()
        try:
            response = await self._http.ask(method, url, body)
            answer: dict[str, Any] = response.json()
        except (IndefiniteError, ValueError):
            self.tally.unanswered += 1
            return None
        if response.status < 400:
            self.tally.seconds[kind].append(time.monotonic() - started)
            return answer
        self.tally.internal_errors += response.status == 500
        self.tally.refused[f"{response.status} {answer.get('code')}"] += 1
        await asyncio.sleep(PAUSE_S)
        return None


def measure_load(directory: Path, sizes: Sizes, progress: Progress) -> Figures:
    """Readers and writers at once; latencies by kind, refusals by code, and whether anything acknowledged was lost."""
    with measured_network(directory) as network:
        signers = Signers.of(network)
        network.run(lists(signers.issue(range(ASSETS)), ASSETS), ASSETS, 1, 1)
        progress(f"{sizes.crowd_readers} readers and {sizes.crowd_writers} writers for {sizes.crowd_seconds} s")
        height = _height(network)
        tally = asyncio.run(_send_crowd(list(network.urls.values()), signers, sizes))
        progress(f"looking for {len(tally.acknowledged)} acknowledged transactions on every node")
        lost = {url: len(_missing(url, set(tally.acknowledged))) for url in network.urls.values()}
        blocks, memory = _height(network) - height, [reading.memory_bytes or 0 for reading in network.readings()]
    if any(lost.values()):
        raise OperatorError("bench-lost", f"Acknowledged transactions are missing: {lost}.")
    if tally.internal_errors:
        raise OperatorError("bench-refused", f"{tally.internal_errors} answers were a 500; see what the nodes printed.")
    answered = sum(map(len, tally.seconds.values()))
    return {
        "readers": sizes.crowd_readers,
        "writers": sizes.crowd_writers,
        "seconds": sizes.crowd_seconds,
        "answers": answered,
        "answers_per_second": answered / sizes.crowd_seconds,
        "acknowledged": len(tally.acknowledged),
        "acknowledged_per_second": len(tally.acknowledged) / sizes.crowd_seconds,
        "blocks": blocks,
        "peak_memory_mb": max(memory) / 1_000_000,
        "lost": 0,
        "internal_errors": 0,
        "unanswered": tally.unanswered,
        "refused": dict(sorted(tally.refused.items())),
        "latency": tally.latencies(),
    }


async def _send_crowd(urls: Sequence[str], signers: Signers, sizes: Sizes) -> Tally:
    async with HttpClient(REQUEST_SECONDS_MAX) as http:
        crowd = Crowd(urls, signers, http, sizes.crowd_seconds)
        kinds: Mapping[Callable[[int], Coroutine[Any, Any, None]], int] = {
            crowd.read: sizes.crowd_readers,
            crowd.write: sizes.crowd_writers,
        }
        await asyncio.gather(*(one(turn) for one, number in kinds.items() for turn in range(number)))
    return crowd.tally


def _missing(url: str, acknowledged: set[str]) -> set[str]:
    """What the node does not hold, after a time that is enough for it."""
    deadline, after = time.monotonic() + AFTERWARDS_SECONDS_MAX, ""
    with Client(url) as client:
        while acknowledged and time.monotonic() < deadline:
            page = client.get("/v1/transactions", after=after, limit=PAGE)
            acknowledged -= {row["transaction"] for row in page["transactions"]}
            if page["next"] == after:
                time.sleep(PAUSE_S)
            after = page["next"]
    return acknowledged


def _height(network: MeasuredNetwork) -> int:
    with network.client() as client:
        return int(client.node()["height"])
