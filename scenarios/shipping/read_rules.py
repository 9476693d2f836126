"""The parts of `read_rules` together."""

from collections.abc import Mapping

from ledger.contract import ReadRule
from scenarios.shipping import read_rules_documents, read_rules_events

READ_RULES: Mapping[str, ReadRule] = {**read_rules_documents.READ_RULES, **read_rules_events.READ_RULES}
