"""The states of the trades, drawn in their READMEs from the tables that their contracts obey.

A README holds the marks `<!-- states: NAME -->` and `<!-- end -->`; what stands between them is written from the table:

    python -m tests.state_diagrams
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scenarios.energy import transitions as energy
from scenarios.government import transitions as government
from scenarios.shipping import transitions as shipping
from scenarios.supply_chain_finance import transitions as finance
from tests.project import ROOT

Transitions = Mapping[str, Mapping[Any, str]]
"""Operation -> state before -> state after. "" stands for what does not exist yet."""
TABLES: Mapping[str, Mapping[str, Transitions]] = {
    "energy": {
        "bundles": energy.BUNDLES,
        "claims": energy.CLAIMS,
        "green lots": energy.GREEN_LOTS,
        "carbon projects": energy.CARBON_PROJECTS,
    },
    "government": {
        "licences": government.LICENCES,
        "grants": government.GRANTS,
        "requests": government.REQUESTS,
        "items": government.ITEMS,
        "cases": government.CASES,
        "questions": government.QUESTIONS,
        "evidence": government.EVIDENCE,
    },
    "supply_chain_finance": {
        "certificates": finance.CERTIFICATES,
        "invoices": finance.INVOICES,
        "applications": finance.APPLICATIONS,
        "registrations": finance.REGISTRATIONS,
    },
    "shipping": {
        "bookings": shipping.BOOKINGS,
        "instructions": shipping.INSTRUCTIONS,
        "updates": shipping.UPDATES,
        "documents": shipping.DOCUMENTS,
        "issuance": shipping.ISSUANCE,
        "envelopes": shipping.ENVELOPES,
        "credits": shipping.CREDITS,
    },
}
"""By the folder of the trade, the tables by the names that its README gives them."""
BETWEEN = re.compile(r"(?<=<!-- states: )([a-z ]+)( -->\n)(.*?)(?=<!-- end -->)", re.DOTALL)


def diagram(table: Transitions) -> str:
    """A state diagram in Mermaid's language: an arrow a pair of states, with the operations that lead from one to the other.

    An identifier of Mermaid's has no hyphen: a state with one is declared under another name.
    """
    arrows: dict[tuple[str, str], list[str]] = {}
    for operation, changes in table.items():
        for before, after in changes.items():
            arrows.setdefault((before, after), []).append(operation)
    states = dict.fromkeys(state for pair in arrows for state in pair if "-" in state)
    lines = [f'    state "{state}" as {_named(state)}' for state in states]
    lines += [f"    {_named(before)} --> {_named(after)}: {', '.join(names)}" for (before, after), names in arrows.items()]
    return "\n".join(("```mermaid", "stateDiagram-v2", *lines, "```\n"))


def _named(state: str) -> str:
    return state.replace("-", "_") or "[*]"


def readme(trade: str) -> Path:
    """Where a trade's diagrams stand."""
    return ROOT / "scenarios" / trade / "README.md"


def drawn(trade: str) -> dict[str, str]:
    """What stands between the marks of a trade's README, by name."""
    return {found[1]: found[3] for found in BETWEEN.finditer(readme(trade).read_text(encoding="utf-8"))}


if __name__ == "__main__":
    for trade, tables in TABLES.items():
        text = readme(trade).read_text(encoding="utf-8")
        text = BETWEEN.sub(lambda found, of=tables: found[1] + found[2] + diagram(of[found[1]]), text)  # type: ignore[misc]
        readme(trade).write_text(text, encoding="utf-8")
