"""Edits of a block's JSON by path, and what differs between two trees. Nothing here knows what a block means."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from ledger.errors import InputError

Step = str | int
Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """Another value at a place that exists: a field, or a whole part."""

    path: Path
    value: Any
    """Whatever JSON can say, also what canonical JSON cannot."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A leaf that is another, or is here or there alone; `ABSENT` stands for nothing."""

    path: Path
    before: Any
    after: Any


class _Absent:
    """No value, which is not the value null."""


ABSENT = _Absent()


def edited(tree: Any, edits: Sequence[Edit]) -> Any:
    """A copy with the edits in it, one after another; raises InputError `bad-edit`."""
    copy = deepcopy(tree)
    for edit in edits:
        if not put(copy, edit):  # check: tamper-path
            raise InputError("bad-edit", f"The block has no field {spelled(edit.path)[:200]!r}.")
    return copy


def put(tree: Any, edit: Edit) -> bool:
    """Changes the tree in place; False where the place does not exist."""
    parent = tree
    for step in edit.path[:-1]:
        if not _has(parent, step):
            return False
        parent = parent[step]
    if not edit.path or not _has(parent, edit.path[-1]):
        return False
    parent[edit.path[-1]] = deepcopy(edit.value)
    return True


def differences(before: Any, after: Any, path: Path = ()) -> Iterator[Difference]:
    """Leaf by leaf, in order of the trees."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            yield from differences(before.get(name, ABSENT), after.get(name, ABSENT), (*path, name))
    elif isinstance(before, list) and isinstance(after, list):
        for place in range(max(len(before), len(after))):
            yield from differences(_at(before, place), _at(after, place), (*path, place))
    elif type(before) is not type(after) or before != after:
        yield Difference(path, before, after)


def spelled(path: Path) -> str:
    """A path for people: `transactions.0.body.arguments.to`."""
    return ".".join(map(str, path))


def _at(items: list[Any], place: int) -> Any:
    return items[place] if place < len(items) else ABSENT


def _has(tree: Any, step: Step) -> bool:
    if isinstance(tree, list):
        return type(step) is int and 0 <= step < len(tree)
    return isinstance(tree, dict) and step in tree
