"""Why it waits: the present height as JSON, who stated what and what is missing for which certificate."""

from collections import Counter

from ledger.certificate import PARTS
from ledger.errors import JsonValue
from ledger.identity.records import CertificateKind
from ledger.primitives import Digest
from nodes.consensus.state import State

KINDS: tuple[CertificateKind, ...] = ("notar", "skip", "commit")


def explain(engine: State) -> dict[str, JsonValue]:
    """Everything a person needs to see why a height is not decided yet."""
    leader = engine.validators.leader(engine.height, engine.view)
    names = [validator.member for validator in engine.validators.validators]
    needs: JsonValue = None
    if engine.asked is not None:
        needs = {"blocks": list(engine.asked.blocks), "views": list(engine.asked.views)}
    return {
        "height": engine.height,
        "view": engine.view,
        "leader": names[leader],
        "validators": [*names],
        "quorum": engine.validators.q,
        "votes_here": engine.me is not None,
        "work": engine.work,
        "timer": engine.timer,
        "waits_for": waits_for(engine),
        "needs": needs,
        "views": [_view(engine, view, names) for view in range(max(1, engine.view - 1), engine.view + 1)],
    }


def waits_for(engine: State) -> str:
    """One word for what comes next: work, fetch, proposal, votes, finals, or time (a held or re-proposed block)."""
    if engine.asked is not None:
        return "fetch"
    if ("notar", engine.view - 1) in engine.certificates:
        return "finals"
    if engine.holding:
        return "time"
    leader = engine.validators.leader(engine.height, engine.view)
    if ("propose", engine.view, leader) in engine.statements:
        return "votes"
    return "proposal" if engine.work or engine.timer != "off" else "work"


def _view(engine: State, view: int, names: list[str]) -> JsonValue:
    proposal = engine.statements.get(("propose", view, engine.validators.leader(engine.height, view)))
    return {
        "view": view,
        "leader": names[engine.validators.leader(engine.height, view)],
        "proposed": None if proposal is None else proposal.block,
        "certificates": {kind: _certificate(engine, kind, view, names) for kind in KINDS},
    }


def _certificate(engine: State, kind: CertificateKind, view: int, names: list[str]) -> JsonValue:
    stated: list[JsonValue] = []
    by_block: Counter[Digest] = Counter()
    for index, name in enumerate(names):
        statement = engine.statements.get((PARTS[kind], view, index))
        if statement is not None:
            stated.append({"member": name, "block": statement.block})
            by_block[statement.block] += 1
    is_held = (kind, view) in engine.certificates
    most = max(by_block.values(), default=0)  # a certificate is of one block
    return {"held": is_held, "stated": stated, "missing": 0 if is_held else max(0, engine.validators.q - most)}
