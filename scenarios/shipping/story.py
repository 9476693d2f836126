"""The story of shipping: solar modules from Shanghai to Hamburg, and everybody who would like to have them twice."""

from scenarios.shipping.story_booking import write_booking, write_instructions
from scenarios.shipping.story_documents import write_documents
from scenarios.shipping.story_release import write_arrival, write_release, write_returns
from scenarios.shipping.story_surrender import write_paper, write_surrender
from scenarios.shipping.story_title import write_bearer, write_credits, write_platforms, write_two_banks
from scenarios.shipping.story_voyage import write_departure, write_excursion, write_gate, write_transhipment
from scenarios.story.story import (
    Story,
    StoryWriter,
)


def story() -> Story:
    """All chapters in the order of time."""
    writer = StoryWriter()
    write_booking(writer)
    write_instructions(writer)
    write_gate(writer)
    write_documents(writer)
    write_departure(writer)
    write_credits(writer)
    write_two_banks(writer)
    write_platforms(writer)
    write_transhipment(writer)
    write_paper(writer)
    write_bearer(writer)
    write_excursion(writer)
    write_arrival(writer)
    write_surrender(writer)
    write_release(writer)
    write_returns(writer)
    return writer.story()
