"""What a step moves: a thing passes from the member that held it to the next, or was to and did not.

A thing is a record with a field that names who holds it; a trade without such records has no things, and nothing is drawn.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ledger.errors import JsonValue
from scenarios.importing.faults import inert
from scenarios.report.book import Book, Entry, Fields
from scenarios.story.story import Act, HandOver, PlayedStep, Scenario

HOLDS = ("holder", "possessor", "clerk")
"""Fields that name who holds a record: of an asset, a certificate or a bundle; of a bill of lading; of a matter."""
TO = "to"
"""The argument that names who gets the thing."""
NAME_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class Move:
    """From a giver to a receiver: empty where there is none. The same twice: the thing stays with its holder."""

    thing: str
    """`COLLECTION/KEY`; empty if nothing on the ledger moves."""
    name: str
    giver: str
    receiver: str
    refused: bool = False


class Moves:
    """Of one story, by step."""

    def __init__(self, scenario: Scenario) -> None:
        self.steps: list[tuple[Move, ...]] = []
        self._scenario = scenario
        self._held: dict[str, Move] = {}
        """By key the last move of each thing."""

    def add(self, played: PlayedStep, book: Book) -> None:
        """The next step."""
        self.steps.append(tuple(self._of(played, book)))

    def held(self, number: int) -> tuple[str, list[tuple[int, str]]]:
        """Of the thing that a step is about, or else the last one before: its name, and from which step on who held it."""
        moves = next((found for step in reversed(self.steps[:number]) if (found := [move for move in step if move.thing])), [])
        if not moves:
            return "", []
        thing = next((move for move in moves if move.giver != move.receiver), moves[0])
        return thing.name, [
            (place, move.receiver)
            for place, step in enumerate(self.steps[:number], 1)
            for move in step
            if move.thing == thing.thing and not move.refused
        ]

    def _of(self, played: PlayedStep, book: Book) -> Iterator[Move]:
        step = played.step
        if isinstance(step, HandOver):
            yield Move("", "", step.actor, step.receiver)
        if isinstance(step, Act):
            for call, arguments, outcome in zip(step.calls, played.arguments, played.outcomes, strict=False):
                entry = book.entries.get(outcome.transaction)
                moves = [] if entry is None else list(_moves(entry))
                self._held |= {move.thing.partition("/")[2]: move for move in moves}
                actor = call.forger or (call.signers or step.actors)[0]
                yield from moves or self._standing(actor, arguments, refused=outcome.outcome != "committed")

    def _standing(self, actor: str, arguments: Mapping[str, JsonValue], *, refused: bool) -> Iterator[Move]:
        """The thing that a call names and does not move, and whither a refused call was to move it."""
        named = [value for value in arguments.values() if isinstance(value, str)]
        last = next((self._held[value] for value in named if value in self._held), None)
        thing, name, holder = (last.thing, last.name, last.receiver) if last else ("", "", "")
        others = [value for value in named if value in self._scenario.cast and value != actor]
        given = arguments.get(TO)
        if refused and given == actor != holder and holder:
            yield Move(thing, name, holder, actor, refused=True)
        elif refused and others and (last or given == others[0]):
            yield Move(thing, name, actor, others[0], refused=True)
        elif last:
            yield Move(thing, name, holder, holder, refused)


def _moves(entry: Entry) -> Iterator[Move]:
    """What a transaction moved: a new thing comes from whoever signed first, if another holds it."""
    for change in entry.changes:
        before, after = _holder(change.before), _holder(change.after)
        if before != after:
            giver = before or (entry.signers[0] if entry.signers[0] != after else "")
            yield Move(f"{change.collection}/{change.key}", inert(change.key, NAME_CHARACTERS), giver, after)


def _holder(fields: Fields | None) -> str:
    found = [(fields or {}).get(name) for name in HOLDS]
    return next((value for value in found if isinstance(value, str)), "")
