"""The parts of `sources` together."""

from collections.abc import Mapping

from scenarios.shipping import sources_documents, sources_events
from scenarios.story import Words

SOURCES: Mapping[str, Words] = {**sources_documents.SOURCES, **sources_events.SOURCES}
