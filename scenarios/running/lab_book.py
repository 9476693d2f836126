"""The ledger of a running lab as the story's answers read it: from the databases of the nodes, each block once.

The node that has most is read, whether it runs or not, so that the answers go on while nodes are stopped.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock

from ledger.chain.view import ChainView
from ledger.errors import StorageError
from nodes.node.files import DATABASE
from nodes.storage.sqlite_copy import reading
from scenarios.report.book import Book, GrowingBook, Sights
from scenarios.story.story import Scenario


class LabBook:
    """Grows with the ledger, until that goes back."""

    def __init__(self, scenario: Scenario, directories: tuple[Path, ...]) -> None:
        """`directories` are those of the nodes."""
        self._scenario = scenario
        self._databases = tuple(directory / DATABASE for directory in directories)
        self._growing: GrowingBook | None = None
        self._newest: dict[tuple[str, str], Sights] = {}
        self._earlier: dict[tuple[str, str, str], Sights] = {}
        self._lock = Lock()

    def forget(self) -> None:
        """The ledger went back."""
        with self._lock:
            self._growing, self._newest, self._earlier = None, {}, {}

    def up_to(self, height: int) -> Book:
        """With the blocks up to that height at least, where a node has them; otherwise up to where they are known."""
        with self._lock:
            if self._growing is None or self._growing.height < height:
                for database in self._databases:
                    if self._read(database) >= height:
                        break
            return Book("", {}) if self._growing is None else self._growing.book

    def sights_before(self, transaction: str, collection: str, key: str) -> Sights | None:
        """Who might see the record before that transaction wrote it; None where it was not there, or nothing was sealed."""
        return self._earlier.get((transaction, collection, key))

    def holds(self, transactions: Mapping[str, int]) -> bool:
        """Whether all these stand on the ledger, by their heights."""
        entries = self.up_to(max(transactions.values(), default=0)).entries
        return all(name in entries and entries[name].block.height == height for name, height in transactions.items())

    def newest_height(self) -> int:
        """Of the node that has most, now."""
        heights = [0]
        for database in self._databases:
            with suppress(StorageError), reading(database) as reader:
                heights.append(ChainView(reader).height)
        return max(heights)

    def _read(self, database: Path) -> int:
        """Reads on in one database and says how far it is now; what cannot be read is as if there was nothing in it."""
        with suppress(StorageError), reading(database) as reader:
            view = ChainView(reader)
            if self._growing is None:
                self._growing = GrowingBook(self._scenario, next(view.export()))
            for height in range(self._growing.height + 1, view.height + 1):
                self._note(self._growing.append(view.export_block(height)))
        return 0 if self._growing is None else self._growing.height

    def _note(self, written: Mapping[str, tuple[Sights, ...]]) -> None:
        for transaction, all_sights in written.items():
            for sights in all_sights:
                place = (sights.collection, sights.key)
                if place in self._newest:
                    self._earlier[transaction, *place] = self._newest[place]
                self._newest[place] = sights
