"""Work on a lab: one piece after another, a failure that ends no worker, a queue that is bounded, an end without waiting."""

import threading
import time
from collections.abc import Iterator
from functools import partial

import pytest

from ledger.errors import BusyError, InputError, NotFoundError, OperatorError
from nodes.lab.jobs import JOBS_MAX, WAITING_MAX, Jobs, LedgerTurns
from tests.support import refusal

SECONDS_MAX = 30


class Work:
    """Work that takes until it may go on."""

    def __init__(self) -> None:
        self.is_running, self.may_go_on = threading.Event(), threading.Event()

    def __call__(self) -> None:
        self.is_running.set()
        self.may_go_on.wait(SECONDS_MAX)


@pytest.fixture
def work() -> Iterator[Work]:
    long = Work()
    yield long
    long.may_go_on.set()


@pytest.fixture
def jobs(work: Work) -> Iterator[Jobs]:
    queue = Jobs()
    yield queue
    work.may_go_on.set()
    queue.close()


def nothing() -> None:
    """Work that is done at once."""


def refuse() -> None:
    raise InputError("bad-thing", "It is bad.")


def test_work_is_done_one_after_another(jobs: Jobs) -> None:
    done: list[int] = []
    started = [jobs.start("count", partial(done.append, number)) for number in range(5)]
    assert started[-1].over.wait(SECONDS_MAX)
    assert done == [0, 1, 2, 3, 4]
    assert [job.state for job in started] == ["done"] * 5
    assert jobs.newest() is started[-1]


def test_a_failure_is_told_and_the_worker_goes_on(jobs: Jobs) -> None:
    def bug() -> None:
        raise ValueError("a bug")

    refused, wrong, good = jobs.start("refuse", refuse), jobs.start("bug", bug), jobs.start("good", nothing)
    assert good.over.wait(SECONDS_MAX)
    assert (refused.state, refused.code, refused.message) == ("failed", "bad-thing", "It is bad.")
    assert (wrong.state, wrong.code, wrong.message) == ("failed", "internal-error", "ValueError: a bug")
    assert good.state == "done"


def test_an_unknown_job_is_not_found(jobs: Jobs) -> None:
    assert refusal(NotFoundError, jobs.find, 1).code == "unknown-job"


def test_old_jobs_are_forgotten(jobs: Jobs) -> None:
    for _ in range(JOBS_MAX + 1):
        jobs.start("nothing", nothing).over.wait(SECONDS_MAX)
    refusal(NotFoundError, jobs.find, 1)
    assert jobs.find(2).state == "done"


def test_a_job_that_has_not_ended_is_remembered_however_many_come_after_it(jobs: Jobs, work: Work) -> None:
    long = jobs.start("long", work, "ledger")
    for _ in range(JOBS_MAX + 5):
        jobs.start("nothing", nothing).over.wait(SECONDS_MAX)
    assert jobs.find(long.number) is long
    assert len(jobs._jobs) <= JOBS_MAX
    work.may_go_on.set()
    assert long.over.wait(SECONDS_MAX)
    jobs.start("nothing", nothing)
    refusal(NotFoundError, jobs.find, long.number)


def test_a_flood_of_orders_is_refused(jobs: Jobs, work: Work) -> None:
    jobs.start("long", work)
    assert work.is_running.wait(SECONDS_MAX)
    for _ in range(WAITING_MAX):
        jobs.start("waiting", nothing)
    assert refusal(BusyError, jobs.start, "one more", nothing).code == "too-many-jobs"


def test_what_waits_at_the_end_fails(work: Work) -> None:
    jobs = Jobs()
    long, waiting = jobs.start("long", work), jobs.start("waiting", nothing)
    assert work.is_running.wait(SECONDS_MAX)
    ending = threading.Thread(target=jobs.close)
    ending.start()
    while not jobs._is_closing:
        time.sleep(0.01)
    work.may_go_on.set()
    ending.join(SECONDS_MAX)
    assert long.state == "done"
    assert (waiting.state, waiting.code) == ("failed", "lab-closing")


def test_a_flood_of_work_beside_the_queue_is_refused(jobs: Jobs, work: Work) -> None:
    begun = [jobs.beside("long", work) for _ in range(WAITING_MAX)]
    assert refusal(BusyError, jobs.beside, "one more", nothing).code == "too-many-jobs"
    work.may_go_on.set()
    assert all(job.over.wait(SECONDS_MAX) for job in begun)


def test_long_work_on_the_ledger_keeps_the_network_from_nothing(jobs: Jobs, work: Work) -> None:
    long = jobs.start("long", work, "ledger")
    assert jobs.start("kill", nothing).over.wait(SECONDS_MAX)
    assert long.state != "done"
    work.may_go_on.set()
    assert long.over.wait(SECONDS_MAX)


def test_work_on_the_ledger_has_the_network_do_something_and_hears_how_it_ended(jobs: Jobs) -> None:
    done: list[str] = []
    good = jobs.start("story", lambda: jobs.do("reset", lambda: done.append(threading.current_thread().name)), "ledger")
    bad = jobs.start("story", lambda: jobs.do("reset", refuse), "ledger")
    assert bad.over.wait(SECONDS_MAX)
    assert (done, good.state, bad.code) == (["lab-network"], "done", "bad-thing")
    assert jobs.newest() is bad
    jobs.close()
    assert refusal(OperatorError, jobs.do, "reset", nothing).code == "lab-closing"


def test_turns_are_taken_in_the_order_of_asking() -> None:
    turns, taken, threads = LedgerTurns(), list[int](), list[threading.Thread]()

    def take(number: int) -> None:
        with turns:
            taken.append(number)

    with turns:
        for number in range(5):
            threads.append(threading.Thread(target=take, args=(number,)))
            threads[-1].start()
            while turns._given < number + 2:
                time.sleep(0.001)
        assert taken == []
    for thread in threads:
        thread.join(SECONDS_MAX)
    assert taken == [0, 1, 2, 3, 4]
