"""Work on the whole network: nodes stop and start while it runs, so no request waits for it.

There are two workers, each of which does one piece after another: one for nodes and links, and one for what is done on the
ledger, which may take long, wait for nodes, and must not keep them from being stopped and started.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import SimpleQueue
from types import TracebackType
from typing import Literal, TypeAlias

from ledger.errors import BusyError, JsonValue, NotFoundError, OperatorError, TallystickError

JOBS_MAX = 50
"""How many are remembered, beside all that have not ended."""
WAITING_MAX = 20
CLOSE_SECONDS_MAX = 10
Worker: TypeAlias = Literal["network", "ledger"]
_Queue: TypeAlias = "SimpleQueue[tuple[Work, Callable[[], None]] | None]"


@dataclass(slots=True)
class Work:
    """One piece of work."""

    number: int
    what: str
    """One word: `reset`, `stop`, `story`."""
    state: Literal["waiting", "running", "done", "failed"] = "waiting"
    code: str = ""
    """Of the error that it failed with."""
    message: str = ""
    over: threading.Event = field(default_factory=threading.Event)

    def to_json(self) -> dict[str, JsonValue]:
        """What may be said of it."""
        return {"number": self.number, "what": self.what, "state": self.state, "code": self.code, "message": self.message}


class Jobs:
    """A queue for each worker, a thread."""

    def __init__(self) -> None:
        self._waiting: dict[Worker, _Queue] = {"network": SimpleQueue(), "ledger": SimpleQueue()}
        self._beside = threading.Semaphore(WAITING_MAX)
        self._jobs: dict[int, Work] = {}
        self._last = 0
        self.ended = 0
        """How many have ended."""
        self._is_closing = False
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._work, args=(queue,), name=f"lab-{worker}", daemon=True)
            for worker, queue in self._waiting.items()
        ]
        for thread in self._threads:
            thread.start()

    def start(self, what: str, call: Callable[[], None], worker: Worker = "network") -> Work:
        """Puts a piece of work at the end of a queue and returns at once; raises BusyError `too-many-jobs`."""
        if self._waiting[worker].qsize() >= WAITING_MAX:  # check: lab-queue
            raise BusyError("too-many-jobs", f"{WAITING_MAX} orders wait already; let the lab do them first.")
        return self._put(self._add(what), call, worker)

    def beside(self, what: str, call: Callable[[], None]) -> Work:
        """Begins work that waits for jobs or for its turn, in a thread of its own; raises BusyError `too-many-jobs`."""
        if not self._beside.acquire(blocking=False):  # check: lab-beside
            raise BusyError("too-many-jobs", f"{WAITING_MAX} orders are under way already; let the lab end them first.")
        job = self._add(what)

        def work() -> None:
            try:
                self._do(job, call)
            finally:
                self._beside.release()

        threading.Thread(target=work, name=f"lab-{what}", daemon=True).start()
        return job

    def do(self, what: str, call: Callable[[], None]) -> None:
        """Lets the worker of the network do this and waits for it, which that worker itself must not.

        Raises OperatorError with the code of the error if it failed, such as `lab-closing` if it was not done any more.
        """
        job = self._put(Work(0, what), call, "network")
        job.over.wait()
        if job.state == "failed":
            raise OperatorError(job.code, job.message)

    def find(self, number: int) -> Work:
        """Raises NotFoundError `unknown-job`."""
        job = self._jobs.get(number)
        if job is None:  # check: lab-job
            raise NotFoundError("unknown-job", f"No job {number} is remembered.")
        return job

    def newest(self) -> Work | None:
        """The one that was started last."""
        return self._jobs.get(self._last)

    def close(self) -> None:
        """Ends after what is running, unless that takes too long; what waits fails."""
        with self._lock:
            self._is_closing = True
            for queue in self._waiting.values():
                queue.put(None)
        for thread in self._threads:
            thread.join(CLOSE_SECONDS_MAX)

    def _add(self, what: str) -> Work:
        with self._lock:
            self._last += 1
            job = self._jobs[self._last] = Work(self._last, what)
            ended = [number for number, one in self._jobs.items() if one.over.is_set()]
            for number in ended[: max(0, len(self._jobs) - JOBS_MAX)]:
                del self._jobs[number]
        return job

    def _put(self, job: Work, call: Callable[[], None], worker: Worker) -> Work:
        with self._lock:
            if not self._is_closing:
                self._waiting[worker].put((job, call))
                return job
        self._do(job, call)
        return job

    def _work(self, queue: _Queue) -> None:
        while (item := queue.get()) is not None:
            self._do(*item)

    def _do(self, job: Work, call: Callable[[], None]) -> None:
        job.state = "running"
        try:
            if self._is_closing:
                raise BusyError("lab-closing", "The lab ended before it came to this order.")
            call()
        except TallystickError as error:
            self._end(job, "failed", error.code, error.message)
        except Exception as error:  # a bug: the worker goes on, and the job says so
            self._end(job, "failed", "internal-error", f"{type(error).__name__}: {error}"[:300])
        else:
            self._end(job, "done")

    def _end(self, job: Work, state: Literal["done", "failed"], code: str = "", message: str = "") -> None:
        with self._lock:
            job.state, job.code, job.message = state, code, message
            self.ended += 1
        job.over.set()


class LedgerTurns:
    """Turns on the ledger of a lab, in the order of asking: for acting on it in steps, copying it, or taking it back.

    What happens to nodes and links needs no turn: faults act at once, also amid a step that waits for them to end. The holder
    of a turn must not ask for another one.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._given = 0
        """Turns that were asked for."""
        self._ended = 0

    def __enter__(self) -> None:
        with self._changed:
            mine = self._given
            self._given += 1
            self._changed.wait_for(lambda: self._ended == mine)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._changed:
            self._ended += 1
            self._changed.notify_all()
