"""The story of shipping: solar modules from Shanghai to Hamburg, and everybody who would like to have them twice."""

from scenarios.shipping.story_booking import tell_booking, tell_instructions
from scenarios.shipping.story_documents import tell_documents
from scenarios.shipping.story_release import tell_arrival, tell_release, tell_returns
from scenarios.shipping.story_surrender import tell_paper, tell_surrender
from scenarios.shipping.story_title import tell_bearer, tell_credits, tell_platforms, tell_two_banks
from scenarios.shipping.story_voyage import tell_departure, tell_excursion, tell_gate, tell_transhipment
from scenarios.story import (
    Story,
)
from scenarios.teller import Teller


def story() -> Story:
    """All chapters in the order of time."""
    teller = Teller()
    tell_booking(teller)
    tell_instructions(teller)
    tell_gate(teller)
    tell_documents(teller)
    tell_departure(teller)
    tell_credits(teller)
    tell_two_banks(teller)
    tell_platforms(teller)
    tell_transhipment(teller)
    tell_paper(teller)
    tell_bearer(teller)
    tell_excursion(teller)
    tell_arrival(teller)
    tell_surrender(teller)
    tell_release(teller)
    tell_returns(teller)
    return teller.story()
