"""What must be true of documents at the end."""

from collections.abc import Callable, Iterator

from scenarios.story import Performance, Words

Faults = Iterator[str]
INVARIANTS: tuple[tuple[str, Words, Callable[[Performance], Faults]], ...] = ()
