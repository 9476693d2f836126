"""What every test shares: the profiles of generated inputs, and the watch on processes that a test starts.

Generated inputs are the same in every run, so that a failure is no accident of the day: `HYPOTHESIS_PROFILE=explore`
draws new ones and prints the blob that replays a failure, `HYPOTHESIS_PROFILE=quick` skips shrinking (the test of the
checks uses it).
"""

import asyncio
import gc
import inspect
import os
import re
import secrets
import signal
import sys
from collections import defaultdict
from collections.abc import Generator, Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from ledger import keys
from ledger.audit import standalone

sys.dont_write_bytecode = False  # where the environment says otherwise, every node of every test compiles the project again
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

KINDS = {
    "checks switched off": r"test_checks",
    "browser": r"browser|test_nodes_(page|picture|docs)",
    "simulator": r"simulator|exhaustive|planted|disagreement|traitors|traces|consensus|replica",
    "nodes": r"test_nodes",
    "ledger": r"test_(ledger|decoders|kept)",
    "workshop": r"test_(workshop|running)",
    "trades": r"test_(scenarios|trade)",
    "rest": r"",
}
"""Kinds of tests by their files: the first that fits."""
MARK = "TALLYSTICK_TEST_MARK"
"""Environment variable that every process started by a watched test inherits."""
WORKER = "TESTS_WORKER"
"""Environment variable with the number of a worker and how many there are; processes that run tests for it inherit it."""
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ[WORKER] = f"{os.environ['PYTEST_XDIST_WORKER'].removeprefix('gw')}/{os.environ['PYTEST_XDIST_WORKER_COUNT']}"
SIGNATURES_REMEMBERED = 20_000

settings.register_profile(
    "repeatable", derandomize=True, database=None, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("quick", settings.get_profile("repeatable"), phases=[Phase.explicit, Phase.generate])
settings.register_profile("explore", database=None, deadline=None, print_blob=True, max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """An `async def` test runs in an event loop of its own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.obj).parameters}))
    return True


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """`-n auto`: two workers more than there are processors, since tests of networks wait for timers a third of their time."""
    return (os.cpu_count() or 1) + 2


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is loaded here stays to the end: looking through it again and again for garbage took two thirds of the loading."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Some tests have a long form."""
    parser.addoption("--long", action="store_true", help="also run the tests that take many minutes, and more inputs in others")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves them out unless asked for."""
    if not config.getoption("--long"):
        items[:] = [item for item in items if item.get_closest_marker("long") is None]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says how long each kind of test took, summed over the workers."""
    seconds = defaultdict[str, float](float)
    for report in (one for found in terminalreporter.stats.values() for one in found if isinstance(one, pytest.TestReport)):
        seconds[next(kind for kind, files in KINDS.items() if re.search(files, report.nodeid.partition("::")[0]))] += (
            report.duration
        )
    shown = ", ".join(f"{kind} {took:.0f}" for kind, took in sorted(seconds.items(), key=lambda row: -row[1]) if took >= 1)
    terminalreporter.write_line(f"seconds of all workers together: {shown or 'less than one'}")


@pytest.fixture(scope="session", autouse=True)
def remembered_signatures() -> Iterator[None]:
    """A signature that held is not computed again: all nodes of one process look at it, and each audit of their ledger."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "verify_ed25519", lru_cache(SIGNATURES_REMEMBERED)(keys.verify_ed25519))
        patch.setattr(standalone, "holds", lru_cache(SIGNATURES_REMEMBERED)(standalone.holds))
        yield


@pytest.fixture(scope="session", autouse=True)
def own_ports() -> Iterator[None]:
    """Networks of each worker have ports of its own: until their nodes listen, another worker could choose the same."""
    directory = sys.modules.get("nodes.network.directory")
    with pytest.MonkeyPatch.context() as patch:
        if directory is not None:  # some test makes networks
            number, count = map(int, os.environ.get(WORKER, "0/1").split("/"))
            each = (directory.HIGHEST_PORT - directory.LOWEST_PORT) // count
            patch.setattr(directory, "LOWEST_PORT", directory.LOWEST_PORT + number * each)
            patch.setattr(directory, "HIGHEST_PORT", directory.LOWEST_PORT + each)
        yield


@pytest.fixture
def unshrunk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What breaks a contract is not made smaller: that takes most of the time, and these tests look at what broke only."""
    before, quick = settings.get_current_profile_name(), settings.get_profile("quick")
    options = settings(quick, print_blob=False, report_multiple_bugs=False, suppress_health_check=list(HealthCheck))
    monkeypatch.setattr("nodes.contract_author.play.REPEATABLE", options)
    settings.load_profile("quick")
    yield
    settings.load_profile(before)


@pytest.fixture
def no_process_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Fails the test if a process that it started, or one started by such a process, outlives it; ends what was left.

    Its networks have servers of their own to fork their nodes, so that these bear the mark as well.
    Works where processes show their environment under /proc; elsewhere it watches nothing.
    """
    mark = secrets.token_hex(16)
    monkeypatch.setenv(MARK, mark)
    monkeypatch.setattr("nodes.network.local.LocalNetwork.servers", None)
    yield mark
    left = processes_with_mark(mark)
    for process in left:
        os.kill(process, signal.SIGKILL)
    assert not left, f"processes left behind: {left}"


def processes_with_mark(mark: str) -> list[int]:
    """Ids of the living processes, other than this one, whose environment carries the mark."""
    if sys.platform != "linux":
        return []
    wanted = f"{MARK}={mark}".encode()
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and wanted in _environment(entry)]


def _environment(process: Path) -> list[bytes]:
    """The environment a process was started with; empty for another user's, a dead one or a zombie."""
    try:
        return (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return []
