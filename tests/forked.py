"""Runs single tests, each in a process forked from one that has the code and the test's file loaded already.

`ForkingRunner` is the side of the caller; run as a module, this file is the process that forks. What it loads, it loads with
checks that can be switched off (`tests/checks.py`), and before the fork pytest has only collected: no test has run in it.
"""

import gc
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

import pytest

from tests.checks import disable, load_switched
from tests.project import ROOT

SECONDS_MAX = 30
"""For one test, which has then failed."""
OPTIONS = ("-x", "--tb=native", f"--timeout={SECONDS_MAX}", "-p", "no:cacheprovider", "-p", "pytest_timeout")
AT_START = """from pathlib import Path
from typing import BinaryIO, TextIO

from tests.checks import follow_parent

follow_parent(Path({root!r}))
"""
"""What Python runs at the start of each process that a test starts."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run of pytest ended."""

    code: int
    """Pytest's exit code: 0 all passed, 1 a test failed, others: nothing was run or it could not be run."""
    output: str


class ForkingRunner:
    """Runs tests by id with the code under `root`, as often as wanted."""

    def __init__(self, root: Path) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        self._site = tempfile.TemporaryDirectory()
        (Path(self._site.name) / "sitecustomize.py").write_text(AT_START.format(root=str(root)))
        path = os.pathsep.join((self._site.name, str(root), str(ROOT)))
        chosen = {"PYTHONPATH": path, "HYPOTHESIS_PROFILE": "quick", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.forked"],
            cwd=root, env=inherited | chosen, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, *tests: str, without: str = "") -> Outcome:
        """Runs the tests, all of one file, in one fresh process until the first fails, without the check of that name."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([without, *tests]) + "\n")
        self.process.stdin.flush()
        return Outcome(*json.loads(self.process.stdout.readline()))

    def close(self) -> None:
        """Ends the process."""
        self.process.communicate()
        self._site.cleanup()


def main() -> None:
    """Answers each line, a check and ids of tests of one file, with the exit code and the output of a child that ran them."""
    load_switched(Path.cwd())
    requests, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    with tempfile.TemporaryFile() as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        wanted = Wanted(requests, answers, output)
        while wanted.file:
            wanted.is_loaded = False
            code = pytest.main([*OPTIONS, wanted.file], plugins=[wanted])
            sys.stdout.flush()
            if wanted.is_child:
                os._exit(code)
            if not wanted.is_loaded:
                wanted.answer(code)


class Wanted:
    """Takes the place of the loop in which pytest runs what it has collected of one file: forks for each request instead.

    The loop ends in the child, for which pytest goes on with the tests that are wanted, and when another file is wanted.
    """

    def __init__(self, requests: TextIO, answers: TextIO, output: BinaryIO) -> None:
        self._requests, self._answers, self._output = requests, answers, output
        self.is_child = self.is_loaded = False
        self._next()

    def answer(self, code: int) -> None:
        """Sends the code and what was written since the last answer, and takes in the next request."""
        self.file = ""  # it ends where nobody reads the answer, since the caller was killed
        self._output.seek(0)
        print(json.dumps([code, self._output.read().decode(errors="replace")]), file=self._answers, flush=True)
        self._output.seek(0)
        self._output.truncate()
        self._next()

    def _next(self) -> None:
        self._without, *self._tests = json.loads(self._requests.readline() or '["", ""]')
        self.file = self._tests[0].partition("::")[0]
        """Empty when nothing more is wanted."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """What pytest calls when it has loaded the file."""
        gc.freeze()  # what is here already is not looked through in every child
        sys.stdout.flush()
        loaded, self.is_loaded = self.file, True
        while self.file == loaded:
            child = os.fork()
            if child == 0:
                self.is_child = True
                if self._without:
                    os.environ["TESTS_PATIENCE_S"] = "3"
                    disable(self._without)
                session.items = [i for i in session.items if {i.nodeid, i.nodeid.partition("[")[0]} & {*self._tests}]
                session.testscollected = len(session.items)
                return None
            self.answer(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        return True


if __name__ == "__main__":
    main()
