"""Work on a lab: one piece after another, a failure that ends no worker, a queue that is bounded, an end without waiting."""

import threading
from collections.abc import Iterator

import pytest

from ledger.errors import BusyError, InputError, NotFoundError
from nodes.lab.jobs import JOBS_MAX, WAITING_MAX, Jobs

SECONDS_MAX = 30


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    queue = Jobs()
    yield queue
    queue.close()


def test_work_is_done_one_after_another(jobs: Jobs) -> None:
    done: list[int] = []
    started = [jobs.start("count", lambda number=number: done.append(number)) for number in range(5)]  # type: ignore[misc]
    assert jobs.wait(started[-1], SECONDS_MAX)
    assert done == [0, 1, 2, 3, 4]
    assert [job.state for job in started] == ["done"] * 5
    assert jobs.newest() is started[-1]


def test_a_failure_is_told_and_the_worker_goes_on(jobs: Jobs) -> None:
    def refuse() -> None:
        raise InputError("bad-thing", "It is bad.")

    def bug() -> None:
        raise ValueError("a bug")

    refused, wrong, good = jobs.start("refuse", refuse), jobs.start("bug", bug), jobs.start("good", lambda: None)
    assert jobs.wait(good, SECONDS_MAX)
    assert (refused.state, refused.code, refused.message) == ("failed", "bad-thing", "It is bad.")
    assert (wrong.state, wrong.code, wrong.message) == ("failed", "internal-error", "ValueError: a bug")
    assert good.state == "done"


def test_an_unknown_job_is_not_found(jobs: Jobs) -> None:
    with pytest.raises(NotFoundError) as caught:
        jobs.find(1)
    assert caught.value.code == "unknown-job"


def test_old_jobs_are_forgotten(jobs: Jobs) -> None:
    for _ in range(JOBS_MAX + 1):
        jobs.wait(jobs.start("nothing", lambda: None), SECONDS_MAX)
    with pytest.raises(NotFoundError):
        jobs.find(1)
    assert jobs.find(2).state == "done"


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
