"""A played story as it never was, for the oracle of a trade to notice; `changed("bundles", key, state="active")` is one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ledger.contract import Record
from scenarios.story.story import Act, PlayedStory

Change = Callable[[PlayedStory], PlayedStory]
Rewrite = Callable[[str, Mapping[str, Any]], Mapping[str, Any] | None]
"""Name and data of an event -> other data; None where there was no such event."""


def with_record(played_story: PlayedStory, collection: str, key: str, record: Record | None) -> PlayedStory:
    """With another record, one more, or None for one less."""
    rows = {**played_story.records[collection]}
    rows.pop(key, None)
    more = {} if record is None else {key: record}
    return replace(played_story, records={**played_story.records, collection: rows | more})


def changed(collection: str, key: str, **changes: object) -> Change:
    """With other fields in a record; a function changes what stands there."""

    def change(played_story: PlayedStory) -> PlayedStory:
        record = played_story.records[collection][key]
        values = {name: value(getattr(record, name)) if callable(value) else value for name, value in changes.items()}
        return with_record(played_story, collection, key, record.replace(**values))

    return change


def without(collection: str, key: str) -> Change:
    """Without a record."""
    return lambda played: with_record(played, collection, key, None)


def signed_by(operation: str, member: str) -> Change:
    """As if this member had signed for every call of an operation."""

    def change(played_story: PlayedStory) -> PlayedStory:
        played = tuple(
            replace(one, step=replace(one.step, actors=(member,)))
            if isinstance(one.step, Act) and one.step.calls[0].operation.name == operation
            else one
            for one in played_story.steps
        )
        return replace(played_story, steps=played)

    return change


def retold(rewrite: Rewrite) -> Change:
    """With other events."""

    def events(told: tuple[tuple[str, Mapping[str, Any]], ...]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for name, data in told:
            if (other := rewrite(name, data)) is not None:
                yield name, other

    def change(played_story: PlayedStory) -> PlayedStory:
        played = tuple(
            replace(one, outcomes=tuple(replace(outcome, events=tuple(events(outcome.events))) for outcome in one.outcomes))
            for one in played_story.steps
        )
        return replace(played_story, steps=played)

    return change
