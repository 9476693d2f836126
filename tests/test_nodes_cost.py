"""Cost of trust: figures of small networks, and their table."""

from nodes.simulator.cost import measure, table


def test_messages_grow_with_the_square_of_the_validators() -> None:
    four, seven = measure(4, "near", blocks=2), measure(7, "near", blocks=2)
    assert 20 <= four.messages <= 60
    assert 2 < seven.messages / four.messages < 5
    assert four.virtual_ms < 60


def test_far_links_cost_time_and_not_messages() -> None:
    near, far = measure(4, "near", blocks=2), measure(4, "far", blocks=2)
    assert far.virtual_ms > 5 * near.virtual_ms
    assert far.messages < 2 * near.messages


def test_the_table_holds_the_figures() -> None:
    cost = measure(1, "near", blocks=1)
    assert f"| 1 | near | {cost.messages} |" in table([cost])
