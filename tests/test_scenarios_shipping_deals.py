"""A bill that is locked for a deal. What two ledgers do with deals is tried in `test_corridor_settlement.py`."""

from collections.abc import Callable

import pytest

from scenarios.shipping import cast
from scenarios.shipping.contract import Shipping
from scenarios.shipping.invariants import findings
from tests import shipping_world as world
from tests.shipping_world import BILL, World
from tests.test_scenarios_shipping_rules import DOCUMENTS, RELEASE
from tests.walker import played_story

EVERYBODY = tuple(str(person["member"]) for person in cast.MEMBERS)
OF_THE_BILL = ("titles", "chain", "bill_locks", "envelopes", "credits", "presentations", "releases", "claims", "documents")
FACTS = {"record_misdelivery", "hold_cargo"}
"""What carrier, terminal and customs say of the goods meanwhile stands on the document and changes nobody's right."""


def locked(begun: World) -> World:
    """The shipper locks it for a deal."""
    return world.followed(begun).do(cast.JIANGLAN, Shipping.lock_bill, **world.goods())


@pytest.mark.parametrize(
    "begin",
    [
        world.to_order,
        lambda: world.in_hamburg(world.to_order()),
        lambda: world.misdelivered(world.to_order()),
        lambda: world.credited(world.to_order()),
        world.doubted,
    ],
    ids=["held", "in Hamburg", "misdelivered", "under a credit", "flagged"],
)
def test_nothing_is_done_with_a_locked_bill_even_if_everybody_signs(begin: Callable[[], World]) -> None:
    begun = locked(begin())
    for attempt in (*DOCUMENTS.attempts, *RELEASE.attempts):
        for signers in (EVERYBODY, *((member,) for member in EVERYBODY)):
            tried = begun.copy()
            arguments = attempt.arguments(tried) if callable(attempt.arguments) else attempt.arguments
            tried.code(signers, attempt.operation, **arguments)
            before, after = ({name: _rows(one, name) for name in OF_THE_BILL} for one in (begun, tried))
            changed = [name for name in OF_THE_BILL if before[name] != after[name]]
            assert not changed or attempt.operation.name in FACTS, (attempt.operation.name, attempt.label, changed)


def test_the_chain_of_a_bill_that_was_sold_says_who_has_it() -> None:
    begun = world.ended("executed").do(cast.ELBKONTOR, Shipping.hand_over, **world.end())
    assert [found for found in findings(played_story(begun)) if found.faults] == []
    assert begun.code(cast.ELBKONTOR, Shipping.transfer, document=BILL, to=cast.JIANGLAN) == "ok"


def _rows(begun: World, collection: str) -> list[tuple[str, bytes]]:
    return [row for row in begun.state.page("shipping", collection, "", 100) if BILL in f"{row[0]}{row[1]!r}"]
