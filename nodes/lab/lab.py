"""A running lab as its control and its extension see it: the network, the queue of work on it, and who is told of a restart."""

from collections.abc import Callable, Sequence
from typing import Protocol

from fastapi import APIRouter

from ledger.errors import ConflictError
from nodes.client import Client, LocalMember
from nodes.lab.jobs import Job, Jobs
from nodes.local_network import LocalNetwork


class Extension(Protocol):
    """What somebody else adds to a lab's control: a story that is played on it, labs that are checked.

    `network.json` names a callable `module:name`, and the words that it is called with after the lab.
    """

    def router(self) -> APIRouter:
        """Its paths, mounted beside those of the control. GETs change nothing."""

    def restarted(self) -> None:
        """The ledger went back: to its genesis, to a checkpoint, or to another state. Called by the worker of the queue."""

    def close(self) -> None:
        """Ends its connections."""


class Lab:
    """One for each running lab."""

    def __init__(self, network: LocalNetwork) -> None:
        self.network = network
        self.jobs = Jobs()
        self.is_frozen = False
        """Whether only its own machine may act: everybody looks at the projector."""
        self.generation = 0
        """Rises whenever the ledger goes back: whatever was read before is of another branch."""
        self._restarted: list[Callable[[], None]] = []

    def on_restart(self, call: Callable[[], None]) -> None:
        """Asks to be told when the ledger went back."""
        self._restarted.append(call)

    def start(self, what: str, call: Callable[[], None]) -> Job:
        """Puts work on the network in the queue."""
        return self.jobs.start(what, call)

    def restart(self, what: str, call: Callable[[], None]) -> Job:
        """The same for work after which the ledger is another one, such as a reset."""

        def work() -> None:
            call()
            self.generation += 1
            for told in self._restarted:
                told()

        return self.jobs.start(what, work)

    def signers(self, names: Sequence[str]) -> list[LocalMember]:
        """Members whose keys this lab holds: all of them. Raises ConflictError `no-key`."""
        for name in names:
            if not self.network.key_path(name).exists():  # check: lab-key
                raise ConflictError("no-key", f"This lab holds no key of {name[:200]!r}.")
        return [LocalMember.load(self.network.key_path(name)) for name in names]

    def client(self, node: str | None = None, member: str | None = None) -> Client:
        """A new client; whoever asks closes it."""
        return self.network.client(member=member, node=node)

    def close(self) -> None:
        """Ends the queue."""
        self.jobs.close()
