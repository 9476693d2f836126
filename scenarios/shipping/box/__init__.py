"""The room of the box: events, journeys, demurrage and detention, release, and events of others."""
