"""Where the rules of events come from."""

from collections.abc import Mapping

from scenarios.story import Words

SOURCES: Mapping[str, Words] = {}
