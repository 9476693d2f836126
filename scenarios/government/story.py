"""The story of government services: a small company's day, and what others try with its licence, its code and its data."""

from scenarios.government.story_account import tell_account, tell_attacks
from scenarios.government.story_branches import tell_branches
from scenarios.government.story_court import tell_court, tell_deposit
from scenarios.government.story_licences import tell_catalogue, tell_licences
from scenarios.government.story_overnight import tell_overnight, tell_own_data
from scenarios.government.story_permit import tell_deadlines, tell_sharing, tell_window
from scenarios.story import (
    Story,
)
from scenarios.teller import Teller


def story() -> Story:
    """All chapters in the order of time."""
    teller = Teller()
    tell_catalogue(teller)
    tell_licences(teller)
    tell_account(teller)
    tell_attacks(teller)
    tell_window(teller)
    tell_sharing(teller)
    tell_deadlines(teller)
    tell_overnight(teller)
    tell_own_data(teller)
    tell_deposit(teller)
    tell_court(teller)
    tell_branches(teller)
    return teller.story()
