"""The story of government services: a small company's day, and what others try with its licence, its code and its data."""

from scenarios.government.story_account import write_account, write_attacks
from scenarios.government.story_branches import write_branches
from scenarios.government.story_court import write_court, write_deposit
from scenarios.government.story_licences import write_catalogue, write_licences
from scenarios.government.story_overnight import write_overnight, write_own_data
from scenarios.government.story_permit import write_deadlines, write_sharing, write_window
from scenarios.story.story import (
    Story,
    StoryWriter,
)


def story() -> Story:
    """All chapters in the order of time."""
    writer = StoryWriter()
    write_catalogue(writer)
    write_licences(writer)
    write_account(writer)
    write_attacks(writer)
    write_window(writer)
    write_sharing(writer)
    write_deadlines(writer)
    write_overnight(writer)
    write_own_data(writer)
    write_deposit(writer)
    write_court(writer)
    write_branches(writer)
    return writer.story()
