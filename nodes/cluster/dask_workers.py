"""The workers of a Dask cluster, if they run the very source of the command."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from distributed import CancelledError, Client, Future, KilledWorker, get_worker, wait
from distributed.comm.core import CommClosedError

from ledger.errors import OperatorError
from nodes.cluster.source import description

T = TypeVar("T")
V = TypeVar("V")
CONNECT_SECONDS_MAX = 10
AHEAD = 3
"""Batches under way for each thread of a worker: few, so that little is played for nothing when the command ends."""
LOOK_SECONDS = 10
"""How often the number of workers is looked at while nothing is done."""


class DaskWorkers:
    """A connection to a scheduler. Dask gives what a worker died of to the next one, up to its `allowed-failures`."""

    def __init__(self, address: str, tell: Callable[[str], None]) -> None:
        """Connects and looks at every worker; raises OperatorError. `tell` gets what somebody who waits should know."""
        self._address, self._tell = address, tell
        try:
            self._client: Any = Client(address, timeout=CONNECT_SECONDS_MAX)  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:
            raise OperatorError("no-scheduler", f"No Dask scheduler answers at {address}: {error}") from error
        try:
            self._verify_workers()
        except BaseException:
            self.close()
            raise

    def each(self, play: Callable[[T], V], items: Iterable[T], batch: int = 1) -> Iterator[tuple[T, V | None]]:
        """What was under way on workers that died too often is played at last, item by item, each with nothing beside it."""
        rest, suspects = iter(items), deque[T]()
        batches = iter(lambda: tuple(islice(rest, batch)), ())
        running: dict[Future[Any], tuple[T, ...]] = {}
        is_alone = False
        try:
            while True:
                ahead = AHEAD * max(1, sum(self._client.nthreads().values())) - len(running)
                due = list(islice(batches, max(0, ahead)))
                if not running and not due and suspects:
                    due, is_alone = [(suspects.popleft(),)], True
                for its in due:
                    running[self._client.submit(play_alike, description(), play, its, pure=False)] = its
                if not running:
                    return
                for future in self._done(running):
                    its = running.pop(future)
                    try:
                        worker, described, shown = future.result()
                    except KilledWorker:
                        if is_alone:
                            yield its[0], None
                        else:
                            suspects.extend(its)
                    except (ImportError, AttributeError) as error:  # one that came later has not even what it is to play
                        verify_alike(f"that joined {self._address}", error)
                    else:
                        verify_alike(worker, described)
                        yield from zip(its, shown, strict=True)
        except (CancelledError, CommClosedError) as error:
            raise OperatorError("no-scheduler", f"The Dask scheduler at {self._address} is gone: {error}") from error
        finally:
            if self._client.status == "running":
                self._client.cancel(list(running))

    def close(self) -> None:
        """Leaves the cluster, which goes on."""
        self._client.close()

    def _verify_workers(self) -> None:
        found = self._client.run(description, on_error="return")
        if not found:
            raise OperatorError("no-workers", f"No worker is at {self._address}: start one with dask worker {self._address}.")
        for worker, described in found.items():
            verify_alike(worker, described)

    def _done(self, running: Iterable[Future[Any]]) -> Iterable[Future[Any]]:
        while True:
            try:
                ended: Any = wait(list(running), LOOK_SECONDS, "FIRST_COMPLETED")  # type: ignore[no-untyped-call]
                return ended.done  # type: ignore[no-any-return]
            except TimeoutError:
                if not self._client.nthreads():
                    self._tell(f"No worker is left at {self._address}; waiting for one.")


def play_alike(expected: tuple[str, str], play: Callable[[T], V], items: Iterable[T]) -> tuple[str, Any, list[V]]:
    """On a worker: its address and description, and what a batch shows, played only where the description is the expected one."""
    shown = [play(item) for item in items] if description() == expected else []
    return get_worker().address, description(), shown


def verify_alike(worker: str, described: object) -> None:
    """Raises OperatorError unless a worker describes itself as this command would."""
    if described != description():  # check: worker-differs
        said = f"cannot run this command's source: {described}."
        if isinstance(described, tuple):  # else it has not even what describes it
            ours, theirs = (f"source {source[:12]} on Python {python}" for source, python in (description(), described))
            said = f"runs {theirs}, this command {ours}."
        raise OperatorError("worker-differs", f"The worker {worker} {said}")
