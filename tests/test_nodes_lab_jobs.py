"""Work on a lab: one piece after another, a failure that ends no worker, a queue that is bounded, an end without waiting."""

import threading
import time
from collections.abc import Iterator

import pytest

from ledger.errors import BusyError, InputError, NotFoundError, OperatorError
from nodes.lab.jobs import JOBS_MAX, WAITING_MAX, Jobs, LedgerTurns

SECONDS_MAX = 30


def _ignore(_: object) -> None:
    """Makes a call one that returns nothing."""


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    queue = Jobs()
    yield queue
    queue.close()


def test_work_is_done_one_after_another(jobs: Jobs) -> None:
    done: list[int] = []
    started = [jobs.start("count", lambda number=number: done.append(number)) for number in range(5)]  # type: ignore[misc]
    assert started[-1].over.wait(SECONDS_MAX)
    assert done == [0, 1, 2, 3, 4]
    assert [job.state for job in started] == ["done"] * 5
    assert jobs.newest() is started[-1]


def test_a_failure_is_told_and_the_worker_goes_on(jobs: Jobs) -> None:
    def refuse() -> None:
        raise InputError("bad-thing", "It is bad.")

    def bug() -> None:
        raise ValueError("a bug")

    refused, wrong, good = jobs.start("refuse", refuse), jobs.start("bug", bug), jobs.start("good", lambda: None)
    assert good.over.wait(SECONDS_MAX)
    assert (refused.state, refused.code, refused.message) == ("failed", "bad-thing", "It is bad.")
    assert (wrong.state, wrong.code, wrong.message) == ("failed", "internal-error", "ValueError: a bug")
    assert good.state == "done"


def test_an_unknown_job_is_not_found(jobs: Jobs) -> None:
    with pytest.raises(NotFoundError) as caught:
        jobs.find(1)
    assert caught.value.code == "unknown-job"


def test_old_jobs_are_forgotten(jobs: Jobs) -> None:
    for _ in range(JOBS_MAX + 1):
        jobs.start("nothing", lambda: None).over.wait(SECONDS_MAX)
    with pytest.raises(NotFoundError):
        jobs.find(1)
    assert jobs.find(2).state == "done"


def test_a_job_that_has_not_ended_is_remembered_however_many_come_after_it(jobs: Jobs) -> None:
    go_on = threading.Event()
    long = jobs.start("long", lambda: _ignore(go_on.wait(SECONDS_MAX)), "ledger")
    for _ in range(JOBS_MAX + 5):
        jobs.start("nothing", lambda: None).over.wait(SECONDS_MAX)
    assert jobs.find(long.number) is long
    assert len(jobs._jobs) <= JOBS_MAX
    go_on.set()
    assert long.over.wait(SECONDS_MAX)
    jobs.start("nothing", lambda: None)
    with pytest.raises(NotFoundError):
        jobs.find(long.number)


def test_a_flood_of_orders_is_refused(jobs: Jobs) -> None:
    go_on = threading.Event()
    running = threading.Event()

    def work() -> None:
        running.set()
        go_on.wait(SECONDS_MAX)

    try:
        jobs.start("long", work)
        assert running.wait(SECONDS_MAX)
        for _ in range(WAITING_MAX):
            jobs.start("waiting", lambda: None)
        with pytest.raises(BusyError) as caught:
            jobs.start("one more", lambda: None)
        assert caught.value.code == "too-many-jobs"
    finally:
        go_on.set()


def test_what_waits_at_the_end_fails() -> None:
    jobs, go_on, running = Jobs(), threading.Event(), threading.Event()

    def work() -> None:
        running.set()
        go_on.wait(SECONDS_MAX)

    long, waiting = jobs.start("long", work), jobs.start("waiting", lambda: None)
    assert running.wait(SECONDS_MAX)
    ending = threading.Thread(target=jobs.close)
    ending.start()
    while not jobs._is_closing:
        running.wait(0.01)
    go_on.set()
    ending.join(SECONDS_MAX)
    assert long.state == "done"
    assert (waiting.state, waiting.code) == ("failed", "lab-closing")


def test_a_flood_of_work_beside_the_queue_is_refused(jobs: Jobs) -> None:
    go_on = threading.Event()
    try:
        begun = [jobs.beside("long", lambda: _ignore(go_on.wait(SECONDS_MAX))) for _ in range(WAITING_MAX)]
        with pytest.raises(BusyError) as caught:
            jobs.beside("one more", lambda: None)
        assert caught.value.code == "too-many-jobs"
    finally:
        go_on.set()
    assert all(job.over.wait(SECONDS_MAX) for job in begun)


def test_long_work_on_the_ledger_keeps_the_network_from_nothing(jobs: Jobs) -> None:
    go_on = threading.Event()
    long = jobs.start("long", lambda: _ignore(go_on.wait(SECONDS_MAX)), "ledger")
    assert jobs.start("kill", lambda: None).over.wait(SECONDS_MAX)
    assert long.state != "done"
    go_on.set()
    assert long.over.wait(SECONDS_MAX)


def test_work_on_the_ledger_has_the_network_do_something_and_hears_how_it_ended(jobs: Jobs) -> None:
    done: list[str] = []

    def refuse() -> None:
        raise InputError("bad-thing", "It is bad.")

    good = jobs.start("story", lambda: jobs.do("reset", lambda: done.append(threading.current_thread().name)), "ledger")
    bad = jobs.start("story", lambda: jobs.do("reset", refuse), "ledger")
    assert bad.over.wait(SECONDS_MAX)
    assert (done, good.state, bad.code) == (["lab-network"], "done", "bad-thing")
    assert jobs.newest() is bad
    jobs.close()
    with pytest.raises(OperatorError) as caught:
        jobs.do("reset", lambda: None)
    assert caught.value.code == "lab-closing"


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
