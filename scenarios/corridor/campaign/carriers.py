"""What crosses: headers and proofs as anybody outside carries them, true ones and such as a traitor would have believed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger.encoding import decode_object
from ledger.errors import JsonValue
from ledger.transaction import Transaction
from nodes.foreign.relayer import crossing_proof
from scenarios.corridor.campaign.world import Answer, World
from scenarios.corridor.cast import RELAYER
from scenarios.shipping.cast import YANSHAN

EARLIER_PERMILLE, NO_HEADER_PERMILLE = 150, 100
"""How often a client uses a proof that it kept, and how often it leaves out the header."""
KEPT_MAX = 4


@dataclass(frozen=True, slots=True)
class Carried:
    """The proof of one record, and its header as `advance` takes it."""

    ledger: str
    proof: Mapping[str, Any]
    block: Mapping[str, Any]


class Relayer:
    """Carries headers one way, for ever: it believes any node, and holds no key but its own."""

    def __init__(self, world: World, source: str, target: str, pause_ms: tuple[int, int]) -> None:
        self.world, self.source, self.target, self.pause_ms = world, source, target, pause_ms
        self.is_resting = False
        self._wait()

    def _wait(self) -> None:
        self.world.scheduler.after(self.world.chance.between(*self.pause_ms), self._carry)

    def _carry(self) -> None:
        world = self.world
        self._wait()
        if self.is_resting:
            return
        there = world.ask(self.source)
        here = world.ask(self.target) if there is not None else None
        if there is not None and here is not None and there.view.height > known_height(world, here, self.source):
            block = forged_block(world, there.head()) if there.is_forged else there.head()
            world.post(self.target, advance(world, self.target, RELAYER, self.source, block), again=False)


class Proofs:
    """Proofs that clients ask for, and those that they kept."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.kept: dict[tuple[str, str, str], list[Carried]] = {}
        self.used = 0

    def ask(self, source: str, place: str, key: str, *, may_be_kept: bool = True) -> Carried | None:
        """The proof of a record, or that there is none, from some node; sometimes an earlier one."""
        world, kept = self.world, self.kept.setdefault((source, place, key), [])
        if may_be_kept and kept and world.is_chaos and world.chance.happens(EARLIER_PERMILLE):
            world.fired["old proof"] += 1
            return world.chance.pick(kept)
        there = world.ask(source)
        if there is None:
            return None
        contract, _, collection = place.partition(".")
        found = Carried(source, crossing_proof(there.view.prove_state(contract, collection, key)), there.head())
        if there.is_forged:
            return forged_proof(world, found, collection)
        kept.append(found)
        del kept[:-KEPT_MAX]
        return found

    def transactions(
        self,
        target: str,
        signers: tuple[str, ...],
        contract: str,
        operation: str,
        argument: str,
        carried: Carried,
        others: Mapping[str, JsonValue],
    ) -> tuple[Transaction, Transaction]:
        """The header, and the operation that uses the proof, in this order."""
        proof = dict(carried.proof)
        if self.world.is_chaos and self.world.chance.happens(NO_HEADER_PERMILLE):
            proof["header"] = None
        self.used += 1
        signed = self.world.sign(target, signers, contract, operation, {**others, argument: proof})
        return advance(self.world, target, signers[0], carried.ledger, carried.block), signed


def advance(world: World, target: str, signer: str, source: str, *blocks: Mapping[str, Any]) -> Transaction:
    """Newer headers of another ledger."""
    return world.sign(target, (signer,), "foreign", "advance", {"ledger": source, "blocks": [dict(one) for one in blocks]})


def known_height(world: World, here: Answer, source: str) -> int:
    """The newest height of another ledger that a node of this one knows."""
    rows = here.view.state.page("foreign", "heads", f"{source}:", 1)
    return 0 if not rows or not rows[0][0].startswith(f"{source}:") else _height(rows[0][1])


def forged_block(world: World, block: Mapping[str, Any]) -> dict[str, Any]:
    """As well as it can be made without the keys of a quorum."""
    header, certificate = dict(block["header"]), dict(block["certificate"])
    match world.chance.below(3):
        case 0:
            header["state_root"] = header["state_root"][::-1]
        case 1:
            certificate |= {name: certificate[name][:-1] for name in ("signers", "signatures")}
        case _:
            certificate["signatures"] = certificate["signatures"][::-1]
    return {"header": header, "certificate": certificate}


def forged_proof(world: World, carried: Carried, collection: str) -> Carried:
    """Another value under a true header, or a header that nobody signed."""
    proof = dict(carried.proof)
    match world.chance.below(3):
        case 0:
            proof["value"] = {**(proof["value"] or {}), **LIES[collection]}
        case 1:
            proof["value"] = None
        case _:
            return Carried(carried.ledger, proof, forged_block(world, carried.block))
    return Carried(carried.ledger, proof, carried.block)


LIES: Mapping[str, Mapping[str, JsonValue]] = {
    "crossing_locks": {"is_locked": True},
    "crossing_ends": {"end": "executed"},
    "crossing_licences": {"state": "valid"},
    "crossing_claims": {"state": "attested"},
    "crossing_titles": {"pledgee": YANSHAN, "possessor": YANSHAN},
    "crossing_documents": {"status": "ISSUED"},
}
"""What a traitor says of a record."""


def _height(head: bytes) -> int:
    header: Any = decode_object(head)["header"]
    return int(header["height"])
