"""Hosts of a test: network namespaces joined by a bridge, each with an address of its own. For root on Linux.

No namespace has a name: it lives while this process holds its file open or a process runs in it, and its interfaces go with
it. So nothing of the machine's own network is touched, two runs do not meet, and nothing is left, however a test ends.
"""

import ctypes
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

CLONE_NEWNET = 0x40000000
OWN = Path("/proc/thread-self/ns/net")
"""The namespace of the thread that opens it."""
SUBNET = "10.77"
ROUTER = f"{SUBNET}.255.254"
"""Address of the bridge itself, where a proxy between the hosts runs."""

NOBODY = "02:00:00:00:00:01"
"""Hardware address of no interface."""


class Namespace:
    """A network of its own, with nothing but a loopback."""

    def __init__(self) -> None:
        """Raises OSError where this process may not make one."""
        made: list[int | OSError] = []

        def make() -> None:
            try:
                _call("unshare", CLONE_NEWNET)
                made.append(os.open(OWN, os.O_RDONLY | os.O_CLOEXEC))
            except OSError as error:
                made.append(error)

        thread = threading.Thread(target=make)  # it alone changes over, and ends
        thread.start()
        thread.join()
        if isinstance(made[0], OSError):
            raise made[0]
        self.file = made[0]

    @contextmanager
    def entered(self) -> Iterator[None]:
        """What this thread opens and starts meanwhile, threads and processes too, belongs to the namespace for good."""
        own = os.open(OWN, os.O_RDONLY | os.O_CLOEXEC)
        _call("setns", self.file, CLONE_NEWNET)
        try:
            yield
        finally:
            _call("setns", own, CLONE_NEWNET)
            os.close(own)

    def ip(self, *commands: str) -> None:
        """Gives `ip` these commands, one after another."""
        with self.entered():
            subprocess.run(["ip", "-batch", "-"], input="\n".join(commands), text=True, check=True)

    def close(self) -> None:
        """Lets go of it."""
        os.close(self.file)


class Hosts:
    """Machines beside each other; each reaches all the others."""

    def __init__(self, count: int) -> None:
        self.router = Namespace()
        self.hosts: list[Namespace] = []
        self.router.ip(
            "link set lo up", "link add bridge0 type bridge", "link set bridge0 up", f"addr add {ROUTER}/16 dev bridge0"
        )
        for number in range(count):
            self.hosts.append(Namespace())
            self._connect(number)

    @staticmethod
    def address(number: int) -> str:
        """Of a host."""
        return f"{SUBNET}.0.{number + 1}"

    @staticmethod
    def far_address(number: int) -> str:
        """Of the router, where a proxy that leads to that host may listen."""
        return f"{SUBNET}.1.{number + 1}"

    def replace(self, number: int) -> None:
        """Another machine with the address of one that is lost; what ran there must have ended."""
        self.router.ip(f"link del host{number}")
        self.hosts[number].close()
        self.hosts[number] = Namespace()
        self._connect(number)

    def unplug(self, number: int) -> None:
        """No packet comes to the host or from it."""
        self.router.ip(f"link set host{number} down")

    def plug(self, number: int) -> None:
        """Undoes it."""
        self.router.ip(f"link set host{number} up")

    def part(self, one: int, other: int) -> None:
        """What these two send each other is lost without a word; the others reach both."""
        for host, peer in ((one, other), (other, one)):
            self.hosts[host].ip(f"neigh replace {self.address(peer)} lladdr {NOBODY} dev eth0")

    def join(self, one: int, other: int) -> None:
        """Undoes it."""
        for host, peer in ((one, other), (other, one)):
            self.hosts[host].ip(f"neigh del {self.address(peer)} dev eth0")

    def close(self) -> None:
        """Lets go of all of them."""
        for namespace in (self.router, *self.hosts):
            namespace.close()

    def _connect(self, number: int) -> None:
        place = f"/proc/{os.getpid()}/fd/{self.hosts[number].file}"
        self.router.ip(
            f"link add host{number} type veth peer name eth0 netns {place}",
            f"link set host{number} master bridge0 up",
            f"addr replace {self.far_address(number)}/16 dev bridge0",
        )
        self.hosts[number].ip("link set lo up", f"addr add {self.address(number)}/16 dev eth0", "link set eth0 up")


def hosts(count: int) -> Hosts:
    """Hosts for a test, which is skipped where there can be none."""
    if sys.platform != "linux":
        pytest.skip("Network namespaces are Linux's.")
    try:
        return Hosts(count)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"No network namespaces here, which takes root and iproute2: {error}")


def _call(name: str, *arguments: int) -> None:
    """A call of the system that this Python does not name."""
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")
