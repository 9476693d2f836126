"""Who plays: processes of this machine, or the workers of a Dask cluster. Both outlive the death of one that plays.

An item that kills whoever plays it is named in the end, so that it neither stops the others nor is lost.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Protocol, TypeVar

import typer

from ledger.errors import OperatorError
from nodes.commands.command_parts import load_leaf

T = TypeVar("T")
V = TypeVar("V")
KILLS_MAX = 3
"""Deaths of a process by one item until no other is given it."""
AHEAD = 2
"""Batches under way for each process."""
KILLED = f"The process that played it died {KILLS_MAX} times or more."


class Workers(Protocol):
    """Whoever plays."""

    def each(self, play: Callable[[T], V], items: Iterable[T], batch: int = 1) -> Iterator[tuple[T, V | None]]:
        """Each item with what it shows, as soon as it is done; None if it was too often the death of who played it."""

    def close(self) -> None:
        """Ends what runs and cancels the rest."""


def workers(jobs: int, scheduler: str | None) -> Workers:
    """Processes of this machine, or the cluster of a scheduler; raises OperatorError."""
    if scheduler is not None:
        return load_leaf("nodes.cluster.dask_workers:DaskWorkers", "cluster")(scheduler, _tell)  # type: ignore[no-any-return]
    return Processes(jobs) if jobs > 1 else ThisProcess()


def _tell(sentence: str) -> None:
    typer.echo(sentence, err=True)


def in_order(done: Iterator[tuple[T, V]], items: Iterable[T]) -> Iterator[tuple[T, V]]:
    """What is done in any order, in that of the items."""
    waiting: dict[T, V] = {}
    for item in items:
        while item not in waiting:
            other, shown = next(done)
            waiting[other] = shown
        yield item, waiting.pop(item)


def shown_in_order(players: Workers, play: Callable[[T], V], items: Sequence[T]) -> Iterator[V]:
    """What each item shows; raises OperatorError if nobody can play one."""
    for item, shown in in_order(players.each(play, items), items):
        if shown is None:
            raise OperatorError("worker-killed", f"{item}: {KILLED}")
        yield shown


class ThisProcess:
    """One after another."""

    def each(self, play: Callable[[T], V], items: Iterable[T], batch: int = 1) -> Iterator[tuple[T, V | None]]:
        """In order."""
        for item in items:
            yield item, play(item)

    def close(self) -> None:
        """Nothing runs."""


class Processes:
    """A pool that is made again when one of its processes dies."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._pool = _pool(jobs)

    def each(self, play: Callable[[T], V], items: Iterable[T], batch: int = 1) -> Iterator[tuple[T, V | None]]:
        """What was under way when a process died is played item by item, each in a process of its own."""
        rest = iter(items)
        batches = iter(lambda: tuple(islice(rest, batch)), ())
        running: dict[Future[list[V]], tuple[T, ...]] = {}
        while True:
            for its in islice(batches, AHEAD * self._jobs - len(running)):
                running[self._submit(play, its)] = its
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            if any(isinstance(future.exception(), BrokenProcessPool) for future in done):
                self.close()
                self._pool = _pool(self._jobs)
                suspects, running = [item for its in running.values() for item in its], {}
                yield from ((item, _alone(play, item)) for item in suspects)
                continue
            for future in done:
                yield from zip(running.pop(future), future.result(), strict=True)

    def _submit(self, play: Callable[[T], V], its: tuple[T, ...]) -> Future[list[V]]:
        try:
            return self._pool.submit(play_all, play, its)
        except BrokenProcessPool as error:
            broken = Future[list[V]]()
            broken.set_exception(error)
            return broken

    def close(self) -> None:
        """Waits for the batches under way; on Ctrl-C the processes have ended by themselves."""
        self._pool.shutdown(cancel_futures=True)


def play_all(play: Callable[[T], V], items: Iterable[T]) -> list[V]:
    """A batch."""
    return [play(item) for item in items]


def _alone(play: Callable[[T], V], item: T) -> V | None:
    for _ in range(KILLS_MAX):
        with _pool(1) as pool:
            try:
                return pool.submit(play, item).result()
            except BrokenProcessPool:
                continue
    return None


def _pool(jobs: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(jobs, initializer=_begin)


def _begin() -> None:
    """In a process of the pool: Ctrl-C ends it without a word, and so does the end of the command, even by kill -9."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
