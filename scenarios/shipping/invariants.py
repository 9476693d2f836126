"""What must be true of the whole state at the end, whatever the story was: documents (D), events and release (E)."""

from scenarios.shipping import invariants_documents, invariants_events
from scenarios.story import Finding, Performance


def findings(performance: Performance) -> tuple[Finding, ...]:
    """Each invariant with what breaks it."""
    known = (*invariants_documents.INVARIANTS, *invariants_events.INVARIANTS)
    return tuple(Finding(code, words, tuple(judge(performance))) for code, words, judge in known)
