"""Nodes forked from a process that has imported all of a node: on Linux one starts so within 40 ms of processor time, not 650.

A server, `python -m nodes.network.fork_server MODULE …`, imports these modules and waits for its owner, at the other end of the
socket that is its standard input. For each request it forks. The child takes the three files that came with the request as its
standard streams and goes on, in a session of its own, as `python -m MODULE ARGUMENTS` would. A server ends with its owner.

Why it may fork: it is one thread that has imported and done nothing else, so no lock is held by a thread that the child lacks.
It has no event loop, no signal handler, no line of a log behind it and no file but its socket, which the child closes. Keys and
databases are opened after the fork, and contracts imported then, as their files are by that time. Chance is not shared: nonces
and secrets come from the system, OpenSSL draws again in a child, and Python gives `random` there a new seed.

What children of one server do share is the seed of hashes, and with it the order of a set. So there are two servers, and the
nodes of a network come from them in turn: of a contract whose result hangs on such an order, nodes still differ. Python chooses
the two seeds by chance, since a known one would let members send keys that collide.
"""

import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

MODULE = "nodes.network.fork_server"
PROJECT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {"MALLOC_MMAP_THRESHOLD_": "131072"}
"""Given to the processes beside this one's environment. asyncio receives into 256 KiB and cuts that to what came. By itself
glibc soon takes such buffers from the heap, where whatever outlives one leaves a hole too small for the next, and a node grew
by 1 kB with every small block, without end. With a fixed threshold (128 KiB) they never come from the heap.
"""
SERVERS_MAX = 2
ANSWER_SECONDS_MAX = 60
"""The first answer comes when the server has imported."""
MESSAGE_BYTES_MAX = 65_536
ROOM = "-" * 1_000
"""Last argument of a server, over which its children write theirs."""


def module_command(module: str, *arguments: str) -> list[str]:
    """The command that runs a module in a process of its own.

    A file called `token.py`, in the folder where somebody works, is not imported in the place of Python's own. That folder is
    looked into only where it holds these packages, which may be found by nothing else.
    """
    return [sys.executable, *([] if Path.cwd() == PROJECT else ["-P"]), "-m", module, *arguments]


class ForkServers:
    """The servers of one owner, one for each process until there are two; used from any thread.

    They are started at the first need, or before, and what they fork has their environment and umask, those of their owner by
    then.
    """

    def __init__(self, processes: int = SERVERS_MAX, *more: str) -> None:
        """They import the module of the first process, and `more` modules that it will need."""
        self._count, self._more = min(processes, SERVERS_MAX), more
        self._servers: deque[_Server] = deque()
        self._lock = threading.Lock()

    def prepare(self, module: str, errors: IO[bytes]) -> None:
        """Starts them, so that they import while their owner has something else to do first."""
        if sys.platform == "linux":
            with self._lock:
                self._prepare(module, errors)

    def start(self, command: Sequence[str], errors: IO[bytes]) -> "ForkedProcess | None":
        """A process that runs `python -m COMMAND`, forked by the server whose turn it is; None where that cannot be done."""
        if sys.platform != "linux":
            return None
        with self._lock:
            if not self._count:
                return None
            self._prepare(command[0], errors)
            server = self._servers[0]
            self._servers.rotate()
            try:
                return ForkedProcess(server, [os.getcwd(), *command], errors)
            except OSError:
                if server.is_broken:
                    self._servers.remove(server)
                    server.close()
                return None

    def _prepare(self, module: str, errors: IO[bytes]) -> None:
        while len(self._servers) < self._count:
            self._servers.append(_Server((module, *self._more), errors))

    def close(self) -> None:
        """Ends the servers, and starts no others; what they forked runs on."""
        with self._lock:
            self._count = 0
            while self._servers:
                self._servers.pop().close()


class ForkedProcess:
    """As much of `subprocess.Popen` as is needed here, for a child of a server."""

    def __init__(self, server: "_Server", request: Sequence[str], errors: IO[bytes]) -> None:
        """Raises OSError where the server does not fork."""
        self._server = server
        self._lock = threading.Lock()
        self.returncode: int | None = None
        child_in, own_out = os.pipe()
        own_in, child_out = os.pipe()
        self.stdin, self.stdout = os.fdopen(own_out, "wb"), os.fdopen(own_in, "rb")
        try:
            self.pid, handles = server.ask(request, (child_in, child_out, errors.fileno()))
            if not handles:  # this process has no more files; the child ends with its pipe
                raise OSError("no file for a process")
        except BaseException:
            self.stdin.close()
            self.stdout.close()
            raise
        finally:
            os.close(child_in)
            os.close(child_out)
        (self._handle,) = handles
        weakref.finalize(self, os.close, self._handle)

    def poll(self) -> int | None:
        """None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, negative for a signal; raises TimeoutExpired."""
        if self.returncode is None:
            ended = select.poll()
            ended.register(self._handle, select.POLLIN)
            if not ended.poll(None if timeout is None else timeout * 1_000):
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            with self._lock:
                self.returncode = self._server.exit_code(self.pid) if self.returncode is None else self.returncode
        return self.returncode

    def kill(self) -> None:
        """At once; nothing if it has ended."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)


class _Server:
    """The owner's side of one server."""

    def __init__(self, modules: Sequence[str], errors: IO[bytes]) -> None:
        self._lock = threading.Lock()
        self._control, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(ANSWER_SECONDS_MAX)
        with far:
            self._process = subprocess.Popen(  # noqa: S603
                module_command(MODULE, *modules, ROOM),
                stdin=far.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
                env={**ENVIRONMENT, **os.environ},
            )

    def ask(self, request: Sequence[str] | int, files: Sequence[int] = ()) -> tuple[int, Sequence[int]]:
        """The answer, and the file that came with it; raises OSError.

        What breaks off a request breaks the server: its answer, which may still come, would be taken for that of the next one.
        """
        with self._lock:
            try:
                socket.send_fds(self._control, [json.dumps(request).encode()], files)
                answer, handles, _, _ = socket.recv_fds(self._control, MESSAGE_BYTES_MAX, 1, socket.MSG_CMSG_CLOEXEC)
                if not answer:
                    raise ConnectionError("it was killed, could not import, or this system has no file for a process")
            except BaseException:
                self._control.close()
                raise
        return int(answer), handles

    @property
    def is_broken(self) -> bool:
        """Whether it answers no more."""
        return self._control.fileno() < 0

    def exit_code(self, child: int) -> int:
        """Of a child that has ended, which its server says once; as if killed where that is gone."""
        try:
            return self.ask(child)[0]
        except OSError:
            return -signal.SIGKILL

    def close(self) -> None:
        """Ends it; there is nothing that it could lose."""
        self._control.close()
        self._process.kill()
        self._process.wait()


def main(modules: Sequence[str]) -> int:
    """Serves until the owner ends; in a child, runs what it was forked for. Returns the exit code."""
    _show_as(MODULE, *modules)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # where the owner ignores it, ends of children would be lost
    gc.disable()  # imports make next to no garbage, and looking for it takes a seventh of their time
    for module in modules:
        importlib.import_module(module)
    gc.enable()
    gc.collect()
    gc.freeze()  # a collection in a child would write to every object here, and so copy it
    os.close(os.pidfd_open(os.getpid()))  # a system without these has nothing forked
    command = _serve(socket.socket(fileno=0))
    return 0 if command is None else int(importlib.import_module(command[0]).main(command[1:]))


def _serve(control: socket.socket) -> Sequence[str] | None:
    """Answers one request after another: a command with its process, a process with its exit code.

    Returns the command in a child, and None in the server when its owner has gone.
    """
    while True:
        with suppress(ConnectionError):
            request, files, _, _ = socket.recv_fds(control, MESSAGE_BYTES_MAX, 3)
            if not request:
                return None
            match json.loads(request):
                case int(child):
                    control.send(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())
                case [directory, *command]:
                    if (child := os.fork()) == 0:
                        control.detach()
                        _begin(directory, files)
                        _show_as(*command)
                        return command
                    handle = os.pidfd_open(child)
                    socket.send_fds(control, [str(child).encode()], [handle])
                    for file in (handle, *files):
                        os.close(file)


def _begin(directory: str, files: Sequence[int]) -> None:
    """Makes a child what a process that was started as usual is at its beginning."""
    os.setsid()
    for number, file in enumerate(files):
        os.dup2(file, number)
    for number in map(int, os.listdir("/proc/self/fd")):
        if number >= len(files):
            with suppress(OSError):  # the list's own
                os.close(number)
    os.chdir(directory)
    if not sys.flags.safe_path:
        sys.path[0] = directory


def _show_as(*command: str) -> None:
    """Lets `ps` show the command that this process runs now, in the place of the longer one of its server."""
    with suppress(OSError), open("/proc/self/mem", "r+b", buffering=0) as memory:
        fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        start, end = int(fields[45]), int(fields[46])  # where the command's words stand
        words = os.fsencode("\0".join((sys.orig_argv[0], "-m", *command)))
        os.pwrite(memory.fileno(), words[: end - start - 1].ljust(end - start, b"\0"), start)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:-1]))
