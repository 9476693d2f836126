"""A real PostgreSQL for tests: Debian's, on a Unix socket and a loopback port, in a temporary folder of its own.

PostgreSQL does not run as root: where the tests do, it runs as the system's user `postgres`, else `nobody`.
"""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest

from nodes.network.directory import free_ports
from tests.network_support import STOP_SECONDS_MAX, wait_until

OWNER = "owner"
"""Superuser of the cluster, without a password; every other role needs one."""
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
"""Debian's place, the newest last; elsewhere what is in the PATH."""
QUICK = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
"""For a server that no test kills."""


class Postgres:
    """A cluster, which `start` serves and `kill` ends as a power cut would end it, but for the disk."""

    def __init__(self, folder: Path, programs: Path, settings: tuple[str, ...]) -> None:
        self._folder, self._programs, self._settings = folder, programs, settings
        self._run_as: dict[str, Any] = {"cwd": folder, "env": {"PATH": os.defpath, "LC_ALL": "C"}}
        if os.geteuid() == 0:
            user = _unprivileged()
            os.chown(folder, user.pw_uid, user.pw_gid)
            self._run_as |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        (self.port,) = free_ports(1)
        subprocess.run(
            [programs / "initdb", "--no-sync", "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale", "C", "-D", folder / "data"],
            check=True, stdout=subprocess.DEVNULL, **self._run_as,
        )  # fmt: skip
        rules = f"local all {OWNER} trust\nlocal all all scram-sha-256\nhost all {OWNER} 127.0.0.1/32 trust\n"
        (folder / "data" / "pg_hba.conf").write_text(rules + "host all all 127.0.0.1/32 scram-sha-256\n")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Serves, and returns once it answers."""
        log = (self._folder / "log").open("ab")
        with log:
            self.process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._folder / "data", "-k", self._folder, "-h", "127.0.0.1",
                 "-p", str(self.port), *self._settings],
                stdout=log, stderr=log, **self._run_as,
            )  # fmt: skip
        wait_until(self._answers, "PostgreSQL")

    def url(self, database: str = "postgres", user: str = OWNER, password: str = "") -> str:
        """Where it is reached over the loopback address."""
        return f"postgresql://{user}{f':{password}' if password else ''}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> list[Any]:
        """What a statement of the owner gives."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return [] if cursor.description is None else cursor.fetchall()

    def create_database(self, name: str) -> str:
        """An empty database; where it is reached."""
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def kill(self) -> None:
        """The postmaster with -9; what it started ends by itself."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        wait_until(lambda: not self._answers(), "the end of PostgreSQL")

    def stop(self) -> None:
        """Ends it at once, with all of its sessions: nobody needs its files any more."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(STOP_SECONDS_MAX)

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError), psycopg.connect(self.url(), connect_timeout=5):
            return True
        assert self.process is None or self.process.poll() in (None, -signal.SIGKILL), (self._folder / "log").read_text()
        return False


@contextmanager
def running_postgres(settings: tuple[str, ...] = QUICK) -> Iterator[Postgres]:
    """A cluster that serves; skips the test where PostgreSQL is not installed."""
    found = PROGRAMS or [Path(program).parent for program in (shutil.which("postgres"),) if program]
    if not found:
        pytest.skip("PostgreSQL is not installed: no /usr/lib/postgresql, and none in the PATH")
    with TemporaryDirectory(prefix="tallystick-pg-") as folder:
        server = Postgres(Path(folder), found[-1], settings)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    pytest.skip("PostgreSQL does not run as root, and there is no user postgres or nobody")
