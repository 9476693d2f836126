"""Values of arguments, details and records as people write them.

Numbers are written by `ledger/contract/quantities.py`, money behind the trade's currency sign if it has one. Members and terms
of the trade are called by their names, a sealed field is called sealed. Everything else stays as it is.
"""

from ledger.contract.quantities import NOTHING, quantity
from ledger.errors import JsonValue
from ledger.primitives import is_digest
from scenarios.importing.faults import inert
from scenarios.story.story import Language, Scenario, Words

YES, NO = Words("yes", "是"), Words("no", "否")
SEALED = Words("sealed, digest {}", "已密封，摘要 {}")
MORE = Words(" … ({} in all)", "……（共 {} 项）")
PARTS_MAX = 20
"""Longer lists are cut, and their length is told."""
COMMA, SEMICOLON = Words(", ", "、"), Words("; ", "；")
DIGEST_SHOWN = 12
TEXT_CHARACTERS = 240
"""Longer texts are cut: a record may hold 65,536 bytes."""


def shown(scenario: Scenario, name: str, value: JsonValue, language: Language) -> str:
    """A named value in a sentence or a table."""
    if isinstance(value, bool):
        return (YES if value else NO).said(language)
    if isinstance(value, int):
        return quantity(name, value, scenario.currency)
    if isinstance(value, list):
        more = MORE.said(language).format(len(value)) if len(value) > PARTS_MAX else ""
        parts = (shown(scenario, name, part, language) for part in value[:PARTS_MAX])
        return (COMMA.said(language).join(parts) or NOTHING) + more
    if isinstance(value, dict):
        return _object(scenario, value, language)
    if value is None or value == "":
        return NOTHING
    return f"{value[:DIGEST_SHOWN]}…" if is_digest(value) else inert(scenario.called(value, language), TEXT_CHARACTERS)


def _object(scenario: Scenario, value: dict[str, JsonValue], language: Language) -> str:
    """A record within a record: its fields, or that it is sealed."""
    if value.keys() == {"sealed"} and is_digest(value["sealed"]):
        return SEALED.said(language).format(f"{str(value['sealed'])[:DIGEST_SHOWN]}…")
    parts = (f"{scenario.called(name, language)}: {shown(scenario, name, part, language)}" for name, part in value.items())
    return SEMICOLON.said(language).join(parts) or NOTHING
