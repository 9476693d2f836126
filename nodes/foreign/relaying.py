"""A relayer between nodes: it asks the source's nodes, judges their answers (`relayer.py`), and submits to the target.

One round reads what the target knows, asks each node of the source for its newest block, and sends one transaction at most. What
it must remember stands on the target's ledger, so a relayer that begins anew goes on, and of two at once the later one is refused
or, mostly, sees before it sends that nothing is left to bring.

What is left to bring may be nothing but what the source came to know of other ledgers. Two that follow each other would answer
each other's headers for ever, so a relayer that runs on rests then, until something else is decided or a proof is asked for.

A node of the source that lies, is behind or gives no answer is passed over. One whose blocks are decided and yet not those that
the target or another node has shows a fork, which is reported.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ledger.errors import IndefiniteError, InputError, JsonValue, NotFoundError, RefusedError, TallystickError, VerificationError
from ledger.proof_paths import header_of
from nodes.client.asynchronous import AsyncClient
from nodes.foreign.contract import Foreign
from nodes.foreign.relayer import (
    HeldBlock,
    Json,
    Known,
    crossing_proof,
    fork_report,
    head_key,
    known_of,
    next_blocks,
    verify_crossing,
    verify_goes_on,
    voters_of_block,
)

ANSWER_S = 10
"""How long a node of the source may take."""
PAUSE_MAX_S = 60
"""After failures, the longest pause."""
ROUNDS_MAX = 100
"""In which one proof is carried: each brings up to four blocks."""
REST = ("newest", "idle", "frozen", "not-admitted", "refused", "no-source", "no-target", "no-proof")
"""Codes of a step that sent nothing that was taken: the relayer waits. `newest` and `idle` are good ones."""
LATE = ("not-newer", "conflict-recorded", "ledger-frozen", "too-many-signatures")
"""Refusals after which the next look says more: another relayer was first, or the block had no room for more signatures."""


@dataclass(frozen=True, slots=True)
class RelayStep:
    """What one round came to: a code of `relaying.toml`, and the values of its sentence."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def waits(self) -> bool:
        """Whether there is nothing to do until the ledgers or their nodes change."""
        return self.code in REST


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a node of the source said, judged."""

    node: AsyncClient
    height: int
    blocks: tuple[Json, ...] = ()
    broken: str = ""
    """Code of the rule that it breaks; empty for one that holds."""
    is_idle: bool = False
    """Whether all that is new there is what it came to know of other ledgers, as far as that was asked."""


class Relay:
    """Carries from one ledger to another. `target` signs with the key of a member of the target."""

    def __init__(self, nodes: Sequence[AsyncClient], target: AsyncClient, name: str | None = None) -> None:
        """`nodes` are clients of the source, one a node; `name` is that of the source on the target, else it is looked for."""
        self._nodes, self._target, self._name = nodes, target, name
        self._found_out: dict[int, str] = {}
        """By node: the answer that broke a rule and was looked into, so that it is not again."""

    async def round(self, *, rests: bool = False) -> RelayStep:
        """One look, and what came of it; whether it rests where all that is new is of other ledgers."""
        try:
            known = await self.known()
        except TallystickError as error:
            if error.code == "unknown-ledger":
                return RelayStep("not-admitted", {"genesis": error.details["genesis"]})
            return RelayStep("no-target", {"error": error.message})
        if known is None:
            return RelayStep("no-source", {"error": self._failure})
        if known.is_frozen:
            return RelayStep("frozen", {"height": known.height})
        answers = await self._ask(lambda node: self._newest(node, known, rests=rests))
        good = sorted((answer for answer in answers if not answer.broken), key=lambda answer: answer.height)
        for answer in answers:
            if answer.broken and (step := await self._look_into(known, answer, good)) is not None:
                return step
        if not good:
            return RelayStep("no-proof" if answers else "no-source", {"error": answers[0].broken if answers else self._failure})
        best = good[-1]
        if not best.blocks:
            return RelayStep("newest", {"height": known.height})
        if all(answer.is_idle for answer in good if answer.blocks):  # check: relaying-idle
            return RelayStep("idle", {"height": known.height})
        last = best.blocks[-1]["header"]["height"]
        return await self._send("advance", {"ledger": known.name, "blocks": [*best.blocks]}, height=last)

    async def known(self) -> Known | None:
        """What the target knows of the source; None where no node of the source says which ledger that is.

        Raises NotFoundError `unknown-ledger`, and what a request to the target may raise.
        """
        name = self._name or await self._name_there()
        if not name:
            return None
        admission = await self._record("governance", "ledgers", name)
        if admission is None:
            raise NotFoundError("unknown-ledger", f"Governance there admitted no ledger {name}.", genesis=name)
        return known_of(name, admission, await self._record(Foreign.name, "heads", head_key(name, admission)))

    async def prove(self, contract: str, collection: str, key: str) -> Json:
        """The `CrossingProof` of a record of the source, or of its absence, at a block that the target knows by then.

        Raises IndefiniteError `not-final`, whose cause says what broke last.
        """
        path = f"/v1/state/{contract}/{collection}/{key}"
        failed = IndefiniteError("not-final", "No node of the source proves it at a block that the target knows.")
        proofs = await self._ask(lambda node: _get_proof(node, path))
        for node, proof in sorted(proofs, key=lambda found: -found[1]["header"]["height"] if found[1]["header"] else 0):
            try:
                known = await self._reached(proof["header"]["height"])
                height = proof["header"]["height"]
                led = {"inclusion": ()} if height == known.height else await _consistency(node, height, known)
                crossing = crossing_proof(proof, led["inclusion"])
                verify_crossing(known, (contract, collection, key), crossing)
            except (TallystickError, KeyError, TypeError) as error:  # of a node that lies, or has stopped
                failed.__cause__ = error
                continue
            return crossing
        raise failed

    async def _reached(self, height: int) -> Known:
        """What the target knows once that is the block of this height or a newer one."""
        for _ in range(ROUNDS_MAX):
            step, known = await self.round(), await self.known()
            if known is not None and known.head is not None and known.height >= height:
                return known
            if step.waits:
                break
        raise IndefiniteError("not-final", f"The target does not come to know block {height} ({step.code}).")

    # The target

    async def _name_there(self) -> str:
        """The name under which the target admitted the ledger that the source's nodes keep; empty where none answers."""
        genesis = next(iter(await self._ask(lambda node: node.ledger())), None)
        if genesis is None:
            return ""
        after: str | None = ""
        while after is not None:
            page = await self._target.get("/v1/state/governance/ledgers", after=after)
            for row in page["items"]:
                if row["value"]["ledger"] == genesis:
                    return str(row["key"])
            after = page["next"]
        raise NotFoundError("unknown-ledger", f"Governance there admitted no ledger of genesis {genesis}.", genesis=genesis)

    async def _record(self, contract: str, collection: str, key: str) -> Json | None:
        try:
            value: Json = (await self._target.get(f"/v1/state/{contract}/{collection}/{key}"))["value"]
        except NotFoundError:
            return None
        return value

    async def _send(self, operation: str, arguments: Mapping[str, JsonValue], **values: object) -> RelayStep:
        """Submits and waits until it is final. A refusal because another relayer was first is no failure."""
        try:
            outcome = await self._target.call_named(Foreign.name, operation, arguments)
        except RefusedError as error:
            return RelayStep("late" if error.code in LATE else "refused", {"error": error.code, **values})
        except TallystickError as error:
            return RelayStep("no-target", {"error": error.message})
        return RelayStep(operation, {"transaction": outcome.transaction, **values})

    # The source

    async def _ask(self, question: Callable[[AsyncClient], Awaitable[Any]]) -> list[Any]:
        """What the nodes answer; those that give none are left out."""

        async def asked(node: AsyncClient) -> Any:
            async with asyncio.timeout(ANSWER_S):
                return await question(node)

        answers = await asyncio.gather(*map(asked, self._nodes), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(
                answer, TallystickError | TimeoutError | KeyError | TypeError
            ):
                raise answer
        self._failure = next((str(answer) for answer in answers if isinstance(answer, BaseException)), "")
        return [answer for answer in answers if not isinstance(answer, BaseException)]

    _failure = ""
    """Why the first of the nodes gave no answer."""

    async def _newest(self, node: AsyncClient, known: Known, *, rests: bool) -> _Answer:
        """The newest block of a node and whether it goes on where the target stands."""
        answer = await node.get("/v1/validators", proof=True, trust_from=known.trust_from)
        proof, height = answer["proof"], 0
        try:
            header = header_of(proof["header"]) if proof["header"] else None
            height = header.height if header else 0
            blocks = next_blocks(known, proof)
            if known.head is not None and header is not None and header.height == known.height:
                if header.id != header_of(known.head.header).id:  # check: relaying-same-block
                    raise VerificationError("wrong-history", f"Block {height} is not the one that is known.")
            elif known.head is not None and blocks:
                verify_goes_on(known, await _consistency_proof(node, known.height, height, known.trust_from))
        except (VerificationError, InputError) as error:
            return _Answer(node, height, broken=error.code)
        may_rest = rests and known.head is not None and len(blocks) == 1
        return _Answer(node, height, blocks, is_idle=may_rest and await _is_idle(node, known.height, height))

    async def _look_into(self, known: Known, answer: _Answer, good: Sequence[_Answer]) -> RelayStep | None:
        """Whether a node whose answer breaks a rule shows a fork: what came of its report; None for one that only lies."""
        found = f"{answer.height} {answer.broken}"
        if self._found_out.get(id(answer.node)) == found:
            return None
        self._found_out[id(answer.node)] = found
        with suppress(TallystickError, KeyError, TypeError):  # a lie may have any form
            arguments = await self._fork(known, answer, good)
            step = await self._send("report_fork", arguments, height=arguments["first"]["header"]["height"])
            if step.code == "no-target" or step.values.get("error") == "too-many-signatures":
                del self._found_out[id(answer.node)]  # to be reported again
            return step
        return None

    async def _fork(self, known: Known, answer: _Answer, good: Sequence[_Answer]) -> Json:
        """Arguments of a report; raises an error of the tree where nothing shows a fork."""
        since = known.admission.height
        if good:
            other, height = good[-1].node, await _first_difference(good[-1], answer, since)
            first, proof = await _held(other, height, since)
        else:
            height = known.height
            first, proof = await self._brought(known), None
        second, second_proof = await _held(answer.node, height, since)
        return fork_report(known, voters_of_block(known, proof or second_proof), first, second)

    async def _brought(self, known: Known) -> HeldBlock:
        """The newest block that the target knows, from the transaction that brought it there."""
        if known.head is None:
            raise NotFoundError("not-found", "The target knows no block.")
        query = {"contract": Foreign.name, "operation": "advance", "outcome": "committed", "order": "-height"}
        after = ""
        while True:
            page = await self._target.get("/v1/transactions", after=after, **query)
            for row in page["transactions"]:
                whole = await self._target.get(f"/v1/blocks/{row['height']}")
                for block in whole["transactions"][row["position"]]["body"]["arguments"]["blocks"]:
                    if block["header"] == known.head.header:
                        return HeldBlock(block["header"], block["certificate"])
            if not page["transactions"]:
                raise NotFoundError("not-found", "The target's nodes keep no transaction that brought what it knows.")
            after = page["next"]


async def run_relay(
    relay: Relay, tell: Callable[[RelayStep], None], every_s: float, wait: Callable[[float], Awaitable[object]] = asyncio.sleep
) -> None:
    """Rounds for ever. After what was taken it looks again at once, else after a pause, which grows with failures."""
    failures = 0
    while True:
        step = await relay.round(rests=True)
        tell(step)
        if step.waits:
            failures = 0 if step.code in ("newest", "idle") else failures + 1
            await wait(min(every_s * 2 ** min(failures, 10), max(PAUSE_MAX_S, every_s)))
        elif step.code == "late":
            await wait(every_s)


async def run_once(relay: Relay, tell: Callable[[RelayStep], None]) -> RelayStep:
    """Rounds until nothing is left to bring; the last step says why."""
    while True:
        step = await relay.round()
        tell(step)
        if step.waits:
            return step


async def _get_proof(node: AsyncClient, path: str) -> tuple[AsyncClient, Json]:
    """The proof of a record or of its absence."""
    try:
        return node, (await node.get(path, proof=True))["proof"]
    except NotFoundError as absence:
        proof: Any = absence.details["proof"]
        return node, proof


async def _is_idle(node: AsyncClient, known: int, height: int) -> bool:
    """Whether each block above the known one, up to a height, has transactions, all of which bring headers of other ledgers."""
    try:
        page = await node.get("/v1/transactions", after_height=known, before_height=height + 1)
        calls = {(row["contract"], row["operation"]) for row in page["transactions"]}
        is_whole = int(page["next"].partition(".")[0]) > height
        heights = {row["height"] for row in page["transactions"]}
    except (TallystickError, KeyError, TypeError, ValueError):
        return False
    return is_whole and calls == {(Foreign.name, "advance")} and heights == {*range(known + 1, height + 1)}


async def _consistency(node: AsyncClient, first: int, known: Known) -> Json:
    return await _consistency_proof(node, first, known.height, known.trust_from)


async def _consistency_proof(node: AsyncClient, first: int, second: int, trust_from: int) -> Json:
    query: dict[str, Any] = {"from": first, "to": second, "trust_from": trust_from}
    proof: Json = (await node.get("/v1/proofs/consistency", **query))["proof"]
    return proof


async def _held(node: AsyncClient, height: int, trust_from: int) -> tuple[HeldBlock, Json]:
    """A block as a node holds it, and its proof."""
    answer = await node.get(f"/v1/blocks/{height}", proof=True, trust_from=trust_from)
    proof: Json = answer["proof"]
    return HeldBlock(proof["header"], proof["certificate"], answer["record"]), proof


async def _first_difference(one: _Answer, other: _Answer, since: int) -> int:
    """The lowest height above `since` at which two nodes hold different blocks: from there on all differ."""

    async def block_id(answer: _Answer, height: int) -> str:
        return str((await answer.node.get(f"/v1/blocks/{height}"))["id"])

    low, high = since + 1, min(one.height, other.height)
    while low < high:
        middle = (low + high) // 2
        if await block_id(one, middle) == await block_id(other, middle):
            low = middle + 1
        else:
            high = middle
    return low
