"""A crowd: many readers and writers at once against all nodes, for a bounded time.

Afterwards every transaction that a node acknowledged, by taking it (202) or with a receipt, must be on every node; and no
answer may be a 500. Either ends the benchmark with an error. Refusals with 429 or 503 are in order, and counted by code.
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

from ledger.errors import IndefiniteError, OperatorError
from nodes.bench.amounts import MS_PER_SECOND, Figures, Progress, Sizes, percentile
from nodes.bench.measured_network import MeasuredNetwork, Signers, as_list, asset, decided_transactions, measured_network
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
PERCENTS = (50, 95, 99)

READS: tuple[tuple[str, str], ...] = (
    ("state", "/v1/state/asset/assets/{asset}"),
    ("state_proved", "/v1/state/asset/assets/{asset}?proof=true"),
    ("transaction_proved", "/v1/transactions/{transaction}?proof=true"),
    ("state_page", "/v1/state/asset/assets?limit=50"),
    ("latest_block", "/v1/blocks/latest"),
    ("events_page", "/v1/events?limit=50"),
)
"""What readers ask for in turn: name and path."""


def measure_load(directory: Path, sizes: Sizes, progress: Progress) -> Figures:
    """Readers and writers at once; latencies by kind, refusals by code, and whether anything acknowledged was lost."""
    with measured_network(directory) as network:
        signers = Signers.of(network)
        network.load(signers.issue(range(ASSETS)), sizes)
        progress(f"{sizes.crowd_readers} readers and {sizes.crowd_writers} writers for {sizes.crowd_seconds} s")
        height = _height(network)
        crowd = Crowd(list(network.urls.values()), signers)
        asyncio.run(crowd.call(sizes))
        progress(f"looking for {len(crowd.acknowledged)} acknowledged transactions on every node")
        lost = {url: len(missing(url, set(crowd.acknowledged))) for url in network.urls.values()}
        blocks, memory = _height(network) - height, network.peak_memory_mb()
    if any(lost.values()):
        raise OperatorError("bench-lost", f"Acknowledged transactions are missing: {lost}.")
    if crowd.internal_errors:
        raise OperatorError("bench-refused", f"{crowd.internal_errors} answers were a 500; see what the nodes printed.")
    answered = sum(map(len, crowd.seconds.values()))
    return {
        "readers": sizes.crowd_readers,
        "writers": sizes.crowd_writers,
        "seconds": sizes.crowd_seconds,
        "answers": answered,
        "answers_per_second": answered / sizes.crowd_seconds,
        "acknowledged": len(crowd.acknowledged),
        "acknowledged_per_second": len(crowd.acknowledged) / sizes.crowd_seconds,
        "blocks": blocks,
        "peak_memory_mb": memory,
        "lost": 0,
        "internal_errors": 0,
        "unanswered": crowd.unanswered,
        "refused": dict(sorted(crowd.refused.items())),
        "latency": {
            kind: {
                "count": len(seconds),
                **{f"p{percent}_ms": percentile(seconds, percent) * MS_PER_SECOND for percent in PERCENTS},
            }
            for kind, seconds in sorted(crowd.seconds.items())
        },
    }


class Crowd:
    """Readers and writers, each with one request on its way, dealt out over the nodes; and what they were answered."""

    def __init__(self, urls: Sequence[str], signers: Signers) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)
        """By kind of request: how long each took that was not refused."""
        self.refused: Counter[str] = Counter()
        """By status and code."""
        self.acknowledged: list[str] = []
        self.unanswered = 0
        """Requests without an answer: what they asked for may have happened."""
        self.internal_errors = 0
        self._urls = urls
        self._signers = signers
        self._numbers = count(ASSETS)
        self._deadline = 0.0

    async def call(self, sizes: Sizes) -> None:
        """Lets all of them call until the time is up."""
        self._deadline = time.monotonic() + sizes.crowd_seconds
        async with HttpClient(REQUEST_SECONDS_MAX) as http:
            readers = (self._read(http, turn) for turn in range(sizes.crowd_readers))
            writers = (self._write(http, turn) for turn in range(sizes.crowd_writers))
            await asyncio.gather(*readers, *writers)

    async def _read(self, http: HttpClient, turn: int) -> None:
        url = self._urls[turn % len(self._urls)]
        while time.monotonic() < self._deadline:
            turn += 1
            kind, path = READS[turn % len(READS)]
            known = self.acknowledged
            place = {"asset": asset(turn % ASSETS), "transaction": known[turn % len(known)] if known else "0" * 64}
            await self._ask(http, kind, "GET", url + path.format(**place))

    async def _write(self, http: HttpClient, turn: int) -> None:
        url = f"{self._urls[turn % len(self._urls)]}/v1/transactions"
        while time.monotonic() < self._deadline:
            turn += 1
            if turn % 2:
                (transaction,) = self._signers.issue([next(self._numbers)])
                answer = await self._ask(http, "write_final", "POST", f"{url}?wait={WAIT_S}", transaction.raw)
                results = [answer] if answer else []
            else:
                made = self._signers.issue([next(self._numbers) for _ in range(LIST_TRANSACTIONS)])
                answer = await self._ask(http, "write_list_taken", "POST", url, as_list(made))
                results = answer["results"] if answer else []
            self.refused.update(f"in a list: {r['problem']['code']}" for r in results if "problem" in r)
            self.acknowledged += [result["transaction"] for result in results if "problem" not in result]

    async def _ask(self, http: HttpClient, kind: str, method: str, url: str, body: bytes | None = None) -> dict[str, Any] | None:
        """The answer, or None if there is none or it is a problem."""
        started = time.monotonic()
        try:
            response = await http.ask(method, url, body)
            answer: dict[str, Any] = response.json()
        except (IndefiniteError, ValueError):
            self.unanswered += 1
            return None
        if response.status < 400:
            self.seconds[kind].append(time.monotonic() - started)
            return answer
        self.internal_errors += response.status == 500
        self.refused[f"{response.status} {answer.get('code')}"] += 1
        await asyncio.sleep(PAUSE_S)
        return None


def missing(url: str, acknowledged: set[str], seconds: float = AFTERWARDS_SECONDS_MAX) -> set[str]:
    """What the node does not hold, after a time that is enough for it."""
    deadline = time.monotonic() + seconds
    with Client(url) as client:
        while lost := acknowledged - {row["transaction"] for row in decided_transactions(client)}:
            if time.monotonic() > deadline:
                break
            time.sleep(PAUSE_S)
    return lost


def _height(network: MeasuredNetwork) -> int:
    with network.client() as client:
        return int(client.node()["height"])
