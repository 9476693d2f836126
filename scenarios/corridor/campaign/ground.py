"""What stands on the four ledgers before a seed begins: parties, bills, promises, metered power. Played once, on one node.

One ledger with all the contracts plays it; then each contract's records stand in the genesis of the ledger that has the contract.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from ledger.encoding import decode
from ledger.errors import JsonValue
from ledger.identity.records import Parameters
from nodes.network.specification import NetworkSpecification
from scenarios.client_files import ClientFiles
from scenarios.corridor import cast
from scenarios.dates import days, on
from scenarios.economy import story_before, story_day
from scenarios.economy.cast import specification as one_ledger
from scenarios.economy.scenario import ECONOMY
from scenarios.economy.story_day import CLAIM, claimed
from scenarios.shipping.cast import CANGHAI, HAIJIAO, JIANGLAN, YUNTU
from scenarios.shipping.contract import Shipping
from scenarios.shipping.fleet import gated, loaded
from scenarios.shipping.papers import content, facts
from scenarios.shipping.shipments import VESSEL, VOYAGE, A, B, E, Shipment, space
from scenarios.story.play import MORNING_MS, Player, plain
from scenarios.story.simulated_stage import SimulatedStage
from scenarios.story.story import PreparedArgument, StoryWriter, written

SHIPMENTS = (B, replace(A, endorsee=JIANGLAN), replace(E, endorsee=JIANGLAN))
BILLS = tuple(shipment.document for shipment in SHIPMENTS)
"""Each at first in the shipper's hands, to its order."""
CLAIMS = (CLAIM, f"{CLAIM}-B")
"""Two claims that anybody could make of the same power: one at most can stand."""
TODAY = on("2026-05-06") + MORNING_MS
HEARTBEAT_MS = 20_000
SAID = {"en": "Before.", "zh": "此前。"}
"""Nobody reads this story."""
NODE_ROLE = "validator"


@dataclass(frozen=True, slots=True)
class Ground:
    """Records by contract, and what the consumer would sign for each claim."""

    writes: Mapping[str, tuple[tuple[str, str, str, JsonValue], ...]]
    claims: tuple[Mapping[str, JsonValue], ...]


@cache
def ground() -> Ground:
    """Plays what comes before; the same in every process."""
    plan = dict(contract for ledger in cast.LEDGERS for contract in cast.PLANS[ledger].contracts)
    plan["supply-chain-finance"] = "scenarios.supply_chain_finance.contract:SupplyChainFinance"  # its licences lie beside it here
    played = replace(_one_node(one_ledger()), contracts=tuple(plan.items()))
    stage = SimulatedStage(played, 0, keep_log=False)
    scenario = replace(ECONOMY, story=partial(written, (_before,)), specification=lambda: played)
    for _ in Player(scenario, stage).steps():
        pass
    rows: dict[str, list[tuple[str, str, str, JsonValue]]] = {name: [] for name in plan}
    for name, contract in stage.simulation.contracts.contracts.items():
        for collection in contract.collections:
            rows[name] += [(name, collection, key, value) for key, value in _page(stage, name, collection)]
    claims = tuple(_signed_for(stage.files, claimed(claim)) for claim in CLAIMS)
    return Ground({name: tuple(writes) for name, writes in rows.items()}, claims)


def specification(ledger: str) -> NetworkSpecification:
    """A ledger of the corridor on the morning of 6 May."""
    own = cast.specification(ledger)
    writes = tuple(write for name, _ in own.contracts for write in ground().writes[name])
    parameters = Parameters(heartbeat_interval_ms=HEARTBEAT_MS)
    return replace(own, start_time_ms=TODAY, writes=writes, parameters=parameters)


def _one_node(whole: NetworkSpecification) -> NetworkSpecification:
    """The same with one validator and no other node."""
    first = whole.validators[0]
    organizations = tuple(
        replace(one, members=tuple(m for m in one.members if f"{one.name}.{m.name}" == first or NODE_ROLE not in m.roles))
        for one in whole.organizations
    )
    return replace(whole, validators=(first,), organizations=tuple(one for one in organizations if one.members))


def _before(writer: StoryWriter) -> None:
    writer.chapter(**SAID)
    story_before.give_licence(writer)
    story_before.open_line(writer)
    story_before.ship_box(writer)
    for shipment in SHIPMENTS[1:]:
        _ship(writer, shipment)
    story_before.meter_power(writer)
    writer.clock(days("2026-05-02"), **SAID)
    story_before.seal_load(writer)
    story_day.promise_thrice(writer)


def _ship(writer: StoryWriter, shipment: Shipment) -> None:
    """One more bill of lading, all of it on one day."""
    step, shipper = writer.step, shipment.shipper
    step(shipper, Shipping.book, booking=shipment.booking, space=space(len(shipment.boxes)), **SAID)
    step(CANGHAI, Shipping.confirm_booking, booking=shipment.booking, vessel_imo=VESSEL, voyage=VOYAGE, **SAID)
    papers = {"instructions": shipment.instructions, "booking": shipment.booking}
    step(shipper, Shipping.submit_si, **papers, content=content(shipment), **SAID)
    for box in shipment.boxes:
        for report in (gated, loaded):
            step(HAIJIAO, Shipping.record_event, **report(shipment, box), **SAID)
    bill = shipment.document
    step(CANGHAI, Shipping.publish_draft, document=bill, instructions=shipment.instructions, facts=facts(), **SAID)
    step(shipper, Shipping.approve_draft, document=bill, **SAID)
    step(CANGHAI, Shipping.issue, document=bill, platform=YUNTU, to=shipper, **SAID)
    step(YUNTU, Shipping.answer_issuance, document=bill, answer="ISSU", **SAID)


def _page(stage: SimulatedStage, contract: str, collection: str) -> list[tuple[str, JsonValue]]:
    return [(key, decode(value)) for key, value in stage.simulation.view().state.page(contract, collection, "", 1_000)]


def _signed_for(files: ClientFiles, arguments: Mapping[str, Any]) -> Mapping[str, JsonValue]:
    def worked_out(value: object) -> object:
        return value.prepare(files, JIANGLAN) if isinstance(value, PreparedArgument) else value

    return {name: plain(worked_out(value)) for name, value in arguments.items()}
