"""What must be true of the whole state at the end, whatever the story was: documents (D), events and release (E)."""

from scenarios.shipping import invariants_documents, invariants_events
from scenarios.story.story import Finding, PlayedStory


def findings(played_story: PlayedStory) -> tuple[Finding, ...]:
    """Each invariant with what breaks it."""
    known = (*invariants_documents.INVARIANTS, *invariants_events.INVARIANTS)
    return tuple(Finding(code, words, tuple(judge(played_story))) for code, words, judge in known)
