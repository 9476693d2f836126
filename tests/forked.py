"""Runs single tests under some root, each in a process forked from one that has the libraries loaded already.

Importing the libraries takes most of the time of a small test. The project's own modules are never loaded before the
fork, so each run sees the files as they are at that moment. `ForkingRunner` is the side of the caller; run as a module,
this file is the process that forks.
"""

import importlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

LIBRARIES = (
    "aiohttp", "asyncio", "cryptography.hazmat.primitives.asymmetric.ed25519", "cryptography.x509", "fastapi", "hypothesis",
    "jinja2", "pydantic", "rich.console", "sqlite3", "typer", "uvicorn",
)  # fmt: skip
SECONDS_MAX = 30
"""For one test, which has then failed."""
OPTIONS = ("-x", "--tb=short", f"--timeout={SECONDS_MAX}", "-p", "no:cacheprovider", "-p", "pytest_timeout")


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
        chosen = {
            "PYTHONPATH": str(root),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HYPOTHESIS_PROFILE": "quick",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve())],
            cwd=root, env=inherited | chosen, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, *tests: str) -> Outcome:
        """Runs the tests in one fresh process, until the first fails."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(tests) + "\n")
        self._process.stdin.flush()
        return Outcome(*json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """Ends the process."""
        self._process.communicate()


def main() -> None:
    """Answers each line of test ids with the exit code and the output of a child that ran them."""
    sys.path[0] = os.getcwd()
    for library in LIBRARIES:
        importlib.import_module(library)
    for line in sys.stdin:
        with tempfile.TemporaryFile() as output:
            child = os.fork()
            if child == 0:
                os.dup2(output.fileno(), 1)
                os.dup2(output.fileno(), 2)
                code = pytest.main([*OPTIONS, *json.loads(line)])
                sys.stdout.flush()
                os._exit(code)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            output.seek(0)
            print(json.dumps([code, output.read().decode(errors="replace")]), flush=True)


if __name__ == "__main__":
    main()
