"""Who may open what: every member × every kind of record of the played story → the read rule, compared with a golden file.

Records without a sealed field are open to every member; of sealed invoices there is a line each.
"""

from pathlib import Path

from ledger.contract import Member, Record
from ledger.encoding import encode
from ledger.errors import OperatorError
from ledger.identity.records import MEMBERSHIP
from ledger.state.overlay import Overlay
from scenarios.story.play import Player
from scenarios.supply_chain_finance.cast import BEICHEN, LULIN, MEMBERS, REGISTRY
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.scenario import SCENARIO
from scenarios.supply_chain_finance.story_spring import SEALED_TRADES
from tests.scenario_stage import ChainStage

GOLDEN = Path(__file__).parent / "golden" / "scf_access.txt"
CASH = 4
"""The chapter in which banks are asked for finance, counted from 0."""


def rules(stage: ChainStage) -> dict[str, dict[str, str]]:
    """Kind of record, or sealed invoice -> member -> rule."""
    state = Overlay(stage.decided.view.state)
    found: dict[str, dict[str, str]] = {}
    for name, collection in Scf.collections.items():
        for key, record in stage.records(collection).items() if collection.of is None else ():
            typed = collection.record.model_validate_json(encode(record))
            is_sealed = getattr(typed, "document", None) is not None
            row = {person["member"]: rule(stage, state, typed, person["member"]) for person in MEMBERS}
            known = found.setdefault(f"{name}, {key}" if is_sealed else name, row)
            assert known == row, f"{name}: not all records of a kind are read alike"
    return found


def rule(stage: ChainStage, state: Overlay, record: Record, member: str) -> str:
    value = state.get(MEMBERSHIP, "members", member)
    assert value is not None
    reader = Member.model_validate_json(value)
    return Scf.read_rule(state, record, reader, stage.time_ms, 1) or "-"


def text() -> str:
    """The matrix when the invoices are sealed, and at the end."""
    stage = ChainStage(SCENARIO)
    lines: list[str] = []
    player = Player(SCENARIO, stage)
    for told in player.steps():
        if told.chapter == CASH and not lines:
            lines += drawn("Before any bank was asked", rules(stage))
    return "".join([*lines, "\n", *drawn("At the end", rules(stage))])


def drawn(title: str, found: dict[str, dict[str, str]]) -> list[str]:
    lines = [f"# {title}\n\n"]
    for kind, row in sorted(found.items()):
        alike = sorted(set(row.values()))
        if len(alike) == 1:
            lines.append(f"{kind:<18}{alike[0]} to every member\n")
            continue
        lines.append(f"{kind}\n")
        lines += [f"    {member:<18}{answer}\n" for member, answer in row.items()]
    return lines


def holds(stage: ChainStage, member: str, label: str) -> bool:
    """Whether a client has an opening in its file."""
    try:
        stage.files.opening(member, label)
    except OperatorError:
        return False
    return True


def test_who_may_open_what() -> None:
    assert text() == GOLDEN.read_text(encoding="utf-8")


def test_a_registry_is_shown_the_number_alone() -> None:
    stage = ChainStage(SCENARIO)
    for told in Player(SCENARIO, stage).steps():
        if told.chapter == CASH:
            break
    for label, (seller, _, _) in SEALED_TRADES.items():
        assert stage.files.opening(seller, label).value
        assert not holds(stage, REGISTRY, label)


def test_openings_stay_with_those_who_were_given_them() -> None:
    stage = ChainStage(SCENARIO)
    for _ in Player(SCENARIO, stage).steps():
        pass
    assert holds(stage, LULIN, "LL-1")
    assert not holds(stage, BEICHEN, "XY-1")


if __name__ == "__main__":
    GOLDEN.write_text(text(), encoding="utf-8")
