"""The story of the energy records: a data centre wants to be green in every hour, and finds out what that takes."""

from scenarios.energy.story_claims import write_claims, write_loads
from scenarios.energy.story_green import write_carbon, write_expiry, write_green
from scenarios.energy.story_hours import write_battery, write_doubt, write_issue, write_market
from scenarios.energy.story_parties import write_parties, write_readings
from scenarios.energy.story_year import bundle_of, write_year
from scenarios.energy.year_plan import default_plan
from scenarios.story.story import (
    Story,
    StoryWriter,
)


def story() -> Story:
    """All chapters in the order of time."""
    writer = StoryWriter()
    plan = default_plan()
    write_parties(writer)
    write_readings(writer)
    write_issue(writer)
    write_market(writer)
    write_doubt(writer)
    write_battery(writer)
    write_loads(writer)
    write_claims(writer)
    write_green(writer)
    write_carbon(writer)
    write_year(writer, plan)
    write_expiry(writer, tuple(f"{bundle_of(device, plan.months[0])}-2" for device in plan.devices))
    return writer.story()
