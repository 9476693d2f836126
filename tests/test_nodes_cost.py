"""Cost of trust: figures of small networks, and their table."""

from dataclasses import replace

import pytest

from nodes.simulator.cost import FAR, NEAR, constant, measure, table


def test_messages_grow_with_the_square_of_the_validators() -> None:
    four, seven = measure(4, NEAR, blocks=2), measure(7, NEAR, blocks=2)
    assert 20 <= four.messages <= 60
    assert 2 < seven.messages / four.messages < 5
    assert four.virtual_ms < 60


def test_far_links_cost_time_and_not_messages() -> None:
    near, far = measure(4, NEAR, blocks=2), measure(4, FAR, blocks=2)
    assert far.virtual_ms > 5 * near.virtual_ms
    assert far.messages < 2 * near.messages


@pytest.mark.parametrize("delay_ms", [40, 150])
def test_a_block_takes_four_delays_where_no_batch_waits(delay_ms: int) -> None:
    cost = measure(4, constant(delay_ms), blocks=4)
    assert 3 * delay_ms <= cost.virtual_ms <= 4 * delay_ms + 10
    assert f"| 4 | {delay_ms} ms |" in table([cost])


def test_on_short_lines_waiting_for_answers_costs_time_and_saves_batches() -> None:
    answered = constant(5)
    assert answered.is_answered
    waiting, free = measure(4, answered, blocks=4), measure(4, replace(answered, is_answered=False), blocks=4)
    assert waiting.virtual_ms > 1.5 * free.virtual_ms
    assert waiting.messages < free.messages


def test_the_table_holds_the_figures() -> None:
    cost = measure(1, NEAR, blocks=1)
    assert f"| 1 | near | {cost.messages} |" in table([cost])
