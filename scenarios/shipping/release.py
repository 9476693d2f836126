"""Customs, free time, charges and the release of cargo, once."""

from scenarios.shipping.events import EventOperations


class ReleaseOperations(EventOperations):
    """The part of the contract that lets cargo go."""
