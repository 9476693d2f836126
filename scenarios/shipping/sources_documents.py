"""Where the rules of documents come from."""

from collections.abc import Mapping

from scenarios.story import Words

SOURCES: Mapping[str, Words] = {}
