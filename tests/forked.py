"""Runs single tests, each in a process forked from one that has the code and the test's file loaded already.

`ForkingRunner` is the side of the caller; run as a module, this file is the process that forks. What it loads, it loads with
checks that can be switched off (`tests/checks.py`), and before the fork it only collects: no test has run in it.
"""

import gc
import io
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.checks import disable, load_switched
from tests.project import ROOT

SECONDS_MAX = 30
"""For one test, which has then failed."""
OPTIONS = ("-x", "--tb=short", f"--timeout={SECONDS_MAX}", "-p", "no:cacheprovider", "-p", "pytest_timeout")
AT_START = """from pathlib import Path

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
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forked"],
            cwd=root, env=inherited | chosen, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, *tests: str, without: str = "") -> Outcome:
        """Runs the tests, all of one file, in one fresh process until the first fails, without the check of that name."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([without, *tests]) + "\n")
        self._process.stdin.flush()
        return Outcome(*json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """Ends the process."""
        self._process.communicate()
        self._site.cleanup()


def main() -> None:
    """Answers each line, a check and test ids, with the exit code and the output of a child that ran them."""
    load_switched(Path.cwd())
    known = set[str]()
    for line in sys.stdin:
        without, *tests = json.loads(line)
        file = tests[0].partition("::")[0]
        with tempfile.TemporaryFile() as output:
            if file not in known:
                known.add(file)
                _collect(file)
            child = os.fork()
            if child == 0:
                os.dup2(output.fileno(), 1)
                os.dup2(output.fileno(), 2)
                disable(without)
                code = pytest.main([*OPTIONS, *tests])
                sys.stdout.flush()
                os._exit(code)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            output.seek(0)
            print(json.dumps([code, output.read().decode(errors="replace")]), flush=True)


def _collect(file: str) -> None:
    """Loads the code that a file of tests is about; its faults are told by the tests that are then run."""
    told, sys.stdout = sys.stdout, io.StringIO()
    try:
        pytest.main(["--collect-only", *OPTIONS, file])
    finally:
        sys.stdout = told
    gc.freeze()  # what is here already is not looked through in every child


if __name__ == "__main__":
    main()
