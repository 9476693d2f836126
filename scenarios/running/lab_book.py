"""The ledger of a running lab as the story's answers read it, and what one member sees of what a step wrote.

It is read from the databases of the nodes, each block once: from the node that has most, whether it runs or not, so that the
answers go on while nodes are stopped. Sealed fields open where the contract's rule lets a member see them, and stay digests
everywhere else; a reader without a role sees what stands on the ledger.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Lock

from ledger.chain.view import ChainView
from ledger.errors import JsonValue, StorageError
from ledger.sealed import Opening, sealed_in
from nodes.node.files import DATABASE
from nodes.storage.sqlite_copy import reading
from scenarios.client_files import ClientFiles
from scenarios.report.book import Book, Change, Entry, Fields, GrowingBook, Sights
from scenarios.story.story import PlayedStep, Scenario

Open = Callable[[str], Opening | None]
"""The opening of a digest for the one who looks; None where it stays a digest."""


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


class SealedView:
    """One role's look."""

    def __init__(self, role: str, files: ClientFiles, ledger: LabBook) -> None:
        self._role = role
        self._files = files
        self._ledger = ledger

    def level(self, played: PlayedStep, book: Book) -> str:
        """`value` if it sees all that the step sealed, `digest` where something stays hidden, empty if nothing is sealed."""
        levels = {_level(sights, self._role) for entry in _entries(played, book) for sights in entry.sights}
        return "" if not levels else "value" if levels == {"value"} else "digest"

    def opened(self, played: PlayedStep, book: Book) -> tuple[PlayedStep, Book]:
        """The step and its ledger as this role sees them."""
        own: Open = lambda digest: self._files.opening_of(digest) if self._files.holds(self._role, digest) else None  # noqa: E731
        arguments = tuple({name: _open(value, own) for name, value in given.items()} for given in played.arguments)
        entries = {
            outcome.transaction: self._entry(outcome.transaction, book.entries[outcome.transaction])
            for outcome in played.outcomes
            if outcome.transaction in book.entries
        }
        return replace(played, arguments=arguments), Book(book.ledger, entries)

    def _entry(self, transaction: str, entry: Entry) -> Entry:
        now = {(sights.collection, sights.key): sights for sights in entry.sights}
        return replace(
            entry,
            changes=tuple(
                self._change(transaction, change, now.get((change.collection, change.key))) for change in entry.changes
            ),
        )

    def _change(self, transaction: str, change: Change, now: Sights | None) -> Change:
        before = self._ledger.sights_before(transaction, change.collection, change.key)
        return replace(change, before=self._fields(change.before, before), after=self._fields(change.after, now))

    def _fields(self, fields: Fields | None, sights: Sights | None) -> Fields | None:
        if fields is None or sights is None or _level(sights, self._role) != "value":
            return fields
        return {name: _open(value, self._files.opening_of) for name, value in fields.items()}


def _entries(played: PlayedStep, book: Book) -> Sequence[Entry]:
    return [book.entries[outcome.transaction] for outcome in played.outcomes if outcome.transaction in book.entries]


def _level(sights: Sights, role: str) -> str:
    return next((seen.level for seen in sights.seen if role in seen.members), "digest")


def _open(value: JsonValue, find: Open) -> JsonValue:
    digest = next(sealed_in(value), None)
    if digest is None:
        return value
    if isinstance(value, dict) and value == {"sealed": digest}:
        opening = find(digest)
        return value if opening is None else opening.value
    if isinstance(value, dict):
        return {name: _open(part, find) for name, part in value.items()}
    return [_open(part, find) for part in value] if isinstance(value, list) else value
