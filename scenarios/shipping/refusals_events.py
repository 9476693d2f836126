"""Rules of events that can say no, in both languages."""

from collections.abc import Mapping

from ledger.contract import Refusal

REFUSALS: Mapping[str, Refusal] = {}
