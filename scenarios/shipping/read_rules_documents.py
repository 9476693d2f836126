"""Why somebody may read what documents hide, in both languages."""

from collections.abc import Mapping

from ledger.contract import ReadRule

READ_RULES: Mapping[str, ReadRule] = {}
