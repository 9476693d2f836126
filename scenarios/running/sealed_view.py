"""What one member sees of what a step wrote: sealed fields open where the contract's rule lets it, digests everywhere else.

Whoever looks without a role sees what stands on the ledger. Of the arguments of a call its signers see what their own files
open. A value that a role may not see is not in the answer at all.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from ledger.errors import JsonValue
from ledger.sealed import Opening, sealed_in
from scenarios.client_files import ClientFiles
from scenarios.report.book import Book, Change, Entry, Fields, Sights
from scenarios.running.lab_book import LabBook
from scenarios.story.story import PlayedStep

Open = Callable[[str], Opening | None]
"""The opening of a digest for the one who looks; None where it stays a digest."""


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


def has_sealed(played: PlayedStep, book: Book) -> bool:
    """Whether the step wrote something sealed."""
    return any(entry.sights for entry in _entries(played, book))


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
