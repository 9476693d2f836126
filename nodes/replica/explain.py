"""Why a replica waits, looked at from outside: its present height as JSON, who stated what, what is missing for which
certificate, and what holds it up.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from ledger.certificate import PARTS, CertificateKind
from ledger.errors import JsonValue
from ledger.primitives import Digest
from nodes.consensus.engine_state import EngineState
from nodes.replica.replica import Replica

SHOWN_MAX = 20
"""Transactions that are set aside and shown."""
FAILING_VIEWS = 3
"""A height with work is held up when it lasts this many views more than faulty leaders can spoil in a row."""


@dataclass(frozen=True, slots=True)
class HeldUp:
    """A height with work that does not end, and what is known of the reason."""

    height: int
    view: int
    for_ms: int
    block: Digest | None
    """A notarized block: no other may take its place."""
    code: str | None
    """Code of what is wrong with that block here; None if nothing is, or if its body is missing."""
    silent: tuple[str, ...]
    """Validators of whom nothing is heard in this view or the one before."""
    apart: Mapping[str, int]
    """Nodes that came to another result, by their own account, and at which height."""
    quorum: int
    validators: int

    def to_json(self) -> JsonValue:
        """For `/v1/consensus`."""
        return {
            "for_ms": self.for_ms, "block": self.block, "code": self.code, "silent": [*self.silent], "apart": {**self.apart},
        }  # fmt: skip

    def __str__(self) -> str:
        """One sentence or two for an operator."""
        sentences = [f"Height {self.height} has work and has not ended for {self.for_ms // 1000} s (view {self.view})."]
        if self.block is not None and self.code is not None:
            sentences.append(f"Block {self.block} is notarized and does not hold here ({self.code}); none may take its place.")
        elif self.block is not None:
            sentences.append(f"Block {self.block} is notarized and not decided; no other may take its place.")
        if self.silent:
            sentences.append(f"Of {self.validators} validators {self.quorum} are needed; silent: {', '.join(self.silent)}.")
        sentences += [f"{member} came to another result at height {height}." for member, height in sorted(self.apart.items())]
        if len(sentences) == 1:
            sentences.append(
                "Proposals are skipped: links are slow, or nodes disagree on a result; see `invalid-block` in the logs."
            )
        return " ".join(sentences)


def consensus_json(replica: Replica) -> dict[str, JsonValue]:
    """What `/v1/consensus` answers: height, view, who stated what, what is missing for which certificate."""
    status = explain(replica.engine)
    if replica.recovery is not None:
        status["recovery"] = replica.recovery.to_json(replica.chain.validators)
    held, mempool = held_up(replica), replica.mempool
    aside: list[JsonValue] = [
        {"transaction": entry.transaction.id, "skipped": entry.skips_alone, "rests_ms": _rounds_ms(replica, entry.rests_until)}
        for entry in mempool.set_aside()[:SHOWN_MAX]
    ]
    proposals: JsonValue = {"suspected": len(mempool.suspected), "set_aside": aside}
    return {**status, "diverged": replica.diverged, "held_up": None if held is None else held.to_json(), "proposals": proposals}


def held_up(replica: Replica) -> HeldUp | None:
    """What holds up a height that has work and does not end; None as long as faulty leaders are explanation enough."""
    if replica.waiting_since is None:
        return None
    engine, validators = replica.engine, replica.engine.validators
    waiting_ms = -_rounds_ms(replica, replica.waiting_since)
    if waiting_ms < sum(engine.timing.view_ms(view) for view in range(1, validators.f + 1 + FAILING_VIEWS)):
        return None
    block = engine.certificates["notar", max(engine.notarized)].block if engine.notarized else None
    names = [v.member for v in validators.validators]
    silent = tuple(n for i, n in enumerate(names) if i != engine.me and engine.highest_view.get(i, 0) < max(1, engine.view - 1))
    error = None if block is None else replica.bodies.errors.get(block)
    code = None if error is None else error.code
    apart = replica.answers.apart
    return HeldUp(engine.height, engine.view, waiting_ms, block, code, silent, apart, validators.q, validators.n)


def explain(engine: EngineState) -> dict[str, JsonValue]:
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


def _rounds_ms(replica: Replica, round_number: int) -> int:
    """How long it is to that resend round, as time is counted there whatever the clock is set to."""
    return (round_number - replica.mempool.round) * replica.engine.timing.resend_ms


def waits_for(engine: EngineState) -> str:
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


def _view(engine: EngineState, view: int, names: list[str]) -> JsonValue:
    proposal = engine.statements.get(("propose", view, engine.validators.leader(engine.height, view)))
    return {
        "view": view,
        "leader": names[engine.validators.leader(engine.height, view)],
        "proposed": None if proposal is None else proposal.block,
        "certificates": {kind: _certificate(engine, kind, view, names) for kind in PARTS},
    }


def _certificate(engine: EngineState, kind: CertificateKind, view: int, names: list[str]) -> JsonValue:
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
