"""The parts of `refusals` together."""

from collections.abc import Mapping

from ledger.contract import Refusal
from scenarios.shipping import refusals_documents, refusals_events

REFUSALS: Mapping[str, Refusal] = {**refusals_documents.REFUSALS, **refusals_events.REFUSALS}
