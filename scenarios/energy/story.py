"""The story of the energy records: a data centre wants to be green in every hour, and finds out what that takes."""

from scenarios.energy.story_claims import tell_claims, tell_loads
from scenarios.energy.story_green import tell_carbon, tell_expiry, tell_green
from scenarios.energy.story_hours import tell_battery, tell_doubt, tell_issue, tell_market
from scenarios.energy.story_parties import tell_parties, tell_readings
from scenarios.energy.story_year import bundle_of, tell_year
from scenarios.energy.year_plan import default_plan
from scenarios.story import (
    Story,
)
from scenarios.teller import Teller


def story() -> Story:
    """All chapters in the order of time."""
    teller = Teller()
    plan = default_plan()
    tell_parties(teller)
    tell_readings(teller)
    tell_issue(teller)
    tell_market(teller)
    tell_doubt(teller)
    tell_battery(teller)
    tell_loads(teller)
    tell_claims(teller)
    tell_green(teller)
    tell_carbon(teller)
    tell_year(teller, plan)
    tell_expiry(teller, tuple(f"{bundle_of(device, plan.months[0])}-2" for device in plan.devices))
    return teller.story()
